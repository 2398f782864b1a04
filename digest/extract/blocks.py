"""Cut a page into blocks of text in document order, each with where it stands."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice

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
_OTHERS = re.compile(r"[\W_]+")
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
    """One block of text. `order` is its element's place in the document; `link_share` the part that is links.

    `letters` are the text's letters and digits alone, for comparing.
    """

    element: HtmlElement
    order: int
    tag: str
    text: str
    link_share: float
    is_caption: bool
    is_outside: bool
    letters: str


def letters_of(text: str) -> str:
    """Return the letters and digits of a text, case folded."""
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
        self._order = 0
        self._parts: list[str] = []
        self._link_chars = 0

    def blocks(self) -> Iterator[Block]:
        """Yield the blocks; a block's text ends where another begins."""
        stack: list[tuple[HtmlElement, bool, bool, bool, bool]] = [(self._root, False, False, False, False)]
        owner: list[tuple[HtmlElement, int, bool, bool]] = [(self._root, 0, False, False)]
        while stack:
            element, leaving, caption, outside, in_link = stack.pop()
            tag = element.tag if isinstance(element.tag, str) else ""
            if leaving:
                if tag in _BLOCK:
                    yield from self._flush(owner[-1])
                    owner.pop()
                if element.tail and len(owner) > 0:
                    self._add(element.tail, in_link)
                continue
            self._order += 1
            if not tag or tag in _SKIPPED or len(stack) > 200_000 or len(owner) > _MAX_DEPTH:
                if element.tail:
                    self._add(element.tail, in_link)
                continue
            if tag == "br":
                self._parts.append("\n")
            elif tag in ("td", "th"):
                self._parts.append(" ")
            if tag in _BLOCK:
                yield from self._flush(owner[-1])
                caption = caption or tag in ("figure", "figcaption")
                outside = outside or tag in ("aside", "footer") or _is_outside(element)
                owner.append((element, self._order, caption, outside))
            stack.append((element, True, caption, outside, in_link))
            inner_link = in_link or tag == "a"
            if element.text:
                self._add(element.text, inner_link)
            for child in reversed(element):
                stack.append((child, False, caption, outside, inner_link))

    def _add(self, text: str, in_link: bool) -> None:
        self._parts.append(text)
        if in_link:
            self._link_chars += len(text.strip())

    def _flush(self, owner: tuple[HtmlElement, int, bool, bool]) -> Iterator[Block]:
        element, order, caption, outside = owner
        joined = "".join(self._parts)
        links = self._link_chars
        self._parts.clear()
        self._link_chars = 0
        for piece in re.split(r"\n\s*\n", joined) if "\n" in joined else [joined]:
            text = clean(piece)
            if text:
                yield Block(
                    element=element,
                    order=order,
                    tag=element.tag,
                    text=text,
                    link_share=min(1.0, links / max(1, len(joined.strip()))),
                    is_caption=caption,
                    is_outside=outside,
                    letters=letters_of(text),
                )


def _is_outside(element: HtmlElement) -> bool:
    if element.tag in ("html", "body", "main", "article"):
        return False
    name = f"{element.get('class') or ''} {element.get('id') or ''}"
    return bool(name.strip()) and bool(OUTSIDE.search(name))
