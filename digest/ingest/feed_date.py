"""Read the dates of feeds, which are seldom as their standards ask."""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime, timedelta, timezone, tzinfo
from functools import lru_cache

from digest.moment import find_zone, fixed, parse_moment
from digest.months import MONTHS

_MONTHS = {
    "jan": 1, "ene": 1, "gen": 1, "feb": 2, "fev": 2, "mar": 3, "mae": 3, "mrz": 3, "maa": 3, "apr": 4, "avr": 4,
    "abr": 4, "may": 5, "mai": 5, "mei": 5, "mag": 5, "maj": 5, "jun": 6, "juin": 6, "giu": 6, "jul": 7,
    "juil": 7, "lug": 7, "aug": 8, "aou": 8, "ago": 8, "sep": 9, "set": 9, "oct": 10, "okt": 10, "ott": 10,
    "out": 10, "nov": 11, "dec": 12, "dez": 12, "des": 12, "dic": 12,
}  # fmt: skip
_NAME = r"[^\W\d_]{3,}"
_WEEKDAY = r"(?:[^\W\d_]{2,}(?:[.,]+\s*|\s+))?"
_ORDINAL = r"(?:\.|st|nd|rd|th|er|º)?"
_SHAPES = tuple(
    re.compile(pattern)
    for pattern in (
        rf"{_WEEKDAY}(?P<day>\d{{1,2}}){_ORDINAL}[\s-]+(?:de\s+)?(?P<month>{_NAME})\.?,?[\s-]+(?:de\s+)?"
        r"(?P<year>\d{4}|\d{2})(?!\d)",
        rf"{_WEEKDAY}(?P<month>{_NAME})\.?\s+(?P<day>\d{{1,2}}){_ORDINAL},?\s+(?P<year>\d{{4}})(?!\d)",
        r"(?P<day>\d{1,2})\.(?P<number>\d{1,2})\.(?P<year>\d{4})(?!\d)",
        r"(?P<year>\d{4})[/.](?P<number>\d{1,2})[/.](?P<day>\d{1,2})(?!\d)",
    )
)
_CLOCK = re.compile(
    r"[\s,T-]*(?:um|at|à|a las|om|alle)?\s*(?P<hour>\d{1,2})[:.h](?P<minute>\d{2})(?::(?P<second>\d{2})(?:\.\d+)?)?"
    r"\s*(?P<half>[AaPp]\.?[Mm]\b\.?)?(?:\s*Uhr)?\s*\(?(?:(?:GMT|UTC)?(?P<sign>[+-])(?P<hours>\d{1,2})"
    r"(?::?(?P<minutes>\d{2}))?(?!\d)|(?P<zone>[A-Za-z]{1,5})\b)?"
)
_MAX_CHARS = 100
_FIRST_YEAR = 1990
_AHEAD = timedelta(days=1)
# Nearly all of RSS; the shapes above would read it too, in three times the time.
_RFC_822 = re.compile(
    r"(?:[A-Z][a-z]{2}, )?(\d{1,2}) ([A-Z][a-z]{2}) (\d{4}) (\d\d):(\d\d)(?::(\d\d))? ([+-]\d{4}|[A-Z]{1,4})$"
)


def parse_feed_date(text: str) -> datetime | None:
    """Return the moment a feed writes, naive without a zone we know; None where it is no date.

    A weekday is not believed, years of two digits are from 1970 to 2069, and months may be named in English,
    German, French, Spanish, Italian, Portuguese or Dutch.
    """
    text = text.strip()[:_MAX_CHARS]
    plain = _RFC_822.match(text)
    if plain:
        day, month, year, hour, minute, second, zone = plain.groups()
        return _at(year, _MONTHS.get(month.lower(), 0), day, (hour, minute, second or "0"), zone)
    if text[4:5] == "-":
        try:
            return datetime.fromisoformat(text)
        except ValueError:
            return parse_moment(text)
    for shape in _SHAPES:
        found = shape.match(text)
        if found:
            return _moment(found, text[found.end() :])
    return parse_moment(text)


def can_be_published(moment: datetime, *, now: datetime) -> bool:
    """Say whether a moment can be when something was published: neither before 1990 nor more than a day ahead."""
    return moment.year >= _FIRST_YEAR and moment - now <= _AHEAD


def _moment(found: re.Match[str], rest: str) -> datetime | None:
    parts = found.groupdict()
    month = _month(parts["month"]) if parts.get("month") else int(parts["number"])
    year = int(parts["year"])
    if year < 100:
        year += 1900 if year >= 70 else 2000
    clock = _CLOCK.match(rest)
    if clock is None:
        return _at(year, month, parts["day"], ("0", "0", "0"), "")
    hour = int(clock["hour"])
    if clock["half"]:
        hour = hour % 12 + (12 if clock["half"][0] in "pP" else 0)
    return _at(year, month, parts["day"], (hour, clock["minute"], clock["second"] or "0"), _zone_name(clock))


def _at(
    year: str | int, month: int, day: str, time: tuple[str | int, str, str], zone_name: str
) -> datetime | None:
    hour, minute, second = time
    zone = _zone(zone_name)
    try:
        moment = datetime(
            int(year), month, int(day), int(hour) % 24, int(minute), min(int(second), 59), tzinfo=zone
        )
        if int(hour) == 24:
            moment += timedelta(days=1)
    except (ValueError, OverflowError):
        return None
    return moment if zone is None or isinstance(zone, timezone) else fixed(moment)


@lru_cache(maxsize=128)
def _zone(name: str) -> tzinfo | None:
    return find_zone(name) if name else None


def _zone_name(clock: re.Match[str]) -> str:
    if clock["sign"]:
        return f"{clock['sign']}{clock['hours']:0>2}{clock['minutes'] or '00'}"
    return clock["zone"] or ""


def _month(name: str) -> int:
    known = MONTHS.get(name.lower()) or _MONTHS.get(name[:3].lower())
    if known:
        return known
    plain = unicodedata.normalize("NFKD", name.lower()).encode("ascii", "ignore").decode()
    return _MONTHS.get(plain[:4], _MONTHS.get(plain[:3], 0))
