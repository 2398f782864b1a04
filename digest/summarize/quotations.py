"""Look the quotations of a text up in its story, word for word.

Marks, punctuation and case may differ, and a speaker may stand between two parts of what was said; a word may
not. More than a few words in quotation marks must have been said: the story has them in quotation marks too.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice, pairwise

from digest.summarize.quotes import has_lost_marks, is_balanced, paired_spans

Span = tuple[int, int]

_MARKS = "\"“”„«»‹›「」『』'‘’"
_OPENING = re.compile(r"(?<!\w)[\"“„«»「『](?=\w)")
_CUT = re.compile(r"\s*(?:\[\s*(?:…|\.\.\.)\s*\]|…|\.\.\.|\[[^\]]{1,60}\])\s*")
_SENTENCE = re.compile(r"(?<=[.!?])\s+")
_TITLE_WORDS = 3
"""So many words in quotation marks may be a title, or one word that is held at a distance."""
MOST_SPANS = 20
"""So many places where the story has a quotation are looked at."""
NEAR = 400
"""Characters of the story that may stand between two parts of one quotation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """A text as its words in small letters, each parted by a space, and where each letter stood."""

    text: str
    places: tuple[int, ...]

    def spans(self, wanted: str) -> Iterator[Span]:
        """Yield where some words stand, as spans of the text they were taken from."""
        at = self.text.find(wanted)
        while at >= 0:
            after = at + len(wanted)
            if self.text[at - 1 : at] in ("", " ") and self.text[after : after + 1] in ("", " "):
                yield self.places[at], self.places[after - 1] + 1
            at = self.text.find(wanted, at + 1)


def words_of(text: str, spans: list[Span] | None = None) -> Words:
    """Take the words of a text, or of some spans of it, one after the other."""
    letters: list[str] = []
    places: list[int] = []
    for start, end in spans if spans is not None else [(0, len(text))]:
        for place in range(start, end):
            letter = text[place]
            if not letter.isalnum():
                is_inside = (
                    letter in "'’"
                    and text[place - 1 : place].isalnum()
                    and text[place + 1 : place + 2].isalnum()
                )
                letter = "'" if is_inside else " "
            if letter == " " and letters[-1:] in ([], [" "]):
                continue
            letters.append(letter.lower()[0])
            places.append(place)
        if letters and letters[-1] != " ":
            letters.append(" ")
            places.append(end - 1)
    return Words(text="".join(letters), places=tuple(places))


class Said:
    """What a story says, and what of it is in quotation marks."""

    def __init__(self, text: str, title: str, *, language: str) -> None:
        self._text, self._language = text, language
        self._damaged: dict[int, bool] = {}
        self._all = words_of(text)
        self._title = words_of(title)
        self._regions = quoted_regions(text, language=language)
        self._quoted = words_of(text, self._regions)
        self._starts = [start for start, _ in self._regions]
        self._is_damaged = has_lost_marks(text)

    def find(self, quotation: str) -> tuple[bool, tuple[Span, ...]]:
        """Say whether the story has a quotation, and where; one that only the headline has is nowhere."""
        pieces = [words_of(piece).text.strip() for piece in _CUT.split(quotation)]
        pieces = [piece for piece in pieces if piece]
        if not pieces:
            return True, ()
        found = self._find_all(pieces)
        if found is None and len(pieces) == 1:
            parts = [words_of(part).text.strip() for part in _SENTENCE.split(quotation)]
            found = self._find_all([part for part in parts if part]) if len(parts) > 1 else None
        if found is not None:
            return True, tuple(found)
        is_in_title = all(any(True for _ in self._title.spans(piece)) for piece in pieces)
        return is_in_title, ()

    def _find_all(self, pieces: list[str]) -> list[Span] | None:
        """Return where each piece stands, in order and near to one another, or None."""
        if len(pieces) == 1:
            return list(islice(self._find_one(pieces[0]), MOST_SPANS)) or None
        for first in islice(self._find_one(pieces[0]), MOST_SPANS):
            spans, at = [first], first[1]
            for piece in pieces[1:]:
                following = next((one for one in self._find_one(piece) if at <= one[0] <= at + NEAR), None)
                if following is None:
                    break
                spans.append(following)
                at = following[1]
            else:
                return spans
        return None

    def _find_one(self, piece: str) -> Iterator[Span]:
        if piece.count(" ") < _TITLE_WORDS or self._is_damaged:
            yield from self._all.spans(piece)
            return
        found = False
        for start, end in self._quoted.spans(piece):
            if self._is_one_speech(start, end):
                found = True
                yield start, end
        for start, end in self._all.spans(piece) if not found else ():
            if self._is_in_damaged(start, end):
                yield start, end

    def _is_in_damaged(self, start: int, end: int) -> bool:
        """Say whether a span lies in one paragraph, whose quotation marks do not pair: who knows what was said."""
        first, last = self._text.rfind("\n", 0, start) + 1, self._text.find("\n", start)
        last = last if last >= 0 else len(self._text)
        if first not in self._damaged:
            self._damaged[first] = not is_balanced(self._text[first:last], language=self._language)
        return end <= last and self._damaged[first]

    def _is_one_speech(self, start: int, end: int) -> bool:
        """Say whether the quoted parts that a span runs over stand near one another."""
        first = bisect_right(self._starts, start) - 1
        last = bisect_right(self._starts, end - 1) - 1
        return all(self._regions[i + 1][0] - self._regions[i][1] <= NEAR for i in range(first, last))


def quoted_regions(text: str, *, language: str) -> list[Span]:
    """Return what stands in quotation marks; one that is never closed goes to the next, or the paragraph's end."""
    paired = [span for span in paired_spans(text, 0, len(text), language=language) if text[span[0]] in _MARKS]
    regions = list(paired)
    marks = [match.start() for match in _OPENING.finditer(text)]
    for start, next_mark in pairwise([*marks, len(text)]):
        place = bisect_right(paired, (start, len(text) + 1)) - 1
        if place >= 0 and paired[place][0] <= start < paired[place][1]:
            continue
        end = text.find("\n", start, next_mark)
        regions.append((start, end if end >= 0 else next_mark))
    return sorted(regions)


def find_quotations(text: str, *, language: str) -> list[Span]:
    """Return the quotations of a text, their marks within, outermost only."""
    return [
        (start, end)
        for start, end in paired_spans(text, 0, len(text), language=language)
        if text[start] in _MARKS and end - start > 2
    ]
