"""Fixed texts, dates and plurals."""

from __future__ import annotations

import re
from datetime import date

import pytest

from digest.errors import RenderError
from digest.render.wording import WORDS, find_wording, language_direction


def test_english_counts_and_dates() -> None:
    words = find_wording("en")

    assert words.count("stories", 1) == "1 story"
    assert words.count("stories", 1200) == "1,200 stories"
    assert words.day(date(2026, 11, 24)) == "Tuesday, November 24, 2026"
    assert words.series(["A", "B", "C"]) == "A, B, and C"


def test_a_region_keeps_its_dates_with_the_languages_words() -> None:
    words = find_wording("en-GB")

    assert words.say("unsubscribe") == "Unsubscribe"
    assert words.day(date(2026, 11, 24)) in ("Tuesday 24 November 2026", "Tuesday, 24 November 2026")


@pytest.mark.parametrize("language", ["tlh", "", "xx-yy-zz", "../en", "e\x00n"])
def test_an_unknown_language_falls_back_to_english_altogether(language: str) -> None:
    assert find_wording(language).language == "en"


def test_a_value_with_braces_stays_as_it_is() -> None:
    assert find_wording("en").say("read_at", site="{n} {site} {}") == "Read at {n} {site} {}"


@pytest.mark.parametrize("name", ["stories", "no such text"])
def test_an_unknown_text_is_named(name: str) -> None:
    with pytest.raises(RenderError, match=name):
        find_wording("en").say(name)


def test_directions_of_languages() -> None:
    assert [language_direction(tag) for tag in ("ar", "he-IL", "fa", "de", "", "no such")] == [
        "rtl",
        "rtl",
        "rtl",
        "ltr",
        "ltr",
        "ltr",
    ]


LANGUAGES = sorted(path.stem for path in WORDS.glob("*.toml"))


def places(text: str) -> list[str]:
    return sorted(re.findall(r"\{(\w+)\}", text))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_every_text_with_the_same_places(language: str) -> None:
    english, words = find_wording("en"), find_wording(language)

    assert words.language == language
    assert words.texts.keys() == english.texts.keys()
    for name, text in english.texts.items():
        if isinstance(text, str):
            said = words.say(name, **{place: f"<{place}>" for place in places(text)})
            assert all(said.count(f"<{place}>") == 1 for place in places(text))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_counts_from_0_to_1000_in_its_own_forms(language: str) -> None:
    words = find_wording(language)

    for name in ("stories", "minutes"):
        forms = words.texts[name]
        assert isinstance(forms, dict)
        assert forms.keys() >= {words.locale.plural_form(n) for n in range(1001)}
        assert all(words.count(name, n) for n in range(0, 1001, 50))
