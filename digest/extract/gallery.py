"""Choose which of a page's pictures belong to its story, and which one leads."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import unquote, urlsplit

from lxml.html import HtmlElement

from digest.extract.blocks import Block, letters_of
from digest.extract.credit import split_credit
from digest.extract.figure import detached_words, words_with
from digest.extract.outsiders import is_advertisement, is_portrait, is_teaser
from digest.extract.outsiders import is_outside as is_outsider
from digest.extract.pictures import read_image
from digest.extract.published_pictures import complete, merge_copies, read_published, without_echo
from digest.extract.structured import Structured, clean
from digest.model import Image

_TOKEN = re.compile(r"[A-Za-z0-9]+(?:[-_][A-Za-z0-9]+)*")
_SIZE = re.compile(
    r"(?:\d{2,4}x\d{2,4}|w\d{3,4}|\d{3,4}w|scaled|thumb\w*|small|large|medium|original|full|crop\w*)", re.I
)
_FILE = re.compile(r"[^/]{5,}\.(?:jpe?g|png|webp|avif|gif)$", re.I)
_MAX_IMAGES = 60
WordsWith = Callable[[HtmlElement], tuple[str | None, str | None]]
"""What gives the caption and the credit that stand with an img element."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    position: int
    image: Image
    is_outside: bool
    is_published: bool


def find_images(
    root: HtmlElement,
    structured: Structured,
    blocks: Sequence[Block],
    *,
    title: str,
    authors: Sequence[str] = (),
    path: Path | None = None,
    words: WordsWith = words_with,
) -> list[Image]:
    """Return the story's pictures, the leading one first, the others in the page's order.

    A picture belongs to the story when it stands between the headline and the last paragraph, or above the
    headline in the same element with a caption, or when the head of the page names it. The authors' portraits
    do not.
    """
    positions = {element: position for position, element in enumerate(root.iter())}
    published = read_published(structured)
    span = _span(root, blocks, positions, title)
    seen = [
        item
        for item in _seen(root, structured, published, positions, span, path, words)
        if not is_portrait(item.image, authors)
    ]
    scope = [item for item in seen if span.holds(item) and not item.is_outside]
    lead = _lead(seen, scope, span.early, published)
    if lead is not None and not lead.caption and not lead.credit:
        near = [element for element, position in positions.items() if span.top <= position <= span.early]
        caption, credit = detached_words([element for element in near if isinstance(element.tag, str)])
        lead = replace(lead, caption=caption, credit=credit)
    if (
        lead is not None
        and lead.caption
        and letters_of(lead.caption)
        in (
            letters_of(title),
            letters_of(lead.credit or ""),
        )
    ):
        lead = replace(lead, caption=None)
    if lead is not None:
        lead = merge_copies([lead, *(item.image for item in scope if item.image.url == lead.url)])[0]
        lead = _with_owner(lead, structured)
    ordered = [lead] if lead else []
    ordered += [item.image for item in scope if lead is None or not same_picture(item.image.url, lead.url)]
    return merge_copies(ordered)[:_MAX_IMAGES]


def same_picture(one: str | None, other: str | None) -> bool:
    """Say whether two addresses show one picture in different sizes."""
    if not one or not other:
        return False
    if one == other:
        return True
    names = {_spelled_name(one), _spelled_name(other)}
    if len(names) == 2 and "" not in names:
        return False
    return bool(picture_keys(one) & picture_keys(other))


def _spelled_name(url: str) -> str:
    """Return the words of a file's name; pictures of one story may share a folder, and then these tell them apart.

    Empty for a name that is a hash, a number or a size.
    """
    stem = _SIZE.sub("", unquote(urlsplit(url).path).rsplit("/", 1)[-1].rsplit(".", 1)[0]).casefold()
    words = re.findall(r"[a-z]{4,}", stem)
    return "-".join(words) if words and not re.search(r"\d[a-f]+\d", stem) else ""


def picture_keys(url: str) -> set[str]:
    """Return what names the picture in an address whatever its size: long tokens of the path."""
    try:
        parts = urlsplit(unquote(url))
    except ValueError:
        return set()
    found = {f"{parts.netloc}{parts.path}"} if _FILE.search(parts.path) else set()
    segments = [segment for segment in (parts.path + "/" + parts.query).split("/") if segment]
    for segment in segments[-4:]:
        stem = segment.rsplit(".", 1)[0] if "." in segment[-6:] else segment
        for token in _TOKEN.findall(_SIZE.sub("", stem)):
            token = token.strip("-_").casefold()
            digits = sum(char.isdigit() for char in token)
            if len(token) >= 14 or (len(token) >= 7 and digits >= 4):
                found.add(token)
    return found


