"""Read a CSV of readers line by line, telling what is wrong with each line that cannot be used."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from digest.errors import AddressError, UsageError
from digest.mailbox import LONGEST_NAME, address_key, one_line, parse_address
from digest.model import Failure

COLUMNS = ("email", "name", "time_zone", "language", "state")
DELIMITERS = (",", ";", "\t")
LARGEST_FILE = 200_000_000
SUBSCRIBED = frozenset({"", "active", "subscribed", "enabled", "confirmed"})
GONE = {
    "left": "left",
    "unsubscribed": "left",
    "suppressed": "left",
    "blocklisted": "left",
    "bounced": "bounced",
    "cleaned": "bounced",
    "complained": "complained",
}
"""What our own export and other senders' call those who must get nothing, and what we call them."""
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReaderRow:
    """One reader of the file. `line` counts from 1, the header included."""

    line: int
    address: str
    key: str
    name: str = ""
    time_zone: str | None = None
    language: str | None = None
    gone: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReaderFile:
    """What a file holds: readers once each, lines refused, how many repeat an earlier one, and where it is from.

    Of one who stands there twice, once as gone, the line that says so counts. `read` counts the lines with something
    in them, the header left out.
    """

    rows: tuple[ReaderRow, ...]
    refused: tuple[Failure, ...]
    repeated: int
    read: int
    origin: str


def read_reader_file(path: Path) -> ReaderFile:
    """Read a file with the columns `email` and, where they are there, `name`, `time_zone`, `language`, `state`.

    UTF-8 with or without a mark, else Windows-1252; commas, semicolons or tabs. Each line stands alone, so
    that a quote left open costs one line. Raises UsageError where there is no such file or column.
    """
    content = _content(path)
    lines = _text(content).splitlines()
    header, delimiter = _header(path, lines)
    rows: dict[str, ReaderRow] = {}
    refused: list[Failure] = []
    repeated = read = 0
    for number, line in enumerate(lines[1:], start=2):
        if not line.strip(f'{delimiter} \t"'):
            continue
        read += 1
        try:
            row = _row(number, dict(zip(header, _fields(line, delimiter), strict=False)))
        except (ValueError, AddressError) as exc:
            refused.append(Failure(subject=f"{path.name}, line {number}", message=str(exc)))
            continue
        repeated += row.key in rows
        if row.gone or row.key not in rows:
            rows[row.key] = row
    origin = f"imported from {path.name} (sha256 {sha256(content).hexdigest()})"
    return ReaderFile(
        rows=tuple(rows.values()), refused=tuple(refused), repeated=repeated, read=read, origin=origin
    )


def write_readers(rows: Sequence[Sequence[str]], columns: Sequence[str]) -> str:
    """Return rows as CSV. A field that a spreadsheet would take for a formula is given a leading apostrophe."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(
        [[f"'{field}" if field[:1] in "=+-@\t" and field else field for field in row] for row in rows]
    )
    return out.getvalue()


def _content(path: Path) -> bytes:
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise UsageError(
                f"{path} is larger than {LARGEST_FILE // 1_000_000} MB. Part it into several files."
            )
        return path.read_bytes()
    except OSError as exc:
        raise UsageError(
            f"Cannot read {path} ({(exc.strerror or str(exc)).lower()}). Check the path."
        ) from exc


def _text(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def _header(path: Path, lines: list[str]) -> tuple[list[str], str]:
    first = lines[0] if lines else ""
    delimiter = max(DELIMITERS, key=first.count)
    try:
        header = [name.strip().lower() for name in _fields(first, delimiter)]
    except ValueError:
        header = []
    if "email" not in header:
        raise UsageError(
            f"{path} has no column 'email' in its first line. Name the columns there: {', '.join(COLUMNS)}."
        )
    return header, delimiter


def _fields(line: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=delimiter, strict=True), [])
    except csv.Error as exc:
        raise ValueError(f"this line cannot be read ({exc}). Check its quotes.") from exc


def _row(line: int, fields: dict[str, str]) -> ReaderRow:
    """Check one line; raise ValueError or AddressError saying what is wrong with it."""
    address = parse_address(fields.get("email", ""))
    time_zone = fields.get("time_zone", "").strip() or None
    language = fields.get("language", "").strip() or None
    state = fields.get("state", "").strip().casefold()
    if state not in SUBSCRIBED and state not in GONE:
        raise ValueError(
            f"'{one_line(state)[:60]}' is no reader's state: only who is active can be imported."
        )
    if time_zone is not None and not _is_zone(time_zone):
        raise ValueError(f"'{one_line(time_zone)[:60]}' is no time zone such as 'Europe/Berlin'.")
    if language is not None and not _LANGUAGE.fullmatch(language):
        raise ValueError(f"'{one_line(language)[:60]}' is no language such as 'en' or 'pt-BR'.")
    return ReaderRow(
        line=line,
        address=address,
        key=address_key(address),
        name=one_line(fields.get("name", ""))[:LONGEST_NAME],
        time_zone=time_zone,
        language=language,
        gone=GONE.get(state, ""),
    )


@lru_cache(maxsize=1000)
def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True
