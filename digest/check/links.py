"""The rules about links: that each leads somewhere, safely, says where, and says it truly."""

from __future__ import annotations

import re
from collections.abc import Iterator
from ipaddress import ip_address

from digest.check.document import Document, error, host_of, link_text, warning
from digest.model import Finding, StoryId

_SCHEME = re.compile(r"\s*([a-z][a-z0-9+.-]*)\s*:", re.IGNORECASE)
_ADDRESS = re.compile(r"(?:https?://)?((?:[a-z0-9-]+\.)+[a-z]{2,24})(?:[:/?#]\S*)?", re.IGNORECASE)
_LINKABLE = ("http", "https", "mailto", "tel", "sms")
_EMPTY_WORDS = frozenset(
    {
        "here", "click here", "click", "link", "this", "this link", "more", "read more", "learn more", "read on",
        "see more", "go", "continue", "details", "article", "story",
        "hier", "hier klicken", "klicken sie hier", "mehr", "mehr lesen", "weiterlesen", "weiter", "link öffnen",
        "ici", "cliquez ici", "en savoir plus", "lire la suite", "plus", "voir plus", "suite",
        "aquí", "haga clic aquí", "haz clic aquí", "leer más", "más", "ver más", "más información",
        "هنا", "انقر هنا", "المزيد", "اقرأ المزيد", "כאן", "לחצו כאן", "קראו עוד", "עוד",
        "こちら", "ここ", "ここをクリック", "続きを読む", "もっと見る", "詳細",
    }
)  # fmt: skip
"""What links say who say nothing, in the languages of the layouts: a list of links is read aloud without its text."""


def links(document: Document) -> Iterator[Finding]:
    """Want each link to lead somewhere by an address that may be followed, and to say where."""
    empty: set[tuple[str, str]] = set()
    for link in document.every("a", "area"):
        href = (link.get("href") or "").strip()
        text = link_text(link) or (link.get("aria-label") or "").strip()
        where = text[:60] or href[:60] or "html"
        story = document.owner(link)
        yield from _address(href, where, story)
        if not text:
            yield error(
                "link-text", where, "This link has no text and no picture with an alt text.", story=story
            )
        elif text.strip(" .…>→»:").casefold() in _EMPTY_WORDS and (text, href) not in empty:
            empty.add((text, href))
            yield warning(
                "link-words",
                where,
                "This link does not say where it leads. Name the story or the outlet in it.",
                story=story,
            )
        elif (shown := _ADDRESS.fullmatch(text)) and _differ(shown[1].lower(), host_of(href)):
            yield warning(
                "disguised-link",
                where,
                f"This link shows {shown[1].lower()} and leads to {host_of(href)}; filters take that for fraud.",
                story=story,
            )


def web_links(document: Document) -> list[str]:
    """Return the web addresses that an email's links lead to, each once, those with a reader's token left out."""
    hrefs = ((link.get("href") or "").strip() for link in document.every("a", "area"))
    return list(dict.fromkeys(href for href in hrefs if _is_web(href)))


def _is_web(href: str) -> bool:
    return href.lower().startswith(("http://", "https://")) and "@@" not in href and bool(host_of(href))


def _address(href: str, where: str, story: StoryId | None) -> Iterator[Finding]:
    scheme = _SCHEME.match(re.sub(r"[\x00-\x20]", "", href))
    if scheme and scheme[1].lower() not in _LINKABLE:
        yield error(
            "script-link",
            where,
            f"This link starts with '{scheme[1]}:'. Only web and mail addresses go.",
            story=story,
        )
    elif href in ("", "#"):
        yield error(
            "empty-link",
            where,
            "This link leads nowhere. Leave it out where there is no address.",
            story=story,
        )
    elif scheme and scheme[1].lower() == "http" and not is_loopback(host_of(href)):
        yield warning(
            "http-link",
            where,
            "This link is not encrypted. Write https, where the site answers to it.",
            story=story,
        )


def is_loopback(host: str) -> bool:
    """Return whether a host is this machine."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _differ(shown: str, host: str) -> bool:
    one, other = shown.removeprefix("www."), host.lower().removeprefix("www.")
    return bool(other) and one != other and not one.endswith(f".{other}") and not other.endswith(f".{one}")
