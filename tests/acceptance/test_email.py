"""What the installed command renders: complete, small, safe, and shown in a real browser."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from lxml import html as lxml_html

from tests.acceptance.conftest import COMMAND, Project, clean_environment, configuration, parsed
from tests.conftest import needs

CHROMIUM = shutil.which("chromium")
HOSTILE = [
    '"><img src=x onerror=alert(1)>',
    "</td></table><script>alert(1)</script>",
    "a\u00a0b\u200dc\u00adde\u0301 \\ ' ` {{ 7*7 }} {% x %} @@NAME@@",
    "javascript:alert(1)",
    "<!-- --> <![CDATA[ x ]]> &lt;b&gt; </mj-text>",
]


@pytest.fixture
def drafted(project: Project) -> Project:
    """Return a project with a drafted edition of the sample stories."""
    project.configure(configuration(newsletter='approval = "manual"\nmax_stories = 15'))
    project.run("fetch")
    project.run("draft", "daily")
    return project


def test_render_writes_a_complete_small_email(drafted: Project) -> None:
    drafted.run("render", "latest", "--out", "out")

    out = drafted.folder / "out"
    html = (out / "email.html").read_text(encoding="utf-8")
    assert html.startswith("<!DOCTYPE html")
    assert len(html.encode()) <= 45_000
    hosts = {urlsplit(url).hostname for url in re.findall(r"""(?:href|src)=["']([^"']+)""", html)}
    assert all(host is None or host.endswith(".example") for host in hosts)
    pictures = re.findall(r'src="(pictures/[^"]+)"', html)
    assert pictures
    assert all((out / picture).is_file() for picture in pictures)
    message = parsed((out / "message.eml").read_bytes())
    assert [part.get_content_type() for part in message.walk()][:4] == [
        "multipart/alternative",
        "text/plain",
        "multipart/related",
        "text/html",
    ]
    for name in ("email.txt", "email.mjml", "subject.txt"):
        assert (out / name).stat().st_size > 0


def test_captions_and_credits_are_in_both_parts(drafted: Project) -> None:
    drafted.run("render", "latest", "--out", "out")
    items = json.loads(drafted.run("show", "latest", "--json").stdout)["items"]
    captioned = [item["image"] for item in items if item["image"] and item["image"]["caption"]]
    page = lxml_html.fromstring((drafted.folder / "out/email.html").read_bytes())
    shown = " ".join("".join(str(part) for part in page.itertext()).split())
    text = " ".join((drafted.folder / "out/email.txt").read_text(encoding="utf-8").split())

    assert len(captioned) >= 6
    for image in captioned:
        assert image["caption"] in text
        assert image["credit"] is None or image["credit"] in text
    assert captioned[0]["caption"] in shown


def test_check_finds_nothing_wrong_with_it_but_the_missing_address(drafted: Project) -> None:
    findings = [json.loads(line) for line in drafted.run("check", "latest", "--json").stdout.splitlines()]

    assert [finding for finding in findings if finding["severity"] == "error"] == []
    assert all(list(finding) == ["rule", "severity", "where", "message"] for finding in findings)


def test_check_takes_a_folder_and_a_file(drafted: Project) -> None:
    drafted.run("render", "latest", "--out", "out")
    (drafted.folder / "bad.html").write_text("<p>{{ name }} <img src=x></p>", encoding="utf-8")

    drafted.run("check", "out")
    told = drafted.run("check", "bad.html", expect=1).stdout

    assert "error" in told
    drafted.run("check", "missing.html", expect=2)


@pytest.mark.parametrize("nasty", HOSTILE)
def test_no_rewrite_breaks_out(drafted: Project, nasty: str) -> None:
    """Put the same hostile text everywhere an editor can write; nothing of it becomes markup."""
    words = ("--headline", "--text", "--caption", "--credit", "--alt")
    arguments = [part for word in words for part in (word, nasty)]
    drafted.run("edit", "latest", "--rewrite", "1", *arguments, "--subject", nasty, "--note", nasty)

    drafted.run("render", "latest", "--out", "out")

    html = (drafted.folder / "out/email.html").read_text(encoding="utf-8")
    page = lxml_html.fromstring(html.encode())
    assert page.xpath("//script | //*[@onerror] | //img[@src='x']") == []
    assert page.xpath("//@href[starts-with(., 'javascript:')]") == []
    assert "\\u{" not in html
    assert "{{ 7*7 }}" in html or "7*7" not in nasty
    message = parsed((drafted.folder / "out/message.eml").read_bytes())
    assert message.get_body(("plain",)) is not None


def test_a_broken_layout_is_one_sentence_with_its_line(drafted: Project) -> None:
    drafted.run("init", "--templates")
    template = drafted.folder / "templates/daily/email.mjml.j2"
    text = template.read_text(encoding="utf-8")
    template.write_text(text.replace("<mj-body", "{{ nonsense }}<mj-body", 1), encoding="utf-8")

    told = drafted.run("render", "latest", "--out", "out", expect=1).stderr

    assert "nonsense" in told
    assert "email.mjml.j2" in told
    assert re.search(r"line \d+", told)
    assert not (drafted.folder / "out").exists()


@contextmanager
def preview(project: Project) -> Iterator[str]:
    """Serve the newest edition; yield its address."""
    desk = subprocess.Popen(
        [str(COMMAND), "preview", "--port", "0"],
        cwd=project.folder,
        stdout=subprocess.PIPE,
        text=True,
        env=clean_environment(),
    )
    try:
        assert desk.stdout is not None
        yield desk.stdout.readline().strip()
    finally:
        desk.terminate()
        desk.wait(timeout=20)


def ask(address: str, path: str, **headers: str) -> tuple[int, str]:
    """Make one request; return its status and text."""
    parts = urlsplit(address)
    connection = HTTPConnection(parts.hostname or "", parts.port, timeout=20)
    connection.request("GET", path, headers=headers)
    response = connection.getresponse()
    return response.status, response.read().decode("utf-8", "replace")


def test_preview_refuses_other_hosts_and_origins(drafted: Project) -> None:
    with preview(drafted) as address:
        own = urlsplit(address).netloc

        assert ask(address, "/")[0] == 307
        assert ask(address, "/", Host="evil.example")[0] == 403
        assert ask(address, "/", Host=own, Origin="http://evil.example")[0] == 403
        assert ask(address, "/", Host=own, Origin=f"http://{own}")[0] == 307
        assert ask(address, "/editions/daily/2020-01-01/")[0] == 404
        assert ask(address, "/pictures/none.jpg")[0] == 404


def test_preview_shows_the_email_in_a_browser(drafted: Project) -> None:
    needs("chromium", CHROMIUM)
    from playwright.sync_api import expect, sync_playwright

    headline = json.loads(drafted.run("show", "latest", "--json").stdout)["items"][0]["headline"]
    with preview(drafted) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-background-networking"]
        )
        page = browser.new_page(viewport={"width": 1200, "height": 1000})
        problems: list[str] = []
        page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
        page.goto(address)
        frame = page.frame_locator("iframe")
        frame.get_by_text(headline).first.wait_for()
        loaded = frame.locator("img").first.evaluate("image => image.complete && image.naturalWidth > 0")
        page.get_by_role("link", name="375 px").click()
        expect(page.locator("iframe.wide-375")).to_be_visible()
        frame.get_by_text(headline).first.wait_for()
        page.get_by_role("link", name="Text part").click()
        expect(page.locator("#email pre")).to_contain_text(headline.split()[0])
        page.get_by_role("link", name="Headers").click()
        expect(page.locator("#email")).to_contain_text("List-Unsubscribe")
        browser.close()

    assert problems == []
    assert loaded is True


