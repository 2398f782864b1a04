"""The loop that `digest schedule` runs: tick, ask the timetable, start each run in a process of its own.

A run that dies takes only itself along, and the idle daemon stays small. The row of the run in the store
is the lock, so a second daemon, or a person typing `digest run`, does no harm.
"""

from __future__ import annotations

import logging
import subprocess
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from threading import Event
from typing import Protocol

import schedule

from digest.deliver.dispatch import DOUBT_SETTLES
from digest.deliver.doubts import MOST_DOUBTS, RESOLVER_SETTLES
from digest.errors import DigestError
from digest.model import EditionName
from digest.store.runs import Runs
from digest.timetable import LOOK_BACK, Timing, due

log = logging.getLogger(__name__)
TICK_SECONDS = 20
PAUSE = timedelta(minutes=5)
"""How long a newsletter rests after a child that failed: what refused it would refuse the next one as well."""
BOX_EVERY = timedelta(minutes=5)
BOX = "box of bounces"
"""What the child that reads the box is called, where others are called by their newsletter."""
ASK_FIRST = timedelta(minutes=1)
ASK_LAST = timedelta(hours=1)
"""How long an edition's doubts rest before they are asked about again: twice as long each time, up to this."""
FAILED_CODES = frozenset({1, 2})
"""The exit codes of a command that could not do its work, as against one that did it with failures."""


class Waiting(Protocol):
    """What knows of deliveries that may go out now."""

    def due_editions(
        self, *, now: datetime, resend_before: datetime | None = None, most_doubts: int = ...
    ) -> Sequence[EditionName]:
        """Return the editions with deliveries whose time has come, doubts since `resend_before` among them."""

    def doubtful_editions(self, *, now: datetime, before: datetime) -> Sequence[EditionName]:
        """Return the editions with deliveries in doubt since `before` or longer."""


class Daemon:
    """Start every newsletter's run at its hour, and late deliveries when their time has come."""

    def __init__(
        self,
        *,
        timings: Mapping[str, Timing],
        runs: Runs,
        waiting: Waiting,
        start: Callable[[Sequence[str]], subprocess.Popen[bytes]],
        owner: str,
        now: Callable[[], datetime],
        resends_doubts: bool = False,
        asks_about_doubts: bool = False,
        reads_box: bool = False,
    ) -> None:
        self._timings = timings
        self._runs = runs
        self._waiting = waiting
        self._start = start
        self._owner = owner
        self._now = now
        self._resends_doubts = resends_doubts
        self._asks_about_doubts = asks_about_doubts
        self._reads_box = reads_box
        self._box_at: datetime | None = None
        self._children: dict[str, subprocess.Popen[bytes]] = {}
        self._paused_until: dict[str, datetime] = {}
        self._asked: dict[EditionName, tuple[datetime, timedelta]] = {}

    def run(self, stop: Event) -> None:
        """Tick until told to stop, then wait for the runs that are under way."""
        scheduler = schedule.Scheduler()
        scheduler.every(TICK_SECONDS).seconds.do(self._safe_tick)
        scheduler.run_all()
        while not stop.wait(max(0.0, scheduler.idle_seconds or 0.0)):
            scheduler.run_pending()
        for newsletter, child in self._children.items():
            log.info("waiting for a run to end newsletter=%s", newsletter)
            child.wait()

    def tick(self) -> None:
        """Reap what ended, record what is too late, start what is due."""
        now = self._now()
        self._reap(now)
        for newsletter, timing in self._timings.items():
            since = (now - 2 * LOOK_BACK).date()
            settled = self._runs.settled_dates(newsletter, since=since, owner=self._owner, now=now)
            for one in due(timing, settled, now):
                if one.is_too_late:
                    self._miss(newsletter, one.date, now)
                else:
                    self._begin(newsletter, ["run", newsletter, "--date", one.date.isoformat()], now)
        before = now - DOUBT_SETTLES if self._resends_doubts else None
        for edition in self._waiting.due_editions(now=now, resend_before=before, most_doubts=MOST_DOUBTS):
            self._send(edition, now)
        if self._asks_about_doubts:
            self._ask_about_doubts(now)
        if self._reads_box and (self._box_at is None or not self._box_at <= now < self._box_at + BOX_EVERY):
            self._box_at = now
            self._begin(BOX, ["bounces"], now)

    def _send(self, edition: EditionName, now: datetime) -> bool:
        return self._begin(edition.newsletter, ["send", str(edition), "--wait-seconds", "0"], now)

    def _ask_about_doubts(self, now: datetime) -> None:
        """Start a send for what only the mail server's log can settle; ever more rarely where it cannot."""
        found = self._waiting.doubtful_editions(now=now, before=now - RESOLVER_SETTLES)
        self._asked = {edition: self._asked[edition] for edition in found if edition in self._asked}
        for edition in found:
            asked_at, pause = self._asked.get(edition, (None, ASK_FIRST))
            if asked_at is not None and asked_at <= now < asked_at + pause:
                continue
            if self._send(edition, now):
                self._asked[edition] = (now, ASK_FIRST if asked_at is None else min(pause * 2, ASK_LAST))

    def _miss(self, newsletter: str, day: date, now: datetime) -> None:
        note = "the hour passed while nothing ran"
        if self._runs.mark_missed(newsletter, day, now=now, note=note):
            log.warning("run missed newsletter=%s date=%s", newsletter, day.isoformat())

    def _reap(self, now: datetime) -> None:
        """Let go of the children that ended; after one that failed, its newsletter rests a while."""
        for newsletter, child in list(self._children.items()):
            code = child.poll()
            if code is None:
                continue
            del self._children[newsletter]
            if code in FAILED_CODES:
                self._paused_until[newsletter] = now + PAUSE
                log.warning(
                    "run failed newsletter=%s exit_code=%d pause_minutes=%d",
                    newsletter,
                    code,
                    PAUSE.seconds // 60,
                )

    def _begin(self, newsletter: str, arguments: Sequence[str], now: datetime) -> bool:
        if newsletter in self._children or now < self._paused_until.get(newsletter, now):
            return False
        log.info("starting newsletter=%s command='%s'", newsletter, " ".join(arguments))
        self._children[newsletter] = self._start(arguments)
        return True

    def _safe_tick(self) -> None:
        """Tick; a store that is away for a moment must not end the daemon."""
        try:
            self.tick()
        except DigestError as exc:
            log.error("tick failed: %s", exc)
        except Exception:  # the worker loop: a defect is logged, and tomorrow's run still happens
            log.exception("tick failed")
