"""The command that compares two editions or renderings."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from digest.cli.output import ConfigOption, JsonOption, note, say, say_json
from digest.errors import ConfigError, RenderError, UsageError

if TYPE_CHECKING:
    from digest.pipeline.comparing import Change, FieldChange, Told

SIGNS = {"added": "+", "removed": "-", "moved": ">", "changed": "~"}
TARGET = "EDITION, EDITION@REVISION, or a folder that 'digest render' wrote."


def add_commands(app: typer.Typer) -> None:
    """Add this module's commands."""
    app.command("diff")(diff)


def diff(
    before: str = typer.Argument(..., metavar="A", help=TARGET),
    after: str = typer.Argument(..., metavar="B", help=TARGET),
    as_json: bool = JsonOption,
    config: Path | None = ConfigOption,
) -> None:
    """Compare two editions story by story and word by word; exit 0 whether they differ or not."""
    from digest.pipeline.comparing import compare, differing_files

    open_told = _reader(config)
    changes = compare(open_told(before), open_told(after))
    folders = Path(before), Path(after)
    files = differing_files(*folders) if all(folder.is_dir() for folder in folders) else []
    for change in changes:
        if as_json:
            say_json(_record(change))
        else:
            _print(change)
    for file in files:
        if as_json:
            say_json({"story": None, "change": "changed", "file": file})
        else:
            say(f"~ {file}")
    if not changes and not files:
        note("They are the same.")


def _reader(config: Path | None) -> Callable[[str], Told]:
    """Return what opens an edition or a folder; the store is opened for the first edition."""
    from digest.pipeline.comparing import read_told

    def open_told(target: str) -> Told:
        folder = Path(target)
        return read_told(folder) if folder.is_dir() else _stored(target, config)

    return open_told


def _stored(target: str, config: Path | None) -> Told:
    """Return what a stored edition tells as it is printed; of one that cannot be laid out, whole."""
    from digest.app import open_config, open_stores, parts_of
    from digest.pipeline.comparing import told_by
    from digest.pipeline.trimming import find_cuts
    from digest.trimmed import trim

    settings = open_config(config)
    stores = open_stores(settings)
    name, at, revision = target.partition("@")
    if at and not (revision.isascii() and revision.isdigit() and len(revision) < 10):
        raise UsageError(f"'{target}' names no revision. Write it as daily/2026-11-24@3.")
    resolved = stores.editions.resolve(name)
    edition = stores.editions.at_revision(resolved, int(revision)) if at else stores.editions.get(resolved)
    try:
        cuts = find_cuts(parts_of(settings, stores, resolved.newsletter), edition)
    except (ConfigError, RenderError):
        cuts = ()
    return told_by(trim(edition, cuts))


def _record(change: Change) -> dict[str, Any]:
    return {
        "story": change.id or None,
        "change": change.kind,
        "headline": change.headline,
        "before": change.before,
        "after": change.after,
        "fields": [_field_record(one) for one in change.fields],
    }


def _field_record(change: FieldChange) -> dict[str, Any]:
    return {
        "field": change.field,
        "before": change.before,
        "after": change.after,
        "words": [list(part) for part in change.words],
    }


def _print(change: Change) -> None:
    from digest.pipeline.comparing import marked

    if change.id:
        places = [str(place) for place in (change.before, change.after) if place is not None]
        place = " → ".join(dict.fromkeys(places))
        say(f"{SIGNS[change.kind]} {place}. {change.headline}  ({change.id[:8]})")
    for field in change.fields:
        indent = "     " if change.id else f"{SIGNS['changed']} "
        say(f"{indent}{field.field}: {marked(field)}")
