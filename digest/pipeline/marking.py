"""Keep marks of what was sent outside the database, and see by them that an old store was restored."""

from __future__ import annotations

from digest.config import Config
from digest.model import DeliveryState, EditionName
from digest.pipeline.parts import Parts
from digest.sent_marks import FOLDER, SentMarks, is_older_than
from digest.store.editions import Editions
from digest.store.mailing import Mailing


def marks_of(config: Config) -> SentMarks:
    """Return the marks of a project."""
    return SentMarks(config.path(FOLDER))


def is_sent_elsewhere(parts: Parts, name: EditionName) -> bool:
    """Say whether an edition went out, or went further, than this store knows: the store is an older one, restored."""
    return is_restored(marks_of(parts.config), parts.stores.editions, parts.stores.mailing, name)


def is_restored(marks: SentMarks, editions: Editions, mailing: Mailing, name: EditionName) -> bool:
    """Say whether a store knows less of an edition's send than its mark."""
    mark = marks.find(name)
    if mark is None:
        return False
    sent = mailing.counts(name)[DeliveryState.SENT]
    return is_older_than(mark, is_sent=editions.is_sent(name), sent=sent)


def mark_begun(parts: Parts, name: EditionName) -> None:
    """Note that an edition's send begins."""
    marks_of(parts.config).write(name, 0)


def mark_delivered(parts: Parts, name: EditionName, sent: int) -> None:
    """Note how many messages of an edition have gone out."""
    marks_of(parts.config).write(name, sent)


def tell_restored(config: Config, name: EditionName) -> str:
    """Say that an edition is not sent since it was sent before, and what sends it all the same."""
    file = config.path(FOLDER) / name.newsletter / name.date.isoformat()
    return (
        f"{name} was sent before this store was restored, says {file}; nothing was sent. "
        f"If that is wrong: 'digest send {name}'."
    )
