"""Write what mail programs support, from the caniemail data, into the shape that preflight reads.

`make clients` takes the npm package of that name; `python -m tests.bench.client_support FILE` a caniemail.json at hand.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from digest.check.document import parse_document
from digest.check.support import Feature, Support, find_lacks
from digest.render.markup import Press, to_html

TARGET = Path(__file__).resolve().parents[2] / "digest" / "check" / "clients.json"

FAMILIES: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "gmail": ("Gmail", ("gmail.desktop-webmail", "gmail.ios", "gmail.android")),
    "apple-mail": ("Apple Mail", ("apple-mail.macos", "apple-mail.ios")),
    "outlook-windows": ("Outlook for Windows", ("outlook.windows",)),
    "outlook-macos": ("Outlook for Mac", ("outlook.macos",)),
    "outlook": ("Outlook on the web or a phone", ("outlook.outlook-com", "outlook.ios", "outlook.android")),
    "yahoo": (
        "Yahoo",
        tuple(f"{site}.{on}" for site in ("yahoo", "aol") for on in ("desktop-webmail", "ios", "android")),
    ),
}
"""The families that a finding is worth for. Gmail's mobile page for old phones is left out: it has no styles at all."""

GRACEFUL = {
    "css-at-media": "a narrow screen gets the wide layout",
    "css-at-media-prefers-color-scheme": "the light colours are shown",
    "css-at-media-hover": "what is pressed looks as before",
    "css-at-media-prefers-reduced-motion": "nothing moves that should not",
    "css-at-supports": "what stands before it is shown",
    "css-color-scheme": "the light colours are shown",
    "html-meta-color-scheme": "the light colours are shown",
    "css-pseudo-class-hover": "what is pointed at looks as before",
    "css-pseudo-class-active": "what is pressed looks as before",
    "css-pseudo-class-focus": "what is chosen looks as before",
    "css-pseudo-class-visited": "what was read looks as before",
    "css-text-underline-offset": "the line is drawn a little higher",
    "css-text-decoration-thickness": "the line is drawn a little thinner",
    "css-text-decoration-skip-ink": "the line crosses letters",
    "css-hyphens": "long words are not parted",
    "css-border-radius": "corners are square",
    "css-box-shadow": "there is no shadow",
    "css-word-break": "long words may stand out",
    "css-overflow-wrap": "long words may stand out",
    "html-loading-attribute": "pictures load at once",
    "html-aria-hidden": "ornament is read aloud",
    "html-aria-label": "the email is not named to a screen reader",
}
"""What an email does not need: without it, it looks plainer and reads the same."""

UNSEEN = {
    "amp", "bimi", "css-comments", "css-nesting", "html-comments", "html-doctype", "image-base64",
    "html-form", "html-object", "html-base", "html-link", "html-style", "html-body", "html-h1-h6",
}  # fmt: skip
"""Features that no trait tells, and those that rules of their own are about."""

SECTIONS = "article aside details figcaption figure footer header main mark nav section summary time"

BY_HAND: Mapping[str, tuple[str, ...]] = {
    "html-address": ("element:address",),
    "html-anchor-links": ("href:#",),
    "html-mailto-links": ("href:mailto",),
    "html-meta-color-scheme": ("meta:color-scheme",),
    "html-image-maps": ("element:map",),
    "html-lists": ("element:ul", "element:ol", "element:dl"),
    "html-semantics": tuple(f"element:{tag}" for tag in SECTIONS.split()),
    "html-srcset": ("attribute:srcset",),
    "html-svg": ("element:svg",),
    "html-popover": ("attribute:popover",),
    "css-block-inline-size": ("property:block-size", "property:inline-size"),
    "css-border-inline-block": ("property:border-inline", "property:border-block"),
    "css-column-layout-properties": (
        "property:columns", "property:column-width", "property:column-span", "property:column-fill",
        "property:column-rule",
    ),
    "css-display-flex": ("property:display=flex", "property:display=inline-flex"),
    "css-display-grid": ("property:display=grid", "property:display=inline-grid"),
    "css-display-none": ("property:display=none",),
    "css-flex-direction": ("property:flex-direction=column",),
    "css-flex-wrap": ("property:flex-wrap=wrap",),
    "css-gap": ("property:gap", "property:column-gap", "property:row-gap"),
    "css-grid-template": ("property:grid-template-columns", "property:grid-template-rows", "property:grid-template"),
    "css-important": ("value:!important",),
    "css-intrinsic-size": ("value:fit-content", "value:min-content", "value:max-content"),
    "css-left-right-top-bottom": ("property:left", "property:right", "property:top", "property:bottom"),
    "css-margin-inline-block": ("property:margin-inline", "property:margin-block"),
    "css-padding-inline-block": ("property:padding-inline", "property:padding-block"),
    "css-sytem-ui": ("value:system-ui", "value:ui-serif", "value:ui-sans-serif", "value:ui-rounded"),
    "css-unit-calc": ("function:calc",),
    "css-unit-initial": ("value:initial",),
    "css-unit-percent": ("unit:%",),
    "css-variables": ("property:--*", "function:var"),
    "css-modern-color": ("function:lch", "function:oklch", "function:lab", "function:oklab"),
    "image-mp4": ("image:mp4",),
}  # fmt: skip

MINIMAL = """
<mjml lang="en"><mj-head><mj-title>Title</mj-title><mj-preview>Preview</mj-preview></mj-head><mj-body>
<mj-section><mj-column><mj-image src="https://a.example/a.jpg" alt="A bell" width="300px" /><mj-text>Words</mj-text>
<mj-button href="https://a.example/">Read</mj-button></mj-column></mj-section></mj-body></mjml>
"""


