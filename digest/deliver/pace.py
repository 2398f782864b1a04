"""Keep to a rate, and below it where the other side asks for time: halve, then recover slowly."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

WINDOW = 20
MANY = 10
"""So many refusals for now among the last `WINDOW` answers are a plea to slow down."""
RECENT_SECONDS = 10.0
SETTLE_SECONDS = 5.0
"""What is under way when the pace halves still speaks of the pace before."""
CALM_SECONDS = 30.0
RECOVERY = 1.25
SLOWEST = 0.5
"""Messages a second: nobody is ever dropped, so the pace never comes to a stop."""


class Pace:
    """Hand out moments to send at, at most so many a second; 0: no limit but what the other side asks for."""

    def __init__(self, rate_per_second: float, *, monotonic: Callable[[], float]) -> None:
        self._rate = rate_per_second
        self._monotonic = monotonic
        self._next = 0.0
        self._slowed: float | None = None
        self._was = 0.0
        self._slowed_at = float("-inf")
        self._eased_at = 0.0
        self._sent: deque[float] = deque(maxlen=1000)
        self._answers: deque[bool] = deque(maxlen=WINDOW)

    @property
    def rate(self) -> float:
        """Return how many messages a second may go at this moment; 0: no limit."""
        self._ease()
        return self._rate if self._slowed is None else self._slowed

    def due(self) -> float:
        """Return from when on the next message may go, on the monotonic clock."""
        return self._next if self._rate or self._slowed is not None else 0.0

    def take(self) -> None:
        """Note that a message goes now."""
        now = self._monotonic()
        self._sent.append(now)
        rate = self.rate
        self._next = max(self._next, now) + 1 / rate if rate else 0.0

    def hear(self, *, is_refused: bool, is_plea: bool = False) -> bool:
        """Note an answer; halve the pace at a plea or many refusals for now, and say whether it was."""
        self._answers.append(is_refused)
        now = self._monotonic()
        if not (is_plea or sum(self._answers) >= MANY) or now - self._slowed_at < SETTLE_SECONDS:
            return False
        before = self.rate or self._recent_rate(now)
        if self._slowed is None:
            self._was = before
        self._slowed = min(before, max(before / 2, SLOWEST))
        self._slowed_at = self._eased_at = now
        self._answers.clear()
        return True

    def _recent_rate(self, now: float) -> float:
        recent = [moment for moment in self._sent if now - moment <= RECENT_SECONDS]
        return max(len(recent) / max(now - recent[0], 0.1) if recent else 0.0, SLOWEST)

    def _ease(self) -> None:
        """Go faster again after some calm, until the pace is what it was."""
        while self._slowed is not None and self._monotonic() - self._eased_at >= CALM_SECONDS:
            self._slowed *= RECOVERY
            self._eased_at += CALM_SECONDS
            if self._slowed >= self._was:
                self._slowed = None
