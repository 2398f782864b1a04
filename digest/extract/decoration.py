"""Tell pictures from what only looks like one: logos, avatars, icons, trackers, placeholders."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

_REFUSED = re.compile(
    r"(?:^|[/_.-])(?:logo|logos|icon|icons|favicon|avatar|avatars|gravatar|sprite|spacer|pixel|blank|"
    r"placeholder|1x1|"
    r"loading|spinner|badge|emoji|button|btn|tracking|default[-_]?(?:user|image)|arrow|share|social|flag|"
    r"banner-ad)(?:[/_.-]|\d|$)",
    re.I,
)
_TRACKER = re.compile(
    r"scorecardresearch|doubleclick|google-analytics|facebook\.com/tr|piwik|matomo|/pixel|quantserve|"
    r"chartbeat|"
    r"[?&](?:idsite|action_name|c1=2)|noscript-image|ivwbox|comscore|/p\?c1=|/b\?c1=",
    re.I,
)


def is_decoration(url: str) -> bool:
    """Say whether an address is a logo's, an avatar's, an icon's, a tracker's or a placeholder's."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return True
    path = parts.path.lower()
    return (
        bool(_REFUSED.search(path))
        or path.endswith((".php", ".aspx", ".svg", ".js"))
        or bool(_TRACKER.search(url))
    )
