"""An editor's words are found as words, whatever their case and accents."""

from __future__ import annotations

import pytest

from digest.curate.phrases import Phrases, folded


@pytest.mark.parametrize(
    ("phrase", "text"),
    [
        ("art", "The Art of the sea"),
        ("art", "“Art”"),
        ("art", "A party for art's sake"),
        ("Café Müller", "CAFE\nMULLER opens"),
        ("cafe", "The cafe\u0301 closes"),
        ("straße", "STRASSE"),
        ("smørrebrød", "Smorrebrod week"),
        ("o'neil", "Says O’Neil"),
        ("night ferry", "The night\xa0 ferry sails"),
        ("C++", "learning c++, slowly"),
        ("ёлка", "Елка"),
        ("東京", "昨日は東京都で雪が降った"),
        ("AI", "新しいＡＩが"),
        ("अदालत", "आज अदालत ने"),
        ("كتاب", "كِتَاب جديد"),
    ],
)
def test_a_phrase_is_found_in_any_case_accent_and_width(phrase: str, text: str) -> None:
    assert Phrases([phrase]).found_in(folded(text)) == [phrase]


@pytest.mark.parametrize(
    ("phrase", "text"),
    [
        ("art", "A party, a start, arts"),
        ("art", "art1"),
        ("night ferry", "The night ferryman"),
        ("कर", "करना"),
        ("क", "कि"),
        ("мой", "мои"),
        ("  ", "anything at all"),
    ],
)
def test_a_phrase_is_not_found_inside_other_words(phrase: str, text: str) -> None:
    assert Phrases([phrase]).found_in(folded(text)) == []
