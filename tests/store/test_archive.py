"""The archive lists what was sent, on both engines, and a store is tried without leaving a trace."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from sqlalchemy import Engine, func, select

from digest.model import EditionState, Rendered
from digest.store.archive import sent_editions
from digest.store.database import check_writable
from digest.store.editions import Editions, freeze
from digest.store.tables import sources
from tests.store.test_editions import NOW, edition


def send(engine: Engine, day: int, subject: str) -> None:
    made = edition(day)
    Editions(engine).save(made, what="drafted", now=NOW)
    sent = replace(made, revision=2, state=EditionState.SENT, subject=subject)
    rendered = Rendered(name=made.name, subject=subject, preheader="", html="", text="", mjml="")
    with engine.begin() as connection:
        freeze(connection, sent, rendered, now=NOW)


def test_sent_editions_come_newest_first_as_they_were_sent(engine: Engine) -> None:
    send(engine, 22, "Ünïcode “quoted”")
    send(engine, 24, "Last")
    send(engine, 23, "Second")
    Editions(engine).save(edition(25), what="drafted", now=NOW)

    found = sent_editions(engine, "daily", limit=10)

    assert [one.subject for one in found] == ["Last", "Second", "Ünïcode “quoted”"]
    assert (found[0].preheader, found[0].sent_at) == ("And more", NOW)
    assert sent_editions(engine, "weekly", limit=10) == []
    assert [one.subject for one in sent_editions(engine, "daily", limit=1)] == ["Last"]
    assert [one.name.date for one in sent_editions(engine, "daily", limit=9, before=date(2026, 11, 23))] == [
        date(2026, 11, 22)
    ]


def test_trying_a_store_leaves_nothing_in_it(engine: Engine) -> None:
    check_writable(engine)
    check_writable(engine)

    with engine.connect() as connection:
        assert connection.scalar(select(func.count()).select_from(sources)) == 0
