"""A restore is all or nothing, loses nothing, and sends nothing again."""

from __future__ import annotations

import json
import shutil
import signal
import sqlite3
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import create_engine, insert, select

from digest import __version__
from digest.deliver.sink import Sink
from digest.process import process_name
from digest.store.backup_file import write_backup
from digest.store.database import HEAD, open_database
from digest.store.migrate import alembic_config
from digest.store.tables import confirmations, consents, deliveries, leases, runs, subscribers
from tests.acceptance.conftest import COMMAND, Project, clean_environment, configuration, wait_for
from tests.acceptance.test_backup import fill_up, leftovers
from tests.postgres import make_database

READERS = ["ada@example.org", "grace@example.org"]


@pytest.fixture(params=["sqlite", "postgresql"])
def ready(request: pytest.FixtureRequest, project: Project, mailbox: Sink) -> Iterator[Project]:
    """Return a project of each engine that sends to a real server."""
    store = ""
    if request.param == "postgresql":
        folder = request.getfixturevalue("postgres")
        url = make_database(folder, f"restored_{int(time.monotonic() * 1000)}")
        store = f'[store]\nurl = "{url}"\n'
    project.configure(configuration(port=mailbox.port) + store)
    yield project


def url_of(project: Project) -> str:
    text = (project.folder / "config/digest.toml").read_text(encoding="utf-8")
    _, found, rest = text.partition('url = "postgresql')
    return f"postgresql{rest.partition(chr(34))[0]}" if found else f"sqlite:///{project.folder}/var/digest.db"


def received(mailbox: Sink) -> Counter[str]:
    return Counter(recipient for recipient, _ in mailbox.messages)


def test_what_was_sent_since_the_backup_goes_out_when_a_person_says_and_not_before(
    ready: Project, mailbox: Sink
) -> None:
    ready.run("fetch")
    ready.run("backup", "b.tar")
    sent = ready.run("run", "daily").stdout.partition(":")[0]
    assert received(mailbox) == Counter(READERS)
    assert sent in ready.run("restore", "b.tar", expect=1).stderr

    said = ready.run("restore", "b.tar", "--force").stdout
    shutil.rmtree(ready.folder / "var/sent", ignore_errors=True)  # a new machine has no marks

    assert f"digest outbox resume {sent}" in said
    assert "paused" in ready.run("run", "daily", expect=1).stderr
    assert "paused" in ready.run("send", sent, expect=1).stderr
    assert received(mailbox) == Counter(READERS)
    ready.run("outbox", "resume", sent)
    ready.run("run", "daily")
    assert received(mailbox) == Counter(READERS * 2)


def test_an_edition_not_made_yet_is_let_go_by_its_name(ready: Project) -> None:
    ready.run("backup", "b.tar")
    held = [
        line.split()[-1] for line in ready.run("restore", "b.tar").stdout.splitlines() if "resume" in line
    ]

    assert held
    for name in held:
        assert "resumed" in ready.run("outbox", "resume", name).stdout
    assert "There is no edition" in ready.run("outbox", "resume", held[0], expect=2).stderr


def test_a_send_that_was_under_way_is_held_and_what_was_in_flight_is_in_doubt(
    ready: Project, mailbox: Sink
) -> None:
    name = ready.run("run", "daily").stdout.partition(":")[0]
    engine = open_database(url_of(ready))
    with engine.begin() as connection:
        ids = list(
            connection.scalars(select(deliveries.c.subscriber_id).order_by(deliveries.c.subscriber_id))
        )
        for number, state in zip(ids, ("inflight", "leased"), strict=True):
            connection.execute(
                deliveries.update()
                .where(deliveries.c.subscriber_id == number)
                .values(state=state, owner="gone:1:2:3", lease_until=datetime.now(UTC) + timedelta(hours=1))
            )
        asked = connection.execute(
            insert(consents).values(subscriber_id=ids[0], act="asked", how="form", given_at=datetime.now(UTC))
        ).inserted_primary_key
        assert asked is not None
        connection.execute(
            insert(confirmations).values(consent_id=asked[0], kind="confirm", next_at=datetime.now(UTC))
        )
    ready.run("backup", "b.tar")
    with engine.begin() as connection:
        connection.execute(deliveries.update().values(state="sent", owner=None, lease_until=None))
        connection.execute(runs.update().values(state="done", owner=None))

    said = ready.run("restore", "b.tar").stdout

    counts = json.loads(ready.run("outbox", "status", name, "--json").stdout)
    assert f"resume {name}" in said
    assert (counts["doubt"], counts["queued"], counts["sent"]) == (1, 1, 0)
    assert "paused" in ready.run("send", name, expect=1).stderr
    assert received(mailbox) == Counter(READERS)
    with engine.connect() as connection:
        assert connection.scalars(select(confirmations.c.next_at)).all() == [None]
    engine.dispose()


