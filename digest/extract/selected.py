"""Take from a page what the rule for its site names; whatever the rule does not find is left to the reading."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from lxml.etree import XPath
from lxml.html import HtmlElement

from digest.extract.byline import clean_names, split_byline
from digest.extract.credit import clean_caption, clean_credit, split_credit
from digest.extract.figure import words_with
from digest.extract.site_rules import SiteRule
from digest.extract.structured import clean

_PICTURES = ("img", "amp-img")
_READABLE = XPath(
    ".//text()[not(ancestor::script or ancestor::style or ancestor::svg or ancestor::noscript)]"
)
_MOST = 200
_NEAR = 40
"""Words stand at most so many elements away from their picture."""


class Selected:
    """What a rule finds in one page. Made once a page; what the rule drops is gone from the tree by then."""

    def __init__(self, root: HtmlElement, rule: SiteRule | None) -> None:
        self._root = root
        self._rule = rule
        self.has_dropped = False
        for element in self.find("drop"):
            if element.getparent() is not None:
                element.drop_tree()
                self.has_dropped = True

    def find(self, wanted: str) -> list[HtmlElement]:
        """Return the elements that the rule names for a field, in document order."""
        return self._rule.find(wanted, self._root) if self._rule else []

    def title(self) -> str:
        """Return the title; empty where the rule finds none."""
        return next((text for element in self.find("title") if (text := value_of(element))), "")

    def body(self) -> list[HtmlElement]:
        """Return the elements of the text."""
        return self.find("body")

    def dates(self) -> list[str]:
        """Return what the rule takes for the date, as it is written."""
        return [
            text for element in self.find("date") if (text := element.get("datetime") or value_of(element))
        ]

    def authors(self) -> tuple[str, ...]:
        """Return the authors' names."""
        return clean_names(
            name for element in self.find("authors") for name in split_byline(value_of(element))
        )

    def words_with(self, image: HtmlElement) -> tuple[str | None, str | None]:
        """Return the caption and the credit of a picture, each as the rule finds it, else as the page reads."""
        caption, credit = words_with(image)
        return self._merged(self._captions.get(image), self._credits.get(image), caption, credit)

    def detached_words(self, caption: str | None, credit: str | None) -> tuple[str | None, str | None]:
        """Return the leading picture's words: the first that the rule finds, where no picture owns any."""
        if self._captions or self._credits:
            return caption, credit
        for_caption, for_credit = (next(iter(self.find(name)), None) for name in ("caption", "credit"))
        return self._merged(for_caption, for_credit, caption, credit)

    @cached_property
    def _captions(self) -> Mapping[HtmlElement, HtmlElement]:
        return owners_of(self.find("caption"))

    @cached_property
    def _credits(self) -> Mapping[HtmlElement, HtmlElement]:
        return owners_of(self.find("credit"))

    def _merged(
        self,
        for_caption: HtmlElement | None,
        for_credit: HtmlElement | None,
        caption: str | None,
        credit: str | None,
    ) -> tuple[str | None, str | None]:
        if for_credit is not None:
            credit = clean_credit(value_of(for_credit)) or credit
        if for_caption is not None:
            text = text_without(for_caption, for_credit)
            told, found = (text, None) if for_credit is not None else split_credit(text)
            caption = clean_caption(told) or caption
            credit = credit or found
        return caption, credit


def owners_of(elements: Sequence[HtmlElement]) -> dict[HtmlElement, HtmlElement]:
    """Return the element that stands with each picture, of those that hold captions or credits.

    It belongs to the pictures before it in the smallest element around it that holds any, back to the one
    before; where there is none before it, to the first after it.
    """
    found: dict[HtmlElement, HtmlElement] = {}
    marks = set(elements)
    for element in elements[:_MOST]:
        holder = element
        while holder is not None and next(holder.iter(*_PICTURES), None) is None:
            holder = holder.getparent()
        if holder is None or holder.tag in ("html", "body"):
            continue
        for picture in _beside(holder, element, marks):
            found.setdefault(picture, element)
    return found


def _beside(holder: HtmlElement, element: HtmlElement, marks: set[HtmlElement]) -> list[HtmlElement]:
    if holder is element:
        return list(holder.iter(*_PICTURES))
    before: list[tuple[int, HtmlElement]] = []
    place = None
    for position, current in enumerate(holder.iter()):
        if current is element:
            near = [picture for at, picture in before if position - at <= _NEAR]
            if near:
                return near
            place = position
        elif place is not None and position - place > _NEAR:
            break
        elif current.tag in _PICTURES:
            if place is not None:
                return [current]
            before.append((position, current))
        elif current in marks and place is None:
            before = []
    return []


def value_of(element: HtmlElement) -> str:
    """Return an element's text, or the content of a meta element, on one line."""
    if element.tag == "meta":
        return clean(element.get("content"))
    return clean("".join(_texts(element)))


def text_without(element: HtmlElement, other: HtmlElement | None) -> str:
    """Return an element's text but for what stands in another one inside it."""
    if other is None or element not in other.iterancestors():
        return value_of(element)
    inside = set(other.iter())
    return clean(" ".join(text for text in _texts(element) if _holder(text) not in inside))


def _texts(element: HtmlElement) -> list[Any]:
    """Return the pieces of an element's text that are for reading."""
    found: Any = _READABLE(element)
    return list(found)


def _holder(text: Any) -> HtmlElement:
    """Return the element that a piece of text stands in."""
    parent: HtmlElement = text.getparent()
    return parent.getparent() if text.is_tail else parent
