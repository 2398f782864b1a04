"""Print a page of the manual as HTML: headings and rules with anchors, pages named in it as links.

The manual is ours, and is printed as safely as if it were not: HTML in it is shown, not used.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import pairwise, takewhile

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

_COMMAND = re.compile(r"digest help ([a-z]+)")
_PARTS_RULES = re.compile(r"\s*,\s*")


@dataclass(frozen=True, slots=True, kw_only=True)
class ManualPage:
    """A page as it is shown: its title, its text, and its chapters (anchor and words)."""

    title: str
    html: Markup
    chapters: tuple[tuple[str, str], ...]


def read_manual_page(text: str, *, topics: Collection[str]) -> ManualPage:
    """Return a page of the manual; `topics` are the pages that it may name.

    A rule of a list (`code` at the start of a point) is an anchor under its own name, a heading under its words.
    """
    reader = MarkdownIt("commonmark", {"html": False})
    tokens = reader.parse(text)
    names = _name_rules(tokens)
    title, chapters = _name_headings(tokens, names)
    for token in tokens:
        if token.children:
            token.children = _with_links(token.children, topics)
    shown = tokens[3:] if title else tokens
    html = reader.renderer.render(shown, reader.options, {})
    return ManualPage(title=title, html=Markup(html), chapters=tuple(chapters))


def _name_rules(tokens: Sequence[Token]) -> set[str]:
    names: set[str] = set()
    for place, token in enumerate(tokens[:-2]):
        if token.type == "list_item_open" and tokens[place + 2].type == "inline":
            for child in takewhile(_is_of_rules, tokens[place + 2].children or ()):
                if child.type == "code_inline" and re.fullmatch(r"[a-z][a-z-]*", child.content):
                    if child.content not in names:
                        child.attrSet("id", child.content)
                    names.add(child.content)
    return names


def _is_of_rules(token: Token) -> bool:
    return token.type == "code_inline" or bool(_PARTS_RULES.fullmatch(token.content))


def _name_headings(tokens: Sequence[Token], taken: set[str]) -> tuple[str, list[tuple[str, str]]]:
    title, chapters = "", []
    for token, inline in pairwise(tokens):
        if token.type != "heading_open":
            continue
        words = "".join(child.content for child in inline.children or ())
        if token.tag == "h1" and not title:
            title = words
            continue
        anchor = _free("-".join(re.findall(r"\w+", words.lower())) or "chapter", taken)
        token.attrSet("id", anchor)
        chapters.append((anchor, words))
    return title, chapters


def _free(name: str, taken: set[str]) -> str:
    number, found = 2, name
    while found in taken:
        found, number = f"{name}-{number}", number + 1
    taken.add(found)
    return found


def _with_links(children: Sequence[Token], topics: Collection[str]) -> list[Token]:
    """Put a link around each `digest help PAGE`; none stands inside a link."""
    made: list[Token] = []
    depth = 0
    for child in children:
        depth += child.nesting if child.type.startswith("link_") else 0
        named = _COMMAND.fullmatch(child.content) if child.type == "code_inline" and not depth else None
        if named and named[1] in topics:
            opening = Token("link_open", "a", 1, attrs={"href": f"/manual/{named[1]}"})
            made += [opening, child, Token("link_close", "a", -1)]
        else:
            made.append(child)
    return made
