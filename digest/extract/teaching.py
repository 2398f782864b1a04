"""Make a site's rule out of a correction: find what a person's words name, choose selectors, prove them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from lxml.html import HtmlElement

from digest.errors import NoStoryError, SourceError, UsageError
from digest.extract.blocks import letters_of
from digest.extract.page import parse_page, read_page
from digest.extract.page_words import PageWords
from digest.extract.selected import value_of
from digest.extract.selector_choice import ranked_selectors
from digest.extract.site_rules import (
    Example,
    Selector,
    SiteRule,
    SiteRules,
    counts_of,
    parse_selector,
    site_of,
    with_selectors,
)
from digest.extract.structured import read_structured
from digest.extract.teaching_body import BodyChoice, choose_body
from digest.extract.teaching_cost import droppers, lost_facts, lost_words
from digest.extract.teaching_date import is_told_date, parse_told, tells_date
from digest.model import Capture, DocumentKind, Story

_TRIES = 16
"""So many selectors are tried for a field, each by reading the page again."""
_BODY_TRIES = 10
_MOST_ELEMENTS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """What is right about one page, in its own words; what is empty stays as it is read.

    `first` and `last` are the words that the text starts and ends with; `drop` words of what is no part of it.
    """

    title: str = ""
    first: str = ""
    last: str = ""
    caption: str = ""
    credit: str = ""
    authors: tuple[str, ...] = ()
    date: str = ""
    drop: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Taught:
    """The rule that came of a correction, the fields it changed, and the story as it is read now."""

    rule: SiteRule
    changed: tuple[str, ...]
    story: Story


Proof = Callable[[Story], bool]


def page_address(capture: Capture, root: HtmlElement) -> str | None:
    """Return the address that a page's rule is found by: where it was fetched, else the one it gives itself."""
    return capture.url or read_structured(root, url=None).url


def teach(capture: Capture, correction: Correction, *, rules: SiteRules) -> Taught:
    """Return the rule that makes a page read as corrected, proved by reading the page with it.

    It goes on from the rule for the page's own site, or from a copy of its parent site's, whose `name` is
    then empty. Raises UsageError for words that the page does not hold, or a page without an address, and
    SourceError where no selector gives what was asked for; each problem is a line.
    """
    if capture.kind is not DocumentKind.PAGE:
        raise UsageError(f"{capture.source} is not a page (HTML), and rules are for pages alone.")
    root = parse_page(capture)
    address = page_address(capture, root)
    if not address or not site_of(address):
        raise UsageError(
            f"{capture.source} does not say which address it is from, so no site's rule can be told. "
            "Name the page by its address."
        )
    lesson = _Lesson(capture, root, _rule_for(address, rules))
    lesson.learn(correction)
    if lesson.missing:
        raise UsageError("\n".join([*lesson.missing, *lesson.problems]))
    story = lesson.reading({})
    if story is not None and not lesson.problems:
        lesson.problems += [
            f"{field}: the selectors taken together do not give it. Teach it alone."
            for field, proof in lesson.proofs
            if not proof(story)
        ]
    if lesson.problems or story is None:
        raise SourceError("\n".join(lesson.problems) or f"{capture.source} holds no story with this rule.")
    found = counts_of(lesson.rule, parse_page(capture))
    rule = replace(lesson.rule, example=Example(url=address, found=found))
    return Taught(rule=rule, changed=tuple(dict.fromkeys(lesson.changed)), story=story)


def _rule_for(address: str, rules: SiteRules) -> SiteRule:
    known = rules.find(address)
    site = site_of(address)
    if known is not None and known.site == site:
        return known
    return SiteRule(name="", site=site, selectors=known.selectors if known else {})


