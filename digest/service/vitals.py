"""Say how the service is: as JSON for what restarts it, as Prometheus' text format 0.0.4 for what draws it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from digest import __version__
from digest.model import DeliveryState, RunState
from digest.store.counting import Counts

STALE_SECONDS = 120.0
"""Longer without a tick, and the daemon hangs: it ticks every 20 seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Vitals:
    """What is known at a moment: the seconds since the last tick, and the store's counts or why there are none."""

    now: datetime
    tick_seconds: float
    is_at_work: bool
    counts: Counts | None
    fault: str = ""

    @property
    def problems(self) -> list[str]:
        """Return why the service should be looked after; a run that failed is told, and no reason to restart."""
        found = []
        if self.tick_seconds > STALE_SECONDS:
            found.append(f"no tick for {self.tick_seconds:.0f} seconds")
        if self.fault:
            found.append(self.fault)
        return found


def health_of(vitals: Vitals) -> dict[str, Any]:
    """Return what `/health` answers."""
    counts = vitals.counts
    return {
        "status": "failing" if vitals.problems else "ok",
        "problems": vitals.problems,
        "version": __version__,
        "at_work": vitals.is_at_work,
        "seconds_since_tick": round(vitals.tick_seconds, 1),
        "last_runs": [
            {
                "newsletter": run.newsletter,
                "date": run.date.isoformat(),
                "state": run.state,
                "phase": run.phase or None,
                "started_at": run.started_at.isoformat(),
                "ended_at": run.ended_at.isoformat() if run.ended_at else None,
            }
            for run in (counts.last_runs if counts else ())
        ],
        "oldest_waiting_seconds": _waiting_seconds(vitals),
    }


def metrics_of(vitals: Vitals) -> str:
    """Return what `/metrics` answers; where the store cannot be read, what is known without it."""
    lines = [
        *_metric("up", "Whether the store can be read.", {"": int(vitals.counts is not None)}),
        *_metric(
            "at_work", "Whether this daemon starts the runs of its store.", {"": int(vitals.is_at_work)}
        ),
        *_metric("tick_age_seconds", "Seconds since the last tick.", {"": round(vitals.tick_seconds, 3)}),
    ]
    if vitals.counts is not None:
        lines += _counted(vitals, vitals.counts)
    return "\n".join(lines) + "\n"


def _counted(vitals: Vitals, counts: Counts) -> Iterable[str]:
    newsletters = sorted({newsletter for newsletter, _ in counts.runs})
    by_run = {
        f'{{newsletter="{_escaped(name)}",state="{state}"}}': counts.runs.get((name, str(state)), 0)
        for name in newsletters
        for state in RunState
    }
    by_delivery = {f'{{state="{state}"}}': counts.deliveries.get(str(state), 0) for state in DeliveryState}
    begun = {
        f'{{newsletter="{_escaped(run.newsletter)}"}}': round(run.started_at.timestamp(), 3)
        for run in counts.last_runs
    }
    waiting = {"": _waiting_seconds(vitals) or 0}
    yield from _metric("runs", "Runs in the store, by how they stand.", by_run)
    yield from _metric("last_run_timestamp_seconds", "When the newest run began.", begun)
    yield from _metric("deliveries", "Deliveries in the store, by how they stand.", by_delivery)
    yield from _metric("oldest_waiting_seconds", "How long the oldest due delivery has waited.", waiting)
    yield from _metric("stories", "Stories in the store.", {"": counts.stories})
    yield from _metric(
        "stories_fetched_last_day", "New stories of the last 24 hours.", {"": counts.stories_last_day}
    )
    yield from _metric("failing_sources", "Sources that failed when last read.", {"": counts.failing_sources})


def _metric(name: str, told: str, values: Mapping[str, float]) -> list[str]:
    """Return the lines of one gauge; values by their labels, in braces."""
    full = f"daily_dose_{name}"
    lines = [f"{full}{labels} {value}" for labels, value in values.items()]
    return [f"# HELP {full} {told}", f"# TYPE {full} gauge", *lines]


def _waiting_seconds(vitals: Vitals) -> float | None:
    if vitals.counts is None or vitals.counts.overdue_since is None:
        return None
    return round(max(0.0, (vitals.now - vitals.counts.overdue_since).total_seconds()), 1)


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
