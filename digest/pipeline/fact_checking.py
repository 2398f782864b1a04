"""Tell of each name, number, date and quotation that an item says whether its story bears it out, and where."""

from __future__ import annotations

from dataclasses import dataclass

from digest.model import Item, Story
from digest.pipeline.reviewing import CHECKED, all_told, words_of
from digest.summarize.facts import Fact, FactKind, Verdict, check_facts

_AROUND = 60
"""Characters of the story shown on each side of what bears a fact out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Excerpt:
    """What of a story decides on a fact, with the words around it.

    `place` says where it stands; `start` is the offset in the story's text, None outside of it.
    """

    before: str
    said: str
    after: str
    place: str
    start: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedFact:
    """A fact and what its story says of it; without an excerpt nothing does, or the story's headline alone."""

    kind: FactKind
    text: str
    verdict: Verdict
    excerpt: Excerpt | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedField:
    """A field of an item, by an editor's word for it, with its facts in order."""

    field: str
    is_rewritten: bool
    facts: tuple[CheckedFact, ...]


def check_item(item: Item, story: Story) -> tuple[CheckedField, ...]:
    """Return the facts of a blurb, and of a headline and a caption that were rewritten: these are else the story's."""
    told = all_told(story, item)
    return tuple(
        CheckedField(
            field=name,
            is_rewritten=field in item.edited,
            facts=tuple(
                _checked(fact, told, len(story.text)) for fact in check_facts(words_of(item, field), told)
            ),
        )
        for field, name in CHECKED.items()
        if field == "text" or field in item.edited
    )


def _checked(fact: Fact, told: Story, length: int) -> CheckedFact:
    excerpt = _excerpt(told.text, fact.spans[0], length) if fact.spans else None
    return CheckedFact(
        kind=fact.kind, text=" ".join(fact.text.split()), verdict=fact.verdict, excerpt=excerpt
    )


def _excerpt(text: str, span: tuple[int, int], length: int) -> Excerpt:
    """Return a span with what stands around it in its paragraph; beyond `length` the text is no story's body."""
    start, end = span
    before = text[max(0, start - _AROUND) : start].rpartition("\n\n")[2]
    after = text[end : end + _AROUND].partition("\n\n")[0]
    if start > _AROUND and len(before) == _AROUND:
        before = f"… {before.partition(' ')[2]}"
    if end + _AROUND < len(text) and len(after) == _AROUND:
        after = f"{after.rpartition(' ')[0]} …"
    return Excerpt(
        before=_line(before),
        said=" ".join(text[start:end].split()),
        after=_line(after),
        place="the story" if start < length else "the story’s description, captions or names",
        start=start if start < length else None,
    )


def _line(text: str) -> str:
    """Return a text as one line, with a space at the ends where it had one."""
    line = " ".join(text.split())
    return f"{' ' * text[:1].isspace()}{line}{' ' * (text[-1:].isspace() and bool(line))}"
