"""Read the words that stand with a picture in its page: caption and credit."""

from __future__ import annotations

import re
from collections.abc import Sequence

from lxml.html import HtmlElement

from digest.extract.byline import is_name
from digest.extract.credit import clean_caption, clean_credit, looks_like_credit, split_credit
from digest.extract.decoration import is_decoration
from digest.extract.figure_attributes import words_on
from digest.extract.figure_pieces import CAPTION_CLASS, CREDIT_CLASS, Piece, read_pieces, short_text
from digest.extract.phrases import RIGHTS, STAMP

_PICTURE_CLASS = re.compile(
    r"figure|picture|image|photo|(?:^|[\s_-])img|media|bild|foto|gallery|galerie|visual|hero|slide", re.I
)
_MAX_CHARS = 1500
_LEVELS = 6
_BYLINE = re.compile(r"^(?:by|von|par|por|di|door|av|af|text|texte|texto|words)\s*:?\s+[^\W\d_]", re.I)
_MOMENT = re.compile(r"\b(?:19|20)\d\d\b|\b\d{1,2}[:.]\d\d\b|\b\d+ ?(?:min|sec|h|ago)\b", re.I)
_FOLLOWING = ("div", "p", "span", "small", "center", "figcaption", "em", "i", "cite", "aside")

Words = tuple[str | None, str | None]


def words_with(element: HtmlElement) -> Words:
    """Return the caption and the credit that stand with an img element."""
    holder = find_holder(element)
    caption, credit = (None, None) if holder is None else words_in(holder)
    if not caption:
        for find in (_nearest_words, _following_words, words_on):
            told, owner = find(element, holder)
            if told or (owner and not credit):
                return told, credit or owner
    return caption, credit


def words_in(holder: HtmlElement) -> Words:
    """Return the caption and the credit in an element that holds one picture, or only its words."""
    pieces = read_pieces(holder)
    captions = [piece.text for piece in pieces if piece.is_caption and not piece.is_credit]
    if not captions and (holder.tag == "figure" or (_has_credit(pieces) and len(pieces) <= 3)):
        captions = [piece.text for piece in pieces if not piece.is_credit and len(piece.text) > 12]
    return _words(captions, [piece.text for piece in pieces if piece.is_credit])


def _has_credit(pieces: Sequence[Piece]) -> bool:
    return any(piece.is_credit for piece in pieces)


def _words(captions: list[str], credits: list[str]) -> Words:
    """Make a caption and a credit of the pieces that are either."""
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
    if not credit or (found and credit in found):
        credit = clean_credit(own) or found or credit
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
        if current is None or current.tag in ("body", "html", "main", "header"):
            break
        if current.tag == "article" and next(current.iter("h1", "h2", "h3", "time"), None) is not None:
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
            or _address(other) == _address(element)
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


def _address(element: HtmlElement) -> str:
    """Return what tells a picture from another: a lazy address before that of its stand-in."""
    names = ("data-src", "data-srcset", "data-lazy-src", "srcset", "src")
    return next((value for name in names if (value := element.get(name))), "")


def _is_icon(element: HtmlElement) -> bool:
    src = element.get("src") or ""
    width = element.get("width") or ""
    small = width.isascii() and width.isdigit() and int(width) < 60
    return small or (bool(src) and not element.get("data-src") and is_decoration(src))


def _nearest_words(element: HtmlElement, holder: HtmlElement | None) -> Words:
    """Return the words below a picture in the smallest element around both, whatever its name.

    Headlines, bylines, dates and links to other stories stand with pictures too: where there is one,
    none of the text is taken.
    """
    current = element.getparent()
    while holder is not None and current is not None:
        pieces = read_pieces(current)
        if pieces:
            below = [piece for piece in pieces if _is_after(piece.element, element)]
            caption, credit = _words_of(current, below) if len(below) == len(pieces) else (None, None)
            return (None, credit) if not credit and _is_paragraph(current) else (caption, credit)
        if current is holder:
            break
        current = current.getparent()
    return None, None


def _is_paragraph(holder: HtmlElement) -> bool:
    """Say whether an element around a picture is a paragraph with text of its own."""
    own = (holder.text or "") + " ".join(child.tail or "" for child in holder)
    return holder.tag == "p" and len(own.split()) >= 3


def _following_words(element: HtmlElement, _: HtmlElement | None) -> Words:
    """Return the words of the element after a picture, where it is a caption's by name or ends with a credit."""
    current = element
    for _level in range(_LEVELS + _sources(element)):
        parent = current.getparent()
        if parent is None or parent.tag in ("body", "html"):
            break
        following = current.getnext()
        if following is not None and not (current.tail or "").strip():
            break
        if following is not None or (current.tail or "").strip():
            return None, None
        current = parent
    following = current.getnext()
    if following is None or following.tag not in _FOLLOWING or short_text(following, 600) is None:
        return None, None
    if next(following.iter("img", "h1", "h2", "h3", "time", "form"), None) is not None:
        return None, None
    caption, credit = _words_of(following, read_pieces(following))
    named = following.tag == "figcaption" or bool(CAPTION_CLASS.search(following.get("class") or ""))
    whole = (
        len(following) == 1 and not (following.text or "").strip() and not (following[0].tail or "").strip()
    )
    return (caption, credit) if named or (credit and (whole or not caption)) else (None, None)


def _is_after(text: HtmlElement, element: HtmlElement) -> bool:
    """Say whether an element stands after a picture or around it."""
    ancestors = list(element.iterancestors())
    if text in ancestors:
        return True
    for ancestor in (text, *text.iterancestors()):
        parent = ancestor.getparent()
        if parent in ancestors:
            mine = next(child for child in (element, *ancestors) if child.getparent() is parent)
            return bool(parent.index(ancestor) > parent.index(mine))
    return False


def _words_of(holder: HtmlElement, pieces: Sequence[Piece]) -> Words:
    """Make words of pieces that nothing but their place calls a caption."""
    others = [piece.text for piece in pieces if not piece.is_credit]
    if len(pieces) > 4 or len(" ".join(others)) > 500 or any(_is_about_story(text) for text in others):
        return None, None
    if next(holder.iter("h1", "h2", "h3", "h4", "time", "form", "li"), None) is not None or _leads_away(
        holder
    ):
        return None, None
    caption, credit = _words(others, [piece.text for piece in pieces if piece.is_credit])
    if caption and (RIGHTS.search(caption) or not _is_long_enough(caption)):
        caption = None
    return caption, credit


def _is_long_enough(text: str) -> bool:
    return len(text.split()) >= 3 or (len(text) >= 8 and not text.isascii())


def _is_about_story(text: str) -> bool:
    """Say whether a text is a byline or a moment."""
    words = len(text.split())
    if STAMP.match(text) or (words <= 7 and _MOMENT.search(text)):
        return True
    return words <= 8 and bool(_BYLINE.match(text))


def _leads_away(holder: HtmlElement) -> bool:
    return any(
        len(link.text_content().split()) >= 4 or link.get("rel") in ("author", "tag")
        for link in holder.iter("a")
    )


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


def detached_words(elements: Sequence[HtmlElement]) -> Words:
    """Return the caption and the credit that stand apart from any picture, the first there are.

    `elements` are those near the story's top, in order. Only what calls itself a picture's caption counts.
    """
    for element in elements:
        name = element.get("class") or ""
        named = bool(_PICTURE_CLASS.search(name)) and bool(
            CAPTION_CLASS.search(name) or CREDIT_CLASS.search(name)
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
