"""How fast the outbox sends, beside Postfix's own smtp-source, aiosmtplib and django: one server, one message.

Limits are shares of smtp-source's time a message: at least 0.75 of its speed is at most 1.333 times its time. Each
figure is the median of seven rounds in which all take turns, against Postfix's smtp-sink on this machine.
"""

from __future__ import annotations

import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key

from digest.deliver.dispatch import Plan, dispatch, utc_now
from digest.deliver.dkim import DkimKey
from digest.deliver.links import Links, Signer
from digest.deliver.message import build_message, envelope_maker
from digest.deliver.session import MailServer
from digest.deliver.signing import SigningPool, SigningTransport
from digest.deliver.smtp import SmtpTransport
from digest.model import DeliveryState
from digest.ports import Transport
from digest.store.database import open_database
from digest.store.mailing import Mailing
from tests.deliver.sample import EDITION, NOW, make_newsletter, make_rendered
from tests.deliver.servers import free_port, wait_for_port

LIMITS = {
    "time_of_smtp_source": 1 / 0.75,
    "signed_time_of_smtp_source": 1 / 0.45,
    "share_of_aiosmtplib": 1 / 1.5,
    "share_of_django": 1 / 5,
}
SESSIONS = 16
SIGNERS = 2
MESSAGES = 4000
PEER_MESSAGES = 400
ROUNDS = 7
SIZE = 54_600
PEERS = Path(__file__).resolve().parents[2] / ".venv" / "peers" / "bin" / "python"
POSTFIX = Path("/usr/sbin")


def measure() -> dict[str, float]:
    """Send by turns; return messages a second and the ratios of the medians."""
    seconds: dict[str, list[float]] = {}
    private = generate_private_key(public_exponent=65537, key_size=2048)
    keys = [DkimKey(domain="example.org", selector="bench", private=private)]
    with _sink() as port:
        senders: dict[str, Callable[[], float]] = {
            "smtp_source": lambda: _smtp_source(port),
            "ours": lambda: _ours(port),
            "ours_signed": lambda: _ours(port, pool=SigningPool(keys=keys, processes=SIGNERS)),
            "aiosmtplib": lambda: _peer("aiosmtplib", port),
            "django": lambda: _peer("django", port),
        }
        for _ in range(ROUNDS):
            for name, send in senders.items():
                seconds.setdefault(name, []).append(send())
    one = {name: median(found) for name, found in seconds.items()}
    return {
        "time_of_smtp_source": _times(seconds["ours"], seconds["smtp_source"]),
        "signed_time_of_smtp_source": _times(seconds["ours_signed"], seconds["smtp_source"]),
        "share_of_aiosmtplib": one["ours"] / one["aiosmtplib"],
        "share_of_django": one["ours"] / one["django"],
        **{f"messages_a_second_{name}": 1 / found for name, found in one.items()},
    }


def _times(ours: list[float], theirs: list[float]) -> float:
    return median(mine / yours for mine, yours in zip(ours, theirs, strict=True))


@contextmanager
def _sink() -> Iterator[int]:
    port = free_port()
    server = subprocess.Popen([POSTFIX / "smtp-sink", "-u", "nobody", f"127.0.0.1:{port}", "1000"])
    try:
        wait_for_port(port)
        yield port
    finally:
        server.terminate()
        server.wait()


def _smtp_source(port: int) -> float:
    """Return the seconds a message of Postfix's own load generator: the machine's limit."""
    command = [POSTFIX / "smtp-source", "-s", SESSIONS, "-m", MESSAGES, "-l", SIZE]
    command += ["-f", "dose@example.org", "-t", "reader@example.org", f"127.0.0.1:{port}"]
    started = time.perf_counter()
    subprocess.run([str(part) for part in command], check=True)
    return (time.perf_counter() - started) / MESSAGES


def _ours(port: int, *, pool: SigningPool | None = None) -> float:
    """Return the seconds a message of a whole dispatch: leases, commits and all, on SQLite; signed with a `pool`."""

    def make_transport() -> Transport:
        plain = SmtpTransport(MailServer(port=port))
        return SigningTransport(plain, pool, now=utc_now) if pool else plain

    newsletter = make_newsletter()
    line = "<p>The ferry left the pier at noon, and the mayor waved.</p>\n"
    rendered = make_rendered(
        html=f"<p>Hello @@NAME@@</p><a href='@@UNSUBSCRIBE@@'>Leave</a>{line * (SIZE // 64)}"
    )
    make_message = envelope_maker(
        build_message(rendered, newsletter), newsletter, Links(Signer(b"k" * 32), newsletter), now=utc_now
    )
    with tempfile.TemporaryDirectory() as folder:
        engine = open_database(f"sqlite:///{folder}/digest.db")
        mailing = Mailing(engine, secret=lambda: b"s" * 32)
        mailing.ensure_readers("daily", [f"r{n}@example.org" for n in range(MESSAGES)], now=NOW)
        mailing.fill(EDITION, domain="example.org", now=NOW)
        started = time.perf_counter()
        counts = dispatch(
            mailing,
            EDITION,
            transport_factory=make_transport,
            make_message=make_message,
            plan=Plan(connections=SESSIONS),
        )
        seconds = time.perf_counter() - started
        engine.dispose()
    assert counts[DeliveryState.SENT] == MESSAGES
    return seconds / MESSAGES


def _peer(name: str, port: int) -> float:
    """Run a peer in its own environment; it prints its seconds a message."""
    script = Path(__file__).with_name("sending_peer.py")
    command = [str(PEERS), str(script), name, str(port), str(PEER_MESSAGES), str(SIZE)]
    return float(subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout)
