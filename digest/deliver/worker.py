"""Carry leased deliveries over one connection until there are no more."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import datetime
from queue import SimpleQueue

from digest.deliver.ledger import Ledger
from digest.deliver.outbox import next_state, released
from digest.deliver.pace import Pace
from digest.errors import AddressError, DeliveryError
from digest.model import Delivery, DeliveryState, Envelope, Outcome
from digest.ports import Outbox, Transport

MOST_REFUSED = 10
_OUR_FAULT = re.compile(r"5\d\d 5\.7\.")
"""Refusals by policy (RFC 3463): relaying denied, not authenticated. Unknown readers are 5.1."""
_ANSWERS = frozenset({DeliveryState.SENT, DeliveryState.DEFERRED, DeliveryState.FAILED})


@dataclass(slots=True, kw_only=True)
class Shop:
    """What the workers of one dispatch share. `todo` holds leased deliveries, and None for each worker to go.

    `heard` is set once the server has answered as one that takes our mail, `stirred` whenever something
    changed; `refusals` holds, deferred, whom the server refused for our sake before it gave any other answer, and is
    None after one.
    """

    outbox: Outbox
    ledger: Ledger
    transport_factory: Callable[[], Transport]
    make_message: Callable[[Delivery], Envelope]
    clock: Callable[[], datetime]
    pace: Pace
    stop: threading.Event
    todo: SimpleQueue[Delivery | None] = field(default_factory=SimpleQueue)
    heard: threading.Event = field(default_factory=threading.Event)
    stirred: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)
    refusals: list[Delivery] | None = field(default_factory=list)
    taken: int = 0
    done: int = 0

    def finish(self, delivery: Delivery) -> None:
        """Report what became of a delivery that was taken up; it stays open until that is written."""
        self.ledger.settle(delivery).add_done_callback(self._count)

    def hear(self, delivery: Delivery, outcome: Outcome) -> None:
        """Note an answer; raise DeliveryError where the server has refused everyone so far for our sake."""
        if outcome.state not in _ANSWERS:
            return
        with self.lock:
            is_ours = outcome.state is DeliveryState.FAILED and _OUR_FAULT.match(outcome.reply)
            if not is_ours:
                self.refusals = None
            elif self.refusals is not None:
                later = replace(outcome, state=DeliveryState.DEFERRED)
                self.refusals.append(next_state(delivery, later, self.clock()))
            refused = None if self.refusals is None else len(self.refusals)
        if refused is None:
            self.heard.set()
        elif refused >= MOST_REFUSED:
            raise DeliveryError(
                f"The server refused the first {refused} readers, the last with: {outcome.reply}. It may not take mail "
                "from us: check smtp.username and the newsletter's 'from', then send again; nobody is lost."
            )

    def reopen_refusals(self) -> None:
        """Defer whom the server refused for our sake, where it refused everyone; call it when all is written."""
        with self.lock:
            refused = list(self.refusals or ())
        if len(refused) >= MOST_REFUSED:
            self.outbox.reopen(refused, now=self.clock())

    def _count(self, _written: object) -> None:
        with self.lock:
            self.done += 1
        self.stirred.set()

    @property
    def open_count(self) -> int:
        """Return how many leased deliveries are not settled in writing yet."""
        with self.lock:
            return self.taken - self.done


class Worker(threading.Thread):
    """One connection. `error` is why it ended early: a DeliveryError, or what must end the whole dispatch."""

    def __init__(self, shop: Shop, number: int) -> None:
        super().__init__(name=f"delivery-{number}", daemon=True)
        self._shop = shop
        self.error: Exception | None = None

    def run(self) -> None:
        """Take deliveries until told that there are no more, or until the server cannot be used."""
        try:
            with closing(self._shop.transport_factory()) as transport:
                transport.open()
                while (delivery := self._shop.todo.get()) is not None:
                    self._deliver(transport, delivery)
        except Exception as exc:  # noqa: BLE001  the coordinator raises it: a thread's error must not vanish
            self.error = exc
        finally:
            self._shop.stirred.set()

    def _deliver(self, transport: Transport, delivery: Delivery) -> None:
        shop = self._shop
        shop.pace.wait()
        if shop.stop.is_set():
            shop.finish(released(delivery))
            return
        begun = threading.Event()
        try:
            outcome = self._attempt(transport, delivery, begun)
        except DeliveryError:
            shop.finish(released(delivery))
            raise
        except BaseException as exc:
            broken = Outcome(state=DeliveryState.DOUBT, reply=f"this program failed in mid-message: {exc}")
            lost = next_state(delivery, broken, shop.clock())
            shop.finish(lost if begun.is_set() else released(delivery))
            raise
        shop.finish(next_state(delivery, outcome, shop.clock()))
        shop.hear(delivery, outcome)

    def _attempt(self, transport: Transport, delivery: Delivery, begun: threading.Event) -> Outcome:
        shop, withheld = self._shop, threading.Event()
        try:
            envelope = shop.make_message(delivery)
        except AddressError as exc:
            return Outcome(state=DeliveryState.FAILED, reply=str(exc))

        def before_dot() -> bool:
            begun.set()
            if shop.ledger.begin(delivery):
                return True
            withheld.set()
            return False

        outcome = transport.send(envelope, before_dot=before_dot)
        if withheld.is_set() and not shop.outbox.still_wanted(delivery.subscriber_id):
            return Outcome(state=DeliveryState.SKIPPED, reply="left before it was sent")
        return outcome
