"""Find who wrote a story, and turn bylines into names. Nothing is invented."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from lxml.html import HtmlElement

from digest.extract.jsonld import as_list, resolve
from digest.extract.spoken_date import find_spoken_date
from digest.extract.structured import Structured, clean

_BY = re.compile(
    r"^\W*(?:(?:written|reported|story|words|text|posted|published|article|opinion|analysis|"
    r"(?:ein |eine )?(?:kommentar|gastbeitrag|analyse|interview|reportage|bericht|essay|kolumne|"
    r"protokoll))\s+)?"
    r"(?:by|von|par|por|di|da|av|af|door|od|przez|de la|bởi|от|автор|autor(?:in|a|en|es)?|author|auteur|"
    r"autore|yazar|"
    r"text|texte|texto|tekst|redacción)\b\s*:?\s+|^\W*by:\s*",
    re.I,
)
_PARTICLE = r"(?:de|da|di|del|della|der|den|van|von|zu|la|le|el|al|bin|y|e|dos|das|du|af|av|ter|O[’'])"
_CAPITAL = r"[^\W\d_a-zß-ÿąćęłńśźżčďěňřšťůžа-я]"
_NAME = re.compile(
    rf"^(?:(?:Dr|Prof|Mr|Mrs|Ms|Sir|Dra?)\.?\s+)*{_CAPITAL}[\w’'.-]*(?:\s+(?:{_PARTICLE}|"
    rf"{_CAPITAL}[\w’'.-]*)){{1,4}}$"
)
JOB = re.compile(
    r"\b(?:reporter|editor|correspondent|writer|journalist|news|desk|staff|columnist|contributor|author|"
    r"photographer|"
    r"producer|redakteur\w*|korrespondent\w*|redaktion|redactor\w*|journaliste|correspondant\w*|"
    r"giornalista|senior|"
    r"chief|special|political|health|business|sports?|politics|deputy|assistant|follow|contact|min read|head|"
    r"kommentare?|comments?|opinion|analysis|video|photos?|updated?|published|today|breaking|exclusive|live|"
    r"january|february|march|april|june|july|august|september|october|november|december|"
    r"monday|tuesday|wednesday|thursday|friday|saturday|sunday)\b",
    re.I,
)
_BYLINE_CLASS = re.compile(r"(?:^|[\s_-])(?:byline|author|autor|auteur|writer|contributor)(?:$|[\s_-])", re.I)
_NO_NAME = re.compile(
    r"^(?:zur|zum|die|der|das|the|get|more|mehr|read|show|view|home|all|alle|my|mein|our|unsere?|your|"
    r"ihr|how|what|why|when|"
    r"new|neue[rs]?|best|top|see|sign|join|buy|shop|up|las?|los|les|el|il|lo|gli|une?|una?|ver|voir|leer|"
    r"lire)\b",
    re.I,
)
_SPLIT = re.compile(
    r"\s*(?:;|,|\||/| • | · |\band\b|\bund\b|\bet\b|&|\by\b|\bog\b|\boch\b|\n|\s[-–—]\s|"
    r"(?<=\w)/(?=[^\W\d_a-zß-ÿ]))\s*"
)
_REFUSED = re.compile(
    r"https?:|www\.|@|\d{3,}|^(?:admin|editor|staff|redaktion|redacción|rédaction|unknown|none|null|"
    r"undefined|author|posts by.*|"
    r"by|von|web ?desk|online|news ?desk)$",
    re.I,
)
_TAIL = re.compile(
    r"\s*(?:[,–—|-]\s*)?\b(?:in|for|bei|für|aus|staff writer|senior (?:reporter|writer|editor)|"
    r"correspondent|reporter|"
    r"korrespondent(?:in)?)\b.*$|\s*\([^)]*\)\s*$",
    re.I,
)


def find_authors(
    root: HtmlElement,
    structured: Structured,
    *,
    site: str | None = None,
    until: HtmlElement | None = None,
    lines: Sequence[str] = (),
) -> tuple[str, ...]:
    """Return the names of a story's authors in the page's order; empty where it names none.

    On the page itself they are looked for down to the element `until`, and in the `lines` between the
    headline and the story.

    An outlet that signs with its own name in the structured data may still name a person on the page.
    """
    metas = structured.metas
    organizations = clean_names(_from_nodes(structured)) if _is_organization(structured) else ()
    only_site: tuple[str, ...] = ()
    near = _near_top(root, until)
    for names in (
        _from_nodes(structured),
        _split_all(metas.get("author", ())),
        _split_all(metas.get("article:author", ()) + metas.get("article:author_name", ())),
        _split_all(metas.get("dc.creator", ()) + metas.get("dcterms.creator", ())),
        _split_all(metas.get("parsely-author", ()) + metas.get("sailthru.author", ())),
        _from_markup(near),
        _from_bylines(near),
        _from_lines(lines),
    ):
        kept = clean_names(names)
        if kept and all(name in organizations or _is_outlet(name, site) for name in kept):
            only_site = only_site or kept
        elif kept:
            return kept
    return only_site


def _is_outlet(name: str, site: str | None) -> bool:
    letters, own = _letters(name), _letters(site or "")
    return bool(own) and (letters in own or own in letters)


def _letters(text: str) -> str:
    return "".join(char for char in text.casefold() if char.isalnum())


def clean_names(names: Iterable[str]) -> tuple[str, ...]:
    """Return names that are names, without `By` and doubles."""
    kept: list[str] = []
    for name in names:
        text = _BY.sub("", " ".join(name.split())).strip(" ,;:|-–—•·")
        if (
            1 < len(text) <= 80
            and len(text.split()) <= 8
            and "(" not in text
            and not _REFUSED.search(text)
            and _has_letters(text)
        ):
            kept.append(text)
    seen: dict[str, str] = {}
    for name in kept:
        seen.setdefault(name.casefold(), name)
    return tuple(seen.values())


def is_name(text: str) -> bool:
    """Say whether a text has the shape of a person's name: two to five capitalised words."""
    if len(text) > 42 or not text[:1].isupper() or JOB.search(text) or _NO_NAME.match(text):
        return False
    return bool(_NAME.match(text))


