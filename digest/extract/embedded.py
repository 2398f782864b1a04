"""Find the story of a page that draws itself from data: the text in its application state."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import islice

from lxml.html import HtmlElement

from digest.extract.fragment import read_fragment
from digest.extract.structured import clean

_START = re.compile(r"(?:^|[=(,])\s*(?=[{\[])")
_MAX_TRIES = 200
_SENTENCE = re.compile(r"[.!?。！？][\"”»’]?(?:\s|<|$)")
_PROGRAM = re.compile(r"[{};]\s*(?:var|function|return|const|let)\b|=>|\bfunction\s*\(")
_MAX_CHARS = 3_000_000
_MIN_CHARS = 300


def embedded_paragraphs(root: HtmlElement) -> list[str]:
    """Return the paragraphs of the longest running text in the page's JSON scripts; empty where there is none.

    Only pages without readable text of their own are read this way.
    """
    longest = ""
    for script in root.iter("script"):
        text = script.text or ""
        if "ld+json" in (script.get("type") or "").lower() or not _MIN_CHARS < len(text) <= _MAX_CHARS:
            continue
        for value in _values(text):
            longest = max((longest, *_texts(value)), key=len)
    if "<" in longest:
        return read_fragment(longest, base=None)[0]
    return [piece for piece in (clean(line) for line in longest.split("\n")) if piece]


def _values(text: str) -> Iterator[object]:
    """Yield the JSON values that a script is, assigns or passes on."""
    decoder = json.JSONDecoder(strict=False)
    end = 0
    for found in islice(_START.finditer(text), _MAX_TRIES):
        if found.end() < end:
            continue
        try:
            value, end = decoder.raw_decode(text, found.end())
        except (ValueError, RecursionError):
            continue
        yield value


def _texts(value: object) -> Iterator[str]:
    """Yield the strings of a JSON value that read as running text."""
    stack = [value]
    while stack:
        item = stack.pop()
        if isinstance(item, dict):
            stack.extend(item.values())
        elif isinstance(item, list):
            stack.extend(item)
        elif isinstance(item, str) and len(item) >= _MIN_CHARS and _reads(item):
            yield item


def _reads(text: str) -> bool:
    return len(_SENTENCE.findall(text[:20_000])) >= 3 and not _PROGRAM.search(text)
