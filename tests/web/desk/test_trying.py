"""Try an edition at the desk: a test to oneself through a real server, a rehearsal, files and pictures of it."""

from __future__ import annotations

import io
import re
import shutil
from collections.abc import Iterator
from email import policy
from email.parser import BytesParser
from pathlib import Path
from threading import Event
from time import monotonic
from typing import cast

import pytest
from lxml import html as lxml_html
from PIL import Image
from playwright.sync_api import Browser, expect

from digest import app
from digest.rehearsal import Listed, Rehearsal
from digest.web.desk.snapshot import NO_BROWSER, draw
from digest.web.desk.trying import tell_rehearsal
from tests.browser import find_barriers
from tests.conftest import needs
from tests.deliver.servers import Mailbag, free_port, good_server
from tests.web.desk.conftest import Desk, OpenDesk

ME = "mara@dose.example"
EDITOR = f'editor = "Mara Holt <{ME}>"'


@pytest.fixture
def bag() -> Iterator[Mailbag]:
    with good_server() as made:
        yield made


@pytest.fixture
def posted(open_desk: OpenDesk, bag: Mailbag) -> Iterator[Desk]:
    """Serve a desk whose mail goes to a real server."""
    with open_desk(newsletter=EDITOR, more=f"[smtp]\nport = {bag.port}") as desk:
        yield desk


def panel(desk: Desk) -> lxml_html.HtmlElement:
    return desk.page(f"{desk.path}?panel=try")


def told(desk: Desk, kind: str) -> str:
    """Return what the panel says of what was tried, once that has ended."""
    path = f"//*[@data-attempt='{kind}']"
    pause, end = Event(), monotonic() + 90
    while panel(desk).xpath(f"{path}[@data-busy]"):
        assert monotonic() < end, "it does not end"
        pause.wait(0.1)
    found = cast("list[lxml_html.HtmlElement]", panel(desk).xpath(path))
    return " ".join(found[0].text_content().split())


# --- send to me ----------------------------------------------------------------------------------


def test_the_panel_is_closed_until_it_is_asked_for_and_knows_the_editor(posted: Desk) -> None:
    closed = posted.page()

    assert closed.xpath("//*[@id='test-address']") == []
    assert closed.get_element_by_id("open-try").get("aria-expanded") == "false"
    assert panel(posted).get_element_by_id("test-address").get("value") == ME


def test_a_test_reaches_the_editor_and_the_servers_words_are_told(posted: Desk, bag: Mailbag) -> None:
    answer = posted.post(f"{posted.path}test", address=ME, back="story=sample-03")

    assert answer.status == 303
    assert answer.headers["location"] == f"{posted.path}?story=sample-03&panel=try"
    assert told(posted, "test") == f"daily/2026-11-24: a test went to {ME} (250 2.0.0 Kept)."
    ((recipient, content),) = bag.messages
    message = BytesParser(policy=policy.default).parsebytes(content)
    body = message.get_body(("html",))
    assert recipient == ME
    assert message["Subject"] == f"[Test] {posted.edition.subject}"
    assert body is not None
    assert posted.edition.items[14].headline in body.get_content()


def test_what_the_server_refuses_is_told_in_its_words(posted: Desk, bag: Mailbag) -> None:
    bag.refusals[ME] = "550 5.1.1 Nobody of that name"

    posted.post(f"{posted.path}test", address=ME)

    assert "a test went to nobody" in told(posted, "test")
    assert "550 5.1.1 Nobody of that name" in told(posted, "test")


def test_a_server_that_is_not_there_is_told(open_desk: OpenDesk) -> None:
    port = free_port()
    with open_desk(more=f"[smtp]\nport = {port}") as desk:
        desk.post(f"{desk.path}test", address=ME)

        assert str(port) in told(desk, "test")


def test_what_is_no_address_is_refused_and_nothing_is_sent(posted: Desk, bag: Mailbag) -> None:
    refused = posted.post(f"{posted.path}test", address="mara at dose")

    assert refused.status == 422
    assert "no email address" in refused.text
    assert bag.messages == []


# --- rehearse ------------------------------------------------------------------------------------


