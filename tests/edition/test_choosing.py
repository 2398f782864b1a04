"""An editor chooses a blurb's sentences, a picture, a story that was left out; each choice survives a new draft."""

from __future__ import annotations

from dataclasses import replace

import pytest

from digest.edition import apply_edit, dropped_items, find_left_out, redo, undo
from digest.errors import EditionError
from digest.items import make_item
from digest.model import Cut, Edit, Edition, EditKind, Image, LeftOut, Sentence, StoryId
from digest.trimmed import trim
from tests.edition.test_edition import draft, edit, edited, keys_of, ranked

FIRST = Sentence(text="Text a.", start=0, end=7)
SECOND = Sentence(text="More.", start=8, end=13)
OTHER = Image(
    url="https://gazette.example/other.jpg", caption="Another caption", credit="Bo Lens", alt="Other"
)
LEFT_OUT = [
    LeftOut(story_id=StoryId("d123"), title="Headline d", site="gazette", why="over the limit", score=7.0),
    LeftOut(story_id=StoryId("e123"), title="Headline e", site="gazette", why="over the limit", score=5.0),
    LeftOut(story_id=StoryId("c123"), title="Headline c", site="gazette", why="too old"),
]


def include(key: str) -> Edit:
    """Return the edit that puts a story in, as it would be condensed."""
    return Edit(kind=EditKind.INCLUDE, item=make_item(ranked(key)[0], None))


def sentences(*chosen: Sentence) -> Edit:
    return edit(EditKind.SENTENCES, "a", sentences=chosen)


def picture(image: Image | None) -> Edit:
    return edit(EditKind.PICTURE, "a", image=image)


def shown_image(edition: Edition) -> Image:
    image = edition.items[0].image
    assert image is not None
    return image


def test_a_blurb_is_made_of_the_chosen_sentences_in_story_order_with_their_receipts() -> None:
    item = apply_edit(draft("ab"), sentences(SECOND, FIRST, SECOND)).items[0]

    assert item.text == "Text a. More."
    assert (item.blurb.sentences, item.blurb.text, item.blurb.method) == (
        (FIRST, SECOND),
        item.text,
        "editor",
    )
    assert item.edited == ("text",)


@pytest.mark.parametrize("chosen", [(), (FIRST,)])
def test_no_sentences_and_the_drafted_ones_are_the_drafted_blurb_again(chosen: tuple[Sentence, ...]) -> None:
    edition = edited(draft("ab"), sentences(SECOND), sentences(*chosen))

    assert edition.items == edition.drafted


def test_of_a_rewrite_and_a_choice_of_sentences_the_later_one_stands() -> None:
    rewrite = edit(EditKind.REWRITE, "a", field="text", text="In our words.")
    original = edit(EditKind.REWRITE, "a", field="text")

    rewritten = edited(draft("a"), sentences(SECOND), rewrite)
    chosen = edited(draft("a"), rewrite, sentences(SECOND))

    assert (rewritten.items[0].text, rewritten.items[0].edited) == ("In our words.", ("text",))
    assert (chosen.items[0].text, chosen.items[0].blurb.sentences) == ("More.", (SECOND,))
    assert apply_edit(rewritten, original).items == rewritten.drafted
    assert apply_edit(chosen, original).items == chosen.drafted


def test_sentences_that_overlap_are_refused() -> None:
    with pytest.raises(EditionError, match="overlap"):
        apply_edit(draft("a"), sentences(FIRST, Sentence(text="a. More.", start=5, end=13)))


def test_chosen_sentences_stay_when_the_story_is_drafted_again_or_gone() -> None:
    before = apply_edit(draft("ab"), sentences(SECOND))

    for keys in ("ab", "b"):
        after = draft(keys, previous=before)
        texts = {item.story_id: item.text for item in after.items}
        assert texts == {"a123": "More.", "b123": "Text b."}


def test_another_picture_comes_with_its_own_words() -> None:
    edition = edited(
        draft("a"), edit(EditKind.REWRITE, "a", field="caption", text="For the first picture"), picture(OTHER)
    )

    assert edition.items[0].image == OTHER
    assert edition.items[0].edited == ("image",)


def test_the_words_of_a_chosen_picture_can_be_rewritten_and_taken_back() -> None:
    edition = edited(draft("a"), picture(OTHER), edit(EditKind.REWRITE, "a", field="caption", text="Ours"))

    back = apply_edit(edition, edit(EditKind.REWRITE, "a", field="caption"))

    assert (shown_image(edition).caption, edition.items[0].edited) == ("Ours", ("image", "caption"))
    assert shown_image(back) == OTHER


def test_without_a_picture_there_is_no_caption_to_rewrite() -> None:
    edition = apply_edit(draft("a"), picture(None))

    assert edition.items[0].image is None
    with pytest.raises(EditionError, match="has no picture"):
        apply_edit(edition, edit(EditKind.REWRITE, "a", field="caption", text="x"))


