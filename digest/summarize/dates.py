"""Find the dates of a text: by number, by name of month or weekday, and as told from the day of printing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from digest.summarize.numerals import read_numerals


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A date as a text tells it, `text[start:end]`.

    `parts` are (weekday or None, year or None, month or None, day or None). `swapped` is true where day and
    month may stand the other way round; `way` is 1 for next Monday and -1 for last Monday. `ago` is the distance
    in days from the day of printing ("yesterday": -1).
    """

    start: int
    end: int
    parts: tuple[int | None, int | None, int | None, int | None] = (None, None, None, None)
    swapped: bool = False
    way: int = 0
    ago: int | None = None


_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan januar jänner janvier enero gennaio janeiro januari",
            "february feb februar février febrero febbraio fevereiro februari",
            "march mar märz mars marzo março maart",
            "april apr avril abril aprile",
            "may mai mayo maggio maio mei",
            "june jun juni juin junio giugno junho",
            "july jul juli juillet julio luglio julho",
            "august aug août agosto augustus",
            "september sept sep septembre septiembre settembre setembro",
            "october oct okt oktober octobre octubre ottobre outubro",
            "november nov novembre noviembre novembro",
            "december dec dez dezember décembre diciembre dicembre dezembro",
        ),
        start=1,
    )
    for name in names.split()
}
_WEEKDAYS = {
    name: number
    for number, names in enumerate(
        (
            "monday montag lundi lunes lunedì maandag",
            "tuesday dienstag mardi martes martedì dinsdag",
            "wednesday mittwoch mercredi miércoles mercoledì woensdag",
            "thursday donnerstag jeudi jueves giovedì donderdag",
            "friday freitag vendredi viernes venerdì vrijdag",
            "saturday samstag sonnabend samedi sábado sabato zaterdag",
            "sunday sonntag dimanche domingo domenica zondag",
        )
    )
    for name in names.split()
}
_AGO = {
    "en": {"today": 0, "tonight": 0, "yesterday": -1, "tomorrow": 1},
    "de": {"heute": 0, "gestern": -1, "vorgestern": -2, "übermorgen": 2},
    "fr": {"aujourd'hui": 0, "aujourd’hui": 0, "hier": -1, "avant-hier": -2, "demain": 1},
    "es": {"hoy": 0, "ayer": -1, "anteayer": -2},
    "it": {"oggi": 0, "ieri": -1, "domani": 1},
    "pt": {"hoje": 0, "ontem": -1, "amanhã": 1},
    "nl": {"vandaag": 0, "gisteren": -1, "morgen": 1},
}
_DAYS_AGO = re.compile(
    r"(?<![\w-])(?P<a>[\w-]{1,20}) days? (?:ago|earlier)\b|\bvor (?P<b>[\w-]{1,20}) Tag(?:en)?\b"
    r"|\bil y a (?P<c>[\w-]{1,20}) jours?\b|\bhace (?P<d>[\w-]{1,20}) días?\b",
    re.IGNORECASE,
)
_MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))
_NEXT = frozenset(["next", "coming", "nächsten", "kommenden", "próximo", "prossimo"])
_LAST = frozenset(["last", "past", "letzten", "vergangenen", "pasado", "passado", "scorso"])
_DAY_WORDS = {"primero": 1, "premier": 1}
_DATE = re.compile(
    rf"\b(?P<iso>\d{{4}}-\d\d-\d\d)\b"
    rf"|(?<![\d.,/])(?P<n1>\d{{1,2}})(?P<mark>[./])(?P<n2>\d{{1,2}})(?P=mark)(?P<y3>\d{{4}}|\d\d)(?![\d/])"
    rf"|\b(?P<d1>\d{{1,2}})(?:st|nd|rd|th|er|º|\.)? (?:of |de )?(?P<m1>{_MONTH})\b"
    rf"(?:\.?(?:,| de(?:l)?)? (?P<y1>\d{{4}})\b)?"
    rf"|\b(?P<m2>{_MONTH})\b\.? (?P<d2>\d{{1,2}})(?:st|nd|rd|th)?\b(?![:.,]?\d)(?:,? (?P<y2>\d{{4}})\b)?"
    rf"|\b(?P<w1>[a-zéè]+) de (?P<m5>{_MONTH})\b(?: de(?:l)? (?P<y5>\d{{4}})\b)?"
    rf"|\b(?P<m3>{_MONTH})\b\.?(?:,| de(?:l)?)? (?P<y4>\d{{4}})\b"
    rf"|(?P<before>\b(?:in|by|since|until|till|last|next|this|late|early|mid|during|of|from|im|seit|bis|ende|anfang|mitte|ab|vom"
    rf"|en|fin|début|depuis|dès|de|desde|hasta|del|a fine|a|di)[ -])(?P<m4>{_MONTH})\b(?!['’])"
    rf"(?:(?:,| de(?:l)?)? (?P<y6>\d{{4}})\b)?"
    rf"|\b(?P<weekday>{'|'.join(_WEEKDAYS)})s?\b",
    re.IGNORECASE,
)
_SMALL_TOO = ("en", "de", "nl")
"""Languages that write months with a capital: "may" and "march" in small letters are other words."""


