"""Gather what a page says of itself in its head: meta elements, links and JSON-LD."""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass

from lxml.html import HtmlElement

from digest.charset import without_control
from digest.extract.canonical import canonical_url, join_url
from digest.extract.jsonld import Node, is_article, read_nodes, resolve


@dataclass(frozen=True, slots=True, kw_only=True)
class Structured:
    """A page's own account of itself. `metas` has lower-case names, each with its values in order.

    `articles` are the JSON-LD nodes of the page's story, the likeliest first; `nodes` all nodes.
    """

    metas: Mapping[str, tuple[str, ...]]
    nodes: tuple[Node, ...]
    articles: tuple[Node, ...]
    url: str | None
    base: str | None
    html_language: str | None

    def meta(self, *names: str) -> str | None:
        """Return the first value of the first of these names that has one."""
        for name in names:
            for value in self.metas.get(name, ()):
                if value:
                    return value
        return None

    def article_value(self, *keys: str) -> object:
        """Return the first of these keys that a node of the story has."""
        for node in self.articles:
            for key in keys:
                value = resolve(node.get(key), list(self.nodes))
                if value not in (None, "", [], {}):
                    return value
        return None


def read_structured(root: HtmlElement, *, url: str | None) -> Structured:
    """Return what the head of a page says; `url` is the address that it was fetched from, if it was."""
    metas = _metas(root)
    base_href = next((element.get("href") for element in root.iter("base") if element.get("href")), None)
    canonical = _canonical(root, metas, url)
    base = join_url(url or canonical, base_href) or url or canonical
    nodes = read_nodes(root)
    html_element = next(root.iter("html"), None)
    language = html_element.get("lang") or html_element.get("xml:lang") if html_element is not None else None
    return Structured(
        metas=metas,
        nodes=tuple(nodes),
        articles=tuple(_articles(nodes, canonical or url, metas)),
        url=canonical or url,
        base=base,
        html_language=language,
    )


def clean(value: object) -> str:
    """Return a structured value as one line of plain text; empty where it is no text."""
    if not isinstance(value, str):
        return ""
    text = html.unescape(value)
    if "&" in text and ";" in text:
        text = html.unescape(text)
    if not text.isprintable():
        text = without_control(text)
    if not text.isascii():
        text = text.replace("\u00ad", "").replace("\u200b", "").replace("\ufeff", "")
    return " ".join(text.split())


def _metas(root: HtmlElement) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for element in root.iter("meta"):
        name = element.get("property") or element.get("name") or element.get("itemprop") or ""
        content = element.get("content")
        if name and content and content.strip():
            found.setdefault(name.strip().lower(), []).append(clean(content))
    return {name: tuple(values) for name, values in found.items()}


def _canonical(root: HtmlElement, metas: Mapping[str, tuple[str, ...]], url: str | None) -> str | None:
    """Return the address that the page gives itself; a bare site address is none."""
    links = [
        element.get("href")
        for element in root.iter("link")
        if "canonical" in (element.get("rel") or "").lower().split()
    ]
    for address in (*links, *metas.get("og:url", ())):
        joined = join_url(url, address)
        if joined and (canonical_url(joined).count("/") > 3 or (url is None and "?" in joined)):
            return joined
        if joined and joined.rstrip("/").count("/") > 2:
            return joined
    return None


def _articles(nodes: list[Node], url: str | None, metas: Mapping[str, tuple[str, ...]]) -> list[Node]:
    """Return the nodes that describe this page's story, best first: by address, title and fullness."""
    wanted = canonical_url(url).rpartition("/")[2] if url else ""
    title = " ".join(metas.get("og:title", ())[:1]).lower()

    def score(node: Node) -> tuple[int, int]:
        address = str(node.get("url") or node.get("@id") or node.get("mainEntityOfPage") or "")
        headline = clean(node.get("headline") or node.get("name")).lower()
        agrees = 2 * bool(wanted and wanted in address) + 2 * bool(
            headline and title and (headline in title or title in headline)
        )
        return agrees, len(node)

    found = [node for node in nodes if is_article(node) and len(node) > 1]
    if len(found) < 2:
        return found
    ranked = sorted(found, key=score, reverse=True)
    best = score(ranked[0])[0]
    return [node for node in ranked if score(node)[0] == best][:3] if best else found[:1]
