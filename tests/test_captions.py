"""A caption is shown only where the source has one."""

from __future__ import annotations

import pytest

from digest.captions import printable_caption


@pytest.mark.parametrize(
    "caption",
    [
        "The ferry leaves Hask at dawn on Monday.",
        "Barcelona",
        "Jean-Luc",
        "Apollo 11",
        "B-52",
        "4 July 2026",
        "港で夜明けを待つ漁船",
        "Photo by the harbour wall",
    ],
)
def test_a_caption_is_kept(caption: str) -> None:
    assert printable_caption(caption, alt="A boat", headline="Ferry sails") == caption


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        " \n ",
        "ferry-at-dawn.jpg",
        "Ferry at dawn.JPEG",
        "ferry.png?w=1200",
        "IMG_2034",
        "DSC01234",
        "Screenshot 2026-11-02 at 10.11.12 AM",
        "Image 3",
        "ferry-at-dawn-2026",
        "Ferry_at_dawn",
        "3f9a0c1d2e4b5a69",
        "20261124",
        "https://img.example/ferry",
        "--",
    ],
)
def test_what_only_stands_in_a_captions_place_is_none(text: str | None) -> None:
    assert printable_caption(text, alt="A boat", headline="Ferry sails") is None


def test_the_headline_again_is_no_caption() -> None:
    assert printable_caption("Ferry sails!", headline="Ferry sails") is None


def test_the_alternative_text_again_is_no_caption() -> None:
    assert printable_caption("A boat at sea", alt="A boat at sea") is None


def test_a_whole_sentence_stays_though_the_outlet_has_put_it_into_the_alternative_text_too() -> None:
    sentence = "The ferry leaves Hask at dawn on Monday."

    assert printable_caption(sentence, alt=sentence) == sentence


def test_line_breaks_in_a_caption_become_spaces() -> None:
    assert printable_caption("The ferry\n leaves  Hask") == "The ferry leaves Hask"