def test_a_rehearsal_tells_of_doubt_and_only_of_what_went_wrong() -> None:
    listed = (Listed(address="ada@reader.example", state="doubt", reply="", arrived=1),)
    done = Rehearsal(
        edition="daily/2026-11-24",
        readers=2,
        once=2,
        listed=listed,
        problems=(),
        faults={"drop-after-dot": 1, "slow": 0},
        seconds=1.5,
    )

    assert tell_rehearsal(done).sentence == (
        "Proven: 2 of 2 readers got exactly one; listed with the reason: 1 in doubt. Who is in doubt may be among "
        "those who got it. The server failed on purpose: drop-after-dot 1 times. It took 1.5 seconds."
    )


def test_a_rehearsal_is_proven_names_no_reader_and_sends_nothing(desk: Desk) -> None:
    desk.stores.mailing.add("daily", "ada@reader.example", consent="asked", now=app.now())

    answer = desk.post(f"{desk.path}rehearse", readers="40", fault="5xx")
    proof = told(desk, "rehearsal")

    assert answer.status == 303
    assert re.match(r"Proven: \d+ of 40 readers got exactly one", proof)
    assert "failed on purpose: 5xx" in proof
    assert "@" not in proof
    assert desk.stores.mailing.list_deliveries(desk.name) == []


def test_while_a_rehearsal_goes_on_its_page_says_so_and_no_second_one_starts(desk: Desk) -> None:
    going = desk.post(f"{desk.path}rehearse", readers="1500", fault="slow")
    page, again = panel(desk), desk.post(f"{desk.path}rehearse", readers="10")

    assert going.status == 303
    assert page.xpath("//*[@data-attempt='rehearsal' and @data-busy]//progress")
    assert page.xpath("//*[@data-attempt='rehearsal']//a/@href") == [f"{desk.path}?panel=try"]
    assert again.status == 422
    assert "under way" in again.text
    assert told(desk, "rehearsal").startswith("Proven")


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"readers": "many"}, "no number of readers"),
        ({"readers": "9999999"}, "no number of readers"),
        ({"readers": "0"}, "no number of readers"),
        ({"fault": "fire"}, "no fault"),
    ],
)
def test_what_cannot_be_rehearsed_is_refused(desk: Desk, fields: dict[str, str], words: str) -> None:
    refused = desk.post(f"{desk.path}rehearse", **fields)

    assert refused.status == 422
    assert words in refused.text


def test_without_readers_the_rehearsal_says_so(desk: Desk) -> None:
    desk.post(f"{desk.path}rehearse", readers="")

    assert "has no readers" in told(desk, "rehearsal")


def test_a_rehearsal_that_proves_nothing_counts_who_it_went_wrong_for() -> None:
    done = tell_rehearsal(
        Rehearsal(
            edition="daily/2026-11-24",
            readers=3,
            seconds=1.5,
            faults={"kill": 2},
            once=1,
            listed=(Listed(address="ada@reader.example", state="failed", reply="550", arrived=0),),
            problems=("grace@reader.example got it 2 times.",),
        )
    )

    assert done.sentence.startswith(
        "Not proven: 1 of 3 readers got exactly one; listed with the reason: 1 failed"
    )
    assert "@" not in done.sentence + done.failures[0].message
    assert "digest rehearse daily/2026-11-24" in done.failures[0].message


# --- save ----------------------------------------------------------------------------------------


def test_an_edition_is_saved_as_message_page_and_text(desk: Desk) -> None:
    files = {kind: desk.get(f"{desk.path}save/email.{kind}") for kind in ("eml", "html", "txt")}
    message = BytesParser(policy=policy.default).parsebytes(files["eml"].body)
    headline = desk.edition.items[5].headline

    assert {kind: one.headers["content-disposition"] for kind, one in files.items()} == {
        kind: f"attachment; filename*=UTF-8''daily-2026-11-24.{kind}" for kind in files
    }
    assert message["Subject"] == desk.edition.subject
    assert headline in files["html"].text
    assert headline in " ".join(files["txt"].text.split())
    assert "[[" not in files["html"].text
    sources = files["html"].found("//img/@src")
    assert len(sources) > 5
    assert all(source.startswith("data:image/jpeg;base64,") for source in sources)
    assert desk.get(f"{desk.path}save/email.exe").status == 404


def test_an_older_revision_can_be_saved(desk: Desk) -> None:
    desk.edit("subject", text="A subject of my own")

    first, second = (desk.get(f"{desk.path}save/email.eml?revision={number}") for number in (1, 2))

    assert b"A subject of my own" not in first.body
    assert b"A subject of my own" in second.body


