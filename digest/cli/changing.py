"""Commands that change an edition: edit, approve."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from digest.cli.output import ConfigOption, EditionArgument, note, say
from digest.cli.showing import print_edition, remarks_of
from digest.errors import UsageError

if TYPE_CHECKING:
    from digest.model import Edit, Edition, EditionName
    from digest.pipeline.parts import Parts
    from digest.pipeline.reviewing import Remark

STORY = "A story's place in the edition (1, 2, ...) or the start of its id."
NO_PICTURE = "none"
USUAL = "usual"

Pin = typer.Option([], "--pin", metavar="STORY", help=f"Keep a story in. {STORY}")
Unpin = typer.Option([], "--unpin", metavar="STORY", help="Take a pin off.")
Drop = typer.Option([], "--drop", metavar="STORY", help="Take a story out.")
Restore = typer.Option([], "--restore", metavar="STORY", help="Put a dropped story back.")
Include = typer.Option(
    [],
    "--include",
    metavar="STORY",
    help="Put in one that was left out: its place in 'show --why', or its id.",
)
Move = typer.Option(None, "--move", metavar="STORY", help="Move a story, with --section, --position or both.")
Section = typer.Option(None, "--section", help="The section to move it to.")
Position = typer.Option(None, "--position", min=1, help="Its place in the section; 1 is the first.")
Rewrite = typer.Option(
    None, "--rewrite", metavar="STORY", help="Rewrite a story's words, with the options below."
)
Headline = typer.Option(None, "--headline")
Text = typer.Option(None, "--text", help="The blurb.")
Caption = typer.Option(None, "--caption")
Credit = typer.Option(None, "--credit")
Alt = typer.Option(None, "--alt")
Sentences = typer.Option(
    [],
    "--sentences",
    metavar="STORY=N,N",
    help="Make the blurb of these sentences, as 'show --story' counts them; of none, as it was drafted.",
)
Pictures = typer.Option(
    [], "--picture", metavar="STORY=N", help="Show another picture, as 'show --story' counts them, or none."
)
Subject = typer.Option(None, "--subject", help="The email's subject.")
Preheader = typer.Option(None, "--preheader", help="The line that mailboxes show after the subject.")
EditorsNote = typer.Option(None, "--note", help="A note above the stories; an empty one takes it off.")
Undo = typer.Option(False, "--undo", help="Take the last change back.")
Redo = typer.Option(False, "--redo", help="Make the change again that was undone last.")


def edit(
    edition: str = EditionArgument,
    pin: list[str] = Pin,
    unpin: list[str] = Unpin,
    drop: list[str] = Drop,
    restore: list[str] = Restore,
    include: list[str] = Include,
    move: str | None = Move,
    section: str | None = Section,
    position: int | None = Position,
    rewrite: str | None = Rewrite,
    headline: str | None = Headline,
    text: str | None = Text,
    caption: str | None = Caption,
    credit: str | None = Credit,
    alt: str | None = Alt,
    sentences: list[str] = Sentences,
    picture: list[str] = Pictures,
    subject: str | None = Subject,
    preheader: str | None = Preheader,
    editors_note: str | None = EditorsNote,
    undo: bool = Undo,
    redo: bool = Redo,
    config: Path | None = ConfigOption,
) -> None:
    """Pin, drop, move, rewrite and choose; several changes at once are one revision."""
    asked = Asked(
        plain={"pin": pin, "unpin": unpin, "drop": drop, "restore": restore},
        include=include,
        move=(move, section, position),
        rewrite=rewrite,
        words={"headline": headline, "text": text, "caption": caption, "credit": credit, "alt": alt},
        sentences=sentences,
        pictures=picture,
        lines={"subject": subject, "preheader": preheader, "note": editors_note},
    )
    parts, name = _open(edition, config)
    _show(parts, *_changed(parts, name, asked, undo=undo, redo=redo))


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What `digest edit` was asked to change, as it was typed."""

    plain: Mapping[str, Sequence[str]]
    include: Sequence[str]
    move: tuple[str | None, str | None, int | None]
    rewrite: str | None
    words: Mapping[str, str | None]
    sentences: Sequence[str]
    pictures: Sequence[str]
    lines: Mapping[str, str | None]

    def edits(self, parts: Parts, before: Edition) -> list[Edit]:
        """Return the edits; raise UsageError for options that do not go together, EditionError for a wrong name."""
        from digest.model import Edit, EditKind

        lines = [(EditKind(kind), text) for kind, text in self.lines.items() if text is not None]
        return [
            *self._of_stories(before),
            *self._moved(before),
            *self._rewritten(before),
            *self._chosen(parts, before),
            *(Edit(kind=kind, text=text) for kind, text in lines),
        ]

    def _of_stories(self, before: Edition) -> Iterator[Edit]:
        from digest.edition import find_dropped, find_item
        from digest.model import Edit, EditKind

        for name, references in self.plain.items():
            kind = EditKind(name)
            find = find_dropped if kind is EditKind.RESTORE else find_item
            for reference in references:
                yield Edit(kind=kind, story_id=find(before, reference).story_id)

    def _moved(self, before: Edition) -> Iterator[Edit]:
        from digest.edition import find_item
        from digest.model import Edit, EditKind

        story, section, position = self.move
        if story is None:
            if section is not None or position is not None:
                raise UsageError("--section and --position go with --move STORY.")
            return
        if section is None and position is None:
            raise UsageError("--move needs --section, --position or both.")
        place = None if position is None else position - 1
        moved = find_item(before, story).story_id
        yield Edit(kind=EditKind.MOVE, story_id=moved, section=section, position=place)

    def _rewritten(self, before: Edition) -> Iterator[Edit]:
        from digest.edition import find_item
        from digest.model import Edit, EditKind

        given = {field: value for field, value in self.words.items() if value is not None}
        if bool(given) != (self.rewrite is not None):
            raise UsageError("--rewrite STORY goes with --headline, --text, --caption, --credit or --alt.")
        if self.rewrite is not None:
            story = find_item(before, self.rewrite).story_id
            for field, value in given.items():
                yield Edit(kind=EditKind.REWRITE, story_id=story, field=field, text=value)

    def _chosen(self, parts: Parts, before: Edition) -> Iterator[Edit]:
        from digest.pipeline.choices import include_edit, numbered_edit, picture_edit

        stories = parts.stores.stories
        for reference in self.include:
            yield include_edit(parts, before, reference)
        for asked in self.sentences:
            story, numbers = _parted(asked, "--sentences 1=2,5")
            places = [_number(one, asked) for one in numbers.split(",") if one.strip()]
            yield numbered_edit(stories, before, story, places)
        for asked in self.pictures:
            story, number = _parted(asked, f"--picture 1=2, or --picture 1={NO_PICTURE}")
            chosen = None if number.strip().lower() == NO_PICTURE else _number(number, asked)
            yield picture_edit(stories, before, story, chosen)