def test_preview_of_a_taken_port_is_told(drafted: Project) -> None:
    with preview(drafted) as address:
        port = str(urlsplit(address).port)

        assert "--port" in drafted.run("preview", "--port", port, expect=2).stderr


def test_pictures_that_are_missing_leave_no_hole(project: Project) -> None:
    page = Path(project.folder, "inbox")
    page.mkdir()
    text = "".join(
        f"<p>Sentence number {n} of a story about a bridge that is closed for repairs.</p>" for n in range(9)
    )
    (page / "story.html").write_text(
        f'<html><body><article><h1>Bridge closed for repairs</h1><figure><img src="gone.jpg" width="900" height="600">'
        f"<figcaption>The bridge on Monday.</figcaption></figure>{text}</article></body></html>",
        encoding="utf-8",
    )
    project.configure(configuration(more='[[sources]]\nname="inbox"\nkind="files"\npaths=["inbox"]\n'))
    project.run("fetch")
    project.run("draft", "daily")

    project.run("render", "latest", "--out", "out")

    assert "<img" not in (project.folder / "out/email.html").read_text(encoding="utf-8")


def test_a_hostile_page_stays_text_all_the_way(project: Project) -> None:
    """Put hostile words into every field of a page; the email that comes of it holds them as words."""
    bad = "&quot;&gt;&lt;img src=x onerror=alert(1)&gt;\u200d\u00a0'"
    body = "".join(
        f"<p>The bridge stays shut for week {n}, said the council's engineer. {bad}</p>" for n in range(8)
    )
    (project.folder / "evil.html").write_text(
        f"""<html lang="en"><head><title>Bridge stays shut {bad}</title>
        <meta property="og:site_name" content="Gazette {bad}"><meta name="author" content="Ann Onym {bad}">
        <link rel="canonical" href="javascript:alert(1)"><meta property="og:url" content="javascript:alert(2)">
        <meta property="article:section" content="City {bad}"></head><body><article>
        <h1>Bridge stays shut {bad}</h1><figure><img src="javascript:alert(3)" width="900" height="600" alt="{bad}">
        <figcaption>The bridge {bad}</figcaption></figure>{body}
        <p>See <a href="javascript:alert(4)">the plan</a> of the engineers for the new bridge.</p>
        </article></body></html>""",
        encoding="utf-8",
    )
    project.configure(configuration(more='[[sources]]\nname="evil"\nkind="files"\npaths=["evil.html"]\n'))
    project.run("fetch")
    project.run("draft", "daily")

    project.run("render", "latest", "--out", "out")

    page = lxml_html.fromstring((project.folder / "out/email.html").read_bytes())
    assert page.xpath("//script | //@onerror | //img[@src='x']") == []
    assert page.xpath("//@href[contains(., 'javascript')] | //@src[contains(., 'javascript')]") == []
    assert "Bridge stays shut" in "".join(str(part) for part in page.itertext())
