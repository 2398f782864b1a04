"""The pages around an edition in a real browser: without barriers, live, and usable with and without the script."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page

from digest.model import DeliveryState
from tests.browser import blank, find_barriers
from tests.web.desk.conftest import SOURCE, Desk
from tests.web.desk.pages import PROMO, STORY, write_page
from tests.web.desk.test_around import send, settle
from tests.web.desk.test_sources import read_pages

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def test_no_page_around_has_a_barrier_or_is_wider_than_its_window(desk: Desk, browser: Browser) -> None:
    name = send(desk)
    settle(
        desk,
        0,
        DeliveryState.FAILED,
        "550 5.1.1 no such user here, and a very-long-word-without-any-break" * 3,
    )
    taught = read_pages(desk)[0].id
    paths = ["/editions/", "/sources/", f"/sources/{SOURCE}/", "/readers/", "/outbox/", f"/outbox/{name}/"]
    paths += ["/manual/", "/manual/email", "/manual/preflight", f"/sources/{SOURCE}/teach/{taught}"]
    problems: list[str] = []
    found: dict[str, list[str]] = {}
    for width, scheme in ((1440, "light"), (320, "dark")):
        page = blank(browser, width, scheme)
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("console", lambda told: problems.append(told.text) if "Policy" in told.text else None)
        for path in paths:
            answer = page.goto(desk.url + path)
            assert answer is not None and answer.ok, path
            if "/teach/" in path:
                page.locator(".paragraphs input").last.uncheck()
                page.click("#try")
                page.locator("#write").wait_for()
            found[f"{path} {width}"] = find_barriers(page)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        page.close()

    assert {at: barriers for at, barriers in found.items() if barriers} == {}
    assert problems == []


def test_each_link_fetches_one_page_and_those_to_a_chapter_none(desk: Desk, browser: Browser) -> None:
    page = blank(browser, 1100)
    asked: list[str] = []
    page.on(
        "request", lambda one: asked.append(one.url) if one.resource_type in ("document", "fetch") else None
    )
    page.goto(f"{desk.url}/sources/")
    page.locator("html.js").wait_for(state="attached")
    with page.expect_navigation():
        page.locator("nav a[href='/sources/']").click()
    page.goto(f"{desk.url}/manual/email")
    page.locator("html.js").wait_for(state="attached")
    link = page.locator(".chapters a").last
    chapter = link.get_attribute("href") or ""
    link.click()
    page.wait_for_load_state("networkidle")
    address, top = page.url, page.evaluate("scrollY")
    page.close()

    assert asked == [f"{desk.url}/sources/"] * 2 + [f"{desk.url}/manual/email"]
    assert address.endswith(f"/manual/email{chapter}")
    assert top > 0


def test_the_outbox_moves_by_itself_and_keeps_the_focus(desk: Desk, browser: Browser) -> None:
    name = send(desk)
    page = blank(browser, 1100)
    page.goto(f"{desk.url}/outbox/{name}/")
    page.get_by_text("0 of 3 settled").wait_for()
    page.locator("#do-stop").focus()

    settle(desk, 0, DeliveryState.SENT)
    settle(desk, 1, DeliveryState.SENT)
    page.get_by_text("2 of 3 settled").wait_for(timeout=5000)
    focused = page.evaluate("document.activeElement.id")
    page.keyboard.press("Enter")
    page.get_by_role("status").get_by_text("Stopped", exact=True).wait_for()
    page.close()

    assert focused == "do-stop"
    assert desk.stores.mailing.counts(name)[DeliveryState.SKIPPED] == 1


def test_a_story_is_corrected_without_any_script(desk: Desk, browser: Browser) -> None:
    write_page(desk.folder / "inbox")
    context = browser.new_context(java_script_enabled=False)
    page: Page = context.new_page()
    page.goto(f"{desk.url}/sources/{SOURCE}/")
    page.click("#fetch")
    link = page.get_by_role("link", name=f"Correct {STORY}")
    for _ in range(50):
        if link.count():
            break
        page.goto(f"{desk.url}/sources/{SOURCE}/")

    link.click()
    page.get_by_label(PROMO[:40]).uncheck()
    page.click("#try")
    page.click("#write")
    told = page.get_by_role("status").first.inner_text()
    context.close()

    assert told.startswith("The rule is written")
    assert [file.name for file in desk.config.sites.glob("*.toml")] == ["quay.example.toml"]
