"""Find the dates and numbers of a text, each with its value and unit, however they are written."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from digest.summarize.dates import Told, find_dates
from digest.summarize.languages import short_tag
from digest.summarize.numerals import SCALES, read_numerals

DateParts = tuple[int | None, int | None, int | None, int | None]

_COMMA_IS_DECIMAL = frozenset(
    [
        "de",
        "fr",
        "es",
        "it",
        "pt",
        "nl",
        "ru",
        "pl",
        "sv",
        "tr",
        "da",
        "nb",
        "no",
        "fi",
        "cs",
        "hu",
        "uk",
        "ro",
        "el",
        "id",
    ]
)
_SCALE = "|".join(sorted((name for name in SCALES if name not in ("cent", "b")), key=len, reverse=True))
_DIGITS = re.compile(
    rf"(?<![\w.,:/])(?P<digits>\d{{1,3}}(?:[\u00a0\u202f' ]\d{{3}})+(?!\d)(?:[.,]\d+)?"
    rf"|\d+(?:[.,]\d{{3}}(?!\d))*(?:[.,]\d+)?)"
    rf"(?P<half> ?½| 1/2)?(?:(?P<gap>[ \u00a0-]?)(?P<scale>{_SCALE})\b(?!['’.]\w))?",
    re.IGNORECASE,
)
_TIME = re.compile(
    r"(?<![\w.,:])(?P<h>\d{1,2})(?:(?P<mark>[:.h])(?P<m>\d\d))?"
    r"(?: ?(?P<half>[ap])\.? ?m\b\.?| ?(?P<clock>Uhr|ET|GMT|CET)\b)"
    r"|(?<![\w.,:])(?P<h2>\d{1,2})[:h](?P<m2>\d\d)(?![\d:])",
    re.IGNORECASE,
)
_ORDINAL = re.compile(r"(?<![\w.,])(?P<value>\d{1,3})(?:st|nd|rd|th|ème|eme|er|e|º|ª)(?!\w)", re.IGNORECASE)
_ORDINALS = {
    name: number
    for number, names in enumerate(
        (
            "third dritte dritten dritter drittes troisième tercer tercero tercera terzo terza terceiro terceira derde",
            "fourth vierte vierten vierter viertes quatrième cuarto cuarta quarto quarta vierde",
            "fifth fünfte fünften fünfter fünftes cinquième quinto quinta vijfde",
            "sixth sechste sechsten sechster sixième sexto sexta sesto sesta zesde",
            "seventh siebte siebten siebter septième séptimo séptima settimo zevende",
            "eighth achte achten achter huitième octavo octava ottavo achtste",
            "ninth neunte neunten neunter neuvième noveno novena nono negende",
            "tenth zehnte zehnten zehnter dixième décimo décima decimo tiende",
            "eleventh elfte elften onzième undécimo",
            "twelfth zwölfte zwölften douzième duodécimo",
        ),
        start=3,
    )
    for name in names.split()
}
_PARTS = {
    "half": 2,
    "halves": 2,
    "third": 3,
    "thirds": 3,
    "quarter": 4,
    "quarters": 4,
    "fifth": 5,
    "fifths": 5,
}
_FRACTION = re.compile(
    r"\b(?P<count>one|two|three|four|a|\d)[ -](?P<part>halves|thirds?|quarters?|fifths?)\b(?P<of> of\b)?",
    re.IGNORECASE,
)
_COUNTS = {"a": 1, "one": 1, "two": 2, "three": 3, "four": 4}
_HALF_A = re.compile(r"\bhalf an? (?P<scale>million|billion|dozen|century|decade|trillion)\b", re.IGNORECASE)
_ONE_IN = re.compile(r"\bone (?:in|out of)(?: every)? (?P<parts>\d+|[a-z]{3,8})\b", re.IGNORECASE)
_TIMES = re.compile(
    r"\b(?:(?P<two>doubled|twice|twofold)|(?P<three>tripled|trebled|threefold)|(?P<four>quadrupled|fourfold))\b",
    re.IGNORECASE,
)
_VAGUE = {
    "dozens": 12, "hundreds": 100, "thousands": 1e3, "millions": 1e6, "billions": 1e9, "dutzende": 12, "hunderte": 100,
    "tausende": 1e3, "centaines": 100, "milliers": 1e3, "dizaines": 10, "decenas": 10, "cientos": 100,
    "centenares": 100,
}  # fmt: skip
_VAGUE_WORD = re.compile(rf"(?<![\w-])(?:{'|'.join(_VAGUE)})(?![\w-])", re.IGNORECASE)
_BEFORE = re.compile(r"(?P<sign>US\$|C\$|A\$|[$€£¥₹])\s?$")
_BEHIND = re.compile(
    r"[\s\u00a0\u202f-]*(?:d[e'’] ?)?"
    r"(?:(?P<point>percentage points?|Prozentpunkte?n?|points? de pourcentage|puntos? porcentuales?)"
    r"|(?P<share>%|per ?cent\b|Prozent\b|pour cent\b|por ciento\b|pct\b)"
    r"|(?P<dollar>\$|(?:US )?dollars?\b|Dollar\b|dólares?\b|USD\b)"
    r"|(?P<euro>€|euros?\b|EUR\b)|(?P<pound>£|pounds?\b|Pfund\b"
    r"|livres?\b|libras?\b)|(?P<crown>crowns?\b|Kronen\b|couronnes?\b|coronas?\b)"
    r"|(?P<age>(?:year|jährig|años de edad)[\w-]*(?:[- ]olds?)?\b))",
    re.IGNORECASE,
)
_UNITS = {"point": "points", "share": "%", "dollar": "$", "euro": "€", "pound": "£", "crown": "crowns"}
_SIGNS = {"US$": "$", "C$": "$", "A$": "$"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A date or number in a text: `text[start:end]`, and its value.

    A date's value is (weekday or None, year or None, month or None, day or None), a number's a float. `unit` is
    a currency's sign, "%", "points" (of percentage), "age", "ordinal", "fraction", "times", "vague" (hundreds: 100) or
    "time" (minutes of the day; `is_open` where it may be morning or evening), or empty.
    """

    start: int
    end: int
    value: float | DateParts
    unit: str = ""
    is_open: bool = False
    told: Told | None = None

    @property
    def is_date(self) -> bool:
        """Say whether it is a date."""
        return isinstance(self.value, tuple)


