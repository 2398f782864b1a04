"""Measure each line of a dump: its shape, its role so far, and what stands around it."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Sequence
from itertools import accumulate

from digest.extract.dump_lines import Line, content_words
from digest.extract.dump_window import is_paragraph, paragraphs_are_glued
from digest.extract.roles import Role, Ruled

Features = dict[str, float]
"""A line's measures by name; what is not there is nought."""

_ADDRESS = re.compile(r"https?://|www\.|\S+\.(?:com|org|net)\b", re.I)
_LIST = re.compile(r"^\s*(?:[-–—•·*▪■●◦‣►]|\d{1,3}(?:[.):]|[aª°º]\b|\s[–-])|[a-zA-Z]\))\s*\S")
_QUOTES = "\"“„«»‘'「"
_LENGTHS = (1, 2, 4, 8, 13, 21, 34, 59)
_AGAINST = (Role.RELATED, Role.SHARE, Role.SIGN_UP, Role.LEGAL, Role.COMMENTS, Role.BREADCRUMB)
_HEAD = (Role.DATE, Role.BYLINE)
_STORY = (Role.BODY, Role.SUBHEAD, Role.DEK)
_MOST_WORDS = 60
_ENOUGH_WORDS = 150
_FAR = 300
_LONGEST = 12


def measure_lines(ruled: Sequence[Ruled], wording: Sequence[Role], *, start: int, end: int) -> list[Features]:
    """Return the measures of every line.

    `wording` are the roles that the lines' wording gave, `ruled` those after the first reading, which took
    the story to be `[start, end)`.
    """
    found = [_own(item.line) for item in ruled]
    glued = paragraphs_are_glued(ruled)
    paragraphs = [is_paragraph(item.line, glued=glued) for item in ruled]
    _add_wording(found, wording)
    _add_reading(found, ruled, start, end)
    _add_lists(found, ruled)
    words = [min(item.line.words, _MOST_WORDS) * one for item, one in zip(ruled, paragraphs, strict=True)]
    _add_neighbours(found, ruled, wording, paragraphs, words)
    _add_passed(found, ruled, wording, words)
    _add_common_words(found, ruled, paragraphs, start, end)
    for features, item, is_one in zip(found, ruled, paragraphs, strict=True):
        if is_one:
            features["paragraph"] = 1.0
            features["paragraph alone"] = float(item.line.is_alone)
            features["paragraph of common words"] = features.get("common words", 0.0)
        if glued:
            for name in ("alone", "paragraph", "short sentence alone", "blank before", "blank after"):
                if name in features:
                    features[f"glued: {name}"] = features[name]
    return found


def measure_votes(votes: Sequence[float], ruled: Sequence[Ruled]) -> list[Features]:
    """Return what the lines around each are held to be; `votes` are log-odds of being part of the story."""
    shares = [1 / (1 + math.exp(-max(-30.0, min(30.0, vote)))) for vote in votes]
    sums = _sums(
        [share * min(item.line.words, _MOST_WORDS) for share, item in zip(shares, ruled, strict=True)]
    )
    found: list[Features] = []
    for position, share in enumerate(shares):
        features = {"share": share, "vote": max(-6.0, min(6.0, votes[position]))}
        for step in (-4, -3, -2, -1, 1, 2, 3, 4):
            if 0 <= position + step < len(shares):
                features[f"share {step:+}"] = shares[position + step]
        for low, high in ((-5, 0), (1, 6), (-15, 0), (1, 16), (-40, 0), (1, 41)):
            features[f"story {low:+} to {high:+}"] = math.log1p(
                _within(sums, position + low, position + high)
            )
        features["story before"] = math.log1p(sums[position])
        features["story after"] = math.log1p(min(_FAR, sums[-1] - sums[position + 1]))
        found.append(features)
    return found


def _own(line: Line) -> Features:
    """Measure the shape of a line by itself."""
    text = line.text
    length = sum(line.words > limit for limit in _LENGTHS)
    sides = line.blank_before and line.blank_after
    held: dict[str, float | bool] = {
        f"length {length}": True,
        "ends a sentence": line.ends_sentence,
        "ends a clause": line.ends_clause,
        "sentence within": line.has_sentences,
        "title case": line.is_title_case,
        "capitals": text.isupper(),
        "starts small": text[:1].islower(),
        "starts as a list": bool(_LIST.match(text)),
        "address": bool(_ADDRESS.search(text)),
        "ends with a colon": text.endswith((":", "：")),
        "starts with a quotation": text[:1] in _QUOTES,
        "numbers": _share_of_numbers(text),
        "digits": sum(map(str.isdigit, text)) / len(text),
        "repeated": 1 < line.repeats <= 3,
        "often repeated": line.repeats > 3,
        "alone": sides,
        "blank before": line.blank_before,
        "blank after": line.blank_after,
        "in a run": line.in_run,
        "short sentence alone": sides and line.ends_clause and line.words < 9,
        "long without end": sides and line.words >= 15 and not line.ends_clause,
        "sentence among lines": line.words >= 9 and line.ends_clause and not sides and not line.in_run,
        "always": True,
    }
    return {name: float(value) for name, value in held.items() if value}


def _share_of_numbers(text: str) -> float:
    """Return the share of a line's words that are numbers, as in the row of a table."""
    words = text.split()
    return sum(word[0].isdigit() for word in words) / len(words) if len(words) > 2 else 0.0


