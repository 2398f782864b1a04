"""Colours as CSS writes them, and how well one is read on another."""

from __future__ import annotations

import re
from colorsys import hls_to_rgb
from dataclasses import dataclass

from PIL.ImageColor import colormap, getrgb

_FUNCTION = re.compile(r"(rgb|hsl)a?\(\s*([^()]*)\)")
_PART = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:%|deg)?")
_WORD = re.compile(r"#[0-9a-f]{3,8}\b|(?:rgb|hsl)a?\([^()]*\)|(?<![\w-])[a-z]+(?![\w(-])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Colour:
    """Red, green and blue from 0 to 255, and how much of what is below is covered, from 0 to 1."""

    red: float
    green: float
    blue: float
    alpha: float = 1.0

    def over(self, below: Colour) -> Colour:
        """Return what this colour gives on top of another."""

        def mixed(top: float, bottom: float) -> float:
            return top * self.alpha + bottom * (1 - self.alpha)

        return Colour(
            red=mixed(self.red, below.red),
            green=mixed(self.green, below.green),
            blue=mixed(self.blue, below.blue),
        )

    def __str__(self) -> str:
        return "#" + "".join(f"{round(part):02x}" for part in (self.red, self.green, self.blue))


WHITE = Colour(red=255, green=255, blue=255)
BLACK = Colour(red=0, green=0, blue=0)


def parse_colour(text: str) -> Colour | None:
    """Return a colour by its hexadecimal digits, its function (rgb, hsl) or its name; None for anything else."""
    text = text.strip().lower()
    if text == "transparent":
        return Colour(red=0, green=0, blue=0, alpha=0)
    if text.startswith("#"):
        return _of_digits(text[1:])
    if found := _FUNCTION.fullmatch(text):
        return _of_parts(found[1], _PART.findall(found[2]))
    if text not in colormap:
        return None
    red, green, blue = getrgb(text)[:3]  # it writes what it was asked for into its table, as numbers
    return Colour(red=red, green=green, blue=blue)


def find_colour(text: str) -> Colour | None:
    """Return the first colour in a shorthand such as that of `background`."""
    return next((colour for word in _WORD.findall(text) if (colour := parse_colour(word))), None)


def contrast(one: Colour, other: Colour) -> float:
    """Return the contrast ratio of two opaque colours, from 1 to 21 (WCAG 2.2, relative luminance)."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: Colour) -> float:
    def linear(part: float) -> float:
        share = part / 255
        return share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4

    return 0.2126 * linear(colour.red) + 0.7152 * linear(colour.green) + 0.0722 * linear(colour.blue)


def _of_digits(digits: str) -> Colour | None:
    if len(digits) in (3, 4):
        digits = "".join(digit * 2 for digit in digits)
    if len(digits) not in (6, 8):
        return None
    try:
        red, green, blue, *alpha = bytes.fromhex(digits)
    except ValueError:
        return None
    return Colour(red=red, green=green, blue=blue, alpha=alpha[0] / 255 if alpha else 1.0)


def _of_parts(function: str, parts: list[str]) -> Colour | None:
    if len(parts) not in (3, 4):
        return None
    alpha = _number(parts[3], whole=1) if len(parts) == 4 else 1.0
    if function == "rgb":
        red, green, blue = (_number(part, whole=255) for part in parts[:3])
    else:
        hue = float(parts[0].removesuffix("deg").removesuffix("%")) % 360 / 360
        shares = hls_to_rgb(hue, _number(parts[2], whole=1), _number(parts[1], whole=1))
        red, green, blue = (share * 255 for share in shares)
    return Colour(red=red, green=green, blue=blue, alpha=alpha)


def _number(part: str, *, whole: float) -> float:
    """Return a part as a share of `whole`, kept within it."""
    number = float(part.removesuffix("%").removesuffix("deg"))
    if part.endswith("%"):
        number = number * whole / 100
    return min(max(number, 0), whole)
