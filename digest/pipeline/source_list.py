"""Add sources to the configuration file, and list those it has as OPML."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from digest.config import Config, SourceSettings, load_config
from digest.errors import ConfigError, DigestError
from digest.ingest.documents import read_file
from digest.ingest.opml import ListedFeed, address_key, is_source_name, read_opml, source_name, write_opml
from digest.model import Failure
from digest.pipeline.toml_text import toml_string


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """What an import added, how many feeds were there already, and what could not be added.

    `left_aside` are the newsletters that name their sources, and so do not read the new ones.
    """

    added: tuple[SourceSettings, ...]
    already: int
    refused: tuple[Failure, ...]
    left_aside: tuple[str, ...]


def import_opml(file: Path, *, config_file: Path) -> ImportReport:
    """Append the feeds of an OPML file to the configuration, which keeps every byte it had.

    Nothing is written unless the outcome is a valid configuration. Raises SourceError or ConfigError.
    """
    listed = read_opml(read_file(file), subject=str(file))
    config = load_config(config_file)
    added = new_sources(listed.feeds, existing=config.sources)
    if added:
        _append(config_file, "".join(source_table(source) for source in added))
    return ImportReport(
        added=added,
        already=len(listed.feeds) - len(added),
        refused=tuple(
            Failure(
                subject=str(file),
                message=f"{file} lists {address!r}, which is not an http or https address.",
            )
            for address in listed.refused
        ),
        left_aside=tuple(name for name, one in config.newsletters.items() if "*" not in one.sources),
    )


def export_opml(config: Config, *, now: datetime) -> str:
    """Return the configured feeds as OPML."""
    feeds = [
        ListedFeed(
            url=source.url,
            title=source.name,
            section=source.section,
            name=source.name,
            weight=source.weight,
        )
        for source in config.sources
        if source.kind == "feed"
    ]
    return write_opml(feeds, title=config.site.name, now=now)


def new_sources(
    feeds: Iterable[ListedFeed], *, existing: Sequence[SourceSettings]
) -> tuple[SourceSettings, ...]:
    """Return a source for each feed whose address is not among the existing, with names of their own."""
    known = {address_key(url) for source in existing for url in (source.url, *source.urls) if url}
    taken = {source.name for source in existing}
    added: list[SourceSettings] = []
    for feed in feeds:
        if address_key(feed.url) in known:
            continue
        own = feed.name if is_source_name(feed.name) and feed.name not in taken else ""
        name = own or source_name(feed.title, url=feed.url, taken=taken)
        known.add(address_key(feed.url))
        taken.add(name)
        added.append(
            SourceSettings(name=name, kind="feed", url=feed.url, section=feed.section, weight=feed.weight)
        )
    return tuple(added)


def source_table(source: SourceSettings) -> str:
    """Return a feed's `[[sources]]` table, with an empty line before it."""
    lines = ["", "[[sources]]", f"name = {toml_string(source.name)}", 'kind = "feed"']
    lines.append(f"url = {toml_string(source.url)}")
    if source.section:
        lines.append(f"section = {toml_string(source.section)}")
    if source.weight != 1.0:
        lines.append(f"weight = {source.weight}")
    return "\n".join(lines) + "\n"


def _append(config_file: Path, tables: str) -> None:
    """Write the file anew with the tables at its end: checked first, at once, and with the mode it had."""
    path = config_file.resolve()
    before = path.read_bytes()
    line_end = b"\r\n" if b"\r\n" in before else b"\n"
    gap = b"" if not before or before.endswith(b"\n") else line_end
    after = before + gap + tables.encode().replace(b"\n", line_end)
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".new")
    except OSError as exc:
        raise DigestError(f"Cannot write into {path.parent} ({exc.strerror}). Nothing was added.") from exc
    draft = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(after)
            file.flush()
            os.fchmod(file.fileno(), path.stat().st_mode & 0o7777)
            os.fsync(file.fileno())
        _check(draft, config_file)
        draft.replace(path)
    except OSError as exc:
        raise DigestError(f"Cannot write {config_file} ({exc.strerror}). Nothing was added.") from exc
    finally:
        draft.unlink(missing_ok=True)


def _check(draft: Path, config_file: Path) -> None:
    try:
        load_config(draft)
    except ConfigError as exc:
        if any("not valid TOML" in problem for problem in exc.problems):
            raise ConfigError(
                [
                    f"{config_file} writes its sources as one list (sources = [...]), which nothing can be added "
                    "to. Write them as [[sources]] tables. Nothing was added."
                ]
            ) from exc
        raise ConfigError(
            [problem.replace(str(draft), str(config_file)) for problem in exc.problems]
        ) from exc
