"""Name a place at the desk: an edition, and what of it is being looked at, as an address that can be kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated
from urllib.parse import parse_qsl, quote, urlencode

from fastapi import Query

from digest.model import EditionName

PageNumber = Annotated[int, Query(ge=1, le=1_000_000)]
RevisionNumber = Annotated[int | None, Query(ge=1, le=1_000_000_000)]

KEPT = (
    *("story", "view", "width", "look", "pictures", "styles", "way", "beside", "before", "after"),
    *("panel", "find", "out"),
)
"""What of an address says where the editor is; what else stands in it is passed over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """An edition, and by name what is chosen there: the story, the view and how it is looked at."""

    name: EditionName
    chosen: Mapping[str, str] = field(default_factory=dict)

    @property
    def path(self) -> str:
        """Return the edition's path."""
        return f"/editions/{quote(self.name.newsletter, safe='')}/{self.name.date.isoformat()}/"

    @property
    def query(self) -> str:
        """Return what is chosen as a query, without its question mark."""
        return urlencode({key: value for key, value in self.chosen.items() if value})

    def get(self, key: str, default: str = "") -> str:
        """Return what is chosen under a name."""
        return self.chosen.get(key) or default

    def at(self, **changes: str) -> str:
        """Return the address of this place with something else chosen; an empty value takes a choice off."""
        return Place(name=self.name, chosen={**self.chosen, **changes}).address

    @property
    def address(self) -> str:
        """Return this place's address."""
        return f"{self.path}?{self.query}" if self.query else self.path


def place_of(name: EditionName, query: str) -> Place:
    """Read a place out of a query."""
    return Place(name=name, chosen={key: value for key, value in parse_qsl(query) if key in KEPT})
