"""Clear up the deliveries in doubt of one edition: ask whom there is to ask, send again what the plan says.

A doubt settles first: bytes in socket buffers are still accepted after a sender has died.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from digest.deliver.outbox import MOST_TRIES, lost_pause
from digest.model import Delivery, DeliveryState, EditionName, Outcome
from digest.ports import Outbox, Resolver

Result = TypeVar("Result")

RESOLVER_SETTLES = timedelta(seconds=2)
"""How long a doubt rests before a relay of one's own is asked about it."""
ASK_EVERY_SECONDS = 1.0
REST_PER_ASKING = 9.0
"""How long the resolver is left alone after an answer, in times of what that took: sending waits for a long log."""
MOST_DOUBTS = 3
"""How often a delivery may fall into doubt before `resend` holds it too: a server that never answers is no excuse
for filling a mailbox."""


class Asking(Protocol):
    """Call the store, patiently."""

    def __call__(self, call: Callable[[], Result]) -> Result:
        """Return what the call gives."""


class Doubts:
    """An edition's deliveries in doubt. `resend_after` is None where they are held."""

    def __init__(
        self,
        outbox: Outbox,
        edition: EditionName,
        *,
        resolver: Resolver | None,
        resend_after: timedelta | None,
        ask: Asking,
    ) -> None:
        self._outbox = outbox
        self._edition = edition
        self._resolver = resolver
        self._resend_after = resend_after
        self._ask = ask
        self._untold: set[tuple[int, int, int]] = set()
        self._ask_at = float("-inf")

    def clear_up(self, now: datetime) -> None:
        """Settle what can be known by now, and queue what is to be sent again."""
        if self._resolver is not None:
            self._resolve(self._resolver, now)
        elif self._resend_after is not None:
            before = now - self._resend_after
            self._ask(
                lambda: self._outbox.requeue_doubts(self._edition, before=before, limit=MOST_DOUBTS, now=now)
            )

    def next_due(self, now: datetime) -> datetime | None:
        """Return when `clear_up` can do something next, or None."""
        if self._resolver is not None:
            doubts = self._ask(lambda: self._outbox.doubts(self._edition, before=now))
            moments = [moment for one in doubts if (moment := self._moment(one, now)) is not None]
            return min(moments, default=None)
        if self._resend_after is None:
            return None
        since = self._ask(lambda: self._outbox.next_doubt(self._edition, limit=MOST_DOUBTS))
        return None if since is None else since + self._resend_after

    def _moment(self, doubt: Delivery, now: datetime) -> datetime | None:
        """Return when there is something to do about a doubt; None where only a person can tell."""
        since = doubt.settled_at or now
        if _key(doubt) not in self._untold:
            return max(since + RESOLVER_SETTLES, now + timedelta(seconds=ASK_EVERY_SECONDS))
        if self._resend_after is None or doubt.doubts >= MOST_DOUBTS:
            return None
        return since + self._resend_after

    def _resolve(self, resolver: Resolver, now: datetime) -> None:
        if time.monotonic() < self._ask_at:
            return
        asked_at = time.monotonic()
        doubts = self._ask(lambda: self._outbox.doubts(self._edition, before=now - RESOLVER_SETTLES))
        asked = [one for one in doubts if one.doubts < MOST_TRIES and _key(one) not in self._untold]
        outcomes = resolver.resolve(asked, now=now) if asked else {}
        took = time.monotonic() - asked_at
        self._ask_at = time.monotonic() + max(ASK_EVERY_SECONDS - took, REST_PER_ASKING * took)
        self._untold |= {_key(one) for one in asked if one.message_id not in outcomes}
        again = Outcome(state=DeliveryState.QUEUED, reply="in doubt, and sent again")
        outcomes = dict(outcomes) | {one.message_id: again for one in doubts if self._is_resent(one, now)}
        found = [
            resolved(one, outcomes[one.message_id], now)
            for one in doubts
            if one.message_id in outcomes and outcomes[one.message_id].state is not DeliveryState.DOUBT
        ]
        if found:
            self._ask(lambda: self._outbox.settle_doubts(found, now=now))

    def _is_resent(self, doubt: Delivery, now: datetime) -> bool:
        if self._resend_after is None or _key(doubt) not in self._untold or doubt.doubts >= MOST_DOUBTS:
            return False
        return doubt.settled_at is not None and doubt.settled_at <= now - self._resend_after


def resolved(doubt: Delivery, outcome: Outcome, now: datetime) -> Delivery:
    """Return a delivery in doubt as it turned out; one that was never taken rests longer each time."""
    rests = outcome.state is DeliveryState.QUEUED
    return replace(
        doubt,
        state=outcome.state,
        reply=outcome.reply,
        owner=None,
        lease_until=None,
        next_at=now + lost_pause(replace(doubt, tries=doubt.doubts)) if rests else None,
    )


def _key(doubt: Delivery) -> tuple[int, int, int]:
    return doubt.subscriber_id, doubt.attempt, doubt.doubts
