"""Carry leased deliveries over one connection until there are no more."""

from __future__ import annotations

import contextlib
import re
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice
from typing import Any, Protocol, runtime_checkable

from digest.deliver.ledger import Ledger
from digest.deliver.loop import Awaited, Loop, Pause, Task
from digest.deliver.outbox import next_state, released
from digest.deliver.throttle import Throttle
from digest.errors import AddressError, DeliveryError
from digest.model import Delivery, DeliveryState, Envelope, Outcome, SubscriberId
from digest.ports import Outbox, Transport

MOST_REFUSED = 10
LONGEST_PAUSE = 0.5
"""How long a worker waits for its turn before it looks whether it is to go, in seconds."""
MOST_BYTES_AHEAD = 8_000_000
"""How much is prepared ahead: a message with large pictures is not kept in memory many times more."""
_OUR_FAULT = re.compile(r"5\d\d 5\.7\.")
"""Refusals by policy (RFC 3463): relaying denied, not authenticated. Unknown readers are 5.1."""
_ANSWERS = frozenset({DeliveryState.SENT, DeliveryState.DEFERRED, DeliveryState.FAILED})


@runtime_checkable
class Foresighted(Protocol):
    """A transport that does better when it sees a message a while before it is to carry it."""

    def prepare(self, envelope: Envelope, loop: Loop) -> Envelope:
        """Begin what takes time, and return the envelope that any transport of the dispatch takes in its place."""


@dataclass(slots=True, kw_only=True)
class Shop:
    """What the workers of one dispatch share. `todo` holds leased deliveries.

    `ahead` holds what is prepared of the next in it. `has_answered` is set once the server has answered as one that
    takes our mail; `is_closing` tells the workers to take no more. `refusals` holds, deferred, whom the server refused
    for our sake before it gave any other answer, and is None after one. `open_count` is how many leased deliveries
    are not settled in writing yet, `crew` how many workers there are.
    """

    outbox: Outbox
    ledger: Ledger
    loop: Loop
    transport_factory: Callable[[], Transport]
    make_message: Callable[[Delivery], Envelope]
    clock: Callable[[], datetime]
    throttle: Throttle
    todo: deque[Delivery] = field(default_factory=deque)
    idle: deque[Task[Any]] = field(default_factory=deque)
    refusals: list[Delivery] | None = field(default_factory=list)
    ahead: dict[SubscriberId, Envelope] = field(default_factory=dict)
    has_answered: bool = False
    is_closing: bool = False
    open_count: int = 0
    crew: int = 0

    def hand_out(self, batch: Sequence[Delivery]) -> None:
        """Give the workers more to do."""
        self.open_count += len(batch)
        self.todo.extend(batch)
        for _ in range(min(len(batch), len(self.idle))):
            self.loop.resume(self.idle.popleft())

    def prepare(self, taken: Delivery, transport: Foresighted) -> None:
        """Have the message of a delivery prepared, and one more for each worker that will come for one."""
        room = MOST_BYTES_AHEAD - sum(len(envelope.content) for envelope in self.ahead.values())
        for delivery in (taken, *islice(self.todo, self.crew)):
            if room > 0 and delivery.subscriber_id not in self.ahead:
                with contextlib.suppress(AddressError):  # it is told when its turn comes
                    envelope = transport.prepare(self.make_message(delivery), self.loop)
                    self.ahead[delivery.subscriber_id] = envelope
                    room -= len(envelope.content)

    def message_of(self, delivery: Delivery) -> Envelope:
        """Return the message of a delivery, prepared or not; raise AddressError."""
        return self.ahead.pop(delivery.subscriber_id, None) or self.make_message(delivery)

    def close(self) -> None:
        """Let the workers end what they are at, and go."""
        self.is_closing = True
        while self.idle:
            self.loop.resume(self.idle.popleft())

    def count_settled(self) -> None:
        """Note that an outcome is in writing."""
        self.open_count -= 1

    def hear(self, delivery: Delivery, outcome: Outcome) -> None:
        """Note an answer; raise DeliveryError where the server has refused everyone so far for our sake."""
        if outcome.state in _ANSWERS:
            self.throttle.hear(delivery.address, outcome)
        if self.refusals is None or outcome.state not in _ANSWERS:
            return
        if outcome.state is not DeliveryState.FAILED or not _OUR_FAULT.match(outcome.reply):
            self.refusals = None
            self.has_answered = True
            return
        later = replace(outcome, state=DeliveryState.DEFERRED)
        self.refusals.append(next_state(delivery, later, self.clock()))
        if len(self.refusals) >= MOST_REFUSED:
            raise DeliveryError(
                f"The server refused the first {len(self.refusals)} readers, the last with: {outcome.reply}. It may "
                "not take mail from us: check smtp.username and the newsletter's 'from', then send again; "
                "nobody is lost."
            )

    def reopen_refusals(self) -> None:
        """Defer whom the server refused for our sake, where it refused everyone; call it when all is written."""
        refused = list(self.refusals or ())
        if len(refused) >= MOST_REFUSED:
            self.outbox.reopen(refused, now=self.clock())


