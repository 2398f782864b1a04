"""Choose at the desk the sentences of a blurb and the picture of a story, as the story has them and rights allow."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from threading import Event
from time import monotonic

import pytest
from sqlalchemy import delete, select

from digest.model import Image, Item, Story
from digest.store.tables import pictures
from digest.web.desk.receipts import LONGEST
from tests.web.desk.conftest import SOURCE, Desk, OpenDesk
from tests.web.desk.test_editing import send_as_shown


def story_of(desk: Desk, item: Item) -> Story:
    story = desk.stores.stories.find(item.story_id)
    assert story is not None
    return story


def wait_until(is_so: Callable[[], bool], *, seconds: float = 10) -> None:
    """Look again until something is so."""
    pause, end = Event(), monotonic() + seconds
    while not is_so():
        assert monotonic() < end
        pause.wait(0.05)


def count_pictures(desk: Desk) -> int:
    with desk.stores.engine.connect() as connection:
        return len(connection.execute(select(pictures.c.key)).all())


def spans_of(desk: Desk, *texts: str) -> list[str]:
    """Return the values of the sentences that are shown with these words."""
    page = desk.page()
    return [
        str(page.xpath(f"//label[@class='sentence'][span[contains(., '{text}')]]/input/@value")[0])
        for text in texts
    ]


def test_the_sentences_of_the_blurb_are_lit_in_the_whole_story(desk: Desk) -> None:
    page, item = desk.page(), desk.edition.items[0]
    lit = page.xpath("//label[@class='sentence'][input[@checked]]/span/text()")
    told = " ".join(page.xpath("//form[contains(@class, 'receipts')]//p[@dir]")[0].text_content().split())

    assert lit == [one.text for one in item.blurb.sentences]
    assert story_of(desk, item).text.startswith(told)
    assert page.get_element_by_id("text-length").text == f"{len(item.text.split())} of 60 words"


def test_the_chosen_sentences_are_the_blurb_and_of_none_the_drafted_one(desk: Desk) -> None:
    item = desk.edition.items[0]
    page = desk.page()
    spans = spans_of(desk, "Nobody was hurt", "Readers wrote in")

    send_as_shown(desk, page, f"sentences-{item.story_id}", sentence=spans)
    chosen = desk.edition.items[0]
    desk.edit("sentences", story=item.story_id, of=str(page.xpath("//input[@name='of']/@value")[0]))

    assert chosen.text == "Nobody was hurt. Readers wrote in all week."
    assert chosen.blurb.method == "editor"
    assert desk.edition.items[0].text == item.text


def test_sentences_of_a_story_that_was_read_again_are_not_taken_for_others(desk: Desk) -> None:
    page, item = desk.page(), desk.edition.items[0]
    story = story_of(desk, item)
    read_again = replace(story, text="A correction. " + story.text)
    desk.stores.stories.save([read_again], source=SOURCE, now=datetime.now(UTC), is_hand_picked=True)

    answer = send_as_shown(desk, page, f"sentences-{item.story_id}", sentence=["0-20"])

    assert answer.status == 422
    assert "read again" in answer.text
    assert desk.edition.revision == 1


def test_a_hostile_story_of_two_megabytes_does_nothing_on_the_page(desk: Desk) -> None:
    item = desk.edition.items[0]
    hostile = (
        "<script>alert(1)</script><style>*{display:none}</style><img src=x onerror=alert(1)> "
        + "x" * 2_000_000
    )
    story = replace(story_of(desk, item), text=hostile)
    desk.stores.stories.save([story], source=SOURCE, now=datetime.now(UTC), is_hand_picked=True)

    answer = desk.get(desk.path)

    assert answer.status == 200
    assert len(answer.body) < LONGEST + 150_000
    assert answer.found("//script/@src") == ["/static/desk.js"]
    assert answer.found("//*[@onerror] | //style") == []


def test_another_picture_is_shown_by_the_desk_and_chosen_and_taken_off(desk: Desk) -> None:
    item = desk.edition.items[0]
    page = desk.page()
    sources = page.xpath("//fieldset[@class='pictures']//img/@src")
    picture = desk.get(sources[1])

    send_as_shown(desk, page, f"picture-{item.story_id}", number="2")
    second = desk.edition.items[0].image
    send_as_shown(desk, desk.page(), f"picture-{item.story_id}", number="")
    without = desk.edition.items[0].image

    assert len(sources) == 2
    assert all(one.startswith(desk.path) for one in sources)
    assert (picture.status, picture.headers["content-type"], picture.body[:2]) == (
        200,
        "image/jpeg",
        b"\xff\xd8",
    )
    assert second is not None and second.url == "https://outlet.example/0-1.jpg"
    assert without is None
    assert desk.get(sources[1].replace("pictures/2", "pictures/9")).status == 404


@pytest.mark.parametrize(
    ("use", "shown", "kept"), [("link", 200, False), ("drop", 404, False), ("show", 200, True)]
)
def test_a_picture_is_kept_or_shown_only_as_its_rights_allow(
    open_desk: OpenDesk, use: str, shown: int, kept: bool
) -> None:
    with open_desk(rights=f'"Halcyon Wire" = "{use}"') as desk:
        item = desk.edition.items[0]
        lead = story_of(desk, item).lead_image
        assert lead is not None and lead.file is not None
        scene = desk.folder / "other.jpg"
        scene.write_bytes(lead.file.read_bytes())
        picture = Image(url="https://outlet.example/new.jpg", credit="Halcyon Wire", file=scene)
        story = replace(story_of(desk, item), images=(lead, picture))
        desk.stores.stories.save([story], source=SOURCE, now=datetime.now(UTC), is_hand_picked=True)
        before = count_pictures(desk)
        answer = desk.get(f"{desk.path}stories/{item.story_id}/pictures/2")
        words = desk.page().text_content()
        after = count_pictures(desk)

    assert answer.status == shown
    assert (after > before) is kept
    assert ("Left out by photo rights" in words) is (use == "drop")


def test_every_picture_is_made_ready_in_each_size_so_that_no_move_waits_for_one(desk: Desk) -> None:
    before = count_pictures(desk)
    with desk.stores.engine.begin() as connection:
        connection.execute(delete(pictures))
    desk.get(desk.path)

    assert before == 8
    wait_until(lambda: count_pictures(desk) == before)
