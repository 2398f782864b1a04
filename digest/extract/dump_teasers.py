"""Find lists of other stories in a dump: a title and a sentence or two, again and again."""

from __future__ import annotations

from collections.abc import Sequence

from digest.extract.dump_lines import Line
from digest.extract.phrases import RELATED_HEADING
from digest.extract.roles import Role, Ruled

SUMMARY_RULE = "the summary of another story in a list"
_STRAY = (Role.SHARE, Role.DATE, Role.AD, Role.CREDIT, Role.POINTER, Role.BYLINE)


def rule_teasers(ruled: Sequence[Ruled]) -> None:
    """Mark the titles and summaries of other stories: pairs under a heading, or three pairs in a row."""
    position = 0
    while position < len(ruled):
        item = ruled[position]
        is_heading = item.role is Role.RELATED and bool(RELATED_HEADING.match(item.line.text))
        pairs = _pairs(ruled, position + 1 if is_heading else position, glued=not is_heading)
        if len(pairs) >= (2 if is_heading else 3):
            for pair in pairs:
                ruled[pair[0]].become(Role.RELATED, "a title with its summary in a list of other stories")
                ruled[pair[1]].become(Role.RELATED, SUMMARY_RULE)
            position = pairs[-1][-1] + 1
        else:
            position += 1


def _pairs(ruled: Sequence[Ruled], start: int, *, glued: bool) -> list[tuple[int, int]]:
    """Return the pairs of a title and a summary from `start` on; `glued`: without an empty line between them."""
    found: list[tuple[int, int]] = []
    title: int | None = None
    for position in range(start, min(len(ruled), start + 400)):
        item = ruled[position]
        if item.role in _STRAY or (item.role is Role.CHROME and item.line.words <= 2):
            continue
        if item.role not in (Role.CHROME, Role.RELATED):
            break
        if _is_title(item.line):
            title = position
        elif title is not None and _is_summary(item.line) and not (glued and item.line.blank_before):
            found.append((title, position))
            title = None
        else:
            break
    return found


def _is_title(line: Line) -> bool:
    return 3 <= line.words <= 22 and not (line.text.endswith((".", "。")) and line.words > 8)


def _is_summary(line: Line) -> bool:
    return 8 <= line.words <= 60 and line.ends_clause
