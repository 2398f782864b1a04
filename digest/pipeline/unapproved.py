"""Decide what becomes of a draft that was made before its hour and that nobody has approved when the hour comes."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from digest.config import NewsletterSettings
from digest.errors import StaleEditionError
from digest.model import Edition, EditionState
from digest.pipeline.changing import approve_edition
from digest.pipeline.parts import Parts
from digest.pipeline.reader_hours import timing_now, timing_of
from digest.pipeline.telling import tell
from digest.timetable import Timing, sending_moment

RULE = "rule"
"""Who approved an edition that its newsletter's configuration let go."""


class Fate(StrEnum):
    """What a run does with a draft. DRAFT_AGAIN: its hour has not come, or it was made after it."""

    DRAFT_AGAIN = "draft again"
    STAY = "stay"
    GO = "go"


def hour_of(edition: Edition, timing: Timing) -> datetime:
    """Return the moment that an edition is to be sent: the one a person set, else its newsletter's hour that day."""
    return edition.send_at or sending_moment(timing, edition.name.date)


def fate_of(
    edition: Edition, settings: NewsletterSettings, *, now: datetime, timing: Timing | None = None
) -> Fate:
    """Decide by the configured rule. One that the editor holds stays; a newsletter that asks nobody drafts again.

    `timing` is needed where the newsletter goes out by its readers' clocks.
    """
    if not edition.made_at < hour_of(edition, timing or timing_of(settings)) <= now:
        return Fate.DRAFT_AGAIN
    if edition.is_held:
        return Fate.STAY
    if settings.approval == "auto":
        return Fate.DRAFT_AGAIN
    return Fate.GO if settings.unapproved == "send" and edition.items else Fate.STAY


def let_go(parts: Parts, edition: Edition) -> Edition:
    """Approve an edition by the rule and tell the editor; one that somebody holds or changes meanwhile is asked anew.

    Returns the edition as it then is, approved or not.
    """
    name, editions = edition.name, parts.stores.editions
    while edition.state is EditionState.DRAFT and _fate(parts, edition) is Fate.GO:
        try:
            edition = approve_edition(editions, name, now=parts.now(), who=RULE, base=edition.revision)
        except StaleEditionError:
            edition = editions.get(name)
            continue
        rule = f'newsletters.{name.newsletter}.unapproved = "send"'
        tell(
            parts,
            what="let-go",
            key=str(name.date),
            title="sent without your approval",
            day=name.date,
            text=f"{name} was not approved by its hour and goes out now, as {rule} says.",
        )
    return edition


def is_staying(parts: Parts, edition: Edition) -> bool:
    """Say whether an edition is a draft that is not sent at its hour, which has come."""
    is_draft = edition.state is EditionState.DRAFT
    return is_draft and _fate(parts, edition) is Fate.STAY


def _fate(parts: Parts, edition: Edition) -> Fate:
    timing = timing_now(parts.settings, parts.newsletter.name, parts.stores.mailing)
    return fate_of(edition, parts.settings, now=parts.now(), timing=timing)


def tell_staying(edition: Edition) -> str:
    """Say that an edition was not sent at its hour, why, and what sends it."""
    name = edition.name
    why = "is held" if edition.is_held else "was not approved by its hour"
    return (
        f"waiting: {name} {why}, and was not sent. 'digest approve {name}', then 'digest send {name}'; "
        f"or look at it first with 'digest preview {name}'."
    )
