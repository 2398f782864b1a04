"""A whole send: everyone once, refusals waited for, a broken server or a signal losing nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

import pytest

from digest.deliver.dispatch import Counts, Plan, dispatch, utc_now
from digest.deliver.links import Links, Signer
from digest.deliver.message import build_message, envelope_maker
from digest.deliver.sendmail import SendmailTransport
from digest.deliver.session import MailServer
from digest.deliver.smtp import SmtpTransport
from digest.errors import AddressError, ConfigError, DeliveryError, StoreError
from digest.model import Delivery, EditionName, Envelope, Halt, Outcome
from digest.model import DeliveryState as S
from digest.ports import BeforeDot, Transport, always
from digest.store.mailing import Mailing
from tests.deliver.conftest import Fill
from tests.deliver.sample import EDITION, NOW, make_newsletter, make_rendered
from tests.deliver.servers import Answer, bad_server, free_port, good_server

NEWSLETTER = make_newsletter()


class Clock:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.time = NOW
        self.slept: list[float] = []

    def now(self) -> datetime:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.time += timedelta(seconds=seconds)


def make_message(delivery: Delivery) -> Envelope:
    template = build_message(make_rendered(), NEWSLETTER)
    links = Links(Signer(b"k" * 32), NEWSLETTER)
    return envelope_maker(template, NEWSLETTER, links, now=lambda: NOW)(delivery)


def deliver(
    mailing: Mailing,
    port: int,
    *,
    plan: Plan | None = None,
    clock: Clock | None = None,
    message: Callable[[Delivery], Envelope] = make_message,
    on_progress: Callable[[int, int], None] = lambda done, total: None,
) -> Counts:
    clock = clock or Clock()
    return dispatch(
        mailing,
        EDITION,
        transport_factory=lambda: SmtpTransport(MailServer(port=port, timeout_seconds=5)),
        make_message=message,
        plan=plan or Plan(connections=3),
        clock=clock.now,
        sleep=clock.sleep,
        on_progress=on_progress,
    )


def test_everyone_gets_it_once_and_a_second_send_sends_nothing(fill: Fill) -> None:
    mailing, clock = fill(60), Clock()
    progress: list[tuple[int, int]] = []

    with good_server() as bag:
        first = deliver(
            mailing, bag.port, clock=clock, on_progress=lambda done, total: progress.append((done, total))
        )
        second = deliver(mailing, bag.port)

    assert first == second
    assert first[S.SENT] == 60
    assert Counter(recipient for recipient, _ in bag.messages) == Counter(
        f"r{n}@example.org" for n in range(60)
    )
    assert len(bag.sessions) <= 3
    assert progress[-1] == (60, 60)
    assert clock.slept == []


def test_nothing_to_send_needs_no_server(fill: Fill) -> None:
    mailing = fill(0)

    assert sum(deliver(mailing, free_port()).values()) == 0


def test_refusals_are_told_apart_and_those_for_now_are_tried_until_they_are_taken(fill: Fill) -> None:
    mailing, clock = fill(6), Clock()

    def sleep(seconds: float) -> None:
        Clock.sleep(clock, seconds)
        if len(clock.slept) == 3:
            bag.refusals.pop("r1@example.org", None)

    with good_server() as bag:
        bag.refusals = {"r0@example.org": "550 5.1.1 Unknown", "r1@example.org": "451 4.7.1 Greylisted"}
        counts = dispatch(
            mailing,
            EDITION,
            transport_factory=lambda: SmtpTransport(MailServer(port=bag.port)),
            make_message=make_message,
            clock=clock.now,
            sleep=sleep,
        )

    assert (counts[S.SENT], counts[S.FAILED]) == (5, 1)
    assert [one.reply for one in mailing.list_deliveries(EDITION, [S.FAILED])] == ["550 5.1.1 Unknown"]
    assert sum(clock.slept) >= 48


def test_what_is_deferred_beyond_the_wait_is_left_for_later(fill: Fill) -> None:
    mailing, clock = fill(2), Clock()

    with good_server() as bag:
        bag.refusals = {"r1@example.org": "451 4.7.1 Greylisted"}
        counts = deliver(mailing, bag.port, plan=Plan(wait_seconds=10), clock=clock)
        assert (counts[S.SENT], counts[S.DEFERRED]) == (1, 1)

        bag.refusals = {}
        clock.time += timedelta(minutes=2)
        assert deliver(mailing, bag.port, plan=Plan(wait_seconds=0), clock=clock)[S.SENT] == 2

    assert clock.slept == []


def test_who_leaves_before_their_turn_gets_nothing(fill: Fill) -> None:
    mailing = fill(3)
    mailing.remove("daily", "r1@example.org", now=NOW)

    with good_server() as bag:
        counts = deliver(mailing, bag.port)

    assert (counts[S.SENT], counts[S.SKIPPED]) == (2, 1)
    assert "r1@example.org" not in [recipient for recipient, _ in bag.messages]


def test_who_leaves_in_mid_send_gets_nothing(fill: Fill) -> None:
    mailing = fill(40)

    def leave_when_first_is_sent(done: int, total: int) -> None:
        mailing.remove("daily", "r39@example.org", now=NOW)

    def message(delivery: Delivery) -> Envelope:
        if delivery.address == "r5@example.org":
            leave_when_first_is_sent(0, 0)
        return make_message(delivery)

    with good_server() as bag:
        counts = deliver(mailing, bag.port, plan=Plan(connections=1), message=message)

    assert (counts[S.SENT], counts[S.SKIPPED]) == (39, 1)
    assert "r39@example.org" not in [recipient for recipient, _ in bag.messages]


def test_an_address_that_no_message_can_go_to_fails_alone(fill: Fill) -> None:
    def message(delivery: Delivery) -> Envelope:
        if delivery.address == "r1@example.org":
            raise AddressError("'r1' is no address.")
        return make_message(delivery)

    mailing = fill(3)
    with good_server() as bag:
        counts = deliver(mailing, bag.port, message=message)

    assert (counts[S.SENT], counts[S.FAILED]) == (2, 1)


# --- servers that fail ---------------------------------------------------------------------------


def test_a_server_that_is_not_there_leaves_everything_queued(fill: Fill) -> None:
    mailing = fill(10)

    with pytest.raises(DeliveryError, match="connection refused"):
        deliver(mailing, free_port())

    queued = mailing.list_deliveries(EDITION, [S.QUEUED])
    assert len(queued) == 10
    assert {(one.owner, one.tries) for one in queued} == {(None, 0)}


@pytest.mark.parametrize(
    "error", [ConfigError(["smtp.password_file: there is no such file."]), ValueError("No closing quotation")]
)
def test_a_transport_that_cannot_be_made_ends_the_send_at_once(fill: Fill, error: Exception) -> None:
    mailing, clock = fill(10), Clock()
    made: list[None] = []

    def factory() -> Transport:
        made.append(None)
        raise error

    with pytest.raises(type(error), match=str(error)):
        dispatch(
            mailing,
            EDITION,
            transport_factory=factory,
            make_message=make_message,
            plan=Plan(connections=2),
            clock=clock.now,
            sleep=clock.sleep,
        )

    assert mailing.counts(EDITION)[S.QUEUED] == 10
    assert len(made) <= 2


def test_a_sendmail_command_that_no_shell_could_read_is_told() -> None:
    with pytest.raises(DeliveryError, match=r"smtp\.path: .* is no command \(no closing quotation\)"):
        SendmailTransport("/usr/sbin/sendmail '-t")


def test_a_refused_sender_stops_the_send_and_costs_no_reader(fill: Fill) -> None:
    mailing = fill(10)

    with (
        bad_server({"MAIL": ["550 Not you"]}) as server,
        pytest.raises(DeliveryError, match="takes no mail from"),
    ):
        deliver(mailing, server.port)

    assert mailing.counts(EDITION)[S.QUEUED] == 10


def test_a_server_that_will_not_relay_is_not_asked_for_every_reader(fill: Fill) -> None:
    mailing = fill(100)

    with (
        bad_server({"RCPT": ["554 5.7.1 Relay access denied"]}) as server,
        pytest.raises(DeliveryError, match=r"refused the first 10 readers.*Relay access denied"),
    ):
        deliver(mailing, server.port, plan=Plan(connections=1))

    counts = mailing.counts(EDITION)
    assert (counts[S.DEFERRED], counts[S.QUEUED], counts[S.FAILED]) == (10, 90, 0)
    (reply,) = {one.reply for one in mailing.list_deliveries(EDITION, [S.DEFERRED])}
    assert reply == "554 5.7.1 Relay access denied"
    clock = Clock()
    clock.time += timedelta(minutes=2)
    with good_server() as bag:
        assert deliver(mailing, bag.port, clock=clock)[S.SENT] == 100


def test_readers_refused_by_policy_fail_where_the_server_takes_others(fill: Fill) -> None:
    mailing = fill(30)
    answers: dict[str, list[Answer]] = {"RCPT": [*["554 5.7.1 Not for them"] * 9, "250 OK"]}

    with bad_server(answers) as server:
        counts = deliver(mailing, server.port, plan=Plan(connections=1))

    assert (counts[S.FAILED], counts[S.SENT]) == (9, 21)


def test_readers_that_do_not_exist_stop_nothing(fill: Fill) -> None:
    mailing = fill(30)

    answers: dict[str, list[Answer]] = {"RCPT": [*["550 5.1.1 Unknown"] * 29, "250 OK"]}

    with bad_server(answers) as server:
        counts = deliver(mailing, server.port, plan=Plan(connections=1))

    assert (counts[S.FAILED], counts[S.SENT]) == (29, 1)


def test_lines_lost_before_the_dot_are_tried_again_and_nobody_gets_two(fill: Fill) -> None:
    mailing = fill(20)
    answers: dict[str, list[Answer]] = {"RCPT": ["250 OK", None] * 8 + ["250 OK"]}

    with bad_server(answers) as server:
        counts = deliver(mailing, server.port)

    assert counts[S.SENT] == 20
    assert len(server.taken) == len(set(server.taken)) == 20


def test_a_line_lost_after_the_dot_is_held_in_doubt_and_never_sent_again(fill: Fill) -> None:
    mailing = fill(5)

    with bad_server({"DOT": ["250 Kept", None, "250 Kept"]}) as server:
        counts = deliver(mailing, server.port, plan=Plan(connections=1))
        again = deliver(mailing, server.port)

    assert (counts[S.SENT], counts[S.DOUBT]) == (4, 1)
    assert again == counts
    assert len(server.taken) == 5


def test_where_doubts_are_sent_again_it_is_with_the_same_message_id(fill: Fill) -> None:
    mailing = fill(2)

    with bad_server({"DOT": [None, "250 Kept"]}) as server:
        counts = deliver(mailing, server.port, plan=Plan(connections=1, in_doubt="resend"))

    assert counts[S.SENT] == 2
    assert len(server.taken) == 3
    assert len(set(server.taken)) == 2


def test_a_server_that_never_answers_a_dot_does_not_fill_a_mailbox(fill: Fill) -> None:
    mailing = fill(1)

    with bad_server({"DOT": [None]}) as server:
        counts = deliver(mailing, server.port, plan=Plan(in_doubt="resend"))

    assert counts[S.DOUBT] == 1
    assert len(server.taken) == 3


def test_fewer_connections_than_wanted_are_enough(fill: Fill) -> None:
    mailing = fill(30)

    with bad_server({"GREETING": ["220 mx", "421 Too many", "421 Too many", "220 mx"]}) as server:
        counts = deliver(mailing, server.port)

    assert counts[S.SENT] == 30


def test_a_server_that_dies_in_mid_send_ends_it_when_the_wait_is_over(fill: Fill) -> None:
    mailing = fill(12)

    def message(delivery: Delivery) -> Envelope:
        if delivery.address == "r6@example.org":
            dead.set()
        return make_message(delivery)

    dead = threading.Event()

    class Dying(SmtpTransport):
        """A transport whose server is gone from some moment on."""

        async def send(self, envelope: Envelope, *, before_dot: BeforeDot = always) -> Outcome:
            if dead.is_set():
                raise DeliveryError("Nothing answers at mx.example.org:25.")
            return await super().send(envelope, before_dot=before_dot)

    clock = Clock()
    with good_server() as bag, pytest.raises(DeliveryError, match="Nothing answers"):
        dispatch(
            mailing,
            EDITION,
            transport_factory=lambda: Dying(MailServer(port=bag.port)),
            make_message=message,
            plan=Plan(connections=1, wait_seconds=0),
            clock=clock.now,
            sleep=clock.sleep,
        )

    counts = mailing.counts(EDITION)
    assert (counts[S.SENT], counts[S.QUEUED]) == (6, 6)
    assert len(bag.messages) == 6


def test_a_program_that_fails_in_mid_message_leaves_doubt_and_says_so(fill: Fill) -> None:
    class Broken:
        """A transport with a fault after the end of the message."""

        async def open(self) -> None:
            """Nothing to open."""

        async def send(self, envelope: Envelope, *, before_dot: BeforeDot = always) -> Outcome:
            await before_dot()
            raise ZeroDivisionError("a fault")

        async def close(self) -> None:
            """Nothing to close."""

    mailing, clock = fill(3), Clock()
    with pytest.raises(ZeroDivisionError):
        dispatch(
            mailing,
            EDITION,
            transport_factory=Broken,
            make_message=make_message,
            plan=Plan(connections=1),
            clock=clock.now,
            sleep=clock.sleep,
        )

    counts = mailing.counts(EDITION)
    assert (counts[S.DOUBT], counts[S.QUEUED]) == (1, 2)


# --- other senders, and stopping -----------------------------------------------------------------


def test_what_a_dead_sender_left_is_taken_up_and_only_its_open_dots_are_in_doubt(fill: Fill) -> None:
    mailing, clock = fill(10), Clock()
    dead = mailing.lease(EDITION, owner="dead", limit=4, now=NOW, until=NOW + timedelta(seconds=60))
    mailing.record([_inflight(dead[0])], now=NOW)

    with good_server() as bag:
        counts = deliver(mailing, bag.port, clock=clock)

    assert (counts[S.SENT], counts[S.DOUBT]) == (9, 1)
    assert sum(clock.slept) >= 60
    assert dead[0].address not in [recipient for recipient, _ in bag.messages]


def test_what_a_sender_left_that_is_known_to_be_dead_is_taken_up_at_once(fill: Fill) -> None:
    mailing, clock = fill(10), Clock()
    name = "import digest.process as owner; print(owner.own_name())"
    dead = subprocess.run([sys.executable, "-c", name], check=True, capture_output=True, text=True)
    owner = dead.stdout.strip()
    held = mailing.lease(EDITION, owner=owner, limit=4, now=NOW, until=NOW + timedelta(seconds=60))
    mailing.record([_inflight(held[0])], now=NOW)

    with good_server() as bag:
        counts = deliver(mailing, bag.port, clock=clock)

    assert (counts[S.SENT], counts[S.DOUBT]) == (9, 1)
    assert clock.slept == []


def test_two_senders_at_once_share_the_work(fill: Fill) -> None:
    mailing = fill(80)

    with good_server() as bag:
        threads = [threading.Thread(target=deliver, args=(mailing, bag.port)) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert mailing.counts(EDITION)[S.SENT] == 80
    assert len(bag.messages) == 80


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_lets_what_is_under_way_end_and_queues_the_rest(fill: Fill, number: signal.Signals) -> None:
    mailing = fill(200)

    def message(delivery: Delivery) -> Envelope:
        if delivery.address == "r10@example.org":
            os.kill(os.getpid(), number)
        return make_message(delivery)

    before = signal.getsignal(number)
    with good_server() as bag:
        counts = deliver(mailing, bag.port, plan=Plan(connections=2), message=message)
        assert counts[S.SENT] == len(bag.messages)
        assert counts[S.SENT] + counts[S.QUEUED] == 200
        assert 0 < counts[S.SENT] < 200

        deliver(mailing, bag.port)

    assert signal.getsignal(number) == before
    assert Counter(recipient for recipient, _ in bag.messages) == Counter(
        f"r{n}@example.org" for n in range(200)
    )


@pytest.mark.parametrize(
    "plan",
    [
        Plan(connections=4, rate_per_second=50),
        Plan(connections=4, domain_rates={"example.org": 50, "*": 1}),
    ],
    ids=["of the server", "of a domain"],
)
def test_a_rate_is_kept_by_all_connections_together(fill: Fill, plan: Plan) -> None:
    mailing = fill(11)
    started = datetime.now(UTC)

    with good_server() as bag:
        deliver(mailing, bag.port, plan=plan)

    assert (datetime.now(UTC) - started).total_seconds() >= 10 / 50
    assert len(bag.messages) == 11


def test_a_store_that_fails_withholds_every_dot(fill: Fill) -> None:
    class Failing(Mailing):
        """A store whose disk is full."""

        def record(self, changed: object, *, now: datetime) -> list[bool]:
            raise StoreError("The disk is full.")

    filled = fill(5)
    failing = Failing(filled._engine, secret=lambda: b"s" * 32)

    with good_server() as bag, pytest.raises(StoreError, match="disk is full"):
        deliver(failing, bag.port)

    assert bag.messages == []
    assert filled.counts(EDITION)[S.LEASED] == 5


def test_a_store_that_fails_for_a_moment_costs_nothing(fill: Fill) -> None:
    class Faltering(Mailing):
        """A store whose every third call fails after its work is done."""

        calls = 0

        def falter(self) -> None:
            self.calls += 1
            if self.calls % 3 == 0:
                raise StoreError("The connection was lost.")

        def record(self, changed: Sequence[Delivery], *, now: datetime) -> list[bool]:
            written = super().record(changed, now=now)
            self.falter()
            return written

        def counts(self, edition: EditionName) -> dict[S, int]:
            counts = super().counts(edition)
            self.falter()
            return counts

    filled = fill(12)
    faltering = Faltering(filled._engine, secret=lambda: b"s" * 32)

    with good_server() as bag:
        deliver(faltering, bag.port, plan=Plan(connections=2))

    assert filled.counts(EDITION)[S.SENT] == 12
    assert len(bag.messages) == 12


def _inflight(delivery: Delivery) -> Delivery:
    from dataclasses import replace

    return replace(delivery, state=S.INFLIGHT)


# --- paused and stopped --------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [Halt.PAUSED, Halt.STOPPED])
def test_a_running_send_rests_when_paused_and_ends_when_stopped(fill: Fill, kind: Halt) -> None:
    mailing = fill(400)
    arrived: list[int] = []

    def rest(seconds: float) -> None:
        arrived.append(len(bag.messages))
        mailing.go_on(EDITION, now=utc_now())

    def halt_soon(done: int, total: int) -> None:
        if 0 < done < total and not arrived:
            mailing.halt(EDITION, kind, now=utc_now())

    with good_server() as bag:
        counts = dispatch(
            mailing,
            EDITION,
            transport_factory=lambda: SmtpTransport(MailServer(port=bag.port)),
            make_message=make_message,
            plan=Plan(connections=2, rate_per_second=100),
            sleep=rest,
            on_progress=halt_soon,
        )

    assert max(Counter(recipient for recipient, _ in bag.messages).values()) == 1
    assert sum(counts.values()) == 400
    if kind is Halt.PAUSED:
        assert arrived
        assert 0 < arrived[0] < 400
        assert counts[S.SENT] == len(bag.messages) == 400
    else:
        assert counts[S.SENT] == len(bag.messages) < 400
        assert counts[S.SKIPPED] == 400 - counts[S.SENT]
