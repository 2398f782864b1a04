"""Find the pictures of a story in its page, with their captions and credits."""

from __future__ import annotations

import itertools
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

_SOURCES = ("data-src", "data-lazy-src", "data-original", "data-url", "data-hi-res-src", "data-full-src")
_SETS = ("data-srcset", "data-lazy-srcset", "srcset", "data-sizes-srcset")
_PICTURE_FILE = re.compile(r"\.(?:jpe?g|png|webp|avif|gif)(?:$|[?&#;/%!])", re.I)
_STAND_IN = re.compile(
    r"thumb|lqip|placeholder|blur|low|small|tiny|share|pin-|logo|avatar|icon|href|link|poster", re.I
)
_IN_JSON = re.compile(r"""(?:"(?P<width>\d{2,4})"\s*:\s*)?"(?P<url>(?:https?:)?\\?/[^"\s]{4,900})\"""")
_MODERN = re.compile(r"webp|avif|jxl|heic", re.I)
_WIDEST = 2000


def read_image(
    element: HtmlElement, *, base: str | None, path: Path | None = None, with_words: bool = True
) -> Image | None:
    """Return the picture that an img element shows; None for decoration and what has no address.

    Without `with_words` its caption and credit are not looked for.
    """
    addresses = list(_addresses(element))
    url = next((joined for address in addresses if (joined := join_url(base, _whole(address)))), None)
    saved = (_file_beside(path, address) for address in (element.get("src"), *addresses))
    file = next((found for found in saved if found), None)
    if (url is None and file is None) or (url and is_decoration(url)):
        return None
    width, height = _size(element)
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
    """Yield the addresses of a picture, the best first: a lazy one before the placeholder that holds its place.

    Of the formats a picture comes in, those come last that mail programs may not show.
    """
    sets = [element.get(name) for name in _SETS]
    modern: list[str | None] = []
    picture = next(element.iterancestors("picture"), None)
    if picture is not None:
        for source in picture.iter("source"):
            found = [source.get(name) for name in _SETS]
            is_modern = _MODERN.search(source.get("type") or "")
            (modern if is_modern else sets).extend(found)
    for name in _SOURCES:
        if element.get(name):
            yield element.get(name)
    src = element.get("src") or ""
    if src and not src.startswith("data:") and not is_decoration(src):
        yield src
    for value in (*sets, *modern):
        if value:
            yield from widest_first(value)
    yield from _other_addresses(element)


def _other_addresses(element: HtmlElement) -> Iterator[str]:
    """Yield the addresses in attributes of a page's own naming: single, as a set, or within JSON."""
    for name, value in element.items():
        if not name.startswith("data-") or name in _SOURCES or name in _SETS or _STAND_IN.search(name):
            continue
        if value.lstrip()[:1] in ("{", "[") and "/" in value:
            yield from _in_json(value)
        elif _PICTURE_FILE.search(value) and " " in value.strip():
            yield from widest_first(value)
        elif _PICTURE_FILE.search(value) and "{" not in value:
            yield value


def _in_json(value: str) -> list[str]:
    found = [
        (int(match["width"] or 0), match["url"].replace("\\/", "/"))
        for match in _IN_JSON.finditer(value[:20_000])
        if _PICTURE_FILE.search(match["url"]) or match["width"]
    ]
    return [url for _, url in sorted(found, key=lambda item: -_order(item[0]))]


def _order(width: float) -> float:
    """Rank a width: the widest first, but those beyond what a page needs last."""
    return width if width <= _WIDEST else -width


def _whole(address: str) -> str:
    """Return an address without a fragment: it names no other picture."""
    return address.partition("#")[0] or address


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
        entries.append((_order(width), pieces[0].rstrip(",")))
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


def _size(element: HtmlElement) -> tuple[int | None, int | None]:
    """Return the width and height that an element gives its picture."""
    for name, value in element.items():
        if name.endswith(("dimensions", "data-size")) and not element.get("width"):
            both = re.fullmatch(r"\s*(\d{1,5})\s*[x×,]\s*(\d{1,5})\s*", value)
            if both:
                return _pixels(both.group(1)), _pixels(both.group(2))
    return _side(element, "width"), _side(element, "height")


def _side(element: HtmlElement, name: str) -> int | None:
    return _pixels(element.get(name)) or _pixels(element.get(f"data-{name}")) or _declared(element, name)


def _declared(element: HtmlElement, name: str) -> int | None:
    """Return the width or height that the microdata around a picture gives it."""
    for ancestor in itertools.islice(element.iterancestors(), 4):
        if "ImageObject" in (ancestor.get("itemtype") or ancestor.get("typeof") or ""):
            metas = [
                item for item in ancestor.iter("meta") if name in (item.get("itemprop"), item.get("property"))
            ]
            return _pixels(metas[0].get("content")) if metas else None
    return None


def _pixels(value: str | None) -> int | None:
    digits = re.match(r"\d{1,5}(?!\d|\s*%|\.\d*%|\s*v|\s*em)", (value or "").strip())
    return int(digits.group()) if digits and int(digits.group()) > 0 else None
