"""The rules that need nothing but the email's HTML."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import pairwise

from digest.check.document import Document, error, host_of, warning
from digest.check.legibility import legibility
from digest.check.links import links
from digest.check.spam import spam_in_text
from digest.check.support import client_support
from digest.model import SLOTS, Finding

CLIPPED_AT = 102_000
"""Bytes of HTML from which Gmail hides the rest behind a link (email-bugs #41); the footer goes first."""
LARGE = 90_000

_TOKEN = re.compile(r"@@[A-Z][A-Z_]*@@")
_TEMPLATE = re.compile(r"\{\{.{0,60}|\{%.{0,60}|\\u\{[0-9a-f]+\}", re.DOTALL)
_CSS_URL = re.compile(r"url\(\s*['\"]?([^'\")]+)|@import\s+['\"]([^'\"]+)", re.IGNORECASE)
_EXECUTED = ("href", "src", "style", "width", "height")


def tokens(document: Document) -> Iterator[Finding]:
    """Refuse a token that delivery will not replace, and what a template left unprinted."""
    for token in sorted(set(_TOKEN.findall(document.source)) - set(SLOTS)):
        yield error(
            "tokens", "html", f"{token} is left in the email. Delivery fills only {', '.join(SLOTS)}."
        )
    match = _TEMPLATE.search(document.words)
    for found in [match] if match else []:
        yield warning(
            "template-code", "html", f"Readers would see '{found[0]}'. Mend the template or the story."
        )
    for element in document.root.iter():
        if isinstance(element.tag, str) and any(
            _TEMPLATE.search(element.get(name) or "") for name in _EXECUTED
        ):
            yield error("template-code", "html", f"A <{element.tag}> holds template code. Mend the template.")


def doctype(document: Document) -> Iterator[Finding]:
    """Want a doctype, or every client draws the page in quirks mode."""
    if not document.source.lstrip().upper().startswith("<!DOCTYPE HTML"):
        yield error("doctype", "html", "The HTML has no doctype. Start it with <!DOCTYPE html>.")


def language(document: Document) -> Iterator[Finding]:
    """Want lang and dir on the html tag and inside the body: many clients keep only the body's content."""
    body = document.root.find("body")
    for name in ("lang", "dir"):
        if not document.root.get(name):
            make = error if name == "lang" else warning
            yield make(
                name, "html", f"The html tag has no {name}. Screen readers need it; set it in the template."
            )
        if body is not None and not body.xpath(f".//*[@{name}]"):
            yield warning(
                f"{name}-in-body",
                "html",
                f"Nothing inside the body has {name}, and clients drop the html tag's.",
            )


def title(document: Document) -> Iterator[Finding]:
    """Want a title: browsers and screen readers announce it."""
    if not (document.root.findtext(".//title") or "").strip():
        yield warning("title", "html", "The HTML has no title. Set mj-title in the template.")


def headings(document: Document) -> Iterator[Finding]:
    """Want one h1, and no level left out below it."""
    levels = [int(str(element.tag)[1]) for element in document.every("h1", "h2", "h3", "h4", "h5", "h6")]
    if levels.count(1) != 1:
        yield warning("headings", "html", f"The email has {levels.count(1)} h1 headings; it should have one.")
    if any(after > before + 1 for before, after in pairwise(levels)):
        yield warning(
            "headings", "html", "A heading skips a level, such as an h3 below an h1. Mend the template."
        )


def images(document: Document) -> Iterator[Finding]:
    """Want alt, a numeric width and a source on each image."""
    for image in document.every("img"):
        src = image.get("src") or ""
        shown = src if len(src) <= 80 else src[:77] + "..."
        story = document.owner(image)
        if image.get("alt") is None:
            yield error(
                "image-alt",
                shown,
                'This image has no alt text. Say what it shows, or alt="" for ornament.',
                story=story,
            )
        if not re.fullmatch(r"[1-9][0-9]*", image.get("width") or ""):
            yield warning(
                "image-width",
                shown,
                "This image has no width in pixels; Outlook shows it at full size.",
                story=story,
            )
        if not src.strip():
            yield error(
                "image-source",
                "html",
                "An image has no src. Leave its cell out where there is no picture.",
                story=story,
            )
        if src.lower().lstrip().startswith("data:"):
            yield error(
                "image-inline",
                shown,
                "This image is written into the HTML; Gmail shows none of those.",
                story=story,
            )


def tables(document: Document) -> Iterator[Finding]:
    """Want each table that only lays out to say so, or screen readers announce rows and columns."""
    unnamed = sum(
        1
        for table in document.every("table")
        if table.get("role") not in ("presentation", "none") and not any(True for _ in table.iter("th"))
    )
    if unnamed:
        yield warning(
            "table-role",
            "html",
            f'{unnamed} of the tables only lay out and do not say so. Give them role="presentation".',
        )


def active_content(document: Document) -> Iterator[Finding]:
    """Refuse what clients drop or filters punish: scripts, frames, forms, handlers."""
    for element in document.every("script", "iframe", "object", "embed", "form", "input", "base"):
        yield error(
            "active-content",
            "html",
            f"The email holds a <{element.tag}>, which mail filters refuse. Remove it.",
        )
    for element in document.root.iter():
        handlers = [name for name in element.attrib if name.lower().startswith("on")]
        if isinstance(element.tag, str) and handlers:
            yield error(
                "active-content", "html", f"A <{element.tag}> has the handler {handlers[0]}. Remove it."
            )


def unsubscribe(document: Document) -> Iterator[Finding]:
    """Want a way to leave in every email."""
    if not any("unsubscribe" in (link.get("href") or "").lower() for link in document.every("a")):
        yield error(
            "unsubscribe",
            "html",
            "There is no link to unsubscribe. Print page.links.unsubscribe in the footer.",
        )


def size(document: Document) -> Iterator[Finding]:
    """Keep under the size at which Gmail cuts an email off."""
    count = len(document.source.encode("utf-8", "replace"))
    if count >= CLIPPED_AT:
        yield error(
            "size",
            "html",
            f"The HTML has {count:,} bytes; Gmail cuts it at {CLIPPED_AT:,}. Take fewer stories.",
        )
    elif count >= LARGE:
        yield warning("size", "html", f"The HTML has {count:,} bytes; Gmail cuts it at {CLIPPED_AT:,}.")


def loaded_hosts(document: Document) -> set[str]:
    """Return the hosts that opening the email asks: of images, styles, fonts and scripts."""
    addresses = [
        e.get(name) for e in document.root.iter() for name in ("src", "srcset", "background", "poster")
    ]
    addresses += [link.get("href") for link in document.every("link")]
    css = [style.text or "" for style in document.every("style")]
    css += [element.get("style") or "" for element in document.root.iter()]
    for sheet in css:
        addresses += [one or other for one, other in _CSS_URL.findall(sheet)]
    return {host_of(address) for address in addresses if address} - {""}


RULES: tuple[Callable[[Document], Iterator[Finding]], ...] = (
    doctype, language, title, headings, tables, tokens, active_content, links, images, unsubscribe, size, legibility,
    client_support, spam_in_text,
)  # fmt: skip
