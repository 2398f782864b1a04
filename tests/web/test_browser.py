"""Every public page in a real browser: without barriers, in light and dark, from this host alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page

from tests.browser import VIEWS, blank, find_barriers, open_browser
from tests.web.conftest import Served, serving

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
EMAILS = "/archive/daily/2026-11-"
OFF_IN_EMAILS = ("landmark-one-main", "region")
"""An email has no landmarks: mail programs put it among their own."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with open_browser() as opened:
        yield opened


def paths_of(served: Served) -> list[str]:
    """Return a path of each kind of page; the last is what is said after leaving."""
    link = served.link(served.add_reader())
    return ["/archive/", "/archive/daily/", f"{EMAILS}24", link, "/u/", "/u/wrong", "/missing"]


@pytest.mark.parametrize("language", ["en", "ar"])
def test_no_page_has_a_barrier_or_asks_another_host(tmp_path: Path, browser: Browser, language: str) -> None:
    asked: set[str] = set()
    problems: list[str] = []
    found: dict[str, list[str]] = {}
    with serving(tmp_path, newsletter=f'language = "{language}"') as served:
        served.send(23)
        served.send(24)
        site = f"http://127.0.0.1:{served.port}"
        paths = paths_of(served)
        for view, width, scheme in VIEWS if language == "en" else VIEWS[2:]:
            page = blank(browser, width, scheme)
            page.on("request", lambda request: asked.add(urlsplit(request.url).netloc))
            page.on("pageerror", lambda error: problems.append(str(error)))
            page.on("console", lambda told: problems.append(told.text) if "Policy" in told.text else None)
            for path in paths:
                page.goto(site + path)
                off = OFF_IN_EMAILS if path.startswith(EMAILS) else ()
                found[f"{path}, {view}"] = find_barriers(page, off=off)
                check_page(page, language, width)
            page.close()

    assert {at: barriers for at, barriers in found.items() if barriers} == {}
    assert problems == []
    assert asked <= {f"127.0.0.1:{served.port}", ""}


def check_page(page: Page, language: str, width: int) -> None:
    """See that a page says its language and its direction, and that nothing sticks out."""
    told = page.evaluate("[document.documentElement.lang, document.documentElement.dir, document.compatMode]")
    wide = page.evaluate("document.documentElement.scrollWidth")

    assert told[1:] == ["rtl" if told[0] == "ar" else "ltr", "CSS1Compat"]
    assert told[0] in (language, "en")
    assert wide <= width


def test_no_page_tells_its_address_to_another_host(served: Served, browser: Browser) -> None:
    page = blank(browser, 700)
    page.route("https://outlet.example/**", lambda route: route.abort())
    page.goto(f"http://127.0.0.1:{served.port}{served.link(served.add_reader())}")

    with page.expect_request("https://outlet.example/story") as asked:
        page.evaluate(
            """() => {
              const link = document.createElement("a");
              link.href = "https://outlet.example/story";
              document.body.append(link);
              link.click();
            }"""
        )
    headers = asked.value.headers
    page.close()

    assert headers["user-agent"]
    assert "referer" not in headers


def test_leaving_works_with_the_keyboard_alone(served: Served, browser: Browser) -> None:
    page = blank(browser, 375)
    page.goto(f"http://127.0.0.1:{served.port}{served.link(served.add_reader())}")

    page.keyboard.press("Tab")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    heading = page.locator("h1").inner_text()
    barriers = find_barriers(page)
    page.close()

    assert heading == "You are unsubscribed"
    assert barriers == []
    assert not served.is_reader()
