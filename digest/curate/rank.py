"""Choose the stories of an edition and put them in order, each choice with its reasons.

Old stories and those that ran go first. The rest are grouped by event; the fullest telling stands for its
event and names the others. A score is the sum of its reasons. Stories are then taken best first, each the
less welcome the more of its outlet and section are in already; no outlet gets more than half an edition that
others could fill. Sections stand in the order given, any others by their best story, and within a section the
best story stands first: the edition's lead is the first story of its first section.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from digest.curate.admission import find_refusal, moment_of, one_each
from digest.curate.duplicates import group_events
from digest.curate.entry import Entry, left_out, outlet_of
from digest.curate.history import History
from digest.curate.taking import in_order, take
from digest.curate.tellings import telling_of
from digest.model import AlsoIn, Candidate, LeftOut, Printed, Ranked, Reason

HALF_LIFE_HOURS = 12
FULL_LENGTH_WORDS = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What an edition holds, in reading order, and every story it does not hold, with the reason."""

    ranked: tuple[Ranked, ...]
    left_out: tuple[LeftOut, ...]


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
    refused: list[LeftOut] = []
    history = History(printed)
    entries = []
    for candidate in one_each(candidates):
        moment = moment_of(candidate, now)
        telling = telling_of(candidate.story, moment)
        why, reasons = find_refusal(candidate, moment, telling, history, now, max_age_hours)
        if why:
            refused.append(left_out(candidate.story, why))
            continue
        section = (candidate.section or candidate.story.section or "").strip()
        entry = Entry(
            candidate=candidate, telling=telling, section=section, outlet=outlet_of(candidate.story)
        )
        entries.append(replace(entry, reasons=(*_reasons(entry, now, keywords), *reasons)))
    leads = _merge(entries, refused)
    chosen = take(leads, max_stories)
    held = {entry.story.id for entry in chosen}
    for entry in leads:
        if entry.story.id not in held:
            refused.append(left_out(entry.story, f"over the limit of {max_stories}", entry.score))
    refused.sort(key=lambda entry: (-entry.score, entry.story_id))
    return Choice(ranked=tuple(map(_ranked, in_order(chosen, sections))), left_out=tuple(refused))


# --- scoring -------------------------------------------------------------------------------------


def _reasons(entry: Entry, now: datetime, keywords: Sequence[str]) -> tuple[Reason, ...]:
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


def _merge(entries: Sequence[Entry], refused: list[LeftOut]) -> list[Entry]:
    """Keep the fullest telling of each event, naming the others; those are left out."""
    leads = []
    for group in group_events([entry.telling for entry in entries]):
        members = sorted((entries[place] for place in group), key=_fullness)
        lead, others = members[0], members[1:]
        for other in others:
            why = f"the same event as “{lead.story.title}” ({lead.outlet})"
            refused.append(left_out(other.story, why, other.score))
        leads.append(_with_others(lead, others) if others else lead)
    return leads


def _fullness(entry: Entry) -> tuple[float, str]:
    words = len(entry.story.text.split())
    full = min(words, FULL_LENGTH_WORDS) / FULL_LENGTH_WORDS + (0.3 if entry.story.lead_image else 0.0)
    return (-(full + 0.5 * entry.candidate.weight), entry.story.id)


def _with_others(lead: Entry, others: Sequence[Entry]) -> Entry:
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


def _ranked(entry: Entry) -> Ranked:
    return Ranked(
        story=entry.story,
        section=entry.section,
        score=entry.score,
        reasons=entry.reasons,
        also_in=entry.also_in,
    )
