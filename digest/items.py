"""Make an edition's items of ranked stories, keep them in sections, find them by what a person typed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TypeVar
from urllib.parse import urlsplit

from digest.captions import printable_caption
from digest.errors import EditionError
from digest.model import Blurb, EditionName, Image, Item, LeftOut, Ranked
from digest.subject.cleaning import tidy


def make_item(entry: Ranked, blurb: Blurb | None) -> Item:
    """Return a story and its blurb as an edition holds them; without a blurb it shows its headline alone."""
    story = entry.story
    if blurb is None:
        blurb = Blurb(story_id=story.id, text="", sentences=(), image=story.lead_image, method="none")
    return Item(
        story_id=story.id,
        section=entry.section,
        headline=tidy(story.title),
        text=blurb.text,
        blurb=blurb,
        site=entry.outlet or story.site or urlsplit(story.url or "").hostname or story.source,
        url=story.url,
        image=captioned(blurb.image, story.title),
        authors=story.authors,
        published_at=story.published_at,
        language=story.language,
        story_words=len(story.text.split()),
        also_in=entry.also_in,
        score=entry.score,
        reasons=entry.reasons,
        follows=entry.follows,
    )


def captioned(image: Image | None, headline: str) -> Image | None:
    """Return a picture without what stands in a caption's place and is none."""
    if image is None:
        return None
    return replace(image, caption=printable_caption(image.caption, alt=image.alt, headline=headline))


def place_of(story: Item, items: Sequence[Item]) -> int:
    """Return where a story would stand in its section by its score."""
    lesser = (
        place
        for place, item in enumerate(items)
        if item.section == story.section and item.score < story.score
    )
    return next(lesser, len(items))


def in_sections(items: Iterable[Item], order: Iterable[str]) -> list[Item]:
    """Return the items with sections kept together, in the order that names each section first."""
    places = {section: place for place, section in enumerate(dict.fromkeys(order))}
    return sorted(items, key=lambda item: places[item.section])


Listed = TypeVar("Listed", Item, LeftOut)


def find_among(items: Sequence[Listed], ref: str, *, name: EditionName) -> Listed:
    """Return the story with that story id, unique beginning of one, or place (1 is the first).

    Raises EditionError naming what there is.
    """
    ref = ref.strip()
    for item in items:
        if item.story_id == ref:
            return item
    if ref.isascii() and ref.isdigit() and len(ref) <= 3:
        if 1 <= int(ref) <= len(items):
            return items[int(ref) - 1]
    else:
        found = [item for item in items if ref and item.story_id.startswith(ref)]
        if len(found) == 1:
            return found[0]
        if found:
            raise EditionError(f"'{ref}' could be {len(found)} stories of {name}. Type more of the id.")
    raise EditionError(
        f"There is no story '{ref}' in {name}, which holds {len(items)}. "
        f"Name one by its place or its id; 'digest show {name}' lists them."
    )
