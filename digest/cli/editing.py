"""Commands that make and change editions: draft, show, edit, approve, render, preview."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from digest.cli.output import (
    ConfigOption,
    EditionArgument,
    JsonOption,
    note,
    progress,
    report_failures,
    say,
    say_json,
    write_file,
)
from digest.cli.showing import edition_record, left_out_records, print_edition, print_left_out
from digest.errors import ConfigError, RenderError, UsageError

if TYPE_CHECKING:
    from digest.config import Config
    from digest.model import Edit, Edition, Rendered
    from digest.pipeline.parts import Parts, Stores
    from digest.pipeline.reviewing import Remark

STORY = "A story's place in the edition (1, 2, ...) or the start of its id."


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
    from digest.app import now, open_config, open_stores, parts_of
    from digest.pipeline.drafting import draft as make_draft
    from digest.timetable import local_date

    settings = open_config(config)
    chosen = settings.newsletter(newsletter)
    parts = parts_of(settings, open_stores(settings), newsletter)
    with progress("Condensing") as bar:
        drafted = make_draft(parts, day=parse_day(day) or local_date(chosen.timezone, now()), on_blurb=bar)
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
    remarks = _remarks(drafted.edition, settings, parts.stores)
    if as_json:
        say_json(edition_record(drafted.edition, remarks))
    else:
        print_edition(drafted.edition, remarks, why=why)


def show(
    edition: str = EditionArgument,
    as_json: bool = JsonOption,
    why: bool = typer.Option(False, "--why", help="Say why each story is in, and why the others are not."),
    config: Path | None = ConfigOption,
) -> None:
    """Show an edition."""
    from digest.app import open_config, open_stores

    settings = open_config(config)
    stores = open_stores(settings)
    found = stores.editions.get(stores.editions.resolve(edition))
    remarks = _remarks(found, settings, stores)
    if as_json:
        say_json(edition_record(found, remarks))
    else:
        print_edition(found, remarks, why=why)


def edit(
    edition: str = EditionArgument,
    pin: list[str] = typer.Option([], "--pin", metavar="STORY", help=f"Keep a story in. {STORY}"),
    unpin: list[str] = typer.Option([], "--unpin", metavar="STORY", help="Take a pin off."),
    drop: list[str] = typer.Option([], "--drop", metavar="STORY", help="Take a story out."),
    restore: list[str] = typer.Option([], "--restore", metavar="STORY", help="Put a dropped story back."),
    move: str | None = typer.Option(
        None, "--move", metavar="STORY", help="Move a story, with --section, --position or both."
    ),
    section: str | None = typer.Option(None, "--section", help="The section to move it to."),
    position: int | None = typer.Option(
        None, "--position", min=1, help="Its place in the section; 1 is the first."
    ),
    rewrite: str | None = typer.Option(
        None, "--rewrite", metavar="STORY", help="Rewrite a story's words, with the options below."
    ),
    headline: str | None = typer.Option(None, "--headline"),
    text: str | None = typer.Option(None, "--text", help="The blurb."),
    caption: str | None = typer.Option(None, "--caption"),
    credit: str | None = typer.Option(None, "--credit"),
    alt: str | None = typer.Option(None, "--alt"),
    subject: str | None = typer.Option(None, "--subject", help="The email's subject."),
    preheader: str | None = typer.Option(
        None, "--preheader", help="The line that mailboxes show after the subject."
    ),
    editors_note: str | None = typer.Option(
        None, "--note", help="A note above the stories; an empty one takes it off."
    ),
    config: Path | None = ConfigOption,
) -> None:
    """Pin, drop, move and rewrite; several changes at once are one revision."""
    from digest.app import now, open_config, open_stores
    from digest.edition import find_dropped, find_item
    from digest.model import Edit, EditKind
    from digest.pipeline.changing import change

    settings = open_config(config)
    stores = open_stores(settings)
    editions = stores.editions
    name = editions.resolve(edition)
    before = editions.get(name)
    edits: list[Edit] = []
    for kind, references in ((EditKind.PIN, pin), (EditKind.UNPIN, unpin), (EditKind.DROP, drop)):
        edits += [Edit(kind=kind, story_id=find_item(before, reference).story_id) for reference in references]
    edits += [Edit(kind=EditKind.RESTORE, story_id=find_dropped(before, one).story_id) for one in restore]
    if move is not None:
        if section is None and position is None:
            raise UsageError("--move needs --section, --position or both.")
        place = None if position is None else position - 1
        moved = find_item(before, move).story_id
        edits.append(Edit(kind=EditKind.MOVE, story_id=moved, section=section, position=place))
    elif section is not None or position is not None:
        raise UsageError("--section and --position go with --move STORY.")
    words = {"headline": headline, "text": text, "caption": caption, "credit": credit, "alt": alt}
    given = {field: value for field, value in words.items() if value is not None}
    if bool(given) != (rewrite is not None):
        raise UsageError("--rewrite STORY goes with --headline, --text, --caption, --credit or --alt.")
    if rewrite is not None:
        story = find_item(before, rewrite).story_id
        edits += [
            Edit(kind=EditKind.REWRITE, story_id=story, field=f, text=value) for f, value in given.items()
        ]
    lines = ((EditKind.SUBJECT, subject), (EditKind.PREHEADER, preheader), (EditKind.NOTE, editors_note))
    edits += [Edit(kind=kind, text=value) for kind, value in lines if value is not None]
    if not edits:
        raise UsageError("Nothing to change was named. 'digest edit --help' lists what can be.")
    changed = change(editions, name, edits, now=now())
    remarks = _remarks(changed, settings, stores)
    print_edition(changed, remarks)
    _warn(remarks, edits)


def _remarks(edition: Edition, settings: Config, stores: Stores) -> tuple[Remark, ...]:
    """Return what the editor should look at; of one that cannot be laid out, all but what would be cut."""
    from digest.app import parts_of
    from digest.pipeline.reviewing import remarks_on_cuts, review
    from digest.pipeline.trimming import find_cuts

    remarks = review(edition, stores.stories.find)
    try:
        cuts = find_cuts(parts_of(settings, stores, edition.name.newsletter), edition)
    except (RenderError, ConfigError):
        return remarks
    return remarks_on_cuts(cuts, edition) + remarks


def _warn(remarks: tuple[Remark, ...], edits: list[Edit]) -> None:
    """Tell at once what is to be looked at in what was just written."""
    written = {(edit.story_id, edit.field or str(edit.kind)) for edit in edits}
    for remark in remarks:
        if (remark.story_id, remark.field) in written:
            note(f"digest: warning: {remark.message}")


def approve(edition: str = EditionArgument, config: Path | None = ConfigOption) -> None:
    """Approve an edition, so that it can be sent."""
    from digest.app import now, open_config, open_stores
    from digest.pipeline.changing import approve_edition

    editions = open_stores(open_config(config)).editions
    approved = approve_edition(editions, editions.resolve(edition), now=now())
    say(f"{approved.name} is {approved.state}.")


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
    port: int = typer.Option(8765, "--port", min=0, max=65535, help="0 picks a free one."),
    open_browser: bool = typer.Option(False, "--open", help="Open it in the browser."),
    config: Path | None = ConfigOption,
) -> None:
    """Serve an edition on 127.0.0.1: desktop and phone widths, text, headers."""
    from digest.app import open_config, open_stores
    from digest.web.desk.serving import serve_desk

    settings = open_config(config)
    name = open_stores(settings).editions.resolve(edition)
    serve_desk(settings, name, port=port, open_browser=open_browser, announce=say)


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
