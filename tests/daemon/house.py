"""A store, a clock and daemons for tests of the daemon."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from sqlalchemy import Engine

from digest.daemon import Daemon, Plan
from digest.errors import ConfigError
from digest.model import DeliveryState, EditionName, Phase, RunState
from digest.pipeline.marking import is_restored
from digest.process import process_name
from digest.sent_marks import SentMarks
from digest.store.editions import Editions
from digest.store.leases import Lease
from digest.store.mailing import Mailing
from digest.store.runs import Runs
from digest.timetable import Timing

DAY = date(2026, 11, 24)
HOUR = datetime(2026, 11, 24, 6, 30, tzinfo=UTC)
EDITION = EditionName(newsletter="daily", date=DAY)
TICK = timedelta(seconds=20)


PREPARE = "run daily --date 2026-11-24 --phase prepare"
SEND = "run daily --date 2026-11-24 --phase send"
DRAFT = timedelta(minutes=30)
TIMING = Timing(send_at=time(6, 30), zone="UTC", draft_before=DRAFT)
HANGS = "import time; time.sleep(600)"


class House:
    """A store, a clock and daemons whose children end with the exit code that is set, or hang."""

    def __init__(self, engine: Engine, folder: Path) -> None:
        self.engine = engine
        self.runs = Runs(engine)
        self.editions = Editions(engine)
        self.mailing = Mailing(engine, secret=lambda: b"s" * 32)
        self.marks = SentMarks(folder / "sent")
        self.time = HOUR
        self.exit_code = 0
        self.hangs = False
        self.hours: dict[date, datetime] = {}
        self.started: list[str] = []
        self.told: list[tuple[str, str, str]] = []
        self.children: list[subprocess.Popen[bytes]] = []
        self.plans: list[Plan | ConfigError] = []
        self.beats = 0

    def daemon(
        self,
        *,
        resends_doubts: bool = False,
        asks_about_doubts: bool = False,
        reads_box: bool = False,
        tidies: bool = False,
        owner: str = "",
    ) -> Daemon:
        return Daemon(
            plan=Plan(
                timings=lambda: {"daily": TIMING},
                start=self.start,
                resends_doubts=resends_doubts,
                asks_about_doubts=asks_about_doubts,
                reads_box=reads_box,
                tidies=tidies,
            ),
            runs=self.runs,
            waiting=self.mailing,
            past=self,
            lease=Lease(self.engine, owner=owner or process_name()),
            owner=owner or process_name(),
            now=lambda: self.time,
            tell=self.tell,
            reload=self.reload,
            watch=lambda: self.time.timestamp(),
            beat=self.beat,
        )

    def set_hours(self, newsletter: str, *, since: date) -> dict[date, datetime]:
        return {day: at for day, at in self.hours.items() if day >= since}

    def is_restored(self, name: EditionName) -> bool:
        return is_restored(self.marks, self.editions, self.mailing, name)

    def tell_restored(self, name: EditionName) -> str:
        return f"{name} was sent before"

    def tell(self, newsletter: str, what: str, key: str, text: str) -> None:
        self.told.append((newsletter, what, key))

    def beat(self) -> None:
        self.beats += 1

    def reload(self, is_asked: bool) -> Plan | None:
        if not self.plans:
            return None
        plan = self.plans.pop()
        if isinstance(plan, ConfigError):
            raise plan
        return plan

    def run_is(self, state: RunState, *, phase: Phase, ended: timedelta = timedelta()) -> None:
        """Let the run of the day be in that state, since so long before or after the hour."""
        self.runs.claim("daily", DAY, owner="elsewhere:1", now=HOUR + ended, phase=phase)
        if state is not RunState.RUNNING:
            self.runs.finish("daily", DAY, state, now=HOUR + ended, owner="elsewhere:1")

    def start(self, arguments: Sequence[str]) -> subprocess.Popen[bytes]:
        self.started.append(" ".join(arguments))
        code = HANGS if self.hangs else f"raise SystemExit({self.exit_code})"
        child = subprocess.Popen([sys.executable, "-c", code])
        self.children.append(child)
        return child

    def tick(self, daemon: Daemon, after: timedelta = TICK) -> None:
        """Let the children end, the clock go on, and the daemon tick."""
        for child in self.children:
            if not self.hangs:
                child.wait()
        self.time += after
        daemon.tick()

    def deliver(self, state: DeliveryState) -> None:
        """Leave an edition with one delivery in that state, since now."""
        self.mailing.add("daily", "ada@example.org", consent="asked", now=self.time)
        self.mailing.fill(EDITION, domain="example.org", now=self.time)
        (taken,) = self.mailing.lease(EDITION, owner="me", limit=1, now=self.time, until=self.time)
        self.mailing.record([replace(taken, state=state, doubts=1)], now=self.time)
