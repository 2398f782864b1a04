"""Marks outside the database outlive it, and tell an older store from the one that sent."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from digest.errors import StoreError
from digest.model import EditionName
from digest.sent_marks import KEPT, SentMarks, is_older_than

NAME = EditionName(newsletter="north/south", date=date(2026, 11, 24))


def test_a_mark_says_how_far_a_send_went_and_never_goes_back(tmp_path: Path) -> None:
    marks = SentMarks(tmp_path / "sent")
    assert marks.find(NAME) is None

    found = []
    for sent in (0, 57, 3):
        marks.write(NAME, sent)
        found.append(SentMarks(tmp_path / "sent").find(NAME))

    assert found == [0, 57, 57]


def test_a_mark_that_was_cut_off_says_that_the_send_began(tmp_path: Path) -> None:
    marks = SentMarks(tmp_path)
    marks.write(NAME, 57)
    (mark,) = (path for path in tmp_path.rglob("2026-11-24"))
    mark.write_bytes(b"")

    assert marks.find(NAME) == 0


def test_old_marks_go(tmp_path: Path) -> None:
    marks = SentMarks(tmp_path)
    days = [NAME.date + timedelta(days=number) for number in range(KEPT + 5)]
    for day in days:
        marks.write(EditionName(newsletter="daily", date=day), 1)

    kept = [day for day in days if marks.find(EditionName(newsletter="daily", date=day)) is not None]

    assert kept == days[5:]


def test_a_mark_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "sent").write_text("a file where the folder should be", encoding="utf-8")

    with pytest.raises(StoreError, match="cannot be"):
        SentMarks(tmp_path / "sent").write(NAME, 1)


@pytest.mark.parametrize(
    ("mark", "is_sent", "sent", "is_older"),
    [
        (None, False, 0, False),
        (None, True, 3, False),
        (0, False, 0, True),
        (0, True, 0, False),
        (57, True, 57, False),
        (57, True, 60, False),
        (57, True, 20, True),
    ],
)
def test_a_store_that_knows_less_than_the_mark_is_older(
    mark: int | None, is_sent: bool, sent: int, is_older: bool
) -> None:
    assert is_older_than(mark, is_sent=is_sent, sent=sent) is is_older
