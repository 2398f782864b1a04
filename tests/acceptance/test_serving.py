"""`digest serve` makes a configured public_url true, and nobody who left through it gets another edition."""

from __future__ import annotations

import json
import re
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from digest.deliver.sink import Sink
from tests.acceptance.conftest import COMMAND, Project, clean_environment, configuration, parsed
from tests.conftest import needs

CHROMIUM = shutil.which("chromium")
ADA, GRACE = "ada@example.org", "grace@example.org"


@dataclass(slots=True)
class Public:
    """The public pages of a project, served by the installed command."""

    project: Project
    address: str
    process: subprocess.Popen[str]
    log: Path

    def ask(self, url: str, method: str = "GET", body: str | None = None) -> tuple[int, str]:
        """Make one request; `url` is a path or a whole address."""
        parts = urlsplit(url if "//" in url else self.address.rstrip("/") + url)
        connection = HTTPConnection(parts.hostname or "", parts.port, timeout=20)
        headers = {"Content-Type": "application/x-www-form-urlencoded"} if body is not None else {}
        connection.request(method, f"{parts.path}?{parts.query}", body=body, headers=headers)
        response = connection.getresponse()
        try:
            return response.status, response.read().decode("utf-8", "replace")
        finally:
            connection.close()


@contextmanager
def serve(project: Project, *options: str) -> Iterator[Public]:
    """Serve a project's public pages until the block ends."""
    log = project.folder / "serve.log"
    with log.open("w", encoding="utf-8") as errors:
        process = subprocess.Popen(
            [str(COMMAND), "serve", *options],
            cwd=project.folder,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            env=clean_environment(),
        )
        try:
            assert process.stdout is not None
            address = process.stdout.readline().strip()
            assert address, log.read_text(encoding="utf-8")
            yield Public(project, address, process, log)
        finally:
            process.terminate()
            process.wait(timeout=20)
            assert process.stdout is not None
            process.stdout.close()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def public(project: Project, mailbox: Sink) -> Iterator[Public]:
    """Serve a project that was sent, its public address being the server's own."""
    port = free_port()
    site = f'[site]\npublic_url = "http://127.0.0.1:{port}"\n'
    project.configure(site + configuration(port=mailbox.port))
    project.run("run", "daily", expect=None)
    with serve(project, "--port", str(port)) as served:
        yield served


def states(project: Project) -> dict[str, str]:
    lines = project.run("subscribers", "list", "--newsletter", "daily", "--json").stdout.splitlines()
    return {reader["address"]: reader["state"] for reader in map(json.loads, lines)}


def test_a_mailbox_unsubscribes_with_the_header_of_the_received_message(
    public: Public, mailbox: Sink
) -> None:
    message = parsed(dict(mailbox.messages)[ADA])
    found = re.search(r"<(http[^>]+)>", message["List-Unsubscribe"])
    assert found is not None
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"

    followed = public.ask(found[1])[0]
    before = states(public.project)
    posted = public.ask(found[1], "POST", "List-Unsubscribe=One-Click")[0]
    again = public.ask(found[1], "POST", "List-Unsubscribe=One-Click")[0]

    assert (followed, posted, again) == (200, 200, 200)
    assert before == {ADA: "active", GRACE: "active"}
    assert states(public.project) == {ADA: "left", GRACE: "active"}
    assert found[1].rpartition("/")[2] not in public.log.read_text(encoding="utf-8")


def test_no_link_or_picture_of_the_email_is_dead(public: Public, mailbox: Sink) -> None:
    body = parsed(dict(mailbox.messages)[ADA]).get_body(("html",))
    assert body is not None
    own = public.address.rstrip("/")
    links = {url for url in re.findall(r'(?:href|src)="([^"]+)"', body.get_content()) if url.startswith(own)}

    assert {urlsplit(link).path.split("/")[1] for link in links} == {"u", "p", "archive", "images"}
    assert {public.ask(link)[0] for link in links} == {200}


def test_the_archive_and_the_unsubscribe_page_work_in_a_browser(public: Public, mailbox: Sink) -> None:
    needs("chromium", CHROMIUM)
    from playwright.sync_api import sync_playwright

    headline = json.loads(public.project.run("show", "latest", "--json").stdout)["items"][0]["headline"]
    found = re.search(r"<(http[^>]+)>", parsed(dict(mailbox.messages)[ADA])["List-Unsubscribe"])
    assert found is not None
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-background-networking"]
        )
        page = browser.new_page(viewport={"width": 375, "height": 800})
        problems: list[str] = []
        asked: set[str] = set()
        page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("request", lambda request: asked.add(urlsplit(request.url).netloc))
        page.goto(public.address)
        with page.expect_navigation(wait_until="load"):
            page.locator("li a").first.click()
        page.get_by_text(headline).first.wait_for()
        loaded = page.locator("img").evaluate_all("images => images.map(image => image.naturalWidth > 0)")
        overflow = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        page.goto(found[1])
        page.get_by_role("button").click()
        told = page.locator("main").inner_text()
        browser.close()

    assert problems == []
    assert loaded
    assert all(loaded)
    assert overflow <= 0
    assert asked <= {urlsplit(public.address).netloc, ""}
    assert "You are unsubscribed" in told
    assert states(public.project)[ADA] == "left"


def test_the_first_line_is_the_address_and_port_0_picks_one(project: Project) -> None:
    project.configure(configuration())

    with serve(project, "--port", "0") as public:
        assert re.fullmatch(r"http://127\.0\.0\.1:[1-9]\d*/", public.address)
        assert public.ask("/archive/")[0] == 200


def test_a_taken_port_is_told(project: Project) -> None:
    project.configure(configuration())

    with serve(project, "--port", "0") as public:
        port = str(urlsplit(public.address).port)
        assert "--port" in project.run("serve", "--port", port, expect=2).stderr
    assert "cannot be used" in project.run("serve", "--host", "192.0.2.1", expect=2).stderr


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_quietly_when_told_to(project: Project, number: signal.Signals) -> None:
    project.configure(configuration())

    with serve(project, "--port", "0") as public:
        assert public.ask("/archive/")[0] == 200
        public.process.send_signal(number)
        code = public.process.wait(timeout=20)

        assert code in (0, -number)
        assert public.log.read_text(encoding="utf-8") == ""
