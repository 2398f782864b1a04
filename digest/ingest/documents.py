"""Read what a person names on the command line or in a `files` source: files, folders, patterns, samples."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path

from digest.assets import sample_folder
from digest.charset import find_encoding
from digest.errors import SourceError
from digest.ingest.mail import mail_body
from digest.ingest.sniff import sniff
from digest.ingest.unpack import BodyTooLargeError, CutShortError, DamagedBodyError, gunzipped
from digest.model import Capture, Failure

ENDINGS = (".html", ".htm", ".xhtml", ".txt", ".xml", ".rss", ".atom", ".json", ".eml")
SAMPLE = "sample:"
MAX_BYTES = 20_000_000


def open_documents(
    arguments: Iterable[str],
    *,
    now: datetime,
    source: str | None = None,
    section: str = "",
    max_bytes: int = MAX_BYTES,
) -> Iterator[Capture | Failure]:
    """Yield a capture for each file that `arguments` name, and a failure for each that cannot be read.

    An argument is a file, a folder (its files of ENDINGS or .gz of them, sorted, and those of its
    subfolders), a pattern such as `inbox/*.html`, or `sample:PATTERN` among the packaged samples. Order is
    the arguments'. A capture's source is `source`, else the argument as typed, else the file's path.
    """
    for argument in arguments:
        try:
            paths = find_documents(argument)
        except SourceError as exc:
            yield Failure(subject=argument, message=str(exc))
            continue
        for path in paths:
            subject = argument if len(paths) == 1 and str(path) == str(Path(argument)) else str(path)
            try:
                yield open_document(
                    path, now=now, source=source or subject, section=section, max_bytes=max_bytes
                )
            except SourceError as exc:
                yield Failure(subject=subject, message=str(exc))


def find_documents(argument: str) -> list[Path]:
    """Return the files that `argument` names; raise SourceError when there is none."""
    if "\0" in argument or not argument.strip():
        raise SourceError(
            "The name of a file to read is empty or holds a NUL. Name a file, a folder or a pattern."
        )
    if argument.startswith(SAMPLE):
        return _match(str(sample_folder() / argument.removeprefix(SAMPLE)), argument)
    path = Path(argument)
    try:
        if path.is_dir():
            return _files_in(path, argument)
        if path.exists() or not glob.has_magic(argument):
            return [path]
    except OSError as exc:
        raise SourceError(f"Cannot read {argument} ({_cause(exc)}).") from exc
    return _match(argument, argument)


def open_document(
    path: Path, *, now: datetime, source: str, section: str = "", max_bytes: int = MAX_BYTES
) -> Capture:
    """Return the capture of one file, unpacked if it is gzipped; raise SourceError naming the file."""
    content = read_file(path, max_bytes=max_bytes)
    content_type = ""
    name = path.name.lower().removesuffix(".gz")
    if name.endswith(".eml"):
        content, content_type = mail_body(content, subject=str(path))
    encoding = find_encoding(content, content_type=content_type)
    try:
        kind = sniff(content, encoding=encoding)
    except SourceError as exc:
        raise SourceError(f"Cannot read {path}: {exc}.") from exc
    return Capture(
        source=source,
        kind=kind,
        content=content,
        fetched_at=now,
        path=path,
        content_type=content_type,
        encoding=encoding,
        section=section,
    )


def _match(pattern: str, argument: str) -> list[Path]:
    paths = [
        Path(name)
        for name in sorted(glob.glob(pattern, recursive=True))  # noqa: PTH207 Path.glob takes no absolute pattern
        if Path(name).is_file()
    ]
    paths = [path for path in paths if is_document(path.name)] or paths
    if not paths:
        raise SourceError(f"Nothing matches {argument}. Check the path.")
    return paths


def _files_in(folder: Path, argument: str) -> list[Path]:
    found: list[Path] = []
    for root, folders, files in os.walk(folder):
        pages = {name.rsplit(".", 1)[0] for name in files}
        # A browser saves a page's frames and pictures in NAME_files beside it.
        folders[:] = sorted(
            name for name in folders if not name.startswith(".") and not _is_companion(name, pages)
        )
        found += [Path(root) / name for name in files if is_document(name)]
    if not found:
        raise SourceError(
            f"The folder {argument} holds no page, text or feed ({' '.join(ENDINGS)} or .gz of them)."
        )
    return sorted(found)


def _is_companion(folder: str, pages: set[str]) -> bool:
    return any(folder == page + ending for page in pages for ending in ("_files", ".files", "-Dateien"))


def is_document(name: str) -> bool:
    """Say whether a file's name ends as those we read do."""
    return not name.startswith(".") and name.lower().removesuffix(".gz").endswith(ENDINGS)


def read_file(path: Path, *, max_bytes: int = MAX_BYTES) -> bytes:
    """Return what a file holds, unpacked where it is gzipped; raise SourceError naming the file."""
    try:
        if not path.is_file():
            raise SourceError(
                f"There is no file {path}. Check the path."
                if not path.exists()
                else f"Cannot read {path}: it is not a regular file."
            )
        with path.open("rb") as file:
            content = file.read(max_bytes + 1)
    except OSError as exc:
        raise SourceError(f"Cannot read {path} ({_cause(exc)}). Check its name and permissions.") from exc
    if len(content) > max_bytes:
        raise SourceError(f"{path} is larger than {_megabytes(max_bytes)} MB and was left out.")
    return gunzip(content, max_bytes=max_bytes, subject=str(path)) if content[:2] == b"\x1f\x8b" else content


def gunzip(content: bytes, *, max_bytes: int, subject: str) -> bytes:
    """Unpack gzip, never making more than `max_bytes`; raise SourceError naming `subject`."""
    try:
        return gunzipped(content, max_bytes=max_bytes)
    except BodyTooLargeError as exc:
        raise SourceError(
            f"{subject} unpacks to more than {_megabytes(max_bytes)} MB and was left out."
        ) from exc
    except CutShortError as exc:
        raise SourceError(f"{subject} is a gzip file that was cut short. Save it again.") from exc
    except DamagedBodyError as exc:
        raise SourceError(f"{subject} is a damaged gzip file. Save it again.") from exc


def _megabytes(count: int) -> str:
    return f"{count / 1_000_000:g}"


def _cause(exc: OSError) -> str:
    return exc.strerror.lower() if exc.strerror else str(exc)
