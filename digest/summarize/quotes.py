"""Pair quotation marks and brackets, of any language's shapes, with damaged ones left out."""

from __future__ import annotations

import re

QUOTE_LIMIT = 600
BRACKET_LIMIT = 400
"""Characters. A longer pair is two damaged marks, and hides no sentence's end."""

_MARK = re.compile(r"[\"“”„«»‹›「」『』()（）\[\]【】]|(?<!\w)['‘](?=\w)|(?<=[\w.,!?…])['’](?!\w)|‚")
_BRACKETS = {")": "(", "）": "（", "]": "[", "】": "【"}
_CORNERS = {"」": "「", "』": "『"}
_DOUBLE = frozenset('"“”„')
_SINGLE = frozenset("'‘‚")
_BEFORE_OPENING = frozenset(" \t\n\r\u00a0\u202f([{—–-/:“‘„\"'«‹")
# Before small letters, behind a comma, or glued to the word it opens: no question ends there.
_LOST = re.compile(
    r"(?<=[\w.,!’'])\?(?=\s+[a-z]|[,.;:)]|\s*$|\s+[A-Z]\w+ (?:said|told|says|added))|(?<!\S)\?(?=\w)|(?<=[.,])\?"
)
_ENDS = re.compile(r"[.!?…]\s")


def paired_spans(text: str, start: int, end: int, *, language: str = "en") -> list[tuple[int, int]]:
    """Return the spans of quotations and brackets in `text[start:end]`, both marks within, outermost only."""
    stack: list[tuple[str, int]] = []
    spans: list[tuple[int, int]] = []
    for match in _MARK.finditer(text, start, end):
        mark, place = match.group(), match.start()
        kind, opens = _role(text, mark, place, start, end, stack, language)
        if opens:
            if kind not in _BRACKETS.values():
                # The same mark opened twice: the first was never closed.
                stack = [entry for entry in stack if entry[0] != kind]
            stack.append((kind, place))
            continue
        depth = next((i for i in range(len(stack) - 1, -1, -1) if stack[i][0] == kind), None)
        if depth is None:
            continue
        opened = stack[depth][1]
        del stack[depth:]
        limit = BRACKET_LIMIT if kind in "([（【" else QUOTE_LIMIT
        is_close = text[place + 1 : place + 2] == ","
        is_apostrophe = kind == "'" and text[place - 1].isalnum() and not is_close
        is_apostrophe = is_apostrophe and _ENDS.search(text, opened, place) is not None
        if place - opened <= limit and not is_apostrophe:
            spans.append((opened, place + 1))
    return _outermost(spans)


def has_turned_guillemets(language: str) -> bool:
    """Say whether a language writes »so« rather than «so»."""
    return language.startswith(("de", "da", "hu", "sl", "hr", "cs", "sk"))


def is_balanced(text: str, *, language: str = "en") -> bool:
    """Say whether every quotation mark and bracket of a sentence has its partner in it.

    A question mark that stands where a lost quotation mark would counts as one: damaged text is common.
    """
    return _is_balanced(text, language) or ("?" in text and _is_balanced(_LOST.sub('"', text), language))


def has_lost_marks(text: str) -> bool:
    """Say whether question marks stand in a text where quotation marks should."""
    return _LOST.search(text) is not None


def _is_balanced(text: str, language: str) -> bool:
    stack: list[tuple[str, int]] = []
    for match in _MARK.finditer(text):
        mark, place = match.group(), match.start()
        kind, opens = _role(text, mark, place, 0, len(text), stack, language)
        if opens:
            stack.append((kind, place))
        elif stack and stack[-1][0] == kind:
            stack.pop()
        elif kind not in ("'", ""):
            return False
    return all(kind == "'" and _is_elision(text, place) for kind, place in stack)


def _is_elision(text: str, place: int) -> bool:
    return text[place] == "'" or text[place + 1].isdigit() or text[place + 1].islower()


def _role(
    text: str, mark: str, place: int, start: int, end: int, stack: list[tuple[str, int]], language: str
) -> tuple[str, bool]:
    """Return a mark's kind and whether it opens; an empty kind where it can be neither."""
    if mark in _BRACKETS:
        return _BRACKETS[mark], False
    if mark in "([（【「『":
        return mark, True
    if mark in _CORNERS:
        return _CORNERS[mark], False
    before = text[place - 1] if place > start else " "
    after = text[place + 1] if place + 1 < end else " "
    is_left_free = before in _BEFORE_OPENING
    if mark in "«»‹›":
        return _guillemet(mark, is_left_free and not after.isspace(), language)
    if mark in _SINGLE or mark == "’":
        opens = mark != "’" and not (mark == "'" and not is_left_free)
        return "'", opens
    is_open = any(kind == '"' for kind, _ in stack)
    if mark == "„":
        return '"', True
    if mark == "“":
        return '"', not is_open or (is_left_free and not after.isspace())
    if mark == "”":
        return '"', not is_open and is_left_free and not after.isspace()
    return _straight(before, after, is_open, is_left_free)


def _straight(before: str, after: str, is_open: bool, is_left_free: bool) -> tuple[str, bool]:
    if before.isspace():
        return '"', not (is_open and after.isspace())
    if is_left_free and after.isalnum():
        return '"', True
    if is_open:
        return '"', False
    if before.isdigit() and not after.isalnum():
        return "", False
    return '"', after.isalnum()


def _guillemet(mark: str, looks_open: bool, language: str) -> tuple[str, bool]:
    kind = "«" if mark in "«»" else "‹"
    if has_turned_guillemets(language):
        return kind, looks_open
    return kind, mark in "«‹"


def _outermost(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    if len(spans) < 2:
        return spans
    spans.sort(key=lambda span: (span[0], -span[1]))
    outer = spans[:1]
    for span in spans[1:]:
        if span[0] >= outer[-1][1]:
            outer.append(span)
    return outer
