"""Read a system log from a moment on, through its rotated files: lines with the time of each."""

from __future__ import annotations

import gzip
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO

_ISO = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)")
_PLAIN = re.compile(r"([A-Z][a-z]{2}) ([ \d]\d) (\d\d):(\d\d):(\d\d) ")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_STAMP = 15
"""Characters of a time without a year, `Nov 24 17:54:43`: many lines in a row have the same."""
_NEAR_ENOUGH = 65_536
"""Bytes within which a place in a file is near enough to a moment."""


@dataclass(frozen=True, slots=True)
class LogFile:
    """A log, and by their names its rotated files beside it: `mail.log.1`, `mail.log-20261124.gz`."""

    path: Path

    def files_since(self, moment: datetime) -> list[Path]:
        """Return the files that were written to after a moment, the oldest first."""
        rotated = [
            (one.stat().st_mtime, one)
            for one in self.path.parent.glob(f"{self.path.name}*")
            if re.match(r"[.-]\d", one.name.removeprefix(self.path.name))
        ]
        return [one for at, one in sorted(rotated) if at >= moment.timestamp()] + [self.path]


def log_lines(
    log: LogFile, *, since: datetime, now: datetime
) -> tuple[datetime | None, Iterator[tuple[datetime, str]]]:
    """Return from when on the log covers the time, and its lines since `since`; None where it cannot be read.

    Lines without a time have that of the line before.
    """
    try:
        files = log.files_since(since)
        first = next((moment for one in files if (moment := _first_moment(one, now)) is not None), None)
        for one in files:
            one.open("rb").close()
    except OSError:
        return None, iter(())
    return first, _lines(files, since, now)


def _lines(files: list[Path], since: datetime, now: datetime) -> Iterator[tuple[datetime, str]]:
    for path in files:
        moment: datetime | None = None
        stamp = b""
        with _open(path) as file:
            if path.suffix != ".gz":
                file.seek(_place_before(file, since, now))
            for raw in file:
                if not raw.endswith(b"\n"):
                    break  # it is being written
                line = raw.decode("utf-8", "replace")
                if raw[:_STAMP] != stamp or stamp[:1].isdigit():
                    stamp = raw[:_STAMP]
                    moment = moment_of(line, now) or moment
                if moment is not None and moment >= since:
                    yield moment, line


def moment_of(line: str, now: datetime) -> datetime | None:
    """Return the time that a line begins with, in UTC; of one without a year, the last that has passed."""
    if iso := _ISO.match(line):
        return datetime.fromisoformat(iso[0]).astimezone(UTC)
    plain = _PLAIN.match(line)
    if plain is None or plain[1] not in _MONTHS:
        return None
    here = now.astimezone()
    month = _MONTHS.index(plain[1]) + 1
    day, hour, minute, second = map(int, plain.groups()[1:])
    for year in (here.year + 1, here.year, here.year - 1):
        try:
            local = datetime(year, month, day, hour, minute, second)  # noqa: DTZ001  a log's own time is this machine's
        except ValueError:
            continue
        moment = local.astimezone(UTC)
        if moment <= now + timedelta(days=1):
            return moment
    return None


def _first_moment(path: Path, now: datetime) -> datetime | None:
    with _open(path) as file:
        for _, raw in zip(range(100), file, strict=False):
            if (moment := moment_of(raw.decode("utf-8", "replace"), now)) is not None:
                return moment
    return None


def _place_before(file: BinaryIO, moment: datetime, now: datetime) -> int:
    """Return a line's start shortly before a moment, by halving: a log may have gigabytes."""
    low, high = 0, file.seek(0, os.SEEK_END)
    while high - low > _NEAR_ENOUGH:
        middle = (low + high) // 2
        at = _moment_after(file, middle, now)
        if at is None or at >= moment:
            high = middle
        else:
            low = middle
    file.seek(low)
    if low:
        file.readline()
    return file.tell()


def _moment_after(file: BinaryIO, place: int, now: datetime) -> datetime | None:
    file.seek(place)
    file.readline()
    for _, raw in zip(range(20), file, strict=False):
        if (moment := moment_of(raw.decode("utf-8", "replace"), now)) is not None:
            return moment
    return None


def _open(path: Path) -> BinaryIO:
    return gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb")  # type: ignore[return-value]  # it reads alike
