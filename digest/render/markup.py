"""Turn MJML into the HTML that clients get: MRML lays out, premailer writes our styles into the tags.

Both libraries have traps, so each is called in one place only, with the settings that survived every probe.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from lxml import etree
from mjml import mjml2html
from premailer import Premailer

from digest.errors import RenderError

_Rule = tuple[tuple[int, ...], str, str]
"""A rule as premailer holds it: its weight, one selector, its declarations."""

_SETTINGS: Mapping[str, Any] = {
    "keep_style_tags": True,
    "strip_important": False,
    "exclude_pseudoclasses": True,
    "remove_classes": False,
    "disable_link_rewrites": True,
    "preserve_internal_links": True,
    "disable_validation": True,
    "method": "html",
    "align_floating_images": False,
    "remove_unset_properties": False,
    "disable_basic_attributes": ["align", "valign", "bgcolor", "width", "height"],
    "allow_network": False,
    "allow_loading_external_files": False,
    "cssutils_logging_level": logging.CRITICAL,
}
_PLAIN_RULE = re.compile(r"([\w\s.,-]+)\{([^{}@!*\"'\\]*)\}")
_PLAIN_SHEET = re.compile(rf"\s*(?:/\*inline\*/)?(?:{_PLAIN_RULE.pattern})*\s*")
_ELEMENT = re.compile(r"(?:^|\s)\w")
_PLAIN_SELECTOR = re.compile(r"[\w\s.>+~-]+")
_BARE_CLASS = re.compile(r"(?<![\w.-])\.([\w-]+)")
_SPACED_COLOUR = re.compile(r"\b(?:rgb|hsl)a?\([^(),]*\)", re.IGNORECASE)
"""A colour written without commas, which cssutils drops without a word."""
_INLINE_MARK = "/*inline*/"
_IGNORE = ' data-premailer="ignore"'
_INLINE_STYLE = re.compile(r"(<mj-style\b[^>]*\binline=\"inline\"[^>]*>)")
_STYLE = re.compile(
    r"<!--\[if.*?<!\[endif\]-->|<style\b(?P<attributes>[^>]*)>(?P<css>.*?)</style>", re.DOTALL
)
_STYLED = re.compile(r' style="[^"]*"')
_DOCTYPE = re.compile(r"<!doctype html>", re.IGNORECASE)
_WHITE_PREVIEW = "display:none;font-size:1px;color:#ffffff;"
"""How MRML hides the preheader; white on white is a sign of spam, and hidden it needs no colour."""
_TAG = re.compile(r"<(mj-[a-z-]+|mjml)\b")
_KNOWN_TAGS = frozenset(
    {
        "mjml",
        "mj-head",
        "mj-body",
        "mj-attributes",
        "mj-all",
        "mj-class",
        "mj-breakpoint",
        "mj-font",
        "mj-preview",
    }
    | {"mj-style", "mj-title", "mj-raw", "mj-accordion", "mj-accordion-element", "mj-accordion-title"}
    | {
        "mj-accordion-text",
        "mj-button",
        "mj-carousel",
        "mj-carousel-image",
        "mj-column",
        "mj-divider",
        "mj-group",
    }
    | {"mj-hero", "mj-image", "mj-navbar", "mj-navbar-link", "mj-section", "mj-social", "mj-social-element"}
    | {"mj-spacer", "mj-table", "mj-text", "mj-wrapper"}
)


class MarkupError(RenderError):
    """Report MJML that could not be turned into HTML. `tag` is the name of one that does not exist."""

    def __init__(self, message: str, *, tag: str = "") -> None:
        super().__init__(message)
        self.tag = tag


def convert(source: str) -> str:
    """Lay MJML out as HTML with MRML. `fonts={}`, since its default loads fonts from a third party."""
    return str(mjml2html(source, fonts={}))


def inline(html: str) -> str:
    """Write the styles of blocks not marked to be ignored into the tags, with premailer."""
    root = etree.fromstring(html.strip(), etree.HTMLParser())
    tree = _Inliner(root, **_SETTINGS).transform()
    return str(etree.tostring(tree, method="html", encoding="utf-8").decode("utf-8"))


class _Inliner(Premailer):  # type: ignore[misc]  # premailer has no types
    """Premailer, with a style sheet read once for all editions, and its classes found faster in the page.

    As it is, it prints every rule anew and asks all elements for each class: two thirds of its time.
    """

    def _parse_style_rules(self, css_body: str, ruleset_index: int) -> tuple[list[_Rule], list[object]]:
        rules, leftover = _read_rules(css_body, ruleset_index)
        tags = _tags_by_class(self.html)
        narrowed = [(weight, _narrowed(selector, tags), style) for weight, selector, style in rules]
        return [rule for rule in narrowed if rule[1]], list(leftover)

    def _style_to_basic_html_attributes(
        self, element: object, style_content: str, force: bool = False
    ) -> None:
        """Leave the attributes as they are: our settings switch each of them off, after it was worked out."""


@lru_cache(maxsize=32)
def _read_rules(css_body: str, ruleset_index: int) -> tuple[list[_Rule], list[object]]:
    """Return the rules of a style sheet, as premailer would: by hand where it holds plain rules and nothing else.

    The library parses each declaration twice, which takes half of a new process's first edition.
    """
    if _PLAIN_SHEET.fullmatch(css_body):
        rules = [
            (selector.strip(), ";".join(part.strip() for part in found[2].split(";") if part.strip()))
            for found in _PLAIN_RULE.finditer(css_body)
            for selector in found[1].split(",")
        ]
        plain = [(selector, style) for selector, style in rules if selector and style]
        return [
            (
                (0, 0, selector.count("."), len(_ELEMENT.findall(selector)), ruleset_index, place),
                selector,
                style,
            )
            for place, (selector, style) in enumerate(plain)
        ], []
    read: tuple[list[_Rule], list[object]] = Premailer("", **_SETTINGS)._parse_style_rules(
        css_body, ruleset_index
    )
    return read


def _tags_by_class(root: etree._Element) -> dict[str, set[str]]:
    tags: dict[str, set[str]] = {}
    for element in root.iterfind(".//*[@class]"):
        for name in element.get("class", "").split():
            tags.setdefault(name, set()).add(str(element.tag))
    return tags


def _narrowed(selector: str, tags: Mapping[str, set[str]]) -> str:
    """Return a selector with the tag before each class that only one kind of tag has; empty if none has it."""
    if not _PLAIN_SELECTOR.fullmatch(selector):
        return selector
    names = _BARE_CLASS.findall(selector)
    if not all(name in tags for name in names):
        return ""
    return _BARE_CLASS.sub(
        lambda found: (next(iter(tags[found[1]])) if len(tags[found[1]]) == 1 else "") + found[0], selector
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Press:
    """The two conversions of an edition. Each is called once an edition, whatever the number of readers."""

    convert: Callable[[str], str] = convert
    inline: Callable[[str], str] = inline


def to_html(mjml: str, *, press: Press) -> str:
    """Return the email's HTML; raise MarkupError for MJML that is not well formed or that MRML refuses."""
    if "<mjml" not in mjml:
        raise MarkupError(
            "The layout's email.mjml.j2 prints no <mjml>. Copy the shipped one, and start from that."
        )
    _check_tags(mjml)
    try:
        html = press.convert(_INLINE_STYLE.sub(rf"\1{_INLINE_MARK}", mjml))
    except ValueError as exc:
        raise MarkupError(_explain(mjml, exc)) from exc
    if re.search(r'="[^"]*\\u\{[0-9a-f]+\}', html):
        raise MarkupError(
            "An attribute holds a character that MRML cannot write. Pass values in attributes through |attribute."
        )
    # Upper case, or premailer drops it and every client draws in quirks mode.
    html = _DOCTYPE.sub("<!DOCTYPE html>", html, count=1)
    html = html.replace(_WHITE_PREVIEW, "display:none;font-size:1px;", 1)
    html = press.inline(_STYLE.sub(_mark_style, html))
    return _STYLED.sub(_tighten, _STYLE.sub(_finish_style, html))


