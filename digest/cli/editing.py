"""Commands that make and change editions: draft, show, edit, approve, render, check, preview."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

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
from digest.errors import UsageError

if TYPE_CHECKING:
    from digest.model import Edition, Finding, Item, LeftOut, Rendered
    from digest.pipeline.parts import Parts

STORY = "A story's place in the edition (1, 2, ...) or the start of its id."


def add_commands(app: typer.Typer) -> None:
    """Add this module's commands."""
    app.command("draft")(draft)
    app.command("show")(show)
    app.command("edit")(edit)
    app.command("approve")(approve)
    app.command("render")(render)
    app.command("check")(check)
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
            say_json({"state": "quiet", "found": drafted.found, "left_out": _left_out(drafted.left_out)})
        else:
            say(
                f"quiet: {drafted.found} stories, at least {chosen.min_stories} are wanted. "
                "No edition was made. 'digest fetch' reads the sources."
            )
            if why:
                _print_left_out(drafted.left_out)
        return
    if as_json:
        say_json(edition_record(drafted.edition))
    else:
        print_edition(drafted.edition, why=why)


def show(
    edition: str = EditionArgument,
    as_json: bool = JsonOption,
    why: bool = typer.Option(False, "--why", help="Say why each story is in, and why the others are not."),
    config: Path | None = ConfigOption,
) -> None:
    """Show an edition."""
    from digest.app import open_config, open_stores

    editions = open_stores(open_config(config)).editions
    found = editions.get(editions.resolve(edition))
    if as_json:
        say_json(edition_record(found))
    else:
        print_edition(found, why=why)


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
    from digest.pipeline.drafting import change

    editions = open_stores(open_config(config)).editions
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
    print_edition(change(editions, name, edits, now=now()))


def approve(edition: str = EditionArgument, config: Path | None = ConfigOption) -> None:
    """Approve an edition, so that it can be sent."""
    from digest.app import now, open_config, open_stores
    from digest.pipeline.drafting import approve_edition

    editions = open_stores(open_config(config)).editions
    approved = approve_edition(editions, editions.resolve(edition), now=now())
    say(f"{approved.name} is {approved.state}.")


def render(
    edition: str = EditionArgument,
    out: Path = typer.Option(..., "--out", metavar="DIR", help="Where to write the files."),
    config: Path | None = ConfigOption,
) -> None:
    """Write email.html, email.txt, email.mjml, subject.txt and message.eml."""
    from digest.pipeline.sending import rendering_files

    parts, rendered = _render(edition, config)
    for file, content in rendering_files(parts, rendered).items():
        write_file(out / file, content)
        say(str(out / file))


def check(
    target: str = typer.Argument(
        ..., metavar="EDITION|DIR|FILE.html", help="An edition, or what 'digest render' wrote."
    ),
    as_json: bool = JsonOption,
    config: Path | None = ConfigOption,
) -> None:
    """Look an email over before it is sent; exit 1 on an error finding."""
    from digest.model import Severity

    findings = _findings(target, config)
    for finding in findings:
        if as_json:
            fields = ("rule", "severity", "where", "message")
            say_json({field: str(getattr(finding, field)) for field in fields})
        else:
            say(f"{finding.severity:<8} {finding.rule:<22} {finding.where}: {finding.message}")
    if not findings and not as_json:
        note("Nothing was found.")
    if any(finding.severity is Severity.ERROR for finding in findings):
        raise typer.Exit(1)


def preview(
    edition: str = typer.Argument("latest", metavar="[EDITION]", help="NEWSLETTER/DATE, or 'latest'."),
    port: int = typer.Option(8765, "--port", min=0, max=65535, help="0 picks a free one."),
    open_browser: bool = typer.Option(False, "--open", help="Open it in the browser."),
    config: Path | None = ConfigOption,
) -> None:
    """Serve an edition on 127.0.0.1: desktop and phone widths, text, headers."""
    from digest.app import open_config, open_stores
    from digest.web.desk import serve_desk

    settings = open_config(config)
    name = open_stores(settings).editions.resolve(edition)
    serve_desk(settings, name, port=port, open_browser=open_browser, announce=say)


