"""An edition goes back to the changes of one of its revisions, and from there to where it was."""

from __future__ import annotations

from dataclasses import replace

from digest.edition import apply_edit, dropped_items, held_items, redo, undo
from digest.model import Edit, Edition, EditKind
from digest.records import edition_from_dict, edition_to_dict
from digest.trimmed import trim
from tests.edition.test_choosing import LEFT_OUT, include
from tests.edition.test_edition import draft, edit, edited, keys_of


def go_back(edition: Edition, to: Edition) -> Edition:
    """Return the edition with the edits of another revision of it."""
    return apply_edit(edition, Edit(kind=EditKind.GO_BACK, revision=to.revision, edits=to.standing))


def seen(edition: Edition) -> Edition:
    """Return what an edition shows, whatever its revision and its edits."""
    return replace(edition, revision=0, edits=(), undone=())


def test_going_back_shows_what_that_revision_showed_and_can_be_undone_and_made_again() -> None:
    first = edited(draft("abc"), edit(EditKind.DROP, "b"), Edit(kind=EditKind.SUBJECT, text="Ours"))
    second = edited(undo(first), edit(EditKind.MOVE, "c", position=0), edit(EditKind.PIN, "a"))

    back = go_back(second, first)

    assert seen(back) == seen(first)
    assert back.revision == second.revision + 1
    assert seen(undo(back)) == seen(second)
    assert seen(redo(undo(back))) == seen(first)
    assert undo(back).edits == second.edits


def test_what_is_done_after_going_back_stands_on_it_and_going_back_again_counts_no_edit_twice() -> None:
    first = edited(draft("abc"), edit(EditKind.DROP, "b"))
    second = edited(first, edit(EditKind.DROP, "c"))

    after = edited(go_back(second, first), edit(EditKind.PIN, "a"))
    again = go_back(edited(after, edit(EditKind.DROP, "c")), after)

    assert (keys_of(after), after.items[0].is_pinned) == ("ac", True)
    assert [one.kind for one in after.standing] == [EditKind.DROP, EditKind.PIN]
    assert seen(again) == seen(after)
    assert [one.kind for one in again.standing] == [EditKind.DROP, EditKind.PIN]
    assert list(held_items(again)) == [again.items[0].story_id]


def test_a_story_put_in_since_is_left_out_again_and_comes_back_when_that_is_undone() -> None:
    first = draft("ab", left_out=LEFT_OUT)
    put_in = apply_edit(first, include("d"))

    back = go_back(put_in, first)

    assert (keys_of(back), back.left_out, dropped_items(back)) == ("ab", tuple(LEFT_OUT), ())
    assert (keys_of(undo(back)), undo(back).left_out) == ("abd", tuple(LEFT_OUT[1:]))


def test_going_back_to_a_story_that_was_put_in_survives_drafting_again_brought_up_to_date() -> None:
    put_in = apply_edit(draft("ab", left_out=LEFT_OUT), include("d"))
    back = go_back(undo(put_in), put_in)

    after = draft("abd", previous=back)

    assert (keys_of(after), after.items[2].text) == ("abd", "Text d.")
    assert keys_of(draft("ab", previous=back)) == "abd"


def test_a_record_of_an_edition_that_went_back_is_read_as_it_was_written() -> None:
    edition = edited(draft("abc"), edit(EditKind.DROP, "b"))
    back = go_back(undo(edition), edition)

    assert edition_from_dict(edition_to_dict(back)) == back
    assert keys_of(trim(back, ())) == "ac"
