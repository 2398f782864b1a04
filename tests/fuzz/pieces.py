"""What pages, dumps, feeds and mails are made of, whole and broken: the fuzzers' words, and their first inputs."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
SAMPLES = CHECKOUT / "digest" / "samples"
DATA = CHECKOUT / "tests" / "data"
LARGEST = 60_000

ODD = (
    "", " ", "\x00", "\ufeff", "\u2028", "\u200b", "\u00ad", "\ud7ff", "\U0010ffff", "\x1b[31m", "\r", "\r\n", "\t",
    "&#xD800;", "&#0;", "&#x110000;", "&amp;amp;lt;", "&lt;b&gt;", "\\ud800", "\\u0000", "İ", "ß", "ﷺ", "²³", "٣",
    "9999999999999999999999", "-1", "1e999", "NaN", "0000-00-00", "2025-02-30T25:61:61+99:99", "10000-01-01", "⅔",
    "0001-01-01", "9999-12-31T23:59:59-23:59", "http://[", "http://[::1", "//", "http://\x00", "javascript:alert(1)",
    "data:,x", "http://a:99999/", "http://xn--/", "%00", "%ff", "../../..", "file:///etc/passwd", "1/2/3 ", "१२",
    "(" * 40, "[" * 40, "{" * 40, "\"'" * 20, "a" * 300,
)  # fmt: skip
"""Single characters, numbers, dates and addresses that parsers trip over."""


def _lines(name: str) -> tuple[str, ...]:
    """Return the pieces of one kind, a line each."""
    return tuple((DATA / "fuzz" / f"{name}.txt").read_text(encoding="utf-8").splitlines())


SENTENCES, MARKUP, STRUCTURED, FEED = map(_lines, ("sentences", "markup", "structured", "feed"))
MAIL = tuple(line + "\n" for line in _lines("mail"))
LINE_ENDS = ("\n", "\n\n", "\r\n", "\r\n\r\n", "\t", " | ")

WORDS: dict[str, tuple[str, ...]] = {
    "page": (*MARKUP, *STRUCTURED, *SENTENCES, *ODD),
    "dump": (*SENTENCES, *LINE_ENDS, *LINE_ENDS, *ODD),
    "feed": (*FEED, *MARKUP[:50], *SENTENCES, *ODD),
    "sitemap": (*FEED, *ODD),
    "opml": (*FEED, *ODD),
    "document": (*FEED, *MARKUP, *SENTENCES, *LINE_ENDS, *ODD),
    "mail": ("\n", "\n\n", *MAIL, *MAIL, *MARKUP, *SENTENCES, *ODD),
}
ENDINGS: dict[str, tuple[str, ...]] = {
    "page": (".html", ".htm"),
    "dump": (".txt",),
    "feed": (".xml", ".rss", ".atom", ".json"),
    "sitemap": (".xml",),
    "opml": (".xml", ".opml"),
    "document": (".html", ".txt", ".xml", ".json"),
    "mail": (".eml",),
}


def first_inputs(reader: str) -> Iterator[bytes]:
    """Yield the sample files and the tests' own data that a reader might be given, and each piece alone."""
    for folder in (SAMPLES, DATA / "extract", DATA / "ingest"):
        for path in sorted(folder.rglob("*")):
            name = path.name.removesuffix(".gz")
            if path.is_file() and name.endswith(ENDINGS[reader]) and path.stat().st_size <= LARGEST:
                content = path.read_bytes()
                yield gzip.decompress(content) if path.suffix == ".gz" else content
    yield from (as_bytes(word) for word in WORDS[reader])


def as_bytes(text: str) -> bytes:
    """Return text as bytes, lone surrogates and all."""
    return text.encode("utf-8", "surrogatepass")
