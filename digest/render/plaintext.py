"""Fill paragraphs of the text part to its width, counting columns as a terminal shows them."""

from __future__ import annotations

import re
import unicodedata

COLUMNS = 72
_UNUSUAL = re.compile(
    "[^\x00-\xac\xae-\u02ff\u0370-\u0482\u048a-\u058f\u2010-\u2027\u2030-\u205e\u20a0-\u20c0]"
)
"""What may be wider or narrower than a column; Latin, Greek, Cyrillic and common signs never are."""


def fill(text: str, *, first: str = "", rest: str = "", width: int = COLUMNS) -> str:
    """Break a text into lines of at most `width` columns, indented by `first` and then by `rest`.

    A word longer than a line, such as an address, stays whole; scripts written without spaces break anywhere.
    """
    measure = columns if _UNUSUAL.search(text) else len
    lines: list[str] = []
    line, used, is_bare = first, columns(first), True
    for word, has_gap in _pieces(text):
        gap = " " if has_gap and not is_bare else ""
        if not is_bare and used + len(gap) + measure(word) > width:
            lines.append(line)
            line, used, gap = rest, columns(rest), ""
        line += gap + word
        used += len(gap) + measure(word)
        is_bare = False
    return "\n".join([*lines, line.rstrip()])


def columns(text: str) -> int:
    """Count the columns that a text takes: two for a wide character, none for a combining one."""
    if text.isascii() or not _UNUSUAL.search(text):
        return len(text)
    return sum(
        0
        if unicodedata.combining(c) or unicodedata.category(c) in ("Cf", "Me", "Mn")
        else 2
        if _is_wide(c)
        else 1
        for c in text
    )


def _is_wide(character: str) -> bool:
    return unicodedata.east_asian_width(character) in ("W", "F")


def _pieces(text: str) -> list[tuple[str, bool]]:
    """Return the unbreakable pieces of a text, each with whether a space stands before it."""
    if not _UNUSUAL.search(text):
        return [(word, True) for word in text.split(" ") if word]
    pieces: list[tuple[str, bool]] = []
    for word in text.split(" "):
        if not word:
            continue
        if word.isascii():
            pieces.append((word, True))
            continue
        part = ""
        has_gap = True
        for character in word:
            if part and _is_wide(character) and unicodedata.category(character).startswith("L"):
                pieces.append((part, has_gap))
                part, has_gap = "", False
            part += character
        pieces.append((part, has_gap))
    return pieces
