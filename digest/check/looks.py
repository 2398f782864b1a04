"""What each text of an email looks like to a reader: its colour, what is behind it, and its size."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from lxml import html

from digest.check.colours import BLACK, WHITE, Colour, find_colour, parse_colour
from digest.check.document import Document
from digest.check.selectors import Elements, parse_selector
from digest.check.styles import Declaration, Rule, applies, parse_declarations

_SIZE = re.compile(r"(\d+\.?\d*|\.\d+)(px|pt|em|rem|%)")
_WEIGHT = re.compile(r"\b(bold|bolder|normal|[1-9]00)\b")
_NAMED_SIZES = {
    "xx-small": 9,
    "x-small": 10,
    "small": 13,
    "medium": 16,
    "large": 18,
    "x-large": 24,
    "xx-large": 32,
}
_SIZES_BY_TAG = {
    "h1": 2.0,
    "h2": 1.5,
    "h3": 1.17,
    "h5": 0.83,
    "h6": 0.67,
    "small": 0.83,
    "sub": 0.83,
    "sup": 0.83,
}
_BOLD = {"b", "strong", "th", "h1", "h2", "h3", "h4", "h5", "h6"}
_STYLED = frozenset(_BOLD | _SIZES_BY_TAG.keys())
_UNSHOWN = {"style", "script", "title", "head", "noscript", "template", "textarea", "option"}
_DARK_CANVAS = Colour(red=18, green=18, blue=18)
_DARK_LINK = Colour(red=158, green=158, blue=255)
_LINK = Colour(red=0, green=0, blue=238)
_NOTHING = ("0", "0px", "0%", "0em")


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How text of an element is drawn. `size` is in pixels.

    `is_over_picture` is true where a picture or a gradient is behind it, whose colours nobody told us.
    """

    colour: Colour
    background: Colour
    size: float = 16.0
    is_bold: bool = False
    is_hidden: bool = False
    is_over_picture: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A stretch of an email's text, and its look."""

    words: str
    look: Look


def has_dark_scheme(document: Document) -> bool:
    """Return whether an email says what it looks like in the dark."""
    return any("prefers-color-scheme" in at_rule for rule in document.rules for at_rule in rule.at_rules)


class Page:
    """An email's body with what its style blocks say of each element."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._elements = Elements(document.root)
        self._told = list(_matches(document, self._elements))
        styles = {element: element.get("style") for element in self._elements.all}
        self._inline = {element: parse_declarations(style) for element, style in styles.items() if style}

    def texts(self, *, is_dark: bool = False) -> Iterator[Text]:
        """Yield the texts of the body in order, the hidden ones too, as a wide screen shows them."""
        is_dark_page = is_dark and _takes_dark_canvas(self._document)
        page = Look(
            colour=WHITE if is_dark_page else BLACK, background=_DARK_CANVAS if is_dark_page else WHITE
        )
        link = _DARK_LINK if is_dark_page else _LINK
        ruled = self._ruled(is_dark=is_dark)
        looks: dict[html.HtmlElement, Look] = {}
        for element in self._elements.all:
            parent = element.getparent()
            around = looks[parent] if parent is not None else page
            told = (*ruled.get(element, ()), *self._inline.get(element, ()))
            looks[element] = _look(element, around, told, link=link)
        body = self._document.root.find("body")
        for element in body.iter() if body is not None else ():
            if element in looks and element.text and not element.text.isspace():
                yield Text(words=element.text, look=looks[element])
            parent = element.getparent()
            if element is not body and element.tail and not element.tail.isspace():
                yield Text(words=element.tail, look=looks[parent])

    def _ruled(self, *, is_dark: bool) -> Mapping[html.HtmlElement, list[Declaration]]:
        """Return by element what the style blocks say of it in a scheme, the weightiest last."""
        found: dict[html.HtmlElement, list[Declaration]] = {}
        holding = {id(rule): applies(rule, is_dark=is_dark) for rule in self._document.rules}
        for _, rule, elements in sorted(self._told, key=lambda one: one[0]):
            for element in elements if holding[id(rule)] else ():
                found.setdefault(element, []).extend(rule.declarations)
        return found


def _matches(
    document: Document, elements: Elements
) -> Iterator[tuple[tuple[int, int, int], Rule, list[html.HtmlElement]]]:
    """Yield each selector's weight, its rule and the elements that it is about, in order."""
    for rule in document.rules:
        for selector in filter(None, map(parse_selector, rule.selectors)):
            yield selector.weight, rule, list(elements.matching(selector))


