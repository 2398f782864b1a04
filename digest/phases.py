"""Decide which phase of a newsletter's run is to be started now: pure, from what the store knows of that run."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from digest.model import Phase, Run, RunState

CATCH_UP = timedelta(minutes=10)
"""How long fetching and drafting may take that began at the hour or after it."""
RETRY_AFTER = timedelta(minutes=5)
"""How long a failed run is left alone before it is tried again."""
OVER = (RunState.DONE, RunState.MISSED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A run, and whether a process that lives is at it."""

    run: Run
    is_held: bool


def next_phase(
    standing: Standing | None, *, hour: datetime, draft_before: timedelta, now: datetime
) -> Phase | None:
    """Return the phase to start, or None where there is nothing to do now.

    From `draft_before` the hour on, stories are fetched and drafted; at the hour, what is there is sent. A
    preparation that is still at work at its deadline is overruled: its run is for sending then.
    """
    if now < hour - draft_before:
        return None
    if standing is None:
        return Phase.PREPARE
    if standing.run.state in OVER:
        return None
    if now < hour:
        return _before(standing, opens=hour - draft_before, now=now)
    return _after(standing, hour=hour, now=now)


def is_over(standing: Standing, hour: datetime) -> bool:
    """Say whether a run needs nothing: done, missed, or at its hour there was nothing to send or leave to send it."""
    run = standing.run
    if run.state in (RunState.QUIET, RunState.WAITING):
        return run.ended_at is not None and run.ended_at >= hour
    return run.state in OVER


def is_to_be_closed(standing: Standing | None) -> bool:
    """Say whether a run is to be recorded as missed, its hour being long past: nobody is at it, or nobody began."""
    if standing is None:
        return True
    run = standing.run
    if run.state is RunState.RUNNING:
        return not standing.is_held
    return run.state is RunState.PREPARED or (run.state is RunState.FAILED and run.phase is Phase.PREPARE)


def deadline(run: Run, hour: datetime) -> datetime:
    """Return when a preparation is ended: at the hour; one that began late has a few minutes."""
    return max(hour, run.started_at + CATCH_UP)


def _before(standing: Standing, *, opens: datetime, now: datetime) -> Phase | None:
    run = standing.run
    match run.state:
        case RunState.RUNNING if standing.is_held:
            return None
        case RunState.RUNNING:
            return Phase.SEND if run.phase is Phase.SEND else Phase.PREPARE
        case RunState.FAILED:
            return Phase.PREPARE if _has_rested(run, now) else None
        case RunState.QUIET | RunState.WAITING if _ended_before(run, opens):
            return Phase.PREPARE
        case _:
            return None


def _after(standing: Standing, *, hour: datetime, now: datetime) -> Phase | None:
    run = standing.run
    is_preparing = run.phase is Phase.PREPARE
    match run.state:
        case RunState.RUNNING if is_preparing and now >= deadline(run, hour):
            return Phase.SEND
        case RunState.RUNNING if standing.is_held:
            return None
        case RunState.RUNNING:
            return Phase.SEND if run.phase is Phase.SEND else Phase.PREPARE
        case RunState.PREPARED:
            return Phase.SEND
        case RunState.FAILED if is_preparing:
            return Phase.SEND
        case RunState.FAILED:
            return Phase.PREPARE if _has_rested(run, now) else None
        case _:
            return Phase.SEND if _ended_before(run, hour) else None


def _has_rested(run: Run, now: datetime) -> bool:
    return run.ended_at is None or not run.ended_at <= now < run.ended_at + RETRY_AFTER


def _ended_before(run: Run, moment: datetime) -> bool:
    return run.ended_at is not None and run.ended_at < moment