def test_the_drafted_picture_chosen_again_is_untouched() -> None:
    edition = draft("a")

    assert edited(edition, picture(None), picture(shown_image(edition))).items == edition.items


@pytest.mark.parametrize("image", [OTHER, None])
@pytest.mark.parametrize("keys", ["ab", "b"])
def test_a_choice_of_picture_survives_drafting_again(image: Image | None, keys: str) -> None:
    before = apply_edit(draft("ab"), picture(image))

    after = draft(keys, previous=before)

    assert {item.story_id: item.image for item in after.items}[StoryId("a123")] == image


def test_a_story_that_was_left_out_stands_last_in_its_section_and_is_left_out_no_more() -> None:
    edition = apply_edit(draft("abd", left_out=LEFT_OUT[1:]), include("c"))

    assert keys_of(edition) == "abcd"
    assert [one.story_id[0] for one in edition.left_out] == ["e"]
    assert [item.story_id[0] for item in edition.drafted] == ["a", "b", "d"]


def test_what_is_in_or_dropped_is_not_put_in_once_more() -> None:
    edition = edited(draft("ab", left_out=LEFT_OUT), include("c"), edit(EditKind.DROP, "b"))

    for key, message in (("a", "in daily/2026-11-24 already"), ("c", "already"), ("b", "Restore it")):
        with pytest.raises(EditionError, match=message):
            apply_edit(edition, include(key))


def test_a_story_put_in_can_be_changed_dropped_and_restored() -> None:
    edition = edited(
        draft("ab", left_out=LEFT_OUT),
        include("d"),
        edit(EditKind.MOVE, "d", section="City", position=0),
        edit(EditKind.REWRITE, "d", field="headline", text="Ours"),
        edit(EditKind.DROP, "d"),
    )

    restored = apply_edit(edition, edit(EditKind.RESTORE, "d"))

    assert keys_of(edition) == "ab"
    assert [item.story_id for item in dropped_items(edition)] == ["d123"]
    assert "d123" not in [one.story_id for one in edition.left_out]
    assert (keys_of(restored), restored.items[0].headline) == ("dab", "Ours")


@pytest.mark.parametrize(("keys", "expected"), [("ab", "abd"), ("abd", "abd"), ("b", "bd"), ("de", "ed")])
def test_a_story_put_in_survives_drafting_again_and_stands_once(keys: str, expected: str) -> None:
    before = apply_edit(draft("ab", left_out=LEFT_OUT), include("d"))

    after = draft(keys, previous=before, left_out=LEFT_OUT[:1])

    assert keys_of(after) == expected
    assert after.left_out == ()


def test_putting_in_is_undone_after_drafting_again_even_where_the_draft_held_its_place() -> None:
    before = apply_edit(draft("ab", left_out=LEFT_OUT), include("d"))

    undone = undo(draft("abd", previous=before, left_out=LEFT_OUT[1:]))

    assert (keys_of(undone), undone.left_out) == ("ab", tuple(LEFT_OUT))
    assert keys_of(redo(undone)) == "abd"
    assert redo(undone).left_out == tuple(LEFT_OUT[1:])


def test_a_story_put_in_is_brought_up_to_date_by_a_new_draft() -> None:
    before = apply_edit(draft("ab", left_out=LEFT_OUT), include("d"))

    after = draft("abd", previous=before)

    assert before.items[2].text == ""
    assert (after.items[2].text, after.items[2].story_id) == ("Text d.", "d123")


def test_what_was_undone_and_then_drafted_stands_once_when_made_again() -> None:
    undone = undo(apply_edit(draft("ab", left_out=LEFT_OUT), include("d")))

    again = redo(draft("dab", previous=undone))

    assert keys_of(again) == "dab"
    assert keys_of(draft("ab", previous=again)) == "abd"


def test_a_story_that_was_left_out_is_found_by_its_place_or_the_start_of_its_id() -> None:
    edition = draft("ab", left_out=LEFT_OUT)

    assert find_left_out(edition, "3").story_id == find_left_out(edition, "c1").story_id == "c123"
    with pytest.raises(EditionError, match="no story '4'"):
        find_left_out(edition, "4")


def test_a_story_put_in_that_is_too_much_for_the_email_is_told_as_left_out() -> None:
    edition = apply_edit(draft("ab", left_out=LEFT_OUT), include("d"))

    printed = trim(edition, [Cut(story_id=StoryId("d123"), headline="Headline d", text=None, why="too much")])

    assert keys_of(printed) == "ab"
    assert dropped_items(printed) == ()
    assert printed.left_out[0] == replace(printed.left_out[0], story_id=StoryId("d123"), why="too much")
