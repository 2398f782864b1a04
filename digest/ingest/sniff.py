"""Tell from its bytes what a document is: a page, a text dump, a feed, a sitemap, or nothing we read."""

from __future__ import annotations

import json
import re

from digest.charset import decode
from digest.errors import SourceError
from digest.model import DocumentKind

HEAD_BYTES = 16_384

_MAGIC = (
    (b"%PDF-", "a PDF"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"PK\x03\x04", "a zip archive"),
    (b"\x1f\x8b", "a gzip archive within another"),
    (b"\xd0\xcf\x11\xe0", "an Office document"),
    (b"\x7fELF", "a program"),
    (b"MZ\x90", "a program"),
    (b"RIFF", "a sound, film or picture"),
    (b"OggS", "a sound"),
    (b"ID3", "a sound"),
    (b"wOF", "a font"),
    (b"SQLite format 3", "a database"),
)
_SKIPPED = re.compile(r"\s*(?:<\?xml.*?\?>|<\?.*?\?>|<!--.*?-->|\s+)", re.S)
_DOCTYPE = re.compile(r"<!doctype\s+(\w[\w:.-]*)", re.I)
_ROOT = re.compile(r"<([A-Za-z_][\w:.-]*)")
_FEED_ROOTS = {"rss", "feed", "rdf", "channel"}
_LATE_ROOT = re.compile(r"<(?:rss\s[^<>]{0,999}?version=|(?:\w+:)?(?:feed|rdf)\s[^<>]{0,999}?xmlns)", re.I)
_PAGE_ROOT = re.compile(r"<(?:!doctype\s+html|html|head|body)[\s>]", re.I)
_JUNK_CHARS = 4096
_HTML_TAG = re.compile(
    r"</?(?:html|head|body|div|p|article|section|main|title|meta|link|script|style|table|span|a|h[1-6]|"
    r"ul|br|img|header|nav)\b"
    r"[^<>]{0,2000}>",
    re.I,
)
_CONTROL = re.compile(r"[\x01-\x08\x0e-\x1a\x1c-\x1f\x7f]")


def sniff(content: bytes, *, encoding: str | None = None) -> DocumentKind:
    """Return what `content` is. Its name and declared type play no part: both are often wrong.

    Raises SourceError with a phrase such as "it is a PDF" for what holds no story.
    """
    for magic, name in _MAGIC:
        if content.startswith(magic):
            raise SourceError(f"it is {name}, not a page, text or feed")
    if content[257:262] == b"ustar":
        raise SourceError("it is a tar archive, not a page, text or feed")
    head = decode(content[:HEAD_BYTES], encoding)
    if not head.strip():
        raise SourceError("it is empty")
    if len(_CONTROL.findall(head)) > len(head) // 20:
        raise SourceError("it is binary, not a page, text or feed")
    start = head.lstrip()
    if start[0] in "{[" and _is_json(content, encoding):
        return _kind_of_json(content, encoding)
    return _kind_of_markup(start)


def _kind_of_markup(start: str) -> DocumentKind:
    if start.startswith("<"):
        body = _after_prologue(start)
        doctype = _DOCTYPE.match(body)
        if doctype and doctype.group(1).lower() == "html":
            return DocumentKind.PAGE
        root = _ROOT.search(body[doctype.end() :] if doctype else body)
        name = root.group(1).lower() if root else ""
        if name == "opml":
            raise SourceError("it is a list of feeds (OPML), which 'digest sources import' adds as sources")
        if name.rpartition(":")[2] in ("urlset", "sitemapindex"):
            return DocumentKind.SITEMAP
        if name.rpartition(":")[2] in _FEED_ROOTS:
            return DocumentKind.FEED
        if doctype or (_HTML_TAG.match(body) and not _starts_late(start)):
            return DocumentKind.PAGE
    if _starts_late(start):
        return DocumentKind.FEED
    return DocumentKind.PAGE if len(_HTML_TAG.findall(start)) >= 4 else DocumentKind.DUMP


def _starts_late(start: str) -> bool:
    """Say whether a feed begins after what does not belong to it: a server's warning, a stray line."""
    found = _LATE_ROOT.search(start, 0, _JUNK_CHARS)
    return found is not None and not _PAGE_ROOT.search(start, 0, found.start())


def _after_prologue(text: str) -> str:
    while text:
        skipped = _SKIPPED.match(text)
        if not skipped or not skipped.end():
            break
        text = text[skipped.end() :]
    return text


def _is_json(content: bytes, encoding: str | None) -> bool:
    try:
        json.loads(decode(content, encoding))
    except (ValueError, RecursionError):
        return False
    return True


def _kind_of_json(content: bytes, encoding: str | None) -> DocumentKind:
    data = json.loads(decode(content, encoding))
    if isinstance(data, dict) and isinstance(data.get("items"), list):
        return DocumentKind.FEED
    raise SourceError("it is JSON, but no JSON Feed (it has no list of items)")
