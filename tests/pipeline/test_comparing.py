"""Two editions are compared story by story, and what changed in a story word by word."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.errors import UsageError
from digest.model import Edition, Image, Item
from digest.pipeline.comparing import (
    TOLD_FILE,
    FieldChange,
    compare,
    marked,
    read_told,
    told_by,
    told_file,
)
from tests.render.sample import make_edition, make_item


def edition_of(*numbers: int, **changes: Any) -> Edition:
    return make_edition(items=tuple(make_item(number, section="News") for number in numbers), **changes)


def kinds(before: Edition, after: Edition) -> list[tuple[str, str, int | None, int | None]]:
    found = compare(told_by(before), told_by(after))
    return [(one.id.removeprefix("sample-"), one.kind, one.before, one.after) for one in found]


def changed(item: Item, other: Item) -> tuple[FieldChange, ...]:
    (change,) = compare(told_by(make_edition(items=(item,))), told_by(make_edition(items=(other,))))
    return change.fields


def test_an_edition_equals_itself() -> None:
    assert kinds(edition_of(0, 1, 2), edition_of(0, 1, 2)) == []


def test_added_and_removed_stories_are_told_with_their_places() -> None:
    assert kinds(edition_of(0, 1, 2), edition_of(0, 2, 3)) == [
        ("03", "added", None, 3),
        ("01", "removed", 2, None),
    ]


def test_only_the_story_that_was_moved_is_told_as_moved() -> None:
    assert kinds(edition_of(0, 1, 2, 3, 4), edition_of(4, 0, 1, 2, 3)) == [("04", "moved", 5, 1)]
    assert kinds(edition_of(0, 1, 2, 3, 4), edition_of(1, 2, 3, 0, 4)) == [("00", "moved", 1, 4)]


def test_a_story_in_another_section_was_moved() -> None:
    before = edition_of(0, 1)
    after = replace(before, items=(before.items[0], replace(before.items[1], section="City")))

    (change,) = compare(told_by(before), told_by(after))

    assert (change.kind, [(one.field, one.before, one.after) for one in change.fields]) == (
        "moved",
        [("section", "News", "City")],
    )


@pytest.mark.parametrize(
    ("field", "change"),
    [
        ("headline", {"headline": "Another headline"}),
        ("blurb", {"text": "Another blurb."}),
        ("link", {"url": "https://other.example/"}),
        ("caption", {"caption": "Another caption"}),
        ("credit", {"credit": "Another"}),
        ("alt", {"alt": "Another"}),
        ("picture", {"url": "https://other.example/picture.jpg"}),
    ],
)
def test_every_field_is_compared(field: str, change: dict[str, str]) -> None:
    item = make_item(0)
    assert item.image is not None
    is_of_image = field in ("caption", "credit", "alt", "picture")
    image = replace(item.image, **change) if is_of_image else item.image  # type: ignore[arg-type]  # text fields
    other = replace(item, image=image) if is_of_image else replace(item, **change)  # type: ignore[arg-type]

    assert [one.field for one in changed(item, other)] == [field]


def test_subject_preheader_and_note_are_compared() -> None:
    (change,) = compare(
        told_by(edition_of(0)), told_by(edition_of(0, subject="New", preheader="New", note=""))
    )

    assert (change.id, [one.field for one in change.fields]) == ("", ["subject", "preheader", "note"])


def test_a_lost_picture_is_told() -> None:
    item = make_item(0, image=Image(url="https://a.example/a.jpg", caption="A bell."))

    told = changed(item, replace(item, image=None))

    assert [(one.field, one.before, one.after) for one in told] == [
        ("caption", "A bell.", ""),
        ("picture", "https://a.example/a.jpg", ""),
    ]


def test_words_are_marked_as_they_changed() -> None:
    item = make_item(0, text="The ferry left the old pier at noon.")

    (change,) = changed(item, replace(item, text="The ferry left the pier at one, late."))

    assert marked(change) == "The ferry left the [-old -]pier at [-noon-]{+one, late+}."


@given(st.text(max_size=60), st.text(max_size=60))
def test_the_words_give_both_texts_again(before: str, after: str) -> None:
    item = make_item(0, text=before)
    if before == after:
        return

    (change,) = changed(item, replace(item, text=after))

    assert "".join(text for sign, text in change.words if sign != "+") == before
    assert "".join(text for sign, text in change.words if sign != "-") == after


def test_texts_that_share_no_word_take_no_time() -> None:
    item = make_item(0, text="a " * 20_000)
    started = time.process_time()

    (change,) = changed(item, replace(item, text="b " * 20_000))

    assert time.process_time() - started < 1
    assert [sign for sign, _ in change.words] == ["-", "+"]


def test_500_stories_turned_around_are_compared_in_a_second() -> None:
    numbers = tuple(range(500))
    started = time.process_time()

    found = kinds(edition_of(*numbers), edition_of(*reversed(numbers)))

    assert len(found) == 499
    assert time.process_time() - started < 1


def test_what_a_folder_tells_is_read_back(tmp_path: Path) -> None:
    edition = edition_of(0, 1, 2)
    (tmp_path / TOLD_FILE).write_bytes(told_file(edition))

    assert read_told(tmp_path) == told_by(edition)


@pytest.mark.parametrize("content", [None, b"", b"[]", b'{"stories": 3}', b"\xff\xfe"])
def test_a_folder_that_tells_nothing_is_refused(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / TOLD_FILE).write_bytes(content)

    with pytest.raises(UsageError, match=r"stories\.json"):
        read_told(tmp_path)
