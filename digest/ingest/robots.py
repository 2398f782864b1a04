"""Read a site's robots.txt, and say what it asks of us (RFC 9309)."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from protego import Protego

MAX_BYTES = 512_000
"""What is read of a robots.txt; the rest is passed over (RFC 9309 section 2.5)."""
MAX_REDIRECTS = 5
LASTS = timedelta(hours=24)
LONGEST_DELAY_SECONDS = 5.0
"""The most we wait between two requests where a Crawl-delay asks for it: a morning's edition has to be ready."""

_AGENT_LINE = re.compile(r"^\s*user(?:\s+|-)?agent\s*[\s:]\s*(.*)$", re.I)
_OTHERS = "nobody-we-are"
_FEED_NAME = re.compile(
    r"\.(?:xml|rss|atom|rdf|json|opml)(?:\.gz)?$|(?:^|[/._=&?-])(?:feeds?|rss2?|atom|sitemaps?)(?:$|[/._=&?-])",
    re.I,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Robots:
    """What one site's robots.txt asks of us. Without `rules`, everything may be read.

    `problem` is why the file could not be had, which means no for now (RFC 9309 section 2.3.1.4): a phrase
    that completes "its robots.txt ...", or the error of a connection that the page's own would meet as well.
    """

    token: str = "*"
    rules: Protego | None = None
    problem: str | Exception | None = None
    retry_at: datetime | None = None

    def allows(self, url: str) -> bool:
        """Say whether the page at `url` may be read."""
        if self.problem is not None:
            return False
        return self.rules is None or bool(self.rules.can_fetch(url, self.token))

    @property
    def delay_seconds(self) -> float:
        """Return the Crawl-delay that is asked for, at most LONGEST_DELAY_SECONDS."""
        asked = self.rules.crawl_delay(self.token) if self.rules is not None else None
        return min(float(asked or 0.0), LONGEST_DELAY_SECONDS)


def product_token(user_agent: str) -> str:
    """Return the name that a robots.txt knows us by: the user agent's first product, without its version."""
    found = re.match(r"[A-Za-z_-]+", user_agent.strip())
    return found.group(0).lower() if found else "daily-dose"


def parse_robots(content: bytes, *, token: str) -> Robots:
    """Return what a robots.txt asks of the agent `token`.

    The groups of all other agents become one before they are parsed: thousands of agents that share thousands
    of rules would otherwise be multiplied.
    """
    text = content[:MAX_BYTES].decode("utf-8-sig", errors="replace")
    lines = [
        _AGENT_LINE.sub(lambda found: f"User-agent: {_known(found[1], token)}", line)
        for line in text.splitlines()
    ]
    return Robots(token=token, rules=Protego.parse("\n".join(lines)))


def _known(name: str, token: str) -> str:
    agent = name.partition("#")[0].partition("/")[0].strip().lower()
    return agent if agent in ("*", token) else _OTHERS


def looks_like_feed(url: str) -> bool:
    """Say whether an address names a feed or sitemap by its look: these are published for programs to read."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    if re.search(r"\.(?:x?html?|php|aspx?|txt)$", parts.path, re.I) and not parts.query:
        return False
    return bool(_FEED_NAME.search(f"{parts.path}?{parts.query}" if parts.query else parts.path))


@dataclass(slots=True)
class _Site:
    lock: threading.Lock = field(default_factory=threading.Lock)
    robots: Robots | None = None
    read_at: datetime | None = None


class RobotsMemory:
    """What the sites' robots.txt said, each asked for once and kept for LASTS; threads may share it."""

    def __init__(self) -> None:
        self._sites: dict[str, _Site] = {}
        self._lock = threading.Lock()

    def of(self, site: str, *, load: Callable[[], Robots], now: datetime) -> Robots:
        """Return what is known of `site`, calling `load` where nothing fresh is; other threads wait for it."""
        with self._lock:
            known = self._sites.setdefault(site, _Site())
        with known.lock:
            if known.robots is None or known.read_at is None or now - known.read_at >= LASTS:
                known.robots, known.read_at = load(), now
            return known.robots
