"""Behave as a service should while the daemon runs: tell the supervisor, give signs of life, answer how it is."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from threading import Lock

from sqlalchemy import Engine

from digest.errors import DigestError
from digest.service.answering import answering
from digest.service.notify import Supervisor
from digest.service.vitals import Vitals
from digest.service_settings import listening_at
from digest.store.counting import Counts, count_all

KEPT_SECONDS = 15.0
"""How long the store's counts are answered again: a scrape costs a look at every delivery."""


class Manners:
    """The service's signs of life: `beat` is called at each tick, and is all the daemon does for it."""

    def __init__(self, supervisor: Supervisor, *, watch: Callable[[], float] = time.monotonic) -> None:
        self._supervisor = supervisor
        self._watch = watch
        self._beat_at = watch()
        self._is_up = False

    @property
    def beat_seconds(self) -> float | None:
        """Return how often a beat is wanted; None where the daemon's own ticks are enough."""
        return self._supervisor.beat_seconds

    @property
    def idle_seconds(self) -> float:
        """Return the seconds since the last beat."""
        return self._watch() - self._beat_at

    def beat(self) -> None:
        """Give a sign of life; the first one says that the service is up."""
        self._beat_at = self._watch()
        if not self._is_up:
            self._is_up = True
            self._supervisor.ready()
        self._supervisor.alive()

    def stop(self) -> None:
        """Say that the service ends."""
        self._supervisor.stopping()

    def status(self, text: str) -> None:
        """Say in a line what the service is doing."""
        self._supervisor.status(text)

    @contextmanager
    def reloading(self) -> Iterator[None]:
        """Say that the configuration is read anew, and then that it was."""
        self._supervisor.reloading()
        try:
            yield
        finally:
            self._supervisor.ready()


@contextmanager
def answering_health(
    address: str,
    engine: Engine,
    manners: Manners,
    *,
    now: Callable[[], datetime],
    is_at_work: Callable[[], bool],
) -> Iterator[int | None]:
    """Answer how the service is while the block runs, at `127.0.0.1:9100` or the like; nowhere where it is empty."""
    if not address:
        yield None
        return
    counting = _Counting(engine, now)

    def look() -> Vitals:
        counts, fault = counting.counts()
        return Vitals(
            now=now(),
            tick_seconds=manners.idle_seconds,
            is_at_work=is_at_work(),
            counts=counts,
            fault=fault,
        )

    with answering(*listening_at(address), look) as port:
        yield port


class _Counting:
    """The store's counts, asked for at most every few seconds, whoever asks."""

    def __init__(self, engine: Engine, now: Callable[[], datetime]) -> None:
        self._engine = engine
        self._now = now
        self._lock = Lock()
        self._kept: tuple[Counts | None, str] = (None, "")
        self._counted_at: float | None = None

    def counts(self) -> tuple[Counts | None, str]:
        """Return the counts, or None and why."""
        with self._lock:
            if self._counted_at is None or time.monotonic() - self._counted_at >= KEPT_SECONDS:
                try:
                    self._kept = (count_all(self._engine, now=self._now()), "")
                except DigestError as exc:
                    self._kept = (None, str(exc))
                self._counted_at = time.monotonic()
            return self._kept
