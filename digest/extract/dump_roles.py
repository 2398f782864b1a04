"""Give every line of a text dump its role, in layers: wording, repetition, position."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from digest.extract.dump_figures import Figure, is_alt, rule_figures
from digest.extract.dump_headline import find_dek, find_headline
from digest.extract.dump_lines import read_lines
from digest.extract.dump_window import find_window, is_list_item, is_paragraph, paragraphs_are_glued
from digest.extract.dump_wording import rule_by_wording
from digest.extract.roles import Role, Ruled


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A dump with the roles of its lines. The story's lines are `[start, end)`; `first` is its first paragraph."""

    ruled: list[Ruled]
    start: int = 0
    first: int = 0
    end: int = 0
    headline: int | None = None
    figures: list[Figure] = field(default_factory=list)


def read_roles(text: str) -> Reading:
    """Return the lines of a dump with their roles; without a story in it, `end` is 0."""
    ruled = rule_by_wording(read_lines(text))
    start, end = find_window(ruled)
    if end == 0:
        return Reading(ruled=ruled)
    _rule_story(ruled, start, end)
    first = next((p for p in range(start, end) if ruled[p].role is Role.BODY), start)
    headline = find_headline(ruled, first, end)
    top = headline if headline is not None else first
    if headline is not None:
        ruled[headline].become(Role.HEADLINE, "the line above the story that tells most of its words")
        dek = find_dek(ruled, headline, first)
        if dek is not None:
            ruled[dek].become(Role.DEK, "the sentence under the headline")
    figures = rule_figures(ruled, top, end)
    _rule_related(ruled, first, end)
    return Reading(ruled=ruled, start=start, first=first, end=end, headline=headline, figures=figures)


def _rule_story(ruled: Sequence[Ruled], start: int, end: int) -> None:
    """Part the lines of the story's run into paragraphs, subheads and what stands between them."""
    glued = paragraphs_are_glued(ruled)
    for position in range(start, end):
        item = ruled[position]
        if item.role is not Role.CHROME:
            continue
        line = item.line
        if is_alt(line.text) and line.words <= 14:
            item.become(Role.ALT, "a picture's description")
        elif is_paragraph(line, glued=glued):
            item.become(Role.BODY, "a paragraph by its length, ending and place")
        elif line.is_alone and line.ends_clause and line.words >= 2:
            item.become(Role.BODY, "a short sentence between empty lines")
        elif is_list_item(line) and line.words >= 3:
            item.become(Role.BODY, "an item of a list within the story")
    for position in range(start + 1, end - 1):
        item = ruled[position]
        if item.role is Role.CHROME and _is_subhead(ruled, position):
            item.become(Role.SUBHEAD, "a short line before a paragraph")


def _is_subhead(ruled: Sequence[Ruled], position: int) -> bool:
    line, before, after = ruled[position].line, ruled[position - 1], ruled[position + 1]
    if not line.blank_after or line.words > 16 or line.repeats > 2 or after.role is not Role.BODY:
        return False
    return before.role is not Role.CREDIT


def _rule_related(ruled: Sequence[Ruled], first: int, end: int) -> None:
    """Mark the titles under the heading of a list of other stories, until a paragraph follows."""
    under = False
    for position in range(first, len(ruled)):
        item = ruled[position]
        if item.role is Role.RELATED:
            under = True
        elif item.role in (Role.BODY, Role.LEGAL, Role.SIGN_UP, Role.COMMENTS):
            under = False
        elif (
            under
            and item.role in (Role.CHROME, Role.SUBHEAD)
            and item.line.words >= 4
            and not is_alt(item.line.text)
        ):
            item.become(Role.RELATED, "a title under the heading of other stories")
