"""Editing at the desk: each form is a revision, nothing that was typed is lost; all of it without a script."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from threading import Event
from time import monotonic

import pytest
from lxml import html as lxml_html
from sqlalchemy import delete, select

from digest.edition import approve, mark_sent
from digest.model import EditionState, Image, Item, Story
from digest.store.tables import pictures
from digest.subject.clusters import length
from digest.subject.write import SUBJECT_LIMIT
from digest.web.desk.receipts import LONGEST
from tests.web.conftest import Answer
from tests.web.desk.conftest import SOURCE, Desk, OpenDesk


def send_as_shown(desk: Desk, page: lxml_html.HtmlElement, form: str, **fields: str | list[str]) -> Answer:
    """Send a form as a browser without a script does: with the fields that it has, and those filled in."""
    element = page.get_element_by_id(form)
    held: dict[str, str | list[str]] = {}
    for one in element.xpath(".//input[@name] | .//textarea[@name]"):
        kind = one.get("type", "")
        if kind in ("radio", "checkbox") and one.get("checked") is None:
            continue
        value = one.text or "" if one.tag == "textarea" else one.get("value", "")
        if kind == "checkbox":
            before = held.get(one.get("name"), [])
            held[one.get("name")] = [*before, value]
        else:
            held[one.get("name")] = value
    return desk.post(element.get("action"), **(held | fields))


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


def test_a_rewritten_headline_is_a_revision_that_says_so(desk: Desk) -> None:
    story = desk.edition.items[2].story_id

    answer = desk.edit("rewrite", story=story, headline="Fish hall shuts", back=f"story={story}")

    assert answer.status == 303
    assert answer.headers["location"] == f"{desk.path}?story={story}"
    assert desk.edition.items[2].headline == "Fish hall shuts"
    assert "Fish hall shuts" in desk.page(answer.headers["location"]).text_content()
    assert desk.stores.editions.revisions(desk.name)[0].what.startswith("rewrote the headline")


def test_what_was_not_changed_makes_no_revision(desk: Desk) -> None:
    page = desk.page()
    item = desk.edition.items[0]

    answers = [
        send_as_shown(desk, page, form)
        for form in (
            "subject-form",
            "preheader-form",
            "note-form",
            f"rewrite-{item.story_id}",
            f"section-{item.story_id}",
        )
    ]

    assert {answer.status for answer in answers} == {303}
    assert [one.what for one in desk.stores.editions.revisions(desk.name)] == ["drafted"]


def test_a_story_moves_to_a_section_that_is_there_and_to_a_new_one(desk: Desk) -> None:
    story = desk.edition.items[0].story_id

    desk.edit("move", story=story, section="Culture", new="")
    moved = next(item for item in desk.edition.items if item.story_id == story)
    desk.edit("move", story=story, section="Culture", new="  Sea and  shore ")
    page = desk.page(f"{desk.path}?story={story}")

    assert moved.section == "Culture"
    assert [name for name, _ in desk.edition.sections][-1] == "Sea and shore"
    assert page.xpath("//select[@id='section']/option[@selected]/text()") == ["Sea and shore"]


def test_dropping_the_chosen_story_leads_to_the_one_after_it(desk: Desk) -> None:
    first, second, *_, last = (item.story_id for item in desk.edition.items)

    answer = desk.edit("drop", story=first, back=f"story={first}")
    at_the_end = desk.edit("drop", story=last, back=f"story={last}")

    assert answer.headers["location"] == f"{desk.path}?story={second}"
    assert at_the_end.headers["location"] == f"{desk.path}?story={desk.edition.items[-1].story_id}"


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


def test_the_meter_counts_as_the_subject_is_cut_and_other_subjects_fit_and_are_taken_by_a_click(
    desk: Desk,
) -> None:
    page = desk.page()
    offers = page.xpath("//details[@id='other-subjects']//button/@value")

    desk.post(f"{desk.path}edit", do="subject", revision="1", back="", text=offers[1])
    after = desk.page()

    assert (
        page.get_element_by_id("subject-length").text
        == f"{length(page.get_element_by_id('subject').text)} of 50 characters"
    )
    assert 2 <= len(offers) <= 3
    assert all(0 < length(one) <= SUBJECT_LIMIT for one in offers)
    assert desk.edition.subject == offers[1]
    assert "Yours" in after.get_element_by_id("subject-from").text
    assert offers[1] not in after.xpath("//details[@id='other-subjects']//button/@value")


def test_a_line_that_is_emptied_is_made_of_the_headlines_again(desk: Desk) -> None:
    desk.edit("subject", text="x" * 60)
    long = desk.page()

    desk.edit("subject", text="")
    page = desk.page()

    assert long.get_element_by_id("subject-length").get("class") == "length over"
    assert page.get_element_by_id("subject-from").text == "Made of the headlines"
    assert any(item.headline.startswith(desk.edition.subject.rstrip("…")) for item in desk.edition.items)


def test_undo_and_redo_say_what_they_would_do(desk: Desk) -> None:
    story = desk.edition.items[0].story_id
    desk.edit("pin", story=story)
    undoable = desk.page().get_element_by_id("undo-").get("title")
    desk.edit("undo")
    page = desk.page()

    assert undoable.startswith("Undo: pinned")
    assert page.get_element_by_id("undo-").get("disabled") is not None
    assert page.get_element_by_id("redo-").get("title").startswith("Redo: pinned")
    desk.edit("redo")
    assert desk.edition.items[0].is_pinned


def test_the_history_tells_each_revision_and_goes_back_to_one_which_can_be_undone(desk: Desk) -> None:
    desk.edit("subject", text="First")
    desk.edit("drop", story=desk.edition.items[0].story_id)
    desk.edit("subject", text="Second")
    page = desk.page()
    whats = page.xpath("//ol[@class='revisions']//span[@class='what']/text()")
    links = page.xpath("//ol[@class='revisions']//a/@href")

    answer = desk.post(f"{desk.path}edit", do="go-back", revision="4", back="", to="2")
    back = desk.edition
    desk.edit("undo")

    assert whats[0] == whats[2] == "wrote the subject"
    assert (whats[1].split()[0], whats[3]) == ("dropped", "drafted")
    assert links[2] == f"{desk.path}email.html?revision=2"
    assert desk.get(links[2]).status == 200
    assert answer.status == 303
    assert (back.subject, len(back.items), back.revision) == ("First", 15, 5)
    assert (desk.edition.subject, len(desk.edition.items)) == ("Second", 14)
    assert desk.stores.editions.revisions(desk.name)[1].what == "went back to revision 2"
    assert desk.edit("go-back", to="99").status == 422


def test_a_long_history_is_listed_whole_when_that_is_asked_for(desk: Desk) -> None:
    for number in range(30):
        desk.edit("note", text=f"Note {number}")
    page = desk.page()
    more = page.xpath("//div[@class='history']//p/a/@href")

    assert len(page.xpath("//ol[@class='revisions']/li")) == 25
    assert len(desk.page(more[0]).xpath("//ol[@class='revisions']/li")) == 31


def test_the_later_of_two_windows_is_told_who_changed_what_and_can_do_it_again_on_that(desk: Desk) -> None:
    item = desk.edition.items[0]
    one, other = desk.page(), desk.page()
    send_as_shown(desk, one, f"rewrite-{item.story_id}", headline="Theirs", caption="Their caption")

    refused = send_as_shown(desk, other, f"rewrite-{item.story_id}", text="Mine\r\nand “more”")
    between = desk.edition.items[0]
    again = send_as_shown(desk, refused.page, "again")

    assert refused.status == 409
    told = refused.page.xpath("//div[@data-region='told']//p")[0].text_content()
    assert "rewrote the headline of" in told and "rewrote the caption of" in told and " UTC" in told
    assert refused.found("//pre[@class='kept']/text()") == ["Mine\nand “more”"]
    assert between.text == item.text
    assert again.status == 303
    after = desk.edition.items[0]
    assert (after.headline, after.text) == ("Theirs", "Mine\nand “more”")
    assert after.image is not None and after.image.caption == "Their caption"


def test_an_edit_without_words_that_came_too_late_is_offered_again(desk: Desk) -> None:
    first, second = (item.story_id for item in desk.edition.items[:2])
    desk.edit("drop", story=first)

    late = desk.edit("pin", story=second, revision="1")
    gone = desk.edit("pin", story=first, revision="1")
    again = send_as_shown(desk, late.page, "again")

    assert (late.status, gone.status, again.status) == (409, 409, 303)
    assert late.found("//pre[@class='kept']") == []
    assert next(item for item in desk.edition.items if item.story_id == second).is_pinned


def test_what_is_refused_is_told_with_what_was_typed(desk: Desk) -> None:
    item = desk.edition.items[0]

    empty = desk.edit("rewrite", story=item.story_id, headline="  ", text="A blurb")
    unknown = desk.edit("explode", story=item.story_id)

    assert (empty.status, unknown.status) == (422, 422)
    assert "cannot be empty" in empty.text
    assert empty.found("//pre[@class='kept']/text()") == ["A blurb"]
    assert empty.found("//form[@id='again']") == []
    assert desk.edition.revision == 1


def test_drafting_again_keeps_what_was_edited(desk: Desk) -> None:
    first, second, third = (item.story_id for item in desk.edition.items[:3])
    desk.edit("rewrite", story=second, headline="Ours")
    desk.edit("drop", story=third)
    desk.edit("subject", text="Our subject")

    answer = desk.edit("draft")

    edition = desk.edition
    assert answer.status == 303
    assert edition.revision == 5
    assert desk.stores.editions.revisions(desk.name)[0].what == "drafted again"
    headlines = {item.story_id: item.headline for item in edition.items}
    assert headlines[second] == "Ours"
    assert third not in headlines
    assert first in headlines
    assert edition.subject == "Our subject"


@pytest.mark.parametrize("is_sent", [False, True])
def test_what_is_approved_or_sent_is_read_only_and_what_is_approved_can_be_held(
    desk: Desk, is_sent: bool
) -> None:
    approved = approve(desk.edition)
    desk.stores.editions.save(approved, what="approved it", now=desk.edition.made_at)
    if is_sent:
        desk.stores.editions.save(mark_sent(approved), what="sent", now=desk.edition.made_at)
    page = desk.page()
    fields = page.xpath(
        "//div[@data-region='lines' or @data-region='work']//*[self::textarea or self::input[@type!='hidden']]"
    )
    refused = desk.edit("pin", story=desk.edition.items[0].story_id)

    held = desk.edit("hold")

    assert fields
    assert all(
        one.get("readonly") is not None or one.xpath("ancestor::fieldset[@disabled]") for one in fields
    )
    assert bool(page.xpath("//button[text()='Hold to edit']")) is not is_sent
    assert refused.status == 422
    assert held.status == (422 if is_sent else 303)
    assert desk.edition.state is (EditionState.SENT if is_sent else EditionState.DRAFT)


def test_every_picture_is_made_ready_in_each_size_so_that_no_move_waits_for_one(desk: Desk) -> None:
    before = count_pictures(desk)
    with desk.stores.engine.begin() as connection:
        connection.execute(delete(pictures))
    desk.get(desk.path)

    assert before == 8
    wait_until(lambda: count_pictures(desk) == before)


def test_the_script_gets_the_page_at_once_with_its_place_and_what_is_refused_does_not_ask_so_again(
    desk: Desk,
) -> None:
    first, second = (item.story_id for item in desk.edition.items[:2])

    dropped = desk.edit("drop", story=first, back=f"story={first}", **{"at-once": "yes"})
    late = desk.edit("pin", story=second, revision="1", **{"at-once": "yes"})

    assert dropped.status == 200
    assert dropped.headers["content-location"] == f"{desk.path}?story={second}"
    assert dropped.found("//main/@data-revision") == ["2"]
    assert late.found("//form[@id='again']/input[@name='at-once']") == []