class _Idle(Awaited):
    """Rest until there is something to do."""

    __slots__ = ("_shop",)

    def __init__(self, shop: Shop) -> None:
        self._shop = shop

    def begin(self, loop: Loop, task: Task[Any]) -> None:
        """Stand in line."""
        self._shop.idle.append(task)


async def work(shop: Shop) -> None:
    """Take deliveries over one connection until told to go; raise DeliveryError when the server cannot be used."""
    transport = shop.transport_factory()
    foresighted = transport if isinstance(transport, Foresighted) else None
    shop.crew += 1
    try:
        await transport.open()
        while (delivery := await _take(shop)) is not None:
            if foresighted is not None:
                shop.prepare(delivery, foresighted)
            await _deliver(shop, transport, delivery)
    finally:
        shop.crew -= 1
        if not shop.crew:
            shop.ahead.clear()
        await transport.close()


async def _take(shop: Shop) -> Delivery | None:
    while not shop.is_closing:
        if shop.crew > shop.throttle.connections:
            return None
        if not shop.todo:
            await _Idle(shop)
            continue
        taken = shop.throttle.take(shop.todo)
        if not isinstance(taken, float):
            return taken
        await Pause(min(taken, time.monotonic() + LONGEST_PAUSE))
    return None


async def _deliver(shop: Shop, transport: Transport, delivery: Delivery) -> None:
    attempt = _Attempt(shop, delivery)
    try:
        outcome = await attempt.make(transport)
    except DeliveryError:
        shop.ledger.settle(released(delivery))
        raise
    except BaseException as exc:
        broken = Outcome(state=DeliveryState.DOUBT, reply=f"this program failed in mid-message: {exc}")
        lost = next_state(delivery, broken, shop.clock())
        shop.ledger.settle(lost if attempt.has_begun else released(delivery))
        raise
    shop.ledger.settle(next_state(delivery, outcome, shop.clock()))
    shop.hear(delivery, outcome)


class _Attempt:
    """One attempt at one delivery. `has_begun`: it may be in flight; `is_withheld`: its lease was another's."""

    def __init__(self, shop: Shop, delivery: Delivery) -> None:
        self._shop = shop
        self._delivery = delivery
        self.has_begun = False
        self.is_withheld = False

    async def make(self, transport: Transport) -> Outcome:
        try:
            envelope = self._shop.message_of(self._delivery)
        except AddressError as exc:
            return Outcome(state=DeliveryState.FAILED, reply=str(exc))
        outcome = await transport.send(envelope, before_dot=self._begin)
        if self.is_withheld and not self._shop.outbox.still_wanted(self._delivery.subscriber_id):
            return Outcome(state=DeliveryState.SKIPPED, reply="left before it was sent")
        return outcome

    async def _begin(self) -> bool:
        self.has_begun = True
        self.is_withheld = not await self._shop.ledger.begin(self._delivery)
        return not self.is_withheld
