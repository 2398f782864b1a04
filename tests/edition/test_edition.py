"""An edition keeps what its editor did, through every new draft."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from digest.edition import apply_edit, approve, assemble, dropped_items, find_dropped, find_item, mark_sent
from digest.errors import EditionError
from digest.model import (
    Blurb,
    Edit,
    Edition,
    EditionState,
    EditKind,
    Image,
    LeftOut,
    Newsletter,
    Ranked,
    Sentence,
    Story,
    StoryId,
)

DAY = date(2026, 11, 24)
NOW = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)
NEWSLETTER = Newsletter(name="daily", title="The Daily Dose", sender="Dose <dose@example.org>", language="en")
SECTIONS = {"a": "City", "b": "City", "c": "City", "d": "Music", "e": "Music"}


def ranked(keys: str) -> list[Ranked]:
    return [
        Ranked(
            story=Story(
                id=StoryId(f"{key}123"),
                source="gazette",
                title=f"Headline {key}",
                text=f"Text {key}. More.",
                url=f"https://gazette.example/{key}",
                lead_image=Image(url=f"https://gazette.example/{key}.jpg", caption=f"Caption {key}"),
            ),
            section=SECTIONS[key],
            score=float(ord("z") - ord(key)),
        )
        for key in keys
    ]


def draft(keys: str, *, previous: Edition | None = None, left_out: Sequence[LeftOut] = ()) -> Edition:
    stories = ranked(keys)
    blurbs = {
        one.story.id: Blurb(
            story_id=one.story.id,
            text=one.story.text[:7],
            sentences=(Sentence(text=one.story.text[:7], start=0, end=7),),
            image=one.story.lead_image,
        )
        for one in stories
    }
    return assemble(
        NEWSLETTER, date=DAY, ranked=stories, blurbs=blurbs, left_out=left_out, made_at=NOW, previous=previous
    )


def keys_of(edition: Edition) -> str:
    return "".join(item.story_id[0] for item in edition.items)


def edit(kind: EditKind, key: str | None = None, **more: object) -> Edit:
    return Edit(kind=kind, story_id=None if key is None else StoryId(f"{key}123"), **more)  # type: ignore[arg-type]


def edited(edition: Edition, *edits: Edit) -> Edition:
    for one in edits:
        edition = apply_edit(edition, one)
    return edition


def test_a_draft_holds_the_stories_in_order_with_their_blurbs() -> None:
    edition = draft("abd")

    first = edition.items[0]
    assert str(edition.name) == "daily/2026-11-24"
    assert (edition.revision, edition.state, edition.items) == (1, EditionState.DRAFT, edition.drafted)
    assert (first.headline, first.text, first.section, first.site) == (
        "Headline a",
        "Text a.",
        "City",
        "gazette.example",
    )
    assert first.image is not None and first.image.caption == "Caption a"
    assert first.story_words == 3


def test_an_item_names_its_outlet_as_it_was_chosen() -> None:
    named = replace(ranked("a")[0], outlet="The Gazette")

    edition = assemble(NEWSLETTER, date=DAY, ranked=[named], blurbs={}, left_out=(), made_at=NOW)

    assert edition.items[0].site == "The Gazette"


def test_a_story_without_a_blurb_shows_its_headline_alone() -> None:
    edition = assemble(
        NEWSLETTER, date=DAY, ranked=ranked("a"), blurbs={}, left_out=(), made_at=NOW, previous=None
    )

    assert (edition.items[0].headline, edition.items[0].text) == ("Headline a", "")
    assert edition.items[0].image is not None


def test_edits_survive_drafting_again() -> None:
    before = edited(
        draft("abcde"),
        edit(EditKind.PIN, "c"),
        edit(EditKind.DROP, "b"),
        edit(EditKind.REWRITE, "e", field="headline", text="Better headline"),
        edit(EditKind.REWRITE, "a", field="caption", text="Better caption"),
        edit(EditKind.MOVE, "d", position=0, section="City"),
        edit(EditKind.SUBJECT, text="Our own subject"),
        edit(EditKind.NOTE, text="Good morning."),
    )

    after = draft("ab", previous=before)

    assert keys_of(after) == "dace"
    assert after.revision == before.revision + 1
    assert after.edits == before.edits
    assert after.items[2].is_pinned
    assert (after.items[3].headline, after.items[3].edited) == ("Better headline", ("headline",))
    assert after.items[1].image is not None and after.items[1].image.caption == "Better caption"
    assert (after.subject, after.note) == ("Our own subject", "Good morning.")
    assert after.preheader


def test_what_nobody_touched_follows_the_new_draft() -> None:
    before = edited(draft("abc"), edit(EditKind.PIN, "a"), edit(EditKind.UNPIN, "a"))

    assert keys_of(draft("bd", previous=before)) == "bd"


def test_a_dropped_story_stays_out_even_when_it_comes_back_later() -> None:
    before = edited(draft("abc"), edit(EditKind.DROP, "b"))
    without = draft("ac", previous=before)

    again = draft("abc", previous=without)

    assert keys_of(again) == "ac"
    assert [item.story_id for item in dropped_items(again)] == ["b123"]


def test_a_dropped_story_that_the_new_draft_left_out_can_still_be_restored() -> None:
    before = edited(draft("abc"), edit(EditKind.DROP, "a"))
    gone = [LeftOut(story_id=StoryId("a123"), title="a", site="x", why="dropped by the editor")]

    again = draft("bc", previous=before, left_out=gone)

    assert (keys_of(again), [item.story_id for item in dropped_items(again)]) == ("bc", ["a123"])
    assert again.left_out == ()
    assert keys_of(edited(again, edit(EditKind.RESTORE, "a"))) == "abc"


def test_a_restored_story_returns_to_its_place_with_its_rewrites() -> None:
    edition = edited(
        draft("abc"),
        edit(EditKind.REWRITE, "b", field="headline", text="Better"),
        edit(EditKind.DROP, "b"),
        edit(EditKind.RESTORE, "b"),
    )

    assert keys_of(edition) == "abc"
    assert edition.items[1].headline == "Better"


def test_a_carried_story_is_not_listed_as_left_out() -> None:
    before = edited(draft("ab"), edit(EditKind.PIN, "b"))
    gone = [LeftOut(story_id=StoryId(f"{key}123"), title=key, site="x", why="too old") for key in "bc"]

    after = draft("a", previous=before, left_out=gone)

    assert [one.story_id for one in after.left_out] == ["c123"]


@pytest.mark.parametrize(
    ("key", "section", "position", "expected", "sections"),
    [
        ("c", None, 0, "cabde", "City,Music"),
        ("a", None, 1, "bacde", "City,Music"),
        ("a", None, 9, "bcade", "City,Music"),
        ("a", None, -4, "abcde", "City,Music"),
        ("a", "Music", None, "bcdea", "City,Music"),
        ("a", "Music", 0, "bcade", "City,Music"),
        ("a", "Sport", None, "bcdea", "City,Music,Sport"),
        ("d", "City", 1, "adbce", "City,Music"),
    ],
)
def test_a_story_moves_within_and_between_sections(
    key: str, section: str | None, position: int | None, expected: str, sections: str
) -> None:
    edition = apply_edit(draft("abcde"), edit(EditKind.MOVE, key, section=section, position=position))

    assert keys_of(edition) == expected
    assert ",".join(name for name, _ in edition.sections) == sections


def test_the_only_story_of_a_section_can_be_moved_within_it() -> None:
    edition = apply_edit(draft("da"), edit(EditKind.MOVE, "d", position=0))

    assert keys_of(edition) == "da"


def test_positions_count_the_stories_that_are_shown() -> None:
    edition = edited(draft("abc"), edit(EditKind.DROP, "a"), edit(EditKind.MOVE, "c", position=0))

    assert keys_of(edition) == "cb"


def test_a_rewrite_without_text_takes_the_original_back() -> None:
    rewritten = apply_edit(draft("ab"), edit(EditKind.REWRITE, "a", field="text", text="Other."))

    back = apply_edit(rewritten, edit(EditKind.REWRITE, "a", field="text"))

    assert rewritten.items[0].edited == ("text",)
    assert (back.items[0].text, back.items[0].edited) == ("Text a.", ())


def test_receipts_stay_when_the_text_is_rewritten() -> None:
    edition = apply_edit(draft("a"), edit(EditKind.REWRITE, "a", field="text", text="Other."))

    assert edition.items[0].blurb.text == "Text a."


def test_the_subject_follows_the_lead_until_the_editor_sets_it() -> None:
    edition = draft("ab")
    dropped = apply_edit(edition, edit(EditKind.DROP, "a"))
    own = apply_edit(dropped, edit(EditKind.SUBJECT, text="Mine\r\nBcc: x@example.org"))
    automatic = apply_edit(own, edit(EditKind.SUBJECT, text=""))

    assert (edition.subject, dropped.subject, automatic.subject) == ("Headline a", "Headline b", "Headline b")
    assert own.subject == "Mine Bcc: x@example.org"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (edit(EditKind.PIN, "z"), "There is no story 'z123' in daily/2026-11-24, which holds 2"),
        (edit(EditKind.PIN), "names no story"),
        (edit(EditKind.REWRITE, "a", field="headline", text=" \n"), "cannot be empty"),
        (edit(EditKind.REWRITE, "a", field="mood", text="x"), "'mood' of 'Headline a' cannot be rewritten"),
        (edit(EditKind.MOVE, "a"), "needs a section or a position"),
        (edit(EditKind.RESTORE, "a"), "There is no story 'a123'"),
    ],
)
def test_an_edit_that_does_not_fit_is_refused_with_what_to_do(change: Edit, message: str) -> None:
    with pytest.raises(EditionError, match=message):
        apply_edit(draft("ab"), change)


def test_the_caption_of_a_story_without_a_picture_cannot_be_rewritten() -> None:
    edition = assemble(
        NEWSLETTER,
        date=DAY,
        ranked=[Ranked(story=Story(id=StoryId("x1"), source="s", title="T", text=""), section="", score=0)],
        blurbs={},
        left_out=(),
        made_at=NOW,
    )

    with pytest.raises(EditionError, match="has no picture"):
        apply_edit(edition, Edit(kind=EditKind.REWRITE, story_id=StoryId("x1"), field="alt", text="A"))


def test_an_approved_edition_changes_no_more() -> None:
    approved = approve(draft("ab"))

    assert approved.state is EditionState.APPROVED
    assert approve(approved) is approved
    with pytest.raises(EditionError, match="was approved and changes no more"):
        apply_edit(approved, edit(EditKind.DROP, "a"))
    with pytest.raises(EditionError, match="was approved"):
        draft("ab", previous=approved)


def test_only_an_approved_edition_is_sent_and_it_stays_sent() -> None:
    with pytest.raises(EditionError, match="digest approve daily/2026-11-24"):
        mark_sent(draft("a"))

    sent = mark_sent(approve(draft("a")))

    assert (sent.state, sent.revision) == (EditionState.SENT, 3)
    assert mark_sent(sent) is sent and approve(sent) is sent


def test_an_empty_edition_is_not_approved() -> None:
    with pytest.raises(EditionError, match="holds no story"):
        approve(apply_edit(draft("a"), edit(EditKind.DROP, "a")))


@pytest.mark.parametrize("ref", ["b123", "b", "2", " 2 "])
def test_a_story_is_named_by_its_id_its_beginning_or_its_place(ref: str) -> None:
    assert find_item(draft("abc"), ref).story_id == "b123"


@pytest.mark.parametrize("ref", ["0", "4", "", "x", "ab"])
def test_a_name_that_fits_no_story_is_refused(ref: str) -> None:
    with pytest.raises(EditionError):
        find_item(draft("abc"), ref)


def test_a_name_that_fits_two_stories_is_refused() -> None:
    edition = assemble(
        NEWSLETTER,
        date=DAY,
        ranked=[
            Ranked(story=Story(id=StoryId(key), source="s", title=key, text=""), section="", score=0)
            for key in ("ab1", "ab2")
        ],
        blurbs={},
        left_out=(),
        made_at=NOW,
    )

    with pytest.raises(EditionError, match="could be 2 stories"):
        find_item(edition, "ab")


def test_a_dropped_story_is_found_among_the_dropped() -> None:
    edition = apply_edit(draft("abc"), edit(EditKind.DROP, "b"))

    assert find_dropped(edition, "1").story_id == "b123"
