"""Rehearse a send: the whole edition to a server on loopback that misbehaves, from a store of its own.

The sender is a process of its own, so that it can be killed in earnest and started again. What it does is what a
send does, but that it skips the waits: its clock jumps ahead. Nothing of the real outbox is read or written.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from digest import app
from digest.config import Config
from digest.deliver.certificates import make_context
from digest.deliver.faulty import HOST, KILLS, Fault, FaultySink, open_faulty_sink
from digest.errors import DeliveryError, DigestError, EditionError
from digest.mailbox import domain_of, parse_mailbox
from digest.model import Delivery, DeliveryState, EditionName
from digest.pipeline.parts import Parts
from digest.pipeline.rendering import render
from digest.pipeline.sending import Hurry, deliver
from digest.records import rendered_from_dict, rendered_to_dict
from digest.store.rehearsing import copy_readers, make_readers

MOST_STARTS = 20 + KILLS
RECONNECT_SECONDS = 0.05
BREATH_SECONDS = 0.005
"""How long a jumping clock really waits at most: the server in the other process needs its turn too."""
DAY_SECONDS = 86_400.0
POLL_SECONDS = 0.005
STARTED_BADLY = 4
"""The sender's exit code where the server could not be used: it is started again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A delivery that did not simply arrive: how it stands, the server's words, and how often it arrived."""

    address: str
    state: str
    reply: str
    arrived: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsal:
    """What a rehearsal showed. `problems` is empty where each reader got exactly one or is listed with the reason.

    `faults` counts how often each struck; `once` how many readers got exactly one.
    """

    edition: str
    readers: int
    seconds: float
    faults: dict[str, int]
    once: int
    listed: tuple[Listed, ...]
    problems: tuple[str, ...]

    @property
    def is_proven(self) -> bool:
        """Say whether nobody got two, and nobody was lost."""
        return not self.problems


def rehearse(
    parts: Parts,
    name: EditionName,
    *,
    config_file: Path,
    faults: Sequence[Fault] = (),
    readers: int | None = None,
    on_progress: Callable[[int, int], None] = lambda done, total: None,
) -> Rehearsal:
    """Send an edition to its readers, or to so many made-up ones, in rehearsal; without faults named, all of them.

    Raises EditionError where nobody is there to send to, DigestError where the sender failed otherwise than planned.
    """
    began = time.monotonic()
    rendered, _ = render(parts, parts.stores.editions.get(name))
    chosen = list(dict.fromkeys(faults)) or list(Fault)
    with tempfile.TemporaryDirectory(prefix="daily-dose-") as temporary:
        folder = Path(temporary)
        job = {
            "config": str(config_file.resolve()),
            "store": f"sqlite:///{folder}/rehearsal.db",
            "authority": str(folder / "good.pem"),
            "newsletter": name.newsletter,
            "date": name.date.isoformat(),
            "rendered": rendered_to_dict(rendered),
        }
        stage = app.stage_of(parts.config, name.newsletter, store=str(job["store"]))
        try:
            count = _fill(parts, stage, name, readers)
            sink = FaultySink(
                faults=chosen,
                readers=count,
                connections=parts.config.smtp.connections,
                good=make_context(folder / "good.pem", host=HOST),
                bad=make_context(folder / "bad.pem", host=HOST),
            )
            with open_faulty_sink(sink):
                (folder / "job.json").write_text(json.dumps(job | {"port": sink.port}), encoding="utf-8")
                _send(sink, folder / "job.json", on_progress)
            deliveries = stage.stores.mailing.list_deliveries(name)
        finally:
            stage.stores.engine.dispose()
    return _verdict(name, deliveries, sink, seconds=time.monotonic() - began)


def _fill(parts: Parts, stage: Parts, name: EditionName, readers: int | None) -> int:
    now, newsletter = parts.now(), name.newsletter
    if readers is None:
        copy_readers(parts.stores.engine, stage.stores.engine, newsletter)
        stage.stores.mailing.ensure_readers(newsletter, parts.settings.readers, now=now)
    else:
        make_readers(stage.stores.engine, newsletter, readers, now=now)
    domain = domain_of(parse_mailbox(parts.newsletter.sender).address)
    count = stage.stores.mailing.fill(name, domain=domain, now=now)
    if not count:
        raise EditionError(f"'{newsletter}' has no readers. Rehearse with made-up ones: --readers 1000.")
    return count


def _send(sink: FaultySink, job: Path, on_progress: Callable[[int, int], None]) -> None:
    """Start the sender until it comes to its end, and kill it when it is time."""
    command = [sys.executable, "-m", "digest.rehearsal", str(job)]
    for _ in range(MOST_STARTS):
        sink.kill.clear()
        with job.with_name("said").open("w+", encoding="utf-8") as said:
            process = subprocess.Popen(command, stderr=said)
            while process.poll() is None:
                on_progress(min(len(sink.arrivals), sink.readers), sink.readers)
                if sink.kill.wait(POLL_SECONDS):
                    process.kill()
                    break
            code = process.wait()
            said.seek(0)
            if code == 0:
                return
            if code not in (STARTED_BADLY, -signal.SIGKILL):
                raise DigestError(f"The rehearsal's sender failed: {said.read().strip() or code}")
    raise DigestError(
        "The rehearsal did not come to an end. Rehearse one fault at a time to see which it is."
    )


def _verdict(
    name: EditionName, deliveries: Sequence[Delivery], sink: FaultySink, *, seconds: float
) -> Rehearsal:
    times = Counter(arrival.recipient for arrival in sink.arrivals)
    right = {one.address: one.message_id for one in deliveries}
    problems = [problem for one in deliveries if (problem := problem_of(one, times[one.address]))]
    problems += [
        f"{one.recipient} got a message that is not theirs, or not whole."
        for one in sink.arrivals
        if not one.is_whole or right.get(one.recipient) != one.message_id
    ]
    listed = [
        Listed(address=one.address, state=str(one.state), reply=one.reply, arrived=times[one.address])
        for one in deliveries
        if one.state is not DeliveryState.SENT
    ]
    return Rehearsal(
        edition=str(name),
        readers=len(deliveries),
        seconds=round(seconds, 1),
        faults={str(fault): sink.happened[fault] for fault in sink.faults},
        once=sum(times[one.address] == 1 for one in deliveries),
        listed=tuple(listed),
        problems=tuple(problems),
    )


def problem_of(delivery: Delivery, arrived: int) -> str:
    """Say what is wrong with how often a message arrived for how its delivery stands; nothing where that is right."""
    match delivery.state:
        case _ if arrived > 1:
            return f"{delivery.address} got it {arrived} times."
        case DeliveryState.SENT if arrived == 0:
            return f"{delivery.address} counts as sent to and got nothing."
        case DeliveryState.FAILED | DeliveryState.SKIPPED | DeliveryState.DEFERRED if arrived:
            return f"{delivery.address} got it and is listed as {delivery.state}."
        case DeliveryState.QUEUED | DeliveryState.LEASED | DeliveryState.INFLIGHT:
            return f"{delivery.address} is still {delivery.state}: the send did not come to its end."
        case DeliveryState.FAILED | DeliveryState.DOUBT if not delivery.reply:
            return f"{delivery.address} is {delivery.state}, and nothing says why."
    return ""


class _JumpingClock:
    """A clock that waiting moves."""

    def __init__(self) -> None:
        self._ahead = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self._ahead

    def sleep(self, seconds: float) -> None:
        self._ahead += timedelta(seconds=seconds)
        time.sleep(min(seconds, BREATH_SECONDS))


def send_in_rehearsal(job: Mapping[str, Any]) -> None:
    """Send what a rehearsal has queued: the sender's side, in a process of its own."""
    clock = _JumpingClock()
    config = app.open_config(Path(job["config"]))
    name = EditionName(newsletter=job["newsletter"], date=date.fromisoformat(job["date"]))
    stage = app.stage_of(
        _toward(config, port=job["port"], authority=job["authority"]), name.newsletter, store=job["store"]
    )
    deliver(
        replace(stage, now=clock.now),
        rendered_from_dict(job["rendered"]),
        wait_seconds=DAY_SECONDS,
        hurry=Hurry(sleep=clock.sleep, reconnect_seconds=RECONNECT_SECONDS),
    )


def _toward(config: Config, *, port: int, authority: str) -> Config:
    """Return a configuration whose mail server is the rehearsal's."""
    there = {
        "transport": "smtp",
        "host": HOST,
        "port": port,
        "security": "starttls",
        "ca_file": authority,
        "username": "",
        "client_cert_file": "",
        "rate_per_second": 0.0,
        "resolver": "none",
    }
    return config.model_copy(update={"smtp": config.smtp.model_copy(update=there)})


def as_record(rehearsal: Rehearsal) -> dict[str, Any]:
    """Return a rehearsal as JSON values."""
    return asdict(rehearsal) | {"proven": rehearsal.is_proven}


if __name__ == "__main__":
    try:
        send_in_rehearsal(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))
    except DeliveryError as problem:
        print(problem, file=sys.stderr)  # noqa: T201
        sys.exit(STARTED_BADLY)
