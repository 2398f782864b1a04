"""The real daemon among what watches it: a supervisor's socket, HTTP, logs as JSON, a webhook and a ping."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.acceptance.conftest import COMMAND, Project, clean_environment, configuration, wait_for
from tests.deliver.servers import free_port
from tests.listener import listening


@contextmanager
def _schedule(project: Project, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    with (project.folder / "log").open("wb") as log:
        daemon = subprocess.Popen(
            [str(COMMAND), "schedule", "--log-format", "json"],
            cwd=project.folder,
            env=clean_environment() | environment,
            stdout=log,
            stderr=log,
        )
        try:
            yield daemon
        finally:
            daemon.kill()
            daemon.wait(30)


def _heard_until(ear: socket.socket, last: bytes) -> list[bytes]:
    heard = [ear.recv(500)]
    while not heard[-1].startswith(last):
        heard.append(ear.recv(500))
    return heard


def _get(address: str) -> str:
    with urllib.request.urlopen(address, timeout=30) as answer:
        return str(answer.read().decode())


def test_a_supervised_daemon_tells_how_it_is_everywhere(project: Project, tmp_path: Path) -> None:
    hour = datetime.now(UTC) - timedelta(minutes=1)
    port = free_port()
    with listening() as hook, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ear:
        ear.bind(str(tmp_path / "notify"))
        ear.settimeout(60)
        newsletter = (
            f'send_at = "{hour:%H:%M}"\ntimezone = "UTC"\nmin_stories = 50\n'
            f'editor_webhook = "{hook.url}/hook"\nping_url = "{hook.url}/ping"\n'
            f'[service]\nhealth = "127.0.0.1:{port}"\n'
        )
        project.configure(configuration(newsletter=newsletter))
        watched = {"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "2000000"}
        with _schedule(project, **watched) as daemon:
            first = ear.recv(500)
            wait_for(lambda: hook.told and hook.paths, seconds=120)
            health = json.loads(_get(f"http://127.0.0.1:{port}/health"))
            metrics = _get(f"http://127.0.0.1:{port}/metrics")
            daemon.send_signal(signal.SIGHUP)
            heard = [first, *_heard_until(ear, b"RELOADING=1"), *_heard_until(ear, b"READY=1")]
            daemon.send_signal(signal.SIGTERM)
            heard += _heard_until(ear, b"STOPPING=1")
            assert daemon.wait(60) == 0

    log = (project.folder / "log").read_text(encoding="utf-8").splitlines()
    events = [json.loads(line) for line in log]
    assert first == b"READY=1"
    assert heard.count(b"WATCHDOG=1") >= 3
    assert [(one["what"], one["newsletter"]) for one in hook.told] == [("quiet", "daily")]
    assert hook.paths == ["/ping"]
    assert health["status"] == "ok"
    assert health["at_work"] is True
    assert [run["state"] for run in health["last_runs"]] in (["quiet"], ["running"])
    assert "daily_dose_tick_age_seconds " in metrics
    assert any(one["event"] == "starting" and one["newsletter"] == "daily" for one in events)
    assert any(one["event"].startswith("quiet: ") for one in events)
    assert all({"time", "level", "event"} <= set(one) for one in events)
    assert "@example.org" not in "".join(log)


def test_an_unknown_format_of_logs_is_refused(project: Project) -> None:
    project.configure(configuration())

    refused = project.run("schedule", "--log-format", "xml", expect=2)

    assert "'xml' is none. There are: text, json." in refused.stderr
