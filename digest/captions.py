"""Know a caption that readers may see from what only stands in a caption's place."""

from __future__ import annotations

import re

_FILE = re.compile(
    r"\.(?:jpe?g|jfif|png|webp|gif|avif|tiff?|hei[cf]|svg|bmp|eps|psd|raw|dng|cr2|nef|mp4)(?:\?\S*)?$", re.I
)
_CAMERA = re.compile(
    r"^(?:IMG|DSC[NF]?|PXL|MVIMG|VID|P|SAM|GOPR|Screen ?shot|WhatsApp Image|Untitled|Image|Photo|Picture|Bild|Foto)"
    r"[ _-]*[\d_-]+(?:[\d_ .:()at-]|[AP]M)*$",
    re.I,
)
_ADDRESS = re.compile(r"^(?:https?:)?//\S+$", re.I)
# One word of ASCII alone: in scripts without spaces a whole sentence is one word.
_SLUG = re.compile(
    r"^(?:[a-z0-9]+(?:[-_+][a-z0-9]+)+|[A-Za-z0-9-]*_[A-Za-z0-9_-]*|[A-Za-z]*\d{3,}[A-Za-z0-9-]*)$"
)
_HASH = re.compile(r"^(?=.*\d)[0-9a-f]{8,}(?:-[0-9a-f]+)*$", re.I)
_WHOLE_SENTENCE = re.compile(r"(?:\S+\s+){3,}\S+[.!?…][”\"'’)]*$|[。！？।۔؟][”\"'’)]*$")


def printable_caption(caption: str | None, *, alt: str | None = None, headline: str = "") -> str | None:
    """Return a picture's caption, or None where what stands in its place is none.

    A file's name, a slug, a number, an address or the headline again are none; the alternative text again is
    none either, unless it is a whole sentence: many outlets fill it with the caption. Nothing is made up.
    """
    text = " ".join((caption or "").split())
    if not any(char.isalpha() for char in text):
        return None
    if any(pattern.search(text) for pattern in (_FILE, _CAMERA, _ADDRESS, _SLUG, _HASH)):
        return None
    letters = _letters(text)
    if letters == _letters(headline):
        return None
    if letters == _letters(alt or "") and not _WHOLE_SENTENCE.search(text):
        return None
    return text


def _letters(text: str) -> str:
    return "".join(char for char in text.casefold() if char.isalnum())
