"""What tests of reading use: a project with a store, a fetcher without pauses, and pages to read."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from digest.config import Config, FileConfig, load_config
from digest.ingest.fetch import Fetcher
from digest.model import Failure, Story
from digest.pipeline.reading import fetch_sources, read_arguments
from digest.pipeline.report import FetchReport
from digest.store.database import open_database
from digest.store.stories import Stories

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def page(title: str, *, words: str = "harbor") -> str:
    """Return a news page with a story of a few paragraphs."""
    body = "".join(
        f"<p>Paragraph {number} of “{title}” tells of the {words} at length, and names who said what about it.</p>"
        for number in range(1, 5)
    )
    return (
        f'<!doctype html><html lang="en"><head><title>{title}</title></head><body><nav>Home City</nav>'
        f"<article><h1>{title}</h1>{body}</article></body></html>"
    )


def make_fetcher() -> Fetcher:
    """Return a fetcher that reads from this machine, without pauses."""
    return Fetcher(user_agent="test", allow_private=("127.0.0.0/8",), delay_seconds=0)


def read(*arguments: str) -> list[Story | Failure]:
    """Read what the arguments name, as `digest read` does."""
    return list(read_arguments(arguments, make_fetcher=make_fetcher, now=NOW))


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A project's configuration and its store."""

    config: Config
    stories: Stories

    def fetch(self, *, now: datetime = NOW) -> FetchReport:
        """Read all sources into the store."""
        with make_fetcher() as fetcher:
            return fetch_sources(
                self.config.sources, config=self.config, stories=self.stories, fetcher=fetcher, now=now
            )

    def kept(self) -> list[Story]:
        """Return the stories in the store, in the order of their titles."""
        names = [source.name for source in self.config.sources]
        found = self.stories.of_sources(names, since=datetime(2000, 1, 1, tzinfo=UTC))
        return sorted((one.story for one in found), key=lambda story: story.title)


@contextmanager
def project(folder: Path, sources: str) -> Iterator[Reading]:
    """Make a project of these sources in a folder."""
    file = folder / "digest.toml"
    file.write_text(sources, encoding="utf-8")
    engine = open_database(f"sqlite:///{folder / 'store.db'}")
    try:
        yield Reading(config=load_config(file, kind=FileConfig), stories=Stories(engine))
    finally:
        engine.dispose()
