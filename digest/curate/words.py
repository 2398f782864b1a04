"""Take words apart as comparing needs it: stems, meanings, names, numbers and weekdays in four languages."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import pairwise
from pathlib import Path

CONCEPTS = Path(__file__).with_name("concepts.txt")
UNTELLING = frozenset({"acts", "place"})
"""Topics of concepts.txt whose words stand in stories of all kinds."""

FAMILY = 6
LEAST_STEM = 5
"""How many letters of a stem count, and how many one must have to stand for all words with it."""

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
_FIGURE = re.compile(r"\d{1,3}(?:[\u202f\xa0 ]\d{3})+(?!\d)|\d+(?:[.,:]\d+)*")
_THOUSANDS = re.compile(r"\d{1,3}(?:[.,\u202f\xa0 ]\d{3})+")
_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\u0e00-\u0e7f]")
_SENTENCE_END = re.compile(r"(?<=[.!?…][\s\"”»’'])\s*|(?<=[.!?…])\s+|\n")
_ELIDED = re.compile(r"^(?:qu|[cdjlmnst])['’](?=\w\w)")
_NAME = re.compile(r"(?:[A-ZÀ-ÖØ-Þ][\w’'-]*)(?: [A-ZÀ-ÖØ-Þ][\w’'-]*)*")
_LETTERS = re.compile(r"[^\W\d_][\w’'-]*")
_STOP = frozenset(
    re.findall(
        r"\w+",
        """a about after again against all also am an and any are as at be because been before being between both but
        by can could did do does down during each few for from further had has have he her here hers him his how i if
        in into is it its just like may me more most my new no nor not now of off on once one only or other our out
        over own per said same say says she should so some such than that the their them then there these they this
        those through to told too two under until up us very via was we were what when where which while who whom why
        will with would year years you your first last day days week month monday tuesday wednesday thursday friday
        saturday sunday today yesterday according reported officials people around near some went got back still
        der die das den dem des ein eine einen einem einer und oder aber ist sind war waren wird werden wurde wurden
        hat haben hatte nicht auch auf aus bei mit nach von vor zu zum zur im in am an für über unter als wie dass
        sich sie er es wir ihr seine seiner ihre ihrer noch nur mehr sowie bis durch um so man sagte montag dienstag
        mittwoch donnerstag freitag samstag sonntag soll sollen will wegen
        le la les un une des du de et ou est sont été était ont avec pour par sur dans au aux en que qui ne pas plus
        se son sa ses leur leurs ce cette ces il elle ils elles nous vous a après avant lundi mardi mercredi jeudi
        vendredi samedi dimanche selon dont mais car contre entre cet deux
        el los las una unos unas y o es son fue era han con por para sobre entre en al del que no se su sus lo como
        más este esta estos estas tras desde lunes martes miércoles jueves viernes sábado domingo según dos pero""",
    )
)
_ENDINGS = ("ings", "ing", "edly", "ed", "ers", "er", "ies", "es", "s", "ly", "en", "n")
_WEEKDAYS = {
    form: day
    for day, names in enumerate(
        (
            "monday montag lundi lunes",
            "tuesday dienstag mardi martes",
            "wednesday mittwoch mercredi miércoles",
            "thursday donnerstag jeudi jueves",
            "friday freitag vendredi viernes",
            "saturday samstag sonnabend samedi sábado",
            "sunday sonntag dimanche domingo",
        )
    )
    for name in names.split()
    for form in (name, f"{name}s")
}
_NUMBER_WORDS = {
    word: str(value)
    for value, words in (
        (2, "two both twin twins zwei beide deux dos"), (3, "three third drei trois tres"),
        (4, "four fourth vier quatre cuatro"), (5, "five fifth fünf cinq cinco"), (6, "six sixth sechs seis"),
        (7, "seven seventh sieben sept siete"), (8, "eight eighth acht huit ocho"),
        (9, "nine ninth neun neuf nueve"), (10, "ten tenth zehn dix diez"), (11, "eleven elf onze once"),
        (12, "twelve zwölf douze doce dozen dutzend"), (13, "thirteen dreizehn treize trece"),
        (14, "fourteen vierzehn quatorze catorce"), (15, "fifteen fünfzehn quinze quince"),
        (16, "sixteen sechzehn seize dieciséis"), (17, "seventeen siebzehn"), (18, "eighteen achtzehn"),
        (19, "nineteen neunzehn"), (20, "twenty zwanzig vingt veinte"), (30, "thirty dreißig trente treinta"),
        (40, "forty vierzig quarante cuarenta"), (50, "fifty fünfzig cinquante cincuenta"),
        (60, "sixty sechzig soixante sesenta"), (70, "seventy siebzig setenta"), (80, "eighty achtzig ochenta"),
        (90, "ninety neunzig noventa"), (100, "hundred hundert cent cien"),
    )
    for word in words.split()
}  # fmt: skip
_GERMAN = frozenset(
    re.findall(r"\w+", "der die das und ist nicht wurde ein eine mit von im den dem auf für sich")
)
_BEFORE_NAMES = frozenset(re.findall(r"\w+", "in aus von nach gegen"))
_BEFORE_PLACES = frozenset(re.findall(r"\w+", "in at near outside off from aus bei nahe à en près"))


def words_of(text: str) -> list[str]:
    """Return the words in lower case; of text without spaces, its pairs of letters."""
    words = _WORD.findall(text.lower())
    if len(text) > 30 * (len(words) or 1) or _UNSPACED.search(text[:200]):
        letters = [match.group() for match in re.finditer(r"[^\W_]", text.lower())]
        return [a + b for a, b in pairwise(letters)]
    return words


def stems_of(words: Sequence[str]) -> Iterator[str]:
    """Give the stem of each word that tells something, words of one meaning as one.

    A long German word also gives the meaning of its ending, and the stem of what stands before it.
    """
    is_german = _is_german(words)
    for word in words:
        found = stem_of(word)
        if found:
            yield found
            if is_german and len(word) >= 8 and not found.startswith("="):
                yield from _compound(bare_word(word), _meanings())


@lru_cache(maxsize=1 << 16)
def stem_of(word: str) -> str:
    """Return what stands for a word: its meaning, else its beginning; nothing for one that tells nothing."""
    bare = bare_word(word)
    if bare in _STOP or (len(bare) <= 2 and bare.isascii() and not bare.isdigit()):
        return ""
    meaning = _meanings().get(bare)
    if meaning is None:
        found = stem(bare)
        meaning = _meanings_of_stems().get(found) or _beginning(found)
    return meaning


def _beginning(found: str) -> str:
    """Cut a stem to the letters that words of one family share: `electoral`, `elected`."""
    return found[:FAMILY] if found.isascii() else found


def _compound(word: str, meanings: Mapping[str, str]) -> Iterator[str]:
    for cut in range(3, len(word) - 3):
        meaning = meanings.get(word[cut:])
        if meaning is not None:
            yield meaning
            yield _beginning(stem(word[:cut].removesuffix("s")))
            return


def bare_word(word: str) -> str:
    """Return a word in lower case without a possessive ending or an elided article."""
    return _ELIDED.sub("", word.lower()).replace("’", "'").partition("'s")[0]


def stem(word: str) -> str:
    """Cut what words gain by inflection, roughly and alike for all languages."""
    if len(word) < 5:
        return word.removesuffix("s") if len(word) > 3 else word
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            return word[: -len(ending)].removesuffix("e")
    return word.removesuffix("e")


@cache
def _concepts() -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return each topic with its words of one meaning, in the order of the file."""
    found = []
    topic = ""
    for line in CONCEPTS.read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            topic = line.strip("[]")
        elif line and not line.startswith("#"):
            found.append((topic, tuple(line.split())))
    return tuple(found)