def _parted(asked: str, example: str) -> tuple[str, str]:
    story, separator, choice = asked.rpartition("=")
    if not separator:
        raise UsageError(f"'{asked}' names no story and choice. Write it as {example}.")
    return story, choice


def _number(text: str, asked: str) -> int:
    text = text.strip()
    if not (text.isascii() and text.isdigit() and len(text) < 6):
        raise UsageError(f"'{text}' in '{asked}' is no number. 'digest show EDITION --story STORY' has them.")
    return int(text)


def _changed(
    parts: Parts, name: EditionName, asked: Asked, *, undo: bool, redo: bool
) -> tuple[Edition, list[Edit]]:
    """Change the edition; return it with the edits that were made now."""
    from digest.pipeline.changing import change, redo_change, undo_change
    from digest.process import login_name

    editions, who, now = parts.stores.editions, login_name(), parts.now()
    before = editions.get(name)
    edits = asked.edits(parts, before)
    if undo + redo + bool(edits) > 1:
        raise UsageError("--undo and --redo stand alone. Make other changes in a command of their own.")
    if undo:
        return undo_change(editions, name, now=now, who=who), []
    if redo:
        done = redo_change(editions, name, now=now, who=who)
        return done, [done.edits[-1]]
    if not edits:
        raise UsageError("Nothing to change was named. 'digest edit --help' lists what can be.")
    return change(editions, name, edits, now=now, who=who, base=before.revision), edits