def find_figures(text: str, *, language: str = "en") -> list[Figure]:
    """Return the dates and numbers of a text, in order; no two overlap."""
    tag = short_tag(language)
    found: list[Figure] = []
    taken = bytearray(len(text))
    for source in (_dates, _times, _fractions, _ordinals, _vague, _digits, _words):
        for figure in source(text, tag):
            if not any(taken[figure.start : figure.end]):
                taken[figure.start : figure.end] = b"\1" * (figure.end - figure.start)
                found.append(figure)
    return sorted(found, key=lambda figure: figure.start)


def _dates(text: str, language: str) -> Iterator[Figure]:
    for told in find_dates(text, language=language):
        yield Figure(start=told.start, end=told.end, value=told.parts, told=told)


def _times(text: str, language: str) -> Iterator[Figure]:
    for match in _TIME.finditer(text):
        hour, minute = int(match["h"] or match["h2"]), int(match["m"] or match["m2"] or 0)
        if hour > 24 or minute > 59:
            continue
        half = (match["half"] or "").lower()
        if half:
            hour = hour % 12 + (12 if half == "p" else 0)
        end = match.end() if not half else match.end("m") if match["m"] else match.end("h")
        is_open = not half and hour <= 12
        yield Figure(
            start=match.start(), end=end, value=float(hour * 60 + minute), unit="time", is_open=is_open
        )


