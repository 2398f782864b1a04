"""Say what language a story is in."""

from __future__ import annotations

import re


def find_language(declared: str | None, text: str) -> str:
    """Return the two-letter name of the language: what the page declares, else what its words say."""
    name = (declared or "").strip().replace("_", "-").partition("-")[0].lower()
    if re.fullmatch(r"[a-z]{2,3}", name):
        return name
    if len(text) < 40:
        return "en"
    # Its model takes numpy and a third of a second, and nearly every page declares its language.
    from py3langid import langid  # noqa: PLC0415

    return str(langid.classify(text[:3000])[0])
