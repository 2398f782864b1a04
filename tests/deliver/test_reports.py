"""What comes back by mail is told apart, whoever wrote it; what cannot be read is left alone and never fails.

A case is a message in tests/data/deliver/reports and beside it, in a file of the same name, what it is.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.deliver.bounce_codes import judge_bounce
from digest.deliver.message import bounce_key_of
from digest.deliver.mime import leaves, parse_message
from digest.deliver.reports import ReportKind, read_report
from digest.model import BounceKind
from tests.conftest import DATA

CASES = sorted((DATA / "deliver" / "reports").glob("*.eml"))
MESSAGE_ID = "<daily.2026-11-24.a1b2c3d4e5f60718293a@news.example>"
RETURN_PATH = "bounces+{delivery}@news.example"
UNTOLD = {"reason", "recipients"}
"""What a case need not name."""


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.stem)
def test_a_message_is_what_it_is(case: Path) -> None:
    expected: dict[str, Any] = json.loads(case.with_suffix(".json").read_text(encoding="utf-8"))
    content = case.read_bytes()

    for written in (content, content.replace(b"\n", b"\r\n")):
        found = json.loads(json.dumps(asdict(read_report(written, return_path=RETURN_PATH))))
        assert {
            name: value for name, value in found.items() if value and name not in UNTOLD | {*expected}
        } == {}
        assert {name: found[name] for name in expected} == expected


def test_the_cases_are_many_and_of_every_kind() -> None:
    told = [json.loads(case.with_suffix(".json").read_text(encoding="utf-8"))["kind"] for case in CASES]

    assert len(told) >= 40
    assert set(told) == {str(kind) for kind in ReportKind}


def test_without_verp_no_address_names_a_delivery() -> None:
    content = (DATA / "deliver" / "reports" / "postfix-unknown-user.eml").read_bytes()

    found = read_report(content, return_path="bounces@news.example")

    assert (found.keys, found.originals) == ((), (MESSAGE_ID,))


def test_the_key_of_a_delivery_is_that_of_its_message_id() -> None:
    content = (DATA / "deliver" / "reports" / "qmail.eml").read_bytes()

    assert read_report(content, return_path=RETURN_PATH).keys == (bounce_key_of(MESSAGE_ID),)


def test_words_of_other_languages_leave_too() -> None:
    letter = "From: ada@mail.example\nSubject: Se désabonner\n\n".encode()

    assert read_report(letter, leaving_words={"se désabonner"}).kind is ReportKind.LEAVING
    assert read_report(letter).kind is ReportKind.OTHER


@pytest.mark.parametrize(
    ("status", "words", "kind"),
    [
        ("5.1.1", "", BounceKind.HARD),
        ("5.1.2", "", BounceKind.HARD),
        ("5.1.10", "", BounceKind.HARD),
        ("5.2.1", "", BounceKind.HARD),
        ("5.4.4", "", BounceKind.HARD),
        ("5.2.2", "550 5.1.1 unknown user", BounceKind.SOFT),
        ("5.3.4", "", BounceKind.SOFT),
        ("5.7.1", "user unknown", BounceKind.REFUSED),
        ("5.7.26", "", BounceKind.REFUSED),
        ("4.7.1", "", BounceKind.REFUSED),
        ("5.6.1", "", BounceKind.REFUSED),
        ("5.1.8", "", BounceKind.REFUSED),
        ("4.1.1", "", BounceKind.SOFT),
        ("5.0.0", "550 5.1.1 gone", BounceKind.HARD),
        ("5.0.0", "550 no reason given", BounceKind.SOFT),
        ("5.0.0", "554 blocked by policy, user unknown", BounceKind.REFUSED),
        ("5.4.1", "Recipient address rejected: Access denied", BounceKind.HARD),
        ("5.4.1", "no answer from host", BounceKind.SOFT),
        ("550", "550 unknown user", BounceKind.HARD),
        ("550", "550 mailbox full", BounceKind.SOFT),
        ("421", "421 unknown user", BounceKind.SOFT),
        ("", "", BounceKind.SOFT),
    ],
)
def test_a_code_is_judged_mildly_where_it_is_vague(status: str, words: str, kind: BounceKind) -> None:
    assert judge_bounce(status, words) is kind


def nested(depth: int) -> bytes:
    start = b"".join(
        b'Content-Type: multipart/report; boundary="%d"\n\n--%d\n' % (number, number)
        for number in range(depth)
    )
    return b"From: mailer-daemon@x.example\n" + start + b"\n5.1.1\n"


HOSTILE = {
    "empty": b"",
    "only ends of lines": b"\r\n" * 50_000,
    "nested 5,000 deep": nested(5_000),
    "100,000 parts": b"Content-Type: multipart/report; boundary=a\n\n" + b"--a\n\n" * 100_000,
    "100,000 fields": b"To: <a@b.example>\n" * 100_000,
    "a field of 3 MB": b"From: mailer-daemon@x.example\nTo: " + b"<a@b.example>, " * 200_000 + b"\n\n5.1.1",
    "a line of 3 MB": b"From: mailer-daemon@x.example\n\n550 " + b"user a@b.example " * 200_000,
    "endless folding": b"Subject: a\n" + b" \n" * 200_000,
    "encoded words": b"Subject: " + b"=?utf-8?b?////?= =?x?q?=zz?= =?undefined?q?=ff?= " * 2_000 + b"\n\n",
    "parameters": b'Content-Type: multipart/report; boundary*0*=x; boundary="' + b'\\"' * 5_000 + b"\n\n--\n",
    "an empty boundary": b'Content-Type: multipart/report; boundary=""\n\n--\n--\n----\n',
    "bytes": bytes(range(256)) * 4_000,
    "base64 of one letter": b"From: postmaster@x.example\nContent-Transfer-Encoding: base64\n\nA",
    "a codec that is no charset": b"From: postmaster@x.example\nContent-Type: text/plain; charset=zlib\n\n550 gone",
    "a charset with NUL": b'From: postmaster@x.example\nContent-Type: text/plain; charset="a\x00b"\n\n550 gone',
    "angles": b"From: mailer-daemon@x.example\nTo: " + b"<" * 100_000 + b"\nReceived: " + b"for <" * 50_000,
    "dots and digits": b"From: mailer-daemon@x.example\n\n" + b"5." * 500_000,
    "dashes": b"From: mailer-daemon@x.example\n\n" + b"-" * 100_000 + b"\n" + b"=_" * 100_000,
    "words without an end": b"From: mailer-daemon@x.example\n\n550 user " + b"mailbox account " * 100_000,
}


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_messages_change_nothing(content: bytes) -> None:
    found = read_report(content, return_path=RETURN_PATH)

    assert found.kind in (ReportKind.OTHER, ReportKind.AUTOMATIC)


def test_many_codes_are_found_in_linear_time() -> None:
    content = (
        b"From: mailer-daemon@x.example\nTo: bounces+abc@news.example\n\nhost said " + b"5.1.1 " * 300_000
    )

    assert read_report(content, return_path=RETURN_PATH).kind is ReportKind.BOUNCED


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(CASES), st.lists(st.tuples(st.floats(0, 1), st.binary(max_size=12)), max_size=8))
def test_no_damage_to_a_message_is_an_exception(case: Path, damage: list[tuple[float, bytes]]) -> None:
    content = case.read_bytes()
    for where, what in damage:
        at = int(where * len(content))
        content = content[:at] + what + content[at + len(what) :]

    assert read_report(content, return_path=RETURN_PATH).kind in ReportKind


def test_a_part_is_read_whatever_its_encoding() -> None:
    message = parse_message(
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        b"R3LDvMOfZQ\r\n--b\r\nContent-Type: text/plain; charset=latin-1\r\n"
        b"Content-Transfer-Encoding: quoted-printable\r\n\r\nGr=FC=DFe\r\n--b--\r\nnobody reads this"
    )

    assert [part.text() for part in leaves(message)] == ["Grüße", "Grüße"]
