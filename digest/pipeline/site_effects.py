"""See what a site's rule changes before it is written: on the story it was taught on, and on the site's others.

The page behind a kept story is fetched again, or found among the files that its source watches.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from difflib import SequenceMatcher

from digest.config import Config, SourceSettings
from digest.errors import SourceError
from digest.extract.site_rules import SiteRule, SiteRules
from digest.extract.story import read_story
from digest.ingest.documents import open_document
from digest.ingest.fetch import Fetcher
from digest.model import Capture, DocumentKind, Image, Story
from digest.pipeline.site_teaching import open_page
from digest.pipeline.watching import find_files

FIELDS = ("title", "text", "authors", "published_at", "lead_image", "images")
_WITH_TEXT = ("text", "blurb_end", "language")


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What one field said and says. Of a text, only the paragraphs that went and came."""

    field: str
    before: tuple[str, ...]
    after: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What a rule changes on one kept story, and the story as it is then; `problem` says why that is not known."""

    story: Story
    changes: tuple[Change, ...] = ()
    problem: str = ""


def find_page(
    story: Story,
    source: SourceSettings,
    *,
    config: Config,
    rules: SiteRules,
    make_fetcher: Callable[[], Fetcher],
    now: datetime,
) -> Capture:
    """Return the page that a kept story was read from; raise SourceError where it is not to be had."""
    if source.kind != "files":
        if not story.url:
            raise SourceError(f"“{story.title[:80]}” has no address, so its page cannot be fetched again.")
        return open_page(story.url, make_fetcher=make_fetcher, now=now)
    for capture in _pages_naming(story, source, config, now):
        try:
            found = read_story(capture, rules=rules)
        except SourceError:
            continue
        if found.id == story.id or (story.url and found.url == story.url):
            return capture
    raise SourceError(f"No file of '{source.name}' holds the page of “{story.title[:80]}” any more.")


def with_rule(rules: SiteRules, rule: SiteRule) -> SiteRules:
    """Return the rules with one of them as it was learned."""
    others = [one for one in rules.rules if (one.site, one.path) != (rule.site, rule.path)]
    return SiteRules(rules=(*others, rule))


def effect_on(kept: Story, capture: Capture, *, before: SiteRules, after: SiteRules) -> Effect:
    """Read a page without and with a rule, and tell the difference; what else is kept of the story stays."""
    try:
        new = read_story(capture, rules=after)
    except SourceError as exc:
        return Effect(story=kept, problem=str(exc))
    try:
        old = read_story(capture, rules=before)
    except SourceError:
        old = replace(new, title="", text="", authors=(), published_at=None, lead_image=None, images=())
    fields = [name for name in FIELDS if getattr(old, name) != getattr(new, name)]
    taken = {name for field in fields for name in (_WITH_TEXT if field == "text" else (field,))}
    story = replace(kept, **{name: getattr(new, name) for name in sorted(taken)})
    return Effect(story=story, changes=tuple(_changes(old, new, fields)))


def others_of(rule: SiteRule, stories: Iterable[Story], *, but: Story, limit: int) -> list[Story]:
    """Return the first of some stories that a rule is for too."""
    found = [one for one in stories if one.url and rule.applies_to(one.url) and one.id != but.id]
    return found[:limit]


def _pages_naming(story: Story, source: SourceSettings, config: Config, now: datetime) -> Iterator[Capture]:
    """Yield the pages of a source's files, those first whose bytes hold the story's address or headline."""
    told = [words.encode() for words in (story.url, story.title) if words]
    likely: list[Capture] = []
    others: list[Capture] = []
    for file in find_files(source, config, {})[0]:
        try:
            capture = open_document(file.path, now=now, source=source.name, section=source.section)
        except SourceError:
            continue
        if capture.kind is DocumentKind.PAGE:
            (likely if any(words in capture.content for words in told) else others).append(capture)
    yield from likely
    yield from others


def _changes(old: Story, new: Story, fields: Sequence[str]) -> Iterator[Change]:
    for field in fields:
        before, after = _lines(old, field), _lines(new, field)
        if field == "text":
            went, came = _paragraphs(before, after)
            yield Change(field=field, before=went, after=came)
        elif before != after:
            yield Change(field=field, before=before, after=after)


def _lines(story: Story, field: str) -> tuple[str, ...]:
    match getattr(story, field):
        case str() as text:
            return tuple(text.split("\n\n"))
        case datetime() as moment:
            return (moment.isoformat(),)
        case Image() as image:
            return (_told(image),)
        case tuple() as several:
            return tuple(_told(one) if isinstance(one, Image) else str(one) for one in several)
    return ()


def _told(image: Image) -> str:
    return " · ".join(part for part in (image.caption, image.credit) if part) or "a picture without words"


def _paragraphs(before: Sequence[str], after: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the paragraphs that went and those that came."""
    went: list[str] = []
    came: list[str] = []
    for kind, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind != "equal":
            went += before[a:b]
            came += after[c:d]
    return tuple(went), tuple(came)
