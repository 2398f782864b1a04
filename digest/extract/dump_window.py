"""Find where in a dump the story's text stands, and which of its lines are paragraphs."""

from __future__ import annotations

import re
from collections.abc import Sequence

from digest.extract.dump_lines import Line
from digest.extract.roles import Role, Ruled

_LIST_ITEM = re.compile(r"^\s*(?:[-–—•·*▪■]|\d{1,2}[.)])\s+\S")
_ENOUGH_WORDS = 200
_COST = {
    Role.AD: -0.5,
    Role.CREDIT: -0.5,
    Role.POINTER: -2.0,
    Role.DATE: -5.0,
    Role.SHARE: -3.0,
    Role.BYLINE: -3.0,
    Role.BREADCRUMB: -8.0,
    Role.RELATED: -14.0,
    Role.SIGN_UP: -7.0,
    Role.LEGAL: -16.0,
    Role.COMMENTS: -45.0,
}


def find_window(ruled: Sequence[Ruled]) -> tuple[int, int]:
    """Return the run of lines with the most story in it, as positions `[start, end)`; (0, 0) where is none.

    A paragraph adds its words, to a limit; a line of chrome costs. The best run is Kadane's, so that a sign-up
    box within a story is bridged and a page of teasers is not. The heading of comments, a
    copyright line and the byline of another story end it.
    """
    glued = paragraphs_are_glued(ruled)
    best, best_range, total, start, words = 0.0, (0, 0), 0.0, 0, 0
    for position, item in enumerate(ruled):
        weight = weigh(item, glued=glued)
        if item.role in (Role.COMMENTS, Role.LEGAL) and words >= _ENOUGH_WORDS:
            break
        if words >= 0.75 * _ENOUGH_WORDS and _opens_another(ruled, position):
            break
        total += weight
        words += item.line.words if weight > 3 else 0
        if total <= 0:
            total, start, words = 0.0, position + 1, 0
        elif total > best:
            best, best_range = total, (start, position + 1)
    return best_range


def _opens_another(ruled: Sequence[Ruled], position: int) -> bool:
    """Say whether a byline with a date beside it stands here: another story begins."""
    near = {item.role for item in ruled[position : position + 3]}
    return ruled[position].role in (Role.BYLINE, Role.DATE) and {Role.BYLINE, Role.DATE} <= near


def weigh(item: Ruled, *, glued: bool) -> float:
    """Return how much a line speaks for a story: a paragraph for it, chrome against it."""
    if item.role in _COST:
        return _COST[item.role]
    line = item.line
    if item.role is Role.BODY:
        return 0.2
    if is_paragraph(line, glued=glued):
        return float(min(line.words, 60)) * _standing(line, glued=glued) * (0.5 if line.repeats > 1 else 1.0)
    if line.is_alone and line.ends_clause and line.words >= 4:
        return 2.0
    if is_list_item(line):
        return 0.0
    if line.words > 14 and line.ends_clause:
        return 1.0
    if line.is_alone:
        return -1.2
    return -3.0


def _standing(line: Line, *, glued: bool) -> float:
    """Return how far a line's surroundings let it be a paragraph: alone, or one of several, or stuck to others."""
    if glued or line.is_alone or line.in_run:
        return 1.0
    return 0.4 if line.blank_after else 0.15


def is_paragraph(line: Line, *, glued: bool) -> bool:
    """Say whether a line has the shape of a paragraph."""
    if line.words >= 25 and (line.ends_sentence or line.has_sentences):
        return True
    if line.words >= 9 and line.ends_clause and (line.is_alone or line.in_run or glued):
        return True
    return line.is_alone and line.words >= 22 and not line.is_title_case


def is_list_item(line: Line) -> bool:
    """Say whether a line starts as an item of a list does."""
    return bool(_LIST_ITEM.match(line.text))


def paragraphs_are_glued(ruled: Sequence[Ruled]) -> bool:
    """Say whether the dump sets no empty lines between paragraphs."""
    long = [item.line for item in ruled if item.line.words >= 20 and item.line.ends_sentence]
    return bool(long) and sum(line.is_alone for line in long) < 0.3 * len(long)
