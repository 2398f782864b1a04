"""In a real browser: an editor is told what she did, once, and is led to what she chose."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import find_barriers
from tests.web.desk.conftest import Desk, OpenDesk

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


@pytest.fixture
def page(browser: Browser, desk: Desk) -> Iterator[Page]:
    opened = browser.new_page(viewport={"width": 1280, "height": 800})
    opened.set_default_timeout(5000)
    show(opened, desk)
    yield opened
    opened.close()


def show(page: Page, desk: Desk) -> None:
    page.goto(desk.url + desk.path)
    page.locator("html.js").wait_for(state="attached")


def test_what_was_done_is_told_by_its_name(page: Page, desk: Desk) -> None:
    headline = desk.edition.items[0].headline[:40]
    told = page.locator("#saying")

    page.keyboard.press("p")
    expect(told).to_contain_text(f"Done: pinned '{headline}")
    expect(told).to_be_in_viewport(ratio=1)
    barriers = find_barriers(page)
    page.keyboard.press("J")
    expect(told).to_contain_text(f"Done: moved '{headline}")
    page.keyboard.press("u")
    expect(told).to_contain_text(f"Undone: moved '{headline}")
    page.keyboard.press("h")
    expect(told).to_contain_text("Held: nothing sends it until you approve it")
    expect(told).to_have_class("sr")

    assert barriers == []


def test_an_edit_is_answered_with_the_page_and_nothing_is_fetched_besides(page: Page, desk: Desk) -> None:
    fetched: list[str] = []
    page.on("request", lambda asked: fetched.append(f"{asked.method} {asked.url.removeprefix(desk.url)}"))

    for number in range(2, 6):
        page.keyboard.press("J")
        expect(page.locator("main")).to_have_attribute("data-revision", str(number))
    expect(page.locator("html[data-waiting]")).to_have_count(0)

    assert [one for one in fetched if one.split("?")[0].endswith(desk.path)] == []
    assert fetched.count(f"POST {desk.path}edit") == 4


def test_the_banner_goes_once_what_was_kept_in_it_is_applied(
    page: Page, browser: Browser, desk: Desk
) -> None:
    other = browser.new_page()
    show(other, desk)
    page.locator("#headline").fill("From the one window")
    other.locator("#headline").fill("From the other window")
    page.locator("#text").focus()
    expect(page.locator("main")).to_have_attribute("data-revision", "2")

    other.locator("#text").focus()
    other.locator("#again button").click()
    expect(other.locator("main")).to_have_attribute("data-revision", "3")

    expect(other.locator('[data-region="told"]')).to_be_hidden()
    expect(page.locator("#headline")).to_have_value("From the other window")
    other.close()


def test_a_headline_that_was_emptied_comes_back_and_holds_up_nothing(page: Page, desk: Desk) -> None:
    headline = desk.edition.items[0].headline

    page.locator("#headline").fill("")
    page.locator("#text").focus()
    expect(page.locator('[data-region="told"]')).to_contain_text("cannot be empty")
    expect(page.locator("#headline")).to_have_value(headline)
    page.locator("#text").fill("Words of our own.")
    page.locator("#caption").focus()
    expect(page.locator("main")).to_have_attribute("data-revision", "2")

    assert (desk.edition.items[0].headline, desk.edition.items[0].text) == (headline, "Words of our own.")


def test_a_story_chosen_on_a_phone_is_gone_to(browser: Browser, desk: Desk) -> None:
    phone = browser.new_context(viewport={"width": 375, "height": 740}, has_touch=True, is_mobile=True)
    page = phone.new_page()
    show(page, desk)
    third = desk.edition.items[2]

    page.locator(".stories .pick").nth(2).tap()

    expect(page.locator("#headline")).to_have_value(third.headline)
    expect(page.locator("#headline")).to_be_in_viewport()
    phone.close()


def test_without_a_script_nothing_is_said_to_save_itself(browser: Browser, desk: Desk) -> None:
    window = browser.new_context(java_script_enabled=False)
    page = window.new_page()
    page.goto(desk.url + desk.path)

    expect(page.locator("#save")).to_be_visible()
    expect(page.get_by_text("A field is saved as you leave it.", exact=True)).to_be_hidden()
    window.close()


def test_warnings_of_the_whole_email_are_folded_away_and_errors_are_not(
    browser: Browser, open_desk: OpenDesk
) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.set_default_timeout(8000)
    with open_desk() as desk:
        show(page, desk)
        folded = page.locator("#preflight-email")
        expect(folded.locator("summary")).to_contain_text("1 warning")
        was_open = folded.get_attribute("open")
        folded.locator("summary").click()
        page.keyboard.press("p")
        expect(page.locator("main")).to_have_attribute("data-revision", "2")
        expect(folded.get_by_text("Unsubscribing goes by mail only", exact=False)).to_be_visible()
        barriers = find_barriers(page)
    page.close()

    assert was_open is None
    assert barriers == []


def test_an_error_of_the_whole_email_is_open_at_once(browser: Browser, open_desk: OpenDesk) -> None:
    page = browser.new_page()
    with open_desk(more='[site]\npostal_address = ""') as desk:
        show(page, desk)

        expect(page.locator("#preflight-email")).to_have_attribute("open", "")
        expect(page.get_by_text("There is no postal address", exact=False).first).to_be_visible()
    page.close()
