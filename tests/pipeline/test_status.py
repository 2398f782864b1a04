"""The status tells the next run, how the last ones ended, and what waits for the editor."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from digest import app
from digest.config import FileConfig, load_config
from digest.edition import approve
from digest.model import DeliveryState, EditionName, Halt, Phase, RunState
from digest.pipeline.parts import Parts
from digest.pipeline.status import NewsletterStatus, newsletter_status
from digest.process import process_name
from tests.render.sample import make_edition

DAY = date(2026, 11, 24)
NAME = EditionName(newsletter="daily", date=DAY)
NOW = datetime(2026, 11, 24, 11, 30, tzinfo=UTC)
CONFIG = """
[newsletters.daily]
from = "The Daily Dose <dose@dose.example>"
timezone = "America/New_York"
days = ["tue", "fri"]
except_dates = ["2026-11-27"]
readers = ["ada@example.org"]
"""


@pytest.fixture
def parts(tmp_path: Path) -> Parts:
    path = tmp_path / "digest.toml"
    path.write_text(CONFIG, encoding="utf-8")
    config = load_config(path, kind=FileConfig)
    return app.parts_of(config, app.open_stores(config), "daily", clock=lambda: NOW)


def told(parts: Parts, now: datetime = NOW) -> NewsletterStatus:
    stores = parts.stores
    return newsletter_status(
        "daily", parts.settings, editions=stores.editions, runs=stores.runs, mailing=stores.mailing, now=now
    )


def dead_process() -> str:
    """Return the name of a process that has ended."""
    code = "from digest.process import process_name; print(process_name())"
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.strip()


def test_the_next_run_passes_over_days_and_dates_without_an_edition(parts: Parts) -> None:
    before, after = told(parts, NOW - timedelta(minutes=1)), told(parts)

    assert before.sentences() == ["daily: next run Tue 2026-11-24 06:30 America/New_York (draft at 06:00)"]
    assert after.record()["next_run"] == "2026-12-01T06:30:00-05:00"
    assert after.record()["next_draft"] == "2026-12-01T06:00:00-05:00"


def test_a_run_whose_process_died_is_broken_off_and_not_running_for_ever(parts: Parts) -> None:
    runs = parts.stores.runs
    runs.claim("daily", DAY, owner=dead_process(), now=NOW, phase=Phase.PREPARE)
    runs.claim("daily", DAY - timedelta(days=4), owner=process_name(), now=NOW)

    dead, living = told(parts).record()["last_runs"]

    assert (dead["state"], dead["phase"], dead["ended_at"]) == ("broken off", "prepare", None)
    assert dead["note"] == "the process ended in the middle; the next start takes it up"
    assert (living["state"], living["phase"]) == ("running", "whole")


def test_the_runs_stand_in_columns_with_their_phases(parts: Parts) -> None:
    runs = parts.stores.runs
    runs.claim("daily", DAY, owner="me", now=NOW, phase=Phase.SEND)
    runs.finish("daily", DAY, RunState.DONE, now=NOW + timedelta(minutes=2), note="sent to 1 reader.")
    runs.mark_missed("daily", DAY - timedelta(days=4), now=NOW, note="nothing ran")

    assert told(parts).sentences()[1:] == [
        "  2026-11-24  done    send   06:30-06:32  sent to 1 reader.",
        "  2026-11-20  missed  whole  06:30-06:30  nothing ran",
    ]


def test_an_edition_that_a_person_set_is_the_next_run(parts: Parts) -> None:
    at = NOW + timedelta(hours=3)
    parts.stores.editions.save(
        approve(make_edition(2, name=NAME, made_at=NOW, send_at=at)), what="set", now=NOW
    )

    assert told(parts).next_at == at


def test_what_waits_for_the_editor_is_told_with_what_to_type(parts: Parts) -> None:
    stores = parts.stores
    stores.editions.save(make_edition(2, name=NAME, made_at=NOW), what="drafted", now=NOW)
    stores.runs.finish("daily", DAY, RunState.FAILED, now=NOW)
    stores.mailing.halt(NAME, Halt.PAUSED, now=NOW)

    status = told(parts)

    assert status.sentences()[2:] == [
        "  daily/2026-11-24 waits for approval: digest approve daily/2026-11-24",
        "  daily/2026-11-24 is paused: digest outbox resume daily/2026-11-24",
    ]
    assert status.record()["halted"] == {"daily/2026-11-24": "paused"}


def test_deliveries_in_doubt_wait_for_the_editor(parts: Parts) -> None:
    mailing = parts.stores.mailing
    mailing.add("daily", "ada@example.org", consent="asked", now=NOW)
    mailing.fill(NAME, domain="dose.example", now=NOW)
    later = NOW + timedelta(hours=1)
    [one] = mailing.lease(NAME, owner="dead", limit=1, now=NOW, until=NOW + timedelta(minutes=1))
    assert mailing.record([replace(one, state=DeliveryState.INFLIGHT)], now=NOW) == [True]
    mailing.sweep(NAME, now=later)

    assert mailing.counts(NAME)[DeliveryState.DOUBT] == 1
    assert told(parts, later).record()["in_doubt"] == ["daily/2026-11-24"]
