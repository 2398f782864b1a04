"""Decide what becomes of a delivery after an attempt. Pure: the loop around it is `dispatch`.

queued -> leased(owner, until, attempt) -> inflight -> sent | deferred(next_at) | failed | doubt ;  skipped
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256

from digest.model import Delivery, DeliveryState, Outcome

FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=1)
LONGEST_LOST_PAUSE = timedelta(minutes=10)
JITTER = 0.2
MOST_TRIES = 30
"""With the pauses above, about a day: nobody wants yesterday's edition later than that."""
LONGEST_REPLY = 500

LIVE = frozenset({DeliveryState.QUEUED, DeliveryState.LEASED, DeliveryState.INFLIGHT, DeliveryState.DEFERRED})
"""The states that are still to be settled."""


def next_state(delivery: Delivery, outcome: Outcome, now: datetime) -> Delivery:
    """Return the delivery as an attempt left it; owner and attempt stay, since they fence the write.

    A refusal for now waits longer each time, and fails after `MOST_TRIES`. A connection lost before the
    final dot is tried again at once the first time, then with growing pauses.
    """
    tried = replace(
        delivery,
        state=outcome.state,
        reply=outcome.reply[:LONGEST_REPLY],
        lease_until=None,
        next_at=None,
        settled_at=now,
        tries=delivery.tries + 1,
    )
    match outcome.state:
        case DeliveryState.DEFERRED | DeliveryState.QUEUED if tried.tries >= MOST_TRIES:
            return replace(
                tried, state=DeliveryState.FAILED, reply=f"gave up after {tried.tries} tries: {tried.reply}"
            )
        case DeliveryState.DEFERRED:
            return replace(tried, next_at=now + refused_pause(tried), settled_at=None)
        case DeliveryState.QUEUED:
            return replace(tried, next_at=now + lost_pause(tried), settled_at=None)
        case DeliveryState.DOUBT:
            return replace(tried, doubts=delivery.doubts + 1)
        case DeliveryState.SKIPPED:
            return replace(tried, tries=delivery.tries)
        case DeliveryState.SENT | DeliveryState.FAILED:
            return tried
    raise ValueError(f"no attempt ends as {outcome.state}")


def released(delivery: Delivery) -> Delivery:
    """Return a leased delivery to the queue: nothing was tried."""
    return replace(delivery, state=DeliveryState.QUEUED, lease_until=None, next_at=None)


def refused_pause(delivery: Delivery) -> timedelta:
    """Return how long to wait after so many refusals for now: doubling, with a ceiling, spread by the Message-ID."""
    steady = min(FIRST_PAUSE * int(2 ** min(delivery.tries - 1, 16)), LONGEST_PAUSE)
    return steady * (1 + JITTER * _spread(delivery))


def lost_pause(delivery: Delivery) -> timedelta:
    """Return how long to wait after so many lost connections: nothing, then doubling from 2 seconds."""
    if delivery.tries <= 1:
        return timedelta()
    steady = min(timedelta(seconds=2 ** min(delivery.tries - 1, 16)), LONGEST_LOST_PAUSE)
    return steady * (1 + JITTER * _spread(delivery))


def _spread(delivery: Delivery) -> float:
    """Return a number from -1 to 1 that is always the same for one delivery at one try."""
    seed = sha256(f"{delivery.message_id} {delivery.tries}".encode()).digest()
    return int.from_bytes(seed[:4], "big") / 0x7FFFFFFF - 1
