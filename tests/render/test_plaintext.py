"""Lines of the text part."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from digest.render.plaintext import columns, fill


def test_a_paragraph_is_filled_to_its_width() -> None:
    assert fill("one two three four", width=9) == "one two\nthree\nfour"


def test_the_first_line_and_the_rest_have_their_own_indents() -> None:
    assert fill("one two three", first="1. ", rest="   ", width=10) == "1. one two\n   three"


def test_a_long_address_stays_whole() -> None:
    address = "https://example.org/" + "x" * 100

    assert fill(f"see {address} there", width=20) == f"see\n{address}\nthere"


def test_a_script_without_spaces_breaks_between_characters() -> None:
    assert fill("漢字漢字漢字", width=8) == "漢字漢字\n漢字"


def test_combining_marks_take_no_column() -> None:
    assert columns("e\u0301") == 1
    assert columns("漢a") == 3


def test_common_letters_and_signs_are_one_column_wide() -> None:
    text = "Grüße, Ωμέγα, Ещё: “naïve” — 5 €…"

    assert columns(text) == len(text) == sum(columns(c + "漢") - 2 for c in text)


@given(st.lists(st.text(alphabet="abcxyzäöü", min_size=1, max_size=12), max_size=30))
def test_no_word_is_lost_and_no_line_too_wide(words: list[str]) -> None:
    made = fill(" ".join(words), width=24)

    assert made.split() == words
    assert all(len(line) <= 24 for line in made.splitlines())
