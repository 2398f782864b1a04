"""Commands about sources: list, import, export."""

from __future__ import annotations

from pathlib import Path

import typer

from digest.cli.output import (
    DONE_WITH_FAILURES,
    ConfigOption,
    JsonOption,
    note,
    report_failures,
    say,
    say_json,
    write_file,
)
from digest.errors import UsageError


def add_commands(app: typer.Typer) -> None:
    """Add this module's commands."""
    group = typer.Typer(help="List, import and export sources.", no_args_is_help=True)
    group.command("list")(show)
    group.command("import")(import_file)
    group.command("export")(export)
    app.add_typer(group, name="sources")


def show(as_json: bool = JsonOption, config: Path | None = ConfigOption) -> None:
    """List the configured sources."""
    from digest.app import open_config

    settings = open_config(config)
    if not settings.sources:
        note("No source is configured. Add a [[sources]] table, or type 'digest sources import FILE.opml'.")
    width = max((len(source.name) for source in settings.sources), default=0)
    for source in settings.sources:
        if as_json:
            say_json(source.model_dump(mode="json"))
            continue
        places = " ".join(place for place in (source.url, *source.urls, *source.paths) if place)
        section = f"  [{source.section}]" if source.section else ""
        say(f"{source.name:<{width}}  {source.kind:<5}  {places}{section}")


def import_file(
    file: Path = typer.Argument(
        ..., metavar="FILE.opml", help="A list of feeds that a feed reader exported; also as .gz."
    ),
    config: Path | None = ConfigOption,
) -> None:
    """Add the feeds of an OPML file to the configuration; its folders become sections."""
    from digest.config import find_config
    from digest.pipeline.source_list import import_opml

    found = find_config(config)
    report = import_opml(file, config_file=found)
    for source in report.added:
        say(f"{source.name}  {source.url}" + (f"  [{source.section}]" if source.section else ""))
    report_failures(report.refused)
    refused = f", {len(report.refused)} refused" if report.refused else ""
    say(f"{len(report.added)} added to {found}, {report.already} were there{refused}.")
    if report.added and report.left_aside:
        names = ", ".join(f"newsletters.{name}.sources" for name in report.left_aside)
        note(f"These newsletters read only the sources they name; add the new ones to {names}.")
    if report.refused:
        raise typer.Exit(DONE_WITH_FAILURES)


def export(
    file: Path | None = typer.Argument(
        None, metavar="[FILE.opml]", help="Where to; stdout where it is not given."
    ),
    config: Path | None = ConfigOption,
) -> None:
    """Export the configured feeds as OPML, for feed readers."""
    from digest.app import now, open_config
    from digest.pipeline.source_list import export_opml

    settings = open_config(config)
    text = export_opml(settings, now=now())
    others = sum(source.kind != "feed" for source in settings.sources)
    if file is None:
        say(text.rstrip("\n"))
    else:
        if not file.parent.is_dir():
            raise UsageError(f"There is no folder {file.parent}. Name a file in a folder that is there.")
        write_file(file, text)
        say(str(file))
    if others:
        note(f"{others} of the {len(settings.sources)} sources are no feeds and are not in the list.")
