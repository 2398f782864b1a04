"""Find the names of a text and look them up in its story: spellings may differ, people may not.

A name of several words is borne out where the story has those words together, so that one person's first name
and another's last name make nobody. Spellings that are forgiven: accents and umlauts, the endings of
transliteration (Sergei, Sergey), possessives, initials, acronyms of names that the story gives, demonyms.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path

from digest.summarize.languages import rules_of, short_tag
from digest.summarize.quotations import Span

_CAPITAL = r"[A-ZÀ-ÖØ-ÞĀ-ŽА-ЯΑ-Ω][\w'’&-]*"
_PARTICLE = (
    r"of the|of|de la|de los|de las|de|du|des|von der|von dem|von|van der|van den|van|der|zu|zum|zur|al|el|bin|ibn"
    r"|da|dos|del|della|di|la|le|les|los|las|y|e|&"
)
_DOT = (
    r"(?:(?<=\b[A-Z])|(?<=\bDr)|(?<=\bMr)|(?<=\bMrs)|(?<=\bMs)|(?<=\bSt)|(?<=\bSr)|(?<=\bJr)|(?<=\bProf))\. ?"
)
_NAME = re.compile(
    rf"(?:(?:al|el|d|l)[-'’])?{_CAPITAL}(?:(?:[ \u00a0]|{_DOT})(?:(?:{_PARTICLE}) (?:al-|d['’])?|al-|d['’])?"
    rf"{_CAPITAL})*"
)
_RUN_ENDS = re.compile(r"(?:['’]s|-[a-z]\w*)[ \u00a0]")
_SINGLE = re.compile(_CAPITAL)
LONGEST_NAME, MOST_PARTS = 9, 24
"""Words between spaces; and those together with what hyphens part."""
_SENTENCE_START = re.compile(r"(?:^|[.!?:…]['\"”’»)]*\s+|\n\s*|[-–—•] )['\"“‘«„(¿¡]*\s?$")
_SPLIT = re.compile(r"[ \u00a0.\-–]+")
_PART = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_POSSESSIVE = re.compile(r"['’]s?$")
_ELISION = re.compile(r"^(?:[ldnmtscj]|qu|dell|all|nell|sull|un)['’](?=\w)", re.IGNORECASE)
_FINAL = re.compile(r"(?:iy|yy|ii|ij|y|j)$")
_MOHAMMED = re.compile(r"^m[ou]h?a?mm?[ae]d$")
_PEOPLE = re.compile(r"(?:ian|ean|an|ish|ese|i|er)s?$")
_LAND = re.compile(r"(?:ia|ey|en|[aeioy])$")
_SHORTEST_STEM = 4
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa", "æ": "ae", "ß": "ss"})
_PLAIN = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ı": "i", "æ": "ae", "ß": "ss", "œ": "oe", "’": "'"})
_CONTRACTION = re.compile(r"I['’](?:m|ll|ve|d)\b")
_WORDS = json.loads(Path(__file__).with_name("name_words.json").read_text(encoding="utf-8"))
_HONORIFICS = frozenset(_WORDS["honorifics"].split())
_PARTICLES = frozenset(_WORDS["particles"].split())
_IN_FULL: dict[str, str] = _WORDS["in_full"]
_OPENERS = {tag: frozenset(words.split()) for tag, words in _WORDS["openers"].items()}
_COMPOUND = re.compile(r"(?<=\w)-[a-z][\w-]*")
_ADVERB = re.compile(r"[A-Z][a-z]+(?:ly|ing)$")
_JOINED = re.compile(r" (?:of the|of|y|e|&) ")
_WITHIN = frozenset(["-", "–", " & ", " d'", " d’", " l'", " l’"])
_COMMON_ENDING = re.compile(r"(?:ung|heit|keit|schaft|tion|ismus|ment|tät|ungen|heiten|keiten|tionen)$")
_BEFORE_NOUN = re.compile(
    r"(?:\b(?:der|die|das|dem|den|des|eine?[rsmn]?|keine?[rsmn]?|ihre?[rsmn]?|seine?[rsmn]?|unsere?[rsmn]?|diese?[rsmn]?|jede[rsmn]?"
    r"|alle[rn]?|viele[rn]?|einige|mehr|im|am|zum|zur|vom|beim|ins|ans|ohne|mehrere[rn]?|beide[rn]?)|\b[a-zäöüß]{2,}e[rnsm]?|\d|%)\s$"
)


def fold(word: str) -> frozenset[str]:
    """Return the spellings that a word is compared by."""
    return _fold(word)


@lru_cache(maxsize=20_000)
def _fold(word: str) -> frozenset[str]:
    small = _POSSESSIVE.sub("", word.lower())
    bare = "".join(
        c for c in unicodedata.normalize("NFKD", small.translate(_PLAIN)) if not unicodedata.combining(c)
    )
    forms = {bare, small.translate(_UMLAUTS)}
    forms |= {_FINAL.sub("i", form) for form in forms if len(form) > 3}
    if _MOHAMMED.match(bare):
        forms.add("mohammed")
    if bare in ("al", "el"):
        forms.add("al")
    return frozenset(forms)


class Mentions:
    """The words of a story by their spellings, and where each stands."""

    def __init__(self, text: str, title: str, *, language: str) -> None:
        self._language = short_tag(language)
        self._known: dict[tuple[str, bool], list[Span] | None] = {}
        self._told = f"{text}\n{title}"
        self._end = len(text)
        self._tokens = [(match.start(), match.end(), match.group()) for match in self._parts(self._told)]
        self._by_form: dict[str, list[int]] = defaultdict(list)
        for index, (_, _, word) in enumerate(self._tokens):
            for form in fold(word):
                self._by_form[form].append(index)
        self._small = {word.lower() for _, _, word in self._tokens if word[:1].islower()}
        self._stems = {word[:6].lower() for word in self._small}
        self._acronyms = {
            word.replace(".", "") for word in re.findall(r"\b(?:[A-Z]\.){2,}|\b[A-Z]{2,6}\b", self._told)
        }
        self._runs = [_initials(match.group()) for match in _NAME.finditer(self._told)]
        self._lands = {stem for form in self._by_form for stem in _land_stems(form)}
        self._peoples = {stem for form in self._by_form for stem in _people_stems(form)}

    def _parts(self, text: str) -> Iterator[re.Match[str]]:
        for match in _PART.finditer(text):
            elided = _ELISION.match(match.group()) if self._language in ("fr", "it") else None
            start = match.start() + elided.end() if elided else match.start()
            found = _PART.match(text, start)
            if found:
                yield found

    def has_small(self, word: str) -> bool:
        """Say whether the story has a word, or its stem, in small letters: its capital then only starts a sentence."""
        return word.lower() in self._small or (len(word) > 3 and word[:6].lower() in self._stems)

    def spans(self, name: str, *, may_be_plural: bool = False) -> list[Span] | None:
        """Return where the story has a name, or None where it has not; only in the headline: an empty list."""
        asked = (name, may_be_plural)
        if asked not in self._known:
            self._known[asked] = self._find(name, may_be_plural)
        return self._known[asked]

    def _find(self, name: str, may_be_plural: bool) -> list[Span] | None:
        words = self._words_of(name)[:MOST_PARTS]
        if not words:
            return []
        found = self._sequences(words, may_be_plural)
        if found is None and len(words) > 1:
            if any(_IN_FULL.get(short.lower()) == " ".join(words).lower() for short in self._acronyms):
                return []
            kept = [word for word in words if word.lower() not in self._small]
            found = self._sequences(kept, may_be_plural) if kept and len(kept) < len(words) else None
            if not kept:
                return []
        if found is None and len(words) > 1:
            found = self._dotted(words)
        if found is None and (parts := self._parts_of(name)):
            spans = [self.spans(part) for part in parts]
            if all(part is not None for part in spans):
                found = [span for part in spans for span in part or []]
        return self._in_steps(words) if found is None and len(words) > 2 else found

    def _dotted(self, words: list[str]) -> list[Span] | None:
        """Look a name up with its capitals written together or apart: FC Vale, F.C. Vale, H. P. Vale, HP Vale."""
        if len(words[0]) > 1 and words[0].isupper() and len(words[0]) < 5:
            return self._sequences([*words[0], *words[1:]], False)
        letters = next((i for i, word in enumerate(words) if len(word) > 1), len(words))
        return self._sequences(["".join(words[:letters]), *words[letters:]], False) if letters > 1 else None

    def _in_steps(self, words: list[str]) -> list[Span] | None:
        """Return where a full name and, apart from it, the words before it stand: "US President Ada Vale"."""
        for length in range(len(words) - 1, 1, -1):
            last = self._sequences(words[-length:], False)
            if last is None:
                continue
            before = [self._sequences([word], False) for word in words[:-length]]
            known = [
                spans is not None or word.lower() in self._small
                for spans, word in zip(before, words, strict=False)
            ]
            return last if all(known) else None
        return None

    def _parts_of(self, name: str) -> list[str]:
        """Return the names that a name may be made of: an office of a place, a German owner and what is owned."""
        if _JOINED.search(name):
            return _JOINED.split(name)
        owner, _, owned = name.partition(" ")
        return [owner, owned] if self._language == "de" and owned and owner.endswith("s") else []

    def _words_of(self, name: str) -> list[str]:
        words = [_POSSESSIVE.sub("", word) for word in _SPLIT.split(_COMPOUND.sub("", name))]
        if self._language in ("fr", "it"):
            words = [_ELISION.sub("", word) for word in words]
        words = [re.sub(r"^[dl]['’]", "", word).strip("'’&") for word in words]
        kept = [word for word in words if word and word.lower() not in _PARTICLES]
        return kept or [word for word in words if word]

    def _sequences(self, words: list[str], may_be_plural: bool) -> list[Span] | None:
        """Return where the words stand together in the story's order, initials and middle names aside."""
        if len(words) == 1 and (whole := self._single(words[0], may_be_plural)) is not None:
            return whole
        spans = []
        for index in self._starts(words[0], may_be_plural and len(words) == 1):
            last = index
            for word in words[1:]:
                following = self._next(last, word)
                if following is None:
                    break
                last = following
            else:
                spans.append((self._tokens[index][0], self._tokens[last][1]))
        if not spans:
            return None
        return [span for span in spans if span[1] <= self._end]

    def _single(self, word: str, may_be_plural: bool) -> list[Span] | None:
        """Decide on a single word that the story spells otherwise: an acronym, or a country and its people."""
        if any(form in self._by_form for form in fold(word)):
            return None
        bare = word.replace(".", "").upper()
        if word.isupper() and len(bare) > 1:
            in_full = _IN_FULL.get(bare.lower(), "")
            if bare in self._acronyms or (in_full and in_full in self._told.lower()):
                return []
            if len(bare) > 2 and any(bare in initials for initials in self._runs):
                return []
        small = word.lower()
        if len(small) > 4 and self._is_demonym(small):
            return []
        return None

    def _is_demonym(self, small: str) -> bool:
        """Say whether the story has the land of a people, or the people of a land."""
        return bool(_people_stems(small) & self._lands or _land_stems(small) & self._peoples)

    def _starts(self, word: str, may_be_plural: bool) -> Iterable[int]:
        if len(word) == 1:
            return [i for i, (_, _, told) in enumerate(self._tokens) if told[:1] == word]
        forms = set(fold(word))
        if (may_be_plural or self._language == "de") and word.endswith("s") and len(word) > 4:
            forms |= fold(word[:-1])
        if self._language == "de":
            forms |= {form + "s" for form in fold(word)}
        return sorted({index for form in forms for index in self._by_form.get(form, ())})

    def _next(self, last: int, word: str) -> int | None:
        """Return the token that goes on with a name, perhaps behind initials, middle names or "and Vera"."""
        wanted = fold(word)
        capitals = 0
        for index in range(last + 1, min(last + 6, len(self._tokens))):
            start, _, token = self._tokens[index]
            between = self._told[self._tokens[index - 1][1] : start]
            before = self._tokens[index - 1][2]
            is_short = len(before) < 3 or before.lower() in _HONORIFICS
            is_dotted = between.startswith(".") and is_short
            if not (between.isspace() or between in _WITHIN or is_dotted) or "\n" in between:
                return None
            if token[:1].isupper() or token.lower() not in _PARTICLES:
                if fold(token) & wanted or (len(word) == 1 and token[:1] == word):
                    return index
                if self._language == "de" and {form + "s" for form in wanted} & fold(token):
                    return index
            if token.lower() in _PARTICLES:
                continue
            capitals += 1
            if capitals > 2 or not token[:1].isupper():
                return None
        return None