def edition_record(edition: Edition) -> dict[str, Any]:
    """Return an edition as JSON holds it."""
    from digest.cli.reading import image_record
    from digest.edition import dropped_items

    return {
        "edition": str(edition.name),
        "state": str(edition.state),
        "revision": edition.revision,
        "title": edition.title,
        "subject": edition.subject,
        "preheader": edition.preheader,
        "note": edition.note,
        "items": [
            {
                "id": item.story_id,
                "section": item.section,
                "headline": item.headline,
                "text": item.text,
                "sentences": [{"text": s.text, "start": s.start, "end": s.end} for s in item.blurb.sentences],
                "method": item.blurb.method,
                "image": image_record(item.image),
                "url": item.url,
                "site": item.site,
                "is_pinned": item.is_pinned,
                "edited": list(item.edited),
                "also_in": [{"site": a.site, "title": a.title, "url": a.url} for a in item.also_in],
                "score": round(item.score, 4),
                "reasons": [
                    {"name": r.name, "value": round(r.value, 4), "detail": r.detail} for r in item.reasons
                ],
            }
            for item in edition.items
        ],
        "dropped": [{"id": item.story_id, "headline": item.headline} for item in dropped_items(edition)],
        "left_out": _left_out(edition.left_out),
    }


def print_edition(edition: Edition, *, why: bool = False) -> None:
    """Print an edition for a person to read."""
    from digest.edition import dropped_items

    say(f"{edition.name}  {edition.state}, revision {edition.revision}")
    say(f"Subject:   {edition.subject}")
    say(f"Preheader: {edition.preheader}")
    if edition.note:
        say(f"Note:      {edition.note}")
    place = 0
    for section, items in edition.sections:
        say(f"\n{section}")
        for item in items:
            place += 1
            _print_item(place, item, why)
    dropped = dropped_items(edition)
    if dropped:
        say("\nDropped (--restore brings one back)")
    for item in dropped:
        say(f"  -  {item.headline}  ({item.story_id[:8]})")
    if why:
        _print_left_out(edition.left_out)


def _print_item(place: int, item: Item, why: bool) -> None:
    pinned = " [pinned]" if item.is_pinned else ""
    say(f"{place:>3}. {item.headline}{pinned}")
    also = f", also in {', '.join(other.site for other in item.also_in)}" if item.also_in else ""
    say(f"     {item.site}{also}  ({item.story_id[:8]})")
    say(f"     {item.text}")
    if item.image and item.image.caption:
        say(f"     Picture: {item.image.caption}" + (f" ({item.image.credit})" if item.image.credit else ""))
    if why:
        reasons = ", ".join(
            f"{r.name} {r.value:+.2f}" + (f" ({r.detail})" if r.detail else "") for r in item.reasons
        )
        say(f"     Why: {item.score:.2f} = {reasons}")


def _print_left_out(left_out: tuple[LeftOut, ...]) -> None:
    if left_out:
        say("\nLeft out")
    for one in left_out:
        say(f"  -  {one.title} ({one.site}): {one.why}")


def _left_out(left_out: tuple[LeftOut, ...]) -> list[dict[str, Any]]:
    return [
        {"id": o.story_id, "title": o.title, "site": o.site, "why": o.why, "score": round(o.score, 4)}
        for o in left_out
    ]


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


def _findings(target: str, config: Path | None) -> list[Finding]:
    from digest.check.preflight import check_html, check_rendered

    path = Path(target)
    if path.is_dir() or path.suffix in (".html", ".htm"):
        file = path / "email.html" if path.is_dir() else path
        try:
            return check_html(file.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError) as exc:
            raise UsageError(
                f"Cannot read {file} ({exc}). Name an edition, a folder that 'digest render' wrote, or a page."
            ) from exc
    from digest.pipeline.sending import count_readers

    parts, rendered = _render(target, config)
    return check_rendered(
        rendered,
        parts.stores.editions.get(rendered.name),
        parts.newsletter,
        readers=count_readers(parts),
    )
