"""The fixed texts of an email, its dates and numbers, in the newsletter's language."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path

from babel import Locale, UnknownLocaleError
from babel.dates import format_date
from babel.lists import format_list
from babel.numbers import format_decimal

from digest.errors import RenderError

WORDS = Path(__file__).parent / "words"


@dataclass(frozen=True, kw_only=True)
class Wording:
    """The words of one language. `texts` maps a name to a sentence, or to its plural forms by category."""

    language: str
    texts: Mapping[str, str | Mapping[str, str]]

    @cached_property
    def locale(self) -> Locale:
        """Return Babel's locale of the language."""
        return Locale.parse(self.language, sep="-")

    @property
    def direction(self) -> str:
        """Return `ltr` or `rtl`."""
        return str(self.locale.text_direction)

    def say(self, name: str, **values: str) -> str:
        """Return the text `name` with its values put in; raise RenderError for an unknown name."""
        text = self.texts.get(name)
        if not isinstance(text, str):
            raise RenderError(
                f"A template asks for the text '{name}', which is not among the words of '{self.language}'."
            )
        return _fill(text, values)

    def count(self, name: str, number: int, **values: str) -> str:
        """Return the plural form of `name` that the number asks for, the number put in as `{n}`."""
        forms = self.texts.get(name)
        if not isinstance(forms, Mapping):
            raise RenderError(
                f"A template counts '{name}', which has no plural forms in the words of '{self.language}'."
            )
        form = forms.get(self.locale.plural_form(number), forms["other"])
        return _fill(form, {"n": format_decimal(number, locale=self.locale), **values})

    def number(self, number: int) -> str:
        """Write a whole number."""
        return format_decimal(number, locale=self.locale)

    def day(self, day: date) -> str:
        """Write a date in full, with its weekday."""
        return format_date(day, "full", locale=self.locale)

    def series(self, names: Sequence[str]) -> str:
        """Join names as the language does: `A, B, and C`."""
        return format_list(list(names), locale=self.locale) if names else ""


def find_wording(language: str, *, folder: Path = WORDS) -> Wording:
    """Return the words of a language (`de`, `de-AT`) from a folder of them; English ones where it has none.

    An unknown language falls back to English altogether; a known one without a file keeps its own dates
    and direction only if its words are there, so that an email never mixes two languages.
    """
    for tag in (language, language.partition("-")[0]):
        path = folder / f"{tag.lower()}.toml"
        if tag.replace("-", "").isalpha() and path.is_file() and _is_known(language):
            return Wording(language=language, texts=_read(path))
    return Wording(language="en", texts=_read(folder / "en.toml"))


def language_direction(language: str) -> str:
    """Return `ltr` or `rtl` for a language tag; `ltr` for one that Babel does not know."""
    try:
        return str(Locale.parse(language, sep="-").text_direction)
    except (UnknownLocaleError, ValueError, TypeError):
        return "ltr"


def _is_known(language: str) -> bool:
    try:
        Locale.parse(language, sep="-")
    except (UnknownLocaleError, ValueError):
        return False
    return True


def _read(path: Path) -> dict[str, str | Mapping[str, str]]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


def _fill(text: str, values: Mapping[str, str]) -> str:
    """Put values into `{name}` places, once: a value that holds braces stays as it is."""
    parts = text.replace("}", "{").split("{")
    return "".join(values[part] if index % 2 else part for index, part in enumerate(parts))
