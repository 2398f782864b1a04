"""The editor is told each thing once, by mail and webhook; what could not be told is tried again, for a day."""

from __future__ import annotations

import socket
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from digest import app
from digest.calling import call
from digest.config import FileConfig, load_config
from digest.errors import CallError
from digest.model import Failure, RunState
from digest.pipeline.noting import note_for_all, untold_of
from digest.pipeline.parts import Parts
from digest.pipeline.telling import ping, ping_address, tell, tell_waiting
from digest.store.telling import Told
from tests.acceptance.conftest import COMMAND, clean_environment, parsed
from tests.deliver.servers import good_server
from tests.listener import Listener, listening

NOW = datetime(2026, 11, 24, 6, 30, tzinfo=UTC)
CONFIG = """
[smtp]
port = {port}
[newsletters.daily]
from = "The Daily Dose <dose@dose.example>"
editor = "editor@dose.example"
editor_webhook = "{url}/hook?token=7"
ping_url = "{url}/ping"
"""


@dataclass(slots=True)
class Desk:
    """A newsletter whose time the test sets, its hook, and the letters that its editor got."""

    parts: Parts
    hook: Listener
    letters: list[tuple[str, bytes]]
    now: datetime = NOW

    def tell(self, key: str = "2026-11-24") -> None:
        tell(
            self.parts,
            what="failed",
            key=key,
            title="the run failed",
            text="daily/2026-11-24 failed: no source.",
            day=NOW.date(),
            failures=[Failure(subject="ada@reader.example", message="refused ada@reader.example")],
        )

    def try_again(self) -> None:
        tell_waiting(self.parts.config, lambda name: self.parts, now=self.now)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with good_server() as mailbag, listening() as hook:
        file = tmp_path / "digest.toml"
        file.write_text(CONFIG.format(port=mailbag.port, url=hook.url), encoding="utf-8")
        config = load_config(file, kind=FileConfig)
        stores = app.open_stores(config)
        parts = app.parts_of(config, stores, "daily")
        found = Desk(parts=parts, hook=hook, letters=mailbag.messages)
        found.parts = replace(parts, now=lambda: found.now)
        yield found
        stores.engine.dispose()


def test_the_editor_is_told_once_by_mail_and_by_webhook(desk: Desk) -> None:
    desk.tell()
    desk.tell()
    desk.try_again()

    assert [to for to, _ in desk.letters] == ["editor@dose.example"]
    assert parsed(desk.letters[0][1])["Subject"] == "The Daily Dose: the run failed"
    assert [(method, path) for method, path, _ in desk.hook.calls] == [("POST", "/hook?token=7")]
    assert desk.hook.told == [
        {
            "newsletter": "daily",
            "date": "2026-11-24",
            "what": "failed",
            "message": "daily/2026-11-24 failed: no source.",
            "failures": [{"subject": "(an address)", "message": "refused (an address)"}],
        }
    ]


def test_a_webhook_that_fails_is_tried_again_and_the_letter_is_not(desk: Desk) -> None:
    desk.hook.status = 500
    desk.tell()
    desk.hook.status = 204

    assert not untold_of(desk.parts.config).is_due(now=desk.now)
    desk.now += timedelta(seconds=20)
    assert untold_of(desk.parts.config).is_due(now=desk.now)
    desk.try_again()
    desk.now += timedelta(days=1)
    desk.try_again()

    assert len(desk.hook.calls) == 2
    assert len(desk.letters) == 1


def test_a_webhook_that_fails_for_a_day_is_given_up(desk: Desk) -> None:
    desk.hook.status = 500
    desk.tell()

    for _ in range(2000):
        desk.now += timedelta(minutes=1)
        desk.try_again()

    assert 24 <= len(desk.hook.calls) <= 40
    assert not untold_of(desk.parts.config).is_due(now=desk.now + timedelta(days=9))


def test_what_is_noted_down_and_not_told_is_told_by_the_next(desk: Desk) -> None:
    told = Told(desk.parts.stores.engine)
    for _ in range(2):
        note_for_all(
            desk.parts.config,
            told,
            newsletter="daily",
            what="missed",
            key="2026-11-24",
            text="Missed.",
            now=NOW,
        )
    desk.try_again()
    desk.try_again()

    assert [one["what"] for one in desk.hook.told] == ["missed"]
    assert desk.hook.told[0]["date"] == "2026-11-24"
    assert desk.hook.paths == ["/ping/fail"]
    assert len(desk.letters) == 1


def test_a_fault_that_is_there_again_after_a_day_is_told_again(desk: Desk) -> None:
    told = Told(desk.parts.stores.engine)
    for hours in (0, 1, 25):
        desk.now = NOW + timedelta(hours=hours)
        note_for_all(
            desk.parts.config,
            told,
            newsletter="",
            what="configuration",
            key="broken",
            text="B.",
            now=desk.now,
        )
        desk.try_again()

    assert len(desk.hook.told) == 2


def test_that_the_store_is_away_is_told_without_it(desk: Desk) -> None:
    engine, config = desk.parts.stores.engine, desk.parts.config
    engine.dispose()
    for path in config.path("var").glob("digest.db*"):
        path.write_bytes(b"no database " * 1000)

    for _ in range(2):
        note_for_all(config, Told(engine), newsletter="", what="store", key="away", text="Away.", now=NOW)
    done = subprocess.run(
        [str(COMMAND), "tell", "--config", str(config.file)],
        env=clean_environment(),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert [(one["what"], one["date"]) for one in desk.hook.told] == [("store", None)]
    assert len(desk.letters) == 1


def test_a_file_that_is_no_notice_stops_none_of_the_others(desk: Desk) -> None:
    folder = desk.parts.config.path("var/untold")
    folder.mkdir(parents=True)
    (folder / "00.json").write_text("{", encoding="utf-8")
    desk.tell()

    desk.try_again()

    assert len(desk.hook.told) == 1
    assert [one.name for one in folder.iterdir()] == ["00.unreadable"]


def test_a_ping_tells_success_from_failure_and_breaks_nothing(desk: Desk) -> None:
    for state in (RunState.DONE, RunState.QUIET, RunState.FAILED, RunState.PREPARED):
        ping(desk.parts, state)
    desk.hook.status = 500
    ping(desk.parts, RunState.DONE)

    assert desk.hook.paths == ["/ping", "/ping", "/ping/fail", "/ping"]
    assert ping_address("https://p.example/0?rid=1", is_ok=False) == "https://p.example/0/fail?rid=1"


def test_a_call_follows_no_redirect_and_hides_the_address(desk: Desk) -> None:
    desk.hook.status, desk.hook.location = 302, "/elsewhere"

    with pytest.raises(CallError) as told:
        call(desk.hook.url + "/secret")

    assert "302" in str(told.value)
    assert "secret" not in str(told.value)
    assert desk.hook.paths == ["/secret"]


def test_a_server_that_drips_its_answer_is_left(desk: Desk) -> None:

    with socket.create_server(("127.0.0.1", 0)) as door:

        def drip() -> None:
            line, _ = door.accept()
            is_over = threading.Event()
            with line:
                try:
                    while not is_over.wait(0.05):
                        line.send(b"H")
                except OSError:
                    return

        dripping = threading.Thread(target=drip, daemon=True)
        dripping.start()
        with pytest.raises(CallError):
            call(f"http://127.0.0.1:{door.getsockname()[1]}/", seconds=0.5)
        dripping.join(10)
        assert not dripping.is_alive()
