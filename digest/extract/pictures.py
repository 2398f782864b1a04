"""Find the pictures of a story in its page, with their captions and credits."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

from lxml.html import HtmlElement

from digest.extract.canonical import join_url
from digest.extract.decoration import is_decoration
from digest.extract.figure import words_with
from digest.extract.structured import clean
from digest.model import Image

_SOURCES = (
    "data-src",
    "data-lazy-src",
    "data-original",
    "data-url",
    "data-hi-res-src",
    "data-full-src",
    "src",
)
_SETS = ("data-srcset", "data-lazy-srcset", "srcset", "data-sizes-srcset")


def read_image(
    element: HtmlElement, *, base: str | None, path: Path | None = None, with_words: bool = True
) -> Image | None:
    """Return the picture that an img element shows; None for decoration and what has no address.

    Without `with_words` its caption and credit are not looked for.
    """
    addresses = list(_addresses(element))
    url = next((joined for address in addresses if (joined := join_url(base, address))), None)
    saved = (_file_beside(path, address) for address in (element.get("src"), *addresses))
    file = next((found for found in saved if found), None)
    if (url is None and file is None) or (url and is_decoration(url)):
        return None
    width, height = _pixels(element.get("width")), _pixels(element.get("height"))
    if (width and width < 60) or (height and height < 60):
        return None
    caption, credit = words_with(element) if with_words else (None, None)
    return Image(
        url=url,
        alt=clean(element.get("alt")) or None,
        caption=caption,
        credit=credit,
        width=width,
        height=height,
        file=file,
    )


def _addresses(element: HtmlElement) -> Iterator[str]:
    """Yield the addresses of a picture, the best first: a lazy one before the placeholder that holds its place."""
    sets = [element.get(name) for name in _SETS]
    picture = next(element.iterancestors("picture"), None)
    if picture is not None:
        for source in picture.iter("source"):
            sets += [source.get(name) for name in _SETS]
    for name in _SOURCES[:-1]:
        if element.get(name):
            yield element.get(name)
    src = element.get("src") or ""
    if src and not src.startswith("data:") and not is_decoration(src):
        yield src
    for value in sets:
        if value:
            yield from widest_first(value)


def widest_first(srcset: str) -> list[str]:
    """Return the addresses of a srcset, the widest first but those beyond 2000 pixels last."""
    entries: list[tuple[float, str]] = []
    for part in re.split(r",\s+(?=\S)|,(?=https?:|//|/)", srcset.strip()):
        pieces = part.split()
        if not pieces:
            continue
        size = re.match(r"([\d.]+)[wx]", pieces[-1]) if len(pieces) > 1 else None
        width = (
            float(size.group(1)) if size and size.group(1).count(".") < 2 and size.group(1) != "." else 0.0
        )
        entries.append((width if width <= 2000 else -width, pieces[0].rstrip(",")))
    return [address for _, address in sorted(entries, key=lambda entry: -entry[0])]


def _file_beside(path: Path | None, src: str | None) -> Path | None:
    """Return the file that a saved page shows: inside the page's own folder, and nowhere else."""
    if path is None or not src:
        return None
    try:
        parts = urlsplit(src)
        if parts.scheme or parts.netloc or not parts.path or "\0" in parts.path:
            return None
        folder = path.parent.resolve()
        file = (folder / unquote(parts.path).lstrip("/")).resolve()
        inside = file.is_relative_to(folder) and file.is_file()
    except (OSError, ValueError):
        return None
    return file if inside else None


def _pixels(value: str | None) -> int | None:
    digits = re.match(r"\d{1,5}", (value or "").strip())
    return int(digits.group()) if digits and int(digits.group()) > 0 else None
