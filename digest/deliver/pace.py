"""Keep several workers together under one rate."""

from __future__ import annotations

import threading
from collections.abc import Callable


class Pace:
    """Hand out moments to send at, at most so many a second; 0: no limit."""

    def __init__(
        self, rate_per_second: float, *, monotonic: Callable[[], float], sleep: Callable[[float], object]
    ) -> None:
        self._interval = 1 / rate_per_second if rate_per_second > 0 else 0.0
        self._monotonic = monotonic
        self._sleep = sleep
        self._next = 0.0
        self._lock = threading.Lock()

    def wait(self) -> None:
        """Wait for this caller's turn."""
        if not self._interval:
            return
        with self._lock:
            now = self._monotonic()
            turn = max(self._next, now)
            self._next = turn + self._interval
        if turn > now:
            self._sleep(turn - now)
