"""Cut the text around a picture into pieces, each known as caption, as credit, or as neither."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from lxml.html import HtmlElement

from digest.extract.byline import is_name
from digest.extract.credit import looks_like_credit, may_own, split_credit
from digest.extract.credit_words import AUTHOR_LABEL, LABEL, LABEL_ALONE, NOTE, OPEN_LABEL
from digest.extract.phrases import RIGHTS, SHARE
from digest.extract.picture_wording import CAPTION_LABEL_ALONE, PICTURE_CONTROL
from digest.extract.structured import clean

CAPTION_CLASS = re.compile(
    r"caption|legend|légende|bildunterschrift|bildtext|pie-?(?:de-)?foto|didascalia|onderschrift|"
    r"(?:image|img|photo|picture|foto|media|bild|figure|thumb(?:nail)?)[-_]*(?:text|desc\w*|title|info|subtitle)",
    re.I,
)
CREDIT_CLASS = re.compile(
    r"credit|copyright|photographer|photo-?by|attribution|bildrecht|quelle|agency|rights|(?:^|"
    r"[\s_-])source|-source|_source|(?:^|[\s_-])creator|"
    r"(?:image|photo|media|img|picture|foto|caption)[-_]*(?:author|owner|byline|provider)|fotograf|(?:^|"
    r"[\s_-])autor|licen[sc]e",
    re.I,
)
_OWNER_CLASS = re.compile(
    r"(?:^|[\s_-])(?:by-?line|author|auteur|autore|provider|contributor|name)(?:$|[\s_-])", re.I
)
_HIDDEN_CLASS = re.compile(r"visually-?hidden|sr-only|screen-?reader|hidden-text|assistive|a11y", re.I)
_FORMAT = frozenset(
    {"a", "b", "i", "em", "strong", "u", "s", "sup", "sub", "br", "wbr", "abbr", "cite", "q", "mark", "font", "time"}
)  # fmt: skip
_EMPHASIS = frozenset({"b", "strong", "i", "em", "cite"})
_SKIPPED = frozenset(
    {
        "script", "style", "noscript", "template", "svg", "button", "select", "iframe", "h1", "h2", "h3", "video",
        "audio", "img", "source", "nav", "input", "label", "textarea",
    }
)  # fmt: skip
_ENDS = (".", "!", "?", "…", "”", '"', "»", "。", "|", ")")


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A run of text. `element` is the nearest element around it; `block` the nearest that is no part of a line."""

    text: str
    is_credit: bool
    is_caption: bool
    element: HtmlElement
    block: HtmlElement


def short_text(element: HtmlElement, limit: int) -> str | None:
    """Return an element's text on one line, or None where it is longer than `limit` characters."""
    parts, length = [], 0
    for text in element.itertext():
        length += len(text.strip())
        if length > limit:
            return None
        parts.append(text)
    return clean("".join(parts))


def read_pieces(holder: HtmlElement) -> list[Piece]:
    """Return the pieces of text in a holder, in order, without labels, buttons and what only machines read."""
    runs = []
    for text, chain in _runs(holder):
        cleaned = clean(text)
        if cleaned:
            runs.append(_ruled(cleaned, chain))
    pieces = [piece for piece in _labelled(_joined(runs)) if _is_told(piece)]
    return [piece for piece in pieces if not _is_cut_short(piece, pieces)]


def _is_cut_short(piece: Piece, pieces: Sequence[Piece]) -> bool:
    """Say whether a piece is but the beginning of another, shown until the reader asks for all of it."""
    start = piece.text.removesuffix("...").removesuffix("…").strip()
    return start != piece.text and any(
        other.text.startswith(start) and len(other.text) > len(start) + 3
        for other in pieces
        if other is not piece
    )


