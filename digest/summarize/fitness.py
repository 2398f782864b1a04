"""Say whether a sentence can stand in a blurb, and what it needs beside it.

A sentence has a *fault* when it is no news by itself: a caption, a plug, a heading, half a sentence, one with
unbalanced quotation marks. It *leans* when it points at something said before it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import IntEnum

from digest.summarize.languages import Rules
from digest.summarize.quotes import is_balanced, paired_spans

_FINISHED = re.compile(r"(?:[.!?…؟۔‼⁉。！？｡।॥]|[.!]\?)(?:[ \u00a0\u202f]?[»\"”’'“)\]」』）】›«]+)*$")
_QUESTION = re.compile(r"[^\W_][)’']?[ \u00a0\u202f]?[?？؟]$")
_OPENING = frozenset("\"“„«‘'")
_ATTRIBUTED = re.compile(r"\b(?:said|says|told|added|tweeted|wrote|sagte|sagt|dit|dijo)\b")
_PLUG_START = re.compile(
    r"(?:also read|read (?:more|also|the|our|next|on|full|this)|see also|watch(?: the)?(?: video)?\b ?[:-]|click\b"
    r"|subscribe|sign up|follow (?:us|the|our|live|all)|download|listen to|join (?:us|our)|share this|related"
    r"|get (?:the|our|all|more)\b.{0,40}(?:newsletter|app|inbox)|advertisement|copyright|©|all rights reserved"
    r"|(?:file )?photos?\b ?[:(]|image(?: credits?)?\b ?[:(]|credits?\b ?[:(]|source\b ?:|video\b ?:|pictured\b"
    r"|more (?:on|from) |tags\b ?:|lesen sie|mehr zum thema|lire aussi|à lire|lea también|lee también"
    r"|leia (?:também|mais)|leggi anche|lees ook|abonnieren|abonnez|suscríbete|newsletter|foto\b ?:|bild\b ?:"
    r"|quelle\b ?:|この記事|写真[は:：]|続きを読む|यह भी पढ़ें|ये भी पढ़ें|اقرأ أيضا|اقرأ أيضاً)",
    re.IGNORECASE,
)
_PLUG = re.compile(
    r"\bthis (?:article|story|post|piece) (?:was|is|has been|first|originally|appeared)"
    r"|\bfirst appeared (?:on|in)\b|\boriginally published|\bsign up (?:for|to) (?:our|the)\b|\bclick here"
    r"|\bsubscribe to (?:our|the)\b|\bour newsletter|\btake a look at|\bcheck out (?:the|our|her|his|their)\b"
    r"|\bfollow us on|\bwith inputs from|\((?:reporting|editing|writing) by|pic\.twitter\.com|\ba post shared by"
    r"|\bterms of (?:use|service)|\bprivacy policy|\bscroll down|\bread (?:the )?(?:full|entire) "
    r"|\bsee (?:the )?(?:post|video|photos?|pics?|tweet)s? (?:here|below)|https?://|www\.\w|\s[#@]\w+.*\s[#@]\w+",
    re.IGNORECASE,
)
_CAPTION = re.compile(
    r"\((?:[A-Z][\w.-]+ )*(?:photos?|file|picture|image|representative image|representational image|ap|afp|reuters|pti"
    r"|getty(?: images)?|dpa|epa|foto|twitter|instagram|facebook)(?: photo| file photo| images?)?(?: by [^)]*)?\)[.!]?$"
    r"|\b(?:pictured|is seen|are seen|seen here|seen in this|poses? for|in this file photo|file photo"
    r"|left\), |\(left\)|\(right\)|\(l\)|\(r\)|from left|zu sehen ist|auf dem bild)\b",
    re.IGNORECASE,
)
# Looking for these first is ten times faster than the patterns, and rules nearly every sentence out.
_PLUG_HINTS = (
    *(
        "this ",
        "appeared",
        "originally",
        "sign up",
        "click",
        "subscribe",
        "newsletter",
        "take a look",
        "check out",
    ),
    *(
        "follow us",
        "inputs from",
        "ing by",
        "pic.twitter",
        "shared by",
        "terms of",
        "privacy",
        "scroll",
        "read ",
    ),
    *("see ", "http", "www.", " #", " @"),
)
_CAPTION_HINTS = (
    "(",
    "pictured",
    " seen",
    " pose",
    "file photo",
    "left)",
    "from left",
    "zu sehen",
    "auf dem bild",
)
_SHOUTED = re.compile(
    r"^(?:[A-Z0-9'’&]{2,}[\s,:-]+){3,}|^[A-Z]{4,}[a-z]{0,2}(?:[A-Z][a-z]+\b)|[a-z]{3}[A-Z][a-z]+ .*:"
)
_BULLET = re.compile(r"[-*•‣▪·–—►→]\s|\(?\d{1,2}[.)]\s|[a-z][.)]\s")
_WORDS = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
_NAME = re.compile(r"[A-ZÀ-ÖØ-Þ][\w'’-]*[a-zA-Z]")


class Lean(IntEnum):
    """How a sentence points back: not at all, at someone or something named, at the one before it, at who speaks."""

    NONE = 0
    REFERENT = 1
    SENTENCE = 2
    SPEAKER = 3


def fault_of(text: str, *, rules: Rules, language: str) -> str:
    """Return why a sentence cannot stand in a blurb, or an empty string."""
    end = text[-8:]
    if not _FINISHED.search(end) or end.endswith(("...", "…")):
        return "unfinished"
    if text.endswith(" ?") and not language.startswith("fr"):
        return "unfinished"
    if _BULLET.match(text):
        return "list item"
    if _SHOUTED.match(text):
        return "heading"
    small = text.lower()
    if _PLUG_START.match(text) or (any(hint in small for hint in _PLUG_HINTS) and _PLUG.search(text)):
        return "plug"
    if (len(text) < 20 or text.count(" ") < 3) if rules.has_spaces else len(text) < 8:
        return "too short"
    if any(hint in small for hint in _CAPTION_HINTS) and _CAPTION.search(text):
        return "caption"
    if not is_balanced(text, language=language):
        return "unbalanced quotation"
    if _QUESTION.search(end) and text.count('"') % 2 == 0:
        return "question"
    return ""


def lean_of(text: str, *, rules: Rules, has_lost_marks: bool = False) -> Lean:
    """Say how a sentence points back.

    Where the story has lost quotation marks, nothing can be told from a sentence's first person.
    """
    if rules.starts:
        return Lean.SENTENCE if text.lstrip('「『“"').startswith(rules.starts) else Lean.NONE
    words = [word.lower() for word in _WORDS.findall(text[:160])[:9]]
    if not words:
        return Lean.NONE
    first = words[0].partition("'")[0].partition("’")[0]
    opening = " ".join(words[:5])
    if text[0] in _OPENING and paired_spans(text, 0, len(text)) == [(0, len(text))]:
        return Lean.SENTENCE
    if first in rules.connectives or opening.startswith(rules.phrases):
        return Lean.SENTENCE
    if not has_lost_marks and first in rules.voices and text[0].isalpha() and not _ATTRIBUTED.search(text):
        return Lean.SPEAKER
    if any(word in rules.also for word in words[1:6]):
        return Lean.REFERENT
    if first in rules.pronouns or words[0] in rules.pronouns:
        return Lean.REFERENT
    if first in rules.articles and _points_back(text, words, rules):
        return Lean.REFERENT
    if rules.people and _lacks_name(text, rules):
        return Lean.REFERENT
    return Lean.NONE


def is_caption(text: str, captions: Sequence[frozenset[str]]) -> bool:
    """Say whether a sentence is one of the story's captions, given as their words, or says the same."""
    if not captions:
        return False
    words = caption_words(text)
    return any(
        len(words & caption) >= 0.85 * min(len(words), len(caption)) and len(words) <= 1.6 * len(caption)
        for caption in captions
    )


