"""Choose the stories of an edition and put them in order, each choice with its reasons.

Old stories, those that ran and those with a word to avoid go first. The rest are weighed, a score being the sum
of its reasons, and grouped by event (`merging`); then the best are taken (`taking`). What is taken may turn out not
to be fit to print: then the next best takes its place. Sections stand in the order given, any others by their
best story, and within a section the best story stands first: the edition's lead is the first story of its first
section.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from digest.curate.admission import find_refusal, moment_of, one_each
from digest.curate.duplicates import group_events
from digest.curate.entry import Entry, Held, Wishes, left_out
from digest.curate.history import History
from digest.curate.merging import merge
from digest.curate.outlets import outlets_of
from digest.curate.taking import in_order, take
from digest.curate.tellings import telling_of
from digest.curate.weighing import Weights
from digest.model import Candidate, LeftOut, Printed, Ranked, StoryId

Refuse = Callable[[Sequence[Ranked]], Mapping[StoryId, str]]
"""Told the stories that are about to be taken, each once, it returns those that cannot be printed, with the reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What an edition holds, in reading order, and every story it does not hold, with the reason."""

    ranked: tuple[Ranked, ...]
    left_out: tuple[LeftOut, ...]


def refuse_none(stories: Sequence[Ranked]) -> Mapping[StoryId, str]:
    """Let every story be printed."""
    return {}


def choose(
    candidates: Iterable[Candidate],
    *,
    wishes: Wishes,
    now: datetime,
    printed: Iterable[Printed] = (),
    held: Iterable[Held] = (),
    refuse: Refuse = refuse_none,
) -> Choice:
    """Choose the stories that the wishes ask for, none that ran before, and all that the editor holds.

    Every candidate is either chosen or left out with one reason. The same candidates give the same choice,
    whatever their order. A held story that is no candidate any more takes its place, and is in neither list.
    """
    entries, refused = _admit(one_each(candidates), wishes, now, History(printed), held)
    events = group_events([one.telling for one in entries])
    groups = [_follow_ups([entries[place] for place in event]) for event in events]
    unfit: dict[StoryId, str] = {}
    asked: set[StoryId] = set()
    while True:
        merged = merge(groups, unfit)
        taken, over = take(merged.leads, wishes)
        chosen = in_order([entry for entry in taken if not entry.is_carried], wishes.sections)
        ranked = tuple(map(_ranked, chosen))
        fresh = [one for one in ranked if one.story.id not in asked]
        found = refuse(fresh) if fresh else {}
        if not found:
            return Choice(ranked=ranked, left_out=_sorted([*refused, *merged.left_out, *over]))
        asked |= {one.story.id for one in fresh}
        unfit |= found


def _admit(
    candidates: Sequence[Candidate],
    wishes: Wishes,
    now: datetime,
    history: History,
    held: Iterable[Held],
) -> tuple[list[Entry], list[LeftOut]]:
    """Weigh the candidates that may run; return them, and the others with the reason."""
    by_id = {one.story.id: one for one in held}
    known = {candidate.story.id for candidate in candidates}
    carried = [
        Candidate(story=one.story, seen_at=now) for key, one in sorted(by_id.items()) if key not in known
    ]
    outlets = outlets_of(candidate.story for candidate in (*candidates, *carried))
    weights = Weights(wishes, now)
    entries: list[Entry] = []
    refused: list[LeftOut] = []
    for candidate in (*candidates, *carried):
        story = candidate.story
        hold, outlet = by_id.get(story.id), outlets[story.id]
        moment = moment_of(candidate, now)
        telling = telling_of(story, moment)
        why, more, earlier = find_refusal(candidate, moment, telling, history, now, wishes.max_age_hours)
        why = why or weights.avoided(candidate)
        if why and hold is None:
            refused.append(left_out(story, outlet, why))
            continue
        entry = Entry(
            candidate=candidate,
            telling=telling,
            section=(candidate.section or story.section or "").strip(),
            outlet=outlet,
            earlier=earlier,
            is_carried=story.id not in known,
        )
        entry = entry.because((*weights.reasons(entry), *more))
        entries.append(entry.kept_by(hold) if hold is not None else entry)
    return entries, refused


def _follow_ups(event: Sequence[Entry]) -> list[Entry]:
    """Return the tellings of an event; where one of them follows up what ran, so do all."""
    earlier = next((one.earlier for one in event if one.earlier is not None), None)
    return [replace(one, earlier=one.earlier or earlier) for one in event]


def _sorted(stories: Iterable[LeftOut]) -> tuple[LeftOut, ...]:
    """Return the best first, those that were not weighed last."""
    return tuple(sorted(stories, key=lambda one: (one.score is None, -(one.score or 0.0), one.story_id)))


def _ranked(entry: Entry) -> Ranked:
    return Ranked(
        story=entry.story,
        section=entry.section,
        score=entry.score,
        reasons=entry.reasons,
        also_in=entry.also_in,
        follows=entry.earlier.follows if entry.earlier is not None else None,
        told=entry.earlier.told if entry.earlier is not None else "",
        outlet=entry.outlet.name,
    )
