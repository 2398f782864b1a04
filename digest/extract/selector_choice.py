"""Write CSS selectors for an element that will still hold on the site's next page, the likeliest first."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml.html import HtmlElement

_IDENT = re.compile(r"^[A-Za-z_][\w-]{1,49}$")
_TOKEN = re.compile(r"[A-Za-z]+|\d+")
_PART = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")
_MAKERS = re.compile(r"^(?:css|sc|jsx|jss\d*|emotion|svelte|astro|styled|makeStyles|Mui\w*|e\d)-", re.I)
_UTILITY = re.compile(
    r"^(?:[mp][trblxyse]?|[wh]|d|u|js|is|has|ng|text|font|bg|flex|grid|col|row|gap|leading|tracking|items|justify|"
    r"border|rounded|space|max|min|order|float|align|size|wp-image|z|top|left|right|bottom|opacity|shadow)"
    r"-[\w-]+$|"
    r"^(?:flex|grid|block|inline|hidden|visible|active|open|closed|loaded|lazy\w*|first|last|odd|even|container|row|"
    r"wrapper|clearfix|relative|absolute|sticky|italic|bold|uppercase|truncate|left|right|center|small|large)$",
    re.I,
)
_TELLING = re.compile(
    r"head(?:line|ing)|title|body|content|text|caption|credit|copyright|photographer|byline|author|date|time|publish|"
    r"article|story|paragraph|entry|post|legend|figure|media|image|photo|promo|teaser|related|newsletter|sign-?up|ad\b",
    re.I,
)
_HASHED = re.compile(r"^([A-Za-z][A-Za-z-]*(?:_[A-Za-z][A-Za-z-]*)*__?)[\w-]{5,}$")
_MODULE = re.compile(r"__(?=[\w-]{5}$)(?:[\w-]+[A-Z0-9]|[\w-]*[0-9_-]|[^aeiouyAEIOUY]+$)")
"""The five characters that a build adds to a class: `Article_text__x8Fj2`, unlike `article__title`."""
_OWN_TAGS = ("h1", "article", "main", "time", "figcaption", "blockquote")
_DATA = ("data-testid", "data-test-id", "data-test", "data-qa", "data-component", "data-role", "data-name")
_LEVELS = 6
_MOST = 60
BY_PLACE = 20
"""What a selector costs that counts places: any that does not is tried before it."""


def ranked_selectors(element: HtmlElement) -> list[tuple[int, str]]:
    """Return selectors that match an element, the likeliest to last first; each may match others too.

    Before each stands its cost: small for what is meant for machines, large for what counts places.
    """
    found: dict[str, int] = {}
    for cost, css in (*_own(element), *_within(element), *_by_place(element)):
        found[css] = min(cost, found.get(css, cost))
    return sorted((cost, css) for css, cost in found.items())[:_MOST]


def is_lasting(name: str) -> bool:
    """Say whether a class or id looks written by a person, and not generated, counted or about layout alone."""
    if not _IDENT.match(name) or _MAKERS.match(name) or _UTILITY.match(name) or _MODULE.search(name):
        return False
    parts = [part for part in re.split(r"[-_]+", name) if part]
    if re.search(r"\d{3,}", name) or (len(parts) > 1 and max(map(len, parts)) <= 3 and not name.islower()):
        return False
    return not any(_is_hash(part) for part in parts)


def _is_hash(part: str) -> bool:
    """Say whether a part of a name has the look of a hash: digits among letters, or capitals at odd places."""
    if len(part) < 4:
        return False
    if len(_TOKEN.findall(part)) >= 3 or re.search(r"[A-Z].*\d|\d.*[A-Z]", part):
        return True
    humps = _PART.findall(part)
    if len(humps) >= 3 and len(part) / len(humps) < 3:
        return True
    return len(part) >= 5 and part.isalpha() and not re.search(r"[aeiouyAEIOUY]", part)


def _own(element: HtmlElement) -> Iterator[tuple[int, str]]:
    """Yield what an element says of itself."""
    tag = element.tag
    if tag == "meta":
        for name in ("property", "name", "itemprop"):
            if element.get(name):
                yield 7, f'meta[{name}="{_quoted(element.get(name))}"]'
        return
    for name in ("itemprop", "rel"):
        value = element.get(name) or ""
        if re.fullmatch(r"[A-Za-z]+", value) and value not in ("nofollow", "noopener", "noreferrer"):
            yield 1, f'{tag}[{name}="{value}"]'
    for name in _DATA:
        value = element.get(name) or ""
        if is_lasting(value):
            yield 3 - bool(_TELLING.search(value)), f'[{name}="{value}"]'
    own = element.get("id") or ""
    if is_lasting(own):
        yield 3 - bool(_TELLING.search(own)), f"#{own}"
    prefix = "" if tag in ("div", "span", "section") else tag
    for name in (element.get("class") or "").split():
        if is_lasting(name):
            yield 4 - 2 * bool(_TELLING.search(name)), f"{prefix}.{name}"
        elif (hashed := _HASHED.match(name)) and is_lasting(hashed.group(1).rstrip("_")):
            yield 5 - bool(_TELLING.search(name)), f'{prefix}[class*="{hashed.group(1)}"]'
    if tag in _OWN_TAGS:
        yield 4, tag


def _within(element: HtmlElement) -> Iterator[tuple[int, str]]:
    """Yield selectors by an element around: `.story figcaption`, `.story > p`."""
    own = [(cost, css) for cost, css in _own(element)][:3]
    if element.tag == "meta":
        return
    for level, around in enumerate(element.iterancestors()):
        if level >= _LEVELS or around.tag in ("body", "html"):
            return
        for cost, css in sorted(_own(around))[:2]:
            yield from ((cost + its + 1, f"{css} {name}") for its, name in own)
            if level == 0:
                yield cost + 4, f"{css} > {element.tag}"
            yield cost + 6 + level, f"{css} {element.tag}"


def _by_place(element: HtmlElement) -> Iterator[tuple[int, str]]:
    """Yield the way to an element by counting, from the nearest element around that says something of itself."""
    steps: list[str] = []
    current = element
    while current is not None and isinstance(current.tag, str):
        known = sorted(_own(current)) if current is not element else []
        if known or current.tag == "body":
            start = known[0][1] if known else "body"
            yield BY_PLACE + len(steps), " > ".join([start, *steps])
            return
        parent = current.getparent()
        same = [item for item in parent if item.tag == current.tag] if parent is not None else [current]
        place = f":nth-of-type({same.index(current) + 1})" if len(same) > 1 else ""
        steps.insert(0, f"{current.tag}{place}")
        current = parent


def _quoted(value: str | None) -> str:
    return (value or "").replace("\\", "\\\\").replace('"', '\\"')
