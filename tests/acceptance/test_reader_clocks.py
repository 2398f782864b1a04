"""The real daemon sends one edition to readers all over the world, to each at the hour where she is."""

from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from digest.deliver.sink import Sink
from digest.model import RunState
from digest.store.database import open_database
from digest.store.mailing import Mailing
from digest.store.persons import Choices
from digest.store.runs import Runs
from tests.acceptance.service import LIBRARY, TICK, Service, children_of, wait_until
from tests.acceptance.trials import DRAFT
from tests.conftest import needs

DAY = date(2026, 11, 24)
HOURS = {
    "kiritimati@example.org": ("Pacific/Kiritimati", datetime(2026, 11, 23, 16, 30, tzinfo=UTC)),
    "berlin@example.org": ("Europe/Berlin", datetime(2026, 11, 24, 5, 30, tzinfo=UTC)),
    "york@example.org": ("America/New_York", datetime(2026, 11, 24, 11, 30, tzinfo=UTC)),
}
MOST_TICKS = 60
FIRST = min(at for _, at in HOURS.values())


def test_each_reader_gets_it_at_the_hour_where_she_is_from_one_run(tmp_path: Path, mailbox: Sink) -> None:
    needs("faketime", LIBRARY)
    service = Service(
        folder=tmp_path / "project", sink=mailbox, zone="subscriber", send_at="06:30", readers=()
    )
    service.readers = tuple(HOURS)  # to count them; the configuration names nobody
    service.put_story(DAY)
    long_ago = (FIRST - timedelta(days=1)).timestamp()  # by the moved clock it would be a file of the future
    os.utime(service.folder / "inbox" / f"{DAY}.html", (long_ago, long_ago))
    _let_join(service)
    try:
        service.move_to(FIRST - DRAFT)
        daemon = service.start()
        assert service.see_through(DAY, hour=FIRST), service.log
        for reader, (_, at) in list(HOURS.items())[1:]:
            wait_until(lambda: not children_of(daemon.pid), daemon)
            before = _reached(mailbox)
            service.move_to(at - 3 * TICK)
            _wake_until(service, daemon, lambda: not children_of(daemon.pid))
            assert _reached(mailbox) == before, service.log

            service.move_to(at)
            _wake_until(service, daemon, lambda reached=[*before, reader]: _reached(mailbox) == reached)  # type: ignore[misc]
    finally:
        service.close()

    assert service.verdict([DAY]) == {"twice": 0, "lost": 0, "doubt": 0, "sent": len(HOURS)}


def _let_join(service: Service) -> None:
    """Add the readers, and note that yesterday's edition was sent."""
    from_now = FIRST - timedelta(days=1)
    (service.folder / "var").mkdir()
    engine = open_database(f"sqlite:///{service.folder}/var/digest.db")
    mailing = Mailing(engine, secret=lambda: b"s" * 32)
    for address, (zone, _) in HOURS.items():
        reader = mailing.add("daily", address, consent="asked", now=from_now)
        choices = Choices(wanted={}, offered=(), time_zone=zone, language=None, plain_text=False)
        mailing.choose(reader.id, choices, came_from="192.0.2.1", now=from_now)
    Runs(engine).finish("daily", DAY - timedelta(days=1), RunState.DONE, now=from_now)
    engine.dispose()


def _wake_until(service: Service, daemon: subprocess.Popen[bytes], condition: Callable[[], bool]) -> None:
    """Let the daemon tick, and again where something else was under way, until something is so."""
    pause = threading.Event()
    service.wake()
    for _ in range(MOST_TICKS):
        pause.wait(1.0)
        if condition():
            return
        service.wake()
    raise AssertionError(service.log)


def _reached(mailbox: Sink) -> list[str]:
    return [to for to, _ in mailbox.messages]
