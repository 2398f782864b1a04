"""A backup is one moment of a store that others write to; what goes wrong leaves the last backup as it was."""

from __future__ import annotations

import json
import signal
import sqlite3
import subprocess
import sys
import tarfile
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from digest.store.database import open_database
from tests.acceptance.conftest import COMMAND, Project, clean_environment, configuration, wait_for
from tests.postgres import make_database

WRITER = """
import sys
from itertools import count
from datetime import UTC, datetime
from sqlalchemy import insert
from digest.store.database import open_database
from digest.store.tables import attempts, letters
engine = open_database(sys.argv[1])
for number in count(int(sys.argv[2])):
    with engine.begin() as connection:
        connection.execute(insert(attempts).values(key=f"k{number}", since=datetime.now(UTC), made=1))
        connection.execute(insert(letters).values(box="b", letter=f"k{number}"))
"""
"""Writes pairs of rows, each pair in one transaction, until it is killed."""


@contextmanager
def writer(url: str, start: int = 0) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen([sys.executable, "-c", WRITER, url, str(start)])
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def unpacked(backup: Path, name: str = "store.sqlite") -> Path:
    """Take one part out of a backup, beside it."""
    place = backup.with_suffix(f".{name}")
    with tarfile.open(backup) as tar:
        content = tar.extractfile(name)
        assert content is not None
        place.write_bytes(content.read())
    return place


