"""Check the names, numbers, dates and quotations of any text against the story it tells of.

What is found in the story is supported, with the spans of the story that say so. A number that the story gives
otherwise for the same thing is contradicted, with the spans that do. The rest is missing: the story does not
say it, so neither may a blurb.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import islice

from digest.model import Story
from digest.summarize.dates import Told, days_of
from digest.summarize.figures import Figure, find_figures
from digest.summarize.names import Mentions, find_names
from digest.summarize.quotations import MOST_SPANS, Said, Span, find_quotations


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


_HEDGED = (
    (
        re.compile(
            r"(?:nearly|almost|up to|less than|fewer than|under|fast|bis zu|weniger als|près de|presque|moins de|casi"
            r"|menos de|hasta)\s+[^\w\s]{0,3}$",
            re.IGNORECASE,
        ),
        0.05,
        0.0,
    ),
    (
        re.compile(
            r"(?:more than|over|at least|mehr als|über|mindestens|plus de|au moins|más de|al menos)\s+[^\w\s]{0,3}$",
            re.IGNORECASE,
        ),
        0.0,
        0.15,
    ),
    (
        re.compile(
            r"(?:about|around|some|roughly|approximately|rund|etwa|ungefähr|knapp|environ|quelque|unos|unas|cerca de)"
            r"\s+[^\w\s]{0,3}$",
            re.IGNORECASE,
        ),
        0.05,
        0.05,
    ),
)
"""Words before a number, and how far the story's own may lie below and above it."""
_THING = re.compile(r"[\s\u00a0\u202f-]*(?:(?:of|de|von)\s)?([^\W\d_]{3,})")
_SAME_THING = 5


def check_facts(text: str, story: Story) -> list[Fact]:
    """Return every name, number, date and quotation of a text with what the story says of it, in order."""
    figures = find_figures(text, language=story.language)
    facts = [
        *_check_quotations(text, story),
        *_check_figures(text, figures, story),
        *_check_names(text, figures, story),
    ]
    return sorted(facts, key=lambda fact: (fact.start, fact.end, fact.kind))


def unsupported(facts: Iterable[Fact]) -> list[Fact]:
    """Return the facts that the story does not bear out."""
    return [fact for fact in facts if fact.verdict is not Verdict.SUPPORTED]


def _check_quotations(text: str, story: Story) -> Iterator[Fact]:
    quotations = find_quotations(text, language=story.language)
    if not quotations:
        return
    said = Said(story.text, story.title, language=story.language)
    for start, end in quotations:
        is_there, spans = said.find(text[start + 1 : end - 1])
        verdict = Verdict.SUPPORTED if is_there else Verdict.MISSING
        yield _fact(FactKind.QUOTATION, text, start, end, verdict, spans)


def _check_names(text: str, figures: Sequence[Figure], story: Story) -> Iterator[Fact]:
    mentions = Mentions(story.text, story.title, language=story.language)
    for start, end in find_names(text, mentions, language=story.language):
        if any(figure.start < end and start < figure.end for figure in figures):
            continue
        is_plural = text[max(0, start - 4) : start].lower() == "the "
        spans = mentions.spans(text[start:end], may_be_plural=is_plural)
        verdict = Verdict.MISSING if spans is None else Verdict.SUPPORTED
        yield _fact(FactKind.NAME, text, start, end, verdict, spans or ())


# --- numbers and dates ---------------------------------------------------------------------------


def _check_figures(text: str, figures: Sequence[Figure], story: Story) -> Iterator[Fact]:
    if not figures:
        return
    told = _Told(find_figures(story.text, language=story.language))
    headline = find_figures(story.title, language=story.language)
    printed = story.published_at.date() if story.published_at else None
    for figure in figures:
        kind = FactKind.DATE if figure.is_date else FactKind.NUMBER
        low, high = _slack(text, figure)
        agreeing = (
            (one.start, one.end)
            for one in told.like(figure, low, high)
            if _agrees(figure, one, printed, low, high) and _fits(figure, one, text, story.text)
        )
        spans = sorted(islice(agreeing, MOST_SPANS))
        is_told = bool(spans) or any(_agrees(figure, one, printed, low, high) for one in headline)
        if is_told or _is_printing_day(figure, printed):
            yield _fact(kind, text, figure.start, figure.end, Verdict.SUPPORTED, spans)
            continue
        against = [] if figure.is_date else _contradictions(figure, text, told.numbers, story.text)
        verdict = Verdict.CONTRADICTED if against else Verdict.MISSING
        yield _fact(kind, text, figure.start, figure.end, verdict, against)


class _Told:
    """The figures of a story, the numbers by their size."""

    def __init__(self, figures: Sequence[Figure]) -> None:
        self.numbers = [figure for figure in figures if not figure.is_date]
        self._dates = [figure for figure in figures if figure.is_date]
        self._by_size = sorted(self.numbers, key=_size)
        self._sizes = [_size(figure) for figure in self._by_size]

    def like(self, figure: Figure, low: float, high: float) -> Iterator[Figure]:
        """Yield what may agree with a figure, in the story's order where that matters."""
        if figure.is_date:
            yield from self._dates
        elif figure.unit in ("vague", "time"):
            yield from self.numbers
        else:
            size = _size(figure)
            first = bisect_left(self._sizes, size * (1 - low) - 1e-6 * size)
            last = bisect_right(self._sizes, size * (1 + high) + 1e-6 * size)
            yield from self._by_size[first:last]
            yield from self._dates if 1000 <= size < 3000 else ()


