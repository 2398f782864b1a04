"""Choose which pictures travel inside the message."""

from __future__ import annotations

from collections.abc import Mapping

from digest.model import Edition, Picture, StoryId

LIMIT = 1_000_000
"""Bytes of all pictures as the message carries them, base64 included."""


def choose_attached(
    edition: Edition, pictures: Mapping[StoryId, Picture], *, limit: int = LIMIT
) -> dict[StoryId, Picture]:
    """Return the pictures that fit: the hero's, then thumbnails in reading order as they fit."""
    chosen: dict[StoryId, Picture] = {}
    carried: set[str] = set()
    left = limit
    for item in edition.items:
        picture = pictures.get(item.story_id)
        if picture is None:
            continue
        weight = 0 if picture.name in carried else encoded_size(len(picture.content))
        if weight <= left:
            chosen[item.story_id] = picture
            carried.add(picture.name)
            left -= weight
    return chosen


def encoded_size(size: int) -> int:
    """Return how many bytes base64 makes of `size`, its line ends included."""
    characters = -(-size // 3) * 4
    return characters + -(-characters // 76) * 2
