"""Check a rendering before it is sent. Each rule is one small function with an id."""

from __future__ import annotations

from digest.model import Edition, Finding, Newsletter, Rendered


def check_rendered(
    rendered: Rendered, edition: Edition | None, newsletter: Newsletter | None, *, readers: int = 0
) -> list[Finding]:
    """Return what is wrong with a rendering, in the order of the rules."""
    return []


def check_html(html: str) -> list[Finding]:
    """Return what is wrong with the HTML of an email alone."""
    return []