def _fractions(text: str, language: str) -> Iterator[Figure]:
    if language != "en":
        return
    for match in _FRACTION.finditer(text):
        count = match["count"].lower()
        top = int(count) if count.isdecimal() else _COUNTS[count]
        if top == 1 and not match["of"]:
            continue
        end = match.end("part")
        yield Figure(start=match.start(), end=end, value=top / _PARTS[match["part"].lower()], unit="fraction")
    for match in _ONE_IN.finditer(text):
        parts = read_numerals(match["parts"], language="en")
        whole = float(match["parts"]) if match["parts"].isdecimal() else parts[0].value if parts else 0.0
        if whole > 1:
            yield Figure(start=match.start(), end=match.end(), value=1 / whole, unit="fraction")
    for match in _HALF_A.finditer(text):
        yield Figure(start=match.start(), end=match.end(), value=SCALES[match["scale"].lower()] / 2)
    for match in _TIMES.finditer(text):
        value = 2.0 if match["two"] else 3.0 if match["three"] else 4.0
        yield Figure(start=match.start(), end=match.end(), value=value, unit="times")


def _ordinals(text: str, language: str) -> Iterator[Figure]:
    for match in _ORDINAL.finditer(text):
        yield Figure(start=match.start(), end=match.end("value"), value=float(match["value"]), unit="ordinal")
    for match in re.finditer(r"[^\W\d_]{5,}", text):
        value = _ORDINALS.get(match.group().lower())
        if value:
            yield Figure(start=match.start(), end=match.end(), value=float(value), unit="ordinal")


def _vague(text: str, language: str) -> Iterator[Figure]:
    for match in _VAGUE_WORD.finditer(text):
        if text[max(0, match.start() - 3) : match.start()].strip()[-1:].isnumeric():
            continue
        yield Figure(
            start=match.start(), end=match.end(), value=float(_VAGUE[match.group().lower()]), unit="vague"
        )


def _digits(text: str, language: str) -> Iterator[Figure]:
    for match in _DIGITS.finditer(text):
        value = _value(match["digits"], language)
        value += 0.5 if match["half"] else 0.0
        end = match.end()
        if match["scale"]:
            value *= SCALES[match["scale"].lower()]
        yield Figure(start=match.start(), end=end, value=value, unit=_unit(text, match.start(), end))


def _words(text: str, language: str) -> Iterator[Figure]:
    for numeral in read_numerals(text, language=language):
        is_share = text[max(0, numeral.start - 5) : numeral.start].lower().endswith(("pour ", "por "))
        if not (numeral.is_one or is_share):
            unit = _unit(text, numeral.start, numeral.end)
            yield Figure(start=numeral.start, end=numeral.end, value=numeral.value, unit=unit)


def _unit(text: str, start: int, end: int) -> str:
    sign = _BEFORE.search(text, max(0, start - 4), start)
    if sign:
        return _SIGNS.get(sign["sign"], sign["sign"])
    behind = _BEHIND.match(text, end)
    if behind and behind.lastgroup == "age":
        is_age = "old" in behind.group().lower() or behind.group().lower().lstrip("- ").startswith(
            ("jährig", "años")
        )
        return "age" if is_age else ""
    if behind and behind.lastgroup:
        return _UNITS[behind.lastgroup]
    is_apposed = text[max(0, start - 2) : start] == ", " and text[end : end + 1] in (",", ".", ")")
    return "age" if is_apposed and text[start:end].isdecimal() and end - start <= 2 else ""


def _value(digits: str, language: str) -> float:
    plain = re.sub(r"[\u00a0\u202f' ]", "", digits)
    comma, point = (",", ".") if language in _COMMA_IS_DECIMAL else (".", ",")
    whole, mark, rest = plain.rpartition(comma)
    if mark and comma not in whole and point not in rest:
        return float(f"{whole.replace(point, '') or 0}.{rest or 0}")
    # The other mark before other than three digits is a decimal one all the same: "4.3" in a German text.
    whole, mark, rest = plain.rpartition(point)
    if mark and len(rest) != 3 and point not in whole:
        return float(f"{whole.replace(comma, '') or 0}.{rest or 0}")
    return float(plain.replace(point, "").replace(comma, ""))
