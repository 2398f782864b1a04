"""What `/health` and `/metrics` answer, of a real store on each engine, over real HTTP."""

from __future__ import annotations

import json
import re
import urllib.error
import urllib.request
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import Engine, insert

from digest.model import RunState
from digest.service.manners import Manners, answering_health
from digest.service.notify import Supervisor
from digest.service.vitals import STALE_SECONDS
from digest.service_settings import ServiceSettings
from digest.store.runs import Runs
from digest.store.tables import deliveries, sources, subscribers
from tests.store.conftest import engine as store

__all__ = ["store"]
NOW = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)
DAY = date(2026, 11, 24)
SAMPLE = re.compile(r'daily_dose_[a-z_]+(\{[a-z]+="[^"]*"(,[a-z]+="[^"]*")*\})? -?[0-9.]+')


def _fill(engine: Engine) -> None:
    runs = Runs(engine)
    runs.finish("daily", date(2026, 11, 23), RunState.DONE, now=NOW - timedelta(days=1))
    runs.finish(
        "daily", DAY, RunState.FAILED, now=NOW - timedelta(minutes=30), note="no source could be read"
    )
    reader = {"newsletter": "daily", "state": "active", "consent": "", "joined_at": NOW, "changed_at": NOW}
    queue = {"newsletter": "daily", "date": DAY, "changed_at": NOW - timedelta(minutes=10), "reply": ""}
    with engine.begin() as connection:
        connection.execute(insert(sources).values(name="gazette", address="https://x.example", failures=3))
        for number, (state, next_at) in enumerate(
            [("sent", None), ("queued", None), ("deferred", NOW + timedelta(hours=1))], start=1
        ):
            address = f"r{number}@x.example"
            connection.execute(
                insert(subscribers).values(id=number, address=address, address_key=address, **reader)
            )
            connection.execute(
                insert(deliveries).values(
                    subscriber_id=number, state=state, message_id=f"<{number}@x>", next_at=next_at, **queue
                )
            )


class _Watch:
    seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def _ask(port: int | None, path: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as exc:
        return exc.code, exc.read().decode()


def test_health_and_metrics_tell_what_the_store_holds(store: Engine) -> None:
    _fill(store)
    manners = Manners(Supervisor({}))

    with answering_health("127.0.0.1:0", store, manners, now=lambda: NOW, is_at_work=lambda: True) as port:
        health = _ask(port, "/health")
        metrics = _ask(port, "/metrics")
        elsewhere = _ask(port, "/")

    told = json.loads(health[1])
    assert (health[0], told["status"], told["problems"]) == (200, "ok", [])
    assert [(run["date"], run["state"]) for run in told["last_runs"]] == [("2026-11-24", "failed")]
    assert told["oldest_waiting_seconds"] == 600
    assert metrics[0] == 200
    for line in metrics[1].splitlines():
        assert line.startswith(("# HELP daily_dose_", "# TYPE daily_dose_")) or SAMPLE.fullmatch(line), line
    assert 'daily_dose_runs{newsletter="daily",state="failed"} 1' in metrics[1]
    assert 'daily_dose_deliveries{state="queued"} 1' in metrics[1]
    assert 'daily_dose_deliveries{state="doubt"} 0' in metrics[1]
    assert "daily_dose_oldest_waiting_seconds 600" in metrics[1]
    assert "daily_dose_failing_sources 1" in metrics[1]
    assert "x.example" not in health[1] + metrics[1]
    assert elsewhere[0] == 404


def test_a_daemon_that_hangs_is_no_longer_healthy(store: Engine) -> None:
    watch = _Watch()
    manners = Manners(Supervisor({}), watch=watch)

    with answering_health("127.0.0.1:0", store, manners, now=lambda: NOW, is_at_work=lambda: True) as port:
        watch.seconds = STALE_SECONDS + 1
        hanging = _ask(port, "/health")
        manners.beat()
        again = _ask(port, "/health")

    assert (hanging[0], again[0]) == (503, 200)
    assert "no tick" in json.loads(hanging[1])["problems"][0]


@pytest.mark.parametrize("wrong", ["9100", "example.org:9100", "127.0.0.1:99999", "127.0.0.1:", "[::1]"])
def test_an_address_that_is_none_is_told_when_it_is_read(wrong: str) -> None:
    with pytest.raises(ValueError, match="with a port"):
        ServiceSettings(health=wrong)
