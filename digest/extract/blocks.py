"""Cut a page into blocks of text in document order, each with where it stands."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import islice

from lxml.etree import iterwalk
from lxml.html import HtmlElement

from digest.extract.structured import clean

_BLOCK = frozenset(
    {
        "address", "article", "aside", "blockquote", "body", "center", "dd", "details", "div", "dl", "dt",
        "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6",
        "header", "hr", "html", "legend", "li", "main", "nav", "ol", "p", "pre", "section", "summary",
        "table", "tbody", "tfoot", "thead", "tr", "ul",
    }
)  # fmt: skip
_SKIPPED = frozenset(
    {
        "script", "style", "noscript", "template", "svg", "math", "iframe", "object", "embed", "button",
        "select", "option", "input", "textarea", "canvas", "audio", "video", "head", "title", "meta",
        "link", "nav", "menu", "dialog", "label",
    }
)  # fmt: skip
_PARTING = {"br": "\n", "td": " ", "th": " "}
_EMPTY_LINE = re.compile(r"\n\s*\n")
_OTHERS = re.compile(r"[\W_]+")
_ASCII_OTHERS = {code: None for code in range(128) if not chr(code).isalnum()}
_MAX_DEPTH = 400
_MAX_BLOCKS = 30_000
OUTSIDE = re.compile(
    r"(?:^|[\s_-])(?:related|recommend\w*|teaser\w*|promo\w*|sidebar|newsletter|comments?|footer|"
    r"navigation|menu|social|share|"
    r"sharing|author-?(?:box|bio|info|card)|ads?|advert\w*|sponsor\w*|outbrain|taboola|most-?(?:read|"
    r"popular)|trending|popular|"
    r"cookie\w*|consent|breadcrumbs?|tags?|topics?|read-?(?:more|next|also)|more-?(?:stories|news|articles))"
    r"(?:$|[\s_-])",
    re.I,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One block of text. `link_share` is the part that is links.

    `letters` are the text's letters and digits alone, for comparing.
    """

    element: HtmlElement
    tag: str
    text: str
    link_share: float
    is_caption: bool
    is_outside: bool
    letters: str


def letters_of(text: str) -> str:
    """Return the letters and digits of a text, case folded."""
    if text.isascii():
        return text.translate(_ASCII_OTHERS).lower()
    return _OTHERS.sub("", text).casefold()


def read_blocks(root: HtmlElement) -> list[Block]:
    """Return the blocks of a page that hold text, in document order."""
    blocks = list(islice(_Walker(root).blocks(), _MAX_BLOCKS))
    words = sum(len(block.text) for block in blocks if block.tag == "p")
    outside = sum(len(block.text) for block in blocks if block.tag == "p" and block.is_outside)
    if 2 * outside > words:
        # A name such as "social" or "related" on an element around everything says nothing.
        return [replace(block, is_outside=False) for block in blocks]
    return blocks


class _Walker:
    """Walk the tree once without recursion, collecting the text of each block."""

    def __init__(self, root: HtmlElement) -> None:
        self._root = root
        self._parts: list[str] = []
        self._links = 0
        self._link_chars = 0

    def blocks(self) -> Iterator[Block]:
        """Yield the blocks; a block's text ends where another begins."""
        owners: list[tuple[HtmlElement, bool, bool]] = [(self._root, False, False)]
        skipped: HtmlElement | None = None
        walk = iterwalk(self._root, events=("start", "end", "comment", "pi"))
        for event, element in walk:
            tag = element.tag
            if event == "start":
                if tag in _SKIPPED or len(owners) > _MAX_DEPTH:
                    skipped = element
                    walk.skip_subtree()
                    continue
                if tag in _BLOCK:
                    yield from self._flush(owners[-1])
                    owners.append(_owner(element, owners[-1]))
                elif tag in _PARTING:
                    self._parts.append(_PARTING[tag])
                self._links += tag == "a"
                if element.text:
                    self._add(element.text)
                continue
            if event == "end" and element is not skipped:
                self._links -= tag == "a"
                if tag in _BLOCK:
                    yield from self._flush(owners.pop())
            skipped = None
            if element.tail:
                self._add(element.tail)

    def _add(self, text: str) -> None:
        self._parts.append(text)
        if self._links:
            self._link_chars += len(text.strip())

    def _flush(self, owner: tuple[HtmlElement, bool, bool]) -> Iterator[Block]:
        joined = "".join(self._parts)
        links = self._link_chars
        self._parts.clear()
        self._link_chars = 0
        if not joined or joined.isspace():
            return
        element, caption, outside = owner
        for piece in _EMPTY_LINE.split(joined) if "\n" in joined else [joined]:
            text = clean(piece)
            if text:
                yield Block(
                    element=element,
                    tag=element.tag,
                    text=text,
                    link_share=min(1.0, links / max(1, len(joined.strip()))),
                    is_caption=caption,
                    is_outside=outside,
                    letters=letters_of(text),
                )


def _owner(element: HtmlElement, around: tuple[HtmlElement, bool, bool]) -> tuple[HtmlElement, bool, bool]:
    """Return a block's element, whether it holds a picture's words, and whether it stands outside the story."""
    tag = element.tag
    caption = around[1] or tag in ("figure", "figcaption")
    return element, caption, around[2] or tag in ("aside", "footer") or _is_outside(element)


def _is_outside(element: HtmlElement) -> bool:
    if element.tag in ("html", "body", "main", "article"):
        return False
    return is_outside_name(f"{element.get('class') or ''} {element.get('id') or ''}")


@lru_cache(maxsize=4096)
def is_outside_name(name: str) -> bool:
    """Say whether a class or an id names what stands around a story, such as "related" or "newsletter"."""
    return bool(OUTSIDE.search(name))
