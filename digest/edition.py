"""Assemble an edition and apply the editor's changes to it: pure, every change a new revision.

An edition keeps the draft as it was made and the list of edits; its items are always the draft with the
edits replayed (`replaying`). Drafting again replays them on the new draft, so nothing the editor did is lost:

- a story that the editor pinned, rewrote, moved or put in stays, even when it would no longer be chosen;
- a dropped story stays out and can be restored, and takes no place;
- an edit of a story that is gone waits for its return;
- the subject and the preheader follow the leading headline until the editor sets them;
- what was undone can be made again until something else is changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from itertools import pairwise

from digest.errors import EditionError
from digest.items import find_among, in_sections, make_item, place_of
from digest.model import (
    Blurb,
    Edit,
    Edition,
    EditionName,
    EditionState,
    EditKind,
    Item,
    LeftOut,
    Newsletter,
    Ranked,
    Sentence,
    StoryId,
)
from digest.replaying import OF_THE_EDITION, OF_THE_IMAGE, replay
from digest.subject.cleaning import tidy

REWRITABLE = ("headline", "text", *OF_THE_IMAGE)


def assemble(
    newsletter: Newsletter,
    *,
    date: date,
    ranked: Sequence[Ranked],
    blurbs: Mapping[StoryId, Blurb],
    left_out: Iterable[LeftOut],
    made_at: datetime,
    previous: Edition | None = None,
) -> Edition:
    """Make the edition of a date, replaying on it the edits of the draft it replaces.

    A story without a blurb shows its headline alone. Raises EditionError when `previous` was approved.
    """
    drafted = tuple(make_item(entry, blurbs.get(entry.story.id)) for entry in ranked)
    edition = Edition(
        name=EditionName(newsletter=newsletter.name, date=date),
        title=newsletter.title,
        subject="",
        preheader="",
        items=drafted,
        drafted=drafted,
        made_at=made_at,
        language=newsletter.language,
        left_out=tuple(left_out),
    )
    if previous is not None:
        _refuse_unless_draft(previous)
        edition = _carry_over(edition, previous)
    return _settled(edition)


def apply_edit(edition: Edition, edit: Edit) -> Edition:
    """Return the edition's next revision with one more edit; what was undone cannot be made again after it.

    Raises EditionError when the edition is no draft any more or the edit does not fit it.
    """
    _refuse_unless_draft(edition)
    edits = (*edition.edits, _checked(edition, edit))
    return _settled(replace(edition, edits=edits, undone=()), before=edition)


def undo(edition: Edition) -> Edition:
    """Return the edition's next revision without its last edit.

    Raises EditionError when the edition is no draft any more or nothing was changed.
    """
    _refuse_unless_draft(edition)
    if not edition.edits:
        raise EditionError(f"There is nothing to undo: {edition.name} stands as it was drafted.")
    undone = (edition.edits[-1], *edition.undone)
    return _settled(replace(edition, edits=edition.edits[:-1], undone=undone), before=edition)


def redo(edition: Edition) -> Edition:
    """Return the edition's next revision with the edit made again that was undone last.

    Raises EditionError when the edition is no draft any more or nothing was undone since its last edit.
    """
    _refuse_unless_draft(edition)
    if not edition.undone:
        raise EditionError(f"There is nothing to make again: no change of {edition.name} was undone last.")
    edits = (*edition.edits, edition.undone[0])
    return _settled(replace(edition, edits=edits, undone=edition.undone[1:]), before=edition)


def approve(edition: Edition) -> Edition:
    """Return the edition approved, held no more; one that was approved or sent comes back as it is.

    Raises EditionError when it holds no story.
    """
    if edition.state is not EditionState.DRAFT:
        return edition
    if not edition.items:
        raise EditionError(
            f"{edition.name} holds no story. Restore one, or draft it again, before approving it."
        )
    return replace(edition, state=EditionState.APPROVED, is_held=False, revision=edition.revision + 1)


def hold(edition: Edition) -> Edition:
    """Return the edition as a draft that only a person approves; one that is held comes back as it is.

    Raises EditionError when it was sent.
    """
    _refuse_sent(edition, "be held")
    if edition.is_held and edition.state is EditionState.DRAFT:
        return edition
    return replace(edition, state=EditionState.DRAFT, is_held=True, revision=edition.revision + 1)


def schedule_at(edition: Edition, moment: datetime | None) -> Edition:
    """Return the edition to be sent at that moment; with None, at its newsletter's hour.

    Raises EditionError when it was sent.
    """
    _refuse_sent(edition, "be scheduled")
    if edition.send_at == moment:
        return edition
    return replace(edition, send_at=moment, revision=edition.revision + 1)


def mark_sent(edition: Edition) -> Edition:
    """Return the edition as sent; one that was sent comes back as it is. Raises EditionError on a draft."""
    if edition.state is EditionState.SENT:
        return edition
    if edition.state is EditionState.DRAFT:
        raise EditionError(f"{edition.name} is not approved. Type 'digest approve {edition.name}' first.")
    return replace(edition, state=EditionState.SENT, revision=edition.revision + 1)


def find_item(edition: Edition, ref: str) -> Item:
    """Return the item with that story id, unique beginning of one, or place (1 is the first).

    Raises EditionError naming what there is.
    """
    return find_among(edition.items, ref, name=edition.name)


def find_dropped(edition: Edition, ref: str) -> Item:
    """Return the item the editor dropped, named as for `find_item`; places count the dropped ones."""
    return find_among(dropped_items(edition), ref, name=edition.name)


def find_left_out(edition: Edition, ref: str) -> LeftOut:
    """Return the story that was left out, named as for `find_item`; places count those left out."""
    return find_among(edition.left_out, ref, name=edition.name)


def dropped_items(edition: Edition) -> tuple[Item, ...]:
    """Return the items that the editor dropped, as they were made."""
    shown = {item.story_id for item in edition.items}
    return tuple(item for item in edition.chosen if item.story_id not in shown)


def held_items(edition: Edition) -> dict[StoryId, tuple[Item, str]]:
    """Return the items that stay whatever is drafted, as they are shown, with what the editor did to them."""
    moved = {edit.story_id for edit in edition.standing if edit.kind is EditKind.MOVE}
    put_in = _put_in(edition)
    held = {}
    for item in edition.items:
        did = [
            *["pinned"] * item.is_pinned,
            *["moved"] * (item.story_id in moved),
            *["rewritten"] * any(field != "image" for field in item.edited),
            *["given another picture"] * ("image" in item.edited),
            *["put in"] * (item.story_id in put_in),
        ]
        if did:
            held[item.story_id] = (item, did[0])
    return held


# --- drafting again ------------------------------------------------------------------------------


def _carry_over(edition: Edition, previous: Edition) -> Edition:
    """Put on a new draft what the editor did to the one before, with the stories and pictures that it needs.

    What the editor put in stands by that edit alone, brought up to date: it goes when the edit is undone.
    """
    put_in = _put_in(previous)
    fresh = {item.story_id: item for item in _with_captioned(edition.drafted, previous)}
    return replace(
        edition,
        drafted=_with_held([item for key, item in fresh.items() if key not in put_in], previous),
        edits=tuple(_brought_up(edit, fresh) for edit in previous.edits),
        undone=previous.undone,
        revision=previous.revision + 1,
        is_held=previous.is_held,
        send_at=previous.send_at,
    )


def _brought_up(edit: Edit, fresh: Mapping[StoryId, Item]) -> Edit:
    """Bring what the editor put in up to date, in an edit and in those that it goes back to."""
    item = fresh.get(edit.item.story_id, edit.item) if edit.item is not None else None
    return replace(edit, item=item, edits=tuple(_brought_up(one, fresh) for one in edit.edits))


def _put_in(edition: Edition) -> set[StoryId]:
    return {edit.item.story_id for edit in edition.standing if edit.item is not None}


def _with_captioned(drafted: Iterable[Item], previous: Edition) -> list[Item]:
    """Keep the drafted pictures for which the editor wrote words."""
    before = {item.story_id: item for item in previous.chosen}
    captioned = {
        item.story_id
        for item in previous.items
        if "image" not in item.edited and any(field in OF_THE_IMAGE for field in item.edited)
    }
    return [
        replace(item, image=before[item.story_id].image) if item.story_id in captioned else item
        for item in drafted
    ]


def _with_held(drafted: list[Item], previous: Edition) -> tuple[Item, ...]:
    """Add the stories of the previous draft that stay whatever is drafted, and those that were dropped."""
    before = {item.story_id: item for item in previous.drafted}
    present = {item.story_id for item in drafted}
    items = list(drafted)
    items += [before[key] for key in held_items(previous) if key in before and key not in present]
    for dropped in dropped_items(previous):
        if dropped.story_id in before and dropped.story_id not in present:
            items.insert(place_of(dropped, items), dropped)
    return tuple(in_sections(items, [item.section for item in items]))


def _settled(edition: Edition, *, before: Edition | None = None) -> Edition:
    """Replay the edits, and tell of each story that it is in or left out.

    After `before` it is the next revision, and what the editor had put in there and is in no more is left out again.
    """
    edition = replay(edition if before is None else replace(edition, revision=before.revision + 1))
    told = {item.story_id for item in edition.chosen}
    left_out = [one for one in edition.left_out if one.story_id not in told]
    told |= {one.story_id for one in left_out}
    for edit in before.standing if before is not None else ():
        back = edit.left_out
        if back is not None and back.story_id not in told:
            after = (place for place, one in enumerate(left_out) if _order(one) > _order(back))
            left_out.insert(next(after, len(left_out)), back)
            told.add(back.story_id)
    return replace(edition, left_out=tuple(left_out))


def _order(one: LeftOut) -> tuple[bool, float, str]:
    """Return what sorts the stories that were left out: the best first, those that were not weighed last."""
    return one.score is None, -(one.score or 0.0), one.story_id


# --- refusing ------------------------------------------------------------------------------------


def _refuse_unless_draft(edition: Edition) -> None:
    _refuse_sent(edition, "change")
    if edition.state is not EditionState.DRAFT:
        raise EditionError(
            f"{edition.name} was {edition.state.value} and changes no more. "
            f"'digest approve {edition.name} --hold' makes it a draft again. To edit each before it is sent, "
            'set approval = "manual" in the newsletter\'s table.'
        )


def _refuse_sent(edition: Edition, what: str) -> None:
    if edition.state is EditionState.SENT:
        raise EditionError(f"{edition.name} was sent and cannot {what} any more. Change the next one.")


def _checked(edition: Edition, edit: Edit) -> Edit:
    if edit.kind in OF_THE_EDITION or edit.kind is EditKind.GO_BACK:
        return edit
    if edit.kind is EditKind.INCLUDE:
        return _checked_inclusion(edition, edit)
    if edit.story_id is None:
        raise EditionError(
            f"The edit '{edit.kind.value}' of {edition.name} names no story. Name one by its place or id."
        )
    item = (
        find_dropped(edition, edit.story_id)
        if edit.kind is EditKind.RESTORE
        else find_item(edition, edit.story_id)
    )
    if edit.kind is EditKind.REWRITE:
        _check_rewrite(edition, edit, item)
    if edit.kind is EditKind.MOVE and edit.section is None and edit.position is None:
        raise EditionError(f"Moving '{item.headline}' needs a section or a position. Give one of them.")
    section = None if edit.section is None else tidy(edit.section)
    sentences = _in_story_order(edit.sentences, item)
    return replace(edit, story_id=item.story_id, section=section, sentences=sentences)


def _checked_inclusion(edition: Edition, edit: Edit) -> Edit:
    if edit.item is None:
        raise EditionError(f"The edit 'include' of {edition.name} has no story. Name one that was left out.")
    story_id = edit.item.story_id
    if story_id in {item.story_id for item in edition.items}:
        raise EditionError(f"'{edit.item.headline}' is in {edition.name} already.")
    if story_id in {item.story_id for item in edition.chosen}:
        raise EditionError(f"'{edit.item.headline}' was dropped from {edition.name}. Restore it.")
    why = next((one for one in edition.left_out if one.story_id == story_id), None)
    return replace(edit, story_id=story_id, left_out=why or edit.left_out)


def _in_story_order(sentences: Iterable[Sentence], item: Item) -> tuple[Sentence, ...]:
    """Return sentences as the story has them, each once; raise EditionError where two of them overlap."""
    ordered = sorted(set(sentences), key=lambda one: (one.start, one.end))
    for one, following in pairwise(ordered):
        if following.start < one.end:
            raise EditionError(
                f"Two sentences for the blurb of '{item.headline}' overlap. Choose one of them: "
                f"“{one.text[:60]}” or “{following.text[:60]}”."
            )
    return tuple(ordered)


def _check_rewrite(edition: Edition, edit: Edit, item: Item) -> None:
    if edit.field not in REWRITABLE:
        raise EditionError(
            f"'{edit.field}' of '{item.headline}' cannot be rewritten. What can: {', '.join(REWRITABLE)}."
        )
    if edit.field == "headline" and edit.text is not None and not tidy(edit.text):
        raise EditionError(
            f"The headline of '{item.headline}' cannot be empty. Write one, or drop the story."
        )
    if edit.field in OF_THE_IMAGE and item.image is None:
        raise EditionError(f"'{item.headline}' has no picture, so its {edit.field} cannot be rewritten.")