def split_byline(text: str) -> list[str]:
    """Return the names in a byline such as `By Jane Doe and John Roe`; an address holds none."""
    if "://" in text:
        return []
    return [part for part in _SPLIT.split(_BY.sub("", " ".join(text.split()))) if part]


def _split_all(values: Iterable[str]) -> list[str]:
    return [name for value in values if "://" not in value for name in split_byline(value)]


def _is_organization(structured: Structured) -> bool:
    return any(
        isinstance(value, Mapping) and "Organization" in str(value.get("@type"))
        for value in as_list(structured.article_value("author"))
    )


def _from_nodes(structured: Structured) -> list[str]:
    for key in ("author", "creator"):
        for node in structured.articles:
            names = [name for value in as_list(node.get(key)) for name in _names_of(value, structured)]
            if names:
                return names
    return []


def _names_of(value: object, structured: Structured) -> list[str]:
    value = resolve(value, list(structured.nodes))
    if isinstance(value, Mapping):
        named = value.get("name")
        if isinstance(named, list):
            return [clean(name) for name in named]
        if isinstance(named, Mapping):
            return _names_of(named, structured)
        return split_byline(clean(named))
    return split_byline(clean(value))


def _from_markup(near: Sequence[HtmlElement]) -> list[str]:
    """Return the names in what is marked as the author, near the story's top."""
    for is_marked in (_is_author_name, _is_author, _is_author_link):
        found = [
            name
            for element in near
            if is_marked(element) and next(element.iterancestors("figure", "figcaption"), None) is None
            for text in [clean(element.text_content())]
            if len(text) < 120
            for name in split_byline(text)
        ]
        if clean_names(found):
            return found[:8]
    return []


def _is_author_name(element: HtmlElement) -> bool:
    return element.get("itemprop") == "name" and any(
        ancestor.get("itemprop") == "author" for ancestor in element.iterancestors()
    )


def _is_author(element: HtmlElement) -> bool:
    return bool(element.get("itemprop") == "author")


def _is_author_link(element: HtmlElement) -> bool:
    return element.tag == "a" and "author" in (element.get("rel") or "").split()


def _from_bylines(near: Sequence[HtmlElement]) -> list[str]:
    """Return the names in elements whose class says that they hold the byline."""
    for element in near:
        if element.tag not in ("span", "p", "div", "a", "strong", "address", "li"):
            continue
        if not _BYLINE_CLASS.search(f"{element.get('class') or ''} {element.get('id') or ''}"):
            continue
        text = clean(element.text_content())
        if not 3 < len(text) < 120:
            continue
        names = [name for name in split_byline(text) if is_name(name)]
        if names:
            return names
    return []


def _from_lines(lines: Sequence[str]) -> list[str]:
    """Return the names in lines such as `By Jane Doe`, or that are a name and nothing else."""
    for text in lines:
        if len(text) > 120:
            continue
        bare = _BY.sub("", text)
        names = [name for name in split_byline(bare) if is_name(name)]
        if names and (bare != text or is_name(text) or find_spoken_date(text)):
            return names
    return []


def _near_top(root: HtmlElement, first: HtmlElement | None) -> list[HtmlElement]:
    """Return the elements from the story's headline, or a little above it, to its third paragraph."""
    found: list[HtmlElement] = []
    for element in root.iter():
        if not isinstance(element.tag, str):
            continue
        if element.tag == "h1":
            found = found[-60:]
        found.append(element)
        if element is first:
            break
    return found


def _has_letters(text: str) -> bool:
    return any(char.isalpha() for char in text)
