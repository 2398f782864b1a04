"""The rules about words that mail filters count against a sender."""

from __future__ import annotations

import re
from collections.abc import Iterator

from digest.check.document import Document, warning
from digest.model import Finding

FEWEST_CAPITALS = 10
_CURRENCY = re.compile(r"[$€£¥₹₽₩]")
_BOTH = re.compile(r"!\?|\?!")
_PHRASES = re.compile(
    r"\b(?:100 ?% free|free!!+|act now!|click (?:here|below) now|risk[- ]free trial|limited[- ]time offer"
    r"|order now!|buy now!|cash bonus|double your (?:money|income)|dear friend|earn \$|make money fast)",
    re.IGNORECASE,
)


def spam_in_line(line: str, where: str) -> Iterator[Finding]:
    """Find what filters hold against a subject or a preheader."""
    letters = [char for char in line if char.isalpha() and char.lower() != char.upper()]
    if len(letters) >= FEWEST_CAPITALS and sum(map(str.isupper, letters)) > 0.7 * len(letters):
        yield warning(
            "capitals",
            where,
            "It is written in capitals, which filters count. Write it in small letters.",
        )
    if line.count("!") > 1 or _BOTH.search(line):
        yield warning(
            "exclamations", where, "It has several exclamation marks; filters count them. Keep one at most."
        )
    if len(_CURRENCY.findall(line)) > 1:
        yield warning(
            "currency", where, "It has several currency signs; filters count them. Keep one at most."
        )
    yield from _phrases(line, where)


def spam_in_text(document: Document) -> Iterator[Finding]:
    """Find what filters hold against the body: rows of exclamation marks, and phrases of salesmen."""
    if "!!!" in document.words:
        yield warning(
            "exclamations", "html", "There are three exclamation marks in a row; filters count them."
        )
    yield from _phrases(document.words, "html")


def _phrases(text: str, where: str) -> Iterator[Finding]:
    if found := _PHRASES.search(text):
        yield warning(
            "spam-words",
            where,
            f"It says '{found[0]}', as advertising does. Say it otherwise.",
        )
