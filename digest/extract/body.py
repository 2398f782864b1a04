"""Find the paragraphs of a story in its page."""

from __future__ import annotations

import trafilatura
from lxml.html import HtmlElement


def find_body(root: HtmlElement) -> list[str]:
    """Return the paragraphs of the story, in order."""
    text = trafilatura.extract(
        root, favor_precision=True, include_comments=False, include_tables=True, include_formatting=False
    )
    return [line.strip() for line in (text or "").split("\n") if line.strip()]
