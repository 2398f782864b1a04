"""Rules for the pages of one site: which elements hold the title, the text and the rest, as CSS selectors."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from urllib.parse import unquote, urlsplit

import idna
from cssselect import ExpressionError, HTMLTranslator, SelectorError
from cssselect.parser import Function
from cssselect.xpath import XPathExpr
from lxml.etree import XPath, XPathError
from lxml.html import Element, HtmlElement

FIELDS = ("title", "body", "caption", "credit", "authors", "date", "drop")
"""What a rule may name, in the order in which its file is written."""
MAX_SELECTOR = 500


class _Translator(HTMLTranslator):
    """Turn CSS into XPath; `:contains()` takes text as it reads, however its lines are broken in the source.

    lxml's own class calls back into Python for it, which was seen to fail at random.
    """

    def xpath_contains_function(self, xpath: XPathExpr, function: Function) -> XPathExpr:
        if function.argument_types() not in (["STRING"], ["IDENT"]):
            raise ExpressionError(f"Expected one string for :contains(), got {function.arguments!r}")
        words = self.xpath_literal(" ".join((function.arguments[0].value or "").split()))
        return xpath.add_condition(f"contains(normalize-space(.), {words})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Selector:
    """A CSS selector. `matcher` is the same, compiled."""

    css: str
    matcher: XPath = field(compare=False, repr=False)

    def find(self, root: HtmlElement) -> list[HtmlElement]:
        """Return the elements it matches in document order; none where a page is beyond its means."""
        try:
            found = self.matcher(root)
        except XPathError:
            return []
        return [item for item in found if isinstance(item, HtmlElement)] if isinstance(found, list) else []


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """The page a rule was taught on, and how many elements each field's selectors matched there."""

    url: str
    found: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteRule:
    """The selectors for the pages of `site` and its subdomains whose path is like `path`.

    `name` is its file's. Of a field's selectors the first that matches counts; of `drop`, all. An empty
    `path` is any.
    """

    name: str
    site: str
    path: str = ""
    selectors: Mapping[str, tuple[Selector, ...]] = field(default_factory=dict)
    example: Example | None = None

    def find(self, wanted: str, root: HtmlElement) -> list[HtmlElement]:
        """Return the elements that the rule names for one of FIELDS, in document order."""
        if wanted == "drop":
            return list(dict.fromkeys(self._dropped(root)))
        for selector in self.selectors.get(wanted, ()):
            found = selector.find(root)
            if found:
                return found
        return []

    def _dropped(self, root: HtmlElement) -> Iterator[HtmlElement]:
        """Yield what is to go; never the whole page, which a mistaken selector may name."""
        for selector in self.selectors.get("drop", ()):
            yield from (item for item in selector.find(root) if item is not root and item.tag != "body")

    def applies_to(self, url: str) -> bool:
        """Say whether the rule is for the page at an address."""
        host = site_of(url)
        if not host or not (host == self.site or host.endswith("." + self.site)):
            return False
        return not self.path or fnmatchcase(unquote(urlsplit(url).path) or "/", self.path)


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteRules:
    """The rules there are. The most specific of those for a page is used: longest site, then longest path."""

    rules: tuple[SiteRule, ...] = ()

    def find(self, url: str | None) -> SiteRule | None:
        """Return the rule for the page at an address, or None."""
        fitting = [rule for rule in self.rules if url and rule.applies_to(url)]
        return max(fitting, key=lambda rule: (len(rule.site), len(rule.path)), default=None)


NO_RULES = SiteRules()


def parse_selector(css: str) -> Selector:
    """Compile a selector; raise ValueError with a phrase where it is none."""
    if not css.strip():
        raise ValueError("is empty; leave the key out instead")
    if len(css) > MAX_SELECTOR:
        raise ValueError(f"is longer than {MAX_SELECTOR} characters")
    try:
        matcher = XPath(_Translator().css_to_xpath(css))
        matcher(Element("p"))
    except (SelectorError, XPathError, ValueError, RecursionError) as exc:
        raise ValueError(f"is not a CSS selector we can use ({str(exc).rstrip('.')})") from exc
    return Selector(css=css, matcher=matcher)


def site_of(url: str) -> str:
    """Return the host of an address as rules compare it, without `www.`; empty where there is none."""
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return ""
    return plain_host(host)


def plain_host(host: str) -> str:
    """Return a host's name in small ASCII letters, without `www.` and a final dot."""
    host = host.strip().rstrip(".").lower()
    if not host.isascii():
        try:
            host = idna.encode(host, uts46=True).decode("ascii")
        except idna.IDNAError:
            return host
    return host.removeprefix("www.")


def counts_of(rule: SiteRule, root: HtmlElement) -> dict[str, int]:
    """Return how many elements of a page each field of a rule matches, for the fields it has."""
    return {name: len(rule.find(name, root)) for name in FIELDS if rule.selectors.get(name)}


def with_selectors(
    rule: SiteRule, changes: Mapping[str, Sequence[Selector]]
) -> Mapping[str, tuple[Selector, ...]]:
    """Return a rule's selectors with some fields replaced, in the order of FIELDS."""
    merged = {**rule.selectors, **{name: tuple(selectors) for name, selectors in changes.items()}}
    return {name: merged[name] for name in FIELDS if merged.get(name)}
