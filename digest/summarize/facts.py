"""Check the names, numbers, dates and quotations of any text against the story it tells of.

What is found in the story is supported, with the spans of the story that say so. A number that the story gives
otherwise for the same thing is contradicted, with the spans that do. The rest is missing: the story does not
say it, so neither may a blurb.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from digest.model import Story
from digest.summarize.figures import Figure, find_figures
from digest.summarize.languages import rules_of
from digest.summarize.quotes import paired_spans

Span = tuple[int, int]


class FactKind(StrEnum):
    """What is checked."""

    NAME = "name"
    NUMBER = "number"
    DATE = "date"
    QUOTATION = "quotation"


class Verdict(StrEnum):
    """What the story says of a fact."""

    SUPPORTED = "supported"
    MISSING = "missing"
    CONTRADICTED = "contradicted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A fact of a checked text, `text[start:end]`, and the spans of `story.text` that decide on it.

    A fact that only the headline supports has no spans.
    """

    kind: FactKind
    text: str
    start: int
    end: int
    verdict: Verdict
    spans: tuple[Span, ...] = ()


_CAPITAL = r"[A-ZÀ-ÖØ-ÞА-ЯΑ-Ω][\w'’&-]*"
_NAME = re.compile(rf"{_CAPITAL}(?:[ .]+(?:(?:of|de|von|van|der|al|bin|da|del) )?{_CAPITAL})*")
_SENTENCE_START = re.compile(r"(?:^|[.!?:…]['\"”’»)]*\s+|\n\s*)['\"“‘«„(]*$")
_QUOTES = "\"“”„«»‹›「」『』'‘’"
_ABOUT = re.compile(
    r"(?:about|around|nearly|almost|some|roughly|more than|over|at least|up to|rund|etwa|fast|mehr als|environ|près de"
    r"|plus de|unos|unas|casi|más de)\s+\D?$",
    re.IGNORECASE,
)
_THING = re.compile(r"[\s-]*(?:per ?cent|%|[^\W\d_]{3,})")
LOOSE = 0.05
"""How far "about 12,000" may be from the story's number."""


def check_facts(text: str, story: Story) -> list[Fact]:
    """Return every name, number, date and quotation of a text with what the story says of it, in order."""
    facts = [
        *_check_quotations(text, story),
        *_check_figures(text, story),
        *_check_names(text, story),
    ]
    return sorted(facts, key=lambda fact: (fact.start, fact.end, fact.kind))


def unsupported(facts: Iterable[Fact]) -> list[Fact]:
    """Return the facts that the story does not bear out."""
    return [fact for fact in facts if fact.verdict is not Verdict.SUPPORTED]


# --- quotations ----------------------------------------------------------------------------------


def _check_quotations(text: str, story: Story) -> list[Fact]:
    facts = []
    plain_story, places = _plain(story.text)
    plain_title, _ = _plain(story.title)
    for start, end in paired_spans(text, 0, len(text), language=story.language):
        if text[start] not in _QUOTES or end - start < 3:
            continue
        wanted, _ = _plain(text[start + 1 : end - 1])
        wanted = wanted.strip(" .,!?…")
        if not wanted:
            continue
        spans = tuple(
            (places[match.start()], places[match.end() - 1] + 1)
            for match in re.finditer(rf"(?<!\w){re.escape(wanted)}(?!\w)", plain_story)
        )
        is_there = bool(spans) or wanted in plain_title
        verdict = Verdict.SUPPORTED if is_there else Verdict.MISSING
        facts.append(_fact(FactKind.QUOTATION, text, start, end, verdict, spans))
    return facts


def _plain(text: str) -> tuple[str, list[int]]:
    """Return a text without quotation marks and double spaces, in small letters, and where each letter was."""
    letters: list[str] = []
    places: list[int] = []
    for place, letter in enumerate(text):
        small = " " if letter.isspace() else letter.lower()
        is_apostrophe = (
            letter in "'’" and text[place - 1 : place].isalnum() and text[place + 1 : place + 2].isalnum()
        )
        if is_apostrophe:
            small = "'"
        elif letter in _QUOTES or (small == " " and letters[-1:] == [" "]):
            continue
        letters.append(small[0])
        places.append(place)
    return "".join(letters), places


# --- numbers and dates ---------------------------------------------------------------------------


