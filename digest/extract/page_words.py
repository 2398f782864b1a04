"""Find the elements of a page that hold given words."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from lxml.html import HtmlElement

from digest.extract.blocks import letters_of
from digest.extract.selected import value_of

_UNSEEN = frozenset({"script", "style", "template", "noscript", "head", "title", "svg", "textarea", "select"})


class PageWords:
    """A page's elements by their words; letters and digits count, case, marks and spaces do not."""

    def __init__(self, root: HtmlElement) -> None:
        self.root = root

    @cached_property
    def _lengths(self) -> dict[HtmlElement, int]:
        """The characters in each visible element, those inside it included; one pass over the page."""
        lengths: dict[HtmlElement, int] = {}
        unseen: set[HtmlElement] = set()
        order = []
        for element in self.root.iter():
            parent = element.getparent()
            if not isinstance(element.tag, str) or element.tag in _UNSEEN or parent in unseen:
                unseen.add(element)
                continue
            order.append(element)
            lengths[element] = len(element.text or "")
        for element in reversed(order):
            for child in element:
                lengths[element] += lengths.get(child, 0) + len(child.tail or "")
        return lengths

    def length(self, element: HtmlElement) -> int:
        """Return how many characters an element holds; none where it is not shown."""
        return self._lengths.get(element, 0)

    def exactly(self, words: str) -> list[HtmlElement]:
        """Return the visible elements that hold these words and nothing else, in document order."""
        wanted = letters_of(words)
        return [
            element for element, letters in self._near(words, limit=3 * len(words) + 400) if letters == wanted
        ]

    def holding(self, words: str) -> list[HtmlElement]:
        """Return the smallest visible elements that hold these words, in document order."""
        wanted = letters_of(words)
        found = [element for element, letters in self._near(words, limit=20_000) if wanted in letters]
        around = {ancestor for element in found for ancestor in element.iterancestors()}
        return [element for element in found if element not in around]

    def in_head(self, words: str) -> list[HtmlElement]:
        """Return the meta elements whose content is these words."""
        wanted = letters_of(words)
        return [element for element in self.root.iter("meta") if letters_of(value_of(element)) == wanted]

    def _near(self, words: str, *, limit: int) -> Iterator[tuple[HtmlElement, str]]:
        least = len(letters_of(words))
        if not least:
            return
        for element, length in self._lengths.items():
            if least <= length <= limit:
                yield element, letters_of(value_of(element))


def shared_ancestor(one: HtmlElement, other: HtmlElement) -> HtmlElement:
    """Return the smallest element that holds two elements of a page, which may be one of them."""
    around = {one, *one.iterancestors()}
    return next(item for item in (other, *other.iterancestors()) if item in around)
