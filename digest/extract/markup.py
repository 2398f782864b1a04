"""Parse the HTML of a page, also where it is far too long or nested far too deep."""

from __future__ import annotations

import re

from lxml import html as lxml_html
from lxml.etree import ElementDefaultClassLookup, ErrorTypes, ParserError, iterwalk, strip_tags
from lxml.html import HtmlComment, HtmlElement, HTMLParser

from digest.charset import without_control

_MAX_CHARS = 4_000_000
"""What is parsed of a page. The largest news pages are half of it, nearly all of it script."""
_LARGE_CHARS = 200_000
_MAX_STEPS = 2_500_000
"""How far from the root all elements together may lie: extractors climb from each. Large news pages have 50,000."""
_WRAPPERS = (
    "div", "span", "section", "article", "main", "aside", "header", "footer", "nav", "figure", "blockquote", "center",
    "font", "b", "i", "u", "em", "strong", "small", "big", "ul", "ol", "dl", "table", "tbody", "tr", "td", "form",
    "fieldset", "details", "address", "label",
)  # fmt: skip
_SECTIONS = {"main", "article", "section", "header", "footer", "aside", "nav", "figure", "hgroup", "details"}
_HEAVY = re.compile(r"<(style|svg|script)\b|<!--", re.I)
_CONTROL = re.compile(
    r"&#(?:0{0,6}(?:[1-8]|1[4-9]|2[0-7]|127)(?!\d)|[xX]0{0,6}(?:[1-8]|0?[eE]|1[0-9a-bA-B]|7[fF])(?![\da-fA-F]));?"
)
"""References to control characters: one of them costs its paragraph, since no XML can hold it."""
_DECLARATION = re.compile(r"^\s*<\?xml[^>]{0,500}\?>")


def parse_html(text: str) -> HtmlElement | None:
    """Return the root of a page; None where there is nothing to parse.

    The parser stops at the 256th level unless it is told to go on, which it then does down to the 2048th. Where
    that makes a tree to get lost in, its wrappers are taken out, and what they held stays in order.
    """
    text = _CONTROL.sub("", without_control(_DECLARATION.sub("", text, count=1)))
    if len(text) > _MAX_CHARS:
        text = lighten(text)[:_MAX_CHARS]
    parser = _make_parser()
    root = _parse(text, parser)
    is_deep = any(entry.type == ErrorTypes.ERR_RESOURCE_LIMIT for entry in parser.error_log)
    if is_deep:
        root = _parse(text, _make_parser(is_deep=True))
    if root is not None and (is_deep or len(text) > _LARGE_CHARS) and not _can_be_walked(root):
        strip_tags(root, *_WRAPPERS)
    return root


def lighten(text: str) -> str:
    """Leave out styles, drawings, comments and scripts, but those of structured data; in one pass."""
    kept: list[str] = []
    start = 0
    unclosed: set[str] = set()
    for found in _HEAVY.finditer(text):
        name = (found[1] or "").lower()
        if found.start() < start or name in unclosed:
            continue
        if name == "script" and "ld+json" in text[found.start() : found.start() + 200]:
            continue
        end = re.compile(rf"</{name}[^>]{{0,100}}>" if name else "-->", re.I).search(text, found.end())
        if end is None:
            unclosed.add(name)
            continue
        kept.append(text[start : found.start()])
        start = end.end()
    kept.append(text[start:])
    return "".join(kept)


def _make_parser(*, is_deep: bool = False) -> HTMLParser:
    """Make a parser whose elements are all of one class: to choose one by name is a call for each element."""
    parser = HTMLParser(collect_ids=False, huge_tree=is_deep)
    parser.set_element_class_lookup(ElementDefaultClassLookup(element=HtmlElement, comment=HtmlComment))
    return parser


def _parse(text: str, parser: HTMLParser) -> HtmlElement | None:
    try:
        root = lxml_html.document_fromstring(text, parser=parser, ensure_head_body=False)
    except (ParserError, ValueError):
        return None
    _begin_body(root)
    return root


def _begin_body(root: HtmlElement) -> None:
    """Take out of the head what begins the body of a page that leaves out its tag, as HTML allows.

    The parser is older than these elements and keeps them where they stand.
    """
    head = root.find("head")
    first = (
        next((element for element in head if element.tag in _SECTIONS), None) if head is not None else None
    )
    if head is None or first is None:
        return
    body = root.find("body")
    if body is None:
        body = root.makeelement("body")
        head.addnext(body)
    strays = [first, *first.itersiblings()]
    for place, element in enumerate(strays):
        body.insert(place, element)


def _can_be_walked(root: HtmlElement) -> bool:
    depth = steps = 0
    for event, _ in iterwalk(root, events=("start", "end")):
        if event == "end":
            depth -= 1
            continue
        depth += 1
        steps += depth
        if steps > _MAX_STEPS:
            return False
    return True
