"""Tidy the store: remove what is kept no longer, and give the disk back what that leaves free."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache

from digest.config import Config
from digest.curate.history import EDITIONS
from digest.errors import ConfigError, RenderError, StoreError
from digest.model import Edition, Newsletter
from digest.pipeline.dressing import frame_of
from digest.pipeline.parts import Stores
from digest.render.cropping import RULE
from digest.render.pictures import THUMBNAIL
from digest.store.pictures import picture_key
from digest.store.retention import Limits, Needed, open_editions, remove_all, shown_editions
from digest.store.space import MOST_BYTES, compact, find_worker, measure

READ_TWICE = 2
"""A story is kept at least so many times as long as a newsletter may still take it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tidied:
    """What was removed, by kind, and what became of the store's file, in a sentence (empty: nothing)."""

    counts: dict[str, int] = field(default_factory=dict)
    space: str = ""

    def sentences(self, *, dry_run: bool) -> list[str]:
        """Return what a person reads."""
        removed = ", ".join(f"{count} {kind}" for kind, count in self.counts.items() if count)
        verb = "Would remove" if dry_run else "Removed"
        first = f"{verb}: {removed}." if removed else "There is nothing to remove."
        return [first, self.space] if self.space else [first]


def tidy(
    config: Config, stores: Stores, newsletters: Collection[Newsletter], *, now: datetime, dry_run: bool
) -> Tidied:
    """Remove what is kept no longer, and make the store's file smaller where a third of it is free.

    A dry run says what it would do. While a send is under way the file stays as it is.
    """
    unsent = open_editions(stores.engine)

    def keys() -> set[str]:
        return _picture_keys(config, newsletters, [*unsent, *shown_editions(stores.engine)])

    counts = remove_all(
        stores.engine,
        limits_of(config, now=now),
        _needed(config),
        unsent=unsent,
        keys=keys,
        now=now,
        dry_run=dry_run,
    )
    return Tidied(counts=counts, space="" if dry_run else _compacted(stores, now=now))


def limits_of(config: Config, *, now: datetime) -> Limits:
    """Return before which moments things are removed, as `[keep]` says."""
    keep = config.keep

    def before(days: int) -> datetime | None:
        return now - timedelta(days=days) if days else None

    stories = before(keep.stories_days)
    youngest = max((one.max_age_hours for one in config.newsletters.values()), default=0)
    if stories is not None:
        stories = min(stories, now - READ_TWICE * timedelta(hours=youngest))
    return Limits(
        stories=stories,
        pictures=before(keep.pictures_days),
        renderings=before(keep.renderings_days),
        records=before(keep.logs_days),
        compared=EDITIONS,
    )


def _needed(config: Config) -> Needed:
    followed = {source.name: {source.url, *source.urls} for source in config.sources}
    read_from_files = {source.name for source in config.sources if source.kind == "files"}

    def is_followed(name: str, address: str) -> bool:
        if name in read_from_files:
            return (config.project / address).exists()
        return address in followed[name]

    return Needed(sources=followed.keys(), is_followed=is_followed, has_box=bool(config.bounces.kind))


def _picture_keys(
    config: Config, newsletters: Collection[Newsletter], editions: Collection[Edition]
) -> set[str]:
    """Return what the pictures of some editions are kept under, in each size that a layout shows."""

    @cache
    def sizes_of(name: str) -> set[tuple[int, int]]:
        found = {THUMBNAIL}
        for newsletter in newsletters:
            if newsletter.name == name:
                try:
                    found |= set(filter(None, frame_of(newsletter, config.project).sizes))
                except (ConfigError, RenderError):
                    continue  # a layout that cannot be read shows nothing
        return found

    return {
        picture_key(item.image, size, rule=RULE)
        for edition in editions
        for item in edition.items
        if item.image is not None
        for size in sizes_of(edition.name.newsletter)
    }


def _compacted(stores: Stores, *, now: datetime) -> str:
    space = measure(stores.engine)
    if space is None or not space.is_wasted:
        return ""
    told = f"{space.free / 1e6:.0f} of the store's {space.size / 1e6:.0f} MB are free"
    if space.size - space.free > MOST_BYTES:
        return f"{told}; it is too large to be written anew while others wait."
    worker = find_worker(stores.engine, now=now)
    if worker is not None:
        return f"{told}; they stay so while {worker}."
    try:
        compact(stores.engine)
    except StoreError as exc:
        return f"{told}. {exc}"
    after = measure(stores.engine)
    assert after is not None
    return f"The store's file went from {space.size / 1e6:.0f} to {after.size / 1e6:.0f} MB."
