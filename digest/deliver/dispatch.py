"""Send what is queued: lease in batches, keep the workers busy, wait for what is deferred, stop cleanly.

The outbox is the truth. Everything here may die at any instant: a lease that nobody renews goes back to the
queue, since no final dot was sent for it; what was in flight is in doubt, at most one delivery a connection.
"""

from __future__ import annotations

import logging
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Literal

from digest.deliver.doubts import RESOLVER_SETTLES, Doubts
from digest.deliver.ledger import Ledger
from digest.deliver.loop import Loop, Task
from digest.deliver.outbox import LIVE, released
from digest.deliver.patience import Result, patiently
from digest.deliver.throttle import Throttle
from digest.deliver.worker import Shop, work
from digest.errors import DeliveryError
from digest.model import Delivery, DeliveryState, EditionName, Envelope, Halt
from digest.ports import Outbox, Resolver, Transport
from digest.process import is_dead, own_name

log = logging.getLogger(__name__)

Counts = Mapping[DeliveryState, int]

BATCH = 25
"""Deliveries leased ahead for each connection."""
LEASE = timedelta(seconds=60)
DOUBT_SETTLES = timedelta(minutes=2)
TICK_SECONDS = 0.5
HALT_SECONDS = 1.0
"""How often a sender looks whether it is to pause."""
LONGEST_REST_SECONDS = 20.0
FIRST_RECONNECT_SECONDS = 5.0
LONGEST_RECONNECT_SECONDS = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How a dispatch goes about it. `lease` is how long a dead process's deliveries stay its own.

    `reconnect_seconds` is the first pause after a lost connection; it doubles, up to a minute.
    """

    connections: int = 4
    wait_seconds: float = 3600
    rate_per_second: float = 0
    domain_rates: Mapping[str, float] = field(default_factory=dict)
    in_doubt: Literal["hold", "resend"] = "hold"
    lease: timedelta = LEASE
    doubt_settles: timedelta = DOUBT_SETTLES
    resolver: Resolver | None = None
    reconnect_seconds: float = FIRST_RECONNECT_SECONDS


def utc_now() -> datetime:
    """Return the time, in UTC."""
    return datetime.now(UTC)


def dispatch(
    outbox: Outbox,
    edition: EditionName,
    *,
    transport_factory: Callable[[], Transport],
    make_message: Callable[[Delivery], Envelope],
    plan: Plan | None = None,
    clock: Callable[[], datetime] = utc_now,
    sleep: Callable[[float], object] | None = None,
    on_progress: Callable[[int, int], None] = lambda done, total: None,
) -> Counts:
    """Deliver an edition's queue and return the counts by state.

    Returns when all is settled, when what is left is due only after `plan.wait_seconds`, or after SIGTERM or
    Ctrl-C, once the messages under way are through; what was leased is then queued again. Raises DeliveryError
    when the server cannot be used, StoreError when the store cannot; neither loses anything. `sleep` replaces
    the waiting for a time to come, for tests with a clock of their own.
    """
    plan = plan or Plan()
    patient = sleep or time.sleep
    ledger = Ledger(outbox, clock=clock, sleep=patient, on_settled=lambda: shop.count_settled())
    shop = Shop(
        outbox=outbox,
        ledger=ledger,
        loop=Loop(ledger.write, lambda: ledger.is_early(min(shop.crew, shop.open_count))),
        transport_factory=transport_factory,
        make_message=make_message,
        clock=clock,
        throttle=Throttle(
            connections=plan.connections,
            rate_per_second=plan.rate_per_second,
            domain_rates=plan.domain_rates,
        ),
    )
    with closing(shop.loop), _signals() as signals:
        run = _Dispatch(shop, edition, plan, signals, sleep, on_progress)
        try:
            run.deliver()
        finally:
            run.end()
    counts = patiently(lambda: outbox.counts(edition), sleep=patient)
    run.tell(counts)
    return counts


class _Dispatch:
    """The coordinator: it runs in the caller's thread, leases, staffs and waits."""

    def __init__(
        self,
        shop: Shop,
        edition: EditionName,
        plan: Plan,
        signals: _Signals,
        sleep: Callable[[float], object] | None,
        on_progress: Callable[[int, int], None],
    ) -> None:
        self._shop = shop
        self._edition = edition
        self._plan = plan
        self._signals = signals
        self._sleep = sleep or self._rest
        self._on_progress = on_progress
        self._owner = own_name()
        self._workers: list[Task[None]] = []
        self._losses = 0
        self._last_loss: DeliveryError | None = None
        self._hire_at = 0.0
        self._lease_at = 0.0
        self._swept_at = float("-inf")
        self._told_at = 0.0
        self._looked_at = float("-inf")
        self._halt: Halt | None = None
        self._doubts = Doubts(
            shop.outbox,
            edition,
            resolver=plan.resolver,
            resend_after=plan.doubt_settles if plan.in_doubt == "resend" else None,
            ask=self._ask,
        )

    def deliver(self) -> None:
        """Work until nothing is left that can be done within the wait."""
        wait = timedelta(seconds=self._plan.wait_seconds)
        deadline = self._shop.clock() + (
            wait if self._plan.resolver is None else max(wait, 2 * RESOLVER_SETTLES)
        )
        while not self._signals.asked:
            self._look_after_leases()
            self._doubts.clear_up(self._shop.clock())
            self._let_go()
            if self._is_halted():
                if not self._stand_by(deadline):
                    return
                continue
            leased = self._lease()
            self._hire()
            if leased:
                continue
            if self._shop.open_count:
                self._shop.loop.turn(TICK_SECONDS)
            elif not self._wait(deadline):
                return
            self._tell_now_and_then()

    def _is_halted(self) -> bool:
        """Look now and then whether the send was paused or stopped."""
        if time.monotonic() - self._looked_at >= HALT_SECONDS:
            self._looked_at = time.monotonic()
            self._halt = self._ask(lambda: self._shop.outbox.find_halt(self._edition))
        return self._halt is not None

    def _stand_by(self, deadline: datetime) -> bool:
        """Let what is under way end, and rest; False where there is nothing to wait for."""
        self._return_leases()
        if self._shop.open_count:
            self._shop.loop.turn(TICK_SECONDS)
            return True
        if self._halt is Halt.STOPPED:
            now = self._shop.clock()
            self._ask(
                lambda: self._shop.outbox.lease(self._edition, owner=self._owner, limit=0, now=now, until=now)
            )
            return False
        if self._shop.clock() >= deadline:
            return False
        self._sleep(HALT_SECONDS)
        return True

    def end(self) -> None:
        """Give back what nobody has taken up, let the workers finish, write everything down."""
        self._shop.close()
        while not all(worker.is_done for worker in self._workers):
            self._shop.loop.turn(TICK_SECONDS)
        self._return_leases()
        self._shop.ledger.close()
        self._ask(self._shop.reopen_refusals)

    def tell(self, counts: Counts) -> None:
        """Report progress: what is settled, of all."""
        total = sum(counts.values())
        self._on_progress(total - sum(counts.get(state, 0) for state in LIVE), total)

    def _lease(self) -> bool:
        """Take more deliveries where the workers have few left; say whether there were any."""
        shop, wanted = self._shop, self._plan.connections * BATCH
        open_count = shop.open_count
        if open_count > wanted // 2 or (open_count and time.monotonic() < self._lease_at):
            return False
        if not self._workers and not self._may_hire():
            return False
        now = shop.clock()
        until = now + self._plan.lease
        batch = self._ask(
            lambda: shop.outbox.lease(self._edition, owner=self._owner, limit=wanted, now=now, until=until)
        )
        if not batch:
            self._lease_at = time.monotonic() + TICK_SECONDS
        shop.hand_out(batch)
        return bool(batch)

    def _hire(self) -> None:
        """Open connections for the deliveries at hand, fewer after one was lost or the server asked for time."""
        wanted = min(self._shop.throttle.connections, self._shop.open_count)
        while len(self._workers) < wanted and self._may_hire():
            self._workers.append(self._shop.loop.start(work(self._shop)))

    def _may_hire(self) -> bool:
        return time.monotonic() >= self._hire_at

    def _let_go(self) -> None:
        """See which workers ended; raise what ended them, unless the server only needs a while."""
        ended = [worker for worker in self._workers if worker.is_done]
        self._workers = [worker for worker in self._workers if not worker.is_done]
        for worker in ended:
            if worker.error is None:
                continue
            if not isinstance(worker.error, DeliveryError):
                raise worker.error
            self._lost(worker.error)
        if ended and not self._workers:
            if self._last_loss is not None and not self._shop.has_answered:
                raise self._last_loss
            self._return_leases()

    def _lost(self, error: DeliveryError) -> None:
        """Note that a connection was lost in mid-send, and when to try another."""
        self._last_loss = error
        pause = min(self._plan.reconnect_seconds * 2 ** min(self._losses, 10), LONGEST_RECONNECT_SECONDS)
        self._losses += 1
        self._hire_at = time.monotonic() + pause
        if not self._workers and self._shop.has_answered:
            log.warning("%s Trying again in %.0f seconds.", error, pause)

    def _wait(self, deadline: datetime) -> bool:
        """Wait for the next delivery that is due; False when there is none, or none before the deadline."""
        shop = self._shop
        due = self._next_due()
        if due is None:
            return False
        now = shop.clock()
        if not self._workers and not self._may_hire():
            due = max(due, now + timedelta(seconds=self._hire_at - time.monotonic()))
            if due > deadline and self._last_loss is not None:
                raise self._last_loss
        if due > deadline:
            return False
        self._sleep(min(max((due - now).total_seconds(), 0.01), LONGEST_REST_SECONDS))
        return True

    def _rest(self, seconds: float) -> None:
        """Sleep in short turns, so that a signal is heard soon."""
        end = time.monotonic() + seconds
        while not self._signals.asked and (left := end - time.monotonic()) > 0:
            time.sleep(min(left, TICK_SECONDS))

    def _next_due(self) -> datetime | None:
        outbox, edition = self._shop.outbox, self._edition
        moments = self._ask(lambda: outbox.next_due(edition)), self._doubts.next_due(self._shop.clock())
        return min((one for one in moments if one is not None), default=None)

    def _look_after_leases(self) -> None:
        """Renew what is ours, and put in doubt what a dead process had in flight."""
        if time.monotonic() - self._swept_at < self._plan.lease.total_seconds() / 3 and self._shop.open_count:
            return
        self._swept_at = time.monotonic()
        outbox, edition, now = self._shop.outbox, self._edition, self._shop.clock()
        if self._shop.open_count:
            self._ask(lambda: outbox.renew(edition, owner=self._owner, until=now + self._plan.lease))
        for owner in self._ask(lambda: outbox.holders(edition)):
            if is_dead(owner):
                self._ask(partial(outbox.expire, edition, owner=owner, now=now))
        self._ask(lambda: outbox.sweep(edition, now=now))

    def _ask(self, call: Callable[[], Result]) -> Result:
        return patiently(call, sleep=self._sleep)

    def _return_leases(self) -> None:
        self._shop.ahead.clear()
        while self._shop.todo:
            self._shop.ledger.settle(released(self._shop.todo.popleft()))

    def _tell_now_and_then(self) -> None:
        if time.monotonic() - self._told_at >= TICK_SECONDS:
            self._told_at = time.monotonic()
            self.tell(self._ask(lambda: self._shop.outbox.counts(self._edition)))


@dataclass(slots=True)
class _Signals:
    """Whether we were asked to stop. A plain flag: a handler must take no lock."""

    asked: bool = False

    def take(self, number: int, _frame: object) -> None:
        """Stop cleanly; at a second Ctrl-C, at once."""
        if self.asked and number == signal.SIGINT:
            raise KeyboardInterrupt
        self.asked = True


@contextmanager
def _signals() -> Iterator[_Signals]:
    """Listen for SIGTERM and Ctrl-C while the block runs, where signals can be heard: in the main thread."""
    signals = _Signals()
    if threading.current_thread() is not threading.main_thread():
        yield signals
        return
    before = {number: signal.signal(number, signals.take) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield signals
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
