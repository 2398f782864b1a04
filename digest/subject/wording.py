"""What is known of headlines in each language, out of `words.toml`; a language without an entry has no words."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import cache
from pathlib import Path

_FILE = Path(__file__).with_name("words.toml")
_APOSTROPHES = "['’‘ʼ]"
_EDGES = "\"'“”„‘’«»‹›「」『』()[].,;:!?…¡¿。、！？؟،-–—"
_PARTS = re.compile(r"[\s/–—:,;|،、。]+")
_UNSPACED = re.compile("[぀-ヿ㐀-鿿฀-๿຀-໿ក-៿က-႟]")
_ELIDING = ("fr", "it")


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """The words of one language, in lower case; `words.toml` says what each is for."""

    language: str
    outlets: frozenset[str] = field(default=frozenset())
    follow: frozenset[str] = field(default=frozenset())
    follow_not: frozenset[str] = field(default=frozenset())
    units: frozenset[str] = field(default=frozenset())
    spanning: frozenset[str] = field(default=frozenset())
    place: frozenset[str] = field(default=frozenset())
    place_not: frozenset[str] = field(default=frozenset())
    articles: frozenset[str] = field(default=frozenset())
    scope: frozenset[str] = field(default=frozenset())
    conditions: frozenset[str] = field(default=frozenset())
    doubts: frozenset[str] = field(default=frozenset())
    negations: frozenset[str] = field(default=frozenset())
    blocking: frozenset[str] = field(default=frozenset())
    said: frozenset[str] = field(default=frozenset())
    speakers: frozenset[str] = field(default=frozenset())
    verbs: frozenset[str] = field(default=frozenset())
    irregular: frozenset[str] = field(default=frozenset())
    nouns_too: frozenset[str] = field(default=frozenset())
    adverbs: frozenset[str] = field(default=frozenset())
    questions: frozenset[str] = field(default=frozenset())
    lead_ins: frozenset[str] = field(default=frozenset())
    pronouns: frozenset[str] = field(default=frozenset())
    dangling: frozenset[str] = field(default=frozenset())
    abbreviations: frozenset[str] = field(default=frozenset())


@cache
def words_of(language: str) -> Words:
    """Return what is known of a language; `de-CH` has German's words."""
    tag = language.casefold().partition("-")[0].partition("_")[0]
    table = _tables().get(tag, {})
    known = {
        one.name: frozenset(listed.split())
        for one in fields(Words)
        if isinstance(listed := table.get(one.name), str)
    }
    if tag == "en":
        known["irregular"] |= known["verbs"] - known["nouns_too"]
        known["verbs"] = _inflected(known["verbs"])
    return Words(language=tag, **known)


@cache
def kickers() -> re.Pattern[str]:
    """Match the kickers of all languages at a headline's start, since many a page has another language's."""
    phrases = "|".join(_phrase(one) for one in _listed("kickers"))
    bracketed = rf"[\[(【]\s*(?:{phrases})\s*[\])】]\s*[:|–—-]?\s*"
    marked = rf"(?:{phrases})(?:\s*[:：|｜]\s*|\s+[-–—•·/]+\s+|\s*[–—]\s+|\s*\+{{2,}}\s*|!+\s+)"
    return re.compile(rf"^(?:{bracketed}|{marked})(?=\S)", re.IGNORECASE)


@cache
def trailing_kickers() -> re.Pattern[str]:
    """Match such a kicker at a headline's end: " - live updates", "(video)"."""
    phrases = "|".join(_phrase(one) for one in (*_listed("kickers"), "updates", "latest"))
    return re.compile(rf"(?:\s+[-–—|•+]+\s*(?:{phrases})|\s*[\[(【](?:{phrases})[\])】])\s*$", re.IGNORECASE)


@cache
def clickbait() -> re.Pattern[str]:
    """Match the phrases that no subject may hold, of all languages."""
    return re.compile("|".join(_phrase(one) for one in _listed("clickbait")), re.IGNORECASE)


@cache
def outlet_words() -> frozenset[str]:
    """Return the words of outlets' names, of all languages."""
    return frozenset(word for table in _tables().values() for word in str(table.get("outlets", "")).split())


def split_words(text: str, language: str = "") -> list[str]:
    """Return a text's words in lower case, without marks at their edges."""
    plain = text.casefold().replace("’", "'")
    if language in _ELIDING:
        plain = plain.replace("'", "' ")
    return [word for part in _PARTS.split(plain) if (word := part.strip(_EDGES))]


def has_any(text: str, listed: frozenset[str], words: Words) -> bool:
    """Say whether a text holds one of the listed words; where words are not parted, anywhere in it."""
    if words.language in ("ja", "zh", "th"):
        return any(word in text for word in listed)
    return not listed.isdisjoint(split_words(text, words.language))


def is_unspaced(text: str) -> bool:
    """Say whether a text is mostly of a script that does not part words."""
    return len(_UNSPACED.findall(text)) * 2 > len(text)


@cache
def _tables() -> Mapping[str, Mapping[str, str | list[str]]]:
    return tomllib.loads(_FILE.read_text(encoding="utf-8"))


def _listed(key: str) -> list[str]:
    found = [phrase for table in _tables().values() for phrase in table.get(key, [])]
    return sorted(found, key=len, reverse=True)


def _phrase(phrase: str) -> str:
    pattern = re.escape(phrase).replace(r"\ ", r"\s+").replace(r"\*", r"\S+").replace("'", _APOSTROPHES)
    if is_unspaced(phrase):
        return pattern
    return rf"(?<!\w){pattern}(?!\w)"


def _inflected(verbs: frozenset[str]) -> frozenset[str]:
    """Return English verbs with the forms that headlines use: says, carries, closed, carried."""
    forms: set[str] = set()
    for verb in verbs:
        stem = verb[:-1] + "i" if re.search("[^aeiou]y$", verb) else verb
        forms.add(stem + ("es" if re.search("(?:s|x|z|ch|sh|o|i)$", stem) else "s"))
        forms.add(verb + "d" if verb.endswith("e") else stem + "ed")
    return frozenset(
        forms | {verb + verb[-1] + "ed" for verb in verbs if re.search("[aeiou][bgmnpt]$", verb)}
    )
