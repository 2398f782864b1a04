"""A store that an older version made is brought up to date, and nothing in it is lost."""

from __future__ import annotations

from datetime import UTC, datetime

from alembic import command
from sqlalchemy import Engine, insert, select, text

from digest.model import EditionName, SubscriberState
from digest.store.database import open_database
from digest.store.editions import Editions
from digest.store.mailing import Mailing
from digest.store.migrate import alembic_config
from digest.store.tables import deliveries, metadata, subscribers, suppressions

NOW = datetime(2026, 11, 24, 6, 30, tzinfo=UTC)
READERS = [("ada@example.org", "active"), ("grace@example.org", "left"), ("alan@example.org", "pending")]


def migrate(engine: Engine, to: str) -> None:
    with engine.begin() as connection:
        settings = alembic_config()
        settings.attributes["connection"] = connection
        command.upgrade(settings, to)


def make_first_store(engine: Engine) -> None:
    """Put a store of the first version in place, with readers, deliveries and a suppression."""
    with engine.begin() as connection:
        for table in reversed(metadata.sorted_tables):
            connection.execute(text(f"DROP TABLE {table.name}"))
        connection.execute(text("DROP TABLE alembic_version"))
    migrate(engine, "0001")
    plain = [column for column in subscribers.columns if column.name != "plain_text"]
    names = ", ".join(column.name for column in plain if column.name != "id")
    with engine.begin() as connection:
        for number, (address, state) in enumerate(READERS, start=1):
            connection.execute(
                text(
                    f"INSERT INTO subscribers ({names}) VALUES ('daily', :address, :address, 'A name', :state,"
                    " 'Europe/Berlin', 'de', 'asked', :now, :now)"
                ),
                {"address": address, "state": state, "now": NOW.isoformat(sep=" ")[:19]},
            )
            connection.execute(
                insert(deliveries).values(
                    newsletter="daily",
                    date=NOW.date(),
                    subscriber_id=number,
                    state="sent",
                    message_id=f"<{number}@x>",
                    changed_at=NOW,
                )
            )
        connection.execute(
            insert(suppressions).values(address_hash="0" * 64, newsletter="daily", why="left", since=NOW)
        )


def test_a_store_of_the_first_version_keeps_its_readers_and_what_was_sent(engine: Engine) -> None:
    make_first_store(engine)

    again = open_database(engine.url.render_as_string(hide_password=False))
    mailing = Mailing(again, secret=lambda: b"a secret of the tests, long enough")
    readers = mailing.list_subscribers("daily")
    with again.connect() as connection:
        sent = list(
            connection.execute(select(deliveries.c.subscriber_id).order_by(deliveries.c.subscriber_id))
        )
        kept = connection.scalar(select(suppressions.c.why))
    again.dispose()

    assert [(one.address, str(one.state)) for one in readers] == READERS
    assert {(one.time_zone, one.language, one.plain_text) for one in readers} == {
        ("Europe/Berlin", "de", False)
    }
    assert [row[0] for row in sent] == [1, 2, 3]
    assert kept == "left"


def test_a_reader_can_be_added_after_the_migration(engine: Engine) -> None:
    make_first_store(engine)
    again = open_database(engine.url.render_as_string(hide_password=False))
    mailing = Mailing(again, secret=lambda: b"a secret of the tests, long enough")

    added = mailing.add("daily", "new@example.org", consent="asked", now=NOW)
    left = mailing.erase("daily", "ada@example.org", now=NOW)
    again.dispose()

    assert added.state is SubscriberState.ACTIVE
    assert left


def test_the_history_of_an_older_store_is_kept_and_names_nobody(engine: Engine) -> None:
    make_first_store(engine)
    with engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO revisions (newsletter, date, revision, saved_at, what, body)"
                " VALUES ('daily', '2026-11-24', 1, '2026-11-24 06:30:00', 'drafted', '{}')"
            )
        )

    again = open_database(engine.url.render_as_string(hide_password=False))
    (entry,) = Editions(again).revisions(EditionName(newsletter="daily", date=NOW.date()))
    again.dispose()

    assert (entry.revision, entry.what, entry.who) == (1, "drafted", "")