def reduce(data: Mapping[str, Any], *, origin: str) -> dict[str, Any]:
    """Return the data in preflight's shape: by feature its title, its traits and each family's support."""
    features = {}
    for feature in data["data"]:
        traits = traits_of(feature["slug"], feature["title"])
        support = {family: _worst(feature["stats"], platforms) for family, (_, platforms) in FAMILIES.items()}
        if traits and "n" in support.values():
            told = {f: s for f, s in support.items() if s}
            features[feature["slug"]] = {"title": feature["title"].strip(), "traits": traits, "support": told}
    result = {
        "about": "What mail programs support: y yes, a in part, n no. Written by 'make clients'; not to be edited.",
        "source": f"caniemail.com, from {origin}",
        "licence": "MIT, the terms of our own LICENSE. Copyright (c) 2019 HTeuMeuLeu",
        "date": data["last_update_date"][:10],
        "families": {family: name for family, (name, _) in FAMILIES.items()},
        "graceful": {name: GRACEFUL[name] for name in sorted(GRACEFUL) if name in features},
        "features": features,
    }
    return result | {"baseline": measure_baseline(features)}


def traits_of(slug: str, title: str) -> list[str]:
    """Return what a feature looks like in an email: the traits of `digest.check.support`."""
    if slug in BY_HAND:
        return list(BY_HAND[slug])
    kind, _, name = slug.partition("-")
    if slug in UNSEEN or name.startswith("selector-"):
        return []
    if kind == "image":
        return [f"image:{name}"]
    if kind == "html":
        return _of_html(title)
    if name.startswith("at-media-"):
        return [f"at:media({feature})" for feature in re.findall(r"\(([a-z-]+)\)", title)]
    if name.startswith("at-"):
        return [f"at:{name[3:]}"]
    if name.startswith("pseudo-"):
        return [f"pseudo:{name.split('-', 2)[2]}"]
    if name.startswith("unit-"):
        return [f"unit:{name[5:]}"]
    if name in ("rgb", "rgba") or "()" in title:
        return [f"function:{function}" for function in re.findall(r"([a-z-]+)\(\)", title)]
    found = re.match(r"([a-z-]+)(?: property| shorthand| CSS property)?\s*$", title)
    return [f"property:{found[1]}"] if found else [f"property:{name}"]


def _of_html(title: str) -> list[str]:
    if found := re.match(r'<(\w+) type="(\w+)">', title):
        return []  # forms have a rule of their own
    if found := re.match(r"<(\w+)>", title):
        return [f"element:{found[1]}"]
    if found := re.match(r"([a-z-]+) attribute", title):
        return [f"attribute:{found[1]}"]
    return []


def _worst(stats: Mapping[str, Any], platforms: tuple[str, ...]) -> str:
    """Return the worst of the platforms' newest versions; the data lists versions from old to new."""
    found = ""
    for platform in platforms:
        family, _, name = platform.partition(".")
        versions = list(stats.get(family, {}).get(name, {}).values())
        newest = versions[-1][:1] if versions else ""
        found = next((one for one in "nay" if one in (found, newest)), "")
    return found


def measure_baseline(features: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return what the smallest MJML fails, laid out as editions are: the families by feature."""
    document = parse_document(to_html(MINIMAL, press=Press()))
    assert document is not None
    by_trait: dict[str, tuple[Feature, ...]] = {}
    for name, told in features.items():
        failing = frozenset(family for family, support in told["support"].items() if support == "n")
        for trait in told["traits"]:
            feature = Feature(id=name, title=told["title"], failing=failing)
            by_trait[trait] = (*by_trait.get(trait, ()), feature)
    support = Support(families={}, by_trait=by_trait, baseline={}, graceful={})
    lacks = sorted(find_lacks(document, support), key=lambda lack: lack.feature.id)
    return {lack.feature.id: [family for family in FAMILIES if family in lack.failing] for lack in lacks}


def as_text(result: Mapping[str, Any]) -> str:
    """Return the file's text: one feature a line, so that a refresh reads well as a diff."""
    parts = []
    for key, value in result.items():
        if isinstance(value, dict):
            lines = ",\n".join(
                f"  {json.dumps(k)}: {json.dumps(v, ensure_ascii=False)}" for k, v in value.items()
            )
            parts.append(f'"{key}": {{\n{lines}\n}}')
        else:
            parts.append(f'"{key}": {json.dumps(value, ensure_ascii=False)}')
    return "{\n" + ",\n".join(parts) + "\n}\n"


def _packed(folder: Path) -> tuple[dict[str, Any], str]:
    """Fetch the newest package with npm, and return its data and the package's name and version."""
    subprocess.run(
        ["npm", "pack", "--silent", "caniemail@latest"], cwd=folder, check=True, stdout=subprocess.PIPE
    )
    with tarfile.open(next(folder.glob("*.tgz"))) as package:
        read = {
            name: package.extractfile(f"package/{name}") for name in ("data/caniemail.json", "package.json")
        }
        told = {name: json.load(file) for name, file in read.items() if file is not None}
    return told["data/caniemail.json"], f"the npm package caniemail {told['package.json']['version']}"


def main(arguments: list[str]) -> None:
    """Write the data anew."""
    if arguments:
        data, origin = json.loads(Path(arguments[0]).read_text(encoding="utf-8")), "its published data"
    else:
        with tempfile.TemporaryDirectory() as folder:
            data, origin = _packed(Path(folder))
    result = reduce(data, origin=origin)
    TARGET.write_text(as_text(result), encoding="utf-8")
    print(f"{TARGET.name}: {len(result['features'])} features of {result['date']}")


if __name__ == "__main__":
    main(sys.argv[1:])
