"""Find the layouts that a layout builds on: `{% extends "daily/email.mjml.j2" %}` in its email.mjml.j2.

Each file that it does not have is then the other's, so that it holds only what it changes.
"""

from __future__ import annotations

import re
from pathlib import Path

from digest.assets import asset_folder
from digest.errors import RenderError

MJML = "email.mjml.j2"

_EXTENDS = re.compile(r"\{%[-+]?\s*extends\s+[\"']([\w-]+)/")


def layout_chain(folder: Path) -> tuple[Path, ...]:
    """Return a layout's folder and those it builds on, nearest first.

    One that it extends is looked for beside it, then among the shipped ones; a project's own `daily` may
    extend the shipped `daily`. Raises RenderError for layouts that extend each other.
    """
    chain = [folder]
    while (base := _base_of(chain[-1])) is not None:
        places = places_of(base, folder)
        found = next((place for place in places if place not in chain), None)
        if places and found is None:
            names = " and ".join(f"'{place.name}'" for place in chain)
            raise RenderError(f"The layout {names} ends up extending itself. Let it extend another one.")
        if found is None:
            break
        chain.append(found)
    return tuple(chain)


def places_of(layout: str, folder: Path) -> tuple[Path, ...]:
    """Return where a layout that `folder` names may lie: beside it, then among the shipped ones."""
    places = (folder.parent / layout, asset_folder("templates") / layout)
    return tuple(place for place in places if place.is_dir())


def _base_of(folder: Path) -> str | None:
    try:
        found = _EXTENDS.search((folder / MJML).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError):
        return None
    return found[1] if found else None
