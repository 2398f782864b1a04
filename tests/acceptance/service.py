"""The real daemon in a project of its own, under a clock that the test moves (libfaketime)."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from sqlalchemy import func, select

from digest.deliver.sink import Sink
from digest.model import DeliveryState, EditionName, RunState
from digest.store.database import open_database
from digest.store.mailing import Mailing
from digest.store.runs import Runs
from digest.store.tables import deliveries
from tests.acceptance.conftest import COMMAND, clean_environment

LIBRARY = next(iter(sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))), None)
STORY = """<html lang="en"><head><title>{title}</title></head>
<body><article><h1>{title}</h1>{text}</article></body></html>
"""
SLEEP = """import select, time
time.sleep = lambda seconds: select.select([], [], [], seconds)[0] and None
"""
"""What lets processes sleep: libfaketime 0.9.10 refuses the call by which Python does."""
TICK = timedelta(seconds=21)
SYLLABLES = (
    "ba",
    "de",
    "fi",
    "go",
    "lu",
    "ma",
    "ne",
    "pi",
    "ro",
    "su",
    "ta",
    "wi",
    "ker",
    "lan",
    "mor",
    "nis",
    "tur",
)


@dataclass(slots=True)
class Service:
    """A project, its clock, and the daemons that were started in it."""

    folder: Path
    sink: Sink
    zone: str = "Europe/Berlin"
    send_at: str = "02:30"
    readers: Sequence[str] = ("ada@example.org", "grace@example.org")
    smtp: str = ""
    daemons: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def __post_init__(self) -> None:
        (self.folder / "config").mkdir(parents=True, exist_ok=True)
        (self.folder / "inbox").mkdir(exist_ok=True)
        (self.folder / "sleeping").mkdir(exist_ok=True)
        (self.folder / "sleeping" / "sitecustomize.py").write_text(SLEEP, encoding="ascii")
        readers = ", ".join(f'"{one}"' for one in self.readers)
        self.config.write_text(
            f'[smtp]\nport = {self.sink.port}\n{self.smtp}\n[newsletters.daily]\nfrom = "dose@example.org"\n'
            f'readers = [{readers}]\ntimezone = "{self.zone}"\nsend_at = "{self.send_at}"\n'
            'max_age_hours = 100000\n\n[[sources]]\nname = "inbox"\nkind = "files"\npaths = ["inbox/*.html"]\n',
            encoding="utf-8",
        )

    @property
    def config(self) -> Path:
        """Return the configuration file."""
        return self.folder / "config" / "digest.toml"

    @property
    def log(self) -> str:
        """Return what the daemons and their children have said."""
        path = self.folder / "log"
        return path.read_text(encoding="utf-8") if path.exists() else ""

    def move_to(self, moment: datetime) -> None:
        """Set the clock that all processes of the service see; it goes on from there."""
        offset = round((moment - datetime.now(UTC)).total_seconds())
        draft = self.folder / "clock.new"
        draft.write_text(f"{offset:+d}\n", encoding="ascii")
        draft.replace(self.folder / "clock")

    def now(self) -> datetime:
        """Return the time by that clock."""
        return datetime.now(UTC) + timedelta(seconds=int((self.folder / "clock").read_text(encoding="ascii")))

    def start(self) -> subprocess.Popen[bytes]:
        """Start a daemon, and wait until it listens to signals."""
        return self.start_together(1)[0]

    def start_together(self, count: int) -> list[subprocess.Popen[bytes]]:
        """Start daemons at the same moment, and wait until they listen to signals."""
        said = self.log.count("Running.")
        started = [self._start() for _ in range(count)]
        wait_until(lambda: self.log.count("Running.") >= said + count, started[0])
        return started

    def _start(self) -> subprocess.Popen[bytes]:
        assert LIBRARY is not None
        environment = clean_environment() | {
            "LD_PRELOAD": str(LIBRARY),
            "FAKETIME_TIMESTAMP_FILE": str(self.folder / "clock"),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "NO_FAKE_STAT": "1",
            "PYTHONPATH": str(self.folder / "sleeping"),
        }
        with (self.folder / "log").open("ab") as log:
            daemon = subprocess.Popen(
                [str(COMMAND), "schedule"], cwd=self.folder, stdout=log, stderr=log, env=environment
            )
        self.daemons.append(daemon)
        return daemon

    def wake(self) -> None:
        """Let twenty seconds pass by the clock, and the daemons tick."""
        self.move_to(self.now() + TICK)
        for daemon in self.daemons:
            if daemon.poll() is None:
                daemon.send_signal(signal.SIGHUP)

    def kill(self, *, with_children: bool = True) -> None:
        """End the daemons with no warning, and where wanted what they started."""
        for daemon in self.daemons:
            numbers = children_of(daemon.pid) if with_children else []
            daemon.kill()
            for number in numbers:
                try:
                    os.kill(number, signal.SIGKILL)
                except ProcessLookupError:
                    continue
            daemon.wait()
        self.daemons.clear()

    def close(self) -> None:
        """End everything."""
        self.kill()

    def put_story(self, day: date) -> None:
        """Let there be news on a date."""
        chance = random.Random(day.toordinal())

        def words(count: int) -> str:
            return " ".join("".join(chance.choices(SYLLABLES, k=chance.randint(2, 4))) for _ in range(count))

        title = words(6).capitalize()
        text = "".join(f"<p>{words(30).capitalize()}.</p>" for _ in range(8))
        (self.folder / "inbox" / f"{day}.html").write_text(
            STORY.format(title=title, text=text), encoding="utf-8"
        )

    def see_through(self, day: date, *, hour: datetime, seconds: float = 40) -> bool:
        """Let the daemons prepare and send the edition of a date, moving the clock as soon as nothing is under way.

        Returns whether it was sent; False where that takes longer, by a clock that nobody moves.
        """
        deadline, rested, wake_at = time.monotonic() + seconds, None, 0.0
        engine = open_database(f"sqlite:///{self.folder}/var/digest.db")
        pause = threading.Event()
        try:
            while time.monotonic() < deadline:
                run = Runs(engine).find("daily", day)
                if run is not None and run.state is RunState.DONE:
                    return True
                if run is not None and run.state is RunState.PREPARED and self.now() < hour:
                    self.move_to(max(self.now(), hour - TICK))
                elif run is not None and run.state is RunState.FAILED and run.ended_at != rested:
                    rested = run.ended_at
                    self.move_to(self.now() + timedelta(minutes=5))
                if time.monotonic() >= wake_at:  # a run under way is not made late by a clock that races
                    self.wake()
                    wake_at = time.monotonic() + 0.75
                pause.wait(0.1)
        finally:
            engine.dispose()
        return False

    def sent_at(self, days: Sequence[date]) -> list[float]:
        """Return when the first delivery of each edition was sent, by the service's clock, in seconds of the epoch."""
        engine = open_database(f"sqlite:///{self.folder}/var/digest.db")
        query = select(func.min(deliveries.c.changed_at)).where(deliveries.c.state == "sent")
        try:
            with engine.connect() as connection:
                found = [connection.scalar(query.where(deliveries.c.date == day)) for day in days]
        finally:
            engine.dispose()
        return [moment.timestamp() for moment in found if moment is not None]

    def verdict(self, days: Sequence[date]) -> dict[str, int]:
        """Count, over the editions of these dates, who got one twice, who got none, and who is listed in doubt."""
        engine = open_database(f"sqlite:///{self.folder}/var/digest.db")
        arrived = Counter(_message_id(content) for _, content in self.sink.messages)
        found = Counter(twice=0, lost=0, doubt=0, sent=0)
        try:
            mailing = Mailing(engine, secret=lambda: b"s" * 32)
            for day in days:
                rows = mailing.list_deliveries(EditionName(newsletter="daily", date=day))
                found["lost"] += len(self.readers) - len(rows)
                for row in rows:
                    times = arrived[row.message_id]
                    is_doubt = row.state is DeliveryState.DOUBT
                    found["twice"] += times > 1
                    found["doubt"] += is_doubt
                    found["lost"] += times == 0 and not is_doubt
                    found["sent"] += times == 1
        finally:
            engine.dispose()
        found["twice"] += sum(arrived.values()) - sum(min(count, 1) for count in arrived.values())
        return dict(found)


def children_of(pid: int) -> list[int]:
    """Return the processes that a process started."""
    found = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        found += [int(number) for number in task.read_text(encoding="ascii").split()]
    return found


def wait_until(
    condition: Callable[[], bool], daemon: subprocess.Popen[bytes], *, seconds: float = 60
) -> None:
    """Wait for something that a daemon does; fail where it ended instead."""

    pause, deadline = threading.Event(), time.monotonic() + seconds
    while not condition():
        assert daemon.poll() is None, f"the daemon ended with {daemon.returncode}"
        assert time.monotonic() < deadline, "it did not happen"
        pause.wait(0.05)


def _message_id(content: bytes) -> str:
    head = content.partition(b"\r\n\r\n")[0].replace(b"\r\n ", b" ").replace(b"\r\n\t", b" ")
    for line in head.split(b"\r\n"):
        if line.lower().startswith(b"message-id:"):
            return line.partition(b":")[2].strip().decode()
    return ""
