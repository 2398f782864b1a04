"""Commands that make and show editions: draft, show, render, preview."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from digest.cli.changing import STORY, approve, edit
from digest.cli.output import (
    ConfigOption,
    EditionArgument,
    JsonOption,
    note,
    progress,
    report_failures,
    say,
    say_json,
    say_now,
    write_file,
)
from digest.cli.showing import (
    edition_record,
    left_out_records,
    print_edition,
    print_left_out,
    print_revisions,
    print_story,
    remarks_of,
    revision_records,
    story_choice_record,
)
from digest.errors import UsageError

if TYPE_CHECKING:
    from digest.model import Rendered
    from digest.pipeline.parts import Parts


def add_commands(app: typer.Typer) -> None:
    """Add this module's commands."""
    app.command("draft")(draft)
    app.command("show")(show)
    app.command("edit")(edit)
    app.command("approve")(approve)
    app.command("render")(render)
    app.command("preview")(preview)


def parse_day(text: str | None) -> date | None:
    """Read a date as typed; raise UsageError for what is none."""
    if text is None:
        return None
    try:
        day = date.fromisoformat(text)
        if not 1990 <= day.year <= 2999:
            raise ValueError
        return day
    except ValueError:
        raise UsageError(f"'{text}' is not a date. Write it as 2026-11-24.") from None


def draft(
    newsletter: str = typer.Argument(..., help="A newsletter's name in the configuration."),
    day: str | None = typer.Option(
        None, "--date", metavar="DATE", help="The edition's date; today where it is not given."
    ),
    as_json: bool = JsonOption,
    why: bool = typer.Option(False, "--why", help="Say why each story is in, and why the others are not."),
    config: Path | None = ConfigOption,
) -> None:
    """Select, condense and assemble an edition; again on the same date, refresh it and keep the edits."""
    from digest.app import open_config, open_stores, parts_of
    from digest.pipeline.drafting import draft as make_draft
    from digest.pipeline.reader_hours import date_now
    from digest.process import login_name

    settings = open_config(config)
    chosen = settings.newsletter(newsletter)
    parts = parts_of(settings, open_stores(settings), newsletter)
    with progress("Condensing") as bar:
        wanted = parse_day(day) or date_now(parts)
        drafted = make_draft(parts, day=wanted, who=login_name(), on_blurb=bar)
    if drafted.edition is None:
        if as_json:
            say_json(
                {"state": "quiet", "found": drafted.found, "left_out": left_out_records(drafted.left_out)}
            )
        else:
            say(
                f"quiet: {drafted.found} stories, at least {chosen.min_stories} are wanted. "
                "No edition was made. 'digest fetch' reads the sources."
            )
            if why:
                print_left_out(drafted.left_out)
        return
    if drafted.told:
        note(f"digest: {drafted.told}.")
    remarks = remarks_of(drafted.edition, parts)
    if as_json:
        say_json(edition_record(drafted.edition, remarks))
    else:
        print_edition(drafted.edition, remarks, why=why)


def show(
    edition: str = EditionArgument,
    as_json: bool = JsonOption,
    why: bool = typer.Option(False, "--why", help="Say why each story is in, and why the others are not."),
    story: str | None = typer.Option(
        None, "--story", metavar="STORY", help=f"List the sentences and pictures of a story. {STORY}"
    ),
    revisions: bool = typer.Option(False, "--revisions", help="List who changed what, and when."),
    config: Path | None = ConfigOption,
) -> None:
    """Show an edition, a story of it, or who changed it."""
    from digest.app import open_config, open_stores, parts_of
    from digest.edition import find_item

    if story is not None and revisions:
        raise UsageError("--story and --revisions are two lists. Ask for one of them.")
    settings = open_config(config)
    stores = open_stores(settings)
    name = stores.editions.resolve(edition)
    found = stores.editions.get(name)
    if revisions:
        entries = stores.editions.revisions(name)
        say_json(revision_records(name, entries)) if as_json else print_revisions(entries)
    elif story is not None:
        item = find_item(found, story)
        told = stores.stories.find(item.story_id)
        say_json(story_choice_record(item, told)) if as_json else print_story(item, told)
    else:
        remarks = remarks_of(found, parts_of(settings, stores, name.newsletter))
        say_json(edition_record(found, remarks)) if as_json else print_edition(found, remarks, why=why)


def render(
    edition: str = EditionArgument,
    out: Path = typer.Option(..., "--out", metavar="DIR", help="Where to write the files."),
    config: Path | None = ConfigOption,
) -> None:
    """Write email.html, email.txt, email.mjml, subject.txt, message.eml, and stories.json for 'digest diff'."""
    from digest.pipeline.comparing import TOLD_FILE, told_file
    from digest.pipeline.sending import rendering_files
    from digest.trimmed import trim

    parts, rendered = _render(edition, config)
    printed = trim(parts.stores.editions.get(rendered.name), rendered.cuts)
    files = rendering_files(parts, rendered) | {TOLD_FILE: told_file(printed)}
    for file, content in files.items():
        write_file(out / file, content)
        say(str(out / file))
    for cut in rendered.cuts:
        note(f"digest: '{cut.headline}': {cut.why}")


def preview(
    edition: str = typer.Argument("latest", metavar="[EDITION]", help="NEWSLETTER/DATE, or 'latest'."),
    host: str = typer.Option(
        "127.0.0.1", "--host", metavar="ADDRESS", help="Where to listen; beyond this machine, with a token."
    ),
    port: int = typer.Option(8765, "--port", min=0, max=65535, help="0 picks a free one."),
    open_browser: bool = typer.Option(False, "--open", help="Open it in the browser."),
    config: Path | None = ConfigOption,
) -> None:
    """Open the editor's desk: see an edition as readers will, check it, change it, approve it."""
    from digest.app import open_config, open_stores
    from digest.web.desk.serving import serve_desk

    settings = open_config(config)
    name = None if edition == "latest" else open_stores(settings).editions.resolve(edition)
    serve_desk(settings, name, host=host, port=port, open_browser=open_browser, announce=say_now)


def _render(edition: str, config: Path | None) -> tuple[Parts, Rendered]:
    from digest.app import open_config, open_stores, parts_of
    from digest.pipeline.rendering import render as lay_out

    settings = open_config(config)
    stores = open_stores(settings)
    name = stores.editions.resolve(edition)
    parts = parts_of(settings, stores, name.newsletter)
    rendered, failures = lay_out(parts, stores.editions.get(name))
    report_failures(failures)
    return parts, rendered
