"""Copy a SQLite store while others write to it, look a copy over, and put one in a store's place in one step."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from digest.errors import StoreError
from digest.store.backup_file import sync_file, sync_folder

BUSY_SECONDS = 30
COMPANIONS = ("-wal", "-shm")


def copy_store(source: Path, target: Path) -> None:
    """Copy a store into a new file: one moment of it, whoever writes, in one portion so that none starts it anew.

    Raises StoreError where that cannot be, or where the copy is not sound.
    """
    with _explained(f"Cannot copy the store {source}"):
        with closing(_connect(source)) as old, closing(sqlite3.connect(target)) as new:
            old.backup(new, pages=-1)
            new.execute("PRAGMA journal_mode=DELETE").fetchall()
        check_sound(target)
        sync_file(target)


def check_sound(path: Path) -> None:
    """Look through a file whether it is a sound store of ours; raise StoreError where it is not."""
    with _explained(f"{path} is no sound store"), closing(_connect(path)) as store:
        answer = str(store.execute("PRAGMA integrity_check(1)").fetchone()[0])
        broken = store.execute("PRAGMA foreign_key_check").fetchone()
        version = store.execute("SELECT version_num FROM alembic_version").fetchone()
    if answer != "ok" or broken is not None or version is None:
        raise StoreError(
            f"The copy of the store is not sound ({answer if answer != 'ok' else 'a row lacks its other half'}). "
            "Nothing was changed."
        )


def is_usable(path: Path) -> bool:
    """Say whether a store can be read whole."""
    if not path.exists():
        return False
    try:
        check_sound(path)
    except StoreError:
        return False
    return True


def overwrite(target: Path, source: Path) -> None:
    """Put a store's content in the place of another's, in one transaction of the store that is there.

    Who has it open sees the one or the other, and so does who opens it after a crash.
    """
    with (
        _explained(f"Cannot write the store {target}"),
        closing(_connect(source)) as new,
        closing(_connect(target)) as old,
    ):
        new.backup(old, pages=-1)
        old.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()


def replace_file(target: Path, source: Path) -> None:
    """Put a file in the place of a store that is missing or cannot be used; its companions would spoil the new one."""
    sync_file(source)
    for ending in COMPANIONS:
        target.with_name(target.name + ending).unlink(missing_ok=True)
    sync_folder(target.parent)
    source.replace(target)
    sync_folder(target.parent)


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=rw", uri=True, timeout=BUSY_SECONDS)
    connection.execute("PRAGMA synchronous=FULL")
    return connection


@contextmanager
def _explained(what: str) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as exc:
        raise StoreError(f"{what} ({exc}). Nothing was changed; check the disk, and the file.") from exc
