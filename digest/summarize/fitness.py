"""Say whether a sentence can stand in a blurb.

It has a *fault* when it is no news by itself: a caption, a plug, a heading, half a sentence, one with unbalanced
quotation marks.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from digest.summarize.languages import Rules
from digest.summarize.quotes import is_balanced

_FINISHED = re.compile(r"(?:[.!?…؟۔‼⁉。！？｡।॥።։។။]|[.!]\?)(?:[ \u00a0\u202f]?[»\"”’'“)\]」』）】›«]+)*$")
_QUESTION = re.compile(r"[^\W_][)’']?[ \u00a0\u202f]?[?？؟]$")
_PLUG_START = re.compile(
    r"(?:also read|read (?:more|also|the|our|next|on|full|this)|see also|watch(?: the)?(?: video)?\b ?[:-]|click\b"
    r"|subscribe|sign up|follow (?:us|the|our|live|all)|download|listen to|join (?:us|our)|share this|related"
    r"|get (?:the|our|all|more)\b.{0,40}(?:newsletter|app|inbox)|advertisement|copyright|©|all rights reserved"
    r"|(?:file )?photos?\b ?[:(]|image(?: credits?)?\b ?[:(]|credits?\b ?[:(]|source\b ?:|video\b ?:|pictured\b"
    r"|as (?:\S+ ){1,4}(?:first |previously |exclusively |earlier )?(?:reported|revealed|told you)\b,?"
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
    r"|\b(?:earn|receive) (?:a |an )?(?:small |affiliate )?commission\b|\bno longer (?:being updated|updating)\b"
    r"|\bwelcome to (?:our|the|today's) (?:live|rolling|coverage)|\bstay (?:with us|tuned)\b|\bneed to know\b[.:!]?$"
    r"|\bcan (?:now |exclusively )*(?:reveal|confirm|disclose)\b(?:\W+\w+){0,4}\W*$"
    r"|\bcan (?:now |exclusively )*(?:reveal|confirm|disclose)\b.*\b(?:more to come|all the details|the truth)\b"
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
        "commission",
        "no longer",
        "welcome to",
        "stay ",
        "to know",
        "can ",
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
_TURN = re.compile(r"(?:[A-Z]{1,3}|[QAF]\d?|Question|Answer|Frage|Antwort)(?: ?: |\. ?[—–-] ?| ?[—–] )")
_CREDIT = re.compile(
    r"[(\[]?(?:(?:file |handout )?(?:photo|image|picture|foto|bild|crédit|credit)s?\b[^!?]{0,60}|[^.!?()]{0,40}"
    r"(?:/|via |© ?)(?:AP|AFP|Reuters|Getty(?: Images)?|dpa|EPA|NWA))[)\]]?\.?$",
    re.IGNORECASE,
)
_BULLET = re.compile(r"[-*•‣▪·–—►→]\s|\(?\d{1,2}[.)]\s|[a-z][.)]\s")
_WORDS = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
_NAME = re.compile(r"[A-ZÀ-ÖØ-Þ][\w'’-]*[a-zA-Z]")


def fault_of(text: str, *, rules: Rules, language: str) -> str:
    """Return why a sentence cannot stand in a blurb, or an empty string."""
    end = text[-8:]
    if (rules.has_stops and not _FINISHED.search(end)) or end.endswith(("...", "…")):
        return "unfinished"
    if text.endswith(" ?") and not language.startswith("fr"):
        return "unfinished"
    if _BULLET.match(text):
        return "list item"
    if _TURN.match(text):
        return "turn of an interview"
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


def is_bullet(text: str) -> bool:
    """Say whether a text starts as the item of a list does."""
    return _BULLET.match(text) is not None


def is_credit(text: str) -> bool:
    """Say whether a text is nothing but who took a picture: what stands before it is the caption."""
    return _CREDIT.match(text) is not None


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