def find_dates(text: str, *, language: str = "en") -> list[Told]:
    """Return the dates of a text, in order."""
    found = [*_absolute(text, language), *_relative(text, language)]
    return sorted(found, key=lambda told: told.start)


@lru_cache(maxsize=4096)
def days_of(told: Told, printed: date | None) -> frozenset[date]:
    """Return the days that a date may be, for a text printed that day; none where that cannot be known."""
    weekday, year, month, day = told.parts
    if told.ago is not None:
        return frozenset([printed + timedelta(days=told.ago)]) if printed else frozenset()
    if weekday is not None:
        if printed is None:
            return frozenset()
        past = printed - timedelta(days=(printed.weekday() - weekday) % 7)
        coming = past + timedelta(days=7)
        return frozenset([coming] if told.way > 0 else [past] if told.way < 0 else [past, coming])
    if month is None or day is None:
        return frozenset()
    years = [year] if year else [printed.year - 1, printed.year, printed.year + 1] if printed else []
    pairs = [(month, day), (day, month)] if told.swapped else [(month, day)]
    return frozenset(made for one in years for m, d in pairs if (made := _make(one, m, d)) is not None)


def _make(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _absolute(text: str, language: str) -> Iterator[Told]:
    for match in _DATE.finditer(text):
        start, end = match.span()
        if match["weekday"]:
            if not _is_plain_weekday(match["weekday"], language):
                continue
            parts = (_WEEKDAYS[match["weekday"].lower()], None, None, None)
            yield Told(start=start, end=end, parts=parts, way=_way(text[max(0, start - 12) : start]))
        elif match["iso"]:
            iso = [int(part) for part in match["iso"].split("-")]
            yield Told(start=start, end=end, parts=(None, iso[0], iso[1], iso[2]))
        elif match["n1"]:
            told = _numeric(match)
            if told is not None:
                yield told
        elif match["w1"]:
            value = _day_in_words(match["w1"], language)
            if value:
                year = int(match["y5"] or 0) or None
                yield Told(start=start, end=end, parts=(None, year, _MONTHS[match["m5"].lower()], value))
        else:
            month_name = match["m1"] or match["m2"] or match["m3"] or match["m4"]
            if match["m4"] and language in _SMALL_TOO and not month_name[0].isupper():
                continue
            number = int(match["d1"] or match["d2"] or 0) or None
            year_said = int(match["y1"] or match["y2"] or match["y4"] or match["y6"] or 0) or None
            first = match.start("m4") if match["m4"] else start
            yield Told(start=first, end=end, parts=(None, year_said, _MONTHS[month_name.lower()], number))


def _is_plain_weekday(word: str, language: str) -> bool:
    return word[0].isupper() or language not in _SMALL_TOO


def _way(before: str) -> int:
    words = before.lower().split()
    return 1 if words[-1:] and words[-1] in _NEXT else -1 if words[-1:] and words[-1] in _LAST else 0


def _numeric(match: re.Match[str]) -> Told | None:
    first, second = int(match["n1"]), int(match["n2"])
    year = int(match["y3"])
    year += 2000 if year < 100 else 0
    if not (0 < first <= 31 and 0 < second <= 31) or min(first, second) > 12:
        return None
    day, month = (first, second) if second <= 12 else (second, first)
    is_open = match["mark"] == "/" and first <= 12 and second <= 12
    return Told(start=match.start(), end=match.end(), parts=(None, year, month, day), swapped=is_open)


def _day_in_words(word: str, language: str) -> int | None:
    if word.lower() in _DAY_WORDS:
        return _DAY_WORDS[word.lower()]
    numerals = read_numerals(word, language=language)
    return int(numerals[0].value) if numerals and numerals[0].end == len(word) else None


def _relative(text: str, language: str) -> Iterator[Told]:
    words = _AGO.get(language, {})
    if words:
        pattern = rf"(?<![\w-])(?:{'|'.join(map(re.escape, words))})(?![\w-])"
        for match in re.finditer(pattern, text, re.IGNORECASE):
            yield Told(start=match.start(), end=match.end(), ago=words[match.group().lower()])
    for match in _DAYS_AGO.finditer(text):
        said = next(group for group in match.groups() if group)
        numerals = read_numerals(said, language=language)
        days = int(said) if said.isdecimal() else int(numerals[0].value) if numerals else 0
        if 0 < days < 1000:
            yield Told(start=match.start(), end=match.end(), ago=-days)