@cache
def _meanings() -> dict[str, str]:
    found: dict[str, str] = {}
    for _, words in _concepts():
        for word in words:
            found.setdefault(word, "=" + words[0])
    for word, meaning in list(found.items()):
        other = word.removesuffix("s") if word.endswith("s") else f"{word}s"
        if len(word) > 3 and len(other) > 3:
            found.setdefault(other, meaning)
    return found


@cache
def _meanings_of_stems() -> dict[str, str]:
    found: dict[str, str] = {}
    for word, meaning in _meanings().items():
        known = stem(word)
        if len(known) >= LEAST_STEM:
            found.setdefault(known, meaning)
    return found


@cache
def topics() -> dict[str, str]:
    """Return the topic of each meaning that has one that tells."""
    return {"=" + words[0]: topic for topic, words in _concepts() if topic not in UNTELLING}


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """How words are written: the stems of names, of those that are places by what stands before, and of others."""

    names: frozenset[str]
    places: frozenset[str]
    plain: frozenset[str]


def names_of(text: str, *, is_title: bool = False) -> Written:
    """Return the names of a text. A word that starts a sentence is neither a name nor none.

    Of a headline that capitalises its words nothing is known.
    """
    names: set[str] = set()
    places: set[str] = set()
    plain: set[str] = set()
    if is_title and not _is_sentence_case(text):
        return Written(names=frozenset(), places=frozenset(), plain=frozenset())
    is_german = _is_german(text.split())
    for sentence in _SENTENCE_END.split(text):
        before = ""
        for match in _LETTERS.finditer(sentence or ""):
            word = match.group()
            found = stem_of(word) if before else ""
            if found:
                if not _is_name(word, before, is_german=is_german):
                    plain.add(found)
                else:
                    names.add(found)
                    if before in _BEFORE_PLACES:
                        places.add(found)
            before = word
    return Written(names=frozenset(names), places=frozenset(places), plain=frozenset(plain))


