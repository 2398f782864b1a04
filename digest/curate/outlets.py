"""Know an outlet by any of its spellings: "The Gazette", "Gazette", gazette.example, www.gazette.example."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from digest.curate.phrases import folded
from digest.model import Story, StoryId

_DOMAIN = re.compile(r"(?:[\w-]+\.)+[^\W\d_]{2,}")
_PREFIX = re.compile(r"^(?:www\d?|m|mobile|amp)\.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlet:
    """Who tells a story: a name to print, a key that all spellings share, the host of the story's address."""

    name: str
    key: str
    host: str = ""

    def is_also(self, other: Outlet) -> bool:
        """Say whether another outlet is this one: by its name, or since both stories stand on one site."""
        return self.key == other.key or (bool(self.host) and self.host == other.host)


def outlets_of(stories: Iterable[Story]) -> dict[StoryId, Outlet]:
    """Return each story's outlet. One that is named by its domain takes the name that others give that site."""
    told = [(story, _host(story.url), (story.site or "").strip()) for story in stories]
    named: dict[str, Counter[str]] = {}
    for _, host, site in told:
        if host and site and not _DOMAIN.fullmatch(site):
            named.setdefault(host, Counter())[site] += 1
    called = {host: _commonest(names) for host, names in named.items()}
    return {story.id: _outlet(story, host, site, called) for story, host, site in told}


def _commonest(names: Counter[str]) -> str:
    return min(names, key=lambda name: (-names[name], name))


def _outlet(story: Story, host: str, site: str, called: dict[str, str]) -> Outlet:
    if not site or _DOMAIN.fullmatch(site):
        domain = _PREFIX.sub("", site.lower()) or host
        bare = _PREFIX.sub("", site) or host or story.source
        site = called.get(domain) or called.get(host) or bare
    return Outlet(name=site, key=_key(site), host=host)


def _host(url: str | None) -> str:
    try:
        host = urlsplit(url or "").hostname or ""
    except ValueError:
        return ""
    return _PREFIX.sub("", host)


def _key(name: str) -> str:
    words = folded(name).removeprefix("the ")
    return re.sub(r"[\W_]+", "", words) or words
