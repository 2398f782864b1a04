"""Cut a text dump into lines, and measure each line's shape and how often it is repeated."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache

from digest.extract.dump_text import unmark, unwrap

_INVISIBLE = re.compile("[\u200b-\u200f\u2028-\u202e\u2060\ufeff\u00ad\x00-\x08\x0e-\x1f\x7f]")
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uff66-\uff9f]")
_END = re.compile(r"(?:[.!?…。！？؟।]|[.!?…。！？][\"”»’'“›)\]」』]{1,3}|[\"”»“」』]|[:：])\s*(?:\[\d+\])?$")
_STRONG_END = re.compile(r"[.!?…。！？؟।][\"”»’'“›)\]」』]{0,3}$|[\"”»」』]$")
_INNER_END = re.compile(r"(?<=\w\w)[.!?][\"”»’')]{0,2}\s+\S|[。！？]\S")
_CAPITAL = re.compile(r"[^\W\d_a-zß-ÿ]")
_TELLING = re.compile(
    r"[\uac00-\ud7af]{2,}|[^\W\d_\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]{4,}|\d{2,}|[\u30a0-\u30ff]{3,}"
)
_CJK_PAIR = re.compile(r"(?=([\u3400-\u9fff]{2}))")
MAX_LINES = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line that holds text. `number` counts the dump's lines from 1.

    `blank_before` and `blank_after` say whether an empty line, or the dump's edge, stands there; `repeats` is
    how many lines read the same. `words` counts two Chinese or Japanese characters as a word.
    `in_run` says that a line just above or below, with nothing between, is as long and ends a sentence too.
    """

    number: int
    text: str
    words: int
    repeats: int
    blank_before: bool
    blank_after: bool
    in_run: bool = False

    @property
    def is_alone(self) -> bool:
        """Say whether the line stands between empty lines, as paragraphs do."""
        return self.blank_before and self.blank_after

    @property
    def ends_sentence(self) -> bool:
        """Say whether the line ends as a sentence does."""
        return bool(_STRONG_END.search(self.text))

    @property
    def ends_clause(self) -> bool:
        """Say whether the line ends as a sentence or as the lead-in to a quotation or a list does."""
        return bool(_END.search(self.text))

    @property
    def is_title_case(self) -> bool:
        """Say whether most of the longer words start with a capital and no sentence ends: an English headline."""
        words = re.findall(r"[^\W\d_]{4,}", self.text)
        if len(words) < 3 or self.text.endswith((".", "。")):
            return False
        return sum(bool(_CAPITAL.match(word)) for word in words) >= 0.7 * len(words)

    @property
    def has_sentences(self) -> bool:
        """Say whether a sentence ends within the line."""
        return bool(_INNER_END.search(self.text))


def read_lines(text: str) -> list[Line]:
    """Return the lines of a dump that hold text, without Markdown's marks and breaks at a width."""
    raw = [clean_line(line) for line in re.split(r"\r\n|\n|\r|\x0b|\x0c|\x85", text)[:MAX_LINES]]
    _join_drop_caps(raw)
    whole = [(number, line) for number, line in enumerate(unwrap(unmark(raw)), start=1) if line is not None]
    repeats = Counter(line.casefold() for _, line in whole if line)
    last = len(whole) - 1
    long = [count_words(line) >= 22 and bool(_STRONG_END.search(line)) for _, line in whole]
    return [
        Line(
            in_run=long[position]
            and ((position > 0 and long[position - 1]) or (position < last and long[position + 1])),
            number=number,
            text=line,
            words=count_words(line),
            repeats=repeats[line.casefold()],
            blank_before=position == 0 or not whole[position - 1][1],
            blank_after=position == last or not whole[position + 1][1],
        )
        for position, (number, line) in enumerate(whole)
        if line
    ]


def _join_drop_caps(raw: list[str]) -> None:
    """Put a large first letter that became a line of its own back before the rest of its word."""
    for position in range(len(raw) - 1):
        letter, rest = raw[position], raw[position + 1]
        if len(letter) == 1 and letter.isupper() and len(rest) > 60 and rest[0].islower():
            raw[position], raw[position + 1] = "", letter + rest


def clean_line(line: str) -> str:
    """Return a line without invisible characters, its spaces single."""
    return " ".join(_INVISIBLE.sub("", line).split())


def count_words(text: str) -> int:
    """Return the number of words, two Chinese or Japanese characters counting as one."""
    characters = 0 if text.isascii() else len(_CJK.findall(text))
    if not characters:
        return len(text.split())
    return characters // 2 + len(_CJK.sub(" ", text).split())


@lru_cache(maxsize=2048)
def content_words(text: str) -> frozenset[str]:
    """Return the words of a text that tell what it is about: long ones, numbers, pairs of CJK characters."""
    stems = {
        word[:2] if "\uac00" <= word[0] <= "\ud7af" else word.casefold()[:7]
        for word in _TELLING.findall(text)
    }
    return frozenset(stems).union(_CJK_PAIR.findall(text))
