"""Read the files that a source watches: only those that are new or have changed since they were last read.

What was read of a file is kept as its fetch record: `etag` is its mark (time of change in nanoseconds, and
size), `last_modified` the ids of the stories in it that have no address.

A file is read once it has been left alone for SETTLE_SECONDS. One that was just written is waited for, once
for all of a source's files, rather than left to the next fetch: that may be tomorrow's. One that changes
meanwhile, or while it is read, is said and left: half a story is worse than a late one.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from digest.errors import SourceError
from digest.ingest.documents import SAMPLE, find_documents, open_document
from digest.model import Capture, Failure, Story, StoryId
from digest.pipeline.report import FetchReport
from digest.store.last_fetch import LastFetch

if TYPE_CHECKING:
    from digest.config import Config, SourceSettings
    from digest.store.stories import Stories

SETTLE_SECONDS = 1.0
FILES_AT_ONCE = 50
"""So many files are read before what they gave is saved."""
_SHINGLE = 3
_SAME = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchedFile:
    """A file as it was found: where, the name its record is kept under, and its mark."""

    path: Path
    address: str
    mark: str
    changed: float


@dataclass(frozen=True, slots=True, kw_only=True)
class _Outcome:
    """What one file gave."""

    file: WatchedFile
    stories: tuple[Story, ...] = ()
    failures: tuple[Failure, ...] = ()


def read_files(
    source: SourceSettings,
    *,
    config: Config,
    stories: Stories,
    read: Callable[[Capture], Iterator[Story | Failure]],
    now: datetime,
    pause: Callable[[float], None] = time.sleep,
) -> FetchReport:
    """Read the source's files into the store, a portion at a time; what has not changed is passed over.

    A file that vanished is no failure, and neither is an empty folder. One that cannot be read is told at
    each fetch.
    """
    known = stories.last_fetches(source.name)
    files, failures = find_files(source, config, known)
    changed = [file for file in files if file.mark != _mark(known.get(file.address))]
    ready, unsettled = settle(changed, pause=pause)
    failures += [_still_written(file.path) for file in unsettled]
    report = FetchReport(failures=tuple(replace(failure, subject=source.name) for failure in failures))
    waiting = iter(ready)
    while portion := list(islice(waiting, FILES_AT_ONCE)):
        outcomes = [_read_file(file, source, read, now) for file in portion]
        report += _save(source, [one for one in outcomes if one], stories, known, now)
    is_reached = report.read > 0 or not report.failures or len(changed) < len(files)
    return replace(report, reached=int(is_reached))


def find_files(
    source: SourceSettings, config: Config, known: Mapping[str, LastFetch]
) -> tuple[list[WatchedFile], list[Failure]]:
    """Return the files of a source, each once, and a failure for each path that leads nowhere."""
    found: dict[str, WatchedFile] = {}
    failures: list[Failure] = []
    root = config.project.resolve()
    for path in source.paths:
        argument = path if path.startswith(SAMPLE) else str(config.path(path))
        try:
            documents = find_documents(argument)
        except SourceError as exc:
            if not _may_be_empty(argument):
                failures.append(Failure(subject=argument, message=str(exc)))
            continue
        for document in documents:
            address = _address(document, root)
            file = _stat(document, address)
            if file is not None:
                found.setdefault(address, file)
            elif address not in known:
                failures.append(
                    Failure(subject=argument, message=f"There is no file {document}. Check the path.")
                )
    return list(found.values()), failures


def settle(
    files: Sequence[WatchedFile],
    *,
    pause: Callable[[float], None],
    clock: Callable[[], float] = time.time,
) -> tuple[list[WatchedFile], list[WatchedFile]]:
    """Wait until the youngest file is left alone; return the files that are, and those still being written."""
    young = [file for file in files if clock() - file.changed < SETTLE_SECONDS]
    if young:
        age = clock() - max(file.changed for file in young)
        pause(min(SETTLE_SECONDS - age, SETTLE_SECONDS))
    restless = {file.address for file in young if not _is_unchanged(file)}
    return (
        [file for file in files if file.address not in restless],
        [file for file in young if file.address in restless and file.path.exists()],
    )


def keep_ids(found: Sequence[Story], before: Iterable[Story]) -> tuple[Story, ...]:
    """Return stories under the ids of what they are a later state of.

    A story without an address is named by its words, and would be another one after each correction. A file
    that holds another story today is told from it by its words, too.
    """
    ids = {story.id for story in found}
    free = [story for story in before if story.id not in ids]
    kept = []
    for story in found:
        former = next((one for one in free if story.url is None and is_later_state(story, of=one)), None)
        if former is not None:
            free.remove(former)
            story = replace(story, id=former.id)
        kept.append(story)
    return tuple(kept)


def is_later_state(story: Story, *, of: Story) -> bool:
    """Say whether half of the shorter text's word sequences are in the other one."""
    new, old = _shingles(story.text), _shingles(of.text)
    return bool(new and old) and len(new & old) >= _SAME * min(len(new), len(old))


