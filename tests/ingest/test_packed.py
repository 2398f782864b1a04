"""Whatever can be read can be read packed with gzip, as a file and over HTTP, and no bomb goes off."""

from __future__ import annotations

import gzip
import json
import tarfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest

from digest.errors import FetchError
from digest.ingest.fetch import Fetcher
from digest.ingest.unpack import MAX_MEMBERS, BodyTooLargeError, DamagedBodyError, gunzipped, unpack_body
from digest.model import Capture, DocumentKind, Failure, Story
from tests.ingest.server import Answer, reply, serve
from tests.pipeline.reading import NOW, page, read

LETTERS = Path(__file__).resolve().parents[1] / "data" / "ingest" / "mail"
DUMP = "\n\n".join(
    ["Ferry waits for fog", "By Rosalind Thatch", "November 23, 2026"]
    + [
        f"In paragraph {number}, the ferry to Port Ellan waited for hours, since nobody could see the quay."
        for number in ("one", "two", "three", "four")
    ]
)
RSS = (
    "<rss version='2.0'><channel><title>The Gazette</title><item><title>Ferry waits</title>"
    "<link>https://gazette.example/1</link><description>The ferry waited.</description></item></channel></rss>"
)
MAP = (
    "<urlset xmlns:n='n'><url><loc>https://gazette.example/1</loc><n:news><n:title>Ferry waits</n:title></n:news>"
    "</url></urlset>"
)
JSON = json.dumps(
    {"version": "https://jsonfeed.org/version/1", "items": [{"id": "1", "title": "Ferry waits"}]}
)
DOCUMENTS = {
    "page.html": page("Ferry waits").encode(),
    "dump.txt": DUMP.encode(),
    "feed.xml": RSS.encode(),
    "map.xml": MAP.encode(),
    "feed.json": JSON.encode(),
    "letter.eml": (LETTERS / "alternative.eml").read_bytes(),
}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_packed_file_reads_as_the_file_does(tmp_path: Path, name: str) -> None:
    content = DOCUMENTS[name]
    (tmp_path / name).write_bytes(content)
    (tmp_path / f"{name}.gz").write_bytes(gzip.compress(content))
    (tmp_path / f"UPPER.{name}.GZ").write_bytes(gzip.compress(content))

    plain, packed, upper = (read(str(tmp_path / one)) for one in (name, f"{name}.gz", f"UPPER.{name}.GZ"))

    assert isinstance(plain[0], Story), plain
    assert isinstance(packed[0], Story), packed
    assert isinstance(upper[0], Story), upper
    assert (packed[0].title, packed[0].text) == (plain[0].title, plain[0].text)
    assert upper[0].id == packed[0].id == plain[0].id


def test_folder_gives_its_packed_files(tmp_path: Path) -> None:
    for name, content in DOCUMENTS.items():
        (tmp_path / f"{name}.gz").write_bytes(gzip.compress(content))

    assert [type(one) for one in read(str(tmp_path))] == [Story] * len(DOCUMENTS)


@pytest.fixture
def fetcher() -> Iterator[Fetcher]:
    with Fetcher(user_agent="t", allow_private=("127.0.0.0/8",), delay_seconds=0, max_bytes=1_000_000) as one:
        yield one


def fetch(fetcher: Fetcher, answer: Answer) -> Capture:
    """Return what is served at an address."""
    with serve({"/x.gz": answer}) as site:
        capture = fetcher.fetch(f"{site.url}/x.gz", source="x", now=NOW).capture
    assert capture is not None
    return capture


KINDS = {
    "page.html": DocumentKind.PAGE,
    "dump.txt": DocumentKind.DUMP,
    "feed.xml": DocumentKind.FEED,
    "map.xml": DocumentKind.SITEMAP,
    "feed.json": DocumentKind.FEED,
}


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize(
    "kind", ["application/gzip", "application/x-gzip", "application/octet-stream", "text/xml"]
)
def test_packed_file_over_http_is_unpacked(fetcher: Fetcher, name: str, kind: str) -> None:
    capture = fetch(fetcher, reply(200, gzip.compress(DOCUMENTS[name]), Content_Type=kind))

    assert (capture.content, capture.kind) == (DOCUMENTS[name], KINDS[name])


def test_packed_file_that_was_packed_for_the_way_too_is_unpacked_twice(fetcher: Fetcher) -> None:
    body = gzip.compress(gzip.compress(DOCUMENTS["feed.xml"]))

    capture = fetch(fetcher, reply(200, body, Content_Type="application/gzip", Content_Encoding="gzip"))

    assert capture.content == DOCUMENTS["feed.xml"]


@pytest.mark.parametrize("coding", [{}, {"Content_Encoding": "gzip"}])
def test_bomb_over_http_is_one_line(fetcher: Fetcher, coding: dict[str, str]) -> None:
    bomb = reply(200, gzip.compress(b"\0" * 50_000_000), Content_Type="application/gzip", **coding)

    with pytest.raises(FetchError, match=r"larger than 1 MB\. Raise \[fetch\] max_megabytes"):
        fetch(fetcher, bomb)


def test_bomb_within_a_bomb_is_one_line(fetcher: Fetcher) -> None:
    bomb = gzip.compress(gzip.compress(b"\0" * 50_000_000))

    with pytest.raises(FetchError, match="larger than 1 MB"):
        fetch(fetcher, reply(200, bomb, Content_Encoding="gzip"))


@pytest.mark.parametrize("name", ["bomb.html.gz", "bomb.eml.gz", "bomb.txt"])
def test_bomb_in_a_file_is_one_line(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(gzip.compress(b"\0" * 30_000_000))

    (failure,) = read(str(tmp_path / name))

    assert isinstance(failure, Failure)
    assert failure.message.endswith(f"{name} unpacks to more than 20 MB and was left out.")


def test_tar_archive_is_named_as_one(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "pages.html.gz", "w:gz") as archive:
        member = tarfile.TarInfo("page.html")
        member.size = len(DOCUMENTS["page.html"])
        archive.addfile(member, BytesIO(DOCUMENTS["page.html"]))

    (failure,) = read(str(tmp_path / "pages.html.gz"))

    assert isinstance(failure, Failure)
    assert "it is a tar archive" in failure.message


def test_members_are_joined_and_what_follows_them_is_passed_over() -> None:
    packed = gzip.compress(b"one ") + gzip.compress(b"two") + b"\0" * 512

    assert gunzipped(packed, max_bytes=100) == b"one two"
    assert unpack_body([packed], coding="gzip", max_bytes=1000) == b"one two"


def test_limit_holds_over_all_members() -> None:
    packed = gzip.compress(b"x" * 60) * 2

    assert len(gunzipped(packed, max_bytes=120)) == 120
    with pytest.raises(BodyTooLargeError):
        gunzipped(packed, max_bytes=119)


def test_thousands_of_empty_members_are_refused() -> None:
    with pytest.raises(DamagedBodyError, match=f"more than {MAX_MEMBERS} members"):
        gunzipped(gzip.compress(b"") * (MAX_MEMBERS + 1), max_bytes=100)
