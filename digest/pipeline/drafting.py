"""Draft an edition: choose among the kept stories, condense them, assemble, save."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from digest.config import Config, NewsletterSettings
from digest.curate.entry import Held, Wishes
from digest.curate.history import EDITIONS
from digest.curate.rank import choose
from digest.edition import approve, assemble, dropped_items, held_items
from digest.errors import EditionError
from digest.model import (
    Blurb,
    Candidate,
    Edition,
    EditionName,
    EditionState,
    Item,
    LeftOut,
    Ranked,
    Story,
    StoryId,
)
from digest.pipeline.parts import Parts
from digest.ports import Summarizer
from digest.summarize.tally import tell_methods

log = logging.getLogger(__name__)

DEFAULT_SECTION = "News"
BEYOND_AGE = timedelta(days=1)
"""Stories that became too old within this time are still looked at, and told as left out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drafted:
    """What drafting gave: the edition, or on a quiet day None and why; and every story left out, with reasons.

    `told` says how many blurbs a remote model made; empty where none was asked.
    """

    edition: Edition | None
    left_out: tuple[LeftOut, ...]
    found: int
    told: str = ""


def draft(
    parts: Parts,
    *,
    day: date,
    who: str = "",
    on_blurb: Callable[[int, int], None] = lambda done, total: None,
) -> Drafted:
    """Make or refresh the draft of a date, keeping the editor's changes; one that is held is not approved.

    Raises EditionError when the edition was approved or sent.
    """
    now, settings, editions = parts.now(), parts.settings, parts.stores.editions
    name = EditionName(newsletter=parts.newsletter.name, date=day)
    previous = editions.find(name)
    if previous is not None and previous.state is not EditionState.DRAFT:
        raise EditionError(
            f"{name} is {previous.state} and stays as it is ('digest show {name}'). "
            f"'digest draft {name.newsletter} --date {day + timedelta(days=1)}' drafts the next day's."
        )
    candidates = candidates_of(parts, now)
    held = _held(previous) if previous is not None else []
    condensing = Condensing(
        summarizer=parts.make_summarizer(),
        words=settings.blurb_words,
        at_least=settings.min_stories if previous is None else 0,
        known=[item.blurb for item in previous.chosen] if previous is not None else [],
        held={one.story.id for one in held},
        hand_picked={one.story.id for one in candidates if one.is_hand_picked},
        on_blurb=on_blurb,
    )
    choice = choose(
        candidates,
        wishes=_wishes(parts.config, settings, put_in=_put_in(previous) if previous is not None else []),
        now=now,
        printed=[one for one in editions.printed(name.newsletter, texts_of=EDITIONS) if one.date != day],
        held=held,
        refuse=condensing.refuse,
    )
    if previous is None and len(choice.ranked) < settings.min_stories:
        return Drafted(edition=None, left_out=choice.left_out, found=len(choice.ranked))
    blurbs = {one.story.id: condensing.blurbs[one.story.id] for one in choice.ranked}
    told = tell_methods(blurbs.values())
    if told:
        log.info("blurbs made edition=%s: %s", name, told)
    edition = assemble(
        parts.newsletter,
        date=day,
        ranked=choice.ranked,
        blurbs=blurbs,
        left_out=choice.left_out,
        made_at=now,
        previous=previous,
    )
    if settings.approval == "auto" and not edition.is_held:
        edition = replace(approve(edition), revision=edition.revision)
    editions.save(edition, what="drafted" if previous is None else "drafted again", now=now, who=who)
    return Drafted(edition=edition, left_out=edition.left_out, found=len(choice.ranked), told=told)


def candidates_of(parts: Parts, now: datetime) -> list[Candidate]:
    """Return the kept stories that an edition drafted at that moment chooses among."""
    known = {source.name: source for source in parts.config.sources_of(parts.settings)}
    since = now - timedelta(hours=parts.settings.max_age_hours) - BEYOND_AGE
    return [
        Candidate(
            story=kept.story,
            seen_at=kept.seen_at,
            weight=known[kept.source].weight,
            section=known[kept.source].section or kept.story.section or DEFAULT_SECTION,
            is_hand_picked=kept.is_hand_picked,
        )
        for kept in parts.stores.stories.of_sources(list(known), since=since)
    ]


def _wishes(config: Config, settings: NewsletterSettings, *, put_in: Sequence[Item]) -> Wishes:
    """Return what the newsletter asks for, with a place more for each story that the editor put in beside it."""
    sections = (source.section for source in config.sources_of(settings) if source.section)
    more = Counter(item.section.strip().casefold() for item in put_in)
    return Wishes(
        max_stories=settings.max_stories + len(put_in),
        max_age_hours=settings.max_age_hours,
        sections=list(dict.fromkeys(sections)),
        section_limits={
            section: most + more[section.strip().casefold()] for section, most in settings.sections.items()
        },
        keywords=settings.keywords,
        avoid=settings.avoid,
    )


def _put_in(previous: Edition) -> list[Item]:
    """Return the items that are in because the editor put them in."""
    drafted = {item.story_id for item in previous.drafted}
    return [item for item in previous.items if item.story_id not in drafted]


def _held(previous: Edition) -> list[Held]:
    """Return what the editor touched in the draft before, as that draft knows it."""
    made = {item.story_id: item for item in previous.chosen}
    return [
        *(
            Held(story=_story_of(made[key]), why=did, section=item.section)
            for key, (item, did) in held_items(previous).items()
        ),
        *(
            Held(story=_story_of(item), why="dropped", section=item.section, is_dropped=True)
            for item in dropped_items(previous)
        ),
    ]


def _story_of(item: Item) -> Story:
    """Return what an item tells of its story."""
    return Story(
        id=item.story_id,
        source=item.site,
        title=item.headline,
        text=item.blurb.text,
        url=item.url,
        published_at=item.published_at,
        site=item.site,
        section=item.section,
        language=item.language,
    )


@dataclass(slots=True, kw_only=True)
class Condensing:
    """Condense the stories that are about to be taken, and refuse those of which nothing is fit to print.

    Fewer than `at_least` stories make no edition, and are not condensed. What the editor `held` is not refused, nor
    what a person has `hand_picked`, but for a follow-up without news: without a blurb it shows its headline alone.
    `known` are blurbs that were made before.
    """

    summarizer: Summarizer
    words: int
    at_least: int
    known: Sequence[Blurb]
    held: set[StoryId]
    hand_picked: set[StoryId]
    on_blurb: Callable[[int, int], None]
    blurbs: dict[StoryId, Blurb] = field(default_factory=dict)

    def refuse(self, ranked: Sequence[Ranked]) -> dict[StoryId, str]:
        """Return the stories that cannot be printed, with the reason."""
        if not self.blurbs and len(ranked) < self.at_least:
            return {}
        total = len(self.blurbs) + len(ranked)
        told = {one.story.id: one.told for one in ranked if one.told}
        stories = [one.story for one in ranked]
        blurbs = self.summarizer.summarize_all(stories, words=self.words, known=self.known, told=told)
        refused = {}
        for one, blurb in zip(ranked, blurbs, strict=True):
            self.blurbs[blurb.story_id] = blurb
            self.on_blurb(len(self.blurbs), total)
            if blurb.text or one.story.id in self.held:
                continue
            if one.follows is not None:
                refused[one.story.id] = (
                    f"the same event already ran {one.follows.date.isoformat()}: “{one.follows.title}”, "
                    "and the story says nothing new of it"
                )
            elif one.story.id not in self.hand_picked:
                refused[one.story.id] = f"no blurb: {blurb.note[:1].lower()}{blurb.note[1:].rstrip('.')}"
        return refused
