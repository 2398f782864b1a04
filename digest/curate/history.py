"""Know what a newsletter has run: a story never runs twice, an event only again when there is news of it.

Whether a telling is of an event that ran is told by what the two say, whenever they say it (`RELATED`): the next
day's part of an event is nearly as like it as another outlet's telling. Which of the two it is decides `_news`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta

from digest.curate.likeness import FEATURES, REPRINTED, Profile, Rarity, describe, evidence
from digest.curate.tellings import SHINGLED_WORDS, Telling, make_telling, resemblance
from digest.curate.words import stems_of, words_of
from digest.model import Follows, Printed, Story, StoryId

EDITIONS = 7
"""So many of the latest editions are compared by event; a story itself is remembered for ever."""

RELATED: Mapping[str, float] = {
    "title in text": 3.6,
    "head": 3.5,
    "names and action": 3.7,
    "other places": -0.8,
}
_RELATED = tuple((FEATURES.index(name), weight) for name, weight in RELATED.items())
_RELATED_FROM = 1.8
"""What makes a telling, beside the evidence for one event, one of an event that ran or one that follows it up, and how
much of it does.
"""

COMPARED = 12
LEAST_SHARED = 2
"""With how many a telling is compared at most, and how many words it must have in common with them."""

SAME_TITLE = 0.75
NEWS_SHARE = 0.34
"""Where no text is known, headlines that share SAME_TITLE of the shorter one's words are of one event.
Of a follow-up's text at least NEWS_SHARE is in nothing that ran."""