def caption_words(text: str) -> frozenset[str]:
    """Return the words of a caption, as `is_caption` compares them."""
    return frozenset(word.lower() for word in _WORDS.findall(text))


def names_in(text: str, *, rules: Rules) -> frozenset[str]:
    """Return the capitalised words of a sentence, except a usual first word."""
    found = {match.group().removesuffix("'s").removesuffix("’s") for match in _NAME.finditer(text)}
    return frozenset(name for name in found if name.lower() not in rules.starters)


def _points_back(text: str, words: list[str], rules: Rules) -> bool:
    """Say whether a sentence starts with 'the company' and does not say which."""
    for place, word in enumerate(words[1:4], start=1):
        stem = word.partition("-")[2] or word if "-" in word else word
        if word in rules.pointers or stem in rules.pointers:
            match = re.match(rf"\W*(?:\S+\s+){{{place}}}\S+(.{{0,60}})", text)
            told = match.group(1) if match else ""
            head = text[: match.start(1)] if match else text
            if _NAME.search(head[4:]):
                return False
            return not (
                re.match(r"\s(?:of|behind|who|which|that|from|at|between|for|against|in|on)\b", told)
                and _NAME.search(told)
            ) and not re.match(r",?\s[A-Z]", told)
    return False


def _lacks_name(text: str, rules: Rules) -> bool:
    """Say whether a 'he' or 'her' comes before any name in the sentence."""
    is_first = True
    for match in re.finditer(r"[^\W\d_]+(?:['’][^\W\d_]+)?", text):
        word = match.group()
        if word.lower().partition("'")[0].partition("’")[0] in rules.people:
            return True
        if (
            word[0].isupper()
            and not (is_first and word.lower() in rules.starters)
            and word not in ("I", "I'm", "I’m")
        ):
            return False
        is_first = False
    return False
