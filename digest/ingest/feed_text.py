"""Clean the titles and the HTML of feed entries."""

from __future__ import annotations

import html
import re
from urllib.parse import urljoin

import nh3

from digest.charset import sound

_TAGS = {
    "a", "abbr", "article", "aside", "b", "blockquote", "br", "caption", "cite", "code", "dd", "del",
    "div", "dl", "dt", "em", "figcaption", "figure", "footer", "h1", "h2", "h3", "h4", "h5", "h6",
    "header", "hr", "i", "img", "li", "mark", "ol", "p", "picture", "pre", "q", "s", "section", "small",
    "source", "span", "strong", "sub", "sup", "table", "tbody", "td", "th", "thead", "time", "tr", "u",
    "ul",
}  # fmt: skip
_PICTURE = {
    "src",
    "srcset",
    "data-src",
    "data-srcset",
    "data-lazy-src",
    "data-original",
    "alt",
    "title",
    "width",
    "height",
}
_ATTRIBUTES = {
    "*": {"class", "itemprop"},
    "a": {"href", "title"},
    "img": _PICTURE,
    "source": _PICTURE | {"media", "type"},
    "time": {"datetime"},
}
_SCHEMES = {"http", "https", "mailto"}
MAX_CHARS = 2_000_000
MAX_DEPTH = 1000
_TAG = re.compile(r"</?[A-Za-z][^<>]{0,5000}>")
_RELATIVE = re.compile(r"[\w.][\w./ %-]*$")
# For the sanitiser's own output, whose attributes are all quoted: a call for each attribute is far slower.
_UNJOINED = re.compile(
    r'\s(href|src|data-src|data-lazy-src|data-original)="(?!https?:|mailto:)([^"]*)"', re.I
)
_HELD = re.compile(r"<|&")
_BLOCK = re.compile(r"<(?:br|/?p|/?div|/?li|/?h\d)\b[^>]*>", re.I)


def clean_html(markup: object, *, base: str, is_saved: bool = False) -> str:
    """Return HTML reduced to what a story is made of, its links absolute; empty for what is no text.

    In a saved feed, pictures named by a relative address keep it: they may lie beside the feed.
    """
    if not isinstance(markup, str) or not markup.strip():
        return ""
    if not _HELD.search(markup):
        return html.escape(sound(markup).strip(), quote=False)
    markup = sound(markup).replace("\x00", "")[:MAX_CHARS]
    if len(markup) > 8 * MAX_DEPTH and _is_too_deep(markup):
        return html.escape(" ".join(html.unescape(_TAG.sub(" ", markup)).split()), quote=False)
    cleaned = nh3.clean(
        markup,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        url_schemes=_SCHEMES,
        link_rel=None,
    )
    return _joined(cleaned, base, is_saved=is_saved).strip()


def _is_too_deep(markup: str) -> bool:
    """Say whether elements are nested as no writer would: the sanitiser's time grows with the square of it."""
    depth = deepest = 0
    for found in _TAG.finditer(markup):
        depth += -1 if found.group().startswith("</") else not found.group().endswith("/>")
        deepest = max(deepest, depth)
    return deepest > MAX_DEPTH + markup.count("<br") + markup.count("<img")


def clean_text(markup: object) -> str:
    """Return the plain text of a title or a name that may hold HTML, on one line."""
    if not isinstance(markup, str):
        return ""
    text = sound(markup).replace("\x00", "")
    if "<" in text:
        text = nh3.clean(_BLOCK.sub(" ", text), tags=set())
    return " ".join(html.unescape(text).split())


def _joined(cleaned: str, base: str, *, is_saved: bool) -> str:
    """Return sanitised HTML with its relative addresses made absolute; what cannot be joined is emptied."""

    root = urljoin(base, "/").rstrip("/")

    def join(found: re.Match[str]) -> str:
        name, value = found.group(1), found.group(2).strip()
        if is_saved and name != "href" and _RELATIVE.match(value):
            return found.group()
        if root.startswith("http") and value[:1] == "/" and value[1:2] != "/" and "/." not in value:
            return f' {name}="{root}{value}"'
        try:
            address = urljoin(base, value)
        except ValueError:
            address = ""
        return f' {name}="{address if address.partition(":")[0].lower() in _SCHEMES else ""}"'

    return _UNJOINED.sub(join, cleaned)