def _show(parts: Parts, edition: Edition, edits: Sequence[Edit]) -> None:
    remarks = remarks_of(edition, parts)
    print_edition(edition, remarks)
    _warn(remarks, edits)


def _warn(remarks: Sequence[Remark], edits: Sequence[Edit]) -> None:
    """Tell at once what is to be looked at in what was just written."""
    written = {(edit.story_id, _field(edit)) for edit in edits}
    for remark in remarks:
        if (remark.story_id, remark.field) in written:
            note(f"digest: warning: {remark.message}")


def _field(edit: Edit) -> str:
    return edit.field or {"sentences": "text", "picture": "caption", "include": "text"}.get(
        edit.kind, edit.kind
    )


def _open(edition: str, config: Path | None) -> tuple[Parts, EditionName]:
    from digest.app import open_config, open_stores, parts_of

    settings = open_config(config)
    stores = open_stores(settings)
    name = stores.editions.resolve(edition)
    return parts_of(settings, stores, name.newsletter), name


def approve(
    edition: str = EditionArgument,
    hold: bool = typer.Option(
        False, "--hold", help="Take the approval back; only a person approves it then."
    ),
    at: str | None = typer.Option(
        None, "--at", metavar="HH:MM", help=f"When 'digest run' sends it; '{USUAL}': its newsletter's hour."
    ),
    config: Path | None = ConfigOption,
) -> None:
    """Approve an edition, so that it can be sent; hold it, or set its hour."""
    from digest.pipeline.changing import approve_edition, hold_edition, schedule_edition
    from digest.process import login_name

    if hold and at is not None:
        raise UsageError("--hold and --at do not go together. Set the hour when you approve it.")
    parts, name = _open(edition, config)
    editions, now, who = parts.stores.editions, parts.now(), login_name()
    if hold:
        hold_edition(editions, name, now=now, who=who)
        say(f"{name} is held: nothing is sent before 'digest approve {name}'.")
        return
    if at is not None:
        moment = None if at == USUAL else _moment(at, name, parts.newsletter.timezone)
        schedule_edition(editions, name, moment, now=now, who=who)
    approved = approve_edition(editions, name, now=now, who=who)
    when = _hour(approved, parts.newsletter.timezone)
    say(f"{approved.name} is {approved.state}{when}.")


def _hour(edition: Edition, zone: str) -> str:
    from zoneinfo import ZoneInfo

    from digest.model import EditionState

    if edition.send_at is None or edition.state is EditionState.SENT:
        return ""
    at = edition.send_at.astimezone(ZoneInfo(zone))
    return f", and goes out with the first 'digest run' after {at:%Y-%m-%d %H:%M} ({zone})"


def _moment(text: str, name: EditionName, zone: str) -> datetime:
    """Read an hour of the edition's date, or a moment; where it names no zone, it is the newsletter's."""
    from digest.timetable import Timing, sending_moment

    try:
        if len(text) <= len("06:30"):
            return sending_moment(Timing(send_at=time.fromisoformat(text.zfill(5)), zone=zone), name.date)
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(
            f"'{text}' is no hour. Write it as 06:30, as 2026-11-24T06:30, or as '{USUAL}'."
        ) from None
    if moment.tzinfo is not None:
        return moment
    return sending_moment(Timing(send_at=moment.time(), zone=zone), moment.date())
