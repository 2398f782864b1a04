"""An edition's history says what was done and by whom; who looked at an older revision is told and loses nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from digest import app
from digest.config import FileConfig, load_config
from digest.errors import EditionError, StaleEditionError
from digest.model import Edit, Edition, EditionName, EditionState, EditKind, Image, Sentence, Story, StoryId
from digest.pipeline.changing import (
    approve_edition,
    change,
    choose_picture,
    choose_sentences,
    hold_edition,
    include_story,
    redo_change,
    schedule_edition,
    undo_change,
)
from digest.pipeline.choices import blurb_numbers, picture_number, story_pictures, story_sentences
from digest.pipeline.drafting import draft
from digest.pipeline.parts import Parts
from digest.pipeline.reviewing import review

NOW = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)
NAME = EditionName(newsletter="daily", date=date(2026, 11, 24))
CONFIG = """
[[sources]]
name = "papers"
kind = "files"
section = "City"
paths = ["inbox/*.html"]
[newsletters.daily]
from = "The Daily Dose <dose@dose.example>"
approval = "manual"
max_stories = 2
timezone = "UTC"
"""
BRIDGE = (
    "SALTMARSH (Courier) - The harbour bridge stays closed until Friday, the council said on Monday.",
    "Engineer Rosa Linden found 14 cracks in the eastern pier during an inspection on 3 November.",
    "Ferries carry walkers and cyclists meanwhile, every twenty minutes from the fish market.",
)
OTTER = (
    "A river otter was seen in the old canal on Sunday, for the first time since 1988.",
    "Lock keeper Emil Karst filmed it eating a crayfish below the paper mill.",
)
LIBRARY = (
    "The town library will keep its doors open on Sundays from January, its board decided.",
    "Director Mina Sorrel plans readings for children at eleven and chess in the afternoon.",
)
LEAD = Image(url="https://courier.example/lead.jpg", caption="Linden points at a crack.", credit="Orla Tench")
SECOND = Image(url="https://courier.example/ferry.jpg", caption="A ferry at the quay.", alt="A ferry")


def story(key: str, title: str, text: tuple[str, ...]) -> Story:
    return Story(
        id=StoryId(f"{key}123"),
        source="papers",
        title=title,
        text="\n\n".join(text),
        url=f"https://{key}.example/{key}",
        site=f"The {key.upper()} Paper",
        published_at=NOW - timedelta(hours=2),
        lead_image=LEAD if key == "a" else None,
        images=(replace(LEAD, alt="twice"), SECOND) if key == "a" else (),
    )


BRIDGE_STORY = story("a", "Bridge closed for repairs", BRIDGE)
STORIES = (
    BRIDGE_STORY,
    story("b", "Otter seen in the old canal", OTTER),
    story("c", "Library opens on Sundays", LIBRARY),
)


@dataclass(slots=True)
class Desk:
    """A drafted edition of two stories, a third left out."""

    parts: Parts

    @property
    def edition(self) -> Edition:
        return self.parts.stores.editions.get(NAME)

    @property
    def told(self) -> list[str]:
        """Return what was done, the newest first."""
        return [one.what for one in self.parts.stores.editions.revisions(NAME)]

    def keep(self, *stories: Story) -> None:
        self.parts.stores.stories.save(stories, source="papers", now=NOW, is_hand_picked=False)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    path = tmp_path / "digest.toml"
    path.write_text(CONFIG, encoding="utf-8")
    config = load_config(path, kind=FileConfig)
    made = Desk(app.parts_of(config, app.open_stores(config), "daily", clock=lambda: NOW))
    made.keep(*STORIES)
    draft(made.parts, day=NAME.date, who="ada")
    change(made.parts.stores.editions, NAME, [Edit(kind=EditKind.PIN, story_id=StoryId("a123"))], now=NOW)
    draft(made.parts, day=NAME.date)
    assert "a123" in {item.story_id for item in made.edition.items}
    return made


def unpin() -> Edit:
    return Edit(kind=EditKind.UNPIN, story_id=StoryId("a123"))


def test_the_history_says_in_words_what_was_done_and_by_whom(desk: Desk) -> None:
    editions = desk.parts.stores.editions
    story_id = StoryId("a123")

    change(
        editions,
        NAME,
        [
            Edit(kind=EditKind.REWRITE, story_id=story_id, field="headline", text="Bridge shut"),
            Edit(kind=EditKind.REWRITE, story_id=story_id, field="text", text="Ours."),
            Edit(kind=EditKind.MOVE, story_id=story_id, section="Roads"),
            Edit(kind=EditKind.NOTE, text="Good morning."),
        ],
        now=NOW,
        who="grace",
    )
    undo_change(editions, NAME, now=NOW, who="grace")
    redo_change(editions, NAME, now=NOW, who="ada")

    assert desk.told == [
        "redid: wrote the note",
        "undid: wrote the note",
        "rewrote the headline of 'Bridge shut'; rewrote the blurb of 'Bridge shut'; "
        "moved 'Bridge shut' to Roads; wrote the note",
        "drafted again",
        "pinned 'Bridge closed for repairs'",
        "drafted",
    ]
    assert [one.who for one in editions.revisions(NAME)] == ["ada", "grace", "grace", "", "", "ada"]


@pytest.mark.parametrize(
    "step",
    [
        lambda parts, base: change(parts.stores.editions, NAME, [unpin()], now=NOW, base=base),
        lambda parts, base: undo_change(parts.stores.editions, NAME, now=NOW, base=base),
        lambda parts, base: redo_change(parts.stores.editions, NAME, now=NOW, base=base),
        lambda parts, base: approve_edition(parts.stores.editions, NAME, now=NOW, base=base),
        lambda parts, base: hold_edition(parts.stores.editions, NAME, now=NOW, base=base),
        lambda parts, base: schedule_edition(
            parts.stores.editions, NAME, NOW + timedelta(hours=1), now=NOW, base=base
        ),
        lambda parts, base: include_story(parts, NAME, "1", base=base),
        lambda parts, base: choose_sentences(parts.stores, NAME, "a123", [], now=NOW, base=base),
        lambda parts, base: choose_picture(parts.stores, NAME, "a123", None, now=NOW, base=base),
    ],
    ids=["change", "undo", "redo", "approve", "hold", "schedule", "include", "sentences", "picture"],
)
def test_of_two_windows_the_later_one_is_told_and_changes_nothing(
    desk: Desk, step: Callable[[Parts, int], Edition]
) -> None:
    editions = desk.parts.stores.editions
    change(editions, NAME, [unpin()], now=NOW)
    undo_change(editions, NAME, now=NOW)
    looked_at = desk.edition.revision
    change(editions, NAME, [Edit(kind=EditKind.SUBJECT, text="Hers")], now=NOW, who="grace")
    undo_change(editions, NAME, now=NOW + timedelta(minutes=2), who="grace")
    before = desk.edition

    with pytest.raises(StaleEditionError) as caught:
        step(desk.parts, looked_at)

    assert "grace undid: wrote the subject at 06:02 UTC; grace wrote the subject at 06:00 UTC" in str(
        caught.value
    )
    assert caught.value.newest == before.revision
    assert desk.edition == before
    assert step(desk.parts, before.revision).revision == before.revision + 1


def test_chosen_sentences_are_verified_against_the_story_and_marked_in_it(desk: Desk) -> None:
    sentences = story_sentences(BRIDGE_STORY)

    edition = choose_sentences(desk.parts.stores, NAME, "a123", [sentences[2], sentences[0]], now=NOW)

    item = next(item for item in edition.items if item.story_id == "a123")
    assert item.text == f"{BRIDGE[0].partition(' - ')[2]} {BRIDGE[2]}"
    assert all(BRIDGE_STORY.text[one.start : one.end] == one.text for one in item.blurb.sentences)
    assert blurb_numbers(item, sentences) == {1, 3}
    assert blurb_numbers(replace(item, text="Ours."), sentences) == set()
    assert desk.told[0] == "chose the sentences of 'Bridge closed for repairs'"


@pytest.mark.parametrize(
    "wrong",
    [
        Sentence(text="The bridge is open.", start=0, end=19),
        Sentence(text=BRIDGE[1], start=0, end=len(BRIDGE[1])),
        Sentence(text=BRIDGE_STORY.text[-5:], start=-5, end=len(BRIDGE_STORY.text)),
        Sentence(text="", start=3, end=3),
    ],
)
def test_a_sentence_that_does_not_stand_in_the_story_is_refused(desk: Desk, wrong: Sentence) -> None:
    before = desk.edition

    with pytest.raises(EditionError, match="read again"):
        choose_sentences(desk.parts.stores, NAME, "a123", [wrong], now=NOW)

    assert desk.edition == before


def test_a_chosen_sentence_that_the_story_lost_since_stays_and_is_told(desk: Desk) -> None:
    choose_sentences(desk.parts.stores, NAME, "a123", [story_sentences(BRIDGE_STORY)[2]], now=NOW)
    find = desk.parts.stores.stories.find
    assert review(desk.edition, find) == ()
    desk.keep(replace(BRIDGE_STORY, text="\n\n".join(BRIDGE[:2])))

    draft(desk.parts, day=NAME.date)

    remark = review(desk.edition, find)[-1]
    assert next(item.text for item in desk.edition.items if item.story_id == "a123") == BRIDGE[2]
    assert (remark.rule, remark.field, remark.story_id) == ("facts", "text", "a123")
    assert "no more, which you chose" in remark.message and "Ferries carry" in remark.message


def test_another_picture_of_the_story_is_shown_and_no_other(desk: Desk) -> None:
    pictures = story_pictures(BRIDGE_STORY)

    edition = choose_picture(desk.parts.stores, NAME, "a123", 2, now=NOW)

    item = next(item for item in edition.items if item.story_id == "a123")
    assert [one.url for one in pictures] == [LEAD.url, SECOND.url]
    assert item.image == SECOND and picture_number(item, pictures) == 2
    for number in (0, 3):
        with pytest.raises(EditionError, match=f"has no picture {number}; it has 2"):
            choose_picture(desk.parts.stores, NAME, "a123", number, now=NOW)
    assert choose_picture(desk.parts.stores, NAME, "a123", None, now=NOW).revision == edition.revision + 1
    assert desk.told[:2] == [
        "took the picture off 'Bridge closed for repairs'",
        "chose a picture of 'Bridge closed for repairs'",
    ]


@pytest.mark.parametrize("limits", [{}, {" CITY": 2}])
def test_a_story_that_was_left_out_is_condensed_and_put_in_and_takes_no_others_place(
    desk: Desk, limits: dict[str, int]
) -> None:
    (left_out,) = desk.edition.left_out

    edition = include_story(desk.parts, NAME, left_out.story_id, who="ada")
    settings = desk.parts.settings.model_copy(update={"sections": limits})
    draft(replace(desk.parts, settings=settings), day=NAME.date)

    item = edition.items[-1]
    assert (item.story_id, item.section, item.site) == (left_out.story_id, "City", left_out.site)
    assert item.text and item.blurb.sentences
    assert sum(reason.value for reason in item.reasons) == item.score == left_out.score
    assert edition.left_out == ()
    assert desk.told[1] == f"put in '{item.headline}'"
    assert [one.story_id for one in desk.edition.items] == [one.story_id for one in edition.items]
    assert item.story_id not in {
        one.story_id for one in undo_change(desk.parts.stores.editions, NAME, now=NOW).items
    }


def test_a_held_edition_is_not_approved_by_drafting_it_again(desk: Desk) -> None:
    auto = replace(desk.parts, settings=desk.parts.settings.model_copy(update={"approval": "auto"}))
    hold_edition(desk.parts.stores.editions, NAME, now=NOW, who="ada")

    held = draft(auto, day=NAME.date).edition
    approved = approve_edition(desk.parts.stores.editions, NAME, now=NOW)

    assert held is not None and (held.state, held.is_held) == (EditionState.DRAFT, True)
    assert (approved.state, approved.is_held) == (EditionState.APPROVED, False)
    assert approve_edition(desk.parts.stores.editions, NAME, now=NOW) == approved
    assert desk.told[:3] == ["approved it", "drafted again", "held it back"]


def test_an_hour_that_has_passed_is_refused(desk: Desk) -> None:
    editions = desk.parts.stores.editions

    with pytest.raises(EditionError, match="has passed"):
        schedule_edition(editions, NAME, NOW, now=NOW)
    later = schedule_edition(editions, NAME, NOW + timedelta(hours=2), now=NOW)
    usual = schedule_edition(editions, NAME, None, now=NOW)

    assert (later.send_at, usual.send_at) == (NOW + timedelta(hours=2), None)
    assert desk.told[:2] == ["set it to its newsletter's hour", "set it to go out at 2026-11-24 08:00 UTC"]
