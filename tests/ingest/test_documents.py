"""Files, folders, patterns and samples are opened for what they hold, and what cannot be read is said."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

import pytest

from digest.ingest.documents import open_documents
from digest.model import Capture, DocumentKind, Failure

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
PAGE = "<!doctype html><html><head><title>Ein Titel</title></head><body><p>Grüße aus Köln.</p></body></html>"
TEXT = "A headline\n\nA paragraph of the story that says <p> in passing, and then goes on.\n"
RSS = "<?xml version='1.0'?>\n<!-- made by hand -->\n<rss version='2.0'><channel><title>t</title></channel></rss>"
ATOM = "<feed xmlns='http://www.w3.org/2005/Atom'><title>t</title></feed>"
JSON_FEED = '{"version": "https://jsonfeed.org/version/1.1", "title": "t", "items": []}'


def open_all(*arguments: object, source: str | None = None, section: str = "") -> list[Capture | Failure]:
    """Open what the arguments name."""
    return list(
        open_documents([str(argument) for argument in arguments], now=NOW, source=source, section=section)
    )


def only(results: list[Capture | Failure]) -> Capture:
    """Return the one capture among the results."""
    assert len(results) == 1
    assert isinstance(results[0], Capture), results[0]
    return results[0]


def sentence(results: list[Capture | Failure]) -> str:
    """Return the message of the one failure among the results."""
    assert len(results) == 1
    assert isinstance(results[0], Failure), results[0]
    assert results[0].message.endswith(".")
    return results[0].message


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("page.html", PAGE, DocumentKind.PAGE),
        ("page.txt", PAGE, DocumentKind.PAGE),
        ("page.xml", PAGE, DocumentKind.PAGE),
        ("fragment.html", "<article><h1>x</h1><p>y</p></article>", DocumentKind.PAGE),
        ("page.xhtml", f"<?xml version='1.0'?>{PAGE}", DocumentKind.PAGE),
        ("dump.txt", TEXT, DocumentKind.DUMP),
        ("dump.html", TEXT, DocumentKind.DUMP),
        ("feed.xml", RSS, DocumentKind.FEED),
        ("feed.html", RSS, DocumentKind.FEED),
        ("feed.rss", "\ufeff" + RSS, DocumentKind.FEED),
        ("feed.atom", ATOM, DocumentKind.FEED),
        ("feed.json", JSON_FEED, DocumentKind.FEED),
        ("feed.txt", JSON_FEED, DocumentKind.FEED),
        ("feed.late.xml", "\n<br />\n<b>Warning</b>: no cache\n" + RSS, DocumentKind.FEED),
        ("feed.note.xml", "A stray line.\n" + ATOM, DocumentKind.FEED),
        ("feed.prefix.xml", "<a:feed xmlns:a='http://www.w3.org/2005/Atom'></a:feed>", DocumentKind.FEED),
        ("page.svg.html", "<html><body><p>See</p><feed xmlns='x'></feed></body></html>", DocumentKind.PAGE),
        ("feed.rdf.xml", "<rdf:RDF xmlns:rdf='x'></rdf:RDF>", DocumentKind.FEED),
    ],
)
def test_content_decides_what_a_document_is(
    tmp_path: Path, name: str, content: str, kind: DocumentKind
) -> None:
    (tmp_path / name).write_text(content, encoding="utf-8")

    assert only(open_all(tmp_path / name)).kind is kind


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (PAGE.encode("utf-16"), "utf-16"),
        (b"\xef\xbb\xbf" + PAGE.encode(), "utf-8"),
        (PAGE.replace("<head>", "<head><meta charset=iso-8859-1>").encode("cp1252"), "cp1252"),
        (PAGE.replace("<head>", "<head><meta charset=iso-8859-1>").encode("utf-8"), "utf-8"),
        (PAGE.encode("cp1252"), "cp1252"),
        (f"<?xml version='1.0' encoding='ISO-8859-15'?>{PAGE}".encode("iso8859-15"), "iso8859-15"),
    ],
)
def test_encoding_is_the_declared_one_unless_the_bytes_say_otherwise(
    tmp_path: Path, content: bytes, encoding: str
) -> None:
    (tmp_path / "page.html").write_bytes(content)

    capture = only(open_all(tmp_path / "page.html"))

    assert capture.encoding == encoding
    assert "Grüße aus Köln" in capture.content.decode(encoding)


def test_gzipped_document_is_unpacked(tmp_path: Path) -> None:
    (tmp_path / "page.html.gz").write_bytes(gzip.compress(PAGE.encode()))

    assert only(open_all(tmp_path / "page.html.gz")).content == PAGE.encode()


def test_source_is_the_file_as_typed_or_the_one_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "page.html").write_text(PAGE, encoding="utf-8")
    monkeypatch.chdir(tmp_path)

    capture = only(open_all("page.html"))
    named = only(open_all("page.html", source="inbox", section="City"))

    assert (capture.source, capture.path, capture.url) == ("page.html", Path("page.html"), None)
    assert (named.source, named.section) == ("inbox", "City")


def test_folder_gives_its_documents_sorted_without_what_a_browser_saved_beside_them(tmp_path: Path) -> None:
    for name in ("b.html", "a.txt", "sub/c.html", "b_files/frame.html", ".hidden/x.html", "picture.jpg"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(TEXT if name.endswith("txt") else PAGE, encoding="utf-8")

    results = open_all(tmp_path)

    assert [Path(result.source).name for result in results if isinstance(result, Capture)] == [
        "a.txt",
        "b.html",
        "c.html",
    ]
    assert len(results) == 3


def test_pattern_gives_what_matches_and_each_failure_keeps_its_place(tmp_path: Path) -> None:
    (tmp_path / "1.html").write_text(PAGE, encoding="utf-8")
    (tmp_path / "2.html").write_bytes(b"%PDF-1.7")
    (tmp_path / "3.html").write_text(PAGE, encoding="utf-8")

    results = open_all(tmp_path / "*.html", tmp_path / "none.html")

    assert [type(result) for result in results] == [Capture, Failure, Capture, Failure]


def test_samples_are_opened_by_pattern() -> None:
    results = open_all("sample:*.html")

    assert results
    assert all(isinstance(result, Capture) and result.kind is DocumentKind.PAGE for result in results)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "empty"),
        (b"  \n ", "empty"),
        (b"%PDF-1.7 x", "a PDF"),
        (b"\x89PNG\r\n", "a picture"),
        (bytes(range(1, 32)) * 100, "binary"),
        (b'{"a": 1}', "JSON"),
        (b"\x1f\x8b\x08garbage", "damaged gzip"),
        (gzip.compress(PAGE.encode(), mtime=0)[:-9], "cut short"),
        (gzip.compress(gzip.compress(b"x", mtime=0), mtime=0), "gzip archive within"),
        (gzip.compress(b"\0" * 30_000_000, mtime=0), "unpacks to more than 20 MB"),
        (b"x" * 20_000_001, "larger than 20 MB"),
    ],
)
def test_file_that_cannot_be_read_is_a_failure_with_a_sentence(
    tmp_path: Path, content: bytes, says: str
) -> None:
    (tmp_path / "page.html").write_bytes(content)

    message = sentence(open_all(tmp_path / "page.html"))

    assert says in message
    assert "page.html" in message


@pytest.mark.parametrize("argument", ["missing.html", "none/*.html", "sample:none*.html", "", "a\0b"])
def test_argument_that_names_nothing_is_a_failure(argument: str) -> None:
    results = open_all(argument)

    assert sentence(results)
    assert isinstance(results[0], Failure)
    assert results[0].subject == argument


def test_empty_folder_is_a_failure(tmp_path: Path) -> None:
    assert "holds no page" in sentence(open_all(tmp_path))


def mail(html: str | None) -> bytes:
    """Return a newsletter as a mail program saves it."""
    message = EmailMessage()
    message["Subject"] = "Tuesday: the ferry & the fog"
    message["From"] = "The Courier <news@courier.example>"
    message["Date"] = "Tue, 24 Nov 2026 06:30:00 -0500"
    message.set_content("Text of the letter, which is long enough.\n")
    if html:
        message.add_alternative(html, subtype="html")
    return message.as_bytes()


def test_mail_gives_its_page_with_what_the_headers_know(tmp_path: Path) -> None:
    (tmp_path / "letter.eml").write_bytes(mail("<html><body><p>Grüße aus Köln.</p></body></html>"))

    capture = only(open_all(tmp_path / "letter.eml"))
    text = capture.content.decode()

    assert capture.kind is DocumentKind.PAGE
    assert "<title>Tuesday: the ferry &amp; the fog</title>" in text
    assert 'content="2026-11-24T06:30:00-05:00"' in text
    assert "Grüße aus Köln" in text


def test_mail_without_a_page_gives_its_text(tmp_path: Path) -> None:
    (tmp_path / "letter.eml.gz").write_bytes(gzip.compress(mail(None)))

    capture = only(open_all(tmp_path / "letter.eml.gz"))

    assert capture.kind is DocumentKind.PAGE
    assert b"<p>Text of the letter, which is long enough.</p>" in capture.content


def test_damaged_mail_is_a_failure(tmp_path: Path) -> None:
    (tmp_path / "letter.eml").write_bytes(
        b"Content-Type: multipart/mixed; boundary=x\n\n--x\nContent-Type: image/png\n\nAAAA"
    )

    assert "without a text or HTML part" in sentence(open_all(tmp_path / "letter.eml"))
