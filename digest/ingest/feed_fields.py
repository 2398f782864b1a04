"""Read single fields of feeds and sitemaps: addresses and languages."""

from __future__ import annotations

import re
from urllib.parse import urljoin, urlsplit

_LOGIN = re.compile(r"^(\s*[A-Za-z][A-Za-z0-9+.-]*://)[^/?#]*@")


def http_address(base: str, address: object) -> str | None:
    """Return `address` as an absolute http address, relative ones from `base`; None for any other."""
    if not isinstance(address, str) or not address.strip():
        return None
    try:
        url = urljoin(base, address.strip())
    except ValueError:
        return None
    return url if is_http_address(url) else None


def is_http_address(url: str) -> bool:
    """Say whether an address is an absolute one of http or https."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc)


def bare_address(url: str) -> str:
    """Return an address as it may be shown: without the name and password before its host."""
    return _LOGIN.sub(r"\1", url)


def language_code(value: object) -> str | None:
    """Return the language of a tag such as `de-AT`, in small letters; None for what is no tag."""
    name = str(value or "").strip().partition("-")[0].partition("_")[0].lower()
    return name if name.isascii() and name.isalpha() and len(name) in (2, 3) else None
