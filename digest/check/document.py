"""The HTML of an email, parsed once for all the rules that look at it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from lxml import etree, html

from digest.check.styles import Rule, rules_of
from digest.model import Finding, Severity, StoryId

FindOwners = Callable[[html.HtmlElement], Mapping[etree._Element, StoryId]]
"""What tells which elements of a body are one story's alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """An email's HTML as sent and as parsed.

    `root` is the html element, `words` the text of its body, `rules` what its style blocks say. `owners` holds
    the elements that are one story's alone, where that is known.
    """

    source: str
    root: html.HtmlElement
    words: str
    rules: tuple[Rule, ...]
    owners: Mapping[etree._Element, StoryId] = field(default_factory=dict)

    def owner(self, element: html.HtmlElement) -> StoryId | None:
        """Return the story that an element is told in; None for the frame, and where it is not known."""
        around = (element, *element.iterancestors())
        return next((self.owners[one] for one in around if one in self.owners), None)

    def every(self, *tags: str) -> Iterator[html.HtmlElement]:
        """Return the elements of some tags, in order."""
        return iter(list(self.root.iter(*tags)))


def parse_document(source: str, *, find_owners: FindOwners | None = None) -> Document | None:
    """Return the parsed email, or None where there is nothing to parse."""
    try:
        parser = html.HTMLParser(encoding="utf-8", no_network=True)
        root = html.document_fromstring(source.encode("utf-8", "replace"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return None
    found = root.xpath("//body//text()[not(parent::style or parent::script)]")
    parts = [str(part) for part in found] if isinstance(found, list) else []
    body = root.find("body")
    return Document(
        source=source,
        root=root,
        words=plain_words(" ".join(parts)),
        rules=tuple(rules_of(root)),
        owners=find_owners(body) if find_owners is not None and body is not None else {},
    )


def plain_words(text: str) -> str:
    """Return a text's words parted by single spaces, without the joiner that parts doubled at-signs."""
    return " ".join(text.replace("\u2060", "").split())


def link_text(element: html.HtmlElement) -> str:
    """Return the text of a link, its pictures by their alt texts."""
    alts = " ".join(image.get("alt") or "" for image in element.iter("img"))
    return plain_words(f"{element.text_content()} {alts}")


def host_of(address: str) -> str:
    """Return the host of an http or https address, else an empty string."""
    try:
        parts = urlsplit(address.strip())
        return (parts.hostname or "") if parts.scheme.lower() in ("http", "https", "") else ""
    except ValueError:
        return ""


def error(rule: str, where: str, message: str, *, story: StoryId | None = None) -> Finding:
    """Return a finding that stops a send."""
    return Finding(rule=rule, severity=Severity.ERROR, where=where, message=message, story_id=story)


def info(rule: str, where: str, message: str, *, story: StoryId | None = None) -> Finding:
    """Return a finding that is good to know."""
    return Finding(rule=rule, severity=Severity.INFO, where=where, message=message, story_id=story)


def warning(rule: str, where: str, message: str, *, story: StoryId | None = None) -> Finding:
    """Return a finding that the editor should look at."""
    return Finding(rule=rule, severity=Severity.WARNING, where=where, message=message, story_id=story)
