"""Choose the picture of a feed entry among those that it names beside its text."""

from __future__ import annotations

import re
from collections.abc import Iterable

from digest.ingest.feed_text import clean_text, join_address
from digest.ingest.raw_feed import RawEntry, RawPicture
from digest.model import Image

_OTHER = re.compile(
    r"[/._-](?:gr)?avatars?[/._-]|/favicon|/(?:spacer|blank|pixel|1x1)\.(?:gif|png)(?:\?|$)", re.I
)
_LEAST_PIXELS = 40
_CERTAIN_PIXELS = 200


def find_image(entry: RawEntry, *, base: str) -> Image | None:
    """Return the best picture of an entry, with its caption and credit; avatars, logos and counters are none.

    A full picture comes before a thumbnail, and among equals the widest.
    """
    pictures = entry.pictures
    if len(pictures) > 1:
        pictures = tuple(sorted(pictures, key=lambda one: (one.rank, -(one.width or 0))))
    for picture in pictures:
        url = join_address(base, picture.url)
        if url and not _is_other(picture, url, entry.authors):
            caption = clean_text(picture.caption) or None
            return Image(
                url=url,
                caption=None if caption in (entry.title, entry.summary) else caption,
                credit=clean_text(picture.credit) or None,
                alt=clean_text(picture.title) or None,
                width=picture.width,
                height=picture.height,
            )
    return None


def _is_other(picture: RawPicture, url: str, authors: Iterable[str]) -> bool:
    """Say whether a picture is not of the story: its author's face, a sign, a counter."""
    size = max(picture.width or 0, picture.height or 0)
    if size >= _CERTAIN_PIXELS:
        return False
    return 0 < size < _LEAST_PIXELS or picture.title in authors or bool(_OTHER.search(url, len("https://")))
