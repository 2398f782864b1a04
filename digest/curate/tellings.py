"""Reduce a story to what tells whether another one is of the same event: words, names, numbers, time."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from digest.model import Story

LEAD_WORDS = 120
SHINGLED_WORDS = 600
SKETCH = 64
LEAST_SHINGLED = 25
"""Words of the text that are compared, words whose shingles are sampled, and how many of those are kept.

A text of fewer than LEAST_SHINGLED words has no shingles: two short texts may be alike by chance.
"""

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\u0e00-\u0e7f]")
_STOP = frozenset(
    re.findall(
        r"\w+",
        """a about after again against all also am an and any are as at be because been before being between both but
        by can could did do does down during each few for from further had has have he her here hers him his how i if
        in into is it its just like may me more most my new no nor not now of off on once one only or other our out
        over own per said same say says she should so some such than that the their them then there these they this
        those through to told too two under until up us very via was we were what when where which while who whom why
        will with would year years you your first last day days week month monday tuesday wednesday thursday friday
        saturday sunday today yesterday according reported officials people
        der die das den dem des ein eine einen einem einer und oder aber ist sind war waren wird werden wurde wurden
        hat haben hatte nicht auch auf aus bei mit nach von vor zu zum zur im in am an für über unter als wie dass
        sich sie er es wir ihr seine seiner ihre ihrer noch nur mehr sowie bis durch um so man
        le la les un une des du de et ou est sont été était ont avec pour par sur dans au aux en que qui ne pas plus
        se son sa ses leur leurs ce cette ces il elle ils elles nous vous a après avant
        el los las una unos unas y o es son fue era han con por para sobre entre en al del que no se su sus lo como
        más este esta estos estas tras desde""",
    )
)
_ENDINGS = ("ings", "ing", "edly", "ed", "ers", "er", "ies", "es", "s", "ly", "en", "n")


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """What is compared of one story: sets of stems, its numbers, a sketch of its shingles, its time.

    `lead` are the stems of the title and the first words of the text, `action` those of them that are no names.
    """

    title: frozenset[str]
    lead: frozenset[str]
    names: frozenset[str]
    action: frozenset[str]
    numbers: frozenset[str]
    sketch: tuple[int, ...]
    moment: datetime


def telling_of(story: Story, moment: datetime) -> Telling:
    """Return what is compared of a story that is told at that moment."""
    end = len(story.text) if story.blurb_end is None else story.blurb_end
    return make_telling(story.title, story.text[: min(end, 12 * SHINGLED_WORDS)], moment)


def make_telling(title: str, text: str, moment: datetime) -> Telling:
    """Return what is compared of a title and a text."""
    words = _words(text)
    lead = " ".join(text.split()[:LEAD_WORDS])
    if len(lead) > 16 * LEAD_WORDS:
        lead = lead[: 4 * LEAD_WORDS]
    title_stems = frozenset(_stems(_words(title)))
    lead_stems = title_stems | frozenset(_stems(_words(lead)))
    names = frozenset(_names(f". {lead}"))
    if _is_sentence_case(title):
        names |= frozenset(_names(f"x {title}"))
    return Telling(
        title=title_stems,
        lead=lead_stems,
        names=names,
        action=lead_stems - names,
        numbers=frozenset(_NUMBER.findall(f"{title} {lead}")),
        sketch=_sketch(words[:SHINGLED_WORDS]),
        moment=moment,
    )


def resemblance(one: Telling, other: Telling) -> float:
    """Estimate the share of three-word shingles that two stories have in common."""
    if not one.sketch or not other.sketch:
        return 0.0
    size = min(len(one.sketch), len(other.sketch), SKETCH)
    union = sorted({*one.sketch, *other.sketch})[:size]
    both = set(one.sketch) & set(other.sketch)
    return sum(value in both for value in union) / len(union)


def _words(text: str) -> list[str]:
    words = _WORD.findall(text.lower())
    if len(text) > 30 * (len(words) or 1) or _UNSPACED.search(text[:200]):
        letters = [match.group() for match in re.finditer(r"[^\W_]", text.lower())]
        return [a + b for a, b in pairwise(letters)]
    return words


def _stems(words: Iterable[str]) -> Iterable[str]:
    for word in words:
        bare = word.replace("’", "'").partition("'s")[0]
        if bare not in _STOP and (len(bare) > 2 or not bare.isascii() or bare.isdigit()):
            yield _stem(bare)


def _stem(word: str) -> str:
    if len(word) < 5:
        return word.removesuffix("s") if len(word) > 3 else word
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            return word[: -len(ending)].removesuffix("e")
    return word.removesuffix("e")


def _names(text: str) -> Iterable[str]:
    """Give the stems of capitalised words that do not start a sentence."""
    for match in re.finditer(r"(?<=[^\W_]|[,;:“\"‘'()–—-])[\s“\"‘'(]+([A-ZÀ-ÖØ-Þ][\w’'-]+)", text):
        word = match.group(1).lower().replace("’", "'").partition("'s")[0]
        if word not in _STOP and len(word) > 2:
            yield _stem(word)


def _is_sentence_case(title: str) -> bool:
    words = [word for word in title.split() if word[:1].isalpha()]
    return sum(word[0].isupper() for word in words) < 0.6 * len(words)


def _sketch(words: list[str]) -> tuple[int, ...]:
    """Return the smallest hashes of the shingles: a sample that is the same for equal sets."""
    if len(words) < LEAST_SHINGLED:
        return ()
    hashes = {
        zlib.crc32(f"{a} {b} {c}".encode("utf-8", errors="replace"))
        for a, b, c in zip(words, words[1:], words[2:], strict=False)
    }
    return tuple(sorted(hashes)[:SKETCH])
