"""The pictures of a page are found with their words, whatever system published it.

Each page of `tests/data/extract/pictures/` stands beside the values it is to give.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

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
