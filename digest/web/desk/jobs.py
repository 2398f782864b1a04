"""Do what takes longer than a page may: started by a button, seen as it goes on, one of a kind at a time."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import datetime

from digest.errors import DigestError
from digest.model import Failure

AT_ONCE = 2
KEPT = 12
"""Jobs that are remembered; one that goes on always is."""
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What a job gave: a sentence, what could not be done, and where it can be looked at."""

    sentence: str
    failures: tuple[Failure, ...] = ()
    path: str = ""


@dataclass(slots=True, kw_only=True)
class Job:
    """One job. `doing` says what it is at, of which `done` of `total` are through."""

    key: str
    title: str
    started_at: datetime
    doing: str = "Starting"
    done: int = 0
    total: int = 0
    _future: Future[Done] = field(default_factory=Future)

    def show(self, doing: str, done: int, total: int) -> None:
        """Take note of how far it is."""
        self.doing, self.done, self.total = doing, done, total

    def wait(self, seconds: float) -> None:
        """Wait for its end, at most so long."""
        wait([self._future], timeout=seconds)

    @property
    def is_running(self) -> bool:
        """Say whether it goes on."""
        return not self._future.done()

    @property
    def outcome(self) -> Done | None:
        """Return what it gave; None while it goes on and where it failed."""
        return None if self.is_running or self._future.exception() else self._future.result()

    @property
    def problem(self) -> str:
        """Return why it failed; empty where it did not."""
        exc = None if self.is_running else self._future.exception()
        if exc is None:
            return ""
        return str(exc) if isinstance(exc, DigestError) else f"{type(exc).__name__}: {exc}"


class Jobs:
    """The jobs of a desk, the newest first. Safe to use from several threads."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(max_workers=AT_ONCE, thread_name_prefix="desk-job")
        self._jobs: list[Job] = []
        self._lock = threading.Lock()

    def start(self, key: str, title: str, work: Callable[[Job], Done], *, now: datetime) -> Job:
        """Start a job, or return the one of that key that goes on."""
        with self._lock:
            known = next((job for job in self._jobs if job.key == key), None)
            if known is not None and known.is_running:
                return known
            job = Job(key=key, title=title, started_at=now)
            job._future = self._pool.submit(work, job)
            job._future.add_done_callback(_log)
            others = [one for one in self._jobs if one.key != key]
            self._jobs = [
                job,
                *(one for place, one in enumerate(others, 1) if place < KEPT or one.is_running),
            ]
            return job

    def like(self, kind: str) -> Sequence[Job]:
        """Return the jobs whose keys start so, the newest first."""
        with self._lock:
            return [job for job in self._jobs if job.key.startswith(kind)]


def _log(future: Future[Done]) -> None:
    exc = future.exception()
    if exc is not None and not isinstance(exc, DigestError):
        log.error("a job of the desk failed", exc_info=exc)
