"""A candidate that may still be chosen, and a story that is not."""

from __future__ import annotations

import math
from dataclasses import dataclass
from urllib.parse import urlsplit

from digest.curate.tellings import Telling
from digest.model import AlsoIn, Candidate, LeftOut, Reason, Story


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A candidate that may still be chosen."""

    candidate: Candidate
    telling: Telling
    section: str
    outlet: str
    reasons: tuple[Reason, ...] = ()
    also_in: tuple[AlsoIn, ...] = ()

    @property
    def score(self) -> float:
        """Return the sum of its reasons."""
        return math.fsum(reason.value for reason in self.reasons)

    @property
    def story(self) -> Story:
        """Return the candidate's story."""
        return self.candidate.story


def outlet_of(story: Story) -> str:
    """Return the name of the outlet that tells a story."""
    return story.site or (urlsplit(story.url or "").hostname or "").removeprefix("www.") or story.source


def left_out(story: Story, why: str, score: float = 0.0) -> LeftOut:
    """Say why a story is not in the edition."""
    return LeftOut(story_id=story.id, title=story.title, site=outlet_of(story), why=why, score=score)
