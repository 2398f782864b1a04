"""Clean the titles and the HTML of feed entries."""

from __future__ import annotations

import html
import re
from urllib.parse import urljoin, urlsplit

import nh3

from digest.charset import without_control

_TAGS = {
    "a", "abbr", "article", "aside", "b", "blockquote", "br", "caption", "cite", "code", "dd", "del",
    "div", "dl", "dt", "em", "figcaption", "figure", "footer", "h1", "h2", "h3", "h4", "h5", "h6",
    "header", "hr", "i", "img", "li", "mark", "ol", "p", "picture", "pre", "q", "s", "section", "small",
    "source", "span", "strong", "sub", "sup", "table", "tbody", "td", "th", "thead", "time", "tr", "u",
    "ul",
}  # fmt: skip
_DROPPED = {
    "audio", "button", "canvas", "embed", "form", "head", "iframe", "object", "script", "select", "style",
    "svg", "template", "textarea", "title", "video",
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
_HTML = nh3.Cleaner(
    tags=_TAGS, clean_content_tags=_DROPPED, attributes=_ATTRIBUTES, url_schemes=_SCHEMES, link_rel=None
)
_TEXT = nh3.Cleaner(tags=set(), attributes={}, link_rel=None)
MAX_CHARS = 2_000_000
MAX_DEPTH = 1000
_TAG = re.compile(r"</?[A-Za-z][^<>]{0,5000}>")
_RELATIVE = re.compile(r"[\w.][\w./ %-]*$")
# For the sanitiser's own output, whose attributes are all quoted and hold neither < nor >: a call for each
# attribute is far slower. The pattern starts with what is literal, since that is searched for fastest.
_UNJOINED = re.compile(r'="(?<=href="|.src="|inal="|cset=")(?!https?:|mailto:)([^"<>]*)"')
_WILD = re.compile(r"[ \"<>]")
_FROM_ROOT = re.compile(r"/(?!/|\S*/\.)[^\s\\\"<>]*$")
_ROOT = re.compile(r"https?://[^/?#\s]+", re.I)
_PIXEL = re.compile(r'<img [^<>]*?(?:width|height)="[01](?:px)?"[^<>]*>')
_IS_TINY = re.compile(r'="[01](?:px)?"')
_HIDDEN_STYLE = (
    r"style\s*=\s*[\"'][^\"'<>]{0,300}?(?:display\s*:\s*none|(?:width|height)\s*:\s*[01](?:px)?\s*[;\"'])"
)
_IS_HIDDEN = re.compile(_HIDDEN_STYLE)
_QUOTED = r"(?:[^<>\"']|\"[^\"]*\"|'[^']*')"
_HIDDEN = re.compile(rf"<img\b(?={_QUOTED}*?\s{_HIDDEN_STYLE}){_QUOTED}*+>")
_HELD = re.compile(r"<|&")
_BLOCK = re.compile(r"<(?:br|/?p|/?div|/?li|/?h\d)\b[^>]*>", re.I)
_TWICE = re.compile(r"&lt;(?:p|br|div|a|img|strong|em|span|h[1-6]|ul|figure)\b[^<]{0,500}?&gt;", re.I)
_LEFT_OVER = re.compile(r"&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z]{2,8}\d{0,2});", re.I)
_EMPHASIS = re.compile(r"<(b|i|em|strong|span|u|sub|sup|small|cite|q|p)\b[^<>]{0,200}>([^<>]*)</\1>", re.I)
_PLAIN_ADDRESS = re.compile(r"https?://[\w-]+(?:\.[\w-]+)+(?::\d{1,5})?(?:/(?!\S*/\.)[^\s\\\"<>]*)?$", re.A)


def clean_html(markup: str, *, base: str, is_saved: bool = False) -> str:
    """Return HTML reduced to what a story is made of, its links absolute; empty for what is no text.

    In a saved feed, pictures named by a relative address keep it: they may lie beside the feed.
    """
    if not markup:
        return ""
    markup = markup[:MAX_CHARS]
    if not _HELD.search(markup):
        return _in_paragraphs(html.escape(markup.strip(), quote=False))
    if "<" not in markup and _TWICE.search(markup):
        markup = html.unescape(markup)
    if markup.count("<") > MAX_DEPTH and _is_too_deep(markup):
        return html.escape(" ".join(html.unescape(_TAG.sub(" ", markup)).split()), quote=False)
    if "<img" in markup and _IS_HIDDEN.search(markup):
        markup = _HIDDEN.sub("", markup)
    cleaned = _HTML.clean(markup)
    if "<img " in cleaned and _IS_TINY.search(cleaned):
        cleaned = _PIXEL.sub("", cleaned)
    return _joined(_in_paragraphs(cleaned), base, is_saved=is_saved).strip()


def _in_paragraphs(cleaned: str) -> str:
    """Return text without any markup as paragraphs, where blank lines part it."""
    if "<" in cleaned or not re.search(r"\n\s*\n", cleaned):
        return cleaned
    return "".join(f"<p>{part.strip()}</p>" for part in re.split(r"\n\s*\n", cleaned) if part.strip())


def _is_too_deep(markup: str) -> bool:
    """Say whether elements are nested as no writer would: the sanitiser's time grows with the square of it."""
    depth = deepest = 0
    for found in _TAG.finditer(markup):
        depth += -1 if found.group().startswith("</") else not found.group().endswith("/>")
        deepest = max(deepest, depth)
    return deepest > MAX_DEPTH + markup.count("<br") + markup.count("<img")


def clean_text(markup: str) -> str:
    """Return the plain text of a title or a name that may hold HTML, on one line."""
    if "&" not in markup and "<" not in markup:
        return " ".join(without_control(markup).split())
    text = html.unescape(_TEXT.clean(_BLOCK.sub(" ", markup)) if "<" in markup else markup)
    if _LEFT_OVER.search(text):  # escaped twice
        text = html.unescape(text)
    if "</" in text:
        text = _EMPHASIS.sub(r"\2", text)
    return " ".join(without_control(text).split())


def join_address(base: str, address: str) -> str | None:
    """Return an address that may be relative as an absolute one, None where it is not of the web."""
    address = address.strip()
    if _PLAIN_ADDRESS.match(address):
        return address
    root = _ROOT.match(base)
    if root and _FROM_ROOT.match(address):
        return root.group() + address
    try:
        parts = urlsplit(urljoin(base, _WILD.sub(lambda found: f"%{ord(found.group()):02X}", address)))
    except ValueError:
        return None
    return parts.geturl() if address and parts.scheme in ("http", "https") and parts.netloc else None


def _joined(cleaned: str, base: str, *, is_saved: bool) -> str:
    """Return sanitised HTML with its relative addresses made absolute; what cannot be joined is emptied."""
    if not _UNJOINED.search(cleaned):
        return cleaned
    base = base.replace("&", "&amp;").replace('"', "%22")
    root = _ROOT.match(base)
    start = root.group() if root else None

    def join(found: re.Match[str]) -> str:
        value, place = found[1], found.start()
        name = cleaned[place - 6 : place]
        if cleaned.rfind("<", 0, place) < cleaned.rfind(">", 0, place):  # in the text
            return found[0]
        if is_saved and not name.endswith("href") and _RELATIVE.match(value.partition(" ")[0]):
            return found[0]
        if name != "srcset":
            return f'="{absolute(value)}"'
        parts = (candidate.split(None, 1) for candidate in value.split(", ") if candidate.strip())
        return f'="{", ".join(" ".join([absolute(address), *size]) for address, *size in parts)}"'

    def absolute(value: str) -> str:
        if start and value[:1] == "/" and value[1:2] != "/" and "/." not in value:
            return start + value
        try:
            address = urljoin(base, value.strip())
        except ValueError:
            return ""
        return address if address.partition(":")[0].lower() in _SCHEMES else ""

    return _UNJOINED.sub(join, cleaned)
