"""Tell what each story costs an email in bytes, by looking at the page as it was laid out."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree

from digest.model import Edition, StoryId
from digest.render.clean import clean_line, safe_url

_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_NUMBER = re.compile(r"^\d+\W+")
_FRAME = StoryId("")
"""Stands for what is no story's: the masthead, and the footer with its links for each reader."""


def story_costs(html: str, edition: Edition) -> dict[StoryId, int]:
    """Return how many bytes of the HTML each story takes, in reading order: what leaving it out would save.

    A story is known by its headline and its address, in any layout; what holds two stories, such as a
    section's label, is nobody's. One that is not in the page costs nothing.
    """
    costs = dict.fromkeys((item.story_id for item in edition.items), 0)
    root = etree.fromstring(html.strip(), etree.HTMLParser()) if html.strip() else None
    body = root.find("body") if root is not None else None
    if body is None:
        return costs
    held = _stories_within(body, edition)
    for element in body.iter():
        stories = held.get(element, set())
        parent = element.getparent()
        if len(stories) != 1 or stories == {_FRAME} or (parent is not None and held.get(parent) == stories):
            continue
        costs[next(iter(stories))] += len(etree.tostring(element, method="html", encoding="utf-8"))
    return costs


def stories_of(body: etree._Element, edition: Edition) -> dict[etree._Element, StoryId]:
    """Return the elements of a page's body that are one story's alone, as far as they hold its headline or link."""
    held = _stories_within(body, edition).items()
    return {element: next(iter(some)) for element, some in held if len(some) == 1 and some != {_FRAME}}


def _stories_within(body: etree._Element, edition: Edition) -> dict[etree._Element, set[StoryId]]:
    """Return, of each element that has any, the stories that are told in it."""
    within: dict[etree._Element, set[StoryId]] = {body: {_FRAME}}
    for element, story in _marks(body, edition):
        place: etree._Element | None = element
        while place is not None and story not in within.setdefault(place, set()):
            within[place].add(story)
            place = place.getparent()
    return within


def _marks(body: etree._Element, edition: Edition) -> Iterator[tuple[etree._Element, StoryId]]:
    addresses: dict[str, StoryId] = {}
    headlines: dict[str, StoryId] = {}
    for item in edition.items:
        headlines.setdefault(" ".join(clean_line(item.headline).split()), item.story_id)
        if url := safe_url(item.url):
            addresses.setdefault(url, item.story_id)
    for element in body.iter("a", *_HEADINGS):
        if element.tag == "a":
            href = element.get("href", "")
            story = _FRAME if "@@" in href else addresses.get(href)
        else:
            text = " ".join("".join(map(str, element.itertext())).split())
            story = headlines.get(text) or headlines.get(_NUMBER.sub("", text))
            story = story or (_FRAME if element.tag == "h1" else None)
        if story is not None:
            yield element, story
