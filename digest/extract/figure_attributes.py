"""Read the caption and the credit that a page keeps in attributes, as lightboxes and lazy galleries do."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml.html import HtmlElement

from digest.extract.blocks import letters_of
from digest.extract.credit import clean_credit, split_credit
from digest.extract.picture_wording import PICTURE_CONTROL
from digest.extract.structured import clean

_CAPTION = re.compile(r"^data-(?:[\w-]*-)?(?:caption|legende?|description|sub-html)$")
_CREDIT = re.compile(r"^data-(?:[\w-]*-)?(?:credits?|copyright|photographer|byline)$")
_TAG = re.compile(r"<[^<>]{0,300}>")
_NO_TEXT = re.compile(r"^(?:https?:|[#.{\[/]|true$|false$|[\w-]+$)", re.I)
_PICTURE_FILE = re.compile(r"\.(?:jpe?g|png|webp|gif|avif)(?:$|[?#])", re.I)
_LEVELS = 4


def words_on(element: HtmlElement, holder: HtmlElement | None) -> tuple[str | None, str | None]:
    """Return the caption and the credit in attributes of a picture and of the elements around it.

    What only repeats the picture's alt is no caption.
    """
    caption = credit = None
    for item in _around(element, holder):
        for name, value in item.items():
            if "-" in item.tag and not name.startswith("data-"):
                name = f"data-{name}"
            if credit is None and _CREDIT.match(name):
                credit = clean_credit(_text(value))
            elif caption is None and _CAPTION.match(name):
                caption = _told(value, element)
        if caption is None and item.tag == "a" and _PICTURE_FILE.search(item.get("href") or ""):
            caption = _told(item.get("title") or "", element)
    caption, own = split_credit(caption or "")
    return caption, credit or own


def _around(element: HtmlElement, holder: HtmlElement | None) -> Iterator[HtmlElement]:
    yield element
    if holder is None:
        parent = element.getparent()
        if parent is not None and parent.tag == "a":
            yield parent
        return
    for level, ancestor in enumerate(element.iterancestors()):
        if level >= _LEVELS:
            return
        yield ancestor
        if ancestor is holder:
            return


def _told(value: str, element: HtmlElement) -> str | None:
    text = _text(value)
    if len(text.split()) < 3 and text.isascii():
        return None
    if PICTURE_CONTROL.match(text) or letters_of(text) == letters_of(element.get("alt") or ""):
        return None
    return text


def _text(value: str) -> str:
    text = clean(_TAG.sub(" ", value))
    return "" if len(text) > 1000 or (_NO_TEXT.match(text) and " " not in text) else text