def _people_stems(word: str) -> set[str]:
    stems = {_PEOPLE.sub("", word)} - {word}
    if word.removesuffix("s").endswith("an"):
        stems |= {word.removesuffix("s")}
    return {stem for stem in stems if len(stem) >= _SHORTEST_STEM}


def _land_stems(word: str) -> set[str]:
    return {stem for stem in (word, _LAND.sub("", word)) if len(stem) >= _SHORTEST_STEM}


def _initials(name: str) -> str:
    return "".join(word[0] for word in _SPLIT.split(name) if word[:1].isupper())


def find_names(text: str, mentions: Mentions, *, language: str) -> list[Span]:
    """Return the names of a text: runs of capitals, less the words and titles that only begin them."""
    tag = short_tag(language)
    rules = rules_of(language)
    openers = rules.starters | _OPENERS.get(tag, frozenset())
    spans = []
    for match in _NAME.finditer(text):
        start = match.start()
        is_first = _SENTENCE_START.search(text, max(0, start - 12), start) is not None
        for first, last in _runs(text, match.start(), match.end()):
            begins = is_first and first == match.start()
            trimmed = _trim(text[first:last], mentions, openers, begins)
            if begins:
                trimmed = _trim_first(trimmed, text[last : last + 24], mentions, rules.speech)
            if (
                len(trimmed) > 1
                and not _CONTRACTION.match(trimmed)
                and not _is_common_noun(text, last - len(trimmed), trimmed, tag, is_first)
            ):
                spans.append((last - len(trimmed), last))
    return spans


