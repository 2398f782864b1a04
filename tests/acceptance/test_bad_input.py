"""Whatever is given to read ends soon, in little memory, with one line that a person can act on."""

from __future__ import annotations

import gzip
import json
import os
import random
import re
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from tests.acceptance.conftest import COMMAND, Project, clean_environment
from tests.acceptance.test_reading import PAGE
from tests.ingest.server import Answer, Site, reply, serve

MEGABYTE = 1_000_000
LIMIT_SECONDS = 60
LIMIT_MEGABYTES = 250
SECRET = "the-password-of-the-harbor"


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended, what it took and what it said."""

    code: int
    seconds: float
    megabytes: float
    lines: list[dict[str, object]]
    errors: list[str]


def most_held(process: int) -> float:
    """Return the most megabytes that a process has held; the system's own account starts before its program does."""
    try:
        status = Path(f"/proc/{process}/status").read_text(encoding="ascii")
    except OSError:
        return 0.0
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    return int(found[1]) / 1000 if found else 0.0


def read(project: Project, *arguments: str) -> Ended:
    """Run `digest read --json`; fail where it takes too long, too much memory, or shows a traceback."""
    started = time.monotonic()
    pause = threading.Event()
    with (
        (project.folder / "stdout").open("w+", encoding="utf-8") as output,
        (project.folder / "stderr").open("w+", encoding="utf-8") as errors,
    ):
        process = subprocess.Popen(
            [str(COMMAND), "read", "--json", *arguments],
            cwd=project.folder,
            stdout=output,
            stderr=errors,
            env=clean_environment(),
        )
        megabytes = 0.0
        while process.poll() is None:
            megabytes = max(megabytes, most_held(process.pid))
            if time.monotonic() - started > LIMIT_SECONDS:
                process.kill()
            pause.wait(0.01)
        output.seek(0)
        errors.seek(0)
        told = errors.read()
        found = [json.loads(line) for line in output]
    assert "Traceback" not in told, told
    assert process.returncode >= 0, f"it was killed after {LIMIT_SECONDS} s"
    assert megabytes < LIMIT_MEGABYTES
    return Ended(process.returncode, time.monotonic() - started, megabytes, found, told.splitlines())


def refused(project: Project, argument: str) -> str:
    """Read what cannot be read; return the one line that it ended with."""
    ended = read(project, argument)
    assert ended.code == 3
    assert len(ended.errors) == 1
    (line,) = ended.lines
    assert line["source"] == argument
    assert ended.errors[0].endswith(str(line["error"]))
    return ended.errors[0]


@pytest.fixture
def hasty(project: Project) -> Project:
    """Return a project that waits a second for bytes, and three for all of them."""
    project.configure('[fetch]\nallow_private = ["127.0.0.0/8"]\ntimeout_seconds = 1\n')
    return project


def page_with(markup: str) -> bytes:
    return f"<!doctype html><html><head><title>Harbor</title></head><body>{markup}</body></html>".encode()


def large_page(path: Path) -> None:
    path.write_bytes(page_with(PAGE))
    os.truncate(path, 200 * MEGABYTE)


def large_text(path: Path) -> None:
    path.write_bytes(b"The ferry left the pier at noon. " * 6_400_000)


def bomb(path: Path) -> None:
    path.write_bytes(gzip.compress(b"<p>" * 100 * MEGABYTE, 6))


def bomb_of_many_parts(path: Path) -> None:
    path.write_bytes(gzip.compress(b"<p>" * 5 * MEGABYTE, 6) * 200)