def _add_lists(found: Sequence[Features], ruled: Sequence[Ruled]) -> None:
    """Add how many lines in a row begin with a number or a mark, as this one does; links between do not count."""
    run: list[int] = []
    for position, features in enumerate([*found, Features()]):
        if position < len(found) and (features.get("starts as a list") or features.get("numbers", 0.0) > 0.3):
            run.append(position)
        elif not (features.get("address") and ruled[position].line.words == 1):
            for at in run:
                found[at]["in a list"] = float(len(run) >= 4)
                found[at]["in a long list"] = float(len(run) >= 10)
            run = []


def _add_wording(found: Sequence[Features], wording: Sequence[Role]) -> None:
    for features, role in zip(found, wording, strict=True):
        features[f"worded {role}"] = 1.0


def _add_reading(found: Sequence[Features], ruled: Sequence[Ruled], start: int, end: int) -> None:
    """Add what the first reading made of each line, and how far from its story the line stands."""
    for position, (features, item) in enumerate(zip(found, ruled, strict=True)):
        features[f"read {item.role}"] = 1.0
        if not end:
            continue
        if start <= position < end:
            features["in the story"] = 1.0
            features["kept"] = float(item.role in _STORY)
        elif position < start:
            features["just before" if start - position < 6 else "before"] = 1.0
            features["kept"] = float(item.role is Role.DEK)
        else:
            after = position - end
            features["just after" if after < 3 else "soon after" if after < 12 else "after"] = 1.0


def _add_neighbours(
    found: Sequence[Features],
    ruled: Sequence[Ruled],
    wording: Sequence[Role],
    paragraphs: Sequence[bool],
    words: Sequence[int],
) -> None:
    """Add what stands one to three lines away, and how much of it within six and fifteen.

    `words` are those of each line that is a paragraph, to a limit.
    """
    against = [float(role in _AGAINST) for role in wording]
    short = [float(item.line.words <= 4 and not item.line.ends_clause) for item in ruled]
    head = [float(role in _HEAD) for role in wording]
    near: tuple[tuple[str, Callable[[int], float]], ...] = (
        ("paragraph", lambda at: float(paragraphs[at])),
        ("against", lambda at: against[at]),
        ("short", lambda at: short[at]),
    )
    sums = {"words": _sums(words), "against": _sums(against), "short": _sums(short), "head": _sums(head)}
    for position, features in enumerate(found):
        for step in (-3, -2, -1, 1, 2, 3):
            at = position + step
            if not 0 <= at < len(found):
                continue
            for name, value in near:
                if value(at):
                    features[f"{name} {step:+}"] = value(at)
            if abs(step) == 1:
                features[f"credit {step:+}"] = float(wording[at] is Role.CREDIT)
                features[f"head {step:+}"] = head[at]
        for low, high in ((-6, 0), (1, 7), (-15, 0), (1, 16)):
            span = f"{low:+} to {high:+}"
            features[f"words {span}"] = math.log1p(_within(sums["words"], position + low, position + high))
            for name in ("against", "short"):
                features[f"{name} {span}"] = _within(sums[name], position + low, position + high) / (
                    high - low
                )
        features["head in 10 before"] = float(_within(sums["head"], position - 10, position) > 0)
        features["head in 25 before"] = float(_within(sums["head"], position - 25, position) > 0)
        features["head in 6 after"] = float(_within(sums["head"], position + 1, position + 7) > 0)


def _add_passed(
    found: Sequence[Features], ruled: Sequence[Ruled], wording: Sequence[Role], words: Sequence[int]
) -> None:
    """Add what came before: how much text, and whether comments, legal wording or other stories' heading did."""
    before, seen, heading_at = 0, set[str](), -99
    for position, (features, item) in enumerate(zip(found, ruled, strict=True)):
        features |= {f"after {name}": 1.0 for name in seen}
        features["text before"] = math.log1p(before)
        features["no text before"] = float(before < 20)
        features["place"] = min(position, 200) / 200
        features["under other stories"] = float(position - heading_at <= 6)
        role = wording[position]
        is_heading = role is Role.RELATED and "heading" in item.rule
        if role is Role.COMMENTS:
            seen.add("comments")
        if before > _ENOUGH_WORDS and (role in (Role.COMMENTS, Role.LEGAL) or is_heading):
            seen.add(f"text and {'other stories' if is_heading else role}")
        near = {role, wording[min(position + 1, len(wording) - 1)]}
        if before > _ENOUGH_WORDS and near == {Role.BYLINE, Role.DATE}:
            seen.add("text and another byline")
        heading_at = position if is_heading else heading_at
        before += words[position]


def _add_common_words(
    found: Sequence[Features], ruled: Sequence[Ruled], paragraphs: Sequence[bool], start: int, end: int
) -> None:
    """Add how far a line speaks of what the longest paragraphs, and the story so far, speak of."""
    bags = [content_words(item.line.text) for item in ruled]
    longest = sorted(
        (position for position, one in enumerate(paragraphs) if one), key=lambda at: -ruled[at].line.words
    )[:_LONGEST]
    counts = Counter(word for position in longest for word in bags[position])
    core = {word for word, count in counts.items() if count >= 2}
    story = set[str]().union(*(bags[at] for at in range(start, end) if ruled[at].role is Role.BODY))
    for features, bag in zip(found, bags, strict=True):
        if bag:
            features["common words"] = len(bag & core) / len(bag)
            features["no common word"] = float(not bag & core)
            features["words of the story"] = len(bag & story) / len(bag)


def _sums(values: Sequence[float]) -> list[float]:
    return list(accumulate(values, initial=0.0))


def _within(sums: Sequence[float], low: int, high: int) -> float:
    last = len(sums) - 1
    return sums[max(0, min(last, high))] - sums[max(0, min(last, low))]
