"""Take off a headline what is no news: kickers, an outlet's name, decoration, and clickbait that can go."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from digest.subject.wording import (
    clickbait,
    is_unspaced,
    kickers,
    outlet_words,
    split_words,
    trailing_kickers,
)

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\s]+")
_HIDDEN = re.compile(
    "[\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\ud800-\udfff]"
)
_JOINT = re.compile(r"(\s+[-–—|｜·•/]+\s+|\s*[|｜]\s*)")
_PART = re.compile(r"\s+[-–—|·•]+\s+|\s*—\s*|(?<=[.?!…])\s+|\s*[:：;]\s+|(?<=[。！？])")
_LEADING = " ,;:|–—-•·+*»>►▶~#"
_TRAILING = " ,;:|–—-•·+*«<►▶~、，"
_LONGEST_OUTLET = 5
_LEAST_WORDS = 3


def tidy(text: str) -> str:
    """Reduce text to one line without control characters."""
    return _CONTROL.sub(" ", text).strip()


def clean_headline(text: str, *, outlet: str = "") -> str:
    """Return a headline without kickers, decoration and the name of its outlet; never less than a word of it."""
    plain = tidy(_HIDDEN.sub("", text))
    found = _undecorated(plain)
    while (shorter := _undecorated(trailing_kickers().sub("", kickers().sub("", found)))) != found:
        found = shorter
    found = _undecorated(_without_outlet(found, outlet))
    return found or plain


def honest(headline: str) -> str:
    """Return what of a headline is no clickbait: all of it, a part that stands alone, or nothing."""
    if not clickbait().search(headline):
        return headline
    kept = [part for part in _parts(headline) if not clickbait().search(part)]
    whole = [part for part in kept if _stands_alone(part)]
    return whole[0] if whole else ""


def bare_end(text: str) -> str:
    """Return a text without the marks that a subject does not end with; a question keeps its own."""
    plain = text.rstrip(_TRAILING)
    plain = re.sub(r",(?=[”»’\"]$)", "", plain)
    return (plain if plain.endswith(("..", "?.")) else plain.rstrip(".。।")) or text.strip()


def _parts(headline: str) -> Iterator[str]:
    for part in _PART.split(headline):
        if bare := bare_end(part.strip(_LEADING)):
            yield bare


def _stands_alone(part: str) -> bool:
    if part.endswith(("?", "!")):
        return False
    return len(part) >= 8 if is_unspaced(part) else len(split_words(part)) >= _LEAST_WORDS


def _undecorated(text: str) -> str:
    """Return a text without symbols and pictures at its ends, as long as a word is left."""
    start, end = 0, len(text)
    while start < end and (text[start] in _LEADING or _is_decoration(text, start)):
        start += 1
    while end > start and (text[end - 1] in " |•·+►▶" or _is_decoration(text, end - 1)):
        end -= 1
    return text[start:end] if start < end else ""


def _is_decoration(text: str, place: int) -> bool:
    letter = text[place]
    return (
        unicodedata.category(letter) in ("So", "Cn", "Co")
        or letter in "\ufe0f\u200d\u20e3"
        or (0x1F3FB <= ord(letter) <= 0x1F3FF)
    )


def _without_outlet(text: str, outlet: str) -> str:
    """Return a headline without its outlet's name behind the last bar or dash, where it names one."""
    pieces = _JOINT.split(text)
    while len(pieces) > 2 and _names_outlet(pieces[-1], pieces[-2], outlet):
        pieces = pieces[:-2]
    return "".join(pieces)


def _names_outlet(piece: str, joint: str, outlet: str) -> bool:
    if outlet and _letters(piece) and _letters(piece) in (_letters(outlet), _letters("the" + outlet)):
        return True
    if re.fullmatch(r"[\w-]+(?:\.[\w-]+)*\.[a-z]{2,12}", piece.strip(), re.IGNORECASE):
        return True
    words = piece.split()
    if len(words) > _LONGEST_OUTLET or any(word[:1].islower() and len(word) > 3 for word in words):
        return False
    if not outlet_words().isdisjoint(split_words(words[-1] if words else "")):
        return True
    return joint.strip() in "|｜" and len(words) <= 2 and all(word[:1].isupper() for word in words)


def _letters(text: str) -> str:
    return re.sub(r"[\W_]+", "", text.casefold())
