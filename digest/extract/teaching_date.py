"""Find a date that a person tells among the elements of a page."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from lxml.html import HtmlElement

from digest.extract.selected import value_of
from digest.extract.spoken_date import find_spoken_date
from digest.moment import parse_moment

_LONGEST = 120
_DATED = re.compile(r"date|time|publi|issued|created", re.I)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A date as it was told; `has_time` where its hour was."""

    moment: datetime
    has_time: bool


def parse_told(words: str) -> Told | None:
    """Return the date that words tell, None where they tell none."""
    moment = parse_moment(words) or find_spoken_date(words)
    return Told(moment=moment, has_time=":" in words) if moment else None


def is_told_date(moment: datetime | None, told: Told) -> bool:
    """Say whether a moment is on the day, and where one was told at the hour: by the clock there, or at the instant."""
    if moment is None:
        return False
    wanted = told.moment
    if told.has_time and wanted.tzinfo is not None and moment.tzinfo is not None:
        return moment.astimezone(UTC).replace(second=0) == wanted.astimezone(UTC).replace(second=0)
    if moment.date() != wanted.date():
        return False
    return not told.has_time or (moment.hour, moment.minute) == (wanted.hour, wanted.minute)


def tells_date(element: HtmlElement, told: Told) -> bool:
    """Say whether an element gives the date: in an attribute made for it, or in a short text without more around."""
    if not isinstance(element.tag, str) or element.tag in ("script", "style", "head", "html", "body"):
        return False
    if element.tag == "meta" and not _DATED.search(" ".join(str(value) for value in element.values()[:1])):
        return False
    text = element.get("datetime") or ""
    if not text and (element.tag == "meta" or len(element) <= 2):
        text = value_of(element)
    if not text or len(text) > _LONGEST:
        return False
    moment = parse_moment(text) or find_spoken_date(text)
    return moment is not None and moment.date() == told.moment.date()
