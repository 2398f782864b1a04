"""Make XML that was written by hand or by careless programs fit for a recovering parser."""

from __future__ import annotations

import html
import re
from xml.sax.saxutils import escape

_DECLARATION = re.compile(r"^\s*<\?xml[^>]{0,300}\?>", re.I)
_LOOSE_AMPERSAND = re.compile(r"&(?!(?:#\d{1,7}|#x[0-9a-f]{1,6}|amp|lt|gt|quot|apos);)", re.I)
_NAMED = re.compile(r"&(?!(?:amp|lt|gt|quot|apos);)[A-Za-z][A-Za-z0-9]{1,30};")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")
_PROLOGUE_CHARS = 100_000


def declares_entities(text: str) -> bool:
    """Say whether XML declares entities of its own, as only feeds and hostile files do."""
    return "<!ENTITY" in text[:_PROLOGUE_CHARS].upper()


def sound_xml(text: str) -> str:
    """Return XML without its declaration, which a parser of text cannot use, and without what XML forbids.

    HTML's named characters become themselves, and bare ampersands are escaped.
    """
    text = without_control(_DECLARATION.sub("", text, count=1))
    text = _NAMED.sub(lambda found: escape(html.unescape(found[0])), text)
    return _LOOSE_AMPERSAND.sub("&amp;", text)


def without_control(text: str) -> str:
    """Return text without the control characters that XML forbids."""
    return _CONTROL.sub("", text)
