"""Notice what fell silent: a source, or all of a newsletter's, with nothing new for days; a source without captions.

Each is told once per silence: the key of what is told is the moment of the last new story, so that the next
silence is another one.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from digest.errors import StoreError
from digest.model import EditionName
from digest.pipeline.parts import Parts
from digest.pipeline.telling import tell
from digest.store.freshness import Captions, Freshness

log = logging.getLogger(__name__)
ALL = ""
"""In the place of a source's name: every source of the newsletter."""
SAMPLE = "sample:"
LATELY, BEFORE = timedelta(days=2), timedelta(days=28)
FEWEST_PICTURES = 5
MOSTLY = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """A source, or all of them, with nothing new since a moment; None where it never gave anything."""

    source: str
    since: datetime | None
    days: int

    @property
    def key(self) -> str:
        """Name this silence among all of this source."""
        return f"{self.source} {self.since.isoformat() if self.since else 'never'}"


def silences(
    last_new: Mapping[str, datetime | None],
    *,
    patience: Mapping[str, float],
    newsletter_days: float,
    began_at: datetime,
    now: datetime,
) -> list[Silence]:
    """Return what is silent: all sources together, or else each that is longer than its own days; 0 is never.

    `began_at` is when the newsletter's sources were first read: who never gave anything is silent since then.
    """
    if not last_new:
        return []
    known = [moment for moment in last_new.values() if moment is not None]
    latest = max(known, default=None)
    if newsletter_days and _days(latest or began_at, now) >= newsletter_days and any(patience.values()):
        return [_silence(ALL, latest, began_at, now)]
    return [
        _silence(source, since, began_at, now)
        for source, since in last_new.items()
        if patience[source] and _days(since or began_at, now) >= patience[source]
    ]


def lost_captions(counts: Mapping[str, Captions]) -> list[str]:
    """Return the sources whose pictures mostly had captions, and of late have none at all."""
    return [
        source
        for source, count in counts.items()
        if count.pictures_lately >= FEWEST_PICTURES
        and count.captions_lately == 0
        and count.pictures_before >= FEWEST_PICTURES
        and count.captions_before >= MOSTLY * count.pictures_before
    ]


def watch_silence(parts: Parts, name: EditionName) -> None:
    """Tell the editor what fell silent, after the sources were read for a run; a store that is away breaks nothing."""
    try:
        _watch(parts, name)
    except StoreError as exc:
        log.warning("silence cannot be judged newsletter=%s: %s", name.newsletter, exc)


def _watch(parts: Parts, name: EditionName) -> None:
    settings, now = parts.settings, parts.now()
    sources = [
        source
        for source in parts.config.sources_of(settings)
        if not (source.kind == "files" and all(path.startswith(SAMPLE) for path in source.paths))
    ]
    names = [source.name for source in sources]
    patience = {
        source.name: settings.silent_days if source.silent_days is None else source.silent_days
        for source in sources
    }
    freshness = Freshness(parts.stores.engine)
    began_at = freshness.first_run(name.newsletter) or now
    found = silences(
        freshness.last_new(names),
        patience=patience,
        newsletter_days=settings.silent_days,
        began_at=began_at,
        now=now,
    )
    for silence in found:
        tell(
            parts,
            what="silence",
            key=silence.key,
            title="nothing new" if silence.source == ALL else f"nothing new from {silence.source}",
            text=_sentence(silence, name.newsletter),
            day=name.date,
        )
    for source in lost_captions(freshness.captions(names, lately=now - LATELY, before=now - BEFORE)):
        tell(
            parts,
            what="captions",
            key=f"{source} {name.date:%Y-%m}",
            title=f"no captions from {source}",
            text=_lost(source),
            day=name.date,
        )


def _silence(source: str, since: datetime | None, began_at: datetime, now: datetime) -> Silence:
    return Silence(source=source, since=since, days=int(_days(since or began_at, now)))


def _days(since: datetime, now: datetime) -> float:
    return (now - since) / timedelta(days=1)


def _sentence(silence: Silence, newsletter: str) -> str:
    days = f"{silence.days} day" if silence.days == 1 else f"{silence.days} days"
    if silence.source == ALL:
        return (
            f"No source of '{newsletter}' has given anything new for {days}. 'digest fetch' tells how each one "
            f"answers; newsletters.{newsletter}.silent_days says after how many days you are told."
        )
    return (
        f"'{silence.source}' has given nothing new for {days}. 'digest fetch {silence.source}' tells how it answers; "
        "where it is seldom new by nature, set silent_days in its [[sources]] table, or 0 for never."
    )


def _lost(source: str) -> str:
    return (
        f"The pictures of '{source}' had captions, and those of the last two days have none: its pages may have "
        "changed. 'digest read' on one of its stories shows what is found; 'digest help sources' tells how a site's "
        "rule mends it."
    )
