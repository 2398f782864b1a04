"""Put what preflight found beside the places that it concerns: a story, a line of the inbox, links, pictures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from digest.model import Edition, Finding, Severity
from digest.web.desk.place import Place

LINES = ("subject", "preheader")
LINKS = frozenset(
    {"empty-link", "script-link", "http-link", "link-text", "link-words", "disguised-link", "foreign-link"}
)
PICTURES = frozenset(
    {
        "image-alt", "image-source", "image-width", "image-inline", "image-format", "image-only", "attachment-missing",
        "attachment-unused", "picture-weight", "picture-credit", "photo-rights", "third-party",
    }
)  # fmt: skip
TITLES = {
    "subject": "Subject",
    "preheader": "Preheader",
    "links": "Links",
    "pictures": "Pictures",
    "email": "The email as a whole",
}
TOLD_BEFORE = frozenset({"facts", "sensitive", "byte-budget"})
"""Rules about a story that its own pane tells of at once, before preflight is done."""
_NOWHERE = frozenset({*LINES, "html", "edition", "pictures"})
_WORDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The findings of one place. `key` names it, for a story with its id; `address` leads there."""

    key: str
    title: str
    address: str
    findings: tuple[Finding, ...]

    @property
    def words(self) -> str:
        """Count the findings, the worst first; what is sensitive is said to be."""
        told = count(self.findings)
        return f"sensitive, {told}" if any(one.rule == "sensitive" for one in self.findings) else told

    def where_of(self, finding: Finding) -> str:
        """Return where in its place a finding stands, where that says more than the place."""
        where = finding.where.removesuffix("...")
        return "" if where in _NOWHERE or " ".join(self.title.split()).startswith(where) else finding.where

    @property
    def worst(self) -> str:
        """Return the gravest severity, as a word."""
        return word_of(self.findings[0].severity)


def group_findings(findings: Iterable[Finding], edition: Edition, place: Place) -> list[Group]:
    """Return the findings by place: lines first, then the stories in reading order, then what is nobody's.

    Findings are told with the worst first, in each group too.
    """
    titles = TITLES | {f"story-{item.story_id}": item.headline for item in edition.items}
    groups: dict[str, list[Finding]] = {key: [] for key in LINES}
    groups |= {f"story-{item.story_id}": [] for item in edition.items}
    groups |= {key: [] for key in TITLES if key not in LINES}
    for finding in findings:
        groups[key_of(finding, titles)].append(finding)
    return [
        Group(key=key, title=titles[key], address=_address(key, place), findings=tuple(some))
        for key, some in groups.items()
        if some
    ]


def key_of(finding: Finding, known: Iterable[str]) -> str:
    """Return the place that a finding concerns; a story that the edition does not hold is none."""
    story = f"story-{finding.story_id}"
    if finding.story_id is not None and story in known:
        return story
    if finding.where in LINES:
        return finding.where
    if finding.rule in LINKS:
        return "links"
    return "pictures" if finding.rule in PICTURES else "email"


def count(findings: Iterable[Finding]) -> str:
    """Say how many findings there are of each severity."""
    counted = Counter(finding.severity for finding in findings)
    told = [f"{counted[one]} {word_of(one)}{'s' * (counted[one] > 1)}" for one in _WORDS if counted[one]]
    return ", ".join(told)


def word_of(severity: Severity) -> str:
    """Return what an editor calls a severity."""
    return _WORDS[severity]


def _address(key: str, place: Place) -> str:
    if key.startswith("story-"):
        return f"{place.at(story=key.removeprefix('story-'))}#story"
    return f"{place.address}#{key if key in LINES else 'stories'}"
