"""Decide which delivery may go now, over how many connections: rates of the server, rates of recipients' domains.

After a 421, or many 4xx, the server gets half the connections and half the pace; a domain that answers so, half its
own pace. Both recover slowly. A delivery that may not go yet waits its turn; none is dropped.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Mapping
from typing import Protocol, TypeVar

from digest.deliver.pace import CALM_SECONDS, Pace
from digest.model import DeliveryState, Outcome

ANY = "*"


class HasAddress(Protocol):
    """What goes to an address; a Delivery does."""

    @property
    def address(self) -> str:
        """The bare address."""


Waiting = TypeVar("Waiting", bound=HasAddress)


class Throttle:
    """The rates of one dispatch. `domain_rates` are messages a second by domain, `*` for each that is not named."""

    def __init__(
        self,
        *,
        connections: int,
        rate_per_second: float = 0,
        domain_rates: Mapping[str, float] | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._most = connections
        self._allowed = connections
        self._shrunk_at = 0.0
        self._monotonic = monotonic
        self._server = Pace(rate_per_second, monotonic=monotonic)
        self._rates = {domain.lower(): rate for domain, rate in (domain_rates or {}).items()}
        self._domains: dict[str, Pace] = {}

    @property
    def connections(self) -> int:
        """Return how many connections may be open at this moment: one more after each while of calm."""
        now = self._monotonic()
        while self._allowed < self._most and now - self._shrunk_at >= CALM_SECONDS:
            self._allowed += 1
            self._shrunk_at += CALM_SECONDS
        return self._allowed

    def take(self, waiting: deque[Waiting]) -> Waiting | float:
        """Take the first that may go out of those that wait; where none may go yet, return from when on one may."""
        now = self._monotonic()
        if (due := self._server.due()) > now:
            return due
        later: dict[str, float] = {}
        for number, one in enumerate(waiting):
            domain = _domain(one.address)
            if domain in later:
                continue
            pace = self._pace_of(domain)
            if (due := pace.due()) > now:
                later[domain] = due
                continue
            del waiting[number]
            self._server.take()
            pace.take()
            return one
        return min(later.values(), default=now)

    def hear(self, address: str, outcome: Outcome) -> None:
        """Note an answer. A 421 is a plea for time; a refusal of one reader for now is one only among many."""
        is_refused = outcome.state is DeliveryState.DEFERRED
        is_plea = is_refused and outcome.reply.startswith("421")
        if self._server.hear(is_refused=is_refused, is_plea=is_plea):
            self._allowed = max(1, self.connections // 2)
            self._shrunk_at = self._monotonic()
        self._pace_of(_domain(address)).hear(is_refused=is_refused)

    def _pace_of(self, domain: str) -> Pace:
        if domain not in self._domains:
            rate = self._rates.get(domain, self._rates.get(ANY, 0))
            self._domains[domain] = Pace(rate, monotonic=self._monotonic)
        return self._domains[domain]


def _domain(address: str) -> str:
    return address.rpartition("@")[2].lower()