def _read_file(
    file: WatchedFile,
    source: SourceSettings,
    read: Callable[[Capture], Iterator[Story | Failure]],
    now: datetime,
) -> _Outcome | None:
    """Read one file; None where it has vanished."""
    found: list[Story] = []
    failures: list[Failure] = []
    try:
        document = open_document(file.path, now=now, source=source.name, section=source.section)
    except SourceError as exc:
        if not file.path.exists():
            return None
        return _Outcome(file=file, failures=(Failure(subject=source.name, message=str(exc)),))
    if not _is_unchanged(file):
        return _Outcome(file=file, failures=(replace(_still_written(file.path), subject=source.name),))
    for one in read(document):
        if isinstance(one, Story):
            found.append(one)
        else:
            failures.append(replace(one, subject=f"{source.name}, {file.address}"))
    told = [story for story in found if story.text]
    if len(told) < len(found):
        failures.append(
            Failure(
                subject=f"{source.name}, {file.address}",
                message=f"{len(found) - len(told)} of its entries have no text. Name its address as a feed instead.",
            )
        )
    return _Outcome(file=file, stories=tuple(told), failures=tuple(failures))


def _save(
    source: SourceSettings,
    outcomes: Sequence[_Outcome],
    stories: Stories,
    known: Mapping[str, LastFetch],
    now: datetime,
) -> FetchReport:
    """Save the stories of some files, and the marks of the files that gave any."""
    good: list[Story] = []
    records: dict[str, LastFetch] = {}
    for one in outcomes:
        last = known.get(one.file.address, LastFetch())
        before = [stories.find(StoryId(name)) for name in (last.last_modified or "").split()]
        kept = keep_ids(one.stories, [story for story in before if story is not None])
        good += kept
        is_read = bool(kept) or not one.failures
        records[one.file.address] = LastFetch(
            etag=one.file.mark if is_read else None,
            last_modified=" ".join(story.id for story in kept if story.url is None) or last.last_modified,
            fetched_at=now,
            failures=0 if is_read else last.failures + 1,
            last_error=None if is_read else one.failures[0].message,
        )
    new = stories.save(good, source=source.name, now=now, is_hand_picked=True)
    stories.record_fetches(source.name, records)
    failures = tuple(failure for one in outcomes for failure in one.failures)
    return FetchReport(read=len(good), new=new, failures=failures)


def _may_be_empty(argument: str) -> bool:
    """Say whether a path may lead to nothing: a pattern, and a folder that is there, are an empty inbox."""
    folder = Path(argument)
    if any(character in argument for character in "*?["):
        return True
    return folder.is_dir() and os.access(folder, os.R_OK | os.X_OK)


def _address(path: Path, root: Path) -> str:
    try:
        resolved = path.resolve()
    except (OSError, RuntimeError):  # a link to itself
        return str(path)
    return str(resolved.relative_to(root) if resolved.is_relative_to(root) else resolved)


def _stat(path: Path, address: str) -> WatchedFile | None:
    try:
        found = path.stat()
    except OSError:
        return None
    mark = f"{found.st_mtime_ns}:{found.st_size}"
    return WatchedFile(path=path, address=address, mark=mark, changed=found.st_mtime)


def _is_unchanged(file: WatchedFile) -> bool:
    now = _stat(file.path, file.address)
    return now is not None and now.mark == file.mark


def _mark(last: LastFetch | None) -> str | None:
    return last.etag if last else None


def _still_written(path: Path) -> Failure:
    return Failure(subject=str(path), message=f"{path} is still being written and is left to the next fetch.")


def _shingles(text: str) -> set[tuple[str, ...]]:
    words = text.casefold().split()
    return {tuple(words[at : at + _SHINGLE]) for at in range(max(1, len(words) - _SHINGLE + 1)) if words}
