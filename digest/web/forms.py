"""Read what a form of ours sends: plain fields, few of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qs

from fastapi import HTTPException, Request

KIND = "application/x-www-form-urlencoded"
MOST_FIELDS = 200


@dataclass(frozen=True, slots=True)
class Fields:
    """The fields of a form, each with all its values."""

    values: Mapping[str, list[str]]

    def one(self, name: str) -> str:
        """Return a field's first value, or nothing."""
        return self.values.get(name, [""])[0]

    def all(self, name: str) -> frozenset[str]:
        """Return all values of a field."""
        return frozenset(self.values.get(name, []))


async def read_fields(request: Request) -> Fields:
    """Return the fields of a request's body; refuse what no form of ours sends."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != KIND:
        raise HTTPException(415)
    try:
        text = (await request.body()).decode("utf-8")
        return Fields(parse_qs(text, keep_blank_values=True, errors="replace", max_num_fields=MOST_FIELDS))
    except ValueError:
        raise HTTPException(400) from None
