"""A real browser for tests: Debian's chromium, kept away from the network, with axe-core to look for barriers."""

from __future__ import annotations

import io
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image as Pillow
from playwright.sync_api import Browser, Page, sync_playwright

from tests.conftest import needs

ORACLES = Path(__file__).resolve().parent / "oracles"
AXE = ORACLES / "node_modules" / "axe-core" / "axe.min.js"
VIEWS = (("desktop", 700, "light"), ("phone", 375, "light"), ("phone in the dark", 375, "dark"))
"""The three ways in which everything that readers see is looked at."""


@contextmanager
def open_browser() -> Iterator[Browser]:
    """Start the browser; the test is skipped where it is not installed."""
    chromium = shutil.which("chromium")
    needs("chromium", chromium)
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(
            executable_path=chromium,
            args=["--disable-background-networking", "--no-first-run", "--no-sandbox"],
        )
        yield opened
        opened.close()


def blank(browser: Browser, width: int, scheme: str = "light") -> Page:
    """Open an empty page of that width, in light or dark."""
    return browser.new_page(
        viewport={"width": width, "height": 800}, color_scheme="dark" if scheme == "dark" else "light"
    )


def show(browser: Browser, html: str, width: int, scheme: str = "light") -> Page:
    """Open a page with that HTML, which can load nothing from anywhere."""
    page = blank(browser, width, scheme)
    page.route("**/*", lambda route: route.abort())
    page.set_content(html)
    return page


def photograph(page: Page) -> Pillow.Image:
    """Return the whole page as it is drawn."""
    return Pillow.open(io.BytesIO(page.screenshot(full_page=True))).convert("RGB")


def find_barriers(page: Page, *, off: tuple[str, ...] = ()) -> list[str]:
    """Return what axe-core finds wrong with a page, but for the rules that are `off`."""
    needs("axe-core (npm ci --prefix tests/oracles)", AXE.is_file())
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found: list[str] = page.evaluate(
        """async off => {
          const rules = Object.fromEntries(off.map(name => [name, {enabled: false}]));
          const found = await axe.run(document, {rules});
          return found.violations.map(
            v => v.id + ": " + v.nodes.map(n => n.html + " " + n.failureSummary).join("; "));
        }""",
        list(off),
    )
    return found
