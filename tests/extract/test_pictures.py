"""The pictures of a page are found with their words, whatever system published it.

Each page of `tests/data/extract/pictures/` stands beside the values it is to give.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from digest.extract.decoration import is_decoration
from digest.extract.page import read_page
from tests.extract.reading import DATA, page

PAGES = sorted((DATA / "pictures").glob("*.html"))


@pytest.mark.parametrize("file", PAGES, ids=lambda file: file.stem)
def test_picture_is_read_with_its_words(file: Path) -> None:
    expected: dict[str, Any] = json.loads(file.with_suffix(".json").read_text(encoding="utf-8"))

    story = read_page(page(file.read_text(encoding="utf-8")))

    lead = story.lead_image
    found = None if lead is None else {name: getattr(lead, name) for name in _FIELDS}
    assert {"images": len(story.images), "lead_image": found} == expected


_FIELDS = ("url", "alt", "caption", "credit", "width", "height")


@pytest.mark.parametrize(
    "path",
    [
        "/assets/courier-logo.png",
        "/logos/press-awards.jpg",
        "/img/icons/arrow-left.png",
        "/favicon-192x192.png",
        "/avatars/4711.jpg",
        "/social/share-default.jpg",
        "/static/grey.gif",
        "/img/placeholder-16x9.jpg",
        "/media/bridge.svg",
        "/media/bridge.jpg?w=20",
        "/media/bridge-20x13.jpg",
        "/pixel.php?id=1",
    ],
)
def test_decoration_is_known_by_its_address(path: str) -> None:
    assert is_decoration(f"https://courier.example{path}")


@pytest.mark.parametrize(
    "path",
    [
        "/media/police-badge-found-in-river.jpg",
        "/media/new-pixel-phone-shown-in-town.jpg",
        "/media/style-icon-ines-vale-turns-ninety.jpg",
        "/media/flag-day-parade.jpg",
        "/share/bridge.jpg",
        "/social/bridge-1200x630.jpg",
        "/media/bridge/16x9/1200.jpg",
        "/media/bridge-1x1.jpg",
        "/thumb.php?src=/uploads/bridge.jpg",
        "/media/bridge.jpg?w=1200",
    ],
)
def test_picture_is_no_decoration_for_a_word_in_its_name(path: str) -> None:
    assert not is_decoration(f"https://courier.example{path}")
