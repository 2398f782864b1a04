"""Choose the picture of a feed entry among its media, enclosures and thumbnails."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urljoin, urlsplit

from digest.ingest.feed_text import clean_text
from digest.model import Image

_ENDINGS = (".jpg", ".jpeg", ".png", ".webp", ".avif", ".gif")


def find_image(fields: Mapping[str, Any], *, base: str) -> Image | None:
    """Return the widest picture that the parser's `fields` name, with its caption and credit."""
    images = list(_images(fields, base))
    return max(images, key=lambda image: image.width or 0) if images else None


def _images(fields: Mapping[str, Any], base: str) -> Iterator[Image]:
    for media in _records(fields.get("media_content")):
        if _is_picture(media):
            yield from _image(media, base)
    for enclosure in _records(fields.get("enclosures")):
        if _is_picture(enclosure):
            yield from _image(enclosure, base)
    for thumbnail in _records(fields.get("media_thumbnail")):
        yield from _image(thumbnail, base)
    for key in ("image", "banner_image"):
        if isinstance(fields.get(key), str):
            yield from _image({"url": fields[key]}, base)


def _image(media: Mapping[str, Any], base: str) -> Iterator[Image]:
    address = media.get("url") or media.get("href")
    if not isinstance(address, str) or not address.strip():
        return
    try:
        url = urljoin(base, address.strip())
        scheme = urlsplit(url).scheme
    except ValueError:
        return
    if scheme in ("http", "https"):
        yield Image(
            url=url,
            caption=clean_text(media.get("description")) or None,
            credit=clean_text(media.get("credit")) or None,
            alt=clean_text(media.get("title")) or None,
            width=_pixels(media.get("width")),
            height=_pixels(media.get("height")),
        )


def _is_picture(media: Mapping[str, Any]) -> bool:
    kind = str(media.get("type") or media.get("medium") or "").lower()
    address = str(media.get("url") or media.get("href") or "").partition("?")[0].lower()
    return kind.startswith("image") or (not kind and address.endswith(_ENDINGS))


def _records(value: object) -> list[Mapping[str, Any]]:
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []


def _pixels(value: object) -> int | None:
    text = str(value or "")
    return int(text) if text.isascii() and text.isdigit() and 0 < int(text[:6]) < 100_000 else None