def _size(figure: Figure) -> float:
    assert isinstance(figure.value, float)
    return figure.value


def _slack(text: str, figure: Figure) -> tuple[float, float]:
    for pattern, low, high in _HEDGED:
        if pattern.search(text, max(0, figure.start - 24), figure.start):
            return low, high
    return 0.0, 0.0


def _agrees(figure: Figure, other: Figure, printed: date | None, low: float, high: float) -> bool:
    if figure.told is not None:
        return other.told is not None and _is_same_day(figure.told, other.told, printed)
    if other.told is not None:
        return figure.value == other.told.parts[1]
    assert isinstance(figure.value, float) and isinstance(other.value, float)
    if figure.unit == "vague" or other.unit == "vague":
        return _is_as_many(figure, other)
    if "time" in (figure.unit, other.unit):
        return _is_same_time(figure, other)
    if (
        figure.unit
        and other.unit
        and figure.unit != other.unit
        and "ordinal" not in (figure.unit, other.unit)
    ):
        return figure.unit == "times" and other.unit == "" and figure.value == other.value
    if "times" in (figure.unit, other.unit) and figure.unit != other.unit:
        return False
    size = max(abs(figure.value), 1e-9)
    return (1 - low) * size - 1e-9 * size <= other.value <= (1 + high) * size + 1e-9 * size


def _fits(figure: Figure, other: Figure, text: str, told: str) -> bool:
    """Say whether figures of two sorts tell of the same thing: three weeks and the third, hundreds and 250 of them."""
    if all((figure.unit == unit) == (other.unit == unit) for unit in ("ordinal", "vague")):
        return True
    thing = _thing(text, figure)
    return bool(thing) and thing[:_SAME_THING] == _thing(told, other)[:_SAME_THING]


def _is_as_many(figure: Figure, other: Figure) -> bool:
    assert isinstance(figure.value, float) and isinstance(other.value, float)
    if figure.unit == other.unit:
        return figure.value == other.value
    if figure.unit != "vague" or other.unit in ("time", "ordinal", "age", "fraction", "times"):
        return False
    return 2 * figure.value <= other.value < 10 * figure.value * (10 if figure.value == 12 else 1)


def _is_same_time(figure: Figure, other: Figure) -> bool:
    if figure.unit != other.unit:
        return False
    if figure.value == other.value:
        return True
    assert isinstance(figure.value, float) and isinstance(other.value, float)
    return (figure.is_open or other.is_open) and figure.value % 720 == other.value % 720


def _is_same_day(one: Told, other: Told, printed: date | None) -> bool:
    days, others = days_of(one, printed), days_of(other, printed)
    if days and others:
        if one.parts[1] is None and other.parts[1] is not None:
            return {(day.month, day.day) for day in days} & {(day.month, day.day) for day in others} != set()
        return bool(days & others)
    weekday, year, month, day = one.parts
    if one.ago is not None or weekday is not None:
        if one.ago == other.ago and weekday == other.parts[0]:
            return True
        return weekday is not None and any(found.weekday() == weekday for found in others)
    if day is not None or month is None:
        return (month, day) == other.parts[2:] and year in (None, other.parts[1])
    if other.parts[2] is not None:
        is_year = year is None or year == other.parts[1]
        return month == other.parts[2] and (is_year or (other.parts[1] is None and _is_near(year, printed)))
    return any(found.month == month and year in (None, found.year) for found in others)


def _is_near(year: int | None, printed: date | None) -> bool:
    return year is None or printed is None or abs(year - printed.year) <= 1


def _is_printing_day(figure: Figure, printed: date | None) -> bool:
    """Say whether a date is the day that the story was published, or a year that day's."""
    if printed is None:
        return False
    if figure.told is None:
        return figure.value == printed.year and not figure.unit
    if figure.told.ago is not None:
        return figure.told.ago == 0
    weekday, year, month, day = figure.told.parts
    if weekday is not None:
        return weekday == printed.weekday()
    return (month, day) == (printed.month, printed.day) and year in (None, printed.year)


def _contradictions(figure: Figure, text: str, told: Sequence[Figure], story_text: str) -> list[Span]:
    """Return where the story gives another number for the same thing, or the same number of another thing."""
    thing = _thing(text, figure)
    against = (
        (one.start, one.end)
        for one in told
        if (
            (figure.unit and figure.unit == one.unit)
            or (not figure.unit and not one.unit and thing and thing == _thing(story_text, one))
            or (figure.value == one.value and figure.unit and one.unit)
        )
    )
    return list(islice(against, MOST_SPANS))


def _thing(text: str, figure: Figure) -> str:
    match = _THING.match(text, figure.end)
    return match[1].lower().removesuffix("s") if match else ""


def _fact(kind: FactKind, text: str, start: int, end: int, verdict: Verdict, spans: Iterable[Span]) -> Fact:
    return Fact(kind=kind, text=text[start:end], start=start, end=end, verdict=verdict, spans=tuple(spans))
