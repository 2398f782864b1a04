"""Keep several workers together under one rate."""

from __future__ import annotations

from collections.abc import Callable


class Pace:
    """Hand out moments to send at, at most so many a second; 0: no limit."""

    def __init__(self, rate_per_second: float, *, monotonic: Callable[[], float]) -> None:
        self._interval = 1 / rate_per_second if rate_per_second > 0 else 0.0
        self._monotonic = monotonic
        self._next = 0.0

    def next_turn(self) -> float | None:
        """Return when the caller may send, on the monotonic clock; None: at once."""
        if not self._interval:
            return None
        now = self._monotonic()
        turn = max(self._next, now)
        self._next = turn + self._interval
        return turn if turn > now else None
