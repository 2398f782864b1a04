"""The loop that `digest schedule` runs: tick, ask the timetable, start each phase of a run in a process of its own.

A run that dies takes only itself along, and the idle daemon stays small. The row of the run in the store
is the lock, so that a person typing `digest run` does no harm; of several daemons the one that has the store's
lease is at work.
"""

from __future__ import annotations

import logging
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol

import schedule

from digest.children import Children
from digest.deliver.dispatch import DOUBT_SETTLES
from digest.deliver.doubts import MOST_DOUBTS, RESOLVER_SETTLES
from digest.errors import DigestError, StoreError
from digest.model import EditionName, Phase, RunState
from digest.phases import is_over, is_to_be_closed, next_phase
from digest.signals import Signals
from digest.store.leases import Lease
from digest.store.runs import Runs
from digest.timetable import Due, Timing, due, hour_of

log = logging.getLogger(__name__)
TICK_SECONDS = 20
TAKE_OVER_SECONDS = 5
"""How often a daemon that waits for another looks whether it is gone."""
KNOWN = timedelta(days=40)
"""How far back runs are looked at: past the one before, also of a monthly newsletter."""
BOX_EVERY = timedelta(minutes=5)
BOX = "box of bounces"
"""What the child that reads the box is called, where others are called by their newsletter."""
TIDY_EVERY = timedelta(days=1)
TIDY = "the store"
UNTOLD = "untold notices"
ASK_FIRST = timedelta(minutes=1)
ASK_LAST = timedelta(hours=1)
"""How long an edition's doubts rest before they are asked about again: twice as long each time, up to this."""
TELLING = timedelta(minutes=1)
"""How long a preparation whose draft is made may still take to tell of it."""
MISSED = "the hour passed while nothing ran"


class Waiting(Protocol):
    """What knows of deliveries that may go out now."""

    def due_editions(
        self, *, now: datetime, resend_before: datetime | None = None, most_doubts: int = ...
    ) -> Sequence[EditionName]:
        """Return the editions with deliveries whose time has come, doubts since `resend_before` among them."""

    def doubtful_editions(self, *, now: datetime, before: datetime) -> Sequence[EditionName]:
        """Return the editions with deliveries in doubt since `before` or longer."""


class Past(Protocol):
    """What knows of editions: the hours that persons set, and whether a store forgot a send."""

    def set_hours(self, newsletter: str, *, since: date) -> Mapping[date, datetime]:
        """Return the moments that a person set for approved editions."""

    def is_restored(self, name: EditionName) -> bool:
        """Say whether an edition went further than this store knows."""

    def tell_restored(self, name: EditionName) -> str:
        """Say that it is not sent again."""


class Tell(Protocol):
    """What tells a newsletter's editor something once; of a fault of all of them where none is named."""

    def __call__(self, newsletter: str, what: str, key: str, text: str) -> None:
        """Tell it, unless this `what` was told of this `key` before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What the daemon has from the configuration; a new one takes its place when that is read anew."""

    timings: Callable[[], Mapping[str, Timing]]
    start: Callable[[Sequence[str]], subprocess.Popen[bytes]]
    resends_doubts: bool = False
    asks_about_doubts: bool = False
    reads_box: bool = False
    tidies: bool = False


