"""A restore is all or nothing, loses nothing, and sends nothing again."""

from __future__ import annotations

import json
import shutil
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert, select

from digest.deliver.sink import Sink
from digest.process import process_name
from digest.store.database import open_database
from digest.store.tables import confirmations, consents, deliveries, leases, runs, subscribers
from tests.acceptance.conftest import Project, configuration
from tests.acceptance.test_backup import leftovers
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
