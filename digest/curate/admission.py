"""Say which candidates may run at all: each story once, young enough, and not what ran before."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from digest.curate.history import Earlier, History
from digest.curate.tellings import Telling
from digest.model import Candidate, Reason, StoryId

FUTURE_ALLOWED = timedelta(hours=1)
"""A story dated later than this from now has a wrong date; its age counts from when it was seen."""


def one_each(candidates: Iterable[Candidate]) -> list[Candidate]:
    """Keep one candidate a story: the heaviest source's, then the earliest seen."""
    best: dict[StoryId, Candidate] = {}
    for candidate in candidates:
        other = best.get(candidate.story.id)
        if other is None or _precedence(candidate) < _precedence(other):
            best[candidate.story.id] = candidate
    return [best[story_id] for story_id in sorted(best)]


def _precedence(candidate: Candidate) -> tuple[float, datetime, str, str]:
    return (-candidate.weight, candidate.seen_at, candidate.story.source, candidate.section)


def moment_of(candidate: Candidate, now: datetime) -> datetime:
    """Return when the story counts from."""
    published = candidate.story.published_at
    if published is None or published.tzinfo is None or published > now + FUTURE_ALLOWED:
        return candidate.seen_at
    return candidate.seen_at if candidate.is_hand_picked else published


def find_refusal(
    candidate: Candidate,
    moment: datetime,
    telling: Telling,
    history: History,
    now: datetime,
    max_age_hours: float,
) -> tuple[str, tuple[Reason, ...], Earlier | None]:
    """Return why a story may not run (empty: it may), the reasons that its past adds, and what it follows up."""
    story = candidate.story
    if not story.title.strip():
        return "it has no headline", (), None
    ran = history.find(story)
    if ran is not None:
        return f"already ran {ran.date.isoformat()}", (), None
    if now - moment > timedelta(hours=max_age_hours):
        return f"older than {max_age_hours:g} hours", (), None
    earlier = history.find_event(telling)
    if earlier is None:
        return "", (), None
    if not earlier.is_followed_up:
        return (
            f"the same event already ran {earlier.printed.date.isoformat()}: “{earlier.printed.title}”",
            (),
            None,
        )
    detail = f"follows up “{earlier.printed.title}” of {earlier.printed.date.isoformat()}"
    return "", (Reason(name="follow-up", value=-0.3, detail=detail),), earlier
