"""Find the name of somebody under age: a name beside an age below eighteen, or beside a word such as pupil."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from digest.model import Story

GROWN_UP = 18
_WORD = r"(?<![\w'’-])[A-ZÀ-ÖØ-Þ][\w'’-]{0,24}[a-zß-ÿ][\w'’-]{0,24}"
_FULL_NAME = rf"{_WORD}(?: (?:(?:de|del|van|von|der|la|le|al) ){{0,2}}{_WORD}){{1,3}}"
_SENTENCES = re.compile(r"(?<=[.!?])[\"'”’»]*\s+")
_APPOSED = r", (?P<age>\d{1,2})(?=[.,;)]|$)"
_APPOSED_TO_FIRST_NAME = r", (?P<age>\d{1,2})(?=, [a-zß-ÿ]{2})"
_AGE_AFTER = re.compile(r",? \(?(?:aged? |de |âgée? de )?(\d{1,3})\b")
_DATES = frozenset(
    """monday tuesday wednesday thursday friday saturday sunday january february march april may june july august
    september october november december montag dienstag mittwoch donnerstag freitag samstag sonntag januar februar märz
    mai juni juli oktober dezember lundi mardi mercredi jeudi vendredi samedi dimanche janvier février mars avril juin
    juillet août septembre octobre novembre décembre lunes martes miércoles jueves viernes sábado domingo enero febrero
    marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre chapter section article room page act no
    the der die das le la les el los las on in at im am on en""".split()  # noqa: SIM905
)


def find_minor(text: str, story: Story, table: Mapping[str, str]) -> str:
    """Return the name of somebody under age that a text gives, or an empty string."""
    for sentence in _SENTENCES.split(text):
        for pattern, is_young in _patterns(
            table["age_before"], table["age_behind"], table["young"], table["people"], table["former"]
        ):
            for match in pattern.finditer(sentence):
                name = _bare_name(match["name"], story, table)
                age = _age(match) if not is_young else _age_behind(sentence, match)
                if name and age < GROWN_UP:
                    return name
    return ""


def _age(match: re.Match[str]) -> int:
    return next(
        (int(value) for key, value in match.groupdict().items() if key.startswith("age") and value), 99
    )


def _age_behind(sentence: str, match: re.Match[str]) -> int:
    """Return the age that follows a name; where none does, the word before it decides."""
    told = _AGE_AFTER.match(sentence, match.end())
    return int(told[1]) if told else 0


def _bare_name(name: str, story: Story, table: Mapping[str, str]) -> str:
    """Return a name without the word before it that only has a capital because it starts the sentence."""
    words = name.split()
    young = re.compile(table["young"], re.IGNORECASE)
    while words:
        first = words[0].casefold().removeprefix("l'").removeprefix("l’")
        is_common = len(words) > 1 and re.search(rf"(?<!\w){re.escape(first)}(?!\w)", story.text) is not None
        if not (first in _DATES or young.fullmatch(first) or is_common):
            break
        words.pop(0)
    return " ".join(words)


@cache
def _patterns(
    before: str, behind: str, young: str, people: str, former: str
) -> tuple[tuple[re.Pattern[str], bool], ...]:
    name = f"(?P<name>{_FULL_NAME})"
    excluded = "".join(f"(?i:(?<!{word}))" for word in former.split("|"))
    word = rf"(?<![\w-]){excluded}(?i:{young})"
    return (
        (re.compile(rf"{name}{_APPOSED}"), False),
        (re.compile(rf"(?P<name>{_WORD}){_APPOSED_TO_FIRST_NAME}"), False),
        (re.compile(rf"(?<![\w.,-]){before}{people}{name}"), False),
        (re.compile(rf"{name}(?:{behind})"), False),
        (re.compile(rf"{word},? {name}"), True),
        (re.compile(rf"{name}, (?:an?|the|eine?|une?|una) (?:[a-zß-ÿ]+ )?(?i:{young})(?!\w)"), True),
    )
