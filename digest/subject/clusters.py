"""Part text into what a reader sees as single characters (grapheme clusters, after UAX 29)."""

from __future__ import annotations

import unicodedata

_JOINER = "\u200d"
_VIRAMA = 9
_LEADING = range(0x1100, 0x1160)
_VOWELS = range(0x1160, 0x11A8)
_TRAILING = range(0x11A8, 0x1200)
_SYLLABLES = range(0xAC00, 0xD7A4)
_FLAGS = range(0x1F1E6, 0x1F200)
_SKIN = range(0x1F3FB, 0x1F400)
_TAGS = range(0xE0020, 0xE0080)
_SARA_AM = "\u0e33\u0eb3"


def clusters(text: str) -> list[str]:
    """Return the grapheme clusters of a text, in order; joined, they are the text."""
    found: list[str] = []
    for letter in text:
        if found and _belongs(found[-1], letter):
            found[-1] += letter
        else:
            found.append(letter)
    return found


def length(text: str) -> int:
    """Count what a reader sees as single characters."""
    return len(text) if text.isascii() else len(clusters(text))


def head(text: str, count: int) -> str:
    """Return the first `count` clusters of a text."""
    return text[:count] if text.isascii() else "".join(clusters(text)[:count])


def _belongs(cluster: str, letter: str) -> bool:
    if letter.isascii() or cluster in "\r\n":
        return False
    code, last = ord(letter), cluster[-1]
    if letter in "\u200c\u200d" or letter in _SARA_AM or code in _SKIN or code in _TAGS:
        return True
    category = unicodedata.category(letter)
    if category in ("Mn", "Me", "Mc"):
        return True
    if last == _JOINER and _is_picture(cluster[0]) and _is_picture(letter):
        return True
    if code in _FLAGS:
        return len(cluster) == 1 and ord(cluster) in _FLAGS
    return _is_syllable(ord(last), code) or (category == "Lo" and _is_conjunct(cluster, letter))


def _is_picture(letter: str) -> bool:
    return unicodedata.category(letter) == "So" or ord(letter) >= 0x1F000


def _is_syllable(last: int, code: int) -> bool:
    """Say whether Hangul goes on: a leading consonant takes anything, a vowel a vowel or an end, an end an end."""
    if last in _LEADING:
        return code in _LEADING or code in _VOWELS or code in _SYLLABLES
    is_open = last in _SYLLABLES and (last - _SYLLABLES.start) % 28 == 0
    if last in _VOWELS or is_open:
        return code in _VOWELS or code in _TRAILING
    return (last in _TRAILING or last in _SYLLABLES) and code in _TRAILING


def _is_conjunct(cluster: str, letter: str) -> bool:
    """Say whether an Indic consonant follows its virama, which joins them."""
    marks = cluster.rstrip("\u200d")
    return unicodedata.combining(marks[-1:] or "a") == _VIRAMA and "\u0900" <= letter <= "\u0d7f"
