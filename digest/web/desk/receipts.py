"""Show the sentences of a blurb in the story they were taken from, each of its sentences to be chosen or left."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from digest.errors import EditionError
from digest.model import Item, Sentence, Story
from digest.pipeline.choices import story_sentences

LONGEST = 20_000
"""Characters of a story that are shown; what is told after them is no news."""
_PARAGRAPH = re.compile(r"\s*\n\s*\n\s*")
_SPAN = re.compile(r"(\d{1,7})-(\d{1,7})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A piece of a story's text: a sentence under its `span`, or with an empty one what stands between sentences."""

    text: str
    span: str = ""
    is_chosen: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipts:
    """A story beside its blurb. `mark` tells one reading of the story from another one.

    `is_own` says that the blurb has words that stand in no sentence of the story, `is_cut` that there is more text.
    """

    paragraphs: tuple[tuple[Piece, ...], ...]
    mark: str
    is_own: bool
    is_cut: bool


def receipts_of(story: Story, item: Item) -> Receipts:
    """Return a story with the sentences of an item's blurb lit in it."""
    shown = replace(story, text=story.text[:LONGEST])
    lit = [one for one in item.blurb.sentences if _stands(one, shown) and one.text in item.text]
    told = " ".join(one.text for one in lit)
    return Receipts(
        paragraphs=tuple(_paragraphs(shown.text, _sentences(shown, lit), lit)),
        mark=mark_of(story),
        is_own="".join(told.split()) != "".join(item.text.split()),
        is_cut=len(story.text) > LONGEST,
    )


def mark_of(story: Story) -> str:
    """Return what tells one reading of a story from another."""
    return hashlib.sha256(story.text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def read_choice(story: Story | None, spans: Iterable[str], *, mark: str) -> list[Sentence]:
    """Return the sentences that were chosen; raise EditionError where the story has changed since."""
    if story is None or mark_of(story) != mark:
        raise EditionError("The story was read again in the meantime. Look at it as it is now, then choose.")
    found = [match for match in map(_SPAN.fullmatch, spans) if match]
    places = [(int(match[1]), int(match[2])) for match in found]
    return [Sentence(text=story.text[start:end], start=start, end=end) for start, end in places]


def _stands(sentence: Sentence, story: Story) -> bool:
    return bool(sentence.text) and story.text[sentence.start : sentence.end] == sentence.text


def _sentences(story: Story, lit: list[Sentence]) -> list[Sentence]:
    """Return a story's sentences; in place of those that the blurb has otherwise, as the blurb has them."""
    free = [
        one
        for one in story_sentences(story)
        if not any(one.start < other.end and other.start < one.end for other in lit)
    ]
    return sorted([*free, *lit], key=lambda one: one.start)


def _paragraphs(text: str, sentences: list[Sentence], lit: list[Sentence]) -> Iterator[tuple[Piece, ...]]:
    line: list[Piece] = []
    place = 0
    for one in sentences:
        before, *breaks = _PARAGRAPH.split(text[place : one.start])
        line += [Piece(text=before)] * bool(before)
        for part in breaks:
            yield tuple(line)
            line = [Piece(text=part)] if part else []
        line.append(Piece(text=one.text, span=f"{one.start}-{one.end}", is_chosen=one in lit))
        place = one.end
    rest = text[place:].strip()
    line += [Piece(text=rest)] * bool(rest)
    yield tuple(line)
