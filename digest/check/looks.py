"""What each text of an email looks like to a reader: its colour, what is behind it, and its size."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from lxml import html

from digest.check.colours import BLACK, WHITE, Colour, find_colour, parse_colour
from digest.check.document import Document
from digest.check.selectors import Elements, parse_selector
from digest.check.styles import Declaration, applies, parse_declarations

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


def texts(document: Document, *, is_dark: bool = False) -> Iterator[Text]:
    """Yield the texts of an email's body in order, the hidden ones too, as a wide screen shows them."""
    elements = Elements(document.root)
    ruled = _ruled(document, elements, is_dark=is_dark)
    is_dark_page = is_dark and _takes_dark_canvas(document)
    page = Look(colour=WHITE if is_dark_page else BLACK, background=_DARK_CANVAS if is_dark_page else WHITE)
    link = _DARK_LINK if is_dark_page else _LINK
    looks: dict[html.HtmlElement, Look] = {}
    for element in elements.all:
        parent = element.getparent()
        around = looks[parent] if parent is not None else page
        looks[element] = _look(element, around, ruled.get(element, ()), link=link)
    body = document.root.find("body")
    for element in body.iter() if body is not None else ():
        if element in looks and element.text and not element.text.isspace():
            yield Text(words=element.text, look=looks[element])
        parent = element.getparent()
        if element is not body and element.tail and not element.tail.isspace():
            yield Text(words=element.tail, look=looks[parent])


def _takes_dark_canvas(document: Document) -> bool:
    metas = (e.get("content") or "" for e in document.every("meta") if e.get("name") == "color-scheme")
    return any("dark" in content.lower() for content in metas)


def _ruled(
    document: Document, elements: Elements, *, is_dark: bool
) -> Mapping[html.HtmlElement, list[Declaration]]:
    """Return by element what the style blocks say of it, the weightiest last."""
    found: dict[html.HtmlElement, list[tuple[tuple[int, int, int], int, Declaration]]] = {}
    for order, rule in enumerate(document.rules):
        if not rule.selectors or not applies(rule, is_dark=is_dark):
            continue
        for selector in filter(None, map(parse_selector, rule.selectors)):
            for element in elements.matching(selector):
                found.setdefault(element, []).extend(
                    (selector.weight, order, declaration) for declaration in rule.declarations
                )
    return {
        element: [declaration for _, _, declaration in sorted(told, key=lambda one: one[:2])]
        for element, told in found.items()
    }


def _look(
    element: html.HtmlElement, around: Look, ruled: list[Declaration] | tuple[()], *, link: Colour
) -> Look:
    if not ruled and not element.attrib and element.tag not in _STYLED:
        return around if element.tag not in _UNSHOWN else replace(around, is_hidden=True)
    inline = parse_declarations(element.get("style") or "")
    told = {one.name: one.value for one in _in_order(ruled, inline)}
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


def _in_order(ruled: list[Declaration] | tuple[()], inline: tuple[Declaration, ...]) -> list[Declaration]:
    """Return all declarations with their shorthands taken apart, those that win last."""
    spread = [one for declaration in (*ruled, *inline) for one in _spread(declaration)]
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
