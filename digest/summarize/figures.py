"""Find the dates and numbers of a text, each with its value, however they are written."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan januar janvier enero gennaio janeiro",
            "february feb februar février febrero febbraio fevereiro",
            "march mar märz mars marzo março",
            "april apr avril abril aprile",
            "may mai mayo maggio maio",
            "june jun juni juin junio giugno junho",
            "july jul juli juillet julio luglio julho",
            "august aug août agosto",
            "september sept sep septembre septiembre settembre setembro",
            "october oct oktober octobre octubre ottobre outubro",
            "november nov novembre noviembre novembro",
            "december dec dezember décembre diciembre dicembre dezembro",
        ),
        start=1,
    )
    for name in names.split()
}
_WEEKDAYS = {
    name: number
    for number, names in enumerate(
        (
            "monday montag lundi lunes lunedì",
            "tuesday dienstag mardi martes martedì",
            "wednesday mittwoch mercredi miércoles mercoledì",
            "thursday donnerstag jeudi jueves giovedì",
            "friday freitag vendredi viernes venerdì",
            "saturday samstag sonnabend samedi sábado sabato",
            "sunday sonntag dimanche domingo domenica",
        )
    )
    for name in names.split()
}
_ONES = {
    name: number
    for number, names in enumerate(
        (
            "zero null zéro cero",
            "",
            "two zwei deux dos",
            "three drei trois tres",
            "four vier quatre cuatro",
            "five fünf cinq cinco",
            "six sechs seis",
            "seven sieben sept siete",
            "eight acht huit ocho",
            "nine neun neuf nueve",
            "ten zehn dix diez",
            "eleven elf onze once",
            "twelve zwölf douze doce",
            "thirteen dreizehn treize trece",
            "fourteen vierzehn quatorze catorce",
            "fifteen fünfzehn quinze quince",
            "sixteen sechzehn seize",
            "seventeen siebzehn",
            "eighteen achtzehn",
            "nineteen neunzehn",
            "twenty zwanzig vingt veinte",
        )
    )
    for name in names.split()
} | {
    "thirty": 30,
    "forty": 40,
    "fifty": 50,
    "sixty": 60,
    "seventy": 70,
    "eighty": 80,
    "ninety": 90,
    "dozen": 12,
}
_SCALES = {
    "hundred": 1e2, "thousand": 1e3, "k": 1e3, "tausend": 1e3, "mille": 1e3, "mil": 1e3, "lakh": 1e5, "lakhs": 1e5,
    "million": 1e6, "millions": 1e6, "m": 1e6, "mn": 1e6, "millionen": 1e6, "mio": 1e6, "millones": 1e6,
    "crore": 1e7, "crores": 1e7, "billion": 1e9, "billions": 1e9, "bn": 1e9, "milliarden": 1e9, "mrd": 1e9,
    "milliard": 1e9, "milliards": 1e9, "trillion": 1e12,
}  # fmt: skip
_COMMA_IS_DECIMAL = ("de", "fr", "es", "it", "pt", "nl", "ru", "pl", "sv", "tr")

_MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))
_DATE = re.compile(
    rf"\b(?P<iso>\d{{4}}-\d\d-\d\d)\b"
    rf"|\b(?P<d1>\d{{1,2}})(?:st|nd|rd|th|er|\.)? (?:of |de )?(?P<m1>{_MONTH})\b(?:\.?(?:,| de)? (?P<y1>\d{{4}})\b)?"
    rf"|\b(?P<m2>{_MONTH})\b\.? (?P<d2>\d{{1,2}})(?:st|nd|rd|th)?\b(?:,? (?P<y2>\d{{4}})\b)?"
    rf"|\b(?P<weekday>{'|'.join(_WEEKDAYS)})\b",
    re.IGNORECASE,
)
_NUMBER = re.compile(
    rf"(?<![\w.,])(?P<digits>\d+(?:[.,\u00a0\u202f' ]\d{{3}})*(?:[.,]\d+)?|(?:{'|'.join(_ONES)}|hundred)\b)"
    rf"(?P<half> ?½| 1/2)?(?:[ \u00a0-]?(?P<scale>{'|'.join(sorted(_SCALES, key=len, reverse=True))})\b)?",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A date or number in a text: `text[start:end]`, and its value.

    A date's value is (weekday or None, year or None, month or None, day or None), a number's a float.
    """

    start: int
    end: int
    value: float | tuple[int | None, int | None, int | None, int | None]

    @property
    def is_date(self) -> bool:
        """Say whether it is a date."""
        return isinstance(self.value, tuple)


def find_figures(text: str, *, language: str = "en") -> list[Figure]:
    """Return the dates and numbers of a text, in order."""
    dates = list(_dates(text))
    taken = [(figure.start, figure.end) for figure in dates]
    numbers = [
        figure
        for figure in _numbers(text, language)
        if not any(start < figure.end and figure.start < end for start, end in taken)
    ]
    return sorted([*dates, *numbers], key=lambda figure: figure.start)


def _dates(text: str) -> Iterator[Figure]:
    for match in _DATE.finditer(text):
        weekday = match["weekday"]
        # "may" and "march" are words too; as months they stand by a day, which the pattern asks for.
        if weekday:
            yield Figure(
                start=match.start(), end=match.end(), value=(_WEEKDAYS[weekday.lower()], None, None, None)
            )
            continue
        if match["iso"]:
            year, month, day = (int(part) for part in match["iso"].split("-"))
        else:
            month = _MONTHS[(match["m1"] or match["m2"]).lower()]
            day = int(match["d1"] or match["d2"])
            year = int(match["y1"] or match["y2"] or 0)
        yield Figure(start=match.start(), end=match.end(), value=(None, year or None, month, day))


def _numbers(text: str, language: str) -> Iterator[Figure]:
    for match in _NUMBER.finditer(text):
        value = _value(match["digits"].lower(), language)
        if value is None:
            continue
        value += 0.5 if match["half"] else 0.0
        value *= _SCALES[match["scale"].lower()] if match["scale"] else 1.0
        yield Figure(start=match.start(), end=match.end(), value=value)


def _value(digits: str, language: str) -> float | None:
    if digits == "hundred":
        return 100.0
    if digits in _ONES:
        return float(_ONES[digits])
    plain = re.sub(r"[\u00a0\u202f' ]", "", digits)
    comma, point = (",", ".") if language.startswith(_COMMA_IS_DECIMAL) else (".", ",")
    whole, mark, rest = plain.rpartition(comma)
    is_fraction = bool(mark) and comma not in whole
    if not is_fraction:
        whole, rest = plain, ""
    whole = whole.replace(point, "").replace(comma, "")
    try:
        return float(f"{whole}.{rest or 0}")
    except ValueError:
        return None
