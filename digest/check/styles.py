"""Read style sheets and style attributes as far as the rules need it, whatever is written in them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from lxml import html

_COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)|<!--|-->", re.DOTALL)
_MARK = re.compile(r"""\\.|["'(){};]""", re.DOTALL)
_FEATURE = re.compile(r"\(\s*([a-z-]+)\s*(?::\s*([^()]+?)\s*)?\)")
_PIXELS = re.compile(r"([0-9.]+)(px|em|rem)?")
_NARROWEST, _VIEW, _WIDEST = 1, 700, 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Declaration:
    """One property and its value; `is_important` where it ends in !important."""

    name: str
    value: str
    is_important: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule of a style block. `at_rules` are those around it, the outermost first; without a block it is empty."""

    selectors: tuple[str, ...]
    declarations: tuple[Declaration, ...]
    at_rules: tuple[str, ...] = ()


def parse_declarations(text: str) -> tuple[Declaration, ...]:
    """Return the declarations of a style attribute or of a rule's block."""
    found = []
    for part in _split(_COMMENT.sub("", text), ";"):
        name, colon, value = part.partition(":")
        if not colon or not name.strip() or not value.strip():
            continue
        plain, bang, _ = value.strip().partition("!")
        found.append(
            Declaration(name=name.strip().lower(), value=plain.strip().lower(), is_important=bool(bang))
        )
    return tuple(found)


def rules_of(root: html.HtmlElement) -> list[Rule]:
    """Return the rules of all style blocks, in order; a block's `media` counts as an at-rule around it."""
    rules: list[Rule] = []
    for style in root.iter("style"):
        media = (style.get("media") or "").strip().lower()
        rules += parse_sheet(style.text or "", at_rules=(f"@media {media}",) if media else ())
    return rules


def parse_sheet(text: str, *, at_rules: tuple[str, ...] = ()) -> Iterator[Rule]:
    """Yield the rules of a style sheet in order; `at_rules` are around all of it.

    A statement, as @import, and what stands in an at-rule's own block, as in @font-face, have no selectors.
    """
    blocks: list[str] = []
    pending = ""
    for piece, mark in _pieces(_COMMENT.sub(" ", text)):
        pending += piece
        line = " ".join(pending.split())
        if mark == ";" and blocks:
            pending += ";"
            continue
        pending = ""
        if mark == "{":
            blocks.append(line)
        elif mark == "}" and blocks:
            block = blocks.pop()
            around = (*at_rules, *(name.lower() for name in blocks if name.startswith("@")))
            if not block.startswith("@"):
                names = tuple(name.strip() for name in _split(block, ",") if name.strip())
                yield Rule(selectors=names, declarations=parse_declarations(line), at_rules=around)
            elif line:
                yield Rule(
                    selectors=(), declarations=parse_declarations(line), at_rules=(*around, block.lower())
                )
        elif line.startswith("@"):
            yield Rule(selectors=(), declarations=(), at_rules=(*at_rules, line.lower()))


def applies(rule: Rule, *, is_dark: bool) -> bool:
    """Return whether a wide screen in the light or the dark scheme follows a rule."""
    return all(_holds(at_rule, is_dark=is_dark) for at_rule in rule.at_rules)


def _holds(at_rule: str, *, is_dark: bool) -> bool:
    if at_rule.startswith("@supports"):
        return True
    if not at_rule.startswith("@media"):
        return False
    return any(_query(query, is_dark=is_dark) for query in at_rule[6:].split(","))


def _query(query: str, *, is_dark: bool) -> bool:
    words = query.split()
    if "print" in words or "speech" in words or "not" in words:
        return False
    for name, value in _FEATURE.findall(query):
        if name == "prefers-color-scheme" and value != ("dark" if is_dark else "light"):
            return False
        if name == "min-width" and _pixels(value, _NARROWEST) > _VIEW:
            return False
        if name in ("max-width", "max-device-width") and _pixels(value, _WIDEST) < _VIEW:
            return False
    return True


def _pixels(value: str, otherwise: float) -> float:
    found = _PIXELS.match(value)
    try:
        return float(found[1]) * (16 if found[2] in ("em", "rem") else 1) if found else otherwise
    except ValueError:
        return otherwise


def _pieces(text: str) -> Iterator[tuple[str, str]]:
    """Yield stretches of text with the brace or semicolon that ends each; those in strings and parentheses end none."""
    start = depth = 0
    quote = ""
    for match in _MARK.finditer(text):
        mark = match[0]
        if quote:
            quote = "" if mark == quote else quote
        elif mark in "\"'":
            quote = mark
        elif mark == "(":
            depth += 1
        elif mark == ")":
            depth = max(0, depth - 1)
        elif mark in "{}" or (mark == ";" and depth == 0):
            depth = 0
            yield text[start : match.start()], mark
            start = match.end()
    yield text[start:], ""


def _split(text: str, separator: str) -> list[str]:
    """Split at a separator that stands in no string and no parentheses."""
    if "(" not in text and '"' not in text and "'" not in text:
        return text.split(separator)
    parts, start, depth, quote = [], 0, 0, ""
    for position, char in enumerate(text):
        if quote:
            quote = "" if char == quote else quote
        elif char in "\"'":
            quote = char
        elif char == "(":
            depth += 1
        elif char == ")":
            depth = max(0, depth - 1)
        elif char == separator and depth == 0:
            parts.append(text[start:position])
            start = position + 1
    return [*parts, text[start:]]