def _takes_dark_canvas(document: Document) -> bool:
    metas = (e.get("content") or "" for e in document.every("meta") if e.get("name") == "color-scheme")
    return any("dark" in content.lower() for content in metas)


def _look(
    element: html.HtmlElement, around: Look, declarations: tuple[Declaration, ...], *, link: Colour
) -> Look:
    if not declarations and not element.attrib and element.tag not in _STYLED:
        return around if element.tag not in _UNSHOWN else replace(around, is_hidden=True)
    told = {one.name: one.value for one in _in_order(declarations)}
    is_link = element.tag == "a" and bool(element.get("href"))
    colour = parse_colour(told.get("color") or element.get("color") or "") or (
        link if is_link else around.colour
    )
    behind = parse_colour(told.get("background-color") or element.get("bgcolor") or "")
    background = behind.over(around.background) if behind else around.background
    is_solid = behind is not None and behind.alpha == 1
    opacity = _opacity(told.get("opacity", "1"))
    picture = told.get("background-image", "none") != "none" or bool(element.get("background"))
    is_hidden = around.is_hidden or _hides(element, told)
    return Look(
        colour=replace(colour, alpha=colour.alpha * opacity).over(background),
        background=background,
        size=_size(told.get("font-size", ""), around.size, element.tag),
        is_bold=_is_bold(told.get("font-weight", ""), around.is_bold, element.tag),
        is_hidden=is_hidden and told.get("visibility") != "visible",
        is_over_picture=picture or (around.is_over_picture and not is_solid),
    )


def _in_order(declarations: tuple[Declaration, ...]) -> list[Declaration]:
    """Return all declarations with their shorthands taken apart, those that win last."""
    spread = [one for declaration in declarations for one in _spread(declaration)]
    return sorted(spread, key=lambda one: one.is_important)


def _spread(one: Declaration) -> tuple[Declaration, ...]:
    if one.name == "background":
        has_picture = "url(" in one.value or "gradient(" in one.value
        colour = find_colour(one.value.partition("gradient(")[0]) if has_picture else find_colour(one.value)
        return (
            replace(one, name="background-color", value=str(_printed(colour)) if colour else "transparent"),
            replace(one, name="background-image", value="url" if has_picture else "none"),
        )
    if one.name == "font":
        size = _SIZE.search(one.value)
        weight = _WEIGHT.search(one.value)
        return (
            replace(one, name="font-size", value=size[0] if size else ""),
            replace(one, name="font-weight", value=weight[1] if weight else "normal"),
        )
    return (one,)


def _printed(colour: Colour) -> str:
    return f"rgba({colour.red},{colour.green},{colour.blue},{colour.alpha})"


def _hides(element: html.HtmlElement, told: Mapping[str, str]) -> bool:
    return (
        element.tag in _UNSHOWN
        or element.get("hidden") is not None
        or told.get("display") == "none"
        or told.get("visibility") in ("hidden", "collapse")
        or _opacity(told.get("opacity", "1")) < 0.1
        or (told.get("max-height") in _NOTHING and told.get("overflow") == "hidden")
        or (told.get("height") in _NOTHING and told.get("overflow") == "hidden")
    )


def _opacity(value: str) -> float:
    try:
        return min(max(float(value.removesuffix("%")) / (100 if value.endswith("%") else 1), 0), 1)
    except ValueError:
        return 1.0


def _size(value: str, around: float, tag: str) -> float:
    """Return a font size in pixels. A size of nothing, set between inline blocks, is for the text below to undo."""
    if value in _NOTHING:
        return 0.0
    if value in _NAMED_SIZES:
        return float(_NAMED_SIZES[value])
    if not (found := _SIZE.fullmatch(value)):
        return around * _SIZES_BY_TAG.get(tag, 1.0)
    number = float(found[1])
    scale = {"px": 1.0, "pt": 4 / 3, "em": around, "rem": 16.0, "%": around / 100}
    return number * scale[found[2]]


def _is_bold(value: str, around: bool, tag: str) -> bool:
    if not value:
        return around or tag in _BOLD
    return value in ("bold", "bolder") or (value.isdigit() and int(value) >= 600)
