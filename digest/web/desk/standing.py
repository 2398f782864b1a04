"""Say how an edition stands: when it goes out, and what can be done next, in one sentence for each of its states."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from digest import app
from digest.config import NewsletterSettings
from digest.model import Edition, EditionState
from digest.pipeline.reader_hours import timing_now, timing_of
from digest.pipeline.unapproved import hour_of
from digest.timetable import WEEKDAYS, Timing, is_day_of
from digest.web.desk.room import Room

FIELD = "%Y-%m-%dT%H:%M"
"""How a browser's field for a local time writes one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Going:
    """When an edition goes out: the moment in its newsletter's zone, and in words.

    `is_coming`: something will send it then. `why` says why nothing will: its hour has passed, or its newsletter has
    none that day.
    """

    at: datetime
    words: str
    is_coming: bool
    why: str = ""


def standing(room: Room, edition: Edition) -> dict[str, Any]:
    """Return what the page of an edition shows of its state."""
    settings, now = room.config.newsletter(edition.name.newsletter), app.now()
    timing = timing_now(settings, edition.name.newsletter, room.stores.mailing)
    going = going_out(edition, settings, now=now, timing=timing)
    return {
        "next_step": tell_next(edition, settings, now=now, timing=timing),
        "going": going,
        "zone": timing.zone,
        "earliest": now.astimezone(going.at.tzinfo).strftime(FIELD),
        "set_at": going.at.strftime(FIELD) if going.is_coming else "",
        "asked": (),
    }


def going_out(
    edition: Edition, settings: NewsletterSettings, *, now: datetime, timing: Timing | None = None
) -> Going:
    """Return when an edition goes out, as its newsletter's hour and what a person set have it.

    `timing` is needed where the newsletter goes out by its readers' clocks: it is the first reader's hour then.
    """
    timing = timing or timing_of(settings)
    zone = ZoneInfo(timing.zone)
    at = hour_of(edition, timing).astimezone(zone)
    words = _in_words(at, now.astimezone(zone), timing.zone)
    if at <= now:
        return Going(at=at, words=words, is_coming=False, why=f"its hour, {words}, has passed")
    day = edition.name.date
    if edition.send_at is None and not is_day_of(timing, day):
        is_its_weekday = timing.month_days or WEEKDAYS[day.weekday()] in timing.days
        why = f"its newsletter does not go out on {day.isoformat() if is_its_weekday else f'{day:%A}s'}"
        return Going(at=at, words=words, is_coming=False, why=why)
    return Going(at=at, words=words, is_coming=True)


def _in_words(at: datetime, now: datetime, zone: str) -> str:
    days = (at.date() - now.date()).days
    near = {-1: "yesterday", 0: "today", 1: "tomorrow"}.get(days)
    day = near or f"on {at:%A} {at.day} {at:%B %Y}"
    return f"{day} at {at:%H:%M} ({zone})"


def tell_next(
    edition: Edition, settings: NewsletterSettings, *, now: datetime, timing: Timing | None = None
) -> str:
    """Say in one sentence how an edition stands and what can be done next."""
    name, going = edition.name, going_out(edition, settings, now=now, timing=timing)
    by_hand = f"'digest send {name}'"
    if edition.state is EditionState.SENT:
        return "Sent: it changes no more, and the outbox tells who has it."
    if edition.is_held:
        return f"Held: nothing sends it until you approve it{_then(going, by_hand)}."
    if edition.state is EditionState.APPROVED:
        if not going.is_coming:
            return f"Approved, but {going.why}: {by_hand} sends it."
        return f"Approved: 'digest schedule' sends it {going.words}, {by_hand} at once; hold it to change it."
    if not going.is_coming:
        return f"A draft, and {going.why}: approve it, then {by_hand} sends it."
    if settings.approval == "auto":
        return f"A draft: it is drafted again and goes out {going.words}; hold it to keep it back."
    if settings.unapproved == "send":
        return f"A draft: it goes out {going.words}, approved or not; hold it to keep it back."
    return f"A draft: approve it, and it goes out {going.words}; else it stays, and you are told."


def _then(going: Going, by_hand: str) -> str:
    return f"; then it goes out {going.words}" if going.is_coming else f"; then {by_hand} sends it"
