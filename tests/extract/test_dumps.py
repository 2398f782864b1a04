"""Dumps in many outlets' shapes give what a careful reader would take from them.

Each tests/data/extract/dumps/NAME.txt has a NAME.toml beside it: one test for each thing it names. A key of its
table `not_yet` names a thing that is known to be read wrong, with the reason.
"""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from digest.extract.dump import explain_dump, read_dump
from digest.extract.roles import Role
from digest.ingest.documents import open_document
from digest.model import Story
from tests.extract.reading import DATA, NOW

EXPECTED = sorted((DATA / "dumps").glob("*.toml"))
TEXT_ROLES = {Role.BODY, Role.SUBHEAD, Role.DEK}


@cache
def expected(path: Path) -> dict[str, Any]:
    """Return what the file beside a dump says."""
    return tomllib.loads(path.read_text(encoding="utf-8"))


@cache
def story_of(path: Path) -> Story:
    """Return the story of the dump beside a file of expectations, read as the command reads it."""
    return read_dump(open_document(path.with_suffix(".txt"), now=NOW, source="dump.txt"))


def cases(*keys: str) -> list[Any]:
    """Return a parameter for each dump that expects one of `keys`; what is not read right yet is marked."""
    return [
        pytest.param(
            path,
            key,
            id=f"{path.stem}-{key}",
            marks=[
                pytest.mark.xfail(strict=True, reason=reason)
                for wrong, reason in expected(path).get("not_yet", {}).items()
                if wrong == key
            ],
        )
        for path in EXPECTED
        for key in keys
        if key in expected(path)
    ]


def body_of(path: Path) -> str:
    """Return a story's text less the dek, which may open it or be its description alone."""
    return story_of(path).text.removeprefix(expected(path).get("dek", "")).lstrip("\n")


@pytest.mark.parametrize(("path", "key"), cases("title", "site", "section", "language"))
def test_a_fact_is_read(path: Path, key: str) -> None:
    wanted = expected(path)[key]

    assert getattr(story_of(path), key) in (wanted if isinstance(wanted, list) else [wanted])


@pytest.mark.parametrize(("path", "key"), cases("dek"))
def test_the_dek_is_kept(path: Path, key: str) -> None:
    story = story_of(path)

    assert expected(path)[key] in (story.description, story.text.split("\n\n")[0])


@pytest.mark.parametrize(("path", "key"), cases("authors", "tags"))
def test_names_are_read(path: Path, key: str) -> None:
    assert list(getattr(story_of(path), key)) == expected(path)[key]


@pytest.mark.parametrize(("path", "key"), cases("published_at"))
def test_the_date_is_read_with_its_offset(path: Path, key: str) -> None:
    story = story_of(path)

    assert story.published_at is not None
    assert story.published_at.isoformat() == expected(path)[key]
    assert story.published_at_assumed == expected(path).get("published_at_assumed", False)


@pytest.mark.parametrize(("path", "key"), cases("day"))
def test_the_day_is_read(path: Path, key: str) -> None:
    story = story_of(path)

    assert story.published_at is not None
    assert story.published_at.date().isoformat() == expected(path)[key]


@pytest.mark.parametrize(("path", "key"), cases("images"))
def test_the_pictures_are_read_in_order(path: Path, key: str) -> None:
    names = ("alt", "caption", "credit")
    images = [{name: getattr(image, name) for name in names} for image in story_of(path).images]

    assert images == [{name: image.get(name) for name in names} for image in expected(path)[key]]


@pytest.mark.parametrize(("path", "key"), cases("first"))
def test_the_text_starts_where_the_story_does(path: Path, key: str) -> None:
    assert body_of(path).startswith(expected(path)[key])


@pytest.mark.parametrize(("path", "key"), cases("last"))
def test_the_text_ends_where_the_story_does(path: Path, key: str) -> None:
    assert story_of(path).text.endswith(expected(path)[key])


@pytest.mark.parametrize(("path", "key"), cases("paragraphs"))
def test_no_paragraph_is_lost_or_added(path: Path, key: str) -> None:
    assert len(body_of(path).split("\n\n")) == expected(path)[key], body_of(path)


@pytest.mark.parametrize(("path", "key"), cases("absent"))
def test_nothing_around_the_story_is_in_its_text(path: Path, key: str) -> None:
    assert [words for words in expected(path)[key] if words in story_of(path).text] == []


@pytest.mark.parametrize(("path", "key"), cases("present"))
def test_what_looks_unlike_a_paragraph_stays_in_the_text(path: Path, key: str) -> None:
    assert [words for words in expected(path)[key] if words not in story_of(path).text] == []


@pytest.mark.parametrize(("path", "key"), cases("related"))
def test_the_titles_of_other_stories_are_listed(path: Path, key: str) -> None:
    found = [link.title for link in story_of(path).related]

    assert [title for title in found if title in expected(path)[key]] == expected(path)[key]
    assert not set(expected(path).get("unrelated", ())) & set(found)


@pytest.mark.parametrize(("path", "key"), cases("roles"))
def test_chosen_lines_have_their_roles(path: Path, key: str) -> None:
    capture = open_document(path.with_suffix(".txt"), now=NOW, source="dump.txt")
    lines = explain_dump(capture.content, encoding=capture.encoding)

    wrong = []
    for wanted, allowed in expected(path)[key].items():
        roles = {role for _, text, role, _ in lines if text == wanted}
        if not roles or not all(_is_allowed(role, allowed) for role in roles):
            wrong.append((wanted, allowed, sorted(roles)))
    assert wrong == []


def _is_allowed(role: Role, allowed: str | list[str]) -> bool:
    """Say whether a line may have a role; "out" is every role that keeps it from the story's text."""
    if allowed == "out":
        return role not in TEXT_ROLES
    return role in ([allowed] if isinstance(allowed, str) else allowed)
