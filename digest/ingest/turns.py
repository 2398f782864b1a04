"""Let requests to one host take turns: few at once, spaced, and none while it asked for a pause."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from digest.errors import FetchError

CONNECTIONS = 2
SILENCES = 3
"""After so many requests in a row without an answer, a host is left alone for REST_SECONDS."""
REST_SECONDS = 300.0


@dataclass(slots=True)
class _Host:
    slots: threading.BoundedSemaphore = field(default_factory=lambda: threading.BoundedSemaphore(CONNECTIONS))
    lock: threading.Lock = field(default_factory=threading.Lock)
    free_at: float = 0.0
    delay_seconds: float = 0.0
    retry_at: datetime | None = None
    paused_until: float = 0.0
    silences: int = 0
    silent_since: float = 0.0


class Turns:
    """The turns of every host; threads share it. `delay_seconds` lie between the starts of two requests."""

    def __init__(self, *, delay_seconds: float) -> None:
        self._delay_seconds = delay_seconds
        self._hosts: dict[str, _Host] = {}
        self._lock = threading.Lock()

    @contextmanager
    def turn(self, name: str, *, now: datetime) -> Iterator[None]:
        """Wait for a turn with the host and hold it; raise FetchError where the host is to be left alone."""
        host = self._host(name)
        with host.slots:
            _refuse(host, name, now)
            pause = self._reserve(host)
            if pause > 0:
                time.sleep(pause)
                _refuse(host, name, now)
            yield

    def pause(self, name: str, *, until: datetime | None, now: datetime) -> None:
        """Remember that the host asked to be left alone; None: it did not."""
        host = self._host(name)
        with host.lock:
            host.retry_at = until
            host.paused_until = time.monotonic() + (until - now).total_seconds() if until else 0.0

    def space(self, name: str, *, seconds: float) -> None:
        """Keep at least so many seconds between the starts of two requests to the host."""
        host = self._host(name)
        with host.lock:
            host.delay_seconds = max(host.delay_seconds, seconds)
            host.free_at = max(host.free_at, time.monotonic() + host.delay_seconds)

    def heard(self, name: str, *, is_answered: bool) -> None:
        """Remember whether the host answered."""
        host = self._host(name)
        with host.lock:
            host.silences = 0 if is_answered else host.silences + 1
            host.silent_since = time.monotonic()

    def _host(self, name: str) -> _Host:
        with self._lock:
            return self._hosts.setdefault(name, _Host())

    def _reserve(self, host: _Host) -> float:
        """Take the next start, and return in how many seconds it is."""
        with host.lock:
            start = max(time.monotonic(), host.free_at)
            host.free_at = start + max(self._delay_seconds, host.delay_seconds)
        return start - time.monotonic()


def _refuse(host: _Host, name: str, now: datetime) -> None:
    if host.retry_at and host.retry_at > now and time.monotonic() < host.paused_until:
        raise FetchError(
            f"{name} asked for a pause until {host.retry_at:%Y-%m-%d %H:%M} UTC. Try again then.",
            retry_at=host.retry_at,
        )
    if host.silences >= SILENCES and time.monotonic() < host.silent_since + REST_SECONDS:
        raise FetchError(
            f"{name} gave no answer {host.silences} times in a row and is left alone for now. Try again later."
        )
