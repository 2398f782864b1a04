"""SQLite's file is replaced whole or not at all, and the one that was there is kept."""

from __future__ import annotations

import shutil
import signal
import sqlite3
import subprocess
import threading
import time
from collections import Counter
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import create_engine, select

from digest import __version__
from digest.deliver.sink import Sink
from digest.store.backup_file import write_backup
from digest.store.database import HEAD, open_database
from digest.store.migrate import alembic_config
from digest.store.tables import subscribers
from tests.acceptance.conftest import COMMAND, Project, clean_environment, configuration, wait_for
from tests.acceptance.test_backup import fill_up, leftovers


@pytest.fixture
def plain(project: Project, mailbox: Sink) -> Project:
    project.configure(configuration(port=mailbox.port))
    return project


def readers_in(store: Path) -> int:
    """Check a file through and through; count its readers."""
    with closing(sqlite3.connect(store)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        return int(connection.execute("SELECT count(*) FROM subscribers").fetchone()[0])


def at_rest(store: Path) -> None:
    """Write what the log holds into the file: a test that changes the file means all of it."""
    with closing(sqlite3.connect(store)) as connection:
        assert connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] == 0


def test_the_store_that_was_there_is_kept_and_a_program_that_has_it_open_sees_the_new_one(
    plain: Project,
) -> None:
    store = plain.folder / "var/digest.db"
    plain.run("backup", "b.tar")
    plain.run("subscribers", "add", "new@example.org", "--newsletter", "daily")
    engine = open_database(f"sqlite:///{store}")
    with engine.connect() as connection:
        assert connection.scalars(select(subscribers.c.address)).all() == ["new@example.org"]

    plain.run("restore", "b.tar")
    plain.run("restore", "b.tar")

    with engine.connect() as connection:
        assert connection.scalars(select(subscribers.c.address)).all() == []
    engine.dispose()
    assert readers_in(store.with_name("digest.db.before-restore")) == 1
    assert readers_in(store.with_name("digest.db.before-restore.2")) == 0


def test_a_store_that_is_damaged_or_gone_is_replaced(plain: Project) -> None:
    store = plain.folder / "var/digest.db"
    plain.run("subscribers", "add", "ada@example.org", "--newsletter", "daily")
    plain.run("backup", "b.tar")
    broken = b"SQLite format 3\0" + b"rubbish" * 5000
    at_rest(store)
    store.write_bytes(broken)
    plain.run("restore", "b.tar")
    assert readers_in(store) == 1
    assert store.with_name("digest.db.before-restore").read_bytes() == broken

    shutil.rmtree(store.parent)
    plain.run("restore", "b.tar")
    assert readers_in(store) == 1


def test_the_secret_comes_back_and_another_is_kept(plain: Project) -> None:
    plain.run("run", "daily")
    secret = plain.folder / "var/secret"
    first = secret.read_bytes()
    plain.run("backup", "b.tar")
    secret.write_text("f" * 64, encoding="ascii")

    plain.run("restore", "b.tar")

    assert secret.read_bytes() == first
    assert secret.stat().st_mode & 0o777 == 0o600
    assert secret.with_name("secret.before-restore").read_text(encoding="ascii") == "f" * 64


def test_a_backup_of_an_older_version_is_brought_up_to_date(plain: Project) -> None:
    folder = plain.folder / "made"
    folder.mkdir()
    old = folder / "old.sqlite"
    engine = create_engine(f"sqlite:///{old}")
    with engine.begin() as connection:
        settings = alembic_config()
        settings.attributes["connection"] = connection
        command.upgrade(settings, "0004")
    engine.dispose()
    facts = {
        "engine": "sqlite",
        "made_at": datetime.now(UTC).isoformat(),
        "version": __version__,
        "sent": {},
    }
    write_backup(plain.folder / "old.tar", folder, {"store.sqlite": old}, facts)

    plain.run("restore", "old.tar")

    with closing(sqlite3.connect(plain.folder / "var/digest.db")) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchall() == [(HEAD,)]
    plain.run("run", "daily", expect=1)


def test_a_full_disk_while_restoring_changes_nothing(plain: Project) -> None:
    store = plain.folder / "var/digest.db"
    plain.run("status")
    fill_up(store, 4)
    plain.run("backup", "b.tar")
    plain.run("subscribers", "add", "new@example.org", "--newsletter", "daily")

    for most in (100_000, 3_000_000):
        done = subprocess.run(
            ["prlimit", f"--fsize={most}", str(COMMAND), "restore", "b.tar"],
            cwd=plain.folder,
            env=clean_environment(),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert (done.returncode, len(done.stderr.splitlines())) == (1, 1), done.stderr
        assert readers_in(store) == 1
        assert leftovers(plain.folder) == []


def test_a_restore_that_is_killed_has_changed_all_or_nothing(plain: Project) -> None:
    store = plain.folder / "var/digest.db"
    plain.run("status")
    fill_up(store, 25)
    plain.run("backup", "b.tar")
    plain.run("subscribers", "add", "new@example.org", "--newsletter", "daily")
    at_rest(store)
    before = store.read_bytes()
    took = _time_of_restore(plain)
    caught, seen = 0, Counter[int]()

    for step in range(10):
        for ending in ("-wal", "-shm"):
            store.with_name(store.name + ending).unlink(missing_ok=True)
        store.write_bytes(before)
        process = _start_restore(plain)
        threading.Event().wait(took * step / 10)
        process.send_signal(signal.SIGKILL)
        caught += process.wait() == -signal.SIGKILL
        readers = readers_in(store)
        seen[readers] += 1
        with closing(sqlite3.connect(store)) as connection:
            held = connection.execute("SELECT count(*) FROM halts").fetchone()[0]
        assert (readers, held > 0) in ((1, False), (0, True))
        if readers == 0:
            assert readers_in(max(store.parent.glob("*.before-restore*"), key=_changed)) == 1

    assert caught >= 5
    assert seen[1] > 0
    plain.run("restore", "b.tar")
    assert readers_in(store) == 0
    assert leftovers(plain.folder) == []


def _changed(path: Path) -> int:
    return path.stat().st_mtime_ns


def _start_restore(plain: Project) -> subprocess.Popen[bytes]:
    """Start a restore, and return when it has begun to write."""
    process = subprocess.Popen(
        [str(COMMAND), "restore", "b.tar"],
        cwd=plain.folder,
        env=clean_environment(),
        stdout=subprocess.DEVNULL,
    )
    mine = f".digest.db.{process.pid}-*.part"
    wait_for(lambda: process.poll() is not None or list((plain.folder / "var").glob(mine)))
    return process


def _time_of_restore(plain: Project) -> float:
    process = _start_restore(plain)
    start = time.monotonic()
    assert process.wait(60) == 0
    return time.monotonic() - start
