"""Find an editor's words and phrases in a text: whole words, whatever their case and accents."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

_MARKS = {"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-", "…": "...", "\xa0": " "}
"""What stands in nearly every text, and without which an English one is quickly folded."""
_OTHERS = re.compile(r"[^\x00-\x7f]+")
_ACCENTS = re.compile("(?<!и)[\u0300-\u036f]|[\u064b-\u0652\u0670]")
"""Accents, and Arabic vowel marks. Those of `й` stay: it is a letter of its own."""
_LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "ı": "i", "æ": "ae", "œ": "oe"})
_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")
"""Thai, Lao, Burmese, Khmer, Japanese and Chinese: a word may begin and end anywhere."""


def folded(text: str) -> str:
    """Return a text in which case, accents, widths of letters and lengths of spaces make no difference."""
    if not text.isascii():
        for mark, plain in _MARKS.items():
            text = text.replace(mark, plain)
    text = text.lower() if text.isascii() else _OTHERS.sub(_plain, text.casefold())
    return " ".join(text.split())


def _plain(found: re.Match[str]) -> str:
    return _fold(found[0])


@lru_cache(maxsize=1 << 16)
def _fold(text: str) -> str:
    text = unicodedata.normalize("NFKD", text).translate(_LETTERS)
    return unicodedata.normalize("NFC", _ACCENTS.sub("", text))


class Phrases:
    """Words and phrases to look for, each kept as it was written."""

    def __init__(self, written: Iterable[str]) -> None:
        found = {folded(phrase): phrase.strip() for phrase in written}
        self._phrases = {phrase: name for phrase, name in found.items() if phrase}

    def __bool__(self) -> bool:
        return bool(self._phrases)

    def found_in(self, text: str) -> list[str]:
        """Return those that stand in a text that was folded, in their own order."""
        return [name for phrase, name in self._phrases.items() if _stands_in(phrase, text)]


def _stands_in(phrase: str, text: str) -> bool:
    start = text.find(phrase)
    while start >= 0:
        end = start + len(phrase)
        if not (_goes_on(text[start - 1 : start], phrase[0]) or _goes_on(text[end : end + 1], phrase[-1])):
            return True
        start = text.find(phrase, start + 1)
    return False


def _goes_on(neighbour: str, edge: str) -> bool:
    """Say whether the word at a phrase's edge goes on with its neighbour in the text, if it has one."""
    if not neighbour or _UNSPACED.match(edge) or _UNSPACED.match(neighbour):
        return False
    return _is_of_word(neighbour) and _is_of_word(edge)


def _is_of_word(character: str) -> bool:
    return unicodedata.category(character)[0] in "LMN"
