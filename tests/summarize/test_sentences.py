"""Sentences end where a reader would end them, in any language, and never change a letter."""

from __future__ import annotations

import itertools
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.summarize.sentences import split_sentences
from tests.conftest import DATA

UNSPACED = ("ja", "zh")
FOLDER = DATA / "summarize/sentences"


def _cases() -> list[tuple[str, list[str]]]:
    """Read the cases: blocks of one sentence a line; a line of ¶ is a paragraph's end.

    No space follows a line that ends with ⁀."""
    cases = []
    for path in sorted(FOLDER.glob("*.txt")):
        for block in path.read_text(encoding="utf-8").strip().split("\n\n"):
            cases.append((path.stem, block.split("\n")))
    return cases


CASES = _cases()


@pytest.mark.parametrize(
    ("language", "lines"), CASES, ids=[f"{name}-{lines[0][:30]}" for name, lines in CASES]
)
def test_sentences_end_where_a_reader_ends_them(language: str, lines: list[str]) -> None:
    joiner = "" if language in UNSPACED else " "
    text = joiner.join(lines).replace(f"{joiner}¶{joiner}", "\n\n").replace(f"⁀{joiner}", "")

    found = split_sentences(text, language=language)

    assert [sentence.text for sentence in found] == [line.rstrip("⁀") for line in lines if line != "¶"]


def test_there_are_three_hundred_cases_in_ten_languages() -> None:
    assert len(CASES) >= 300
    assert len({language for language, _ in CASES}) >= 10


@given(
    st.text(alphabet="aB. !?\"'“”„«»()।。\n…X1-", max_size=120),
    st.sampled_from(["en", "de", "fr", "ja", "xx"]),
)
@settings(max_examples=300, deadline=None)
def test_any_text_is_split_into_pieces_of_itself(text: str, language: str) -> None:
    found = split_sentences(text, language=language)

    assert all(text[one.start : one.end] == one.text and one.text.strip() == one.text != "" for one in found)
    assert all(before.end <= after.start for before, after in itertools.pairwise(found))
    assert all("\n\n" not in one.text for one in found)


def test_no_word_is_lost_between_sentences() -> None:
    text = "It rained.It poured. “Will it hold?” asked J. K. Arden, 9.\n\nYes (so far. So good.) it did"

    assert "".join(one.text for one in split_sentences(text)).replace(" ", "") == "".join(text.split())


@pytest.mark.parametrize("piece", ['"', "(", "a. ", '"a. ', "“", "?", ". . ", "A.B.", "’ '"])
def test_a_long_hostile_text_takes_no_long_time(piece: str) -> None:
    started = time.process_time()

    split_sentences(piece * (200_000 // len(piece)))

    assert time.process_time() - started < 5


def test_lines_are_paragraphs_where_a_text_has_only_lines() -> None:
    text = "First line ends.\nSecond line ends.\nThird (and last) ends."

    assert [one.text for one in split_sentences(text)] == text.split("\n")


def test_a_wrapped_line_does_not_end_a_sentence() -> None:
    text = "The mayor of\nLindenau resigned. Nobody\nknows why.\n\nThe end."

    assert len(split_sentences(text)) == 3


def test_the_items_of_a_list_are_parted() -> None:
    text = "The rules are simple:\n1. Be kind.\n2. Be early.\n\nThe end."

    assert [one.text for one in split_sentences(text)] == [
        "The rules are simple:", "1. Be kind.", "2. Be early.", "The end."
    ]  # fmt: skip
