"""Tell which elements a style rule is about: tags, classes, ids, attributes, and the four ways they stand together."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from lxml import html

_STEP = re.compile(r"\s*([>+~])\s*|\s+")
_SIMPLE = re.compile(
    r"\*|(?P<tag>[a-z][\w-]*)|\.(?P<cls>[\w-]+)|#(?P<id>[\w-]+)|:(?P<pseudo>root|link|any-link)"
    r"|\[\s*(?P<name>[\w:-]+)\s*(?:(?P<how>[~|^$*]?=)\s*[\"']?(?P<value>[^\"'\]]*)[\"']?\s*i?\s*)?\]",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Compound:
    """What one element has to be; `before` is how it stands to the compound on its left: ' ', '>', '+' or '~'."""

    tag: str = ""
    id: str = ""
    classes: frozenset[str] = frozenset()
    attributes: tuple[tuple[str, str, str], ...] = ()
    is_root: bool = False
    is_link: bool = False
    before: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Selector:
    """One selector. `weight` counts ids, classes and attributes, and tags: the greater wins."""

    compounds: tuple[_Compound, ...]
    weight: tuple[int, int, int]


class Elements:
    """An email's elements, found by tag and class."""

    def __init__(self, root: html.HtmlElement) -> None:
        self.all = [element for element in root.iter() if isinstance(element.tag, str)]
        self._classes = {element: frozenset((element.get("class") or "").split()) for element in self.all}

    @cached_property
    def _by_class(self) -> Mapping[str, list[html.HtmlElement]]:
        found: dict[str, list[html.HtmlElement]] = {}
        for element, names in self._classes.items():
            for name in names:
                found.setdefault(name, []).append(element)
        return found

    @cached_property
    def _by_tag(self) -> Mapping[str, list[html.HtmlElement]]:
        found: dict[str, list[html.HtmlElement]] = {}
        for element in self.all:
            found.setdefault(str(element.tag), []).append(element)
        return found

    @cached_property
    def _attributes(self) -> frozenset[str]:
        return frozenset(str(name) for element in self.all for name in element.attrib)

    def matching(self, selector: Selector) -> Iterator[html.HtmlElement]:
        """Yield the elements that a selector is about."""
        if not all(map(self._may_be, selector.compounds)):
            return iter(())
        last = selector.compounds[-1]
        candidates: Iterable[html.HtmlElement] = self.all
        if last.classes:
            candidates = self._by_class.get(min(last.classes), [])
        elif last.tag:
            candidates = self._by_tag.get(last.tag, [])
        known: dict[tuple[html.HtmlElement, int], bool] = {}
        return (element for element in candidates if self._fits(element, selector.compounds, known))

    def _may_be(self, compound: _Compound) -> bool:
        """Return whether the email has such a tag, classes and attributes at all: other programs' marks it has not."""
        return (
            (not compound.tag or compound.tag in self._by_tag)
            and all(name in self._by_class for name in compound.classes)
            and all(name in self._attributes for name, _, _ in compound.attributes)
        )

    def _fits(
        self,
        element: html.HtmlElement,
        compounds: tuple[_Compound, ...],
        known: dict[tuple[html.HtmlElement, int], bool],
    ) -> bool:
        """Return whether an element and those around it fit; `known` keeps `div div div ...` from taking for ever."""
        key = (element, len(compounds))
        if key not in known:
            known[key] = self._is(element, compounds[-1]) and (
                len(compounds) == 1
                or any(
                    self._fits(other, compounds[:-1], known)
                    for other in _beside(element, compounds[-1].before)
                )
            )
        return known[key]

    def _is(self, element: html.HtmlElement, compound: _Compound) -> bool:
        if not isinstance(element.tag, str) or (compound.tag and element.tag != compound.tag):
            return False
        return (
            compound.classes <= self._classes[element]
            and (not compound.id or element.get("id") == compound.id)
            and (not compound.is_root or element.getparent() is None)
            and (not compound.is_link or (element.tag == "a" and element.get("href") is not None))
            and all(_has(element.get(name), how, value) for name, how, value in compound.attributes)
        )


def parse_selector(text: str) -> Selector | None:
    """Return a selector, or None for one that a reader's click, or what we do not know, decides."""
    compounds: list[_Compound] = []
    position, before = 0, ""
    text = text.strip()
    while position < len(text):
        if step := _STEP.match(text, position):
            before, position = step[1] or " ", step.end()
        start = position
        parts = []
        while match := _SIMPLE.match(text, position):
            parts.append(match)
            position = match.end()
        if position == start or len(compounds) == 20:
            return None
        compounds.append(_compound(parts, before if compounds else ""))
    if not compounds:
        return None
    weight = (
        sum(bool(one.id) for one in compounds),
        sum(len(one.classes) + len(one.attributes) + one.is_root + one.is_link for one in compounds),
        sum(bool(one.tag) for one in compounds),
    )
    return Selector(compounds=tuple(compounds), weight=weight)


def _compound(parts: list[re.Match[str]], before: str) -> _Compound:
    pseudos = {(part["pseudo"] or "").lower() for part in parts}
    return _Compound(
        tag=next((part["tag"].lower() for part in parts if part["tag"]), ""),
        id=next((part["id"] for part in parts if part["id"]), ""),
        classes=frozenset(part["cls"] for part in parts if part["cls"]),
        attributes=tuple(
            (part["name"].lower(), part["how"] or "", part["value"] or "") for part in parts if part["name"]
        ),
        is_root="root" in pseudos,
        is_link=bool(pseudos & {"link", "any-link"}),
        before=before,
    )


def _beside(element: html.HtmlElement, before: str) -> Iterable[html.HtmlElement]:
    """Return the elements that may fit the compound on the left."""
    if before == ">":
        return list(element.iterancestors())[:1]
    if before == " ":
        return list(element.iterancestors())
    siblings = [one for one in element.itersiblings(preceding=True) if isinstance(one.tag, str)]
    return siblings[:1] if before == "+" else siblings


def _has(found: str | None, how: str, value: str) -> bool:
    if found is None:
        return False
    tests = {
        "": True,
        "=": found == value,
        "~=": value in found.split(),
        "|=": found == value or found.startswith(f"{value}-"),
        "^=": bool(value) and found.startswith(value),
        "$=": bool(value) and found.endswith(value),
        "*=": bool(value) and value in found,
    }
    return tests[how]