class _Lesson:
    """One page, the rule as it grows, and what was not found."""

    def __init__(self, capture: Capture, root: HtmlElement, rule: SiteRule) -> None:
        self.capture = capture
        self.root = root
        self.rule = rule
        self.words = PageWords(root)
        self.changed: list[str] = []
        self.missing: list[str] = []
        self.problems: list[str] = []
        self.proofs: list[tuple[str, Proof]] = []

    def learn(self, told: Correction) -> None:
        """Learn each field that the correction tells, those that others rest on first."""
        if told.title:
            self._title(told.title)
        if told.first or told.last:
            self._body(told)
        for words in told.drop:
            self._drop(words)
        if told.credit:
            self._picture_words("credit", told.credit)
        if told.caption:
            self._picture_words("caption", told.caption)
        if told.authors:
            self._authors(told.authors)
        if told.date:
            self._date(told.date)

    def reading(self, changes: dict[str, Sequence[Selector]]) -> Story | None:
        """Return the story as the rule reads it with some fields changed."""
        rule = replace(self.rule, path="", selectors=with_selectors(self.rule, changes))
        try:
            return read_page(self.capture, rules=SiteRules(rules=(rule,)))
        except NoStoryError:
            return None

    def _keep(self, field: str, selectors: Sequence[Selector], proof: Proof, *, told: str = "") -> None:
        self.rule = replace(self.rule, selectors=with_selectors(self.rule, {field: selectors}))
        self.changed.append(field)
        self.proofs.append((told or field, proof))

    def _miss(self, field: str, words: str) -> None:
        self.missing.append(
            f"{field}: the page does not hold the words “{_short(words)}”. Copy them from the page as it shows them."
        )

    def _learn(self, field: str, elements: Sequence[HtmlElement], proof: Proof, *, is_first: bool) -> bool:
        """Keep the first selector for one of these elements that proves right; say whether there was one."""
        wanted = set(elements)
        tried = 0
        for selector in _candidates(elements):
            found = selector.find(self.root)
            if not found or (found[0] not in wanted if is_first else wanted.isdisjoint(found)):
                continue
            tried += 1
            story = self.reading({field: (selector,)})
            if story is not None and proof(story):
                self._keep(field, (selector,), proof)
                return True
            if tried >= _TRIES:
                break
        return False

    def _title(self, words: str) -> None:
        exact = self.words.exactly(words) or self.words.in_head(words)
        nearest = _headings(exact) or exact or self.words.holding(words)
        if not nearest:
            self._miss("title", words)
        elif not self._learn("title", nearest, lambda story: _same(story.title, words), is_first=True):
            self.problems.append(
                f"title: no element holds just these words; the nearest says “{_short(value_of(nearest[0]))}”."
            )

    def _body(self, told: Correction) -> None:
        for field, words in (("first", told.first), ("last", told.last)):
            if words and not self.words.holding(words):
                self._miss(field, words)
        if self.missing:
            return
        before = self.reading({})
        chosen = choose_body(
            self.words,
            first=told.first,
            last=told.last,
            read_now=before.text.split("\n\n") if before else [],
            title=told.title or (before.title if before else ""),
            dropped=[element for words in told.drop for element in self.words.holding(words)],
        )
        if isinstance(chosen, str):
            self.problems.append(chosen)
            return

        def proof(story: Story) -> bool:
            text = letters_of(story.text)
            return text.startswith(letters_of(told.first)) and text.endswith(letters_of(told.last))

        known = self.rule.selectors.get("drop", ())
        proved: list[tuple[int, int, BodyChoice]] = []
        for place, choice in enumerate(chosen[:_BODY_TRIES]):
            story = self.reading({"body": (choice.body,), "drop": (*known, *choice.drop)})
            if story is not None and (told.drop or proof(story)):
                proved.append((lost_facts(before, story), place, choice))
                if not proved[-1][0]:
                    break
        if not proved:
            self.problems.append("first: no selector gives a text that starts and ends so. Give more words.")
            return
        best = min(proved, key=lambda item: item[:2])[2]
        if best.drop:
            self._keep("drop", tuple(dict.fromkeys((*known, *best.drop))), lambda story: True)
        self._keep("body", (best.body,), proof)

    def _drop(self, words: str) -> None:
        holders = self.words.holding(words)
        if not holders:
            self._miss("drop", words)
            return
        before = self.reading({})
        known = self.rule.selectors.get("drop", ())
        best: tuple[float, Selector] | None = None
        for cost, selector in droppers(self.words, holders, words)[:_TRIES]:
            if best is not None and best[0] <= cost:
                break
            story = self.reading({"drop": (*known, selector)})
            lost = lost_words(before, story, words)
            if lost is not None and (best is None or cost + lost / 10 < best[0]):
                best = (cost + lost / 10, selector)
        if best is None:
            self.problems.append(
                f"drop: nothing sets “{_short(words)}” apart from the story's own paragraphs. Give more of the passage."
            )
            return
        gone = letters_of(words)
        self._keep(
            "drop", tuple(dict.fromkeys((*known, best[1]))), lambda story: gone not in letters_of(story.text)
        )

    def _picture_words(self, field: str, words: str) -> None:
        elements = [*self.words.exactly(words), *self.words.holding(words)]
        if not elements:
            self._miss(field, words)
            return

        def shown(story: Story) -> list[str]:
            return [getattr(image, field) or "" for image in story.images]

        def is_same(story: Story) -> bool:
            return any(_same(text, words) for text in shown(story))

        def is_held(story: Story) -> bool:
            return any(letters_of(words) in letters_of(text) for text in shown(story))

        elements = list(dict.fromkeys(elements))
        if self._learn(field, elements, is_same, is_first=False):
            return
        if not self._learn(field, elements, is_held, is_first=False):
            self.problems.append(
                f"{field}: the words are there, but no picture of the story stands with them. "
                "Teach the text first, so that the picture is one of the story's."
            )

    def _authors(self, names: Sequence[str]) -> None:
        elements: list[HtmlElement] = []
        for name in names:
            found = [*self.words.exactly(name), *self.words.holding(name), *self.words.in_head(name)]
            if not found:
                self._miss("author", name)
            elements += found
        wanted = [letters_of(name) for name in names]

        def proof(story: Story) -> bool:
            return [letters_of(name) for name in story.authors] == wanted

        if elements and not self.missing and not self._learn("authors", elements, proof, is_first=False):
            self.problems.append("author: no element holds just these names.")

    def _date(self, words: str) -> None:
        told = parse_told(words)
        if told is None:
            self.missing.append(
                f"date: “{_short(words)}” is not a date such as 2026-11-24 or 2026-11-24T07:30-05:00."
            )
            return
        elements = [element for element in self.root.iter() if tells_date(element, told)]
        around = {ancestor for element in elements for ancestor in element.iterancestors()}
        elements = [element for element in elements if element not in around]
        if not elements:
            self._miss("date", words)
        elif not self._learn(
            "date", elements, lambda story: is_told_date(story.published_at, told), is_first=True
        ):
            self.problems.append("date: no element gives just this date.")


def _headings(elements: Sequence[HtmlElement]) -> list[HtmlElement]:
    """Return the elements that are or stand in the page's headline, rather than in a menu that repeats it."""
    return [
        element
        for element in elements
        if element.get("itemprop") == "headline"
        or any(item.tag == "h1" for item in (element, *element.iterancestors()))
    ]


def _candidates(elements: Iterable[HtmlElement]) -> Iterator[Selector]:
    """Yield selectors for any of these elements, the likeliest to last first."""
    costs: dict[str, int] = {}
    for place, element in enumerate(list(elements)[:_MOST_ELEMENTS]):
        for cost, css in ranked_selectors(element):
            costs[css] = min(cost + min(place, 2), costs.get(css, cost + 2))
    for css in sorted(costs, key=costs.__getitem__):
        yield parse_selector(css)


def _same(one: str, other: str) -> bool:
    return letters_of(one) == letters_of(other)


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= 80 else text[:79].rstrip() + "…"
