"""Say how a newsletter stands: its next run, its last runs, and what waits for the editor."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from digest.config import NewsletterSettings
from digest.model import EditionState, Run
from digest.store.editions import EditionEntry, Editions
from digest.store.runs import Runs
from digest.timetable import Timing, next_run


@dataclass(frozen=True, slots=True, kw_only=True)
class NewsletterStatus:
    """How one newsletter stands. `waiting` are the drafts that nobody has approved."""

    newsletter: str
    zone: str
    next_at: datetime
    last_runs: tuple[Run, ...]
    waiting: tuple[EditionEntry, ...]

    def record(self) -> dict[str, Any]:
        """Return it as JSON holds it."""
        return {
            "newsletter": self.newsletter,
            "next_run": self.next_at.astimezone(ZoneInfo(self.zone)).isoformat(),
            "last_runs": [
                {
                    "date": run.date.isoformat(),
                    "state": str(run.state),
                    "started_at": run.started_at.isoformat(),
                    "ended_at": run.ended_at.isoformat() if run.ended_at else None,
                    "note": run.note,
                }
                for run in self.last_runs
            ],
            "waiting": [str(entry.name) for entry in self.waiting],
        }

    def sentences(self) -> list[str]:
        """Return it as lines for a person."""
        at = self.next_at.astimezone(ZoneInfo(self.zone))
        lines = [f"{self.newsletter}: next run {at:%a %Y-%m-%d %H:%M} {self.zone}"]
        lines += [f"  {run.date}  {run.state}  {run.note}".rstrip() for run in self.last_runs]
        lines += [f"  {entry.name} waits for approval: digest approve {entry.name}" for entry in self.waiting]
        return lines


def timing_of(settings: NewsletterSettings) -> Timing:
    """Return a newsletter's hour as the timetable takes it."""
    return Timing(
        send_at=time.fromisoformat(settings.send_at),
        zone=settings.timezone,
        days=settings.days,
        too_late=timedelta(hours=settings.too_late_hours),
    )


def newsletter_status(
    name: str, settings: NewsletterSettings, *, editions: Editions, runs: Runs, now: datetime
) -> NewsletterStatus:
    """Gather how a newsletter stands."""
    last = runs.latest(name)
    entries = editions.entries(name, limit=7)
    return NewsletterStatus(
        newsletter=name,
        zone=settings.timezone,
        next_at=next_run(timing_of(settings), {run.date for run in last}, now).at,
        last_runs=tuple(last),
        waiting=tuple(entry for entry in entries if entry.state is EditionState.DRAFT),
    )
