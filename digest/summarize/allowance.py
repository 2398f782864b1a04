"""What a run may spend on a remote model: time, requests and tokens."""

from __future__ import annotations

import time
from collections.abc import Callable

from digest.errors import NoAnswerError

OVER_BUDGET = "over budget"


class Allowance:
    """Count what is spent; refuse what would be too much.

    Time counts from the first request. Tokens are set aside before a request, and put right by what the server
    says it used.
    """

    def __init__(
        self, *, seconds: float, requests: int, tokens: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._seconds, self._requests, self._tokens = seconds, requests, tokens
        self._clock = clock
        self._started: float | None = None
        self._requests_left, self._tokens_left = requests, tokens

    def seconds_left(self) -> float:
        """Return how long the run may still take."""
        return self._seconds - (self._clock() - self._started if self._started is not None else 0.0)

    def take(self, tokens: int) -> None:
        """Set aside one request of so many tokens; raise NoAnswerError where that is too much."""
        if self._started is None:
            self._started = self._clock()
        spent = (
            f"{self._seconds:g} seconds"
            if self.seconds_left() <= 0
            else f"{self._requests} requests"
            if self._requests_left < 1
            else f"{self._tokens} tokens"
            if self._tokens_left < tokens
            else ""
        )
        if spent:
            raise NoAnswerError(f"The run's budget of {spent} is used up.", kind=OVER_BUDGET, ends_run=True)
        self._requests_left -= 1
        self._tokens_left -= tokens

    def settle(self, tokens: int, used: int) -> None:
        """Replace what was set aside by what was used."""
        self._tokens_left += tokens - used
