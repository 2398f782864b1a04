"""What a newsletter asks for, what its editor holds, and a candidate that may be chosen."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from digest.curate.history import Earlier
from digest.curate.outlets import Outlet
from digest.curate.tellings import Telling
from digest.model import AlsoIn, Candidate, LeftOut, Reason, Story


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What a newsletter asks of its editions.

    `sections` are in reading order; `section_limits` say how many stories a section holds at most. `keywords`
    are words and phrases that a story is the more worth for, `avoid` those that keep it out.
    """

    max_stories: int
    max_age_hours: float
    sections: Sequence[str] = ()
    section_limits: Mapping[str, int] = field(default_factory=dict)
    keywords: Sequence[str] = ()
    avoid: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A story that the editor touched in the draft before: it stays in, or, dropped, out.

    `story` is what the draft knows of it, `section` where it stands there, `why` a phrase for the editor.
    """

    story: Story
    why: str
    section: str = ""
    is_dropped: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A candidate that may still be chosen; `earlier` is what ran of its event, where it follows that up.

    `held` says what the editor did with it, empty where nobody did; `moved_to` is the section where it stands
    since. One that `is_carried` is no candidate any more and only takes its place.
    """

    candidate: Candidate
    telling: Telling
    section: str
    outlet: Outlet
    reasons: tuple[Reason, ...] = ()
    also_in: tuple[AlsoIn, ...] = ()
    earlier: Earlier | None = None
    held: str = ""
    moved_to: str = ""
    is_dropped: bool = False
    is_carried: bool = False

    @property
    def counted_in(self) -> str:
        """Return the section that it takes a place of, as sections are compared."""
        return (self.moved_to or self.section).casefold()

    @property
    def score(self) -> float:
        """Return the sum of its reasons, exact to the two decimals that each of them has."""
        return round(math.fsum(reason.value for reason in self.reasons), 2)

    @property
    def story(self) -> Story:
        """Return the candidate's story."""
        return self.candidate.story

    @property
    def order(self) -> tuple[float, float, str]:
        """Return what sorts entries: the best first, of equals the newest."""
        return -self.score, -self.telling.moment.timestamp(), self.story.id

    def because(self, reasons: Iterable[Reason]) -> Entry:
        """Return it with more reasons."""
        return replace(self, reasons=(*self.reasons, *reasons))

    def kept_by(self, hold: Held) -> Entry:
        """Return it as the editor holds it."""
        if hold.is_dropped:
            return replace(self, is_dropped=True)
        held = replace(self, held=hold.why, moved_to=hold.section)
        return held.because([make_reason("pinned", 0.0, f"{hold.why} by the editor")])

    def left_out(self, why: str, score: float | None = None) -> LeftOut:
        """Say why it is not in the edition."""
        return left_out(self.story, self.outlet, why, self.score if score is None else score)


def left_out(story: Story, outlet: Outlet, why: str, score: float | None = None) -> LeftOut:
    """Say why a story is not in the edition; one that was not weighed has no score."""
    return LeftOut(story_id=story.id, title=story.title, site=outlet.name, why=why, score=score)


def make_reason(name: str, value: float, detail: str) -> Reason:
    """Return a part of a score, to two decimals: what is shown is what is summed."""
    return Reason(name=name, value=round(value, 2) + 0.0, detail=detail)
