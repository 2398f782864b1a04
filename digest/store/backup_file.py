"""Write a backup into one file, and read it back without trusting it: a tar with a list of what is in it.

The list comes first and names each part with its size and SHA-256. No path inside is ever used as a path here.
"""

from __future__ import annotations

import hashlib
import json
import os
import tarfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import uuid4

from digest.errors import StoreError

LIST = "backup.json"
FORMAT = 1
SECRET = "secret"
STORES = {"sqlite": "store.sqlite", "postgresql": "store.pgdump"}
CONFIG = "config/"
_MOST_LIST = 10_000_000
_AT_ONCE = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What is in a backup: the engine of its store, when it was begun, and each newsletter's newest sent edition."""

    engine: str
    made_at: datetime
    version: str
    sent: dict[str, date]
    parts: dict[str, tuple[int, str]]


@contextmanager
def work_folder(target: Path) -> Iterator[Path]:
    """Give a new folder beside a file, on the same disk; it is removed at the end, with those of processes that died.

    Raises StoreError where it cannot be made, and where the disk fails or fills up inside.
    """
    folder = target.with_name(f".{target.name}.{os.getpid()}-{uuid4().hex[:8]}.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        for old in target.parent.glob(f".{target.name}.*.part"):
            if not _is_running(old.name.rpartition(".part")[0].rpartition(".")[2].partition("-")[0]):
                _remove(old)
        folder.mkdir(mode=0o700)
        try:
            yield folder
        finally:
            _remove(folder)
    except OSError as exc:
        raise StoreError(
            f"Cannot write beside {target} ({exc.strerror or exc}). Make room on the disk, or name another place; "
            "nothing was changed."
        ) from exc


def write_backup(target: Path, folder: Path, parts: Mapping[str, Path], facts: Mapping[str, Any]) -> None:
    """Write parts into a backup in one step: `target` is the old file or the whole new one, mode 0600."""
    listed = {name: (path.stat().st_size, _hash(path)) for name, path in parts.items()}
    text = json.dumps({"format": FORMAT, **facts, "parts": listed}, indent=1, default=str).encode()
    draft = folder / "backup.tar"
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        with tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as tar:
            tar.addfile(_member(LIST, len(text)), BytesIO(text))
            for name, path in parts.items():
                with path.open("rb") as content:
                    tar.addfile(_member(name, listed[name][0]), content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(target)
    sync_folder(target.parent)


def read_backup(path: Path, folder: Path) -> tuple[Manifest, dict[str, Path]]:
    """Unpack a backup into a folder, and return what it lists with where each part lies now.

    Raises StoreError where it is no backup of ours, or where a part is not as it was written.
    """
    try:
        with tarfile.open(path, mode="r:") as tar:
            manifest = _read_list(tar)
            return manifest, _unpack(tar, manifest, folder)
    except (FileNotFoundError, IsADirectoryError) as exc:
        raise StoreError(f"There is no file {path}. Name a file that 'digest backup' wrote.") from exc
    except PermissionError as exc:
        raise StoreError(f"Cannot read {path} ({exc.strerror}).") from exc
    except (tarfile.TarError, ValueError, KeyError, TypeError, IndexError, AttributeError, EOFError) as exc:
        raise StoreError(
            f"{path} is no backup of Daily Dose, or it is damaged ({exc}). Use another; nothing was changed."
        ) from exc


def is_backup(path: Path) -> bool:
    """Say whether a file is a backup of ours, going by its list."""
    try:
        with tarfile.open(path, mode="r:") as tar:
            _read_list(tar)
    except (OSError, tarfile.TarError, ValueError, KeyError, TypeError, IndexError, AttributeError, EOFError):
        return False
    return True


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_file(path: Path) -> None:
    """Make a file's content durable."""
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _read_list(tar: tarfile.TarFile) -> Manifest:
    first = tar.next()
    content = tar.extractfile(first) if first is not None and first.isreg() else None
    if first is None or content is None or first.name != LIST or first.size > _MOST_LIST:
        raise ValueError("it does not begin with its list")
    facts = json.loads(content.read())
    if facts["format"] != FORMAT:
        raise ValueError(f"its format is {facts['format']}, that of another version")
    engine = str(facts["engine"])
    parts = {str(name): (int(size), str(mark)) for name, (size, mark) in facts["parts"].items()}
    if STORES[engine] not in parts:
        raise ValueError("it holds no store")
    made_at = datetime.fromisoformat(facts["made_at"])
    if made_at.tzinfo is None:
        raise ValueError("its time has no zone")
    return Manifest(
        engine=engine,
        made_at=made_at,
        version=str(facts["version"]),
        sent={str(name): date.fromisoformat(day) for name, day in facts["sent"].items()},
        parts=parts,
    )


def _unpack(tar: tarfile.TarFile, manifest: Manifest, folder: Path) -> dict[str, Path]:
    found: dict[str, Path] = {}
    while (member := tar.next()) is not None:
        if member.name not in manifest.parts or member.name in found or not member.isreg():
            raise ValueError(f"it holds {member.name!r}, which its list does not name")
        size, mark = manifest.parts[member.name]
        place = folder / f"part-{len(found)}"
        content = tar.extractfile(member)
        if content is None or member.size != size:
            raise ValueError(f"{member.name} is not as long as it was")
        with os.fdopen(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            while block := content.read(_AT_ONCE):
                file.write(block)
        if _hash(place) != mark:
            raise ValueError(f"{member.name} is not what was written")
        found[member.name] = place
    if missing := manifest.parts.keys() - found.keys():
        raise ValueError(f"it lacks {', '.join(sorted(missing))}")
    return found


def _member(name: str, size: int) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.size, member.mode = size, 0o600
    return member


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _is_running(number: str) -> bool:
    return not number.isdigit() or Path(f"/proc/{number}").exists()


def _remove(folder: Path) -> None:
    for one in folder.iterdir():
        one.unlink(missing_ok=True)
    folder.rmdir()
