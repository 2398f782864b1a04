"""Read the header with which a server says how long to wait."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

_LONGEST_WAIT = timedelta(days=7)


def retry_at(header: str | None, *, now: datetime) -> datetime | None:
    """Return when a Retry-After header (RFC 9110 section 10.2.3) lets us come back; at most a week ahead.

    None without such a header, and where the moment has passed.
    """
    if not header:
        return None
    value = header.strip()
    if value.isascii() and value.isdigit():
        return now.astimezone(UTC) + min(timedelta(seconds=int(value[:9])), _LONGEST_WAIT)
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, TypeError, IndexError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    if moment <= now:
        return None
    return min(moment.astimezone(UTC), now.astimezone(UTC) + _LONGEST_WAIT)
