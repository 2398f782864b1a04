"""Colours, fonts, sizes and texts of a layout: its `theme.toml`, with the newsletter's own values over it.

Names are flat: `accent`, `dark_accent`, `serif`, `why`. A dark accent and the ink on an accent that nobody
chose are worked out. Every text must be readable on what it stands on (WCAG 2.2, 1.4.3: a contrast of 4.5).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path

from digest.errors import ConfigError, RenderError
from digest.render.lineage import layout_chain

READABLE = 4.5
FONTS = ("serif", "sans")
WIDTHS = ("hero_width", "other_width")
TEXTS = ("why", "footer", "logo", "logo_alt")
WIDEST = 600
LONGEST_TEXT = 500

PAIRS = (
    *((front, "card") for front in ("ink", "text", "muted", "accent")),
    *((front, "tint") for front in ("ink", "text", "muted", "accent")),
    ("muted", "paper"),
    ("accent_ink", "accent"),
)
"""The colours of texts, each with one that it stands on."""

_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
_FONTS = re.compile(r"[A-Za-z0-9 ,.-]{1,200}")


def load_theme(template_folder: Path, overrides: Mapping[str, str], *, key: str = "theme") -> dict[str, str]:
    """Return every value of the layout's theme by name: its own over those of the layout that it extends.

    Raises RenderError for an unreadable theme.toml; ConfigError, all at once and each with its name under
    `key`, for unknown names, values of the wrong kind, and texts that cannot be read on their background.
    """
    theme: dict[str, str] = {}
    for folder in reversed(layout_chain(template_folder)):
        if folder == template_folder or (folder / "theme.toml").is_file():
            theme |= _read(folder / "theme.toml", may_be_missing=bool(theme))
    known = ", ".join(sorted(theme))
    problems = [
        f"{key}.{name}: the layout has no '{name}'. Its names are: {known}."
        for name in overrides
        if name not in theme
    ]
    theme |= overrides
    problems += [f"{key}.{problem}" for name, value in theme.items() if (problem := _problem(name, value))]
    if not problems:
        theme |= _worked_out(theme, overrides)
        problems = _unreadable(theme, overrides, key=key)
    if problems:
        raise ConfigError(problems)
    return theme


def contrast(one: str, other: str) -> float:
    """Return the contrast of two `#rrggbb` colours, 1 to 21 (WCAG 2.2)."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _read(path: Path, *, may_be_missing: bool) -> dict[str, str]:
    if may_be_missing and not path.is_file():
        return {}
    try:
        return {name: str(value) for name, value in tomllib.loads(path.read_text(encoding="utf-8")).items()}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as exc:
        raise RenderError(
            f"The layout's theme {path} cannot be read ({exc}). Mend it, or copy the shipped one."
        ) from exc


def _problem(name: str, value: str) -> str | None:
    if name in TEXTS:
        return f"{name}: at most {LONGEST_TEXT} characters are taken." if len(value) > LONGEST_TEXT else None
    if name in WIDTHS:
        is_width = value.isascii() and value.isdigit() and len(value) <= 3 and int(value) <= WIDEST
        return None if is_width else f"{name}: {value!r} is not a width in pixels from 0 to {WIDEST}."
    if name in FONTS:
        is_fonts = _FONTS.fullmatch(value)
        return (
            None
            if is_fonts
            else f"{name}: {value!r} is not a list of fonts such as 'Georgia, serif' (no quotes)."
        )
    return None if _COLOUR.fullmatch(value) else f"{name}: {value!r} is not a colour such as '#a3321c'."


def _unreadable(theme: Mapping[str, str], overrides: Mapping[str, str], *, key: str) -> list[str]:
    """Say of each text that cannot be read which colour to change: the newsletter's, where it chose one of the two."""
    problems = []
    for prefix in ("", "dark_"):
        for front, back in ((prefix + front, prefix + back) for front, back in PAIRS):
            ratio = contrast(theme[front], theme[back])
            if ratio < READABLE:
                chosen, other = (
                    (back, front) if back in overrides and front not in overrides else (front, back)
                )
                problems.append(
                    f"{key}.{chosen}: {theme[chosen]} and {other} {theme[other]} have a contrast of {ratio:.1f} to 1, "
                    f"and {front} is read on {back}: it takes {READABLE}. Choose a darker or a lighter one."
                )
    return problems


def _worked_out(theme: Mapping[str, str], overrides: Mapping[str, str]) -> dict[str, str]:
    made: dict[str, str] = {}
    if "accent" in overrides and "dark_accent" not in overrides:
        made["dark_accent"] = _lightened(
            overrides["accent"], against=(theme["dark_card"], theme["dark_tint"])
        )
    for prefix in ("", "dark_"):
        accent = made.get(f"{prefix}accent", theme[f"{prefix}accent"])
        if f"{prefix}accent_ink" not in overrides:
            made[f"{prefix}accent_ink"] = "#ffffff" if contrast("#ffffff", accent) >= READABLE else "#14110f"
    return made


def _lightened(colour: str, *, against: tuple[str, ...]) -> str:
    """Mix a colour with white until it can be read on the other ones."""
    for step in range(21):
        mixed = "#" + "".join(f"{round(c + (255 - c) * step / 20):02x}" for c in _channels(colour))
        if all(contrast(mixed, other) >= READABLE for other in against):
            return mixed
    return "#ffffff"


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _luminance(colour: str) -> float:
    red, green, blue = (
        c / 255 / 12.92 if c / 255 <= 0.04045 else ((c / 255 + 0.055) / 1.055) ** 2.4
        for c in _channels(colour)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