class Daemon:
    """Start every newsletter's phases at their hours, and late deliveries when their time has come.

    `reload` returns a new plan where the configuration changed, or `is_asked` for: None where it is as before.
    `beat` is called at each tick, every `beat_seconds` where that is oftener, and while the last sends are waited
    for. `has_untold` says whether editors are to be told something, which a child does.
    """

    def __init__(
        self,
        *,
        plan: Plan,
        runs: Runs,
        waiting: Waiting,
        past: Past,
        lease: Lease,
        owner: str,
        now: Callable[[], datetime],
        tell: Tell,
        reload: Callable[[bool], Plan | None] = lambda is_asked: None,
        watch: Callable[[], float] = time.monotonic,
        beat: Callable[[], None] = lambda: None,
        beat_seconds: float | None = None,
        has_untold: Callable[[datetime], bool] = lambda now: False,
    ) -> None:
        self._plan = plan
        self._runs = runs
        self._waiting = waiting
        self._past = past
        self._lease = lease
        self._owner = owner
        self._now = now
        self._tell = tell
        self._reload = reload
        self._watch = watch
        self._beat = beat
        self._beat_seconds = beat_seconds
        self._has_untold = has_untold
        self._box_at: datetime | None = None
        self._tidied_at: datetime | None = None
        self._children = Children()
        self._asked: dict[EditionName, tuple[datetime, timedelta]] = {}
        self._refused: set[EditionName] = set()
        self._is_ours: bool | None = None
        self._fault = ""

    @property
    def is_at_work(self) -> bool:
        """Say whether this daemon, and no other, starts the runs of its store."""
        return bool(self._is_ours)

    def run(self, signals: Signals) -> None:
        """Tick until told to stop, then end what only prepares and wait for what sends."""
        scheduler = schedule.Scheduler()
        scheduler.every(TICK_SECONDS).seconds.do(self._safely, self.tick)
        scheduler.every(TAKE_OVER_SECONDS).seconds.do(self._safely, self._look_for_our_turn)
        if self._beat_seconds is not None and self._beat_seconds < TICK_SECONDS:
            scheduler.every(max(1, int(self._beat_seconds))).seconds.do(self._safely, self._beat)
        self._safely(self.tick)
        while not signals.is_stopping:
            signals.wait(scheduler.idle_seconds or 0.0)
            if signals.take_reload():
                self._read_anew(is_asked=True)
            if not signals.is_stopping:
                scheduler.run_pending()
        self._children.drain(self._beat)
        self._safely(self._lease.give_up)

    def tick(self) -> None:
        """Reap what ended, record what is too late, start what is due; only beat where another daemon is at work."""
        self._beat()
        now = self._now()
        self._children.reap(now)
        self._read_anew(is_asked=False)
        if self._has_untold(now):
            self._begin(UNTOLD, ["tell"], now)
        if not self._has_turn(now):
            return
        for newsletter, timing in self._plan.timings().items():
            self._look_after(newsletter, timing, now)
        before = now - DOUBT_SETTLES if self._plan.resends_doubts else None
        for edition in self._waiting.due_editions(now=now, resend_before=before, most_doubts=MOST_DOUBTS):
            self._send(edition, now)
        if self._plan.asks_about_doubts:
            self._ask_about_doubts(now)
        is_box_due = self._box_at is None or not self._box_at <= now < self._box_at + BOX_EVERY
        if self._plan.reads_box and is_box_due:
            self._box_at = now
            self._begin(BOX, ["bounces"], now)
        is_tidy = self._tidied_at is not None and self._tidied_at <= now < self._tidied_at + TIDY_EVERY
        if self._plan.tidies and not is_tidy:
            self._tidied_at = now
            self._begin(TIDY, ["tidy"], now)
        self._recover()

    def _look_after(self, newsletter: str, timing: Timing, now: datetime) -> None:
        """Start the phase that is due of each of a newsletter's runs, or record that one was missed."""
        since = (now - KNOWN).date()
        known = self._runs.standings(newsletter, since=since, owner=self._owner, now=now)
        moved = self._past.set_hours(newsletter, since=since)
        over = {day for day, one in known.items() if is_over(one, hour_of(timing, day, moved))}
        for one in due(timing, over, now, moved=moved):
            standing = known.get(one.date)
            lead = timedelta() if one.date in moved else timing.draft_before  # those are approved already
            phase = next_phase(standing, hour=one.at, draft_before=lead, now=now)
            if one.is_too_late and not is_to_be_closed(standing):
                continue
            if phase is None and not one.is_too_late:
                continue
            name = EditionName(newsletter=newsletter, date=one.date)
            if self._is_refused(name):
                note = self._past.tell_restored(name)
                self._runs.finish(newsletter, one.date, RunState.DONE, now=now, note=note)
            elif one.is_too_late:
                self._miss(name, now)
            elif phase is not None:
                is_ready = standing is not None and standing.run.state is RunState.PREPARED
                self._start_phase(newsletter, one, phase, now, is_ready=is_ready)

    def _start_phase(self, newsletter: str, one: Due, phase: Phase, now: datetime, *, is_ready: bool) -> None:
        """Start a phase; at the hour a preparation is ended, one that `is_ready` only if it does not end by itself."""
        if phase is Phase.SEND and self._children.is_preparing(newsletter):
            if is_ready and now < one.at + TELLING:
                return
            log.warning("preparation ended at the hour newsletter=%s date=%s", newsletter, one.date)
            self._children.end(newsletter)
        self._begin(newsletter, _command(newsletter, one.date, phase), now, phase)

    def _send(self, edition: EditionName, now: datetime) -> bool:
        if self._is_refused(edition):
            return False
        return self._begin(edition.newsletter, ["send", str(edition), "--wait-seconds", "0"], now)

    def _is_refused(self, name: EditionName) -> bool:
        """Say whether an edition was sent before this store was restored; that is told once."""
        if not self._past.is_restored(name):
            return False
        if name not in self._refused:
            self._refused.add(name)
            text = self._past.tell_restored(name)
            log.warning("not sent again: %s", text)
            self._tell(name.newsletter, "restored", str(name.date), text)
        return True

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

    def _miss(self, name: EditionName, now: datetime) -> None:
        if self._runs.mark_missed(name.newsletter, name.date, now=now, note=MISSED):
            log.warning("run missed newsletter=%s date=%s", name.newsletter, name.date.isoformat())
            text = f"{name} was not sent: {MISSED}. 'digest run {name.newsletter} --date {name.date}' sends it now."
            self._tell(name.newsletter, "missed", str(name.date), text)

    def _begin(
        self, newsletter: str, arguments: Sequence[str], now: datetime, phase: Phase = Phase.WHOLE
    ) -> bool:
        return self._children.begin(newsletter, arguments, start=self._plan.start, now=now, phase=phase)

    def _has_turn(self, now: datetime) -> bool:
        """Say whether it is this daemon that works; log when that changes."""
        is_ours = self._lease.take(now=now, watch=self._watch())
        if is_ours is not self._is_ours:
            self._is_ours = is_ours
            log.info(
                "this daemon is at work" if is_ours else "another daemon is at work on this store; waiting"
            )
        return is_ours

    def _look_for_our_turn(self) -> None:
        """Tick early where another daemon was at work and is gone, or a draft is made, whose hour may have come."""
        is_new = self._is_ours is False and self._has_turn(self._now())
        if is_new or self._children.has_prepared():
            self.tick()

    def _read_anew(self, *, is_asked: bool) -> None:
        """Read the configuration where it changed; a broken one is told, and the old one stays."""
        try:
            plan = self._reload(is_asked)
        except DigestError as exc:
            told = str(exc).replace("\n", " ")
            log.error("the configuration stays as it was: %s", told)
            self._tell("", "configuration", told[:200], f"The configuration stays as it was. {exc}")
            return
        if plan is not None:
            self._plan = plan
            log.info("the configuration was read anew")

    def _safely(self, do: Callable[[], None]) -> None:
        """Do something; a store that is away for a moment must not end the daemon, and is told once."""
        try:
            do()
        except StoreError as exc:
            if str(exc) != self._fault:
                self._fault = str(exc)
                log.error("nothing can be started: %s", exc)
                self._tell("", "store", self._fault[:200], f"Nothing can be started. {exc}")
        except DigestError as exc:
            log.error("tick failed: %s", exc)
        except Exception:  # the worker loop: a defect is logged, and tomorrow's run still happens
            log.exception("tick failed")

    def _recover(self) -> None:
        if self._fault:
            self._fault = ""
            log.info("the store can be used again")


def _command(newsletter: str, day: date, phase: Phase) -> list[str]:
    return ["run", newsletter, "--date", day.isoformat(), "--phase", str(phase)]