def _seen(
    root: HtmlElement,
    structured: Structured,
    published: Sequence[Image],
    positions: Mapping[HtmlElement, int],
    span: _Span,
    path: Path | None,
    words: WordsWith,
) -> list[_Seen]:
    """Return the pictures of the page up to the story's end; words are read for those that may belong to it."""
    keys = [picture_keys(image.url) | {image.url} for image in published if image.url]
    found = []
    host = urlsplit(structured.base or "").netloc
    for element in root.iter("img", "amp-img"):
        position = positions[element]
        image = read_image(element, base=structured.base, path=path, with_words=False)
        if image is None:
            continue
        own = picture_keys(image.url) | {image.url} if image.url else set()
        is_published = any(own & theirs for theirs in keys)
        is_near = span.top <= position <= span.end
        if not is_near and not is_published:
            continue
        is_outside = is_outsider(element)
        if is_near and not is_outside:
            is_outside = is_advertisement(element, image, host) or (not is_published and is_teaser(element))
        if is_published or (is_near and not is_outside):
            caption, credit = words(element)
            image = replace(image, caption=caption, credit=credit)
        found.append(_Seen(position=position, image=image, is_outside=is_outside, is_published=is_published))
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class _Span:
    """Where the story stands: its element, its headline, its third paragraph and its end, as positions."""

    top: int
    head: int
    early: int
    end: int

    def holds(self, item: _Seen) -> bool:
        if self.head <= item.position <= self.end:
            return True
        told = bool(item.image.caption or item.image.credit or item.is_published)
        return told and self.top <= item.position < self.head


def _span(
    root: HtmlElement, blocks: Sequence[Block], positions: Mapping[HtmlElement, int], title: str
) -> _Span:
    if not blocks:
        return _Span(top=0, head=0, early=len(positions), end=len(positions))
    places = [positions.get(block.element, 0) for block in blocks]
    first, last = min(places), max(places)
    head, heading = first, None
    wanted = letters_of(title)
    for element in root.iter("h1", "h2"):
        text = letters_of(clean(element.text_content()))
        position = positions[element]
        if position < first and text and (text == wanted or element.tag == "h1"):
            head, heading = position, element
            if text == wanted:
                break
    top = head
    if heading is not None:
        around = set(blocks[min(2, len(blocks) - 1)].element.iterancestors())
        shared = next((ancestor for ancestor in heading.iterancestors() if ancestor in around), None)
        if shared is not None and shared.tag not in ("body", "html"):
            top = positions[shared]
    return _Span(top=top, head=head, early=max(first, places[min(3, len(places) - 1)]), end=last + 40)


def _lead(
    seen: Sequence[_Seen], scope: Sequence[_Seen], early: int, published: Sequence[Image]
) -> Image | None:
    """Return the leading picture: one that the head names, else the first near the story's top."""
    near = [item for item in scope if item.position <= early]
    told = [item for item in near if item.image.caption or item.image.credit]
    for items in (
        [item for item in near if item.is_published],
        told,
        [item for item in scope if item.is_published],
    ):
        if items:
            return _completed(_fullest(items), published)
    if near:
        return near[0].image
    above = [item for item in seen if item.is_published and not item.is_outside]
    if above:
        return _completed(_fullest(above), published)
    if published:
        return without_echo(published[0])
    return scope[0].image if scope else None


def _fullest(items: Sequence[_Seen]) -> Image:
    """Return the first picture, or the first copy of it that has words with it."""
    first = items[0].image
    copies = [item.image for item in items if same_picture(item.image.url, first.url)]
    return next((image for image in copies if image.caption or image.credit), first)


def _completed(image: Image, published: Sequence[Image]) -> Image:
    """Return the picture with what only the head of the page knows of it; what repeats its alt is no caption."""
    for other in published:
        if same_picture(image.url, other.url):
            return complete(image, without_echo(replace(other, alt=image.alt or other.alt)))
    return image


def _with_owner(image: Image, structured: Structured) -> Image:
    """Return the picture with the credit that ends its alt, where it has none: `Jo speaks. (AP Photo/Jane Doe)`."""
    if image.credit:
        return image
    for alt in (image.alt, structured.meta("og:image:alt", "twitter:image:alt")):
        told, credit = split_credit(alt or "")
        if told and credit:
            return replace(image, credit=credit)
    return image
