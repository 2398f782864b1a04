"""Choose what drops a passage from a story, and count what a rule costs the story."""

from __future__ import annotations

from collections.abc import Sequence

from lxml.html import HtmlElement

from digest.extract.blocks import letters_of
from digest.extract.page_words import PageWords
from digest.extract.selector_choice import ranked_selectors
from digest.extract.site_rules import Selector, parse_selector
from digest.model import Image, Story

_MOST_ELEMENTS = 8
_MOST_LOST = 1 / 3
"""What is dropped may cost at most this part of the story's words besides the passage itself."""


def droppers(words: PageWords, holders: Sequence[HtmlElement], passage: str) -> list[tuple[int, Selector]]:
    """Return selectors for the passage's element, for those around it that hold little more, and for its words."""
    costs: dict[str, int] = {}
    for holder in holders[:_MOST_ELEMENTS]:
        most = 3 * words.length(holder) + 200
        around = [
            item for item in holder.iterancestors() if words.length(item) <= most and item.tag != "body"
        ]
        for level, element in enumerate([holder, *around]):
            for cost, css in ranked_selectors(element):
                if ":nth-" not in css:
                    costs[css] = min(cost + level, costs.get(css, cost + level))
        told = " ".join(passage.split()).partition('"')[0].partition("\\")[0][:60].strip()
        if len(told) > 8:
            costs[f'{holder.tag}:contains("{told}")'] = 12
    return [(cost, parse_selector(css)) for css, cost in sorted(costs.items(), key=lambda item: item[1])]


def lost_words(before: Story | None, after: Story | None, passage: str) -> int | None:
    """Return how many words were lost besides the passage's paragraph; None where it is there still, or too many."""
    gone = letters_of(passage)
    if after is None or gone in letters_of(after.text):
        return None
    if before is None:
        return 0
    kept = set(after.text.split("\n\n"))
    lost = sum(
        len(paragraph.split())
        for paragraph in before.text.split("\n\n")
        if paragraph not in kept and gone not in letters_of(paragraph)
    )
    return lost if lost <= _MOST_LOST * len(before.text.split()) else None


def lost_facts(before: Story | None, after: Story) -> int:
    """Return how many of a story's facts a rule for its text has cost: names, date, picture and its words."""
    if before is None:
        return 0
    pictures = [story.lead_image or Image() for story in (before, after)]
    pairs = [
        (before.title, after.title),
        (before.authors, after.authors),
        (before.published_at, after.published_at),
        *((getattr(pictures[0], name), getattr(pictures[1], name)) for name in ("url", "caption", "credit")),
    ]
    return sum(bool(old) and old != new for old, new in pairs)
