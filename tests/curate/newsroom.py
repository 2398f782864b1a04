"""Make stories of invented outlets, and choose among them."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from digest.curate.entry import Wishes
from digest.curate.rank import Choice, choose
from digest.model import Candidate, Story, StoryId

NOW = datetime(2026, 11, 24, 6, 30, tzinfo=UTC)


def filler(seed: str, words: int = 120) -> str:
    """Make text that no other seed shares."""
    dice = random.Random(seed)
    made = [
        "".join(dice.choices(("ka", "lo", "mi", "ren", "tus", "vo", "da", "pel"), k=3)) for _ in range(words)
    ]
    return " ".join(made).capitalize() + "."


TOPICS = (
    "Otter census finds record numbers in the Lenn",
    "Glassworks at Harrow Mill to reopen in spring",
    "Violinist Petra Sandoval wins the Ostrava prize",
    "Night ferries return to Port Callow after repairs",
    "School kitchens switch to oats as wheat runs short",
    "Astronomers name comet after a retired postman",
    "Chess club of Dunmere loses its tower to woodworm",
    "Rare orchid halts the bypass at Quill Heath",
    "Bakers of Toll Street strike over oven hours",
    "Lighthouse keeper's diary sells for a fortune",
)


def story(
    key: str, title: str, *, hours: float | None = 2.0, site: str = "Gazette", text: str = "", **more: Any
) -> Story:
    return Story(
        id=StoryId(key),
        source=site.lower(),
        title=title,
        text=text or f"{title}, it was said. {title} was confirmed on the day. {filler(key)}",
        url=f"https://{site.lower()}.example/{key}",
        published_at=None if hours is None else NOW - timedelta(hours=hours),
        site=site,
        **more,
    )


def candidate(one: Story, **more: Any) -> Candidate:
    return Candidate(story=one, seen_at=more.pop("seen_at", NOW - timedelta(hours=1)), **more)


def pick(candidates: Sequence[Candidate], **more: Any) -> Choice:
    apart = {key: more.pop(key) for key in ("printed", "held", "refuse") if key in more}
    return choose(
        candidates, wishes=Wishes(**{"max_stories": 12, "max_age_hours": 36} | more), now=NOW, **apart
    )
