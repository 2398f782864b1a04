"""What a Postfix's log tells of a delivery in doubt: only what is certain."""

from __future__ import annotations

import gzip
import os
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from digest.deliver.log_files import moment_of
from digest.deliver.message import return_path_of
from digest.deliver.postfix_log import PostfixLog
from digest.model import Delivery
from digest.model import DeliveryState as S
from tests.deliver.sample import NOW, make_delivery

Write = Callable[..., Path]
INFLIGHT = NOW
DOUBT = replace(
    make_delivery(),
    state=S.DOUBT,
    lease_until=INFLIGHT,
    settled_at=INFLIGHT + timedelta(seconds=2),
    message_id="<m7@example.org>",
)
BEFORE = (-60, "smtpd[1]: connect from client[192.0.2.1]")
BEGUN = [(-1, "smtpd[9]: connect from us[127.0.0.1]"), (-1, "smtpd[9]: AB12: client=us[127.0.0.1]")]
OURS = (-1, "cleanup[5]: AB12: message-id=<m7@example.org>")
TAKEN = (1, "qmgr[3]: AB12: from=<dose@example.org>, size=57874, nrcpt=1 (queue active)")
CUT = (1, "smtpd[9]: lost connection after DATA (57649 bytes) from us[127.0.0.1]")
BYE = (1, "smtpd[9]: disconnect from us[127.0.0.1] ehlo=1 mail=1 rcpt=1 data=1 commands=4")
OTHER = [
    (-2, "smtpd[8]: connect from client[192.0.2.1]"),
    (-2, "smtpd[8]: CD34: client=client[192.0.2.1]"),
]
Line = tuple[float, str]


@pytest.fixture
def log_file(tmp_path: Path) -> Path:
    return tmp_path / "mail.log"


def write(path: Path, *lines: Line) -> Path:
    moments = [(NOW + timedelta(seconds=seconds), words) for seconds, words in lines]
    path.write_text("".join(f"{at.isoformat()} mx postfix/{words}\n" for at, words in moments))
    return path


def told(path: Path, doubt: Delivery = DOUBT, *, return_path: str = "") -> S | None:
    log = PostfixLog(path, return_path=return_path_of(return_path))
    outcome = log.resolve([doubt], now=NOW + timedelta(seconds=10)).get(doubt.message_id)
    return outcome.state if outcome is not None else None


@pytest.mark.parametrize(
    ("lines", "state"),
    [
        ([*BEGUN, OURS, TAKEN, BYE], S.SENT),
        ([*BEGUN, OURS, CUT, BYE], S.QUEUED),
        ([*BEGUN, CUT, BYE], S.QUEUED),
        ([*BEGUN, CUT, BYE, OURS], S.QUEUED),
        ([*BEGUN, OURS], S.DOUBT),
        (BEGUN, S.DOUBT),
        ([*BEGUN, OURS, BYE], S.DOUBT),
        ([*BEGUN, OURS, CUT, BYE, *OTHER], S.DOUBT),
        ([*BEGUN, OURS, CUT, BYE, *OTHER, (0, "cleanup[5]: CD34: message-id=<other@x>")], S.QUEUED),
        ([*BEGUN, OURS, (1, "cleanup[5]: AB12: milter-reject: END-OF-MESSAGE from us[127.0.0.1]: "
                            "5.7.1 Rejected; from=<a@x> to=<b@x>"), BYE], S.FAILED),
        ([*BEGUN, OURS, CUT, BYE, (2, "smtpd[9]: AB12: client=x[192.0.2.1]"),
          (2, "cleanup[5]: AB12: message-id=<other@x>"), TAKEN], S.QUEUED),
        ([], S.DOUBT),
    ],
    ids=[
        "taken", "cut off", "cut off before its header", "a late header", "its session is open",
        "a session that is open and not named", "whole and not yet active", "another's session is open",
        "another's message", "refused", "a queue id that came again", "a log that went silent",
    ],
)  # fmt: skip
def test_only_what_is_certain_is_told(log_file: Path, lines: list[Line], state: S) -> None:
    assert told(write(log_file, BEFORE, *lines)) is state


def test_a_log_that_begins_too_late_or_is_not_there_tells_nothing(log_file: Path) -> None:
    assert told(log_file) is None
    assert told(write(log_file, (1, "smtpd[1]: connect from client[192.0.2.1]"), CUT, BYE)) is None
    log_file.write_bytes(b"")
    assert told(log_file) is None


@pytest.mark.parametrize("ending", [".1", ".1.gz", "-20261124"])
def test_a_rotated_log_is_read_with_the_new_one(log_file: Path, ending: str) -> None:
    old = write(log_file.with_name(f"mail.log{ending.removesuffix('.gz')}"), BEFORE, *BEGUN, OURS)
    if ending.endswith(".gz"):
        packed = log_file.with_name("mail.log.1.gz")
        packed.write_bytes(gzip.compress(old.read_bytes()))
        old.unlink()
        old = packed
    os.utime(old, (NOW.timestamp(), NOW.timestamp()))
    write(log_file, TAKEN, BYE)

    assert told(log_file) is S.SENT


def test_a_log_cut_short_by_hand_tells_nothing(log_file: Path) -> None:
    write(log_file, (2, "smtpd[1]: connect from client[192.0.2.1]"))

    assert told(log_file) is None


def test_a_sender_of_its_own_names_a_delivery_where_the_header_is_not_logged(log_file: Path) -> None:
    path = return_path_of("bounces+{delivery}@example.org")(DOUBT)
    taken = (1.0, f"qmgr[3]: AB12: from=<{path}>, size=57874, nrcpt=1 (queue active)")
    write(log_file, BEFORE, *BEGUN, taken, BYE)

    assert told(log_file, return_path="bounces+{delivery}@example.org") is S.SENT
    assert told(log_file) is None


def test_a_large_log_is_read_from_where_it_matters(log_file: Path) -> None:
    old = [(-90_000.0 + number, "smtpd[1]: connect from client[192.0.2.1]") for number in range(20_000)]
    write(log_file, *old, *BEGUN, OURS, TAKEN, BYE)

    assert told(log_file) is S.SENT


def test_a_line_without_year_and_zone_is_of_this_machines_last_such_time() -> None:
    line = f"{NOW.astimezone():%b %d %H:%M:%S} mx postfix/qmgr[1]: x"

    assert moment_of(line, NOW + timedelta(hours=1)) == NOW
    assert moment_of("Dec 31 23:59:59 mx x", datetime(2027, 1, 2, 12, tzinfo=UTC)) in [
        datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC) - timedelta(hours=hours) for hours in range(-14, 15)
    ]
    assert moment_of("Feb 30 00:00:00 mx x", NOW) is None
    assert moment_of("no time at all", NOW) is None