def test_who_left_since_the_backup_stays_away(ready: Project) -> None:
    address = "o'hara+news@example.org"
    ready.run("subscribers", "add", address, "--newsletter", "daily")
    ready.run("subscribers", "add", "lin@example.org", "--newsletter", "daily")
    ready.run("backup", "b.tar")
    ready.run("subscribers", "remove", address, "--newsletter", "daily")
    ready.run("subscribers", "erase", "lin@example.org")

    ready.run("restore", "b.tar")

    engine = open_database(url_of(ready))
    with engine.connect() as connection:
        rows = connection.execute(select(subscribers.c.address, subscribers.c.state))
        states = {row.address: row.state for row in rows}
    engine.dispose()
    assert states[address] == "left"
    assert "lin@example.org" not in states
    assert "active" not in states.values()
    (ready.folder / "more.csv").write_text(f"email\n{address}\n", encoding="utf-8")
    ready.run("subscribers", "import", "more.csv", "--newsletter", "daily", expect=None)
    active = ready.run("subscribers", "list", "--json").stdout
    assert not any(
        json.loads(line)["address"] == address and json.loads(line)["state"] == "active"
        for line in active.splitlines()
    )


def test_a_restore_refuses_while_a_daemon_or_a_send_is_at_work(ready: Project) -> None:
    name = ready.run("run", "daily").stdout.partition(":")[0]
    ready.run("backup", "b.tar")
    engine = open_database(url_of(ready))
    with engine.begin() as connection:
        connection.execute(
            insert(leases).values(name="daemon", owner=process_name(), beats=1, since=datetime.now(UTC))
        )
    assert "digest schedule" in ready.run("restore", "b.tar", "--force", expect=1).stderr

    with engine.begin() as connection:
        connection.execute(leases.update().values(owner="gone:1:2:3"))
        connection.execute(leases.delete())
        until = datetime.now(UTC) + timedelta(hours=1)
        connection.execute(
            deliveries.update().values(state="leased", owner=process_name(), lease_until=until)
        )
    engine.dispose()
    assert f"{name} is at work" in ready.run("restore", "b.tar", "--force", expect=1).stderr


def test_a_damaged_or_foreign_file_is_one_sentence_and_nothing_is_lost(ready: Project) -> None:
    ready.run("run", "daily")
    ready.run("backup", "b.tar")
    whole = (ready.folder / "b.tar").read_bytes()
    middle = len(whole) // 2
    bad = {
        "cut.tar": whole[:middle],
        "flipped.tar": whole[:middle] + bytes([whole[middle] ^ 255]) + whole[middle + 1 :],
        "text.tar": b"Dear diary, " * 1000,
        "empty.tar": b"",
    }
    before = ready.run("outbox", "status").stdout
    for name, content in bad.items():
        (ready.folder / name).write_bytes(content)

        told = ready.run("restore", name, "--force", expect=1).stderr

        assert len(told.splitlines()) == 1, told
        assert name in told
    assert "no file" in ready.run("restore", "none.tar", expect=1).stderr
    assert ready.run("outbox", "status").stdout == before
    assert leftovers(ready.folder) == []
    assert list((ready.folder / "var").glob("*before-restore*")) == []


# --- SQLite's file ---------------------------------------------------------------------------------


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
