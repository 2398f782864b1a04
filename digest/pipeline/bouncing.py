"""Read the box that bounces come to, and do what they ask for: stop whom no mail reaches, let go who wants to leave.

Only what is surely about a delivery or a reader of ours is acted on and filed away; all other letters stay as they
are. Each letter is looked at once, and acting on one twice changes nothing: a reading that dies half-way is repeated.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from itertools import islice

from digest.deliver.bounce_codes import find_code, judge_bounce
from digest.deliver.links import Purpose, Signer
from digest.deliver.message import bounce_key_of
from digest.deliver.mime import MOST_BYTES
from digest.deliver.reports import PLAIN_WORDS, Report, ReportKind, read_report
from digest.mailbox import address_key
from digest.model import (
    Bounce,
    BounceKind,
    DeliveryEvent,
    DeliveryState,
    EditionName,
    EventKind,
    SubscriberId,
)
from digest.ports import Box
from digest.store.mailing import Mailing

AT_ONCE = 50
MOST_LETTERS = 20_000
"""So many are looked at in one reading; the next goes on."""
KEYS_HOLD = timedelta(days=45)
"""How far back a bounce's address is looked up where nothing else names the delivery."""
ADDRESS_HOLDS = timedelta(days=7)
"""How long after a delivery a bounce that names the address alone is taken to be about it."""

_REFUSAL = re.compile(r"5\d\d\b")

_EVENTS = {
    ReportKind.COMPLAINED: EventKind.COMPLAINED,
    ReportKind.DELAYED: EventKind.DEFERRED,
    ReportKind.DELIVERED: EventKind.DELIVERED,
}


class Effect(StrEnum):
    """What became of a letter. FOUND: something would, were this no dry run.

    WAITS: the delivery it is about is still in a sender's hands, and may end in doubt. Then this is what settles it.
    """

    STOPPED = "stopped"
    COUNTED = "counted"
    COMPLAINED = "complained"
    LEFT = "left"
    NOTED = "noted"
    KNOWN = "known"
    WAITS = "waits"
    FOUND = "found"
    ALONE = "left alone"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What letters are judged with. `senders` are each newsletter's addresses, to which readers write."""

    mailing: Mailing
    signer: Signer
    return_path: str = ""
    senders: Mapping[str, frozenset[str]]
    leaving_words: frozenset[str] = PLAIN_WORDS


@dataclass(frozen=True, slots=True, kw_only=True)
class Handled:
    """One letter: what it is, what it led to, and what it is about. `message_ids` are deliveries'."""

    letter: str
    report: Report
    effect: Effect = Effect.ALONE
    message_ids: tuple[str, ...] = ()
    edition: str = ""
    address: str = ""


def read_box(
    box: Box, reading: Reading, *, now: datetime, is_dry: bool = False, again: bool = False
) -> list[Handled]:
    """Look at what is new in an open box and act on it; return each letter with what became of it.

    `again` looks at letters that were left alone before. A dry run changes nothing, in the box or the store.
    """
    mailing, place = reading.mailing, sha256(box.name.encode()).hexdigest()
    there = list(box.letters())
    known = mailing.left_alone(place)
    names = {letter: sha256(letter.encode()).hexdigest() for letter in there}
    if not is_dry:
        mailing.forget_letters(place, known.difference(names.values()))
    new = iter([one for one in there if again or names[one] not in known][:MOST_LETTERS])
    done: list[Handled] = []
    while some := list(islice(new, AT_ONCE)):
        handled = _handle(_read(box, some, reading), reading, now=now, is_dry=is_dry)
        done += handled
        if not is_dry:
            box.file_away([one.letter for one in handled if one.effect not in (Effect.ALONE, Effect.WAITS)])
            mailing.leave_alone(place, [names[one.letter] for one in handled if one.effect is Effect.ALONE])
    return done


def stop_refused(mailing: Mailing, edition: EditionName, *, now: datetime) -> int:
    """Stop whom the mail server itself refused as nobody there, as a bounce would; return how many that stopped.

    Where it refused more so than it took, it stops nobody: a server that knows none of our readers is the wrong one.
    """
    gone = [
        one
        for one in mailing.list_deliveries(edition, [DeliveryState.FAILED])
        if _REFUSAL.match(one.reply) and judge_bounce("", one.reply) is BounceKind.HARD
    ]
    if len(gone) > mailing.counts(edition)[DeliveryState.SENT]:
        return 0
    stopped = 0
    for one in gone:
        bounce = Bounce(
            message_id=one.message_id, kind=BounceKind.HARD, status=find_code(one.reply), reason=one.reply
        )
        taken = mailing.take_bounce(bounce, now=now)
        stopped += taken is not None and taken.stopped
    return stopped


def take_letter(content: bytes, reading: Reading, *, now: datetime) -> Handled:
    """Act on one message that came another way than by the box."""
    report = read_report(content, return_path=reading.return_path, leaving_words=reading.leaving_words)
    (handled,) = _handle([Handled(letter="", report=report)], reading, now=now, is_dry=False)
    return handled