def _ruled(text: str, chain: Sequence[HtmlElement]) -> Piece:
    names = [_name_of(item) for item in chain]
    is_caption = any(item.tag == "figcaption" for item in chain)
    in_picture = is_caption or any("ImageObject" in name for name in names)
    is_credit = bool(AUTHOR_LABEL.match(text)) and len(text) < 100
    for name in names:
        if CAPTION_CLASS.search(name):
            in_picture = is_caption = True
            break
        if CREDIT_CLASS.search(name):
            told = len(text.split()) >= 6 and not may_own(text) and split_credit(text)[1] is None
            is_caption = is_caption or told
            is_credit = is_credit or (len(text) < 200 and not told)
            break
    if in_picture and _OWNER_CLASS.search(names[0]) and len(text) < 120:
        is_credit = True
    is_credit = is_credit or (len(text) < 80 and bool(RIGHTS.search(text)))
    hidden = any(_HIDDEN_CLASS.search(name) for name in names)
    block = next((item for item in chain if item.tag not in _FORMAT and item.tag != "span"), chain[-1])
    is_credit = is_credit or looks_like_credit(text)
    kept = not hidden or LABEL_ALONE.match(text) or CAPTION_LABEL_ALONE.match(text)
    return Piece(
        text=text if kept else "", is_credit=is_credit, is_caption=is_caption, element=chain[0], block=block
    )


def _name_of(item: HtmlElement) -> str:
    """Return what an element calls itself: its class and what structured data and tests call it."""
    parts = [item.get(name) or "" for name in ("class", "itemprop", "property", "itemtype", "typeof")]
    parts += [value for name, value in item.items() if name.startswith("data-") and len(value) < 40]
    return " ".join(part for part in parts if part)


def _joined(pieces: Sequence[Piece]) -> list[Piece]:
    """Join a piece that ends in a label, such as `... Photo by`, with the rest of its line."""
    joined: list[Piece] = []
    is_open = False
    for piece in pieces:
        if is_open and joined and piece.block is joined[-1].block and len(piece.text) < 120:
            joined[-1] = replace(joined[-1], text=f"{joined[-1].text} {piece.text}")
            continue
        is_open = bool(OPEN_LABEL.search(piece.text)) and not LABEL_ALONE.match(piece.text)
        joined.append(replace(piece, is_credit=False) if is_open and not LABEL.match(piece.text) else piece)
    return joined


def _labelled(pieces: Sequence[Piece]) -> Iterator[Piece]:
    """Give the label that stands in an element of its own to what follows it."""
    role = ""
    for position, piece in enumerate(pieces):
        if CAPTION_LABEL_ALONE.match(piece.text):
            role = "caption"
            continue
        if LABEL_ALONE.match(piece.text) and not NOTE.match(piece.text):
            following = next((item for item in pieces[position + 1 :] if item.text), None)
            owned = following is not None and len(following.text) < 120 and may_own(following.text)
            role = "credit" if owned else ""
            if owned or piece.text.endswith((":", ",", "…", "...")):
                continue
        elif role and piece.text:
            yield replace(piece, is_credit=role == "credit", is_caption=piece.is_caption or role == "caption")
            role = ""
            continue
        yield piece


def _is_told(piece: Piece) -> bool:
    text = piece.text
    if not any(char.isalnum() for char in text):
        return False
    return not (SHARE.match(text) or PICTURE_CONTROL.match(text))


def _runs(holder: HtmlElement) -> Iterator[tuple[str, list[HtmlElement]]]:
    """Yield the texts between element boundaries with the elements around each, the nearest first."""
    stack: list[tuple[HtmlElement, bool, bool]] = [(holder, False, True)]
    chain: list[HtmlElement] = []
    text = ""
    while stack:
        element, leaving, bounds = stack.pop()
        if leaving:
            if bounds:
                yield text, chain[::-1]
                text = ""
            chain.pop()
        elif not _is_skipped(element):
            bounds = element.tag not in _FORMAT or _signs(element, text)
            if bounds:
                if chain:
                    yield text, chain[::-1]
                text = ""
            chain.append(element)
            stack.append((element, True, bounds))
            stack.extend((child, False, True) for child in reversed(element))
            text += (" " if element.tag == "br" else "") + (element.text or "")
            continue
        if element is not holder:
            text += element.tail or ""


def _is_skipped(element: HtmlElement) -> bool:
    tag = element.tag if isinstance(element.tag, str) else ""
    if not tag:
        return True
    if tag not in _SKIPPED and element.get("role") not in ("button", "tooltip", "menu"):
        return False
    return next(element.iter("img"), None) is None


def _signs(element: HtmlElement, before: str) -> bool:
    """Say whether emphasis sets off the owner at the end of a caption: `... on Monday. <b>Jane Doe</b>`."""
    if element.tag not in _EMPHASIS or element.getnext() is not None or (element.tail or "").strip():
        return False
    text = clean(element.text_content())
    if not before.strip() or len(text) > 80 or not (is_name(text) or looks_like_credit(text)):
        return False
    return before.rstrip().endswith(_ENDS)
