"""Colours and fonts of a layout: its `theme.toml`, with the newsletter's own values over it.

Names are flat: `accent`, `dark_accent`, `serif`. A dark accent and the ink on an accent that nobody chose
are worked out so that they can be read (WCAG 2.2, 1.4.3: a contrast of at least 4.5).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path

from digest.errors import ConfigError, RenderError

_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
_FONTS = re.compile(r"[A-Za-z0-9 ,.-]{1,200}")
READABLE = 4.5


def load_theme(template_folder: Path, overrides: Mapping[str, str]) -> dict[str, str]:
    """Return every value of the layout's theme by name.

    Raises RenderError for an unreadable theme.toml; ConfigError, all at once, for unknown names, colours that
    are not `#rrggbb`, and lists of fonts with anything but letters, digits, spaces, commas and hyphens.
    """
    path = template_folder / "theme.toml"
    try:
        theme = {key: str(value) for key, value in tomllib.loads(path.read_text(encoding="utf-8")).items()}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as exc:
        raise RenderError(
            f"The layout's theme {path} cannot be read ({exc}). Mend it, or copy the shipped one."
        ) from exc
    known = ", ".join(sorted(theme))
    problems = [
        f"The theme has no '{name}'. Its names are: {known}." for name in overrides if name not in theme
    ]
    theme |= overrides
    problems += [problem for name, value in theme.items() if (problem := _problem(name, value))]
    if problems:
        raise ConfigError(problems)
    return theme | _worked_out(theme, overrides)


def contrast(one: str, other: str) -> float:
    """Return the contrast of two `#rrggbb` colours, 1 to 21 (WCAG 2.2)."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _problem(name: str, value: str) -> str | None:
    is_font = name in ("serif", "sans")
    if is_font and not _FONTS.fullmatch(value):
        return f"theme.{name}: {value!r} is not a list of fonts such as 'Georgia, serif' (no quotes)."
    if not is_font and not _COLOUR.fullmatch(value):
        return f"theme.{name}: {value!r} is not a colour such as '#a3321c'."
    return None


def _worked_out(theme: Mapping[str, str], overrides: Mapping[str, str]) -> dict[str, str]:
    made: dict[str, str] = {}
    if "accent" in overrides and "dark_accent" not in overrides:
        made["dark_accent"] = _lightened(overrides["accent"], against=theme["dark_card"])
    for prefix in ("", "dark_"):
        accent = made.get(f"{prefix}accent", theme[f"{prefix}accent"])
        if f"{prefix}accent_ink" not in overrides:
            made[f"{prefix}accent_ink"] = "#ffffff" if contrast("#ffffff", accent) >= READABLE else "#14110f"
    return made


def _lightened(colour: str, *, against: str) -> str:
    """Mix a colour with white until it can be read on the other one."""
    for step in range(21):
        mixed = "#" + "".join(f"{round(c + (255 - c) * step / 20):02x}" for c in _channels(colour))
        if contrast(mixed, against) >= READABLE:
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