def test_each_view_is_saved_as_a_picture_of_its_whole_length(desk: Desk) -> None:
    needs("chromium", shutil.which("chromium") or shutil.which("google-chrome"))
    asked = ("width=375&look=dark", "width=700&pictures=off")

    dark, bare = (desk.get(f"{desk.path}save/email.png?revision=1&{query}") for query in asked)

    one, other = (Image.open(io.BytesIO(answer.body)) for answer in (dark, bare))
    assert dark.headers["content-disposition"].endswith("daily-2026-11-24-375-dark.png")
    assert (one.width, other.width) == (375, 700)
    assert one.height > other.height > 2000
    assert sum(cast("tuple[int, int, int]", one.getpixel((2, one.height // 2)))) < 150
    assert sum(cast("tuple[int, int, int]", other.getpixel((2, other.height // 2)))) > 600


def test_a_picture_is_of_the_desk_alone(tmp_path: Path) -> None:
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    needs("chromium", browser)
    assert browser is not None
    page = tmp_path / "page.html"
    with good_server() as elsewhere:
        page.write_text(
            f'<body style="margin:0"><img src="http://127.0.0.1:{elsewhere.port}/x.png" width="40" height="40">'
        )
        picture = Image.open(io.BytesIO(draw(f"file://{page}", browser=browser, width=320)))

        assert elsewhere.sessions == set()
    assert picture.width == 320


def test_without_a_browser_the_button_and_its_answer_say_so(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    answer, button = desk.get(f"{desk.path}save/email.png"), panel(desk).get_element_by_id("save-png")

    assert answer.status == 501
    assert answer.text == NO_BROWSER + "\n"
    assert button.text_content() == NO_BROWSER


# --- in a browser --------------------------------------------------------------------------------


@pytest.mark.browser
@pytest.mark.xdist_group("browser")
def test_an_editor_tries_and_approves_with_the_keyboard(posted: Desk, bag: Mailbag, browser: Browser) -> None:
    page = browser.new_page(viewport={"width": 1200, "height": 900})
    page.set_default_timeout(8000)
    page.goto(posted.url + posted.path)
    page.locator("html.js").wait_for(state="attached")

    page.keyboard.press("t")
    page.locator("#test-address").fill("me@dose.example")
    page.keyboard.press("Enter")
    expect(page.locator("[data-attempt=test]")).to_contain_text("250 2.0.0 Kept")
    expect(page.locator("#test-address")).to_have_value("me@dose.example")
    barriers = find_barriers(page)
    page.reload()
    remembered = page.locator("#test-address").input_value()
    page.keyboard.press("s")
    expect(page.locator("#send-at")).to_be_visible()
    barriers += find_barriers(page)
    page.locator("#act-approve").press("Enter")
    expect(page.locator(".head .state")).to_have_text(re.compile("approved", re.IGNORECASE))
    page.keyboard.press("h")
    expect(page.locator(".head .state")).to_have_text(re.compile("held", re.IGNORECASE))
    page.close()

    assert [to for to, _ in bag.messages] == ["me@dose.example"]
    assert remembered == "me@dose.example"
    assert barriers == []


@pytest.mark.browser
@pytest.mark.xdist_group("browser")
def test_a_rehearsal_is_followed_to_its_end_and_errors_are_asked_about(
    open_desk: OpenDesk, browser: Browser
) -> None:
    with open_desk(more='[site]\npostal_address = ""') as desk:
        page = browser.new_page(viewport={"width": 320, "height": 800}, color_scheme="dark")
        page.set_default_timeout(8000)
        page.goto(f"{desk.url}{desk.path}?panel=try")
        page.locator("html.js").wait_for(state="attached")

        page.locator("#rehearse-readers").fill("30")
        page.locator("#rehearse-fault").select_option("4xx")
        page.locator("#act-rehearse").click()
        expect(page.locator("[data-attempt=rehearsal]")).to_contain_text("Proven", timeout=90_000)
        page.locator("#act-approve").click()
        expect(page.locator(".asked li").first).to_be_visible()
        barriers = find_barriers(page)
        page.emulate_media(color_scheme="light")
        barriers += find_barriers(page)
        wide = page.evaluate("document.documentElement.scrollWidth")
        page.locator("#not-approve").click()
        expect(page.locator(".asked li")).to_have_count(0)
        page.close()

    assert barriers == []
    assert wide <= 320
