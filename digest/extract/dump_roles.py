"""Give every line of a text dump its role, in layers: wording, repetition, position."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from digest.extract.dump_figures import Figure, is_alt, rule_figures
from digest.extract.dump_headline import find_dek, find_headline
from digest.extract.dump_lines import content_words, read_lines
from digest.extract.dump_teasers import rule_teasers
from digest.extract.dump_vote import choose_lines
from digest.extract.dump_window import find_window, is_list_item, is_paragraph, paragraphs_are_glued
from digest.extract.dump_wording import rule_by_wording
from digest.extract.phrases import RELATED_HEADING
from digest.extract.roles import Role, Ruled

_TEXT = (Role.BODY, Role.SUBHEAD, Role.DEK)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A dump with the roles of its lines.

    The story stands in `[start, end)`, `first` being its first paragraph; `story` are the positions of its text.
    """

    ruled: list[Ruled]
    story: tuple[int, ...] = ()
    start: int = 0
    first: int = 0
    end: int = 0
    headline: int | None = None
    figures: list[Figure] = field(default_factory=list)


def read_roles(text: str) -> Reading:
    """Return the lines of a dump with their roles; without a story in it, `end` is 0.

    Rules read it first; the lines that the learned weights then choose are the story, and all around them is
    read once more.
    """
    draft, again = draft_roles(text)
    wording = [item.role for item in again]
    chosen = choose_lines(draft.ruled, wording, start=draft.start, end=draft.end)
    if chosen is None:
        return draft
    return _read(again, chosen[0], chosen[-1] + 1, chosen)


def draft_roles(text: str) -> tuple[Reading, list[Ruled]]:
    """Return the first reading of a dump, by rules alone, and its lines with what their wording alone says."""
    ruled = _rule_alone(text)
    worded = [replace(item) for item in ruled]
    return _read(ruled, *find_window(ruled)), worded


def _rule_alone(text: str) -> list[Ruled]:
    """Return the lines of a dump with the roles that wording and repetition give."""
    ruled = rule_by_wording(read_lines(text))
    rule_teasers(ruled)
    _rule_lists(ruled)
    return ruled


def _read(ruled: list[Ruled], start: int, end: int, chosen: Sequence[int] | None = None) -> Reading:
    """Give the roles that depend on where the story stands; `chosen` are its lines where they are known."""
    if end == 0:
        return Reading(ruled=ruled)
    _rule_story(ruled, start, end, chosen)
    first = next((p for p in range(start, end) if ruled[p].role is Role.BODY), start)
    story = [p for p in range(start, end) if ruled[p].role is Role.BODY] if chosen is None else chosen
    headline = find_headline(ruled, first, story)
    top = headline if headline is not None else first
    if headline is not None:
        ruled[headline].become(Role.HEADLINE, "the line above the story that tells most of its words")
    figures = rule_figures(ruled, top, end)
    dek = find_dek(ruled, headline, first) if headline is not None else None
    if dek is not None:
        ruled[dek].become(Role.DEK, "the sentence under the headline")
    _rule_related(ruled, first)
    text = range(start, end) if chosen is None else chosen
    return Reading(
        ruled=ruled,
        story=tuple(position for position in text if ruled[position].role in _TEXT),
        start=start,
        first=first,
        end=end,
        headline=headline,
        figures=figures,
    )


