"""Mark what an editor should look at before it is sent: a dropped "alleged", a minor's name, a death.

The words are in `sensitive_words.toml`; a language without an entry has English's.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

from digest.model import Story
from digest.summarize.minors import find_minor

_FILE = Path(__file__).with_name("sensitive_words.toml")
_SENTENCES = re.compile(r"(?<=[.!?])[\"'”’»]*\s+")
_STEM = 5


class Sensitive(StrEnum):
    """What a text touches."""

    HEDGE_DROPPED = "hedge dropped"
    MINOR_NAMED = "minor named"
    DEATH = "death"


@dataclass(frozen=True, slots=True, kw_only=True)
class Concern:
    """One thing to look at: what it is, the words of the text, and a sentence for the editor."""

    kind: Sensitive
    text: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Words:
    """The patterns of one language."""

    hedge: re.Pattern[str]
    crime: re.Pattern[str]
    broad: re.Pattern[str]
    settled: re.Pattern[str]
    attribution: re.Pattern[str]
    death: re.Pattern[str]
    idiom: re.Pattern[str]


def find_concerns(text: str, story: Story) -> list[Concern]:
    """Return what an editor should look at in a text that tells of the story."""
    words = _words_of(story.language)
    concerns = []
    if dropped := _dropped_hedge(text, story, words):
        concerns.append(dropped)
    if minor := find_minor(text, story, _tables(story.language)):
        message = f"“{minor}” may be under age. Check that the name may be printed."
        concerns.append(Concern(kind=Sensitive.MINOR_NAMED, text=minor, message=message))
    if death := words.death.search(words.idiom.sub(" ", text)):
        message = "It tells of a death. Check its tone, its picture and its neighbours."
        concerns.append(Concern(kind=Sensitive.DEATH, text=death.group(), message=message))
    return concerns


def _dropped_hedge(text: str, story: Story, words: _Words) -> Concern | None:
    """Return an accusation that the text tells as a fact and the story as somebody's word."""
    told = _SENTENCES.split(f"{story.title}. {story.text}")
    said = _SENTENCES.split(text)
    known: dict[str, tuple[bool, bool]] = {}
    for sentence, crime in _accusations(said, words):
        stem = crime[:_STEM].casefold()
        if stem not in known:
            known[stem] = _told_as(stem, said, told, words)
        is_hedged, is_attributed = known[stem]
        if is_hedged:
            message = f"The story hedges what it says of “{crime}”; this text does not."
            return Concern(kind=Sensitive.HEDGE_DROPPED, text=crime, message=message)
        if is_attributed and not words.attribution.search(sentence) and not words.broad.match(crime):
            message = f"The story says who tells of “{crime}”; this text does not."
            return Concern(kind=Sensitive.HEDGE_DROPPED, text=crime, message=message)
    return None


def _told_as(stem: str, said: list[str], told: list[str], words: _Words) -> tuple[bool, bool]:
    """Say whether a story hedges an accusation that the text nowhere hedges, and whether it always names a source."""
    pattern = re.compile(rf"\b{re.escape(stem)}", re.IGNORECASE)
    if any(pattern.search(part) and words.hedge.search(part) for part in said):
        return False, False
    sources = [part for part in told if pattern.search(part)]
    is_attributed = bool(sources) and all(words.attribution.search(part) for part in sources)
    return any(words.hedge.search(part) for part in sources), is_attributed


def _accusations(sentences: list[str], words: _Words) -> Iterator[tuple[str, str]]:
    """Yield the sentences with an accusation that is neither hedged nor settled, and its word."""
    for sentence in sentences:
        if words.hedge.search(sentence) or words.settled.search(sentence):
            continue
        for crime in words.crime.finditer(sentence):
            yield sentence, crime.group()


def _tables(language: str) -> dict[str, str]:
    tables = _read()
    return tables.get(language.partition("-")[0].casefold(), tables["en"])


@cache
def _read() -> dict[str, dict[str, str]]:
    return tomllib.loads(_FILE.read_text(encoding="utf-8"))


@cache
def _words_of(language: str) -> _Words:
    table = _tables(language)
    return _Words(
        hedge=_pattern(table["hedges"]),
        crime=re.compile(rf"(?<![\w-])(?:{table['crimes']})(?!\w)(?!{table['not_crimes']})", re.IGNORECASE),
        broad=re.compile(table["broad"], re.IGNORECASE),
        settled=_pattern(table["settled"]),
        attribution=_pattern(table["attribution"]),
        death=_pattern(table["deaths"]),
        idiom=_pattern(table["idioms"]),
    )


def _pattern(alternatives: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{alternatives})(?!\w)", re.IGNORECASE)
