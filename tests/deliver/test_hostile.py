"""Whole sends through servers that misbehave, with pipelining and without: nobody gets two, nobody is lost."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from digest.deliver.dispatch import Plan, dispatch
from digest.deliver.session import MailServer
from digest.deliver.smtp import SmtpTransport
from digest.model import DeliveryState as S
from tests.deliver.conftest import Fill
from tests.deliver.sample import EDITION, NOW
from tests.deliver.servers import AND_GOES, PIPELINES, SILENCE, Answer, bad_server
from tests.deliver.test_dispatch import Clock, make_message

READERS = 6
OK = "250 OK"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """How a server answers, and how many deliveries end in which state: all the others are sent."""

    answers: Mapping[str, Sequence[Answer]]
    ends: dict[S, int]
    only_pipelined: bool = False


CASES = {
    "closes after each message": Case(answers={"DOT": ["250 Kept" + AND_GOES]}, ends={}),
    "says 421 after each message and goes": Case(
        answers={"MAIL": [OK, "421 Enough" + AND_GOES, OK, "421 Enough" + AND_GOES, OK]}, ends={}
    ),
    "closes at every second reader": Case(answers={"RCPT": [*[OK, None] * 4, OK]}, ends={}),
    "greylists everyone once": Case(answers={"RCPT": ["451 4.7.1 Greylisted"] * READERS + [OK]}, ends={}),
    "asks for time and goes": Case(answers={"RCPT": ["421 4.7.0 Slower" + AND_GOES] * 3 + [OK]}, ends={}),
    "hangs after it took one": Case(answers={"DOT": [SILENCE, "250 Kept"]}, ends={S.DOUBT: 1}),
    "goes after it took one": Case(answers={"DOT": ["250 Kept", None, "250 Kept"]}, ends={S.DOUBT: 1}),
    "hangs in mid-dialogue": Case(answers={"RCPT": [OK, SILENCE, OK]}, ends={}),
    "refuses for now and goes": Case(
        answers={"MAIL": [OK], "RCPT": [OK, "451 Busy" + AND_GOES, OK]}, ends={}
    ),
    "answers 354 to RCPT": Case(answers={"RCPT": ["354 Go on", OK]}, ends={}),
    "answers 354 to MAIL": Case(answers={"MAIL": [OK, "354 Go on", OK]}, ends={}),
    "answers 354 to the dot": Case(answers={"DOT": ["354 Go on", "250 Kept"]}, ends={S.DOUBT: 1}),
    "answers 550 to MAIL in mid-send": Case(answers={"MAIL": [OK, "550 What", OK]}, ends={}),
    "answers 550 to one reader": Case(answers={"RCPT": [OK, "550 5.1.1 No", OK]}, ends={S.FAILED: 1}),
    "answers 550 to one message": Case(
        answers={"DOT": ["250 Kept", "550 No", "250 Kept"]}, ends={S.FAILED: 1}
    ),
    "refuses to reset": Case(answers={"RCPT": ["451 Later", OK], "RSET": ["502 What"]}, ends={}),
    "speaks no SMTP now and then": Case(answers={"RCPT": [OK, "<html>", OK]}, ends={}),
    "answers the dot with nonsense": Case(
        answers={"DOT": ["250 Kept", "yes", "250 Kept"]}, ends={S.DOUBT: 1}
    ),
    "greets and claims what it cannot": Case(
        answers={"EHLO": ["250-mx\r\n250-SIZE much\r\n250-8BITMIME\r\n250-AUTH\r\n250-=\r\n250 SMTPUTF8"]},
        ends={},
    ),
    "knows no EHLO": Case(answers={"EHLO": ["502 What"], "HELO": ["250 mx"]}, ends={}),
    "drops what is pipelined": Case(answers={"RCPT": [SILENCE, OK]}, ends={}, only_pipelined=True),
    "closes on what is pipelined": Case(answers={"RCPT": [None, None, OK]}, ends={}, only_pipelined=True),
    "refuses the reader and wants the message": Case(
        answers={"RCPT": [OK, "550 5.1.1 No", OK]}, ends={S.FAILED: 1}, only_pipelined=True
    ),
}
RUNS = [
    pytest.param(case, pipelines, id=f"{name}{', pipelined' if pipelines else ''}")
    for name, case in CASES.items()
    for pipelines in (False, True)
    if pipelines or not case.only_pipelined
    if not (pipelines and "EHLO" in case.answers)
]


@pytest.mark.parametrize(("case", "pipelines"), RUNS)
def test_nobody_gets_two_and_nobody_is_lost(fill: Fill, case: Case, pipelines: bool) -> None:
    mailing, clock = fill(READERS), Clock()
    answers: dict[str, list[Answer]] = {key: list(value) for key, value in case.answers.items()}
    if pipelines:
        answers["EHLO"] = [PIPELINES]

    with bad_server(answers) as server:
        counts = dispatch(
            mailing,
            EDITION,
            transport_factory=lambda: SmtpTransport(MailServer(port=server.port, timeout_seconds=0.25)),
            make_message=make_message,
            plan=Plan(connections=2, reconnect_seconds=0.01),
            clock=clock.now,
            sleep=clock.sleep,
        )

    arrived = Counter(recipient_of(content) for content in server.taken if content.strip())
    settled = {
        state: {one.address for one in mailing.list_deliveries(EDITION, [state])}
        for state in (S.SENT, *case.ends)
    }
    assert {state: count for state, count in counts.items() if count} == {
        S.SENT: READERS - sum(case.ends.values()),
        **case.ends,
    }
    assert max(arrived.values()) == 1
    assert settled[S.SENT] <= set(arrived)
    assert set(arrived) <= set.union(*settled.values())


@pytest.mark.parametrize("offer", ["250 SMTPUTF8", "250 8BITMIME"])
def test_an_address_beyond_ascii_that_a_server_will_not_have_fails_alone(fill: Fill, offer: str) -> None:
    mailing, clock = fill(2), Clock()
    mailing.add("daily", "zoë@bücher.example", consent="asked", now=NOW)
    later = replace(EDITION, date=EDITION.date + timedelta(days=1))
    mailing.fill(later, domain="example.org", now=NOW)
    refused = "555 5.6.7 No SMTPUTF8 here"
    answers: dict[str, list[Answer]] = {"EHLO": [f"250-mx\r\n{offer}"]}

    with bad_server(answers | {"MAIL SMTPUTF8": [refused]}) as server:
        counts = dispatch(
            mailing,
            later,
            transport_factory=lambda: SmtpTransport(MailServer(port=server.port, timeout_seconds=0.25)),
            make_message=make_message,
            plan=Plan(connections=1, reconnect_seconds=0.01),
            clock=clock.now,
            sleep=clock.sleep,
        )

    assert {state: count for state, count in counts.items() if count} == {S.SENT: 2, S.FAILED: 1}
    assert len(server.taken) == 2
    (failed,) = mailing.list_deliveries(later, [S.FAILED])
    assert failed.address == "zoë@xn--bcher-kva.example"


def recipient_of(content: bytes) -> str:
    found = re.search(rb"^To: .*?([\w.]+@[\w.]+)", content, re.MULTILINE)
    assert found is not None
    return found[1].decode()
