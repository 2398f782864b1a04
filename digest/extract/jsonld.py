"""Read the JSON-LD of a page: find the nodes that describe its story."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from lxml.html import HtmlElement

Node = Mapping[str, Any]

ARTICLE = re.compile(
    r"(?:Article|BlogPosting|Report|Review|SocialMediaPosting|LiveBlogPosting|DiscussionForumPosting)$"
)
_MAX_SCRIPT_CHARS = 3_000_000
_MAX_NODES = 4000
_MAX_DEPTH = 8
_COMMENT = re.compile(
    r"^\s*(?:<!--|//\s*<!\[CDATA\[|/\*\s*<!\[CDATA\[\s*\*/|<!\[CDATA\[)"
    r"|(?:-->|//\s*\]\]>|\]\]>)\s*;?\s*$"
)
_TRAILING_COMMA = re.compile(r",\s*([}\]])")


def read_nodes(root: HtmlElement) -> list[Node]:
    """Return every node of the page's JSON-LD, nested ones too, in document order."""
    nodes: list[Node] = []
    for script in root.iter("script"):
        if "ld+json" not in (script.get("type") or "").lower():
            continue
        for value in _values(script.text or ""):
            for node in _walk(value, 0):
                nodes.append(node)
                if len(nodes) >= _MAX_NODES:
                    return nodes
    return nodes


def types_of(node: Node) -> list[str]:
    """Return the names of a node's types, without their namespace."""
    kinds = node.get("@type")
    return [str(kind).rpartition("/")[2].rpartition(":")[2] for kind in as_list(kinds)]


def is_article(node: Node) -> bool:
    """Say whether a node describes a story."""
    return any(ARTICLE.search(kind) for kind in types_of(node))


def as_list(value: object) -> list[Any]:
    """Return a value that may be one or many as a list."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def resolve(value: object, nodes: list[Node]) -> object:
    """Return the node that an `{"@id": ...}` reference points at, else the value."""
    if isinstance(value, Mapping) and set(value) <= {"@id", "@type"} and "@id" in value:
        for node in nodes:
            if node is not value and node.get("@id") == value["@id"] and len(node) > 2:
                return node
    return value


def _values(text: str) -> Iterator[Any]:
    """Yield the JSON values of a script: usually one, sometimes several in a row, sometimes damaged."""
    text = _COMMENT.sub("", text[:_MAX_SCRIPT_CHARS]).strip().rstrip(";")
    decoder = json.JSONDecoder(strict=False)
    position = 0
    repaired = False
    while position < len(text):
        try:
            value, position = decoder.raw_decode(text, position)
        except (ValueError, RecursionError):
            if repaired:
                return
            text, repaired = _TRAILING_COMMA.sub(r"\1", text[position:]), True
            position = 0
            continue
        yield value
        while position < len(text) and text[position] in " \t\r\n,;":
            position += 1


def _walk(value: object, depth: int) -> Iterator[Node]:
    if depth > _MAX_DEPTH:
        return
    if isinstance(value, list):
        for item in value[:500]:
            yield from _walk(item, depth)
    elif isinstance(value, dict):
        if "@type" in value or "@id" in value:
            yield value
        for key, item in value.items():
            if isinstance(item, dict | list) and key not in ("@context", "itemListElement"):
                yield from _walk(item, depth + 1)
