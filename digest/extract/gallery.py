"""Choose which of a page's pictures belong to its story, and which one leads."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import unquote, urlsplit

from lxml.html import HtmlElement

from digest.extract.blocks import OUTSIDE, Block, letters_of
from digest.extract.canonical import join_url
from digest.extract.credit import clean_credit, split_credit
from digest.extract.decoration import is_decoration
from digest.extract.figure import detached_words, words_with
from digest.extract.jsonld import Node, as_list, resolve, types_of
from digest.extract.pictures import read_image
from digest.extract.structured import Structured, clean
from digest.model import Image

_TOKEN = re.compile(r"[A-Za-z0-9]+(?:[-_][A-Za-z0-9]+)*")
_SIZE = re.compile(
    r"(?:\d{2,4}x\d{2,4}|w\d{3,4}|\d{3,4}w|scaled|thumb\w*|small|large|medium|original|full|crop\w*)", re.I
)
_PERSON = re.compile(
    r"(?:^|[\s_-])(?:author|avatar|byline|profile|contributor|autor\w*|logo)(?:$|[\s_-])", re.I
)
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
    published = _published(structured)
    span = _span(root, blocks, positions, title)
    seen = [
        item
        for item in _seen(root, structured, published, positions, span, path, words)
        if not _is_portrait(item.image, authors)
    ]
    scope = [item for item in seen if span.holds(item) and not item.is_outside]
    lead = _lead(seen, scope, span.early, published)
    if lead is not None and not lead.caption and not lead.credit:
        near = [element for element, position in positions.items() if span.top <= position <= span.early]
        caption, credit = detached_words([element for element in near if isinstance(element.tag, str)])
        lead = replace(lead, caption=caption, credit=credit)
    if lead is not None and lead.caption and letters_of(lead.caption) == letters_of(title):
        lead = replace(lead, caption=None)
    ordered = [lead] if lead else []
    ordered += [item.image for item in scope if lead is None or not same_picture(item.image.url, lead.url)]
    return _distinct(ordered)[:_MAX_IMAGES]


def _is_portrait(image: Image, authors: Sequence[str]) -> bool:
    """Say whether a picture shows an author, as its description or its address tells."""
    shown = letters_of(image.alt or ""), letters_of((image.url or "").rsplit("/", 1)[-1])
    names = [letters_of(author) for author in authors if len(author) > 5]
    return any(name == shown[0].removesuffix("jpg") or name in shown[1] for name in names)


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
    found = set()
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
    for element in root.iter("img", "amp-img"):
        position = positions[element]
        image = read_image(element, base=structured.base, path=path, with_words=False)
        if image is None:
            continue
        own = picture_keys(image.url) | {image.url} if image.url else set()
        is_published = any(own & theirs for theirs in keys)
        is_outside = _is_outside(element)
        if is_published or (span.top <= position <= span.end and not is_outside):
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
        around = set(blocks[0].element.iterancestors())
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
        return published[0]
    return scope[0].image if scope else None


def _fullest(items: Sequence[_Seen]) -> Image:
    """Return the first picture, or the first copy of it that has words with it."""
    first = items[0].image
    copies = [item.image for item in items if same_picture(item.image.url, first.url)]
    return next((image for image in copies if image.caption or image.credit), first)


def _completed(image: Image, published: Sequence[Image]) -> Image:
    """Return the picture with the credit that only the head of the page knows."""
    for other in published:
        if same_picture(image.url, other.url):
            return replace(
                image,
                credit=image.credit or other.credit,
                alt=image.alt or other.alt,
                width=image.width or other.width,
                height=image.height or other.height,
            )
    return image


def _published(structured: Structured) -> list[Image]:
    """Return the pictures that the head of the page gives for the story."""
    found: list[Image] = []
    for node in structured.articles:
        for key in ("image", "primaryImageOfPage", "thumbnailUrl"):
            for value in as_list(node.get(key)):
                found += _from_node(resolve(value, list(structured.nodes)), structured)
    for name in ("og:image:secure_url", "og:image", "og:image:url", "twitter:image", "twitter:image:src"):
        for address in structured.metas.get(name, ()):
            url = join_url(structured.base, address)
            if url and not is_decoration(url):
                alt = structured.meta("og:image:alt", "twitter:image:alt")
                found.append(Image(url=url, alt=alt))
    return _distinct(found)


def _from_node(value: object, structured: Structured) -> list[Image]:
    node: Node = value if isinstance(value, Mapping) else {"url": value}
    addresses = [address for key in ("url", "contentUrl", "@id") for address in as_list(node.get(key))]
    credit = clean(node.get("creditText")) or clean(node.get("copyrightNotice"))
    for key in ("creator", "author", "copyrightHolder"):
        for owner in as_list(node.get(key)):
            name = clean(owner.get("name")) if isinstance(owner, Mapping) else clean(owner)
            credit = credit or name
    caption, own = split_credit(clean(node.get("caption")))
    if types_of(node) and "ImageObject" not in types_of(node):
        caption = None
    found = []
    for address in addresses[:1]:
        url = join_url(structured.base, address)
        if url and not is_decoration(url):
            found.append(Image(url=url, caption=caption, credit=clean_credit(credit) or own))
    return found


def _distinct(images: Iterable[Image]) -> list[Image]:
    found: dict[str, Image] = {}
    for image in images:
        found.setdefault(image.url or str(image.file), image)
    return list(found.values())


def _is_outside(element: HtmlElement) -> bool:
    """Say whether a picture belongs to something else: another story's teaser, an author, the site."""
    for ancestor in element.iterancestors():
        if ancestor.tag in ("nav", "aside", "footer"):
            return True
        if ancestor.tag in ("body", "article", "main"):
            return False
        name = f"{ancestor.get('class') or ''} {ancestor.get('id') or ''}"
        if _PERSON.search(name) or (OUTSIDE.search(name) and _leads_away(ancestor)):
            return True
    return False


def _leads_away(holder: HtmlElement) -> bool:
    """Say whether an element holds the title of another story as a link."""
    return any(len(link.text_content().split()) >= 4 for link in holder.iter("a"))
