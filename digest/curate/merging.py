"""Let one telling of each event stand for it, and name the outlets that tell it too.

The fullest telling leads, of those that can be printed; one that the editor pinned, moved or rewrote leads whatever
else there is, and an event that the editor dropped is out with all its tellings.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from digest.curate.entry import Entry, make_reason
from digest.curate.outlets import Outlet
from digest.curate.weighing import FULL_LENGTH_WORDS, count_words, has_picture
from digest.model import AlsoIn, LeftOut, StoryId

A_PICTURE = 0.3
A_WEIGHT = 0.5
"""What a picture, and a source's weight of 1, count for beside a full-length text."""


@dataclass(slots=True)
class Merged:
    """The tellings that stand for their events, and the others with the reason."""

    leads: list[Entry] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)


def merge(events: Iterable[Sequence[Entry]], unfit: Mapping[StoryId, str]) -> Merged:
    """Choose who leads each event. What is `unfit` does not lead, and is left out for the reason given."""
    merged = Merged()
    for tellings in events:
        if len(tellings) == 1 and not tellings[0].is_dropped and tellings[0].story.id not in unfit:
            merged.leads.append(tellings[0])
        else:
            _merge(tellings, unfit, merged)
    return merged


def _merge(tellings: Sequence[Entry], unfit: Mapping[StoryId, str], merged: Merged) -> None:
    fullest = sorted(tellings, key=_fullness)
    held = [one for one in fullest if one.held]
    dropped = [one for one in fullest if one.is_dropped]
    others = [one for one in fullest if not one.held and not one.is_dropped]
    fit = [one for one in others if one.story.id not in unfit]
    leads = held or ([] if dropped else fit[:1])
    if leads:
        merged.leads.append(_naming(leads[0], [one for one in others if one is not leads[0]]))
    merged.leads += leads[1:]
    merged.left_out += [one.left_out("dropped by the editor") for one in dropped if not one.is_carried]
    for one in others:
        if one.story.id in unfit:
            merged.left_out.append(one.left_out(unfit[one.story.id]))
        elif not leads or one is not leads[0]:
            merged.left_out.append(one.left_out(_why(one, (leads or dropped)[0])))


def _fullness(entry: Entry) -> tuple[float, float, str]:
    text, picture, weight = _parts(entry)
    return -round(text + picture + weight, 4), entry.telling.moment.timestamp(), entry.story.id


def _parts(entry: Entry) -> tuple[float, float, float]:
    text = min(count_words(entry.story.text), FULL_LENGTH_WORDS) / FULL_LENGTH_WORDS
    return text, A_PICTURE * has_picture(entry.story), A_WEIGHT * entry.candidate.weight


def _why(other: Entry, lead: Entry) -> str:
    event = f"the same event as “{lead.story.title}” ({lead.outlet.name})"
    return f"{event}, which {_advantage(lead, other)}"


def _advantage(lead: Entry, other: Entry) -> str:
    """Say what most of all lets one telling lead before another."""
    if lead.held or lead.is_dropped:
        return f"was {lead.held or 'dropped'} by the editor"
    theirs = zip(_parts(lead), _parts(other), strict=True)
    text, picture, weight = (one - another for one, another in theirs)
    if max(text, picture, weight) <= 0:
        return "was told first"
    if weight == max(text, picture, weight):
        return f"has a source of more weight: {lead.candidate.weight:g} to {other.candidate.weight:g}"
    if text >= picture:
        return f"is fuller: {count_words(lead.story.text)} words to {count_words(other.story.text)}"
    return "has a picture"


def _naming(lead: Entry, others: Sequence[Entry]) -> Entry:
    """Return a lead that names the other outlets of its event, the heaviest first, each once."""
    named: list[tuple[Outlet, AlsoIn]] = []
    for other in sorted(others, key=_heaviest):
        story, outlet = other.story, other.outlet
        if outlet.is_also(lead.outlet) or any(outlet.is_also(one) for one, _ in named):
            continue
        named.append((outlet, AlsoIn(story_id=story.id, site=outlet.name, title=story.title, url=story.url)))
    if not named:
        return lead
    count = len(named) + 1
    detail = f"told by {count} outlets; this one {_advantage(lead, min(others, key=_fullness))}"
    reason = make_reason("told by", math.log2(count), detail)
    return replace(lead.because([reason]), also_in=tuple(also for _, also in named))


def _heaviest(entry: Entry) -> tuple[float, float, str]:
    return -entry.candidate.weight, entry.telling.moment.timestamp(), entry.story.id