_FRESH_TITLE, _OTHER_DAY, _SAME_DAY = 3.0, 2.3, -0.7
_LIKENESS, _ALIKE, _SAME_NUMBERS = -0.5, 4.0, -1.7
_LATER, _SOON = 2.0, 0.7
_QUERY_OF_TRACKING = re.compile(r"[?&](?:utm_|fbclid|gclid|mc_).*$|#.*$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """What ran of the same event: the last of it, all of it as text, and whether the new telling goes beyond it."""

    printed: Printed
    told: str
    is_followed_up: bool

    @property
    def follows(self) -> Follows:
        """Return what the reader may be reminded of."""
        return Follows(title=self.printed.title, date=self.printed.date)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ran:
    """One printed story ready to be compared.

    `stems` are those of all that is known of it. From `since` on time has passed; what was told until `until` may
    be in it.
    """

    printed: Printed
    telling: Telling
    profile: Profile
    stems: frozenset[str]
    since: datetime
    until: datetime

    @property
    def has_text(self) -> bool:
        """Say whether more of it is known than its headline."""
        return bool(self.printed.text or self.printed.blurb)


class History:
    """What a newsletter has run, made ready for look-ups."""

    def __init__(self, printed: Iterable[Printed]) -> None:
        entries = sorted(printed, key=lambda one: (one.date, bool(one.blurb), one.story_id))
        self._by_id: dict[StoryId, Printed] = {one.story_id: one for one in entries}
        self._by_address = {_address(one.url): one for one in entries if one.url}
        dates = sorted({one.date for one in entries})[-EDITIONS:]
        recent = [one for one in reversed(entries) if one.date in dates]
        dated = [make_telling(one.title, one.text or one.blurb, _ANY_TIME) for one in recent]
        tellings = [replace(telling, days=()) for telling in dated]
        self._rarity = Rarity(tellings)
        self._days = [telling.days for telling in dated]
        self._recent = [
            _Ran(
                printed=one,
                telling=telling,
                profile=Profile(telling, self._rarity),
                stems=telling.title | frozenset(stems_of(words_of(f"{one.blurb} {_beginning(one.text)}"))),
                since=one.at or datetime.combine(one.date, time(6), tzinfo=UTC),
                until=one.at or datetime.combine(one.date + timedelta(days=1), time(), tzinfo=UTC),
            )
            for one, telling in zip(recent, tellings, strict=True)
        ]
        self._by_stem: dict[str, list[int]] = {}
        for place, ran in enumerate(self._recent):
            for stem in ran.telling.lead:
                self._by_stem.setdefault(stem, []).append(place)

    def find(self, story: Story) -> Printed | None:
        """Return when this very story ran, or None."""
        found = self._by_id.get(story.id)
        if found is None and story.url:
            found = self._by_address.get(_address(story.url))
        return found

    def find_event(self, telling: Telling) -> Earlier | None:
        """Return what ran of the event that is told, or None."""
        likeness = self._likeness(telling)
        if not likeness:
            return None
        places = self._whole_event(likeness)
        event = [self._recent[place] for place in places]
        days = {day for place in places for day in self._days[place]}
        return Earlier(
            printed=event[0].printed,
            told="\n\n".join(filter(None, (part for ran in event for part in _parts(ran.printed)))),
            is_followed_up=_news(telling, event, days, max(likeness.values())) > 0,
        )

    def _likeness(self, telling: Telling) -> dict[int, float]:
        """Return how like the telling is to each of those it is of one event with, by their places."""
        shared = Counter(place for stem in telling.lead for place in self._by_stem.get(stem, ()))
        nearest = sorted(shared.items(), key=lambda entry: (-entry[1], entry[0]))[:COMPARED]
        mine = self._profile(telling)
        found = {}
        for place, count in nearest:
            if count < LEAST_SHARED:
                break
            if self._is_related(mine, place):
                found[place] = self._evidence(mine, place)
        return found

    def _is_related(self, mine: Profile, place: int) -> bool:
        ran = self._recent[place]
        if not ran.has_text:
            return _share_title(mine.telling, ran.telling)
        if resemblance(mine.telling, ran.telling) > REPRINTED:
            return True
        features = describe(mine, ran.profile, self._rarity)
        ratios = sum(features[at] * weight for at, weight in _RELATED)
        return ratios + self._evidence(mine, place) > _RELATED_FROM

    def _profile(self, telling: Telling) -> Profile:
        """Return a new telling among what ran; its names tell too, though nothing that ran has them."""
        rarity = copy(self._rarity)
        rarity.names |= telling.names - telling.plain
        return Profile(_timeless(telling), rarity)

    def _evidence(self, mine: Profile, place: int) -> float:
        return evidence(mine, self._recent[place].profile, self._rarity)

    def _whole_event(self, places: Iterable[int]) -> list[int]:
        """Return the places of all that ran of the event, the latest first: what is found and what is like it."""
        found = set(places)
        for place in tuple(found):
            known = self._recent[place]
            for other, ran in enumerate(self._recent):
                is_near = other not in found and known.telling.lead & ran.telling.title
                if is_near and self._evidence(known.profile, other) > 0:
                    found.add(other)
        return sorted(found)


def _share_title(one: Telling, other: Telling) -> bool:
    shorter = min(len(one.title), len(other.title))
    return shorter >= 3 and len(one.title & other.title) >= SAME_TITLE * shorter


def _news(telling: Telling, event: Sequence[_Ran], days: set[int], likeness: float) -> float:
    """Weigh whether a telling brings news of an event that ran; above 0 it does.

    It must be told later than the last of it was printed, and its headline and its text must say what is nowhere in
    what ran. Another outlet's telling does that too, in its own words: it is more like what ran, gives the same
    numbers, and names the same day. The weights were chosen on tests/data/curate/events.txt, that of time by
    judgement: what is told a day later is rarely the same again.
    """
    told = frozenset().union(*(ran.stems for ran in event))
    fresh = len(telling.title - told)
    if not fresh or telling.moment <= max(ran.until for ran in event):
        return -1.0
    if not any(ran.has_text for ran in event):
        return fresh - max(1.0, NEWS_SHARE * len(telling.title))
    if len(telling.lead - told) < NEWS_SHARE * len(telling.lead):
        return -1.0
    later = (telling.moment - max(ran.since for ran in event)) / timedelta(days=1)
    numbers = frozenset().union(*(ran.telling.numbers for ran in event))
    other_days = set(telling.days) - days
    return (
        _FRESH_TITLE * fresh / len(telling.title)
        + (0.0 if not telling.days or not days else _OTHER_DAY if other_days else _SAME_DAY)
        + _LIKENESS * min(likeness, _ALIKE)
        + _SAME_NUMBERS * min(len(telling.numbers & numbers), 3) / 3
        + _LATER * (min(later, 1.0) - _SOON)
    )


_ANY_TIME = datetime(2000, 1, 1, tzinfo=UTC)


def _timeless(telling: Telling) -> Telling:
    """Leave out when a story is told and on which days it happens."""
    return replace(telling, days=(), moment=_ANY_TIME)


def _parts(printed: Printed) -> tuple[str, str, str]:
    return printed.title, printed.blurb, printed.text


def _beginning(text: str) -> str:
    return text[: 12 * SHINGLED_WORDS]


def _address(url: str) -> str:
    """Reduce an address to what tells it from others, as far as history needs it."""
    return _QUERY_OF_TRACKING.sub("", url.partition("://")[2]).removeprefix("www.").rstrip("/")
