"""The email in a real browser: nothing sticks out, whatever the width and without the style block."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from digest.render.compose import render_edition
from tests.conftest import needs
from tests.render.sample import TEMPLATE, make_edition, make_item, make_newsletter, make_stub_pictures

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    chromium = shutil.which("chromium")
    needs("chromium", chromium)
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(
            executable_path=chromium,
            args=["--disable-background-networking", "--no-first-run", "--no-sandbox"],
        )
        yield opened
        opened.close()


def lay_out(*, language: str = "en") -> str:
    items = (
        make_item(0, headline="Donaudampfschifffahrtsgesellschaftskapitänswitwe" * 4),
        make_item(1, headline="W" * 2000, text="x" * 500),
        *(make_item(n) for n in range(2, 8)),
    )
    edition = make_edition(items=items, language=language)
    return render_edition(
        edition,
        make_newsletter(language=language),
        template_folder=TEMPLATE,
        pictures=make_stub_pictures(edition),
    ).html


def measure(browser: Browser, html: str, width: int) -> tuple[str, int, int]:
    """Return the page's mode, how wide it is and how high."""
    page = browser.new_page(viewport={"width": width, "height": 800})
    try:
        page.route("**/*", lambda route: route.abort())
        page.set_content(html)
        mode, wide, high = page.evaluate(
            "[document.compatMode, document.documentElement.scrollWidth, document.body.scrollHeight]"
        )
        return str(mode), int(wide), int(high)
    finally:
        page.close()


@pytest.mark.parametrize("width", [320, 375, 700])
@pytest.mark.parametrize("language", ["en", "ar"])
def test_nothing_sticks_out(browser: Browser, width: int, language: str) -> None:
    mode, wide, _ = measure(browser, lay_out(language=language), width)

    assert mode == "CSS1Compat"
    assert wide <= width


def test_without_its_style_block_the_email_keeps_its_height(browser: Browser) -> None:
    edition = make_edition(15)
    html = render_edition(
        edition, make_newsletter(), template_folder=TEMPLATE, pictures=make_stub_pictures(edition)
    ).html

    _, _, with_styles = measure(browser, html, 700)
    _, _, without = measure(browser, re.sub(r"<style\b.*?</style>", "", html, flags=re.DOTALL), 700)

    assert abs(with_styles - without) <= 20
