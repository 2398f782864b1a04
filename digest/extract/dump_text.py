"""Undo what a tool did to a dump's lines: Markdown's marks, and lines broken at a width."""

from __future__ import annotations

import re
from collections.abc import Sequence

_MARKED = re.compile(r"^#{1,6} \S|!?\[[^\]\n]{0,300}\]\(\S{1,2000}\)")
_HEADING = re.compile(r"^#{1,6}\s+|\s+#+$")
_PICTURE = re.compile(r"!\[([^\]\n]{0,300})\]\(\S{0,2000}?\)")
_LINK = re.compile(r"\[([^\]\n]{0,300})\]\(\S{0,2000}?(?:\s\"[^\"\n]*\")?\)")
_STRESS = re.compile(r"(?<![\w*])(\*{1,3}|_{1,3})(?=\S)([^*\n]{1,2000}?)(?<=\S)\1(?![\w*])")
_BULLET = re.compile(r"^[*+-]\s+")
_BEGINS = re.compile(r"\s*(?:[-–—•*▪■]\s|\d{1,3}[.)]\s|[>=_#|-]{3,}|[A-Z][\w-]{1,14}:\s)")
_MARKS_ENOUGH = 3
_WIDTHS = range(56, 84)
_WRAPPED_ENOUGH = 5


def unmark(lines: Sequence[str]) -> list[str]:
    """Return lines without Markdown's marks, where they have several; a picture leaves its description."""
    if sum(bool(_MARKED.search(line)) for line in lines) < _MARKS_ENOUGH:
        return list(lines)
    return [_unmarked(line) for line in lines]


def _unmarked(line: str) -> str:
    line = _LINK.sub(r"\1", _PICTURE.sub(r"\1", _HEADING.sub("", line)))
    return _STRESS.sub(r"\2", _BULLET.sub("", line) if "*" in line[:2] else line)


def unwrap(lines: Sequence[str]) -> list[str | None]:
    """Return lines with those joined that were broken at a width, as mail programs do; None where one was.

    A line was broken where the next one's first word would not have fitted the width, which is that of the
    longest lines and is common to nearly all.
    """
    lengths = [len(line) for line in lines if line]
    width = max(lengths, default=0)
    if width not in _WIDTHS:
        return list(lines)
    broken = [_is_broken(lines, position, width) for position in range(len(lines) - 1)]
    if sum(broken) < _WRAPPED_ENOUGH or 3 * sum(broken) < sum(length >= 40 for length in lengths):
        return list(lines)
    joined: list[str | None] = list(lines)
    start = 0
    for position, is_broken in enumerate(broken):
        start = start if joined[start] is not None and position and broken[position - 1] else position
        if is_broken:
            joined[start] = f"{joined[start]} {lines[position + 1]}"
            joined[position + 1] = None
    return joined


def _is_broken(lines: Sequence[str], position: int, width: int) -> bool:
    line, following = lines[position], lines[position + 1]
    if not line or not following or _BEGINS.match(following) or len(line) < width - 30:
        return False
    return len(line) + 1 + len(following.split(maxsplit=1)[0]) > width - 3
