"""Tell pictures from what only looks like one: logos, avatars, icons, trackers, placeholders."""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit

# Each pattern is for text in lower case: ignoring case is slower.
_FOLDER = re.compile(
    r"/(?:logos?|icons?|favicons?|avatars?|gravatar|sprites?|emojis?|spacers?|pixels?|placeholders?|badges|buttons)/",
)
_NEVER = re.compile(
    r"(?:^|[^a-z])(?:favicon|gravatar|sprites?|spacer|placeholder|spinner|apple-touch-icon|mstile|"
    r"default[-_]?(?:user|image|avatar|thumb)|no[-_]?(?:image|photo|picture)|image[-_]?not[-_]?(?:found|available)|"
    r"banner-ad|lqip|blank)(?:[^a-z]|$)|^1x1\.",
)
_WEAK = frozenset(
    {
        "logo", "logos", "icon", "icons", "avatar", "avatars", "pixel", "loading", "loader", "badge", "emoji",
        "button", "btn", "tracking", "arrow", "share", "social", "flag", "default", "fallback", "grey", "gray",
        "transparent", "trans", "empty", "dummy", "clear", "missing", "generic",
    }
)  # fmt: skip
_SHARED = frozenset({"logo", "logos", "icon", "icons", "avatar", "avatars"})
_WORD = re.compile(r"[^\W\d_]{2,}")
_NEUTRAL = frozenset(
    {
        "og", "fb", "twitter", "facebook", "image", "img", "site", "web", "new", "color", "white", "black",
        "large", "small", "big", "header", "footer", "square", "round", "px",
    }
)  # fmt: skip
_TINY = re.compile(
    r"[?&](?:w|width)=\d{1,2}(?:&|$)|[-_/](?!16x10|10x16|21x10)[1-5]\dx[1-5]\d(?=[./_-]|$)|"
    r"[?&/_,](?:blur[=:_-]?\d|e_blur)",
)
_TRACKER = re.compile(
    r"scorecardresearch|doubleclick|google-analytics|facebook\.com/tr|piwik|matomo|/pixel|quantserve|"
    r"chartbeat|"
    r"[?&](?:idsite|action_name|c1=2)|noscript-image|ivwbox|comscore|/p\?c1=|/b\?c1=",
)
_SCRIPT = (".php", ".aspx", ".js")
_PICTURE = re.compile(r"\.(?:jpe?g|png|webp|avif)(?:$|[&?#;])")


def is_decoration(url: str) -> bool:
    """Say whether an address is a logo's, an avatar's, an icon's, a tracker's or a placeholder's.

    A file whose name is a whole description, such as `police-badge-found-in-river.jpg`, is a picture.
    """
    url = url.lower()
    try:
        parts = urlsplit(url)
    except ValueError:
        return True
    path = unquote(parts.path).lower()
    if path.endswith(".svg") or (path.endswith(_SCRIPT) and not _PICTURE.search(parts.query)):
        return True
    return bool(_TRACKER.search(url) or _FOLDER.search(path) or is_placeholder(url)) or _names_decoration(
        path
    )


def is_placeholder(url: str) -> bool:
    """Say whether an address is that of a picture too small or too blurred to be more than a stand-in."""
    return bool(_TINY.search(url.lower()))


def _names_decoration(path: str) -> bool:
    """Say whether a file's name says decoration: in any name, or in one with little else in it."""
    name = path.rsplit("/", 1)[-1]
    if _NEVER.search(name) or (len(name) < 4 and "." not in name and _NEVER.search(path)):
        return True
    words = _WORD.findall(name.rsplit(".", 1)[0])
    found = _WEAK.intersection(words)
    if not found:
        return False
    others = [word for word in words if word not in _WEAK and word not in _NEUTRAL]
    return len(others) <= (2 if found & _SHARED else 0)
