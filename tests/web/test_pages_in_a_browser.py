"""The pages for readers in a real browser without scripts: all works, and axe finds nothing by day or by night."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from digest.deliver.sink import Sink, open_sink
from digest.model import SubscriberState
from digest.web.site import HERE
from tests.acceptance.conftest import wait_for
from tests.conftest import needs
from tests.web.conftest import ADDRESS, Served, serving

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

AXE = Path(__file__).resolve().parents[1] / "oracles" / "node_modules" / "axe-core" / "axe.min.js"
RUN_AXE = """async (rules) => {
  const options = rules ? {runOnly: rules} : {};
  const found = await axe.run(document, options);
  return found.violations.map(v => v.id + ": " + v.nodes.map(n => n.html).join(" | "));
}"""
SHORTEN = """() => document.querySelectorAll("select").forEach(
  select => { while (select.options.length > 3) select.remove(3); })"""
"""Leave three of the hundreds of time zones: axe looks at each."""
LANGUAGES = sorted(path.stem for path in (HERE / "words").glob("*.toml"))
NEWSLETTER = """
[newsletters.in-{language}]
title = "The Daily Dose"
from = "The Daily Dose <dose@dose.example>"
language = "{language}"
"""


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


@pytest.fixture(scope="module")
def sink() -> Iterator[Sink]:
    with open_sink() as made:
        yield made


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, sink: Sink) -> Iterator[Served]:
    more = "".join(NEWSLETTER.format(language=language) for language in LANGUAGES)
    with serving(tmp_path_factory.mktemp("site"), more=f"{more}\n[smtp]\nport = {sink.port}") as served:
        yield served


@pytest.fixture(scope="module")
def inspector(browser: Browser) -> Iterator[Page]:
    """Open a page that axe looks at copies in: it needs scripts, which the readers' browser has not."""
    needs("axe-core (npm ci --prefix tests/oracles)", AXE.is_file())
    page = browser.new_page(viewport={"width": 375, "height": 800})
    yield page
    page.close()


def problems(page: Page, inspector: Page) -> list[str]:
    """Return what axe finds on the page as it stands, by day and by night."""
    inspector.set_content(page.content())
    inspector.evaluate(SHORTEN)
    inspector.evaluate(AXE.read_text(encoding="utf-8"))
    found = list(inspector.evaluate(RUN_AXE, None))
    inspector.emulate_media(color_scheme="dark")
    found += inspector.evaluate(RUN_AXE, ["color-contrast"])
    inspector.emulate_media(color_scheme="light")
    wide = page.evaluate("document.documentElement.scrollWidth")
    return [f"{page.url}: {one}" for one in found] + ([f"{page.url}: {wide} wide"] if wide > 375 else [])


def mailed_link(sink: Sink, address: str) -> str:
    def mails() -> list[bytes]:
        return [content for to, content in sink.messages if to == address]

    wait_for(mails)
    message = message_from_bytes(mails()[-1], policy=policy.default)
    assert isinstance(message, EmailMessage)
    found = re.search(rf"{ADDRESS}(/\S+)", message.get_content())
    assert found is not None
    return found[1]


@pytest.mark.parametrize("language", LANGUAGES)
def test_signing_up_choosing_and_leaving_work_without_scripts(
    browser: Browser, inspector: Page, site: Served, sink: Sink, language: str
) -> None:
    name, address = f"in-{language}", f"{language}@example.org"
    root = f"http://127.0.0.1:{site.port}"
    context = browser.new_context(java_script_enabled=False, viewport={"width": 375, "height": 800})
    page = context.new_page()
    found: list[str] = []

    def press(selector: str = "main button") -> None:
        page.locator(selector).first.click()
        found.extend(problems(page, inspector))

    def state() -> SubscriberState | None:
        reader = site.site.stores.mailing.find(name, address)
        return reader.state if reader else None

    page.goto(f"{root}/subscribe/{name}")
    assert page.locator("html").get_attribute("lang") == language
    found += problems(page, inspector)
    page.fill("input[name=address]", "wrong@")
    page.locator("form").evaluate("form => form.noValidate = true")
    press()
    assert page.locator("[role=alert]").is_visible()
    page.fill("input[name=address]", address)
    press()
    assert state() is SubscriberState.PENDING

    page.goto(root + mailed_link(sink, address))
    found += problems(page, inspector)
    press()
    assert state() is SubscriberState.ACTIVE

    reader = site.site.stores.mailing.find(name, address)
    assert reader is not None
    page.goto(root + site.link(reader, "p"))
    found += problems(page, inspector)
    page.check("input[name=plain_text]")
    page.select_option("select[name=time_zone]", "Asia/Tokyo")
    press("button[value=save]")
    assert page.locator("[role=status]").is_visible()
    assert page.locator("input[name=plain_text]").is_checked()
    press("button[value=leave]")
    assert state() is SubscriberState.LEFT

    for path in (site.link(reader), "/c/wrong", f"/archive/{name}/"):
        page.goto(root + path)
        found += problems(page, inspector)
    context.close()

    assert found == []


def test_the_inspector_finds_what_is_wrong(browser: Browser, inspector: Page) -> None:
    page = browser.new_page()
    page.set_content("<html lang=en><title>x</title><main><h1>x</h1><input></main>")

    found = problems(page, inspector)
    page.close()

    assert any("label" in one for one in found)


def test_what_no_person_sees_no_person_fills(browser: Browser, site: Served) -> None:
    page = browser.new_page(java_script_enabled=False)
    page.goto(f"http://127.0.0.1:{site.port}/subscribe/daily")

    hidden = page.locator("input[name=topic]")

    assert hidden.count() == 1
    assert not hidden.is_visible()
    page.close()
