"""Draft an edition: choose among the kept stories, condense them, assemble, save."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from digest.config import SourceSettings
from digest.curate.rank import choose
from digest.edition import apply_edit, approve, assemble
from digest.errors import EditionError
from digest.model import (
    Blurb,
    Candidate,
    Edit,
    Edition,
    EditionName,
    EditionState,
    LeftOut,
    Ranked,
    StoryId,
)
from digest.pipeline.parts import Parts
from digest.ports import Summarizer
from digest.store.editions import Editions
from digest.store.stories import Stories
from digest.summarize.tally import tell_methods

log = logging.getLogger(__name__)

DEFAULT_SECTION = "News"
BEYOND_AGE = timedelta(days=1)
"""Stories that became too old within this time are still looked at, and told as left out."""
PRINTED_FOR = timedelta(days=60)
"""How far back a follow-up is compared with the text that ran; a story itself is never run twice."""


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
    parts: Parts, *, day: date, on_blurb: Callable[[int, int], None] = lambda done, total: None
) -> Drafted:
    """Make or refresh the draft of a date, keeping the editor's changes.

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
    sources = parts.config.sources_of(settings)
    choice = choose(
        _candidates(
            sources, parts.stores.stories, since=now - timedelta(hours=settings.max_age_hours) - BEYOND_AGE
        ),
        now=now,
        max_stories=settings.max_stories,
        max_age_hours=settings.max_age_hours,
        printed=[
            one for one in editions.printed(name.newsletter, texts_since=day - PRINTED_FOR) if one.date != day
        ],
        sections=list(dict.fromkeys(source.section for source in sources if source.section)),
    )
    if previous is None and len(choice.ranked) < settings.min_stories:
        return Drafted(edition=None, left_out=choice.left_out, found=len(choice.ranked))
    known = [item.blurb for item in previous.drafted] if previous is not None else []
    blurbs = _blurbs(choice.ranked, parts.make_summarizer(), settings.blurb_words, on_blurb, known)
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
    if settings.approval == "auto":
        edition = replace(approve(edition), revision=edition.revision)
    editions.save(edition, what="drafted", now=now)
    return Drafted(edition=edition, left_out=edition.left_out, found=len(choice.ranked), told=told)


def change(editions: Editions, name: EditionName, edits: Sequence[Edit], *, now: datetime) -> Edition:
    """Apply the editor's changes, all or none, and save them as one revision.

    Raises EditionError for a change that the edition does not allow.
    """
    before = editions.get(name)
    edition = before
    for edit in edits:
        edition = apply_edit(edition, edit)
    if edition is before:
        return before
    edition = replace(edition, revision=before.revision + 1)
    editions.save(edition, what=", ".join(str(edit.kind) for edit in edits), now=now)
    return edition


def approve_edition(editions: Editions, name: EditionName, *, now: datetime) -> Edition:
    """Approve an edition; twice is the same as once."""
    before = editions.get(name)
    edition = approve(before)
    if edition is not before:
        editions.save(edition, what="approved", now=now)
    return edition


def _candidates(sources: Sequence[SourceSettings], stories: Stories, *, since: datetime) -> list[Candidate]:
    known = {source.name: source for source in sources}
    return [
        Candidate(
            story=kept.story,
            seen_at=kept.seen_at,
            weight=known[kept.source].weight,
            section=known[kept.source].section or kept.story.section or DEFAULT_SECTION,
            is_hand_picked=kept.is_hand_picked,
        )
        for kept in stories.of_sources(list(known), since=since)
    ]


def _blurbs(
    ranked: Sequence[Ranked],
    summarizer: Summarizer,
    words: int,
    on_blurb: Callable[[int, int], None],
    known: Sequence[Blurb],
) -> dict[StoryId, Blurb]:
    blurbs: dict[StoryId, Blurb] = {}
    stories = [one.story for one in ranked]
    for done, blurb in enumerate(summarizer.summarize_all(stories, words=words, known=known), start=1):
        blurbs[blurb.story_id] = blurb
        on_blurb(done, len(ranked))
    return blurbs
