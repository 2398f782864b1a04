"""Read the pictures that the head of a page gives for its story: JSON-LD and the meta elements for sharing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from digest.extract.blocks import letters_of
from digest.extract.canonical import join_url
from digest.extract.credit import clean_credit, split_credit
from digest.extract.decoration import is_decoration
from digest.extract.jsonld import Node, as_list, resolve, types_of
from digest.extract.structured import Structured, clean
from digest.model import Image

_METAS = ("og:image:secure_url", "og:image", "og:image:url", "twitter:image", "twitter:image:src")
_OWNERS = ("creator", "author", "copyrightHolder")


def read_published(structured: Structured) -> list[Image]:
    """Return the pictures that the head of the page gives for the story; the publisher's logo is none."""
    logos = set(_logos(structured))
    found: list[Image] = []
    for node in structured.articles:
        for key in ("image", "primaryImageOfPage", "thumbnailUrl"):
            for value in _flat(node.get(key)):
                found += _from_node(resolve(value, list(structured.nodes)), structured)
    alt = structured.meta("og:image:alt", "twitter:image:alt")
    for name in _METAS:
        addresses = structured.metas.get(name, ())
        for position, address in enumerate(addresses):
            url = join_url(structured.base, address)
            if url and not is_decoration(url):
                width, height = (
                    _meta_pixels(structured, f"og:image:{side}", position) if name.startswith("og:") else None
                    for side in ("width", "height")
                )
                found.append(Image(url=url, alt=alt, width=width, height=height))
    return merge_copies(image for image in found if image.url not in logos)


def merge_copies(images: Iterable[Image]) -> list[Image]:
    """Return each address once, with what its copies know together."""
    found: dict[str, Image] = {}
    for image in images:
        key = image.url or str(image.file)
        found[key] = complete(found[key], image) if key in found else image
    return list(found.values())


def complete(image: Image, other: Image) -> Image:
    """Return a picture with what only its copy knows."""
    return replace(
        image,
        caption=image.caption or other.caption,
        credit=image.credit or other.credit,
        alt=image.alt or other.alt,
        width=image.width or other.width,
        height=image.height or (other.height if image.width in (None, other.width) else None),
    )


def without_echo(image: Image, *texts: str | None) -> Image:
    """Return a picture without a caption that only repeats its alt or the story's own words."""
    said = {letters_of(text) for text in (image.alt, *texts) if text}
    caption = image.caption or ""
    if letters_of(caption) in said or (len(caption.split()) < 3 and caption.isascii()):
        return replace(image, caption=None)
    return image


def _from_node(value: object, structured: Structured) -> Iterator[Image]:
    node: Node = value if isinstance(value, Mapping) else _described(value, structured)
    kinds = types_of(node)
    addresses = [address for key in ("url", "contentUrl", "@id") for address in _flat(node.get(key))]
    caption, own = split_credit(clean(node.get("caption")))
    if kinds and "ImageObject" not in kinds:
        caption = None
    for address in addresses[:1]:
        url = join_url(structured.base, address)
        if url and not is_decoration(url):
            yield Image(
                url=url,
                caption=caption,
                credit=_owner(node, structured) or own,
                width=_pixels(node.get("width")),
                height=_pixels(node.get("height")),
            )


def _described(address: object, structured: Structured) -> Node:
    """Return the node that describes the picture at an address, else one that knows the address alone."""
    for node in structured.nodes:
        if "ImageObject" in types_of(node) and address in (node.get("contentUrl"), node.get("url")):
            return node
    return {"url": address}


def _owner(node: Node, structured: Structured) -> str | None:
    """Return a picture's credit: as it is spelled, else the names of those who made it and hold its rights."""
    for key in ("creditText", "copyrightNotice"):
        credit = clean_credit(clean(node.get(key)))
        if credit:
            return credit
    names: list[str] = []
    for key in _OWNERS:
        for value in _flat(node.get(key)):
            owner = resolve(value, list(structured.nodes))
            name = clean_credit(clean(owner.get("name")) if isinstance(owner, Mapping) else clean(owner))
            if name and "://" not in name and not any(name in other for other in names):
                names.append(name)
    return ", ".join(names) or None


def _logos(structured: Structured) -> Iterator[str]:
    for node in structured.nodes:
        for value in _flat(node.get("logo")):
            logo = resolve(value, list(structured.nodes))
            address = (logo.get("url") or logo.get("contentUrl")) if isinstance(logo, Mapping) else logo
            url = join_url(structured.base, address)
            if url:
                yield url


def _flat(value: object, depth: int = 0) -> list[object]:
    """Return the values of a list, and of the lists in it."""
    if not isinstance(value, list):
        return as_list(value)
    return [item for part in value[:50] for item in (_flat(part, depth + 1) if depth < 3 else [part])]


def _pixels(value: object) -> int | None:
    if isinstance(value, Mapping):
        value = value.get("value")
    if isinstance(value, str):
        value = value.strip().removesuffix("px").strip()
        value = int(value) if value.isascii() and value.isdigit() and len(value) < 6 else None
    return int(value) if isinstance(value, int | float) and 0 < value < 100_000 else None


def _meta_pixels(structured: Structured, name: str, position: int) -> int | None:
    values = structured.metas.get(name, ())
    return _pixels(values[position]) if position < len(values) else None
