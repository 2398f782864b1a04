"""The rule about mail programs: what of the email's HTML and CSS the large ones do not show.

The data is caniemail's (MIT), reduced by `make clients`. An email's HTML is taken apart into traits, such as
`element:picture`, `property:display=flex`, `function:clamp`, `at:media(hover)` or `image:webp`; the data says by
trait which programs fail it. What stands in an at-rule that a program does not know is not asked of that program.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from digest.check.document import Document, warning
from digest.check.styles import Declaration, parse_declarations
from digest.model import Finding

_FUNCTION = re.compile(r"([a-z][a-z-]*)\(")
_UNIT = re.compile(r"(?<![\w#.-])[+-]?(?:\d+\.?\d*|\.\d+)(%|[a-z]+)")
_WORD = re.compile(r"(?<![\w-])-?[a-z][a-z-]*(?![\w(-])")
_QUOTED = re.compile(r"url\([^)]*\)|\"[^\"]*\"|'[^']*'")
_CSS_ADDRESS = re.compile(r"url\(\s*['\"]?([^'\")]+)", re.IGNORECASE)
_FEATURE = re.compile(r"\(\s*([a-z-]+)")
_PSEUDO = re.compile(r"::?([a-z-]+)")
_ENDING = re.compile(r"\.([a-z0-9]{2,5})(?:[?#]|$)", re.IGNORECASE)
_KINDS = {"jpeg": "jpg", "tif": "tiff", "heic": "heif", "svgz": "svg"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Feature:
    """One feature: the families of programs that do not show it, by their ids."""

    id: str
    title: str
    failing: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Support:
    """The data: families' names by id, features by trait, and what is not worth a word.

    `baseline` says by feature which families fail it in every email, as the smallest MJML carries it already.
    `graceful` are features whose absence leaves the email whole.
    """

    families: Mapping[str, str]
    by_trait: Mapping[str, tuple[Feature, ...]]
    baseline: Mapping[str, frozenset[str]]
    graceful: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lack:
    """A feature that an email uses, where it was first seen, and the families that do not show it."""

    feature: Feature
    where: str
    failing: frozenset[str]


@cache
def load_support() -> Support:
    """Read the shipped data."""
    data = json.loads(files("digest.check").joinpath("clients.json").read_text(encoding="utf-8"))
    by_trait: dict[str, tuple[Feature, ...]] = {}
    for name, told in data["features"].items():
        failing = frozenset(family for family, support in told["support"].items() if support == "n")
        feature = Feature(id=name, title=told["title"], failing=failing)
        for trait in told["traits"]:
            by_trait[trait] = (*by_trait.get(trait, ()), feature)
    return Support(
        families=data["families"],
        by_trait=by_trait,
        baseline={name: frozenset(some) for name, some in data["baseline"].items()},
        graceful=data["graceful"],
    )


def client_support(document: Document) -> Iterator[Finding]:
    """Name what the large mail programs do not show, beyond what every email has."""
    support = load_support()
    for lack in find_lacks(document, support):
        failing = lack.failing - support.baseline.get(lack.feature.id, frozenset())
        if not failing or lack.feature.id in support.graceful:
            continue
        names = _listed([name for family, name in support.families.items() if family in failing])
        fails = f"{lack.feature.title} does not work in {names}."
        if lack.feature.id.startswith("image-") or lack.feature.id == "html-svg":
            yield warning("image-format", lack.where, f"{fails} Use a JPEG or PNG.")
        else:
            yield warning("client-support", lack.where, f"{fails} Do without it, or give a fallback.")


def find_lacks(document: Document, support: Support) -> list[Lack]:
    """Return the features that some family does not show, in the order in which the email uses them."""
    found: dict[str, Lack] = {}
    for trait, where, at_rules in _traits(document):
        for feature in support.by_trait.get(trait, ()):
            dropping = {
                f
                for at_rule in at_rules
                for other in support.by_trait.get(at_rule, ())
                for f in other.failing
            }
            failing = feature.failing - dropping
            if not failing:
                continue
            known = found.get(feature.id)
            found[feature.id] = Lack(
                feature=feature,
                where=known.where if known else where,
                failing=failing | (known.failing if known else frozenset()),
            )
    return list(found.values())


def _traits(document: Document) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Yield each trait with where it stands and the at-rules around it, themselves as traits."""
    seen: set[str] = set()
    for element in document.every():
        if not isinstance(element.tag, str):
            continue
        where = f"<{element.tag}>"
        yield f"element:{element.tag}", where, ()
        for name, value in element.attrib.items():
            yield from ((trait, where, ()) for trait in _of_attribute(element.tag, str(name), str(value)))
        style = element.get("style")
        if style and style not in seen:
            seen.add(style)
            yield from ((t, where, ()) for one in parse_declarations(style) for t in _of_declaration(one))
    for rule in document.rules:
        around = tuple(trait for at_rule in rule.at_rules for trait in _of_at_rule(at_rule))
        for position, trait in enumerate(around):
            yield trait, "style block", around[:position]
        if rule.selectors or not around:
            for selector in rule.selectors:
                yield from ((f"pseudo:{name}", "style block", around) for name in _PSEUDO.findall(selector))
            for one in rule.declarations:
                yield from ((trait, "style block", around) for trait in _of_declaration(one))


def _of_attribute(tag: str, name: str, value: str) -> Iterator[str]:
    yield f"attribute:{name}"
    if tag in ("input", "button") and name == "type":
        yield f"element:{tag}[{value.lower()}]"
    if tag == "meta" and name == "name":
        yield f"meta:{value.lower()}"
    if tag == "a" and name == "href":
        yield "href:#" if value.startswith("#") else f"href:{value.partition(':')[0].lower()}"
    if name in ("src", "background", "poster") and tag != "video":
        yield from _of_picture(value)
    if name == "srcset":
        for part in value.split(","):
            yield from _of_picture(part.split()[0] if part.split() else "")


def _of_picture(address: str) -> Iterator[str]:
    ending = _ENDING.search(address[:2000])
    kind = ending[1].lower() if ending and not address.lower().startswith("data:") else ""
    if address.lower().startswith("data:image/"):
        kind = re.split(r"[;,+]", address[11:40].lower())[0]
    if kind:
        yield f"image:{_KINDS.get(kind, kind)}"


def _of_declaration(one: Declaration) -> Iterator[str]:
    name, value = one.name, one.value
    yield f"property:{'--*' if name.startswith('--') else name}"
    yield f"property:{name}={value}"
    if one.is_important:
        yield "value:!important"
    for address in _CSS_ADDRESS.findall(value):
        yield from _of_picture(address)
    plain = _QUOTED.sub(" ", value)
    yield from (f"function:{function}" for function in _FUNCTION.findall(plain))
    yield from (f"unit:{unit}" for unit in _UNIT.findall(plain))
    yield from (f"value:{word}" for word in _WORD.findall(plain))


def _of_at_rule(at_rule: str) -> Iterator[str]:
    name = re.match(r"@(?:-[a-z]+-)?([a-z-]+)", at_rule)
    if name is None:
        return
    yield f"at:{name[1]}"
    if name[1] == "media":
        yield from (f"at:media({feature})" for feature in _FEATURE.findall(at_rule))


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
