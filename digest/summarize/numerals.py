"""Read number words: "twenty-five", "fünfundzwanzig", "quatre-vingts", "treinta y cinco"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

_UNITS = {
    "en": "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen",
    "de": "null ein zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn fünfzehn sechzehn "
    "siebzehn achtzehn neunzehn",
    "fr": "zéro un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize",
    "es": "cero un dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciséis "
    "diecisiete dieciocho diecinueve veinte veintiuno veintidós veintitrés veinticuatro veinticinco veintiséis "
    "veintisiete veintiocho veintinueve",
    "it": "zero un due tre quattro cinque sei sette otto nove dieci undici dodici tredici quattordici quindici "
    "sedici diciassette diciotto diciannove venti",
    "pt": "zero um dois três quatro cinco seis sete oito nove dez onze doze treze catorze quinze dezesseis "
    "dezessete dezoito dezenove vinte",
    "nl": "nul een twee drie vier vijf zes zeven acht negen tien elf twaalf dertien veertien vijftien zestien "
    "zeventien achttien negentien twintig",
}
_MORE = {
    "en": "twenty 20 thirty 30 forty 40 fifty 50 sixty 60 seventy 70 eighty 80 ninety 90",
    "de": "eins 1 eine 1 einen 1 einer 1 zwanzig 20 dreißig 30 vierzig 40 fünfzig 50 sechzig 60 siebzig 70 achtzig 80 "
    "neunzig 90",
    "fr": "une 1 vingt 20 vingts 20 trente 30 quarante 40 cinquante 50 soixante 60 septante 70 nonante 90",
    "es": "uno 1 una 1 treinta 30 cuarenta 40 cincuenta 50 sesenta 60 setenta 70 ochenta 80 noventa 90 cien 100 "
    "ciento 100 doscientos 200 doscientas 200 trescientos 300 trescientas 300 cuatrocientos 400 quinientos 500 "
    "quinientas 500 seiscientos 600 setecientos 700 ochocientos 800 novecientos 900",
    "it": "una 1 trenta 30 quaranta 40 cinquanta 50 sessanta 60 settanta 70 ottanta 80 novanta 90",
    "pt": "uma 1 duas 2 trinta 30 quarenta 40 cinquenta 50 sessenta 60 setenta 70 oitenta 80 noventa 90 cem 100 "
    "cento 100 duzentos 200 trezentos 300 quinhentos 500",
    "nl": "dertig 30 veertig 40 vijftig 50 zestig 60 zeventig 70 tachtig 80 negentig 90",
}
SCALES = {
    "hundred": 1e2, "thousand": 1e3, "k": 1e3, "million": 1e6, "millions": 1e6, "m": 1e6, "mn": 1e6, "mln": 1e6,
    "lakh": 1e5, "lakhs": 1e5, "crore": 1e7, "crores": 1e7, "billion": 1e9, "billions": 1e9, "bn": 1e9, "b": 1e9,
    "trillion": 1e12, "tn": 1e12, "dozen": 12, "decade": 10, "decades": 10, "century": 100, "centuries": 100,
    "hundert": 1e2, "tausend": 1e3, "mio": 1e6, "millionen": 1e6, "mrd": 1e9, "milliarde": 1e9, "milliarden": 1e9,
    "dutzend": 12, "jahrzehnt": 10, "jahrzehnte": 10, "jahrhundert": 100, "cent": 1e2, "cents": 1e2, "mille": 1e3,
    "milliard": 1e9, "milliards": 1e9, "mil": 1e3, "millón": 1e6, "millones": 1e6, "milione": 1e6, "milioni": 1e6,
    "milhão": 1e6, "milhões": 1e6, "miljoen": 1e6, "miljard": 1e9, "duizend": 1e3,
}  # fmt: skip
"""Words that multiply the number before them."""

_ONLY_BEHIND = frozenset(
    ["k", "m", "mn", "mln", "b", "bn", "tn", "mio", "mrd", "cents", "decades", "centuries"]
)
_ALONE = frozenset(["thousand", "million", "hundred", "dozen", "decade", "century", "billion", "trillion"])
_SAY_ONE = frozenset(["a", "an"])
_JOINTS = {"en": "and", "fr": "et", "es": "y", "de": "und", "pt": "e"}
_WORD = re.compile(r"[^\W\d_]+")
_GLUED = re.compile(r"(?:(?P<hundreds>\w{3,8}?)?hundert)?(?:und)?(?:(?P<ones>\w{3,6}?)und)?(?P<rest>\w+)?$")
_PAUSE = re.compile(r"[ \u00a0-]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Numeral:
    """A number in words, `text[start:end]`. `is_one` is true of a lone "one": as often a pronoun or an article."""

    start: int
    end: int
    value: float
    is_one: bool = False


@cache
def _values(language: str) -> dict[str, float]:
    values = {name: float(value) for value, name in enumerate(_UNITS.get(language, "").split())}
    more = _MORE.get(language, "").split()
    values |= {name: float(value) for name, value in zip(more[::2], more[1::2], strict=True)}
    return values


def read_numerals(text: str, *, language: str = "en") -> list[Numeral]:
    """Return the numbers that a text gives in words, in order; languages without a table give none."""
    values = _values(language)
    if not values:
        return []
    found: list[Numeral] = []
    words = list(_WORD.finditer(text))
    at = 0
    while at < len(words):
        last, value = _read(text, words, at, values, language)
        if last < at:
            at += 1
            continue
        word = words[at].group().lower()
        is_one = last == at and value == 1
        found.append(Numeral(start=words[at].start(), end=words[last].end(), value=value, is_one=is_one))
        at = last + 1 if word else at + 1
    return found


def _read(
    text: str, words: list[re.Match[str]], first: int, values: dict[str, float], language: str
) -> tuple[int, float]:
    """Return the index of the last word of the number that starts at `first`, and its value."""
    total, current, last, at = 0.0, 0.0, first - 1, first
    while at < len(words):
        word = words[at].group().lower()
        if at > first and not _PAUSE.fullmatch(text[words[at - 1].end() : words[at].start()]):
            break
        value = _word_value(word, values, language)
        if value is not None:
            if not _may_follow(current, value):
                break
            current = current + 76 if value == 20 and current % 100 == 4 else current + value
            last = at
        elif word in SCALES and _may_scale(text, words, first, at, language):
            scale = SCALES[word]
            if scale < 1e3:
                current = max(current, 1.0) * scale
            else:
                total, current = total + max(current, 1.0) * scale, 0.0
            last = at
        elif (half := _half(words, at, last, first, language)) > 0:
            current += 0.5
            last, at = at + half - 1, at + half - 1
        elif not (
            _is_joint(word, language, last >= first and at == last + 1)
            or _says_one(word, language, at == first)
        ):
            break
        at += 1
    return last, total + current


def _is_joint(word: str, language: str, is_behind_number: bool) -> bool:
    return is_behind_number and word == _JOINTS.get(language)


def _says_one(word: str, language: str, is_first: bool) -> bool:
    """Say whether a word is the "a" of "a hundred"."""
    return is_first and language == "en" and word in _SAY_ONE


def _word_value(word: str, values: dict[str, float], language: str) -> float | None:
    if word in values:
        return values[word]
    if language != "de" or len(word) < 6:
        return None
    match = _GLUED.match(word)
    if not match or not (match["ones"] or "hundert" in word):
        return None
    hundreds = values.get(match["hundreds"] or "ein") if "hundert" in word else 0.0
    parts = [0.0 if not match[name] else values.get(match[name]) for name in ("ones", "rest")]
    if hundreds is None or parts[0] is None or parts[1] is None:
        return None
    return hundreds * 100 + parts[0] + parts[1]


def _may_follow(current: float, value: float) -> bool:
    """Say whether a number word goes on with the number before it: "twenty-five", not "five twenty"."""
    if current == 0:
        return True
    if value == 20 and current % 100 == 4:
        return True
    room = 100 if current % 100 == 0 else 20 if current % 100 in (60, 80) else 10
    return value < room and current % room == 0 and value > 0


def _may_scale(text: str, words: list[re.Match[str]], first: int, at: int, language: str) -> bool:
    word = words[at].group().lower()
    if at > first:
        return word not in ("m", "b", "k")
    before = text[max(0, words[at].start() - 2) : words[at].start()]
    is_behind_digits = before.strip()[-1:].isdigit() or before.strip()[-1:] in ("½", ".", ",")
    if is_behind_digits or word in _ONLY_BEHIND:
        return False
    if language == "en":
        return word in _ALONE and at > 0 and words[at - 1].group().lower() in ("per", "few")
    return word in ("hundert", "tausend", "cent", "mille", "mil")


def _half(words: list[re.Match[str]], at: int, last: int, first: int, language: str) -> int:
    """Return how many words from `at` say "and a half" behind a number."""
    if language != "en" or last < first or at != last + 1:
        return 0
    said = [match.group().lower() for match in words[at : at + 3]]
    return 3 if said == ["and", "a", "half"] else 0
