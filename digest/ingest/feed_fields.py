"""Tell the language of a feed or sitemap by its tag, and an address without what nobody may see."""

from __future__ import annotations

import re

_LOGIN = re.compile(r"^(\s*[A-Za-z][A-Za-z0-9+.-]*://)[^/?#]*@")


def bare_address(url: str) -> str:
    """Return an address as it may be shown: without the name and password before its host."""
    return _LOGIN.sub(r"\1", url)


def language_code(value: object) -> str | None:
    """Return the language of a tag such as `de-AT`, in small letters; None for what is no tag."""
    name = str(value or "").strip().partition("-")[0].partition("_")[0].lower()
    return name if name.isascii() and name.isalpha() and len(name) in (2, 3) else None
