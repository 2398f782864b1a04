"""Read the words that stand with a picture in its page: caption and credit."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lxml.html import HtmlElement

from digest.extract.byline import is_name
from digest.extract.credit import LABEL, clean_caption, clean_credit, looks_like_credit, split_credit
from digest.extract.decoration import is_decoration
from digest.extract.phrases import SHARE
from digest.extract.structured import clean

CAPTION_CLASS = re.compile(
    r"caption|legend|légende|bildunterschrift|bildtext|pie-?(?:de-)?foto|didascalia|(?:image|img|photo|"
    r"foto|media|bild|figure)"
    r"[-_]*(?:text|desc\w*|title|info)",
    re.I,
)
_CREDIT_CLASS = re.compile(
    r"credit|copyright|photographer|photo-?by|attribution|bildrecht|quelle|agency|rights|(?:^|"
    r"[\s_-])source|-source|_source|"
    r"(?:image|photo|media|img|picture|foto|caption)[-_]*(?:author|owner|byline|provider)|fotograf|(?:^|"
    r"[\s_-])autor|licen[sc]e",
    re.I,
)
_PICTURE_CLASS = re.compile(
    r"figure|picture|image|photo|(?:^|[\s_-])img|media|bild|foto|gallery|galerie|visual|hero|slide", re.I
)
_HIDDEN_CLASS = re.compile(r"visually-?hidden|sr-only|screen-?reader|hidden-text|assistive", re.I)
_FORMAT = frozenset(
    {"a", "b", "i", "em", "strong", "u", "s", "sup", "sub", "br", "wbr", "abbr", "cite", "q", "mark", "font", "time"}
)  # fmt: skip
_SKIPPED = frozenset(
    {
        "script", "style", "noscript", "template", "svg", "button", "select", "iframe", "h1", "h2", "h3", "video",
        "audio", "img", "source", "nav",
    }
)  # fmt: skip
_MAX_CHARS = 1500
_LEVELS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class _Piece:
    text: str
    is_credit: bool
    is_caption: bool


def words_with(element: HtmlElement) -> tuple[str | None, str | None]:
    """Return the caption and the credit that stand with an img element."""
    holder = find_holder(element)
    return (None, None) if holder is None else words_in(holder)


def words_in(holder: HtmlElement) -> tuple[str | None, str | None]:
    """Return the caption and the credit in an element that holds one picture, or only its words."""
    pieces = list(_pieces(holder))
    credits = [piece.text for piece in pieces if piece.is_credit]
    captions = [piece.text for piece in pieces if piece.is_caption and not piece.is_credit]
    if not captions and (_is_picture_like(holder) or (credits and len(pieces) <= 3)):
        captions = [piece.text for piece in pieces if not piece.is_credit and len(piece.text) > 12]
    if not captions:
        mixed = [split_credit(text) for text in credits]
        captions = [caption for caption, credit in mixed if caption and credit]
        credits = [
            credit if caption and credit else text
            for text, (caption, credit) in zip(credits, mixed, strict=True)
        ]
    captions, own = _parted(list(dict.fromkeys(captions)), bool(credits))
    caption, found = split_credit(" ".join(captions))
    if credits and not found:
        caption = clean_caption(" ".join(captions))
    names = list(dict.fromkeys(name for text in credits if (name := clean_credit(text))))
    credit = ", ".join(name for name in names if not any(name != other and name in other for other in names))
    if not credit:
        credit = clean_credit(own) or found or ""
    if caption and credit and caption.endswith(credit) and len(caption) > len(credit) + 8:
        caption = clean_caption(caption.removesuffix(credit).rstrip(" |–—-/(["))
    if caption and credit and caption == credit:
        caption = None
    return caption, (credit or None)


def find_holder(element: HtmlElement) -> HtmlElement | None:
    """Return the largest element around a picture that holds no other picture and no paragraphs of the story."""
    holder = None
    current = element.getparent()
    for _ in range(_LEVELS + _sources(element)):
        if current is None or current.tag in ("body", "html", "article", "main", "header"):
            break
        if not _holds_one(current, element):
            break
        holder = current
        if current.tag == "figure" and current.getparent() is not None and current.getnext() is None:
            following = current.getparent()
            if following.tag in ("div", "span", "li") and not _holds_one(following, element):
                break
        current = current.getparent()
    return holder


def _sources(element: HtmlElement) -> int:
    """Return how many unclosed source elements the parser nested around a picture."""
    return sum(1 for ancestor in element.iterancestors() if ancestor.tag == "source")


def _holds_one(holder: HtmlElement, element: HtmlElement) -> bool:
    for other in holder.iter("img", "amp-img", "h1", "p"):
        if other.tag == "h1":
            return False
        if other.tag == "p":
            continue
        if (
            other is element
            or other.get("src") == element.get("src")
            or (other.get("alt") or "-") == element.get("alt")
        ):
            continue
        if any(ancestor.tag == "noscript" for ancestor in other.iterancestors()):
            continue
        if _is_icon(other):
            continue
        return False
    length = 0
    for text in holder.itertext():
        length += len(text.strip()) if len(text) < 4000 else 0
        if length > _MAX_CHARS:
            return False
    long = sum(1 for paragraph in holder.iter("p") if len(paragraph.text_content()) > 150)
    return long < 2


def _is_icon(element: HtmlElement) -> bool:
    src = element.get("src") or ""
    width = element.get("width") or ""
    small = width.isascii() and width.isdigit() and int(width) < 60
    return small or (bool(src) and not element.get("data-src") and is_decoration(src))


def _is_picture_like(holder: HtmlElement) -> bool:
    return holder.tag == "figure" or bool(_PICTURE_CLASS.search(holder.get("class") or ""))


def _pieces(holder: HtmlElement) -> Iterator[_Piece]:
    """Yield the runs of text in a holder, parted where an element other than formatting begins or ends."""
    for text, chain in _runs(holder):
        cleaned = clean(text)
        if not cleaned or not any(char.isalnum() for char in cleaned) or SHARE.match(cleaned):
            continue
        names = [f"{item.get('class') or ''} {item.get('itemprop') or ''} {_flags(item)}" for item in chain]
        if any(_HIDDEN_CLASS.search(name) for name in names):
            continue
        labelled = bool(LABEL.match(cleaned)) or cleaned.startswith("©")
        is_credit = labelled and len(cleaned) < 160
        is_caption = any(item.tag == "figcaption" for item in chain)
        for name in names:
            if _CREDIT_CLASS.search(name) and not CAPTION_CLASS.search(name):
                is_credit = is_credit or len(cleaned) < 200
                break
            if CAPTION_CLASS.search(name):
                is_caption = True
                break
        is_credit = is_credit or looks_like_credit(cleaned)
        yield _Piece(text=cleaned, is_credit=is_credit, is_caption=is_caption)


def _flags(item: HtmlElement) -> str:
    return " ".join(value for name, value in item.items() if name.startswith("data-") and len(value) < 40)


def _runs(holder: HtmlElement) -> Iterator[tuple[str, list[HtmlElement]]]:
    """Yield the texts between element boundaries with the elements around each, the nearest first."""
    stack: list[tuple[HtmlElement, bool]] = [(holder, False)]
    chain: list[HtmlElement] = []
    text = ""
    while stack:
        element, leaving = stack.pop()
        tag = element.tag if isinstance(element.tag, str) else ""
        skipped = not tag or (tag in _SKIPPED and next(element.iter("img"), None) is None)
        bounds = tag not in _FORMAT
        if leaving:
            if bounds:
                yield text, chain[::-1]
                text = ""
            chain.pop()
        elif not skipped:
            if bounds:
                yield text, chain[::-1]
                text = ""
            chain.append(element)
            stack.append((element, True))
            stack.extend((child, False) for child in reversed(element))
            text += (" " if tag == "br" else "") + (element.text or "")
            continue
        if element is not holder:
            text += element.tail or ""


def _parted(captions: Sequence[str], has_credit: bool) -> tuple[list[str], str | None]:
    """Part the credit from the caption where both stand in the caption's element, unmarked."""
    if len(captions) < 2 or has_credit:
        return list(captions), None
    last, first = captions[-1], captions[0]
    if _is_short(last) and _is_told(" ".join(captions[:-1])):
        return list(captions[:-1]), last
    if _is_short(first) and _is_told(" ".join(captions[1:])):
        return list(captions[1:]), first
    return list(captions), None


def _is_short(text: str) -> bool:
    return (
        len(text.split()) <= 8
        and len(text) <= 80
        and not text.endswith((".", "!", "?"))
        and (is_name(text) or looks_like_credit(text) or "/" in text or len(text.split()) <= 4)
    )


def _is_told(text: str) -> bool:
    return len(text.split()) >= 4


def detached_words(elements: Sequence[HtmlElement]) -> tuple[str | None, str | None]:
    """Return the caption and the credit that stand apart from any picture, the first there are.

    `elements` are those near the story's top, in order. Only what calls itself a picture's caption counts.
    """
    for element in elements:
        name = element.get("class") or ""
        named = bool(_PICTURE_CLASS.search(name)) and bool(
            CAPTION_CLASS.search(name) or _CREDIT_CLASS.search(name)
        )
        if element.tag != "figcaption" and not named:
            continue
        if next(element.iter("img"), None) is not None or len(element.text_content()) > 700:
            continue
        if any(next(figure.iter("img"), None) is not None for figure in element.iterancestors("figure")):
            continue
        caption, credit = words_in(element)
        if caption or credit:
            return caption, credit
    return None, None