def nested(count: int, tag: str = "div") -> bytes:
    return page_with(f"<{tag}>" * count + f"</{tag}>" * count)


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
BILLION = f"""<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY l0 "lol">{LAUGHS}]>
<rss version="2.0"><channel><title>&l9;</title><item><title>&l9;</title><description>&l9;</description></item>
</channel></rss>""".encode()
FILES: dict[str, tuple[bytes, str]] = {
    "empty.html": (b"", "empty"),
    "blank.txt": (b" \r\n\t\n" * 1000, "empty"),
    "nul.html": (b"\0" * 100_000, "empty"),
    "report.html": (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n" + random.Random(1).randbytes(50_000), "a PDF"),
    "picture.html": (b"\x89PNG\r\n\x1a\n" + random.Random(2).randbytes(50_000), "a picture"),
    "binary.html": (random.Random(3).randbytes(200_000), "binary"),
    "binary.txt": (bytes(range(256)) * 1000, "binary"),
    "archive.html": (b"PK\x03\x04" + random.Random(4).randbytes(5_000), "a zip archive"),
    "packed.html": (gzip.compress(gzip.compress(page_with(PAGE))), "gzip"),
    "damaged.html.gz": (gzip.compress(page_with(PAGE))[:200], "gzip"),
    "unclosed.html": (page_with("<table><tr><td>" * 100_000), "holds no story"),
    "bytes.html": (page_with("") + b"\xff\xfe\x80\xc0" * 5_000, "holds no story"),
    "laughs.xml": (BILLION, "declares entities"),
    "deep.xml": (b"<rss><channel>" + b"<item>" * 500_000, "feed"),
    "deep.json": (b'{"items":' + b"[" * 500_000, ""),
    "hollow.xml": (b"<rss><channel><title>x</title></channel></rss>", "without entries"),
}


def test_files_that_cannot_be_read_end_with_one_line_each(project: Project) -> None:
    for name, (content, _) in FILES.items():
        (project.folder / name).write_bytes(content)

    ended = read(project, *FILES)

    assert ended.code == 3
    assert [line["source"] for line in ended.lines] == list(FILES)
    for told, line, (name, (_, says)) in zip(ended.errors, ended.lines, FILES.items(), strict=True):
        assert told.endswith(str(line["error"]))
        assert name in told
        assert says in told


@pytest.mark.parametrize("count", [100_000, 1_000_000])
def test_page_of_nested_elements_ends_with_one_line(project: Project, count: int) -> None:
    (project.folder / "nested.html").write_bytes(nested(count))

    assert "holds no story" in refused(project, "nested.html")


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("page.html", large_page),
        ("text.txt", large_text),
        ("a.html.gz", bomb),
        ("b.html.gz", bomb_of_many_parts),
    ],
)
def test_file_that_is_too_large_ends_with_one_line(project: Project, name: str, make: object) -> None:
    assert callable(make)
    make(project.folder / name)

    assert "20 MB and was left out" in refused(project, name)


def test_bytes_that_are_no_utf8_cost_only_themselves(project: Project) -> None:
    content = PAGE.encode().replace(b"310 feet", b"310 \xff\xc3\x28\xed\xa0\x80 feet")
    (project.folder / "page.html").write_bytes(content)

    ended = read(project, "page.html")

    assert ended.code == 0
    assert "of the eastern quay" in str(ended.lines[0]["text"])
    assert "glad to see boats again" in str(ended.lines[0]["text"])


def test_entity_of_a_feed_opens_no_file(project: Project) -> None:
    secret = project.folder / "secret"
    secret.write_text(SECRET, encoding="utf-8")
    feed = f"""<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY x SYSTEM "{secret.as_uri()}">]>
        <rss version="2.0"><channel><title>x</title><item><title>&x;</title><description>&x;</description></item>
        </channel></rss>"""
    (project.folder / "feed.xml").write_text(feed, encoding="utf-8")

    assert "declares entities" in refused(project, "feed.xml")


