"""Tell a page's pictures that belong to something else: another story's teaser, an author, an advertisement."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import islice
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from digest.extract.blocks import OUTSIDE, letters_of
from digest.extract.figure_pieces import CAPTION_CLASS, CREDIT_CLASS, short_text
from digest.extract.phrases import AD_LABEL
from digest.model import Image

_PERSON = re.compile(
    r"(?:^|[\s_-])(?:author|avatar|byline|profile|contributor|autor\w*|logo)(?:$|[\s_-])", re.I
)
_ADVERT = re.compile(
    r"(?:^|[\s_-])(?:ads?|ad-?(?:slot|unit|box|container|wrapper)|advert\w*|sponsor\w*|dfp|werbung|anzeigen?|"
    r"publicidad|publicité|pubblicità|reklama?)(?:$|[\s_-])",
    re.I,
)
_ADVERT_SIZES = frozenset(
    {(300, 250), (728, 90), (970, 250), (970, 90), (160, 600), (300, 600), (320, 50), (320, 100)}
)
_PICTURE_FILE = re.compile(r"\.(?:jpe?g|png|webp|gif|avif)(?:$|[?#])", re.I)
_LEVELS = 6
_ALT_EXTRA = 14
"""Letters that a portrait's alt has beside its person's name, at most: `Portrait of`, `Profile picture`."""
_FILE_EXTRA = 16
"""Letters that a portrait's file name has beside its person's name, at most: a size and a suffix."""
_SMALL = 400
"""Characters of text in an element that holds a teaser or an advertisement, at most."""


def is_outside(element: HtmlElement) -> bool:
    """Say whether a picture stands within what is not the story, as the elements around it say."""
    for ancestor in element.iterancestors():
        if ancestor.tag in ("nav", "aside", "footer"):
            return True
        if ancestor.tag in ("body", "article", "main"):
            return False
        name = f"{ancestor.get('class') or ''} {ancestor.get('id') or ''}"
        if _PERSON.search(name) or (OUTSIDE.search(name) and _leads_away(ancestor)):
            # A name such as "sidebar-layout" on an element around the headline says nothing.
            return next(ancestor.iter("h1"), None) is None
    return False


def is_teaser(element: HtmlElement) -> bool:
    """Say whether a picture is a link to another story, by the headline that links to the same place."""
    link = next((item for item in _near(element) if item.tag == "a"), None)
    address = link.get("href") if link is not None else None
    if (
        link is None
        or not address
        or address.startswith(("#", "javascript:"))
        or _PICTURE_FILE.search(address)
    ):
        return False
    if any(_is_caption(item) for item in link.iter()):
        return False
    if len((short_text(link, _SMALL) or "").split()) >= 4:
        return True
    for ancestor in islice(link.iterancestors(), 3):
        if short_text(ancestor, _SMALL) is None:
            break
        others = [item for item in ancestor.iter("a") if item is not link and item.get("href") == address]
        if any(len(other.text_content().split()) >= 3 for other in others):
            return True
    return False


def is_advertisement(element: HtmlElement, image: Image, host: str) -> bool:
    """Say whether a picture advertises: its place is named so, is labelled so, or is a paid link."""
    for ancestor in _near(element):
        if ancestor.tag == "a":
            if "sponsored" in (ancestor.get("rel") or ""):
                return True
            away = _host(ancestor.get("href") or "")
            if (image.width, image.height) in _ADVERT_SIZES and away and away != host:
                return True
        if ancestor.tag in ("body", "article", "main", "figure"):
            return False
        text = short_text(ancestor, _SMALL)
        if text is None:
            return False
        name = f"{ancestor.get('class') or ''} {ancestor.get('id') or ''}"
        if _ADVERT.search(name) or (text and AD_LABEL.match(text.casefold())):
            return True
    return False


def is_portrait(image: Image, authors: Sequence[str]) -> bool:
    """Say whether a picture shows an author, as its description or its address tells."""
    alt, file = (
        letters_of(image.alt or ""),
        letters_of((image.url or "").partition("?")[0].rsplit("/", 1)[-1]),
    )
    names = [letters_of(author) for author in authors if len(author) > 5]
    return any(
        (name in alt and len(alt) <= len(name) + _ALT_EXTRA)
        or (name in file and len(file) <= len(name) + _FILE_EXTRA)
        for name in names
    )


def _host(address: str) -> str:
    try:
        return urlsplit(address).netloc
    except ValueError:
        return ""


def _near(element: HtmlElement) -> list[HtmlElement]:
    return list(islice(element.iterancestors(), _LEVELS))


def _is_caption(item: HtmlElement) -> bool:
    name = item.get("class") or "" if isinstance(item.tag, str) else ""
    return item.tag == "figcaption" or bool(
        name and (CAPTION_CLASS.search(name) or CREDIT_CLASS.search(name))
    )


def _leads_away(holder: HtmlElement) -> bool:
    """Say whether an element holds the title of another story as a link."""
    return any(len(link.text_content().split()) >= 4 for link in holder.iter("a"))
