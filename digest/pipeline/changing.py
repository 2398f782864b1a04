"""Change, approve, hold and schedule an edition: each is a new revision that says what was done and by whom.

Every use case takes `base`, the revision that its caller looked at: where another one is the newest by now it raises
StaleEditionError, which tells who changed what, and changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from digest.edition import apply_edit, approve, hold, redo, schedule_at, undo
from digest.errors import EditionError
from digest.model import Edit, Edition, EditionName, EditKind, Sentence
from digest.pipeline.choices import include_edit, picture_edit, sentences_edit
from digest.pipeline.edit_words import tell_edit
from digest.pipeline.parts import Parts, Stores
from digest.store.editions import Editions, stale

FARTHEST = timedelta(days=366)
"""How far ahead an edition can be scheduled."""


def change(
    editions: Editions,
    name: EditionName,
    edits: Sequence[Edit],
    *,
    now: datetime,
    who: str = "",
    base: int | None = None,
) -> Edition:
    """Apply the editor's changes, all or none, and save them as one revision.

    Raises EditionError for a change that the edition does not allow.
    """
    before = looked_at(editions, name, base)
    edition, told = before, []
    for edit in edits:
        edition = apply_edit(edition, edit)
        told.append(tell_edit(edition, edition.edits[-1]))
    if edition is before:
        return before
    edition = replace(edition, revision=before.revision + 1)
    editions.save(edition, what="; ".join(told), now=now, who=who)
    return edition


def undo_change(
    editions: Editions, name: EditionName, *, now: datetime, who: str = "", base: int | None = None
) -> Edition:
    """Take the editor's last change back. Raises EditionError where there is none."""
    before = looked_at(editions, name, base)
    edition = undo(before)
    editions.save(edition, what=f"undid: {tell_edit(before, edition.undone[0])}", now=now, who=who)
    return edition


def redo_change(
    editions: Editions, name: EditionName, *, now: datetime, who: str = "", base: int | None = None
) -> Edition:
    """Make the change again that was undone last. Raises EditionError where there is none."""
    edition = redo(looked_at(editions, name, base))
    editions.save(edition, what=f"redid: {tell_edit(edition, edition.edits[-1])}", now=now, who=who)
    return edition


def go_back(
    editions: Editions,
    name: EditionName,
    revision: int,
    *,
    now: datetime,
    who: str = "",
    base: int | None = None,
) -> Edition:
    """Make the editor's changes those of an earlier revision again; undoing it brings the present ones back.

    Raises UnknownEditionError where there is no such revision.
    """
    standing = editions.at_revision(name, revision).standing
    edit = Edit(kind=EditKind.GO_BACK, revision=revision, edits=standing)
    return change(editions, name, [edit], now=now, who=who, base=base)


def include_story(
    parts: Parts, name: EditionName, ref: str, *, who: str = "", base: int | None = None
) -> Edition:
    """Put in a story that was left out, condensed now, at the end of its section.

    `ref` is its id, a unique beginning of one, or its place among those left out. Raises EditionError where it is
    not kept any more.
    """
    editions = parts.stores.editions
    edit = include_edit(parts, looked_at(editions, name, base), ref)
    return change(editions, name, [edit], now=parts.now(), who=who, base=base)


def choose_sentences(
    stores: Stores,
    name: EditionName,
    ref: str,
    sentences: Sequence[Sentence],
    *,
    now: datetime,
    who: str = "",
    base: int | None = None,
) -> Edition:
    """Make these sentences of a story its blurb, in the story's order; of none, the drafted blurb again.

    Raises EditionError where one of them does not stand in the story as it says.
    """
    edit = sentences_edit(stores.stories, looked_at(stores.editions, name, base), ref, sentences)
    return change(stores.editions, name, [edit], now=now, who=who, base=base)


def choose_picture(
    stores: Stores,
    name: EditionName,
    ref: str,
    number: int | None,
    *,
    now: datetime,
    who: str = "",
    base: int | None = None,
) -> Edition:
    """Show another picture of a story, counted from 1 as `story_pictures` has them; with None, none.

    Raises EditionError where the story has no such picture.
    """
    edit = picture_edit(stores.stories, looked_at(stores.editions, name, base), ref, number)
    return change(stores.editions, name, [edit], now=now, who=who, base=base)


def approve_edition(
    editions: Editions, name: EditionName, *, now: datetime, who: str = "", base: int | None = None
) -> Edition:
    """Approve an edition, and hold it no more; twice is the same as once."""
    return _set(editions, name, approve, "approved it", now=now, who=who, base=base)


def hold_edition(
    editions: Editions, name: EditionName, *, now: datetime, who: str = "", base: int | None = None
) -> Edition:
    """Make an edition a draft that only a person approves. Raises EditionError where it was sent."""
    return _set(editions, name, hold, "held it back", now=now, who=who, base=base)


def schedule_edition(
    editions: Editions,
    name: EditionName,
    moment: datetime | None,
    *,
    now: datetime,
    who: str = "",
    base: int | None = None,
) -> Edition:
    """Set when an edition goes out; with None, at its newsletter's hour.

    Raises EditionError where it was sent, or the moment has passed or is more than a year away.
    """
    if moment is not None and moment <= now:
        raise EditionError(
            f"{moment:%Y-%m-%d %H:%M %Z} has passed. Give a later hour, or type 'digest send {name}' to send it now."
        )
    if moment is not None and moment > now + FARTHEST:
        raise EditionError(f"{moment:%Y-%m-%d} is more than a year away. Give a nearer day.")
    what = f"set it to go out at {moment:%Y-%m-%d %H:%M %Z}" if moment else "set it to its newsletter's hour"
    return _set(
        editions, name, lambda edition: schedule_at(edition, moment), what, now=now, who=who, base=base
    )


def _set(
    editions: Editions,
    name: EditionName,
    step: Callable[[Edition], Edition],
    what: str,
    *,
    now: datetime,
    who: str,
    base: int | None,
) -> Edition:
    before = looked_at(editions, name, base)
    edition = step(before)
    if edition is not before:
        editions.save(edition, what=what, now=now, who=who)
    return edition


def looked_at(editions: Editions, name: EditionName, base: int | None) -> Edition:
    """Return the newest revision; raise StaleEditionError where it is another than `base`."""
    edition = editions.get(name)
    if base is not None and edition.revision != base:
        raise stale(name, editions.revisions(name, since=min(base, edition.revision - 1)))
    return edition
