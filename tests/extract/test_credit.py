"""Captions are parted from credits, and nothing is made up."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.extract.credit import clean_credit, looks_like_credit, split_credit


@pytest.mark.parametrize(
    ("text", "caption", "credit"),
    [
        ("A boat at noon. (AP Photo/Jane Doe)", "A boat at noon.", "AP Photo/Jane Doe"),
        ("A boat at noon. Photo: Jane Doe", "A boat at noon.", "Jane Doe"),
        ("Ein Boot am Mittag. (Foto: Jule Wessling/dpa)", "Ein Boot am Mittag.", "Jule Wessling/dpa"),
        ("Ein Boot am Mittag. Quelle: dpa", "Ein Boot am Mittag.", "dpa"),
        ("A boat. Photo by Jane Doe/Getty Images", "A boat.", "Jane Doe/Getty Images"),
        ("A boat at noon. Jane Doe via Getty Images", "A boat at noon.", "Jane Doe via Getty Images"),
        ("A boat at noon. REUTERS/Jane Doe", "A boat at noon.", "REUTERS/Jane Doe"),
        ("Das Heim in Nuss © Gemeinde Nuss", "Das Heim in Nuss", "Gemeinde Nuss"),
        (
            "Un bateau, samedi 10 janvier. SOLÈNE MARCHETTI / AFP",
            "Un bateau, samedi 10 janvier.",
            "SOLÈNE MARCHETTI / AFP",
        ),
        ("Source: MEGA", None, "MEGA"),
        ("(The Courier)", None, "The Courier"),
        ("A sunset over the bay", "A sunset over the bay", None),
        ("The bill, a source: close to the mayor said", "The bill, a source: close to the mayor said", None),
        (
            "He read Bild: every morning he did so at the bar",
            "He read Bild: every morning he did so at the bar",
            None,
        ),
        ("A meeting (the third this year)", "A meeting (the third this year)", None),
        ("", None, None),
    ],
)
def test_caption_is_parted_from_its_credit(text: str, caption: str | None, credit: str | None) -> None:
    assert split_credit(text) == (caption, credit)


@pytest.mark.parametrize(
    ("text", "credit"),
    [
        ("Photo: Jane Doe", "Jane Doe"),
        ("(Foto: dpa)", "dpa"),
        ("© Jane Doe", "Jane Doe"),
        ("Credit:", None),
        ("", None),
    ],
)
def test_labels_and_brackets_are_no_part_of_a_credit(text: str, credit: str | None) -> None:
    assert clean_credit(text) == credit


@pytest.mark.parametrize(
    "text", ["Getty Images", "Source: MEGA", "Image source, Reuters", "Foto: Jule Wessling"]
)
def test_line_that_names_an_owner_looks_like_a_credit(text: str) -> None:
    assert looks_like_credit(text)


@pytest.mark.parametrize("text", ["The mayor of Greenfield", "It was reported by Reuters on Monday.", ""])
def test_other_line_does_not_look_like_a_credit(text: str) -> None:
    assert not looks_like_credit(text)


@given(st.text(max_size=300))
def test_no_word_is_added_to_a_caption(text: str) -> None:
    caption, credit = split_credit(text)

    for part in (caption, credit):
        assert all(word.strip(")") in " ".join(text.split()) for word in (part or "").split())
