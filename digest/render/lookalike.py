"""Rewrite an email's HTML as a mail program would show it: a scheme, colours turned over, no pictures, no styles.

Each of these is an approximation: programs differ, and change without telling anyone. What is done here is what is
common to them, and told in the words of `digest.web.desk`.
"""

from __future__ import annotations

import re
from colorsys import hls_to_rgb, rgb_to_hls
from dataclasses import dataclass
from functools import lru_cache

from lxml import etree
from PIL import ImageColor

LIGHT, DARK, INVERTED = "light", "dark", "inverted"
LOOKS = (LIGHT, DARK, INVERTED)

NO_PICTURE = ""
"""Where a picture that is off is taken from: no address at all, which asks nobody and leaves its alt text."""

_SCHEME = re.compile(r"\(\s*prefers-color-scheme\s*:\s*([\w-]+)\s*\)", re.IGNORECASE)
_SUPPORTED = re.compile(r"((?:^|[\s;{])(?:supported-)?color-schemes?\s*:\s*)[^;{}!]+", re.IGNORECASE)
_HOLDS, _FAILS = "(min-width:0)", "(max-width:0)"
_DECLARATION = re.compile(r"(?<![\w-])([a-z-]+)(\s*:\s*)([^;{}]*)", re.IGNORECASE)
_COLOURED = re.compile(
    r"color|background|background-color|border|border-(?:top|right|bottom|left|color|(?:top|right|bottom|left)-color)"
    r"|outline|outline-color|text-decoration|text-decoration-color|fill|stroke|caret-color|column-rule",
    re.IGNORECASE,
)
_COLOUR = re.compile(
    r"url\([^)]*\)|(?<![\w-])(#[0-9a-f]{3,8}|(?:rgb|hsl)a?\([^()]*\)|[a-z]+)(?![\w(-])", re.IGNORECASE
)
_WITH_ALPHA = re.compile(r"(rgb|hsl)a?\(([^,()]+,[^,()]+,[^,()]+),\s*([\d.]+%?)\s*\)")
_ADDRESS = re.compile(r"url\([^)]*\)", re.IGNORECASE)
_DARKEST = 0.07
"""The lightness that white becomes: no program turns a page quite black."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """How an email is looked at. `look` is one of `LOOKS`, whatever the scheme of the system that shows it.

    `dark` are the layout's own rules for the dark, `inverted` the program's colours in place of the layout's.
    """

    look: str = LIGHT
    has_pictures: bool = True
    has_styles: bool = True


def as_seen(html: str, sight: Sight) -> str:
    """Return an email's HTML as it is looked at; links open a page of their own."""
    root = etree.fromstring(html, etree.HTMLParser())
    for link in root.iter("a"):
        link.set("target", "_blank")
        link.set("rel", "noopener noreferrer")
    if not sight.has_styles:
        _strip_styles(root)
    _force_scheme(root, dark_rules=sight.look == DARK, dark_page=sight.look != LIGHT)
    if sight.look == INVERTED:
        _invert(root)
    if not sight.has_pictures:
        _take_pictures(root)
    return str(etree.tostring(root.getroottree(), method="html", encoding="unicode"))


def turned_over(colour: str) -> str:
    """Return a CSS colour with its lightness turned over and its hue kept; what is no colour, as it is."""
    return _turned(colour.strip().lower()) or colour


def _strip_styles(root: etree._Element) -> None:
    for element in [*root.iter("style", "link")]:
        _remove(element)


def _remove(element: etree._Element) -> None:
    """Remove an element and keep the text behind it."""
    parent, before = element.getparent(), element.getprevious()
    assert parent is not None
    if before is not None:
        before.tail = (before.tail or "") + (element.tail or "")
    else:
        parent.text = (parent.text or "") + (element.tail or "")
    parent.remove(element)


def _force_scheme(root: etree._Element, *, dark_rules: bool, dark_page: bool) -> None:
    """Let the rules for the wanted scheme hold and those for the other fail, whatever the system asks for."""
    scheme = DARK if dark_page else LIGHT
    kept = DARK if dark_rules else LIGHT

    def decide(found: re.Match[str]) -> str:
        return _HOLDS if found[1].lower() == kept else _FAILS

    for element in root.iter("style"):
        css = _SCHEME.sub(decide, element.text or "")
        element.text = _SUPPORTED.sub(rf"\g<1>{scheme}", css)
    for element in root.iterfind(".//*[@media]"):
        element.set("media", _SCHEME.sub(decide, element.get("media", "")))
    for meta in [*root.iter("meta")]:
        if meta.get("name", "").lower() in ("color-scheme", "supported-color-schemes"):
            _remove(meta)
    head = root.find("head")
    if head is not None:
        etree.SubElement(head, "meta", name="color-scheme", content=f"only {scheme}")


def _invert(root: etree._Element) -> None:
    for element in root.iter("style"):
        element.text = _inverted_css(element.text or "")
    for element in root.iter(etree.Element):
        if style := element.get("style"):
            element.set("style", _inverted_css(style))
        for name in ("bgcolor", "color", "text", "link", "bordercolor"):
            if colour := element.get(name):
                element.set(name, turned_over(colour))


def _inverted_css(css: str) -> str:
    return _DECLARATION.sub(_inverted_declaration, css)


def _inverted_declaration(found: re.Match[str]) -> str:
    name, sign, value = found.groups()
    if not _COLOURED.fullmatch(name):
        return found[0]
    return f"{name}{sign}{_COLOUR.sub(lambda one: turned_over(one[1]) if one[1] else one[0], value)}"


@lru_cache(maxsize=512)
def _turned(colour: str) -> str | None:
    alpha = ""
    if found := _WITH_ALPHA.fullmatch(colour):
        colour, alpha = f"{found[1]}({found[2]})", found[3]
    try:
        red, green, blue, *shown = ImageColor.getrgb(colour)
    except ValueError:
        return None
    hue, lightness, saturation = rgb_to_hls(red / 255, green / 255, blue / 255)
    dark = _DARKEST + (1 - lightness) * (1 - _DARKEST)
    parts = [round(part * 255) for part in hls_to_rgb(hue, dark, saturation)]
    if shown:
        alpha = f"{shown[0] / 255:.3g}"
    if alpha:
        return f"rgba({parts[0]},{parts[1]},{parts[2]},{alpha})"
    return "#{:02x}{:02x}{:02x}".format(*parts)


def _take_pictures(root: etree._Element) -> None:
    """Take the addresses of all pictures away; their sizes, alt texts and background colours stay."""
    for element in root.iter("img", "input", "source", "video"):
        for name in ("srcset", "poster"):
            element.attrib.pop(name, "")
        if element.get("src") is not None:
            element.set("src", NO_PICTURE)
    for element in root.iterfind(".//*[@background]"):
        element.attrib.pop("background")
    for element in root.iter("style"):
        element.text = _ADDRESS.sub("none", element.text or "")
    for element in root.iterfind(".//*[@style]"):
        element.set("style", _ADDRESS.sub("none", element.get("style", "")))