def _runs(text: str, start: int, end: int) -> Iterator[Span]:
    """Part a run of capitals behind a possessive or a compound: "Brightwell's Sergei Ivanenko", "Vale-led UHU".

    A long run is a headline in capitals, not a name: its words are looked up one by one.
    """
    parts, first = [], start
    for match in _RUN_ENDS.finditer(text, start, end):
        parts.append((first, match.start()))
        first = match.end()
    parts.append((first, first + len(text[first:end].rstrip(" .'’&-"))))
    for part, last in parts:
        if text.count(" ", part, last) < LONGEST_NAME:
            yield part, last
        else:
            yield from (match.span() for match in _SINGLE.finditer(text, part, last))


def _trim(name: str, mentions: Mentions, openers: frozenset[str], is_first: bool) -> str:
    """Take off a sentence's first words and the titles before a name; nothing is left where it is no name."""
    while name:
        word = re.split(r"[ \u00a0.]", name, maxsplit=1)[0]
        small = word.lower().rstrip(".")
        is_alone = len(word) == len(name)
        drops = small in _HONORIFICS and not (is_alone and small not in ("mr", "mrs", "ms", "dr", "mme", "m"))
        drops = drops or (is_first and (small in openers or mentions.has_small(word)))
        drops = drops or (is_alone and not word.isupper() and small in openers)
        if not drops:
            return name
        name = name[len(word) :].lstrip(" \u00a0.")
        while name and name[0].islower() and " " in name:
            name = name.split(" ", 1)[1]
        if name and name[0].islower():
            return ""
    return name


def _trim_first(name: str, behind: str, mentions: Mentions, speech: frozenset[str]) -> str:
    """Take off a sentence's first word that is no name: "Notably", "Calling", or a role before a name the story has."""
    word, _, rest = name.partition(" ")
    if not word or mentions.spans(word) is not None:
        return name
    if rest[:1].isupper() and " " in rest and mentions.spans(rest) is not None:
        return rest
    speaks = rest == "" and any(said.strip(".,;:") in speech for said in behind.split()[:1])
    return rest if _ADVERB.match(word) and not speaks else name


def _is_common_noun(text: str, start: int, name: str, language: str, is_first: bool) -> bool:
    """Say whether a single capital is a German noun rather than a name."""
    if language not in ("de", "lb") or not name.isalpha():
        return False
    return bool(_COMMON_ENDING.search(name) or _BEFORE_NOUN.search(text[max(0, start - 24) : start].lower()))
