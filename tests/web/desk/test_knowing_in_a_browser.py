"""In a real browser: preflight comes to its places by itself, and what an editor opened stays open."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.browser import blank, find_barriers
from tests.web.desk.conftest import Desk
from tests.web.desk.test_knowing import FIRST, claim

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    made = blank(browser, 1440)
    yield made
    made.close()


def test_findings_come_to_their_places_after_the_page_and_after_each_edit(desk: Desk, page: Page) -> None:
    claim(desk)
    page.goto(desk.url + desk.path)

    page.locator(f"#in-{FIRST} .mark", has_text="1 warning").wait_for()
    page.fill("#subject", "THE BELL OF THE FERRY RISES!!")
    page.press("#subject", "Tab")
    beside = page.locator("#subject-found")
    beside.get_by_text("capitals", exact=False).first.wait_for()
    page.locator("#weight summary").click()

    assert page.get_attribute("#subject", "aria-describedby") is not None
    assert find_barriers(page) == []


def test_what_is_open_stays_open_and_the_list_narrows_as_is_typed(desk: Desk, page: Page) -> None:
    page.goto(desk.url + desk.path)
    page.locator("#left-out summary").click()

    page.locator("#find").press_sequentially("number 2", delay=20)
    page.locator("#left-out").get_by_text("1 of 3 fit").wait_for()

    assert page.evaluate("document.activeElement.id") == "find"
    assert page.locator(".left-out li").count() == 1
    page.get_by_role("button", name="Put in: Bridge number 2 gets new lamps").click()
    page.locator("#in-outside-2.chosen").wait_for()
    assert page.locator("#left-out").get_attribute("open") is not None