def _mark_style(match: re.Match[str]) -> str:
    attributes, css = match["attributes"], match["css"]
    if css is None or "media=" in attributes:
        return match[0]
    if css.lstrip().startswith(_INLINE_MARK):
        if "@import" in css.lower():
            raise MarkupError(
                "The style to be inlined has an @import, which would be fetched. Copy its rules in."
            )
        if lost := _SPACED_COLOUR.search(css):
            raise MarkupError(
                f"The style to be inlined has {lost[0]}, which would be lost. Put commas: rgba(0,0,0,.5)."
            )
        return match[0]
    return f"<style{attributes}{_IGNORE}>{css}</style>"


def _finish_style(match: re.Match[str]) -> str:
    """Drop our own block, now that it is in the tags, and the marks that premailer left."""
    css = match["css"]
    if css is not None and css.lstrip().startswith(_INLINE_MARK):
        return ""
    return match[0].replace(_IGNORE, "", 1)


def _tighten(match: re.Match[str]) -> str:
    """Take the spaces out that premailer sets in each tag: some 1,500 bytes of an edition."""
    return match[0].replace("; ", ";").replace(", ", ",")


def _check_tags(mjml: str) -> None:
    """Refuse a misspelt tag, which MRML would let pass without a word."""
    for match in _TAG.finditer(mjml):
        if match[1] not in _KNOWN_TAGS:
            line = mjml.count("\n", 0, match.start()) + 1
            raise MarkupError(
                f"Line {line} of the printed MJML has <{match[1]}>, which is no MJML tag. Check its spelling.",
                tag=match[1],
            )


def _explain(mjml: str, exc: ValueError) -> str:
    """Say where MJML breaks: MRML's own errors have no line, so an XML parser looks for one."""
    try:
        etree.fromstring(mjml.encode("utf-8"), etree.XMLParser(resolve_entities=False, no_network=True))
    except etree.XMLSyntaxError as syntax:
        line = syntax.lineno or 1
        shown = mjml.splitlines()[line - 1].strip()[:80] if line <= mjml.count("\n") + 1 else ""
        return f"The printed MJML is not well formed at its line {line} ({syntax.msg}): {shown}"
    return f"MRML refused the printed MJML ({exc})."
