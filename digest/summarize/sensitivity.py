"""Mark what an editor should look at before it is sent: a dropped "alleged", a minor's name, a death."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from digest.model import Story


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


_HEDGE = re.compile(
    r"\b(?:alleged(?:ly)?|allegations?|accus(?:ed|es|ations?)|suspect(?:ed|s)?|claim(?:s|ed)?|reportedly|charged with"
    r"|denie[sd]|said to have|mutmaßlich\w*|angeblich\w*|soll(?:en)? .{0,60}haben|verdächtig\w*|présumée?s?|aurait"
    r"|soupçonnée?s?|accusée?s?|presunt[oa]s?|supuest[oa]s?|habría|acusad[oa]s?)\b",
    re.IGNORECASE,
)
_CRIME = re.compile(
    r"\b(?:murder\w*|kill(?:ed|er|ing)?|rap(?:e|ed|ist)|assault\w*|abus(?:e|ed|er|ing)|stol(?:e|en)|steal\w*|theft|fraud"
    r"|forg(?:ed|ery|er)|brib\w*|launder\w*|traffick\w*|stabb\w*|shot|robb\w*|cheat\w*|embezzl\w*|attack(?:ed|er)"
    r"|sold|hacked|leaked|lied|Mord|ermordet\w*|Betrug|betrogen|gestohlen|Bestechung|meurtre|viol|volé\w*|fraude"
    r"|asesinat\w*|robó|robad[oa]s?|estafa)\b",
    re.IGNORECASE,
)
_BROAD = re.compile(r"(?:kill|shot|sold|attack|ermordet|Mord)", re.IGNORECASE)
_ATTRIBUTION = re.compile(
    r"\b(?:sa(?:id|ys?)|told|according to|testified|argued|stated|wrote|prosecutors?|investigators?|police|court"
    r"|lawsuit|indictment|sagten?|sagt|erklärten?|laut|zufolge|teilten?|Staatsanwaltschaft|Polizei|selon|déclaré|affirmé|dit|parquet"
    r"|dijo|dijeron|según|afirmó|fiscalía|policía)\b",
    re.IGNORECASE,
)
_MINOR = re.compile(
    r"\b(?:(?:aged?|im Alter von|âgée? de|de) (?P<age1>\d{1,2})\b|(?P<age2>\d{1,2})[- ](?:year|jährig|ans|años)"
    r"|(?P<word>schoolboy|schoolgirl|toddler|teenager|baby|infant|pupil|Schüler(?:in)?|écolière?|colegial[ae]?))",
    re.IGNORECASE,
)
_APPOSED_AGE = re.compile(r"(?P<name>[A-ZÀ-Þ][\w'’-]+(?: [A-ZÀ-Þ][\w'’-]+)*), (?P<age>\d{1,2})(?=[,.;)]|$)")
_NAME = re.compile(r"[A-ZÀ-Þ][a-zß-ÿ'’-]+ [A-ZÀ-Þ][\w'’-]+")
_DEATH = re.compile(
    r"\b(?:die[sd]|dead|deaths?|kill(?:s|ed)|murder\w*|suicide|drown(?:ed|s)|funeral|obituary|fatal(?:ly)?|corpse"
    r"|gestorben|getötet|tot|Tod|starb|Leiche|morte?s?|décès|décédée?s?|tuée?s?|murió|muert[oae]s?|fallec\w+)\b",
    re.IGNORECASE,
)
_SENTENCES = re.compile(r"(?<=[.!?])[\"'”’»]*\s+")
GROWN_UP = 18


def find_concerns(text: str, story: Story) -> list[Concern]:
    """Return what an editor should look at in a text that tells of the story."""
    concerns = []
    crime = _CRIME.search(text)
    if crime and not _HEDGE.search(text) and _hedges_near(crime.group(), story):
        message = f"The story hedges what it says of “{crime.group()}”; this text does not."
        concerns.append(Concern(kind=Sensitive.HEDGE_DROPPED, text=crime.group(), message=message))
    elif crime and (told := _unattributed(text, story)):
        message = f"The story says who tells of “{told}”; this text does not."
        concerns.append(Concern(kind=Sensitive.HEDGE_DROPPED, text=told, message=message))
    minor = _minor(text)
    if minor:
        message = f"“{minor}” may be under age. Check that the name may be printed."
        concerns.append(Concern(kind=Sensitive.MINOR_NAMED, text=minor, message=message))
    death = _DEATH.search(text)
    if death:
        message = "It tells of a death. Check its tone, its picture and its neighbours."
        concerns.append(Concern(kind=Sensitive.DEATH, text=death.group(), message=message))
    return concerns


def _hedges_near(crime: str, story: Story) -> bool:
    """Say whether the story hedges in a sentence with the same word."""
    stem = re.escape(crime[:5])
    return any(
        re.search(rf"\b{stem}", part, re.IGNORECASE) and _HEDGE.search(part)
        for part in _SENTENCES.split(f"{story.title}. {story.text}")
    )


def _unattributed(text: str, story: Story) -> str:
    """Return an accusation that the story tells as somebody's word alone, and the text as a fact; else nothing."""
    told = _SENTENCES.split(f"{story.title}. {story.text}")
    for sentence in _SENTENCES.split(text):
        crime = _CRIME.search(sentence)
        if (
            not crime
            or _BROAD.match(crime.group())
            or _HEDGE.search(sentence)
            or _ATTRIBUTION.search(sentence)
        ):
            continue
        stem = re.compile(rf"\b{re.escape(crime.group()[:5])}", re.IGNORECASE)
        sources = [part for part in told if stem.search(part)]
        if sources and all(_ATTRIBUTION.search(part) or _HEDGE.search(part) for part in sources):
            return crime.group()
    return ""


def _minor(text: str) -> str:
    """Return the name that stands in a sentence with an age under eighteen, or an empty string."""
    for sentence in _SENTENCES.split(text):
        apposed = _APPOSED_AGE.search(sentence)
        if apposed and int(apposed["age"]) < GROWN_UP:
            return apposed["name"]
        match = _MINOR.search(sentence)
        name = _NAME.search(sentence)
        if match and name and (match["word"] or int(match["age1"] or match["age2"]) < GROWN_UP):
            return name.group()
    return ""
