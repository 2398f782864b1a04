"""Say how a newsletter stands: its next run, its last runs, and what waits for the editor."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from digest.config import NewsletterSettings
from digest.model import EditionName, EditionState, Halt, Run, RunState
from digest.pipeline.reader_hours import timing_now
from digest.store.editions import EditionEntry, Editions
from digest.store.mailing import Mailing
from digest.store.runs import Runs
from digest.timetable import Due, next_run

RUNS_TOLD = 7
HALTS_TOLD = 2
"""Of how many of them it is told whether their sends were paused or stopped."""
BROKEN_OFF = "broken off"
TAKEN_UP = "the process ended in the middle; the next start takes it up"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunStatus:
    """A run, and what to call its state: one whose process died runs no more, whatever its row says.

    `ahead` counts the readers whose own hour is still to come.
    """

    run: Run
    state: str
    note: str
    ahead: int = 0

    def record(self) -> dict[str, Any]:
        """Return it as JSON holds it."""
        run = self.run
        return {
            "date": run.date.isoformat(),
            "state": self.state,
            "phase": str(run.phase) or "whole",
            "started_at": run.started_at.isoformat(),
            "ended_at": run.ended_at.isoformat() if run.ended_at else None,
            "note": self.note,
            "readers_ahead": self.ahead,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class NewsletterStatus:
    """How one newsletter stands. `waiting` are the drafts that nobody has approved.

    `in_doubt` are the editions with deliveries that only a person can settle, `halted` those that were paused or
    stopped. `zone` is what the configuration says, `subscriber` included; `clock` is the zone that moments are told in.
    """

    newsletter: str
    zone: str
    clock: ZoneInfo
    next: Due
    drafted_at: datetime
    last_runs: tuple[RunStatus, ...]
    waiting: tuple[EditionEntry, ...]
    in_doubt: tuple[EditionName, ...] = ()
    halted: tuple[tuple[EditionName, Halt], ...] = ()

    @property
    def next_at(self) -> datetime:
        """Return when the next run sends."""
        return self.next.at

    def record(self) -> dict[str, Any]:
        """Return it as JSON holds it."""
        return {
            "newsletter": self.newsletter,
            "zone": self.zone,
            "next_run": self.next.at.astimezone(self.clock).isoformat(),
            "next_date": self.next.date.isoformat(),
            "next_draft": self.drafted_at.astimezone(self.clock).isoformat(),
            "last_runs": [one.record() for one in self.last_runs],
            "waiting": [str(entry.name) for entry in self.waiting],
            "in_doubt": [str(name) for name in self.in_doubt],
            "halted": {str(name): str(halt) for name, halt in self.halted},
        }

    def sentences(self) -> list[str]:
        """Return it as lines for a person, the runs as a table."""
        lines = [f"{self.newsletter}: next run {self._when()}"]
        rows = [self._row(one) for one in self.last_runs]
        widths = [max(len(row[column]) for row in rows) for column in range(4)] if rows else []
        lines += ["  " + "  ".join([*map(str.ljust, row, widths), row[-1]]).rstrip() for row in rows]
        lines += [f"  {entry.name} waits for approval: digest approve {entry.name}" for entry in self.waiting]
        lines += [
            f"  {name} has deliveries in doubt: digest outbox list {name} --state doubt"
            for name in self.in_doubt
        ]
        lines += [f"  {name} is {halt}: digest outbox resume {name}" for name, halt in self.halted]
        return lines

    def _when(self) -> str:
        at, drafted_at = self.next.at.astimezone(self.clock), self.drafted_at.astimezone(self.clock)
        told = f"{at:%a %Y-%m-%d %H:%M} {self.clock.key}"
        if self.zone != self.clock.key:
            told += f" for the first readers of {self.next.date}; each gets it at that hour where they are"
        if drafted_at < at:
            is_near = drafted_at.date() == at.date()
            told += f" (draft at {drafted_at:{'%H:%M' if is_near else '%a %H:%M'}})"
        return told

    def _row(self, one: RunStatus) -> tuple[str, str, str, str, str]:
        run = one.run
        started = run.started_at.astimezone(self.clock)
        ended = run.ended_at.astimezone(self.clock) if run.ended_at else None
        span = f"{started:%H:%M}-{ended:%H:%M}" if ended else f"{started:%H:%M}-"
        note = f"{one.note} {one.ahead} still to come, at the hour where they are." if one.ahead else one.note
        return run.date.isoformat(), one.state, str(run.phase) or "whole", span, note


def newsletter_status(
    name: str,
    settings: NewsletterSettings,
    *,
    editions: Editions,
    runs: Runs,
    mailing: Mailing,
    now: datetime,
) -> NewsletterStatus:
    """Gather how a newsletter stands."""
    last = runs.latest(name, limit=RUNS_TOLD)
    oldest = min((run.date for run in last), default=now.date())
    standings = runs.standings(name, since=oldest, owner="", now=now)
    held = {day for day, standing in standings.items() if standing.is_held}
    over = {run.date for run in last if run.state in (RunState.DONE, RunState.MISSED)}
    timing = timing_now(settings, name, mailing)
    latest = [EditionName(newsletter=name, date=run.date) for run in last[:HALTS_TOLD]]
    halts = [(edition, mailing.find_halt(edition)) for edition in latest]
    coming = next_run(timing, over, now, moved=editions.set_hours(name, since=oldest - timedelta(days=1)))
    return NewsletterStatus(
        newsletter=name,
        zone=settings.timezone,
        clock=ZoneInfo(settings.zone),
        next=coming,
        drafted_at=coming.at - timing.draft_before,
        last_runs=tuple(
            _told(run, is_held=run.date in held, ahead=_ahead(mailing, run, now)) for run in last
        ),
        waiting=tuple(
            entry for entry in editions.entries(name, limit=7) if entry.state is EditionState.DRAFT
        ),
        in_doubt=tuple(
            one for one in mailing.doubtful_editions(now=now, before=now) if one.newsletter == name
        ),
        halted=tuple((edition, halt) for edition, halt in halts if halt is not None),
    )


def _told(run: Run, *, is_held: bool, ahead: int) -> RunStatus:
    """Say what a run's state is called; of one under way, `is_held` says whether its process lives."""
    if run.state is RunState.RUNNING and not is_held:
        return RunStatus(run=run, state=BROKEN_OFF, note=TAKEN_UP, ahead=ahead)
    return RunStatus(run=run, state=str(run.state), note=run.note, ahead=ahead)


def _ahead(mailing: Mailing, run: Run, now: datetime) -> int:
    return mailing.hours_ahead(EditionName(newsletter=run.newsletter, date=run.date), now=now)[0]
