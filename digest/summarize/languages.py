"""What is known of each language: what it abbreviates, how it starts sentences, how it points back.

`languages.json` holds the words; a language without an entry of its own has English's rules for abbreviations
and no words that point back.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_WORDS = Path(__file__).with_name("languages.json")
_HAVE_ORDINALS = frozenset(
    ["de", "da", "nb", "no", "nn", "fi", "cs", "sk", "sl", "hr", "hu", "is", "et", "lv", "tr"]
)
_WITHOUT_SPACES = frozenset(["ja", "zh", "th", "lo", "km", "my"])
_WITHOUT_STOPS = frozenset(["th", "lo"])
_LATIN = frozenset(["en", ""])
# Kana before ideographs, since Japanese has both.
_SCRIPTS = tuple(
    (language, re.compile(f"[{letters}]"))
    for language, letters in (
        ("ja", "ぁ-ヿ"),
        ("zh", "一-鿿"),
        ("th", "ก-๙"),
        ("hi", "ऀ-ॿ"),
        ("ar", "ء-ي"),
        ("ru", "а-яё"),
        ("km", "ក-៩"),
        ("my", "က-႟"),
    )
)
SCRIPT_LETTERS = 300
"""Characters of a text that tell its script."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """The words of one language, in lower case and without a final full stop.

    `titles` never end a sentence; `endings` end one only when a usual first word (`starters`) follows;
    `closings` stand at the end of a list, and end a sentence where a capital follows. `numbered` are abbreviations
    only before a number. `speech` are the verbs that follow a quotation.
    A sentence that starts with one of `pronouns`, `connectives` or `phrases`, or with one of `articles` and
    then one of `pointers`, points at another one; so does one with one of `also` near its beginning.
    `describing` are the words that go on to say which thing is meant, `verbs` and `verb_endings` those that end
    its name, `widely_known` the things that are known to everybody.
    `people` are the pronouns that want a name before them, `voices` those of the speaker. `starts` serve
    scripts without spaces.
    """

    titles: frozenset[str]
    endings: frozenset[str]
    closings: frozenset[str]
    numbered: frozenset[str]
    starters: frozenset[str]
    speech: frozenset[str]
    pronouns: frozenset[str]
    people: frozenset[str]
    voices: frozenset[str]
    connectives: frozenset[str]
    also: frozenset[str]
    articles: frozenset[str]
    pointers: frozenset[str]
    describing: frozenset[str]
    verbs: frozenset[str]
    widely_known: frozenset[str]
    adjectives: frozenset[str]
    verb_endings: tuple[str, ...]
    phrases: tuple[str, ...]
    starts: tuple[str, ...]
    has_ordinals: bool
    has_capital_nouns: bool
    has_spaces: bool
    has_stops: bool


def short_tag(language: str) -> str:
    """Return the first part of a language tag, in lower case."""
    return language.lower().partition("-")[0].partition("_")[0]


def rules_of(language: str) -> Rules:
    """Return the rules of a language tag."""
    return _rules(short_tag(language))


def language_of(text: str, language: str) -> str:
    """Return a story's language; where it says English and is in a script that English has not, one of the script."""
    if short_tag(language) not in _LATIN:
        return language
    sample = text[:SCRIPT_LETTERS]
    if sample.isascii():
        return language
    for other, letters in _SCRIPTS:
        if len(letters.findall(sample)) > (0.1 if other == "ja" else 0.4) * len(sample):
            return other
    return language


@cache
def _languages() -> dict[str, dict[str, str]]:
    languages: dict[str, dict[str, str]] = json.loads(_WORDS.read_text(encoding="utf-8"))
    return languages


@cache
def _rules(language: str) -> Rules:
    words = _languages().get(language, {})
    splitting = words if "titles" in words else _languages()["en"]

    def of(source: dict[str, str], name: str) -> frozenset[str]:
        return frozenset(source.get(name, "").split())

    return Rules(
        titles=of(splitting, "titles"),
        endings=of(splitting, "endings"),
        closings=of(splitting, "closings"),
        numbered=of(splitting, "numbered"),
        starters=of(splitting, "starters"),
        speech=of(splitting, "speech"),
        pronouns=of(words, "pronouns"),
        people=of(words, "people"),
        voices=of(words, "voices"),
        connectives=of(words, "connectives"),
        also=of(words, "also"),
        articles=of(words, "articles"),
        pointers=of(words, "pointers"),
        describing=of(words, "describing"),
        verbs=of(words, "verbs"),
        widely_known=of(words, "widely_known"),
        adjectives=of(words, "adjectives"),
        verb_endings=tuple(words.get("verb_endings", "").split()),
        phrases=tuple(filter(None, words.get("phrases", "").split("|"))),
        starts=tuple(words.get("starts", "").split()),
        has_ordinals=language in _HAVE_ORDINALS,
        has_capital_nouns=language in ("de", "lb"),
        has_spaces=language not in _WITHOUT_SPACES,
        has_stops=language not in _WITHOUT_STOPS,
    )