def stream(chunk: bytes, *, count: int, pause_seconds: float = 0, **headers: str) -> Answer:
    """Answer with the same bytes again and again."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        pause = threading.Event()
        try:
            for _ in range(count):
                handler.wfile.write(chunk)
                if pause_seconds:
                    pause.wait(pause_seconds)
        except OSError:
            return

    return answer


def drip_headers(handler: BaseHTTPRequestHandler) -> None:
    """Send a byte of a header a moment, for ever."""
    pause = threading.Event()
    try:
        handler.wfile.write(b"HTTP/1.0 200 OK\r\nX-Drip: ")
        while not pause.wait(0.2):
            handler.wfile.write(b"x")
    except OSError:
        return


ANSWERS: dict[str, Answer] = {
    "/large": stream(b"<p>The ferry left the pier. " * 40_000, count=200),
    "/announced": reply(200, b"<html>", Content_Length="200000000"),
    "/bomb": reply(200, gzip.compress(b"<p>" * 100 * MEGABYTE, 6), Content_Encoding="gzip"),
    "/bomb.gz": reply(200, gzip.compress(b"<p>" * 100 * MEGABYTE, 6), Content_Type="application/gzip"),
    "/packed-feed": stream(gzip.compress(b"<p>" * 3 * MEGABYTE, 6), count=1000, Content_Encoding="gzip"),
    "/nested": reply(200, nested(100_000)),
    "/empty": reply(200, b""),
    "/pdf": reply(200, b"%PDF-1.7 ...", Content_Type="text/html"),
    "/binary": reply(200, random.Random(5).randbytes(50_000), Content_Type="text/html"),
    "/laughs": reply(200, BILLION, Content_Type="application/rss+xml"),
    "/drip": stream(b"x", count=1000, pause_seconds=0.2),
    "/headers": drip_headers,
    "/loop": reply(302, Location="/pool"),
    "/pool": reply(302, Location="/loop"),
    **{f"/chain{n}": reply(301, Location=f"/chain{n + 1}") for n in range(20)},
    "/inside": reply(302, Location="http://169.254.169.254/latest/meta-data/"),
    "/self": reply(302, Location="http://[::ffff:169.254.169.254]/"),
    "/file": reply(302, Location="file:///etc/hostname"),
    "/broken": reply(200, b"<html><p>cut", Content_Length="1000"),
    "/good": reply(200, PAGE.encode(), Content_Type="text/html; charset=utf-8"),
}
SAYS = {
    "/large": "larger than 10 MB",
    "/announced": "larger than 10 MB",
    "/bomb": "larger than 10 MB",
    "/bomb.gz": "larger than 10 MB",
    "/packed-feed": "larger than 10 MB",
    "/nested": "holds no story",
    "/empty": "it is empty",
    "/pdf": "it is a PDF",
    "/binary": "it is binary",
    "/laughs": "declares entities",
    "/drip": "did not answer in time (limit 3 s in all)",
    "/headers": "did not answer in time (limit 3 s in all)",
    "/loop": "redirects in a circle",
    "/chain0": "redirects more than 10 times",
    "/inside": "the private address 169.254.169.254, which is refused",
    "/self": "the private address ::ffff:169.254.169.254, which is refused",
    "/file": "which is not http or https",
    "/broken": "broke off",
}


@pytest.fixture
def hostile() -> Iterator[Site]:
    with serve(ANSWERS) as site:
        yield site


def test_addresses_that_cannot_be_read_end_with_one_line_each(hasty: Project, hostile: Site) -> None:
    addresses = [hostile.url + path for path in SAYS]

    ended = read(hasty, *addresses)

    assert ended.code == 3
    assert [line["source"] for line in ended.lines] == addresses
    for told, says in zip(ended.errors, SAYS.values(), strict=True):
        assert says in told


@pytest.mark.parametrize("path", ["/drip", "/headers"])
def test_host_that_drips_is_left_in_time(hasty: Project, hostile: Site, path: str) -> None:
    assert "did not answer in time (limit 3 s in all)" in refused(hasty, hostile.url + path)


@pytest.mark.parametrize("target", ["127.0.0.1", "localhost", "2130706433", "[::1]"])
def test_redirect_to_this_machine_is_refused(project: Project, target: str) -> None:
    with serve({"/secret": reply(200, PAGE.encode())}) as inside:
        address = f"http://{target}:{inside.url.rpartition(':')[2]}/secret"
        with serve({"/a": reply(302, Location=address)}, host="127.0.0.2") as site:
            project.configure('[fetch]\nallow_private = ["127.0.0.2/32"]\n')
            told = refused(project, f"{site.url}/a")

    assert "private address" in told
    assert inside.requests == []


def test_page_that_robots_refuses_ends_with_one_line(hasty: Project) -> None:
    answers = {**ANSWERS, "/robots.txt": reply(200, b"User-agent: daily-dose\nDisallow: /good")}
    with serve(answers) as site:
        assert "its robots.txt asks us not to read it" in refused(hasty, f"{site.url}/good")
        hasty.configure('[fetch]\nallow_private = ["127.0.0.0/8"]\nrobots = false\n')
        assert read(hasty, f"{site.url}/good").code == 0


def test_good_pages_among_bad_ones_come_in_order(hasty: Project, hostile: Site) -> None:
    (hasty.folder / "good.html").write_text(PAGE, encoding="utf-8")
    (hasty.folder / "empty.html").write_bytes(b"")
    (hasty.folder / "laughs.xml").write_bytes(BILLION)
    (hasty.folder / "nested.html").write_bytes(nested(100_000))
    bomb(hasty.folder / "bomb.html.gz")
    addresses = [
        hostile.url + path for path in ("/good", "/bomb", "/loop", "/good", "/inside", "/drip", "/good")
    ]
    given = [
        "good.html",
        "empty.html",
        "bomb.html.gz",
        *addresses,
        "laughs.xml",
        "nested.html",
        "nowhere.html",
    ]

    ended = read(hasty, *given, "good.html")

    assert ended.code == 3
    assert [line["source"] for line in ended.lines] == [*given, "good.html"]
    good = [line["source"] for line in ended.lines if "error" not in line]
    assert good == [
        "good.html",
        f"{hostile.url}/good",
        f"{hostile.url}/good",
        f"{hostile.url}/good",
        "good.html",
    ]
    assert len(ended.errors) == len(given) + 1 - len(good)