def _check_figures(text: str, story: Story) -> list[Fact]:
    told = find_figures(story.text, language=story.language)
    headline = find_figures(story.title, language=story.language)
    facts = []
    for figure in find_figures(text, language=story.language):
        kind = FactKind.DATE if figure.is_date else FactKind.NUMBER
        is_loose = _ABOUT.search(text, 0, figure.start) is not None
        spans = [(one.start, one.end) for one in told if _agrees(figure, one, is_loose)]
        if spans or any(_agrees(figure, one, is_loose) for one in headline) or _is_day_of(figure, story):
            facts.append(_fact(kind, text, figure.start, figure.end, Verdict.SUPPORTED, spans))
            continue
        against = [] if figure.is_date else _contradictions(figure, text, told, story.text)
        verdict = Verdict.CONTRADICTED if against else Verdict.MISSING
        facts.append(_fact(kind, text, figure.start, figure.end, verdict, against))
    return facts


def _agrees(figure: Figure, other: Figure, is_loose: bool) -> bool:
    if isinstance(figure.value, tuple) or isinstance(other.value, tuple):
        if not (isinstance(figure.value, tuple) and isinstance(other.value, tuple)):
            return False
        parts = list(zip(figure.value, other.value, strict=True))
        known = [one == two for one, two in parts if one is not None and two is not None]
        return bool(known) and all(known)
    if is_loose:
        return abs(figure.value - other.value) <= LOOSE * max(abs(other.value), 1e-9)
    return abs(figure.value - other.value) < 1e-9 * max(1.0, abs(other.value))


def _is_day_of(figure: Figure, story: Story) -> bool:
    """Say whether a date is the day the story was published."""
    if not isinstance(figure.value, tuple) or story.published_at is None:
        return False
    day: date = story.published_at.date()
    weekday, year, month, number = figure.value
    if weekday is not None:
        return weekday == day.weekday()
    return (month, number) == (day.month, day.day) and year in (None, day.year)


def _contradictions(figure: Figure, text: str, told: Sequence[Figure], story_text: str) -> list[Span]:
    """Return where the story gives another number for the same thing."""
    thing = _thing(text, figure.end)
    if not thing:
        return []
    return [(one.start, one.end) for one in told if not one.is_date and _thing(story_text, one.end) == thing]


def _thing(text: str, at: int) -> str:
    match = _THING.match(text, at)
    return match.group().strip(" -").lower().removesuffix("s") if match else ""


# --- names ---------------------------------------------------------------------------------------


def _check_names(text: str, story: Story) -> list[Fact]:
    starters = rules_of(story.language).starters
    told = f"{story.text}\n{story.title}"
    small = told.lower()
    figures = find_figures(text, language=story.language)
    facts = []
    for match in _NAME.finditer(text):
        start, end = match.span()
        if any(figure.start <= start < figure.end for figure in figures):
            continue
        words = _words(match.group())
        if _SENTENCE_START.search(text, 0, start):
            while words and (words[0].lower() in starters or _is_plain_word(words[0], told)):
                start = text.index(words[0], start) + len(words[0])
                words = words[1:]
        if not words or all(word.lower() in starters for word in words):
            continue
        start = text.index(words[0], start)
        spans = _name_spans(words, story.text)
        is_told = bool(spans) or all(_has_word(word.lower(), small) for word in words)
        verdict = Verdict.SUPPORTED if is_told else Verdict.MISSING
        facts.append(_fact(FactKind.NAME, text, start, end, verdict, spans))
    return facts


def _words(name: str) -> list[str]:
    return [
        re.sub(r"['’]s$", "", word).rstrip("'’.-") for word in re.split(r"[ .]+", name) if word.strip("'’.-")
    ]


def _is_plain_word(word: str, told: str) -> bool:
    """Say whether the story has a word, or its stem, in small letters: then its capital only starts a sentence."""
    return re.search(rf"(?<!\w){re.escape(word[:6].lower())}", told) is not None


def _has_word(word: str, small: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(word)}(?!\w)", small) is not None


def _name_spans(words: Sequence[str], told: str) -> list[Span]:
    pattern = r"[\s.]+".join(map(re.escape, words))
    return [match.span() for match in re.finditer(rf"(?<!\w){pattern}(?!\w)", told, re.IGNORECASE)]


def _fact(kind: FactKind, text: str, start: int, end: int, verdict: Verdict, spans: Iterable[Span]) -> Fact:
    return Fact(kind=kind, text=text[start:end], start=start, end=end, verdict=verdict, spans=tuple(spans))
