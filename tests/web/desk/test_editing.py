"""Editing at the desk: each form is a revision, nothing that was typed is lost; all of it without a script."""

from __future__ import annotations

import pytest
from lxml import html as lxml_html

from digest.edition import approve, mark_sent
from digest.model import EditionState
from digest.subject.clusters import length
from digest.subject.write import SUBJECT_LIMIT
from tests.web.conftest import Answer
from tests.web.desk.conftest import Desk


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
