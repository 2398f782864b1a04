"""Read moments in time as machines write them: ISO 8601, RFC 822 and the zone names that go with them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from email.utils import parsedate_tz
from zoneinfo import ZoneInfo

_HOURS = {
    "UTC": 0, "GMT": 0, "Z": 0, "UT": 0, "WET": 0, "WEST": 1, "BST": 1, "CET": 1, "MEZ": 1, "CEST": 2,
    "MESZ": 2,     "EET": 2, "EEST": 3, "SAST": 2, "CAT": 2, "WAT": 1, "EAT": 3, "MSK": 3, "TRT": 3,
    "GST": 4, "PKT": 5,     "IST": 5.5, "WIB": 7, "ICT": 7, "HKT": 8, "SGT": 8, "PHT": 8, "AWST": 8,
    "JST": 9, "KST": 9, "ACST": 9.5,     "AEST": 10, "AEDT": 11, "NZST": 12, "NZDT": 13, "NDT": -2.5,
    "BRT": -3, "ART": -3, "AST": -4, "ADT": -3,     "EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST":
    -7, "MDT": -6, "PST": -8, "PDT": -7, "AKST": -9,     "AKDT": -8, "HST": -10,
}  # fmt: skip
_PLACES = {
    "ET": "America/New_York",
    "CT": "America/Chicago",
    "MT": "America/Denver",
    "PT": "America/Los_Angeles",
}
ZONE_NAMES = frozenset(_HOURS) | frozenset(_PLACES)

_ISO = re.compile(
    r"(\d{4})-(\d{1,2})-(\d{1,2})"
    r"(?:[T\s]+(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d{1,9})?)?"
    r"\s*(Z|[+-]\d{2}(?::?\d{2})?(?!\d)|[A-Z]{2,4}\b)?)?",
    re.I,
)
_OFFSET = re.compile(r"([+-])(\d{2}):?(\d{2})?$")


def find_zone(name: str) -> tzinfo | None:
    """Return the zone that an abbreviation or offset names (`ET`, `CEST`, `+02:00`), else None."""
    name = name.strip().upper()
    if name in _PLACES:
        return ZoneInfo(_PLACES[name])
    if name in _HOURS:
        return timezone(timedelta(hours=_HOURS[name])) if _HOURS[name] else UTC
    found = _OFFSET.match(name)
    if not found:
        return None
    offset = timedelta(hours=int(found.group(2)), minutes=int(found.group(3) or 0))
    if offset >= timedelta(hours=24):
        return None
    return timezone(-offset if found.group(1) == "-" else offset)


def parse_moment(text: str) -> datetime | None:
    """Return the moment that `text` starts with, naive where it names no zone; None where it is no moment.

    Reads ISO 8601 as loosely as pages write it, RFC 822, and seconds or milliseconds since 1970.
    """
    text = text.strip()
    found = _ISO.match(text)
    if found:
        return _from_iso(found)
    if re.fullmatch(r"\d{10}|\d{13}", text):
        return datetime.fromtimestamp(int(text[:10]), UTC)
    return _from_rfc822(text)


def with_zone(moment: datetime, zone: tzinfo) -> tuple[datetime, bool]:
    """Return the moment with its own offset, else in `zone`; and whether the offset was assumed."""
    if moment.tzinfo is not None:
        return moment, False
    return fixed(moment.replace(tzinfo=zone)), True


def fixed(moment: datetime) -> datetime:
    """Return the same moment with its zone reduced to the offset it had then."""
    return moment.replace(tzinfo=timezone(moment.utcoffset() or timedelta()))


def _from_iso(found: re.Match[str]) -> datetime | None:
    year, month, day, hour, minute, second = (int(part or 0) for part in found.groups()[:6])
    zone = find_zone(found.group(7)) if found.group(7) else None
    try:
        moment = datetime(year, month, day, hour % 24, minute, min(second, 59), tzinfo=zone)
    except ValueError:
        return None
    return fixed(moment) if zone else moment


def _from_rfc822(text: str) -> datetime | None:
    try:
        parts = parsedate_tz(text)
    except (ValueError, IndexError, TypeError):
        return None
    if parts is None or not re.search(r"\d{4}", text):
        return None
    name = text.rsplit(None, 1)[-1] if text.split() else ""
    zone = find_zone(name)
    try:
        if zone is None and parts[9] is not None and re.search(r"[+-]\d{4}", text):
            zone = timezone(timedelta(seconds=parts[9]))
        moment = datetime(*parts[:5], min(parts[5], 59), tzinfo=zone)
    except (ValueError, OverflowError):
        return None
    return fixed(moment) if zone else moment
