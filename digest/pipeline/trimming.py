"""Fit an edition into its byte budget: what is cut, from which story, in which order.

Gmail shows no more than about 102 KB of a message's HTML and hides the rest, the link to unsubscribe with it. It counts
the HTML as it is once decoded: neither the text part, nor attached pictures, nor the transfer encoding.

The least valuable stories pay first. The lower half of them is cut to fewer sentences, then to its headlines,
then left out, each from the bottom; then the lower half of what remains, and so on. The first story is worth most.
Only where that is not enough, pinned stories are cut, then those whose blurb the editor wrote are left out (the
editor's words are never shortened), and pinned ones last. One story always remains.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from html import escape
from itertools import accumulate

from digest.model import Cut, Edition, EditionState, Item, Rendered, StoryId
from digest.pipeline.parts import Parts
from digest.summarize.sentences import split_sentences
from digest.trimmed import trim

BYTE_BUDGET = 100_000
"""Bytes of HTML that an email may have: 4 KB are left for each reader's links, which are longer than their tokens."""

_MOST_TRIES = 8
_FRAME, _STORY, _ALSO_IN = 15_000, 5_000, 300
"""Bytes that a heavy layout needs for masthead and footer, for a story, and for another outlet's link."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Step:
    """One cut more, and the bytes that it saves, as far as is known beforehand."""

    cut: Cut
    saves: int


def fit(
    edition: Edition,
    lay_out: Callable[[Edition], Rendered],
    costs_of: Callable[[str, Edition], Mapping[StoryId, int]],
    *,
    budget: int = BYTE_BUDGET,
) -> Rendered:
    """Return the edition laid out within its budget, with what was cut.

    One that fits is laid out once. Where even all cuts are not enough, as under a note of 100 KB, none is made.
    """
    whole = lay_out(edition)
    over = _size(whole) - budget
    if over <= 0 or not edition.items:
        return whole
    steps = list(_steps(edition, costs_of(whole.html, edition), budget=budget))
    saved = [0, *accumulate(step.saves for step in steps)]
    best: Rendered | None = None
    low, high = 0, len(steps)
    at = _first(saved, over)
    for _ in range(_MOST_TRIES):
        if not low < at <= high:
            break
        cuts = _last_of_each(steps[:at])
        made = lay_out(trim(edition, cuts))
        over = _size(made) - budget
        wanted = _first(saved, saved[at] + over)
        if over <= 0:
            best, high = replace(made, cuts=cuts), at - 1
            if wanted >= at:
                break
        else:
            low = at
        at = max(low + 1, min(wanted, high))
    return best or whole


def surely_fits(edition: Edition, *, budget: int = BYTE_BUDGET) -> bool:
    """Say without laying it out that an edition fits, were its layout four times as heavy as the shipped ones."""
    total = _FRAME + _weight(edition.note)
    for item in edition.items:
        told = [item.text, item.headline, item.headline, *[item.url or ""] * 4]
        image = item.image
        told += (
            [part for part in (image.alt, image.caption, image.credit, image.url) if part] if image else []
        )
        told += [f"{other.site}{other.title}{other.url}" for other in item.also_in]
        total += _STORY + sum(map(_weight, told)) + _ALSO_IN * len(item.also_in)
    return total <= budget


def find_cuts(parts: Parts, edition: Edition) -> tuple[Cut, ...]:
    """Return what the byte budget takes from an edition; one that is surely light enough is not laid out for it."""
    if edition.state is not EditionState.SENT and surely_fits(edition):
        return ()
    from digest.pipeline.rendering import render  # noqa: PLC0415  half a second that only a heavy edition pays

    return render(parts, edition)[0].cuts


def tell_cuts(cuts: Sequence[Cut]) -> str:
    """Say in a sentence, after another one, how many stories were cut; nothing where none was."""
    out = sum(cut.text is None for cut in cuts)
    parts = [f"{len(cuts) - out} shortened"] * (len(cuts) > out) + [f"{out} left out"] * (out > 0)
    if not parts:
        return ""
    return f" To stay under {BYTE_BUDGET // 1000} KB, of its stories {' and '.join(parts)}."


def sentences_of(item: Item) -> list[str]:
    """Return the sentences of a blurb, whose joining gives its text again."""
    own = [sentence.text for sentence in item.blurb.sentences]
    if " ".join(own) == item.text:
        return own
    return [sentence.text for sentence in split_sentences(item.text, language=item.language)]


def _steps(edition: Edition, costs: Mapping[StoryId, int], *, budget: int) -> Iterator[_Step]:
    """Yield the cuts in their order; a later one of the same story takes the place of an earlier one."""
    why = f"so that the email stays under {budget // 1000} KB"
    lead = edition.items[0].story_id
    by_value = sorted(edition.items, key=lambda item: (item.story_id == lead, item.score))
    ours = [item for item in by_value if not item.is_pinned and "text" not in item.edited]
    pinned = [item for item in by_value if item.is_pinned and "text" not in item.edited]
    last = sorted((item for item in by_value if item not in ours), key=lambda item: item.is_pinned)
    leaving = _Leaving(costs=costs, why=why, kept=[*ours, *last][-1].story_id)
    while ours:
        half = ours[: max(1, len(ours) // 2)]
        ours = ours[len(half) :]
        yield from leaving.shortened(half)
        yield from leaving.dropped(half)
    yield from leaving.shortened(pinned)
    yield from leaving.dropped(last)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Leaving:
    """Make steps of stories; `kept` is the one that is never left out."""

    costs: Mapping[StoryId, int]
    why: str
    kept: StoryId

    def shortened(self, items: Sequence[Item]) -> Iterator[_Step]:
        """Take sentences, down to the first; then, in a second round, that one too."""
        told = [(item, sentences_of(item)) for item in items if item.text]
        for item, sentences in told:
            for count in range(len(sentences) - 1, 0, -1):
                what = f"Its blurb was cut to {count} of {len(sentences)} sentences"
                saves = 1 + _weight(sentences[count])
                yield self._step(item, " ".join(sentences[:count]), what, saves)
        for item, sentences in told:
            saves = _weight(sentences[0]) if sentences else _weight(item.text)
            yield self._step(item, "", "Only its headline is left", saves)

    def dropped(self, items: Sequence[Item]) -> Iterator[_Step]:
        """Leave stories out, each for what its headline and frame weigh."""
        for item in items:
            if item.story_id != self.kept:
                shortened = 0 if "text" in item.edited else _weight(item.text)
                saves = max(1, self.costs.get(item.story_id, 0) - shortened)
                yield self._step(item, None, self._farewell(item), saves)

    def _farewell(self, item: Item) -> str:
        if item.is_pinned:
            return "Nothing else helped: this pinned story was left out"
        if "text" in item.edited:
            return "Nothing else helped: this story, which you rewrote, was left out"
        return "It was left out"

    def _step(self, item: Item, text: str | None, what: str, saves: int) -> _Step:
        cut = Cut(story_id=item.story_id, headline=item.headline, text=text, why=f"{what}, {self.why}.")
        return _Step(cut=cut, saves=saves)


def _last_of_each(steps: Sequence[_Step]) -> tuple[Cut, ...]:
    return tuple({step.cut.story_id: step.cut for step in steps}.values())


def _first(saved: Sequence[int], wanted: int) -> int:
    """Return how many steps save that many bytes; all of them where none is enough."""
    return next((count for count, bytes_saved in enumerate(saved) if bytes_saved >= wanted), len(saved) - 1)


def _weight(text: str) -> int:
    return len(escape(text, quote=False).encode("utf-8", "replace"))


def _size(rendered: Rendered) -> int:
    return len(rendered.html.encode("utf-8", "replace"))
