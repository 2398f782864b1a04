"""Note down what the editors of a newsletter are to be told, each thing once. Nothing is sent here.

What sends is large, and the daemon that notes things down is small: see `telling`.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from pathlib import Path

from digest.config import Config, NewsletterSettings
from digest.errors import StoreError
from digest.pipeline.untold import FOLDER, Notice, Untold
from digest.store.telling import Told

log = logging.getLogger(__name__)
MAIL, WEBHOOK, PING = "mail", "webhook", "ping"
AGAIN = timedelta(days=1)
PASSING = frozenset({"configuration", "store"})
"""Faults that come and go: told again where they are still there, or there again, after a day."""


def untold_of(config: Config) -> Untold:
    """Return the folder of what is still to be told."""
    return Untold(config.path(FOLDER))


def ways_of(settings: NewsletterSettings) -> tuple[str, ...]:
    """Return the ways that an editor is told by."""
    return ((MAIL,) if settings.editor else ()) + ((WEBHOOK,) if settings.editor_webhook else ())


def note_down(
    config: Config, told: Told, notice: Notice, *, now: datetime, ways: tuple[str, ...] | None = None
) -> Path | None:
    """Write a notice down to be told, unless it was told before; return its file, or None.

    A store that is away does not hide it: it is then told, perhaps once more than needed.
    """
    ways = ways_of(config.newsletter(notice.newsletter)) if ways is None else ways
    again = AGAIN if notice.what in PASSING else None
    name = (notice.newsletter, notice.what, notice.key)
    if not ways:
        return None
    try:
        if told.is_told(*name, now=now, again_after=again):
            return None
    except StoreError:
        log.debug("the store cannot say what was told")
    try:
        path = untold_of(config).put(notice, ways, now=now)
    except OSError as exc:
        log.warning(
            "cannot note down newsletter=%s what=%s: %s", notice.newsletter, notice.what, exc.strerror
        )
        return None
    if path is None:
        return None
    try:
        if not told.mark(*name, now=now, again_after=again):
            path.unlink(missing_ok=True)
            return None
    except StoreError:
        log.debug("the store cannot remember what is told")
    return path


def note_for_all(
    config: Config, told: Told, *, newsletter: str, what: str, key: str, text: str, now: datetime
) -> None:
    """Note down what the daemon tells: of a newsletter, or where none is named once to each editor there is.

    A run that was missed fails its newsletter's ping, too.
    """
    seen: set[tuple[str, str]] = set()
    for name in [newsletter] if newsletter else config.newsletters:
        settings = config.newsletters.get(name)
        if settings is None or (settings.editor, settings.editor_webhook) in seen:
            continue
        seen.add((settings.editor, settings.editor_webhook))
        ways = ways_of(settings) + ((PING,) if what == "missed" and settings.ping_url else ())
        notice = Notice(
            newsletter=name,
            what=what,
            key=key,
            subject=f"{settings.title}: {SUBJECTS.get(what, what)}",
            message=text,
            date=key if what in DATED else "",
        )
        note_down(config, told, notice, now=now, ways=ways)


SUBJECTS = {
    "missed": "an edition was missed",
    "restored": "not sent again",
    "configuration": "the configuration is broken",
    "store": "the store cannot be used",
}
DATED = frozenset({"missed", "restored"})
