"""The desk's views: an edition as its readers will see it, beside its last one and its own revisions."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

from lxml import html as lxml_html
from playwright.sync_api import Browser, Page, expect

from digest.model import Edit, EditionName, EditKind
from digest.pipeline.changing import change
from digest.web.desk.views import VIEWS
from tests.browser import blank, find_barriers
from tests.web.desk.conftest import Desk


def frames(page: lxml_html.HtmlElement) -> dict[str, str]:
    """Return the addresses of a page's emails by the frame's name."""
    return {one.get("data-frame"): one.get("src") for one in page.iter("iframe")}


def add_last_edition(desk: Desk) -> EditionName:
    """Keep an edition of the day before, with six stories and another subject."""
    edition = desk.edition
    name = EditionName(newsletter="daily", date=edition.name.date - timedelta(days=1))
    before = replace(edition, name=name, items=edition.items[3:9], subject="Bakers sing to a full house")
    desk.stores.editions.save(before, what="drafted", now=edition.made_at)
    return name


def test_every_view_says_that_it_is_an_approximation(desk: Desk) -> None:
    for view in VIEWS:
        assert "Approximation:" in desk.page(f"{desk.path}?view={view}").text_content(), view
    for look in ("light", "dark", "inverted"):
        assert "Approximation:" in desk.page(f"{desk.path}?look={look}").text_content(), look


def test_an_email_is_seen_in_each_look_under_a_policy_that_runs_nothing(desk: Desk) -> None:
    light, dark, inverted = (
        desk.get(f"{desk.path}email.html?look={look}") for look in ("", "dark", "inverted")
    )

    assert "@media (max-width:0){\nbody{background:#121110" in light.text
    assert "@media (min-width:0){\nbody{background:#121110" in dark.text
    assert 'style="background:#121212;background-color:#121212;' in inverted.text
    for answer in (light, dark, inverted):
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "sandbox" in policy
        assert "script-src" not in policy
        assert "allow-scripts" not in policy


def test_with_pictures_off_nothing_may_be_fetched_and_alt_texts_stay(desk: Desk) -> None:
    answer = desk.get(f"{desk.path}email.html?pictures=off")

    assert "img-src 'none'" in answer.headers["content-security-policy"]
    pictures = list(answer.page.iter("img"))
    assert {one.get("src") for one in pictures} == {""}
    assert pictures[0].get("alt") == "Scene 0 0"


def test_styles_can_be_stripped(desk: Desk) -> None:
    assert list(desk.get(f"{desk.path}email.html").page.iter("style"))
    assert not list(desk.get(f"{desk.path}email.html?styles=off&look=dark").page.iter("style"))


def test_an_email_is_laid_out_from_right_to_left(desk: Desk) -> None:
    plain, turned = desk.get(f"{desk.path}email.html").page, desk.get(f"{desk.path}email.html?way=rtl").page

    assert (plain.get("dir"), turned.get("dir")) == ("ltr", "rtl")
    first = desk.edition.items[0].headline
    assert first in turned.text_content()
    assert {cell.get("dir") for cell in turned.find_class("date")} == {"rtl"}
    assert desk.get(f"{desk.path}email.html").page.get("dir") == "ltr"


def test_how_the_email_is_looked_at_is_remembered_while_stories_are_chosen(desk: Desk) -> None:
    chosen = "look=dark&width=375&pictures=off&styles=off&way=rtl"

    page = desk.page(f"{desk.path}?{chosen}")

    picks = [one.get("href") for one in page.find_class("pick")]
    assert len(picks) == 15
    for part in chosen.split("&"):
        assert all(part in address for address in picks)
    (frame,) = page.iter("iframe")
    assert "wide-375" in frame.get("class")
    for part in ("look=dark", "pictures=off", "styles=off", "way=rtl"):
        assert part in frame.get("src")


def test_the_email_stands_beside_the_last_edition(desk: Desk) -> None:
    assert "Beside the last edition" not in desk.page().text_content()
    name = add_last_edition(desk)

    page = desk.page(f"{desk.path}?beside=last&look=dark")

    shown = frames(page)
    assert shown["last"].startswith(f"/editions/{name}/email.html?")
    assert "look=dark" in shown["last"]
    last = desk.get(shown["last"]).page.text_content()
    assert desk.edition.items[4].headline in last
    assert desk.edition.items[0].headline not in last
    texts = desk.page(f"{desk.path}?view=text&beside=last").cssselect(".texts pre")
    assert [desk.edition.items[0].headline in one.text_content() for one in texts] == [True, False]


def test_two_revisions_stand_side_by_side_with_the_words_that_changed(desk: Desk) -> None:
    first, second = desk.edition.items[:2]
    swum = first.headline.replace("Divers", "Swimmers")
    words = Edit(kind=EditKind.REWRITE, story_id=first.story_id, field="headline", text=swum)
    change(desk.stores.editions, desk.name, [words], now=desk.edition.made_at, who="ann")
    drop = Edit(kind=EditKind.DROP, story_id=second.story_id)
    change(desk.stores.editions, desk.name, [drop], now=desk.edition.made_at, who="ben")

    newest = desk.page(f"{desk.path}?view=revisions")
    chosen = desk.page(f"{desk.path}?view=revisions&before=1&after=2&look=dark")

    assert "taken out of place 2" in newest.text_content()
    story = chosen.cssselect(".changes li")[1]
    assert story.cssselect("b")[0].text_content() == swum
    assert [one.text_content() for one in story.iter("ins")] == ["Swimmers "]
    assert [one.text_content() for one in story.iter("del")] == ["Divers "]
    selects = {one.get("name"): one for one in chosen.iter("select")}
    assert (selects["before"].value, selects["after"].value) == ("1", "2")
    (form,) = chosen.find_class("compare")
    assert {one.get("name"): one.get("value") for one in form.iter("input")} == {
        "view": "revisions",
        "look": "dark",
    }
    before, after = (desk.get(frames(chosen)[key]).page.text_content() for key in ("before", "after"))
    assert (swum in before, swum in after) == (False, True)


def test_revisions_that_are_none_are_passed_over(desk: Desk) -> None:
    page = desk.page(f"{desk.path}?view=revisions&before=99&after=-1%27")

    assert "one revision beside itself" in page.text_content()


def test_inbox_rows_show_this_edition_above_the_last_one_in_light_and_dark(desk: Desk) -> None:
    add_last_edition(desk)

    page = desk.page(f"{desk.path}?view=inbox")

    lists = page.find_class("inbox")
    assert len(lists) == 8
    for one in lists:
        subjects = [row.text_content() for row in one.find_class("subject")]
        assert subjects == [desk.edition.subject, "Bakers sing to a full house"]
    assert "Cut: preheader." in page.text_content()


def test_text_headers_and_source_are_those_of_the_message(desk: Desk) -> None:
    message = desk.get(f"{desk.path}message.eml").text

    text = desk.page(f"{desk.path}?view=text").cssselect(".texts pre")[0].text_content()
    headers = desk.page(f"{desk.path}?view=headers").cssselect(".headers dt")
    source = desk.page(f"{desk.path}?view=message").cssselect("pre.paper")[0].text_content()

    assert "@@" not in text
    assert desk.edition.items[-1].headline.split()[0] in text
    head = message.replace("\r\n ", " ").partition("\r\n\r\n")[0]
    assert [one.text_content() for one in headers] == [line.partition(":")[0] for line in head.split("\r\n")]
    assert re.search(r"\[\d+ more lines of base64\]", source)
    assert source.count("Content-Type: image/jpeg") == message.count("Content-Type: image/jpeg")
    assert len(source) < len(message) / 2


def scrolled(page: Page) -> float:
    top: float = page.evaluate("document.querySelector('iframe').contentWindow.scrollY")
    return top


def test_a_chosen_story_is_scrolled_to_in_the_email_and_one_clicked_there_is_chosen(
    desk: Desk, browser: Browser
) -> None:
    items = desk.edition.items
    page = blank(browser, 1440)
    page.goto(f"{desk.url}{desk.path}?width=375")
    email = page.frame_locator("iframe[data-frame=email]")
    expect(email.get_by_role("heading", name=items[10].headline)).to_be_attached()
    assert scrolled(page) == 0

    page.locator(f"#in-{items[10].story_id} .pick").click()
    expect(email.get_by_role("heading", name=items[10].headline)).to_be_in_viewport()
    assert scrolled(page) > 200

    email.get_by_role("heading", name=items[9].headline).get_by_role("link").click()
    expect(page.locator(f"#in-{items[9].story_id}.chosen")).to_be_attached()
    assert len(page.context.pages) == 1
    page.close()


def test_views_change_in_place_and_have_no_barriers(desk: Desk, browser: Browser) -> None:
    add_last_edition(desk)
    page = blank(browser, 375, "dark")
    page.goto(desk.url + desk.path)
    page.evaluate("window.stays = true")

    for label, count in (("Inverted", 1), ("Beside the last edition", 2), ("Inbox row", 0), ("Revisions", 2)):
        page.get_by_role("link", name=label, exact=True).click()
        expect(page.locator("iframe")).to_have_count(count)
        expect(page.get_by_role("link", name=label, exact=True)).to_have_attribute("aria-current", "true")
        assert page.evaluate("document.documentElement.scrollWidth") <= 375
        assert find_barriers(page) == []
    assert page.evaluate("window.stays") is True
    page.close()
