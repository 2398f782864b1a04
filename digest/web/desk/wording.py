"""Say moments, spans and addresses as the desk's pages show them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from digest.config import Config

_ADDRESS = re.compile(r"""("[^"]*"|[^\s<>()\[\],;:"]+)@([\w.-]*\w)""")
SHORTEST_NAME = 3


def zone_of(config: Config, newsletter: str) -> ZoneInfo:
    """Return a newsletter's zone; UTC where it is not configured any more."""
    settings = config.newsletters.get(newsletter)
    return ZoneInfo(settings.zone if settings else "UTC")


def say_moment(moment: datetime | None, zone: ZoneInfo) -> str:
    """Return a moment as its zone's clock shows it; empty where there is none."""
    return f"{moment.astimezone(zone):%a %Y-%m-%d %H:%M}" if moment is not None else ""


def say_ago(moment: datetime | None, now: datetime) -> str:
    """Return how long ago a moment was, or how far ahead it is; "never" where there is none."""
    if moment is None:
        return "never"
    span = now.astimezone(UTC) - moment
    ahead = span < timedelta()
    seconds = abs(span).total_seconds()
    if seconds < 60:
        return "in a minute" if ahead else "just now"
    for size, word in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= size:
            number = int(seconds // size)
            told = f"{number} {word}{'s' if number > 1 else ''}"
            return f"in {told}" if ahead else f"{told} ago"
    raise AssertionError(seconds)


def mask_address(address: str) -> str:
    """Return an address of which only the first letter and the domain are told."""
    name, _, domain = address.rpartition("@")
    return f"{name[:1]}…@{domain}"


def mask_reply(reply: str, address: str = "") -> str:
    """Return words in which no address is told whole; nor, apart from it, the name in `address`."""
    name = address.rpartition("@")[0]
    masked = _ADDRESS.sub(lambda found: f"{_initial(found[1])}…@{found[2]}", reply)
    if len(name) >= SHORTEST_NAME:
        masked = re.sub(rf"(?i)(?<!\w){re.escape(name)}(?!\w)", f"{name[:1]}…", masked)
    return masked


def _initial(name: str) -> str:
    return next((letter for letter in name if letter.isalnum()), "")
