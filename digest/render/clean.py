"""Make what came from outside harmless: text without control characters, and addresses that may be linked.

Escaping is not done here but at the moment of output: by Jinja in text, by `attribute` in attributes.
"""

from __future__ import annotations

import re
from urllib.parse import quote, urlsplit

from markupsafe import Markup, escape

_BREAKS = re.compile(r"[ \t\r\n\f\v\x1c-\x1f\x85\u2028\u2029]+")
_PARAGRAPHS = re.compile(r"(?:\r\n?|\n|\u2028|\u2029){2,}|\u2029")
# Controls, lone surrogates, non-characters, and the marks that override a line's direction: a title must
# not turn the text after it around. LRM, RLM, ZWJ and ZWNJ stay, since real words need them.
_FORBIDDEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069\ufdd0-\ufdef\ufeff\ufff9-\uffff"
    "\U000e0000-\U000e007f"
    + "".join(f"{chr(p * 0x10000 + 0xFFFE)}{chr(p * 0x10000 + 0xFFFF)}" for p in range(1, 17))
    + "]"
)
_UNUSUAL = re.compile("@@|  |^ | $|[\ufff9-\uffff]")
"""What even a printable text may have to be mended: spaces, tokens, replacement characters."""
_PLAIN_ATTRIBUTE = re.compile(r"[ -\[\]-_a-~]*")
_PLAIN_ADDRESS = re.compile(r"[A-Za-z0-9%/:=&?~!$*()+,;@#\[\]._-]*")
_WORD_JOINER = "\u2060"
_LINKABLE = ("http", "https", "mailto")
_LONGEST_URL = 2048


def clean_line(text: str | None) -> str:
    """Return a text as one line without control characters; an empty string for none.

    A doubled at-sign is parted by an invisible joiner: a story must not name one of the reader's tokens.
    """
    if not text:
        return ""
    if text.isprintable() and not _UNUSUAL.search(text):
        return text
    line = _BREAKS.sub(" ", _FORBIDDEN.sub("", _BREAKS.sub(" ", text))).strip()
    while "@@" in line:
        line = line.replace("@@", f"@{_WORD_JOINER}@")
    return line


def clean_paragraphs(text: str | None) -> tuple[str, ...]:
    """Return a text's paragraphs, each as one clean line; a blank line parts them."""
    lines = (clean_line(part) for part in _PARAGRAPHS.split((text or "").replace("\r\n", "\n")))
    return tuple(line for line in lines if line)


def safe_url(url: str | None, *, schemes: tuple[str, ...] = _LINKABLE) -> str | None:
    """Return an address in plain ASCII if it may be linked, else None.

    None for another scheme, no host, a login before the host, control characters, or too great a length.
    """
    if not url or _FORBIDDEN.search(url.strip()):
        return None
    try:
        parts = urlsplit(url.strip())
        host = parts.hostname or ""
        port = parts.port
    except ValueError:
        return None
    if parts.scheme.lower() not in schemes:
        return None
    if parts.scheme.lower() == "mailto":
        made = f"mailto:{_percent(parts.path)}" + (f"?{_percent(parts.query)}" if parts.query else "")
        return made if "@" in parts.path and len(made) <= _LONGEST_URL else None
    ascii_host = _ascii_host(host)
    if ascii_host is None or "@" in parts.netloc:
        return None
    made = f"{parts.scheme.lower()}://{ascii_host}" + (f":{port}" if port else "") + _percent(parts.path)
    made += f"?{_percent(parts.query)}" if parts.query else ""
    made += f"#{_percent(parts.fragment)}" if parts.fragment else ""
    return made if len(made) <= _LONGEST_URL else None


def attribute(value: object) -> Markup:
    """Escape a value for an attribute or for `mj-title`.

    MRML writes attributes with Rust's debug quoting, which turns NBSP, ZWJ, combining accents, newlines and
    backslashes into a literal `\\u{..}`: so nothing but plain ASCII may reach it.
    """
    text = str(value)
    if _PLAIN_ATTRIBUTE.fullmatch(text) and "  " not in text:
        return escape(text)
    escaped = str(escape(_BREAKS.sub(" ", text))).replace("\\", "&#92;").replace("`", "&#96;")
    return Markup(
        "".join(c if " " <= c <= "~" else f"&#{ord(c)};" for c in escaped if c >= " " and c != "\x7f")
    )


def _ascii_host(host: str) -> str | None:
    if not host:
        return None
    if ":" in host:
        return f"[{host}]" if re.fullmatch(r"[0-9a-f:.]+", host) else None
    try:
        name = host.encode("idna").decode("ascii") if not host.isascii() else host
    except UnicodeError:
        return None
    return name if re.fullmatch(r"[A-Za-z0-9._-]+", name) else None


def _percent(part: str) -> str:
    """Percent-encode what an address may not hold; what is encoded already stays."""
    if _PLAIN_ADDRESS.fullmatch(part) and "@@" not in part:
        return part
    return quote(part, safe="%/:=&?~!$*()+,;@#[]-._", errors="replace").replace("@@", "%40%40")
