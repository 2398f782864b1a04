"""Reduce addresses to the form we compare, and name stories by them."""

from __future__ import annotations

import hashlib
import re
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

from digest.model import StoryId

_TRACKING = re.compile(
    r"^(?:utm_\w+|mtm_\w+|pk_\w+|piwik_\w+|hsa_\w+|_hs\w+|mc_[ce]id|(?:fb|g|y)clid|gclsrc|d?clid|wbraid|"
    r"gbraid|msclkid|"
    r"fb_\w+|twclid|ttclid|igshid|igsh|xtor|at_\w+|ns_\w+|cmpid|cmp|ito|icid|ocid|ncid|smid|smtyp|partner|"
    r"ref|ref_src|ref_url|referrer|source|src|s_cid|soc_src|soc_trk|spref|share|shared|sharetype|CMP|WT\.\w+|"
    r"wt_\w+|wtmc|mkt_tok|vero_\w+|oly_\w+|__twitter_impression|amp|outputType|feature|rss|"
    r"traffic_source|tblci)$",
    re.I,
)
_PORTS = {"http": 80, "https": 443}


def canonical_url(url: str) -> str:
    """Reduce a URL to the form we compare.

    Tracking parameters, fragments, default ports and a trailing slash go; path case stays, since servers may
    care. What is no http address comes back as it is.
    """
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError:
        return url.strip()
    scheme, host = parts.scheme.lower(), (parts.hostname or "").rstrip(".")
    if scheme not in _PORTS or not host:
        return url.strip()
    if ":" in host:
        host = f"[{host}]"
    if port is not None and port != _PORTS[scheme]:
        host = f"{host}:{port}"
    kept = [
        (name, value)
        for name, value in parse_qsl(parts.query, keep_blank_values=True)
        if not _TRACKING.match(name)
    ]
    return urlunsplit((scheme, host, parts.path.rstrip("/") or "/", urlencode(kept), ""))


def story_id(*, url: str | None, title: str, text: str) -> StoryId:
    """Return a name that stays the same each time a story is read: of its address, else of its words."""
    if url:
        key = canonical_url(url).partition("://")[2].removeprefix("www.")
    else:
        key = "\n".join(" ".join(part.split()) for part in (title, text))
    return StoryId(hashlib.sha256(key.encode("utf-8", errors="replace")).hexdigest()[:16])


def join_url(base: str | None, address: object) -> str | None:
    """Return `address` as an absolute http address, else None."""
    if not isinstance(address, str) or not address.strip() or len(address) > 4096:
        return None
    try:
        url = urljoin(base or "", address.strip())
        parts = urlsplit(url)
    except ValueError:
        return None
    if parts.scheme.lower() not in _PORTS or not parts.netloc:
        return None
    return url.replace(" ", "%20")
