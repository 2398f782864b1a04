"""Repair the XML of feeds that are not well formed, so that a recovering parser loses nothing of them."""

from __future__ import annotations

import re
from html import escape
from html.entities import html5

_CDATA = re.compile(r"(<!\[CDATA\[.*?(?:\]\]>|\Z))", re.S)
_HELD = re.compile(r"<(title|description|summary|content|content:encoded)(?:\s[^<>]{0,500})?(?<!/)>", re.I)
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_REFERENCE = re.compile(
    r"&(?!(?:amp|lt|gt|quot|apos);)(?:(#\d{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z]\w{1,30});)?"
)
_STRAY = re.compile(r"<(?![A-Za-z_/!?])")
_NOT_XML = {*range(9), 11, 12, *range(14, 32), *range(0xD800, 0xE000), 0xFFFE, 0xFFFF}


def repaired(text: str) -> str:
    """Return a feed's text with what XML forbids put right: stray signs, HTML's entities, unescaped markup."""
    pieces = _CDATA.split(_CONTROL.sub("", _with_markup_escaped(text)))
    # A pattern with a group splits into text and CDATA by turns.
    pieces[::2] = [_STRAY.sub("&lt;", _REFERENCE.sub(_resolved, piece)) for piece in pieces[::2]]
    return "".join(pieces)


def _with_markup_escaped(text: str) -> str:
    """Escape HTML that stands unescaped in an element of text: it seldom closes what it opens."""
    pieces: list[str] = []
    done = 0
    unclosed: set[str] = set()
    while found := _HELD.search(text, done):
        start, name = found.end(), found.group(1)
        end = -1 if name in unclosed else text.find(f"</{name}", start)
        if end < 0:
            unclosed.add(name)
            end = start
        inner = text[start:end]
        pieces += [text[done:start], inner if "<![CDATA[" in inner else inner.replace("<", "&lt;")]
        done = end
    return "".join([*pieces, text[done:]])


def _resolved(found: re.Match[str]) -> str:
    name = found.group(1)
    if not name:
        return "&amp;" + found.group()[1:]
    if not name.startswith("#"):
        return escape(html5.get(f"{name};", f"&{name};"), quote=False)
    code = int(name[2:], 16) if name[1] in "xX" else int(name[1:])
    return found.group() if code < 0x110000 and code not in _NOT_XML else ""
