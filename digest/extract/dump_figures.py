"""Find the pictures of a dump: the lines that are a picture's description, owner and caption."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from digest.extract.byline import is_name
from digest.extract.credit import clean_caption, clean_credit, split_credit
from digest.extract.credit_words import LABEL
from digest.extract.roles import Role, Ruled
from digest.model import Image

_SLUG = re.compile(r"^[a-z0-9\u00df-\u00ff'’]+(?:[ _-][a-z0-9\u00df-\u00ff'’]+){2,}\.?$")
_PHOTO_OF = re.compile(
    r"^(?:(?:a |an |the )?(?:photo|picture|image|portrait|composite|illustration|screenshot|"
    r"file photo) of\b|photo:? )",
    re.I,
)
_FREE = (Role.CHROME, Role.BODY, Role.SUBHEAD, Role.RELATED)
_ABOVE = 4
"""How many lines above the headline a caption may stand with its credit."""
_TAKEN = (Role.HEADLINE, Role.DEK, Role.BYLINE, Role.DATE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A picture and the position of its first line."""

    position: int
    image: Image


def rule_figures(ruled: Sequence[Ruled], start: int, end: int) -> list[Figure]:
    """Mark the lines of pictures between `start` and `end`, and return the pictures in order."""
    figures: list[Figure] = []
    _rule_inline(ruled, max(0, start - _ABOVE), end, figures)
    owners = [position for position in range(start, end) if ruled[position].role is Role.CREDIT]
    alts_first = _alts_come_first(ruled, owners)
    for position in owners:
        if ruled[position].role is Role.CREDIT:
            figure = _figure_at(ruled, position, start, end, alts_first=alts_first)
            if figure is not None:
                figures.append(figure)
    _rule_doubles(ruled, start, end, figures)
    return sorted(figures, key=lambda figure: figure.position)


def is_alt(text: str) -> bool:
    """Say whether a line is a picture's description for machines: a slug, or "Photo of ..."."""
    return bool(_SLUG.match(text) or (_PHOTO_OF.match(text) and len(text.split()) <= 14))


def _alts_come_first(ruled: Sequence[Ruled], owners: Sequence[int]) -> bool:
    """Say whether this dump sets a description line before each credit: the most of them decide for all."""
    if not owners:
        return False
    with_alt = sum(
        position > 0 and is_alt(ruled[position - 1].line.text) and not ruled[position].line.blank_before
        for position in owners
    )
    return 2 * with_alt >= len(owners)


def _figure_at(
    ruled: Sequence[Ruled], position: int, start: int, end: int, *, alts_first: bool
) -> Figure | None:
    item = ruled[position]
    before = position - 1 if position > start else None
    after = position + 1 if position + 1 < end else None
    alt = None
    if before is not None and not item.line.blank_before and is_alt(ruled[before].line.text):
        ruled[before].become(Role.ALT, "describes a picture, just before its credit")
        alt = ruled[before].line.text.rstrip(".")
        before = None
    chosen = _caption_of(ruled, position, before, after, alts_first=alts_first or alt is not None)
    credit = clean_credit(item.line.text)
    if chosen is None and alt is None and not _is_bare(item.line.text):
        return None
    caption = None
    if chosen is not None:
        ruled[chosen].become(Role.CAPTION, "stands with a picture's credit")
        caption, own = split_credit(ruled[chosen].line.text)
        caption = caption if own else clean_caption(ruled[chosen].line.text)
    first = min(part for part in (position, chosen if chosen is not None else position))
    return Figure(position=first, image=Image(alt=alt, caption=caption, credit=credit))


def _caption_of(
    ruled: Sequence[Ruled], position: int, before: int | None, after: int | None, *, alts_first: bool
) -> int | None:
    """Return the position of the caption that goes with the credit at `position`."""
    line = ruled[position].line
    glued_before = before is not None and not line.blank_before and _may_caption(ruled[before])
    glued_after = after is not None and not line.blank_after and _may_caption(ruled[after])
    if alts_first and after is not None and _may_caption(ruled[after]):
        return after
    if glued_after and (not glued_before or not ruled[after or 0].line.blank_after or before is None):
        return after
    if glued_before:
        return before
    if glued_after:
        return after
    return _parted_caption(ruled, position, before, after)


def _parted_caption(
    ruled: Sequence[Ruled], position: int, before: int | None, after: int | None
) -> int | None:
    """Return the caption that an empty line parts from its credit: a sentence rather than not, before rather
    than after; after only where the credit is labelled.
    """
    labelled = bool(LABEL.match(ruled[position].line.text))
    fits = [p for p in (before, after if labelled else None) if p is not None and _fits(ruled[p])]
    told = [p for p in fits if ruled[p].line.ends_sentence and (p == before or ruled[p].line.words <= 30)]
    if told:
        return told[0]
    return before if before in fits else None


def _fits(item: Ruled) -> bool:
    return _may_caption(item) and 4 <= item.line.words <= 80


def _may_caption(item: Ruled) -> bool:
    line = item.line
    return item.role in _FREE and 2 <= line.words <= 90 and line.repeats <= 2 and not is_name(line.text)


def _is_bare(text: str) -> bool:
    """Say whether a credit is one even without a caption: labelled, or an agency's name and no more."""
    return bool(LABEL.match(text)) or text.startswith("©") or len(text.split()) <= 3


def _rule_inline(ruled: Sequence[Ruled], start: int, end: int, figures: list[Figure]) -> None:
    """Find the lines that hold a caption with its credit at the end."""
    for position in range(start, end):
        item = ruled[position]
        if item.role in _TAKEN or item.role not in (*_FREE, Role.LEGAL, Role.CREDIT) or item.line.words > 90:
            continue
        if item.role is Role.CREDIT and item.line.words < 5:
            continue
        caption, credit = split_credit(item.line.text)
        if (
            caption
            and credit
            and len(caption.split()) >= 2
            and not LABEL.match(caption)
            and _is_inline(item, credit)
        ):
            item.become(Role.CAPTION, "a caption with its credit at the end")
            figures.append(Figure(position=position, image=Image(caption=caption, credit=credit)))


def _is_inline(item: Ruled, credit: str) -> bool:
    """Say whether the credit at a line's end makes it a caption, and not a paragraph signed by an agency."""
    if item.line.words <= 45:
        return len(credit.split()) >= 2 or len(credit) >= 2
    return "/" in credit or len(credit.split()) >= 2


def _rule_doubles(ruled: Sequence[Ruled], start: int, end: int, figures: list[Figure]) -> None:
    """Find captions that stand twice in a row, as text and as description."""
    for position in range(start, end - 1):
        one, other = ruled[position], ruled[position + 1]
        if (
            one.line.text != other.line.text
            or one.line.words < 4
            or one.role in (*_TAKEN, Role.SHARE, Role.AD)
        ):
            continue
        if one.role is Role.CAPTION or other.role is Role.CAPTION:
            continue
        for item in (one, other):
            item.become(Role.CAPTION, "stands twice in a row, as a caption and a description do")
        caption, credit = split_credit(one.line.text)
        figures.append(Figure(position=position, image=Image(caption=caption, credit=credit)))