def _read(box: Box, letters: Sequence[str], reading: Reading) -> list[Handled]:
    found = []
    for letter in letters:
        content = box.read(letter, most=MOST_BYTES)
        if content is not None:
            report = read_report(
                content, return_path=reading.return_path, leaving_words=reading.leaving_words
            )
            found.append(Handled(letter=letter, report=report))
    return found


def _handle(found: Sequence[Handled], reading: Reading, *, now: datetime, is_dry: bool) -> list[Handled]:
    by_key = _look_up(found, reading, now)
    named = [replace(one, message_ids=_about(one.report, reading, by_key, now)) for one in found]
    if is_dry:
        return [_judged(one, reading) for one in named]
    return [_act(one, reading, now) for one in named]


def _look_up(found: Sequence[Handled], reading: Reading, now: datetime) -> Mapping[str, str]:
    """Return Message-IDs by the words in the reports' addresses; those of the Message-IDs they name come free."""
    by_key: dict[str, str] = {}
    wanted = set()
    for report in (one.report for one in found if one.report.keys):
        named = {bounce_key_of(one): one for one in report.originals}
        if report.keys[0] in named and reading.mailing.find_message_id([named[report.keys[0]]]):
            by_key[report.keys[0]] = named[report.keys[0]]
        else:
            wanted.add(report.keys[0])
    wanted -= by_key.keys()
    return by_key | reading.mailing.find_by_key(wanted, key_of=bounce_key_of, since=now - KEYS_HOLD)


def _about(report: Report, reading: Reading, by_key: Mapping[str, str], now: datetime) -> tuple[str, ...]:
    """Return the deliveries a report is about: by its address first, then by Message-ID, then by the reader's.

    A word or Message-ID that is not ours means that it is not about us: then nothing else is believed. Where
    every delivery has an address of its own, a reader's alone proves nothing.
    """
    if report.kind not in (ReportKind.BOUNCED, *_EVENTS):
        return ()
    if report.keys:
        return tuple(by_key[key] for key in report.keys[:1] if key in by_key)
    if report.originals:
        found = reading.mailing.find_message_id(report.originals)
        return (found,) if found is not None else ()
    if not report.readers or "{delivery}" in reading.return_path:
        return ()
    return tuple(reading.mailing.find_last_sent(report.readers, since=now - ADDRESS_HOLDS))


def _act(one: Handled, reading: Reading, now: datetime) -> Handled:
    """Do what a letter asks for."""
    report, mailing = one.report, reading.mailing
    if report.kind is ReportKind.LEAVING:
        return _let_go(one, reading, now)
    if not one.message_ids:
        return one
    if mailing.is_under_way(one.message_ids):
        return replace(one, effect=Effect.WAITS)
    if report.kind in _EVENTS:
        event = _EVENTS[report.kind]
        mailing.take_events(
            [DeliveryEvent(kind=event, message_id=found, reason=report.reason) for found in one.message_ids],
            now=now,
        )
        return replace(
            one, effect=Effect.COMPLAINED if report.kind is ReportKind.COMPLAINED else Effect.NOTED
        )
    for message_id in one.message_ids:
        bounce = Bounce(
            message_id=message_id,
            kind=report.bounce or BounceKind.SOFT,
            status=report.status,
            reason=report.reason,
        )
        taken = mailing.take_bounce(bounce, now=now)
        if taken is not None:
            effect = Effect.STOPPED if taken.stopped else Effect.COUNTED if taken.is_new else Effect.KNOWN
            one = replace(one, effect=effect, edition=str(taken.edition), address=taken.address)
    return one


def _let_go(one: Handled, reading: Reading, now: datetime) -> Handled:
    """Take off who wants to leave: whom the token speaks for, else who wrote, of the newsletters written to."""
    left = [
        reader
        for number in _leavers(one.report, reading)
        if (reader := reading.mailing.leave(number, now=now))
    ]
    return replace(one, effect=Effect.LEFT, address=left[0].address) if left else one


def _leavers(report: Report, reading: Reading) -> list[SubscriberId]:
    if report.token:
        reader = reading.signer.read_subscriber(Purpose.UNSUBSCRIBE, report.token)
        return [reader] if reader is not None else []
    keys = {address_key(one) for one in report.recipients}
    meant = {name for name, addresses in reading.senders.items() if addresses & keys}
    return [
        reader
        for reader, newsletter in reading.mailing.readers_at(report.sender)
        if not meant or newsletter in meant
    ]


def _judged(one: Handled, reading: Reading) -> Handled:
    """Say whether a letter would be acted on."""
    is_ours = bool(one.message_ids) or (
        one.report.kind is ReportKind.LEAVING and bool(_leavers(one.report, reading))
    )
    return replace(one, effect=Effect.FOUND) if is_ours else one