def pairs(store: Path) -> tuple[int, int]:
    """Check a SQLite file through and through; return how many of each half it holds."""
    with closing(sqlite3.connect(store)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        first, second = (
            connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
            for table in ("attempts", "letters")
        )
    return first, second


def leftovers(folder: Path) -> list[str]:
    return [path.name for path in folder.rglob("*.part")]


def fill_up(store: Path, megabytes: int) -> None:
    """Make a store large, so that copying it takes a moment."""
    engine = open_database(f"sqlite:///{store}")
    engine.dispose()
    with closing(sqlite3.connect(store)) as connection, connection:
        connection.executemany(
            "INSERT INTO pictures (key, made_at, content) VALUES (?, '2026-11-24 00:00:00', randomblob(1000000))",
            [(f"large {number}",) for number in range(megabytes)],
        )


@pytest.fixture
def ready(project: Project) -> Project:
    project.configure(configuration())
    return project


def test_a_backup_is_one_moment_of_a_store_that_is_written_to(ready: Project) -> None:
    ready.run("status")
    store, backup = ready.folder / "var/digest.db", ready.folder / "safe/b.tar"
    fill_up(store, 20)
    seen = []
    with writer(f"sqlite:///{store}"):
        wait_for(lambda: pairs(store)[0] > 20)
        for _ in range(3):
            ready.run("backup", "safe/b.tar")
            first, second = pairs(unpacked(backup))
            assert first == second
            seen.append(first)

    assert 0 < seen[0] < seen[1] < seen[2]
    assert leftovers(ready.folder) == []


def test_a_backup_holds_what_a_new_machine_needs_and_is_for_its_owner_alone(ready: Project) -> None:
    ready.run("run", "daily", expect=None)
    (ready.folder / "config/sites").mkdir()
    (ready.folder / "config/sites/example.org.toml").write_text("", encoding="utf-8")
    (ready.folder / "var/secret").write_text("0" * 64, encoding="ascii")

    said = ready.run("backup", "b.tar").stdout

    backup = ready.folder / "b.tar"
    with tarfile.open(backup) as tar:
        names = tar.getnames()
        listed = tar.extractfile("backup.json")
        assert listed is not None
        facts = json.load(listed)
    parts = ["store.sqlite", "config/digest.toml", "config/sites/example.org.toml", "secret"]
    assert names == ["backup.json", *parts]
    assert list(facts["parts"]) == parts
    assert all(name in said for name in parts)
    assert backup.stat().st_mode & 0o777 == 0o600
    assert unpacked(backup, "secret").read_text(encoding="ascii") == "0" * 64


def test_another_file_is_never_overwritten(ready: Project) -> None:
    (ready.folder / "novel.txt").write_text("Chapter one", encoding="utf-8")

    assert "is no backup" in ready.run("backup", "novel.txt", expect=1).stderr
    assert "is a folder" in ready.run("backup", "config", expect=1).stderr

    assert (ready.folder / "novel.txt").read_text(encoding="utf-8") == "Chapter one"


def test_a_full_disk_is_one_sentence_and_the_last_backup_stays(ready: Project) -> None:
    ready.run("status")
    ready.run("backup", "b.tar")
    before = (ready.folder / "b.tar").read_bytes()
    store = ready.folder / "var/digest.db"
    fill_up(store, 4)

    for most in (1_000_000, store.stat().st_size + 1000):  # in the copy of the store; in the file made of it
        done = subprocess.run(
            ["prlimit", f"--fsize={most}", str(COMMAND), "backup", "b.tar"],
            cwd=ready.folder,
            env=clean_environment(),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 1, done.stderr
        assert len(done.stderr.splitlines()) == 1
        assert "disk" in done.stderr
        assert leftovers(ready.folder) == []

    assert (ready.folder / "b.tar").read_bytes() == before


def test_a_backup_that_is_killed_leaves_the_last_one_and_the_next_cleans_up(ready: Project) -> None:
    ready.run("status")
    ready.run("backup", "b.tar")
    fill_up(ready.folder / "var/digest.db", 40)
    took = _time_of_backup(ready, "other.tar")
    caught = 0

    for step in range(8):
        process = _start_backup(ready, "b.tar")
        threading.Event().wait(took * step / 8)
        process.send_signal(signal.SIGKILL)
        caught += process.wait() == -signal.SIGKILL
        first, second = pairs(unpacked(ready.folder / "b.tar"))
        assert first == second
        assert pairs(ready.folder / "var/digest.db") == (0, 0)

    assert caught >= 4
    ready.run("backup", "b.tar")
    assert leftovers(ready.folder) == []


def _start_backup(ready: Project, name: str) -> subprocess.Popen[bytes]:
    """Start a backup, and return when it has begun to write."""
    process = subprocess.Popen(
        [str(COMMAND), "backup", name], cwd=ready.folder, env=clean_environment(), stdout=subprocess.DEVNULL
    )
    mine = f".{name}.{process.pid}-*.part"
    wait_for(lambda: process.poll() is not None or list(ready.folder.glob(mine)))
    return process


def _time_of_backup(ready: Project, name: str) -> float:
    process = _start_backup(ready, name)
    start = time.monotonic()
    assert process.wait(60) == 0
    return time.monotonic() - start


def test_a_postgresql_store_is_backed_up_while_it_is_written_to(ready: Project, postgres: Path) -> None:
    import psycopg

    url = make_database(postgres, "backed_up")
    ready.configure(configuration() + f'[store]\nurl = "{url}"\n')
    ready.run("status")
    with writer(url), psycopg.connect(host=str(postgres), user="digest", dbname="backed_up") as connection:
        connection.autocommit = True

        def count() -> int:
            row = connection.execute("SELECT count(*) FROM letters").fetchone()
            return int(row[0]) if row else 0

        wait_for(lambda: count() > 50)
        at_least = count()
        ready.run("backup", "b.tar")

    ready.run("restore", "b.tar")
    with psycopg.connect(host=str(postgres), user="digest", dbname="backed_up") as connection:
        (row,) = connection.execute(
            "SELECT (SELECT count(*) FROM letters), (SELECT count(*) FROM attempts)"
        ).fetchall()
    assert row[0] == row[1] >= at_least


def test_without_postgresqls_programs_it_says_what_to_install(ready: Project, postgres: Path) -> None:
    url = make_database(postgres, "no_programs")
    ready.configure(configuration() + f'[store]\nurl = "{url}"\n')

    done = ready.run("backup", "b.tar", expect=1, PATH="/nowhere")

    assert "postgresql-client" in done.stderr
    assert not (ready.folder / "b.tar").exists()
