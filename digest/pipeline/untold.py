"""Keep what an editor is to be told in files, until it has been: `var/untold/` in the project folder.

Written down before it is told, so that neither a mail server that is away nor a killed process loses it. A file
is locked by who tells it. It is tried again, ever more rarely, and given up after a day.
"""

from __future__ import annotations

import fcntl
import json
import logging
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from digest.model import Failure

log = logging.getLogger(__name__)
FOLDER = "var/untold"
FIRST_PAUSE = timedelta(seconds=20)
LONGEST_PAUSE = timedelta(hours=1)
GIVEN_UP_AFTER = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One thing to tell of a newsletter: what kind, which of its kind (`key`), and in which words.

    `date` is that of the run it is about, or empty.
    """

    newsletter: str
    what: str
    key: str
    subject: str
    message: str
    date: str = ""
    failures: tuple[Failure, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """A notice, the ways it is still to be told by, and how often that was tried."""

    notice: Notice
    ways: tuple[str, ...]
    made_at: datetime
    next_at: datetime
    tries: int = 0


def after_try(errand: Errand, *, left: tuple[str, ...], now: datetime) -> Errand | None:
    """Decide what becomes of an errand after a try: None where it is done, or given up."""
    if not left or now - errand.made_at >= GIVEN_UP_AFTER:
        return None
    pause = min(FIRST_PAUSE * 2 ** min(errand.tries, 20), LONGEST_PAUSE)
    return replace(errand, ways=left, tries=errand.tries + 1, next_at=now + pause)


class Untold:
    """The folder of what is still to be told."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, notice: Notice, ways: tuple[str, ...], *, now: datetime) -> Path | None:
        """Write a notice down; None where it stands there already. Raises OSError."""
        self._folder.mkdir(parents=True, exist_ok=True)
        name = sha256("\0".join((notice.newsletter, notice.what, notice.key)).encode()).hexdigest()[:32]
        path = self._folder / f"{name}.json"
        draft = self._write(path, Errand(notice=notice, ways=ways, made_at=now, next_at=now))
        try:
            os.link(draft, path)
        except FileExistsError:
            return None
        finally:
            draft.unlink()
        return path

    def is_due(self, *, now: datetime) -> bool:
        """Say whether there is something to tell now."""
        found = (_read(path) for path in self._folder.glob("*.json"))
        return any(errand is not None and errand.next_at <= now for errand in found)

    def tell(self, try_out: Callable[[Errand], tuple[str, ...]], *, now: datetime) -> None:
        """Tell all that is due; `try_out` returns the ways that failed."""
        for path in sorted(self._folder.glob("*.json")):
            self.tell_one(path, try_out, now=now)

    def tell_one(self, path: Path, try_out: Callable[[Errand], tuple[str, ...]], *, now: datetime) -> None:
        """Tell what stands in a file, unless another process is at it."""
        with _locked(path) as is_ours:
            errand = _read(path) if is_ours else None
            if errand is None or errand.next_at > now:
                return
            left = try_out(errand)
            rest = after_try(errand, left=left, now=now)
            if rest is not None:
                self._write(path, rest).replace(path)
                return
            path.unlink(missing_ok=True)
            if left:
                log.warning(
                    "given up telling newsletter=%s what=%s", errand.notice.newsletter, errand.notice.what
                )

    def _write(self, path: Path, errand: Errand) -> Path:
        """Write a file beside its place, durable and for our eyes alone: it may name readers."""
        draft = path.with_name(f"{path.stem}.{os.getpid()}.new")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(_record(errand), file)
            file.flush()
            os.fsync(file.fileno())
        return draft


@contextmanager
def _locked(path: Path) -> Iterator[bool]:
    """Lock a file; False where it is gone, has been written anew, or another process has it."""
    try:
        file = path.open("rb")
    except FileNotFoundError:
        yield False
        return
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            is_same = path.stat().st_ino == os.fstat(file.fileno()).st_ino
        except (BlockingIOError, FileNotFoundError):
            is_same = False
        yield is_same


def _record(errand: Errand) -> dict[str, Any]:
    notice = errand.notice
    return {
        "newsletter": notice.newsletter,
        "what": notice.what,
        "key": notice.key,
        "subject": notice.subject,
        "message": notice.message,
        "date": notice.date,
        "failures": [[failure.subject, failure.message] for failure in notice.failures],
        "ways": list(errand.ways),
        "made_at": errand.made_at.isoformat(),
        "next_at": errand.next_at.isoformat(),
        "tries": errand.tries,
    }


def _read(path: Path) -> Errand | None:
    """Read a file; None where it is gone. One that is no errand is put out of the way."""
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        return Errand(
            notice=Notice(
                newsletter=record["newsletter"],
                what=record["what"],
                key=record["key"],
                subject=record["subject"],
                message=record["message"],
                date=record["date"],
                failures=tuple(Failure(subject=name, message=text) for name, text in record["failures"]),
            ),
            ways=tuple(record["ways"]),
            made_at=datetime.fromisoformat(record["made_at"]),
            next_at=datetime.fromisoformat(record["next_at"]),
            tries=int(record["tries"]),
        )
    except OSError:
        return None
    except (ValueError, KeyError, TypeError):
        log.warning("no notice can be read from file=%s", path.name)
        path.replace(path.with_suffix(".unreadable"))
        return None
