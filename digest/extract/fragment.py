"""Read the HTML that a feed entry carries into paragraphs and pictures."""

from __future__ import annotations

from pathlib import Path

from lxml.etree import ParserError, iterwalk
from lxml.html import HtmlElement, HTMLParser, fragment_fromstring

from digest.charset import without_control
from digest.extract.pictures import read_image
from digest.extract.teaser_end import without_pointers, without_signature
from digest.model import Image

_BLOCKS = {
    "p", "div", "li", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "figure", "figcaption", "section", "article",
    "table", "tr", "ul", "ol", "pre", "hr", "dt", "dd", "header", "footer", "aside", "img",
}  # fmt: skip
_SKIPPED = ("script", "style", "figcaption")


def read_fragment(
    markup: str, *, base: str | None, path: Path | None = None, keep_links: bool = False
) -> tuple[list[str], list[Image]]:
    """Return the paragraphs and the pictures of an entry; `keep_links` keeps its "Read more".

    `path` is the saved feed, where there is one: pictures saved beside it are found from it.
    """
    if not markup.strip():
        return [], []
    try:
        root = fragment_fromstring(markup, create_parent="div", parser=HTMLParser(huge_tree=True))
    except (ParserError, ValueError):
        return [], []
    images = [image for element in root.iter("img") if (image := read_image(element, base=base, path=path))]
    paragraphs = without_signature(_paragraphs(root))
    return paragraphs if keep_links else without_pointers(paragraphs), images


def _paragraphs(root: HtmlElement) -> list[str]:
    found: list[str] = []
    current: list[str] = []

    def flush() -> None:
        text = " ".join(without_control("".join(current)).split())
        current.clear()
        if text:
            found.append(text)

    walk = iterwalk(root, events=("start", "end", "comment", "pi"))
    skipped: HtmlElement | None = None
    for event, element in walk:
        is_block = element.tag in _BLOCKS
        if event == "start":
            if element.tag in _SKIPPED:
                skipped = element
                walk.skip_subtree()
                continue
            if is_block:
                flush()
            if element.tag == "br":
                current.append("\n")
                if element.getnext() is not None and element.getnext().tag == "br":
                    flush()
            current.append(element.text or "")
            continue
        if event == "end" and element is not skipped and is_block:
            flush()
        skipped = None
        if element is not root:
            current.append(element.tail or "")
    flush()
    return found
