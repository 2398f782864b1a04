"""Whatever an editor does can be undone and made again, also after a new draft; holding and scheduling with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.edition import apply_edit, approve, hold, mark_sent, redo, schedule_at, undo
from digest.errors import EditionError
from digest.model import Edit, Edition, EditionState, EditKind, Sentence
from digest.records import edition_from_dict, edition_to_dict
from tests.edition.test_choosing import LEFT_OUT, OTHER, include
from tests.edition.test_edition import NOW, draft, edit, edited, keys_of

KEYS = st.sampled_from("abcde")
TEXTS = st.sampled_from(["", "Ours", "Text a.", "Headline b", " spaced  out\n"])


def second(key: str) -> Sentence:
    return Sentence(text="More.", start=8, end=13) if key != "a" else Sentence(text="Text a.", start=0, end=7)


EDITS: st.SearchStrategy[Edit] = st.one_of(
    st.builds(edit, st.sampled_from([EditKind.PIN, EditKind.UNPIN, EditKind.DROP, EditKind.RESTORE]), KEYS),
    st.builds(
        lambda key, section, position: edit(EditKind.MOVE, key, section=section, position=position),
        KEYS,
        st.none() | st.sampled_from(["City", "Music", "Sport"]),
        st.none() | st.integers(-1, 5),
    ),
    st.builds(
        lambda key, field, text: edit(EditKind.REWRITE, key, field=field, text=text),
        KEYS,
        st.sampled_from(["headline", "text", "caption", "credit", "alt"]),
        st.none() | TEXTS,
    ),
    st.builds(
        lambda key, chosen: edit(EditKind.SENTENCES, key, sentences=(second(key),) if chosen else ()),
        KEYS,
        st.booleans(),
    ),
    st.builds(
        lambda key, image: edit(EditKind.PICTURE, key, image=image), KEYS, st.sampled_from([OTHER, None])
    ),
    st.builds(include, KEYS),
    st.builds(
        lambda kind, text: edit(kind, text=text),
        st.sampled_from([EditKind.SUBJECT, EditKind.PREHEADER, EditKind.NOTE]),
        TEXTS,
    ),
)


def seen(edition: Edition) -> Edition:
    """Return what an edition shows, whatever its revision and what could be made again."""
    return replace(edition, revision=0, edits=(), undone=(), drafted=())


def apply_those_that_fit(edition: Edition, edits: list[Edit]) -> Edition:
    for one in edits:
        try:
            edition = apply_edit(edition, one)
        except EditionError:
            continue
    return edition


def repeat(step: Callable[[Edition], Edition], edition: Edition, times: int) -> Edition:
    for _ in range(times):
        edition = step(edition)
    return edition


@settings(max_examples=150, deadline=None)
@given(st.lists(EDITS, max_size=12), st.data())
def test_undoing_and_making_again_give_each_state_back(edits: list[Edit], data: st.DataObject) -> None:
    drafted = draft("abc", left_out=LEFT_OUT[:2])
    edition = apply_those_that_fit(drafted, edits)
    count = len(edition.edits)
    back = data.draw(st.integers(0, count))

    some = repeat(undo, edition, back)

    assert seen(repeat(undo, edition, count)) == seen(drafted)
    assert seen(some) == seen(edited(drafted, *edition.edits[: count - back]))
    assert replace(repeat(redo, some, back), revision=0) == replace(edition, revision=0, undone=())
    assert some.revision == edition.revision + back


@settings(max_examples=150, deadline=None)
@given(st.lists(EDITS, max_size=12), st.sets(KEYS), st.data())
def test_a_new_draft_keeps_what_was_done_and_what_was_undone(
    edits: list[Edit], keys: set[str], data: st.DataObject
) -> None:
    edition = apply_those_that_fit(draft("abc", left_out=LEFT_OUT[:2]), edits)
    back = data.draw(st.integers(0, len(edition.edits)))
    before = repeat(undo, edition, back)

    again = draft("abc", previous=before, left_out=LEFT_OUT[:2])
    other = draft("".join(sorted(keys)), previous=before, left_out=LEFT_OUT[:2])

    assert keys_of(again) == keys_of(before)
    assert [item.edited for item in again.items] == [item.edited for item in before.items]
    assert {item.story_id for item in before.items if item.is_pinned or item.edited} <= {
        item.story_id for item in other.items
    }
    for drafted in (again, other):
        assert len({item.story_id for item in drafted.items}) == len(drafted.items)
        assert not {item.story_id for item in drafted.chosen} & {one.story_id for one in drafted.left_out}
        assert len(drafted.undone) == back
        assert keys_of(repeat(undo, repeat(redo, drafted, back), back)) == keys_of(drafted)
        assert edition_from_dict(edition_to_dict(drafted)) == drafted
        repeat(undo, drafted, len(drafted.edits))


def test_a_new_change_ends_what_could_be_made_again() -> None:
    edition = undo(edited(draft("abc"), edit(EditKind.PIN, "a"), edit(EditKind.DROP, "b")))

    changed = apply_edit(edition, edit(EditKind.DROP, "c"))

    assert (keys_of(edition), keys_of(changed), changed.undone) == ("abc", "ab", ())
    with pytest.raises(EditionError, match="nothing to make again"):
        redo(changed)


def test_a_draft_that_nobody_changed_has_nothing_to_undo() -> None:
    with pytest.raises(EditionError, match="nothing to undo: daily/2026-11-24 stands as it was drafted"):
        undo(draft("a"))


@pytest.mark.parametrize("step", [undo, redo])
def test_an_approved_edition_is_not_undone(step: Callable[[Edition], Edition]) -> None:
    edition = undo(edited(draft("ab"), edit(EditKind.PIN, "a"), edit(EditKind.DROP, "b")))

    with pytest.raises(EditionError, match=r"was approved and changes no more. 'digest approve .* --hold'"):
        step(approve(edition))


def test_a_held_edition_is_a_draft_that_can_be_changed_until_it_is_approved() -> None:
    held = hold(approve(draft("ab")))

    changed = apply_edit(held, edit(EditKind.DROP, "b"))
    approved = approve(changed)

    assert (held.state, held.is_held, held.revision, hold(held)) == (EditionState.DRAFT, True, 3, held)
    assert changed.is_held
    assert (approved.state, approved.is_held) == (EditionState.APPROVED, False)


def test_a_draft_can_be_held_and_stays_held_when_it_is_drafted_again() -> None:
    held = hold(schedule_at(draft("ab"), NOW))

    again = draft("ab", previous=held)

    assert (again.is_held, again.send_at, again.state) == (True, NOW, EditionState.DRAFT)


def test_an_hour_is_set_and_taken_back_on_a_draft_and_on_an_approved_edition() -> None:
    for edition in (draft("a"), approve(draft("a"))):
        later = schedule_at(edition, NOW + timedelta(hours=3))

        assert (later.send_at, later.state, later.revision) == (
            NOW + timedelta(hours=3),
            edition.state,
            edition.revision + 1,
        )
        assert schedule_at(later, later.send_at) is later
        assert schedule_at(later, None).send_at is None


@pytest.mark.parametrize(
    "step",
    [hold, lambda edition: schedule_at(edition, NOW), undo, redo],
    ids=["hold", "schedule", "undo", "redo"],
)
def test_what_was_sent_is_neither_held_nor_set_nor_undone(step: Callable[[Edition], Edition]) -> None:
    sent = mark_sent(approve(undo(edited(draft("ab"), edit(EditKind.PIN, "a"), edit(EditKind.PIN, "b")))))

    with pytest.raises(EditionError, match="was sent and cannot"):
        step(sent)