def _rule_story(ruled: Sequence[Ruled], start: int, end: int, chosen: Sequence[int] | None) -> None:
    """Part the lines of the story's run into paragraphs, subheads and what stands between them."""
    if chosen is not None:
        _rule_chosen(ruled, chosen)
        return
    glued = paragraphs_are_glued(ruled)
    begun = False
    for position in range(start, end):
        item = ruled[position]
        if item.role is not Role.CHROME:
            continue
        line = item.line
        if line.text.isupper() and 6 <= line.words <= 25 and not line.ends_clause:
            item.become(Role.POINTER, "capitals alone: a link to another story")
        elif is_alt(line.text) and line.words <= 14:
            item.become(Role.ALT, "a picture's description")
        elif is_paragraph(line, glued=glued) and (
            glued or line.is_alone or line.in_run or (line.blank_after and not begun)
        ):
            item.become(Role.BODY, "a paragraph by its length, ending and place")
            begun = True
        elif line.is_alone and line.ends_clause and line.words >= 2:
            item.become(Role.BODY, "a short sentence between empty lines")
        elif is_list_item(line) and line.words >= 3:
            item.become(Role.BODY, "an item of a list within the story")
    story = content_words(
        " ".join(item.line.text for item in ruled[start:end] if item.role is Role.BODY)[:20_000]
    )
    for position in range(start + 1, end - 1):
        item = ruled[position]
        if item.role is Role.CHROME and _is_subhead(ruled, position, story):
            item.become(Role.SUBHEAD, "a short line before a paragraph")


def _is_certain(item: Ruled) -> bool:
    """Say whether a line's wording alone makes it no part of a story."""
    if item.role in (Role.DATE, Role.BYLINE):
        return item.line.words <= 12
    is_heading = item.role is Role.RELATED and bool(RELATED_HEADING.match(item.line.text))
    return is_heading or item.role in (Role.AD, Role.COMMENTS, Role.SHARE)


def _rule_chosen(ruled: Sequence[Ruled], chosen: Sequence[int]) -> None:
    """Make the chosen lines paragraphs, or subheads where they are short and a paragraph follows."""
    kept = {position for position in chosen if not _is_certain(ruled[position])}
    for position, item in enumerate(ruled):
        if position in kept:
            item.become(Role.BODY, "chosen by its shape and what stands around it")
        elif item.role is Role.BODY:
            item.become(Role.CHROME, "reads like a story's line, but no story stands around it")
        elif item.role is Role.CHROME and is_alt(item.line.text) and item.line.words <= 14:
            item.become(Role.ALT, "a picture's description")
    story = content_words(" ".join(ruled[position].line.text for position in chosen)[:20_000])
    for position in chosen[:-1]:
        line = ruled[position].line
        if (
            line.words <= 14
            and not line.ends_clause
            and position in kept
            and _is_subhead(ruled, position, story)
        ):
            ruled[position].become(Role.SUBHEAD, "a short line before a paragraph")


def _rule_lists(ruled: Sequence[Ruled]) -> None:
    """Mark runs of lines that begin alike: a list without marks."""
    position, end = 0, len(ruled)
    while position < end:
        first = _beginning(ruled[position].line.text)
        run = position
        while run < end and ruled[run].role is Role.CHROME and _beginning(ruled[run].line.text) == first:
            run += 1
        if run - position >= 4 and first:
            for item in ruled[position:run]:
                item.become(Role.BODY, "one of several lines that begin alike")
        position = max(run, position + 1)


def _beginning(text: str) -> str:
    """Return how a line begins: with a number, a mark, or a word and a number."""
    found = re.match(r"\W*(\d+)(?:\s*[).:–-]|[aª°º]\b)|([A-Z][a-z]{2,8}\.? \d{1,2})\b", text)
    return "" if not found else "number" if found.group(1) else "date"


def _is_subhead(ruled: Sequence[Ruled], position: int, story: frozenset[str]) -> bool:
    """Say whether a short line heads the paragraph after it; a long one must speak of the same things."""
    line, before = ruled[position].line, ruled[position - 1]
    after = next((item for item in ruled[position + 1 : position + 6] if not _is_stray(item)), None)
    if not line.blank_after or line.words > 14 or line.repeats > 2 or before.role is Role.CREDIT:
        return False
    if after is None or after.role is not Role.BODY:
        return False
    words = content_words(line.text)
    return line.words <= 5 or not words or len(words & story) >= 0.34 * len(words)


def _is_stray(item: Ruled) -> bool:
    return item.role in (Role.AD, Role.SHARE) or (item.role is Role.CHROME and item.line.repeats > 3)


def _rule_related(ruled: Sequence[Ruled], first: int) -> None:
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
