"""Choose the stories of an edition and put them in order, each choice with its reasons.

Old stories and those that ran go first. The rest are grouped by event; the fullest telling stands for its
event and names the others. A score is the sum of its reasons. Stories are then taken best first, each the
less welcome the more of its outlet and section are in already; no outlet gets more than half an edition that
others could fill. Sections stand in the order given, any others by their best story, and within a section the
best story stands first: the edition's lead is the first story of its first section.
"""

from __future__ import annotations

import heapq
import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from digest.curate.duplicates import group_events
from digest.curate.history import History
from digest.curate.tellings import Telling, telling_of
from digest.model import AlsoIn, Candidate, LeftOut, Printed, Ranked, Reason, Story, StoryId

HALF_LIFE_HOURS = 12
FULL_LENGTH_WORDS = 500
OUTLET_PENALTY = 0.35
SECTION_PENALTY = 0.12
FUTURE_ALLOWED = timedelta(hours=1)
"""A story dated later than this from now has a wrong date; its age counts from when it was seen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What an edition holds, in reading order, and every story it does not hold, with the reason."""

    ranked: tuple[Ranked, ...]
    left_out: tuple[LeftOut, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    """A candidate that may still be chosen."""

    candidate: Candidate
    telling: Telling
    section: str
    outlet: str
    reasons: tuple[Reason, ...] = ()
    also_in: tuple[AlsoIn, ...] = ()

    @property
    def score(self) -> float:
        return math.fsum(reason.value for reason in self.reasons)

    @property
    def story(self) -> Story:
        return self.candidate.story


def choose(
    candidates: Iterable[Candidate],
    *,
    now: datetime,
    max_stories: int,
    max_age_hours: float,
    printed: Iterable[Printed],
    sections: Sequence[str],
    keywords: Sequence[str] = (),
) -> Choice:
    """Choose at most `max_stories` stories, none older than `max_age_hours`, none that ran before.

    The same candidates give the same choice, whatever their order.
    """
    left_out: list[LeftOut] = []
    history = History(printed)
    entries = []
    for candidate in _one_each(candidates):
        moment = _moment(candidate, now)
        telling = telling_of(candidate.story, moment)
        why, reasons = _refusal(candidate, moment, telling, history, now, max_age_hours)
        if why:
            left_out.append(_left_out(candidate.story, why))
            continue
        section = (candidate.section or candidate.story.section or "").strip()
        entry = _Entry(
            candidate=candidate, telling=telling, section=section, outlet=outlet_of(candidate.story)
        )
        entries.append(replace(entry, reasons=(*_reasons(entry, now, keywords), *reasons)))
    leads = _merge(entries, left_out)
    chosen = _take(leads, max_stories)
    held = {entry.story.id for entry in chosen}
    for entry in leads:
        if entry.story.id not in held:
            left_out.append(_left_out(entry.story, f"over the limit of {max_stories}", entry.score))
    left_out.sort(key=lambda entry: (-entry.score, entry.story_id))
    return Choice(ranked=tuple(map(_ranked, _in_order(chosen, sections))), left_out=tuple(left_out))


def outlet_of(story: Story) -> str:
    """Return the name of the outlet that tells a story."""
    return story.site or (urlsplit(story.url or "").hostname or "").removeprefix("www.") or story.source


# --- refusing ------------------------------------------------------------------------------------


def _one_each(candidates: Iterable[Candidate]) -> list[Candidate]:
    """Keep one candidate a story: the heaviest source's, then the earliest seen."""
    best: dict[StoryId, Candidate] = {}
    for candidate in candidates:
        other = best.get(candidate.story.id)
        if other is None or _precedence(candidate) < _precedence(other):
            best[candidate.story.id] = candidate
    return [best[story_id] for story_id in sorted(best)]


def _precedence(candidate: Candidate) -> tuple[float, datetime, str, str]:
    return (-candidate.weight, candidate.seen_at, candidate.story.source, candidate.section)


def _moment(candidate: Candidate, now: datetime) -> datetime:
    """Return when the story counts from."""
    published = candidate.story.published_at
    if published is None or published.tzinfo is None or published > now + FUTURE_ALLOWED:
        return candidate.seen_at
    return candidate.seen_at if candidate.is_hand_picked else published


def _refusal(
    candidate: Candidate,
    moment: datetime,
    telling: Telling,
    history: History,
    now: datetime,
    max_age_hours: float,
) -> tuple[str, tuple[Reason, ...]]:
    """Return why a story may not run, else the reasons that its past adds."""
    story = candidate.story
    if not story.title.strip():
        return "it has no headline", ()
    ran = history.find(story)
    if ran is not None:
        return f"already ran {ran.date.isoformat()}", ()
    if now - moment > timedelta(hours=max_age_hours):
        return f"older than {max_age_hours:g} hours", ()
    earlier = history.find_event(telling)
    if earlier is None:
        return "", ()
    if not earlier.is_followed_up:
        return f"the same event already ran {earlier.printed.date.isoformat()}: “{earlier.printed.title}”", ()
    detail = f"follows up “{earlier.printed.title}” of {earlier.printed.date.isoformat()}"
    return "", (Reason(name="follow-up", value=-0.3, detail=detail),)


def _left_out(story: Story, why: str, score: float = 0.0) -> LeftOut:
    return LeftOut(story_id=story.id, title=story.title, site=outlet_of(story), why=why, score=score)


# --- scoring -------------------------------------------------------------------------------------


def _reasons(entry: _Entry, now: datetime, keywords: Sequence[str]) -> tuple[Reason, ...]:
    candidate, story = entry.candidate, entry.story
    hours = max(0.0, (now - entry.telling.moment).total_seconds() / 3600)
    verb = "picked" if candidate.is_hand_picked else "told"
    reasons = [
        Reason(
            name="freshness", value=2 * 0.5 ** (hours / HALF_LIFE_HOURS), detail=f"{verb} {_ago(hours)} ago"
        ),
        Reason(
            name="source", value=candidate.weight, detail=f"{story.source} has weight {candidate.weight:g}"
        ),
    ]
    words = len(story.text.split())
    length = min(words, FULL_LENGTH_WORDS) / FULL_LENGTH_WORDS if words >= 40 else -0.5
    reasons.append(Reason(name="length", value=length, detail=f"{words} words"))
    if story.lead_image is not None and (story.lead_image.url or story.lead_image.file):
        has_caption = bool(story.lead_image.caption)
        detail = "has a picture with its caption" if has_caption else "has a picture"
        reasons.append(Reason(name="picture", value=0.6 if has_caption else 0.4, detail=detail))
    if candidate.is_hand_picked:
        reasons.append(Reason(name="hand-picked", value=0.5, detail="a person named it"))
    text = f"{story.title} {' '.join(story.tags)} {story.text[:2000]}".casefold()
    found = [word for word in keywords if word.strip() and word.casefold() in text]
    if found:
        reasons.append(
            Reason(name="keywords", value=min(len(found), 3) * 0.5, detail=f"about {', '.join(found)}")
        )
    return tuple(reasons)


def _ago(hours: float) -> str:
    if hours < 1:
        return f"{hours * 60:.0f} minutes"
    return f"{hours:.0f} hours" if hours < 48 else f"{hours / 24:.0f} days"


# --- one event once ------------------------------------------------------------------------------


def _merge(entries: Sequence[_Entry], left_out: list[LeftOut]) -> list[_Entry]:
    """Keep the fullest telling of each event, naming the others; those are left out."""
    leads = []
    for group in group_events([entry.telling for entry in entries]):
        members = sorted((entries[place] for place in group), key=_fullness)
        lead, others = members[0], members[1:]
        for other in others:
            why = f"the same event as “{lead.story.title}” ({lead.outlet})"
            left_out.append(_left_out(other.story, why, other.score))
        leads.append(_with_others(lead, others) if others else lead)
    return leads


def _fullness(entry: _Entry) -> tuple[float, str]:
    words = len(entry.story.text.split())
    full = min(words, FULL_LENGTH_WORDS) / FULL_LENGTH_WORDS + (0.3 if entry.story.lead_image else 0.0)
    return (-(full + 0.5 * entry.candidate.weight), entry.story.id)


def _with_others(lead: _Entry, others: Sequence[_Entry]) -> _Entry:
    outlets: dict[str, AlsoIn] = {}
    for other in others:
        if other.outlet != lead.outlet:
            told = AlsoIn(
                story_id=other.story.id, site=other.outlet, title=other.story.title, url=other.story.url
            )
            outlets.setdefault(other.outlet, told)
    if not outlets:
        return lead
    count = len(outlets) + 1
    reason = Reason(name="told by", value=math.log2(count), detail=f"told by {count} outlets")
    return replace(lead, reasons=(*lead.reasons, reason), also_in=tuple(outlets.values()))


# --- taking and ordering -------------------------------------------------------------------------


def _take(leads: Sequence[_Entry], max_stories: int) -> list[_Entry]:
    """Take the best first, what is alike to those taken counting less."""
    cap = max(1, math.ceil(max_stories / 2))
    outlets: Counter[str] = Counter()
    sections: Counter[str] = Counter()
    heap = [(-entry.score, entry.story.id, place) for place, entry in enumerate(leads)]
    heapq.heapify(heap)
    taken: list[_Entry] = []
    waiting: list[_Entry] = []
    while heap and len(taken) < max_stories:
        promised, story_id, place = heapq.heappop(heap)
        entry = leads[place]
        if outlets[entry.outlet] >= cap:
            waiting.append(entry)
            continue
        penalty = _penalty(entry, outlets, sections)
        worth = -(entry.score - penalty)
        if worth > promised + 1e-9:
            heapq.heappush(heap, (worth, story_id, place))
            continue
        taken.append(_penalised(entry, penalty))
        outlets[entry.outlet] += 1
        sections[entry.section.casefold()] += 1
    for entry in waiting[: max_stories - len(taken)]:
        taken.append(_penalised(entry, _penalty(entry, outlets, sections)))
    return taken


def _penalty(entry: _Entry, outlets: Mapping[str, int], sections: Mapping[str, int]) -> float:
    return OUTLET_PENALTY * outlets.get(entry.outlet, 0) + SECTION_PENALTY * sections.get(
        entry.section.casefold(), 0
    )


def _penalised(entry: _Entry, penalty: float) -> _Entry:
    if not penalty:
        return entry
    reason = Reason(name="variety", value=-penalty, detail=f"after others from {entry.outlet} or its section")
    return replace(entry, reasons=(*entry.reasons, reason))


def _in_order(chosen: Sequence[_Entry], sections: Sequence[str]) -> list[_Entry]:
    """Put sections in order, spelled one way, and in each the best story first."""
    ranked = sorted(chosen, key=lambda entry: (-entry.score, entry.story.id))
    spelled: dict[str, str] = {}
    for section in (*sections, *(entry.section for entry in ranked)):
        spelled.setdefault(section.casefold(), section)
    order = list(spelled)
    alike = [replace(entry, section=spelled[entry.section.casefold()]) for entry in ranked]
    return sorted(alike, key=lambda entry: order.index(entry.section.casefold()))


def _ranked(entry: _Entry) -> Ranked:
    return Ranked(
        story=entry.story,
        section=entry.section,
        score=entry.score,
        reasons=entry.reasons,
        also_in=entry.also_in,
    )
