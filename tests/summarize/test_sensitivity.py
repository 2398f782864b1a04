"""What an editor should look at is marked, and nothing else."""

from __future__ import annotations

import time
import tomllib
from typing import Any

import pytest

from digest.model import Story, StoryId
from digest.summarize.sensitivity import find_concerns
from tests.conftest import DATA

CASES: list[dict[str, Any]] = tomllib.loads((DATA / "summarize/sensitive.toml").read_text(encoding="utf-8"))[
    "case"
]


def story_of(case: dict[str, Any]) -> Story:
    return Story(
        id=StoryId("s"),
        source="courier",
        title="The day in Port Callow",
        text=case.get("story") or case["text"],
        language=case.get("language", "en"),
    )


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["text"])
def test_a_text_is_marked_as_the_table_says(case: dict[str, Any]) -> None:
    found = find_concerns(case["text"], story_of(case))

    assert [f"{one.kind}: {one.text}" for one in found] == case["marks"]


def test_the_table_has_as_much_to_leave_alone_as_to_mark() -> None:
    unmarked = [case for case in CASES if not case["marks"]]

    assert len(CASES) >= 60 and len(unmarked) * 2 >= len(CASES)
    assert {case.get("language", "en") for case in CASES} == {"en", "de", "fr", "es"}


@pytest.mark.parametrize("part", ["Ada Vale ", "14, ", "died a death ", "A", "kill the ", "bribe. ", "a-"])
@pytest.mark.parametrize("language", ["en", "de", "fr", "es"])
def test_hostile_text_is_looked_over_in_bounded_time(part: str, language: str) -> None:
    text = part * (20_000 // len(part))
    story = Story(id=StoryId("s"), source="c", title="", text=text, language=language)
    before = time.process_time()

    find_concerns(text[:5000], story)

    assert time.process_time() - before < 5