def name_lengths(text: str) -> dict[str, float]:
    """Return of how many capitalised words in a row each stem is one, on average."""
    found: dict[str, list[int]] = {}
    for run in _NAME.findall(text):
        words = run.split()
        for word in words:
            known = stem_of(word)
            if known:
                found.setdefault(known, []).append(len(words))
    return {stem: sum(lengths) / len(lengths) for stem, lengths in found.items()}


def _is_name(word: str, before: str, *, is_german: bool) -> bool:
    if is_german:
        return word[0].isupper() and (before[0].isupper() or before in _BEFORE_NAMES)
    return word[0].isupper() or (len(word) > 2 and word[1] in "'’" and word[2].isupper())


def numbers_of(text: str) -> frozenset[str]:
    """Return the numbers of a text, also small ones that are written in words; `1,3` and `1.3` are one."""
    figures = {
        re.sub(r"[.,\s]", "", figure) if _THOUSANDS.fullmatch(figure) else figure.replace(",", ".")
        for figure in _FIGURE.findall(text)
    }
    return frozenset(figures) | {
        _NUMBER_WORDS[word] for word in _WORD.findall(text.lower()) if word in _NUMBER_WORDS
    }


def weekdays_of(text: str) -> tuple[int, ...]:
    """Return the weekdays that a text names, the first one first; Monday is 0."""
    named = (word.partition("'")[0].partition("’")[0] for word in _WORD.findall(text.lower()))
    return tuple(dict.fromkeys(_WEEKDAYS[name] for name in named if name in _WEEKDAYS))


def _is_german(words: Sequence[str]) -> bool:
    return sum(map(_GERMAN.__contains__, words)) > 0.06 * len(words)


def _is_sentence_case(title: str) -> bool:
    words = [word for word in title.split() if word[:1].isalpha()]
    return sum(word[0].isupper() for word in words) < 0.6 * len(words)
