"""Read dates as people write them: `March 5 2025, Published 7:45 p.m. ET`, `5. März 2025, 19:45 Uhr`."""

from __future__ import annotations

import re
from datetime import datetime

from digest.moment import ZONE_NAMES, find_zone, fixed
from digest.months import MONTHS

_NAMES = "|".join(sorted(map(re.escape, MONTHS), key=len, reverse=True))
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th|er|º|\.|ª)?"
_YEAR = r"(?P<year>(?:19|20)\d{2})"
_PATTERNS = tuple(
    re.compile(pattern, re.I)
    for pattern in (
        rf"(?<!\d){_DAY}\s*(?:de\s+|of\s+|-|ב)?(?P<month>{_NAMES})\b\.?,?\s*(?:de\s+|del\s+|-)?{_YEAR}",
        rf"(?:\b|(?<=[^\W\d_])(?-i:(?=[A-Z])))(?P<month>{_NAMES})\b\.?\s+{_DAY},?\s+{_YEAR}",
        rf"(?<!\d){_YEAR}\s*(?:[-./]|年|년)\s*(?P<number>\d{{1,2}})\s*(?:[-./]|月|"
        rf"월)\s*(?P<day>\d{{1,2}})(?:日|일)?(?!\d)",
        rf"(?<!\d)(?P<day>\d{{1,2}})\s?[./-]\s?(?P<number>\d{{1,2}})\s?[./-]\s?{_YEAR}(?!\d)",
        r"(?<![\d.])(?P<day>\d{1,2})[./](?P<number>\d{1,2})[./](?P<year>\d{2})(?![\d./])",
    )
)
_ZONE = r"(?:UTC|GMT)\s?[+-]\d{1,2}(?::?\d{2})?|[A-Z]{1,4}"
_ENDS = r"(?:\b|(?<=\d)(?=[A-Z]))"
_TIME = re.compile(
    r"(?<![\d.:/-])(?P<hour>\d{1,2})\s*(?:[:.h時시]|Uhr\s)\s?(?P<minute>\d{2})(?::\d{2})?(?!\d)\s*(?:分|분)?\s*"
    r"(?P<half>[ap]\.?\s?m\b\.?)?(?:\s*(?:Uhr|hrs?|h)\b)?,?\s*"
    rf"\(?(?P<zone>{_ZONE}|[+-]\d{{2}}:?\d{{2}})?{_ENDS}|"
    rf"(?<![\d.:/-])(?P<hour2>\d{{1,2}})\s*(?P<half2>[ap]\.?\s?m\b\.?),?\s*\(?(?P<zone2>{_ZONE})?{_ENDS}",
)
_TIME_ANY_CASE = re.compile(_TIME.pattern.replace("[ap]\\.?\\s?m", "[apAP]\\.?\\s?[mM]"))


def find_spoken_date(text: str) -> datetime | None:
    """Return the first date in `text` with the time written near it; naive without a zone's name.

    A date in digits alone is day first, except where the first number cannot be a day (13/25 is May... never)
    or the second cannot be a month.
    """
    text = text[:400]
    for pattern in _PATTERNS:
        found = pattern.search(text)
        if not found:
            continue
        parts = found.groupdict()
        day, year = int(parts["day"]), int(parts["year"])
        year += 2000 if year < 100 else 0
        month = MONTHS[parts["month"].lower()] if parts.get("month") else int(parts["number"])
        if month > 12 and parts.get("number") and day <= 12:
            day, month = month, day
        hour, minute, zone_name = _time_near(text, found)
        try:
            moment = datetime(year, month, day, hour, minute)  # noqa: DTZ001 the zone may be unknown
        except ValueError:
            continue
        zone = find_zone(zone_name) if zone_name else None
        return fixed(moment.replace(tzinfo=zone)) if zone else moment
    return None


def _time_near(text: str, date: re.Match[str]) -> tuple[int, int, str]:
    rest = text[date.end() : date.end() + 60]
    found = _TIME_ANY_CASE.search(rest) or _TIME_ANY_CASE.search(
        text[max(0, date.start() - 40) : date.start()]
    )
    if not found:
        return 0, 0, ""
    hour = int(found.group("hour") or found.group("hour2"))
    minute = int(found.group("minute") or 0)
    half = (found.group("half") or found.group("half2") or "").lower()
    zone = (found.group("zone") or found.group("zone2") or "").upper()
    if half.startswith("p") and hour < 12:
        hour += 12
    elif half.startswith("a") and hour == 12:
        hour = 0
    if hour > 23 or minute > 59:
        return 0, 0, ""
    return hour, minute, _zone_of(zone)


def _zone_of(name: str) -> str:
    """Return the name or the offset that `find_zone` reads; `GMT+2` is an offset of two hours."""
    offset = re.match(r"(?:UTC|GMT)\s?([+-])(\d{1,2}):?(\d{2})?$", name)
    if offset:
        return f"{offset[1]}{int(offset[2]):02d}:{offset[3] or '00'}"
    return name if name in ZONE_NAMES or name[:1] in "+-" else ""
