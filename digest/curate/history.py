"""Know what a newsletter has run: a story never runs twice, an event only again when there is news of it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, time

from digest.curate.duplicates import same_event
from digest.curate.likeness import Rarity
from digest.curate.tellings import Telling, make_telling
from digest.model import Printed, Story, StoryId

EDITIONS = 7
"""So many of the latest editions are compared by event; a story itself is remembered for ever."""

SAME_TITLE = 0.75
NEWS_SHARE = 0.34
_QUERY_OF_TRACKING = re.compile(r"[?&](?:utm_|fbclid|gclid|mc_).*$|#.*$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """What ran of the same event, and whether the new telling goes beyond it."""

    printed: Printed
    is_followed_up: bool


class History:
    """What a newsletter has run, made ready for look-ups."""

    def __init__(self, printed: Iterable[Printed]) -> None:
        entries = sorted(printed, key=lambda one: (one.date, one.story_id))
        self._by_id: dict[StoryId, Printed] = {one.story_id: one for one in entries}
        self._by_address = {_address(one.url): one for one in entries if one.url}
        dates = sorted({one.date for one in entries})[-EDITIONS:]
        recent = [one for one in reversed(entries) if one.date in dates]
        self._recent = [(one, _telling(one)) for one in recent]
        self._rarity = Rarity([telling for _, telling in self._recent])
        self._by_stem: dict[str, set[int]] = {}
        for place, (_, telling) in enumerate(self._recent):
            for stem in telling.title:
                self._by_stem.setdefault(stem, set()).add(place)

    def find(self, story: Story) -> Printed | None:
        """Return when this very story ran, or None."""
        found = self._by_id.get(story.id)
        if found is None and story.url:
            found = self._by_address.get(_address(story.url))
        return found

    def find_event(self, telling: Telling) -> Earlier | None:
        """Return what ran of the event that is told, the latest first, or None."""
        shared: dict[int, int] = {}
        for stem in telling.title:
            for place in self._by_stem.get(stem, ()):
                shared[place] = shared.get(place, 0) + 1
        for place in sorted(shared):
            if shared[place] < 2:
                continue
            printed, earlier = self._recent[place]
            if _is_same(telling, earlier, self._rarity):
                return Earlier(printed=printed, is_followed_up=_has_news(telling, earlier, printed))
        return None


def _is_same(telling: Telling, earlier: Telling, rarity: Rarity) -> bool:
    shorter = min(len(telling.title), len(earlier.title))
    if shorter >= 3 and len(telling.title & earlier.title) >= SAME_TITLE * shorter:
        return True
    return len(earlier.lead) > 2 * len(earlier.title) and same_event(telling, earlier, rarity)


def _has_news(telling: Telling, earlier: Telling, printed: Printed) -> bool:
    """Say whether a telling is of a later day and enough of its headline, and of its text, is new."""
    if telling.moment.date() <= printed.date:
        return False
    fresh = telling.title - earlier.lead
    if len(fresh) < max(2, NEWS_SHARE * len(telling.title)):
        return False
    return not printed.text or len(telling.lead - earlier.lead) >= NEWS_SHARE * len(telling.lead)


def _telling(printed: Printed) -> Telling:
    return make_telling(printed.title, printed.text, datetime.combine(printed.date, time(6), tzinfo=UTC))


def _address(url: str) -> str:
    """Reduce an address to what tells it from others, as far as history needs it."""
    return _QUERY_OF_TRACKING.sub("", url.partition("://")[2]).removeprefix("www.").rstrip("/")
