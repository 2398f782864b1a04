"""Any order of leases, commits, crashes, sweeps, departures and a person's orders: nobody twice, nobody lost."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import product

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from sqlalchemy import select, update

from digest.deliver.doubts import resolved
from digest.deliver.outbox import next_state, released
from digest.model import Delivery, Halt, Outcome
from digest.model import DeliveryState as S
from digest.store.database import open_database
from digest.store.mailing import Mailing
from digest.store.tables import deliveries
from tests.deliver.sample import EDITION, NOW

READERS = [f"r{number}@example.org" for number in range(2)]
SETTLED = (S.SENT, S.FAILED, S.SKIPPED)
LEASE = timedelta(seconds=60)
senders = st.sampled_from(["one", "two"])
outcomes = st.sampled_from([S.SENT, S.SENT, S.DEFERRED, S.FAILED, S.DOUBT, S.QUEUED])


def other(sender: str) -> str:
    """Return who is not that sender."""
    return "two" if sender == "one" else "one"


class OutboxMachine(RuleBasedStateMachine):
    """Two senders, a server that remembers what it took, and a person.

    `held` is what each sender believes it has leased, `flying` what it was allowed to end. `took` is what the server
    has of each reader; who orders a delivery in doubt to be sent again (`risked`) asks for a second one. `answers` are
    what the log said of doubts, not written yet.
    """

    def __init__(self) -> None:
        super().__init__()
        self.engine = open_database("sqlite:///:memory:")
        self.mailing = Mailing(self.engine, secret=lambda: b"s" * 32)
        self.mailing.ensure_readers("daily", READERS, now=NOW)
        self.mailing.fill(EDITION, domain="example.org", now=NOW)
        self.put_back([row | {"message_id": f"<{row['subscriber_id']}@example.org>"} for row in self.rows()])
        self.now: datetime = NOW
        self.held: dict[str, list[Delivery]] = {"one": [], "two": []}
        self.flying: dict[str, list[Delivery]] = {"one": [], "two": []}
        self.answers: list[Delivery] = []
        self.took: Counter[str] = Counter()
        self.risked: set[str] = set()
        self.gone: set[str] = set()
        self.settled: dict[str, S] = {}

    def teardown(self) -> None:
        self.engine.dispose()

    @rule(
        sender=senders,
        rest=st.sampled_from(
            [timedelta(), timedelta(), 2 * LEASE, timedelta(minutes=90), timedelta(minutes=-3)]
        ),
        leased=st.integers(0, 2),
        begun=st.integers(0, 2),
        is_newest=st.booleans(),
        returned=st.booleans(),
        ended=st.integers(0, 3),
        state=outcomes,
    )
    def work(
        self,
        sender: str,
        rest: timedelta,
        leased: int,
        begun: int,
        is_newest: bool,
        returned: bool,
        ended: int,
        state: S,
    ) -> None:
        """Rest, perhaps beyond the lease, or turn the clock back; then lease, begin old ones or new, return, end."""
        self.now += rest
        self.lease(sender, leased)
        for _ in range(min(begun, len(self.held[sender]))):
            self.begin(sender, is_newest)
        if returned and self.held[sender]:
            self.give_back(sender)
        if ended and self.flying[sender]:
            self.end(sender, state, False, True, ended)

    def lease(self, sender: str, limit: int) -> None:
        until = self.now + LEASE
        self.held[sender] += self.mailing.lease(EDITION, owner=sender, limit=limit, now=self.now, until=until)

    @rule(
        sender=senders,
        is_lost=st.booleans(),
        is_same=st.booleans(),
        leaves=st.sampled_from(["", "", "", *READERS]),
        is_begun=st.booleans(),
        is_returned=st.booleans(),
        is_finished=st.booleans(),
    )
    def contend(
        self,
        sender: str,
        is_lost: bool,
        is_same: bool,
        leaves: str,
        is_begun: bool,
        is_returned: bool,
        is_finished: bool,
    ) -> None:
        """Let two believe that they have one delivery: a lease expires, or its commit is lost.

        It is lost where the store fails over to a copy that lags: then another gets the same attempt. The later one
        may begin before the earlier gives it back; then all go on with what they believe they have.
        """
        before = self.rows()
        self.lease(sender, 1)
        later = other(sender)
        if is_lost:
            self.put_back(before)
        else:
            self.now += 2 * LEASE
            later = sender if is_same else later
        self.lease(later, 1 if is_lost else 2)
        if leaves:
            self.leave(leaves)
        if is_begun and self.held[later]:
            self.begin(later, is_newest=True)
        if is_returned and self.held[sender]:
            self.give_back(sender)
        for one in (sender, other(sender)) if is_finished else ():
            self.lease(one, 2)
            while self.held[one]:
                self.begin(one, is_newest=False)
        for one in (sender, other(sender)) if is_finished else ():
            if self.flying[one]:
                self.end(one, S.SENT, False, True, 9)

    def leave(self, reader: str) -> None:
        """Let a reader leave."""
        self.mailing.remove("daily", reader, now=self.now)
        self.gone.add(reader)

    def rows(self) -> list[dict[str, object]]:
        """Return what the store has."""
        with self.engine.begin() as connection:
            return [row._asdict() for row in connection.execute(select(deliveries))]

    def put_back(self, rows: list[dict[str, object]]) -> None:
        """Let the store have what it had."""
        with self.engine.begin() as connection:
            for row in rows:
                same = deliveries.c.subscriber_id == row["subscriber_id"]
                connection.execute(update(deliveries).where(same).values(**row))

    def begin(self, sender: str, is_newest: bool) -> None:
        """Have a delivery in flight, or be refused: the message is then withheld."""
        delivery = self.held[sender].pop(-1 if is_newest else 0)
        (may_end,) = self.mailing.record([replace(delivery, state=S.INFLIGHT)], now=self.now)
        if may_end:
            assert delivery.address not in self.gone
            self.flying[sender].append(delivery)

    def give_back(self, sender: str) -> None:
        """Return the oldest delivery that was not begun."""
        self.mailing.record([released(self.held[sender].pop(0))], now=self.now)

    @precondition(lambda self: any(self.flying.values()))
    @rule(
        sender=senders, state=outcomes, is_late=st.booleans(), did_take=st.booleans(), most=st.integers(1, 3)
    )
    def end(self, sender: str, state: S, is_late: bool, did_take: bool, most: int) -> None:
        """Send the dots; hear the answers, perhaps after others have given the deliveries up."""
        sender = sender if self.flying[sender] else other(sender)
        some, self.flying[sender] = self.flying[sender][:most], self.flying[sender][most:]
        if state is S.SENT or (state is S.DOUBT and did_take):
            self.took.update(one.address for one in some)
        if is_late:
            self.now += 2 * LEASE
            self.mailing.sweep(EDITION, now=self.now)
        after = [next_state(one, Outcome(state=state, reply="words"), self.now) for one in some]
        self.mailing.record(after, now=self.now)
        self.mailing.record(after, now=self.now)

    @precondition(lambda self: any(self.held.values()) or any(self.flying.values()))
    @rule(sender=senders, event=st.sampled_from(["renew", "renew", "sweep", "crash"]), is_so=st.booleans())
    def age(self, sender: str, event: str, is_so: bool) -> None:
        """Renew leases, give up what has expired, or kill a sender.

        A sender that is merely slow loses what expired; its session is held to have ended. Of what a killed one had
        in flight the server took all or nothing, and nobody heard.
        """
        if event == "renew":
            self.mailing.renew(EDITION, owner=sender, until=self.now + LEASE)
        elif event == "crash":
            self.took.update(one.address for one in self.flying[sender] if is_so)
            self.held[sender], self.flying[sender] = [], []
            self.mailing.expire(EDITION, owner=sender, now=self.now)
        if event != "renew":
            self.mailing.sweep(EDITION, now=self.now)

    @rule(
        order=st.sampled_from(["leave", "go on", "retry", "sent", "failed", "queued", *Halt]), data=st.data()
    )
    def order(self, order: str, data: st.DataObject) -> None:
        """Let a person have a say; in four of five cases they think again."""
        if data.draw(st.integers(0, 4)):
            return
        reader = data.draw(st.sampled_from(READERS))
        if order == "leave":
            self.leave(reader)
        elif order == "retry":
            self.unsettle(S.FAILED)
            self.mailing.retry(EDITION, now=self.now)
        elif order == "go on":
            self.unsettle(S.SKIPPED)
            self.mailing.go_on(EDITION, now=self.now)
        elif order in tuple(Halt):
            self.unsettle(S.SKIPPED)
            self.mailing.halt(EDITION, Halt(order), now=self.now)
        elif self.mailing.resolve(EDITION, address=reader, state=S(order), now=self.now) and order != "sent":
            self.risked.add(reader)

    def unsettle(self, state: S) -> None:
        """Let deliveries in a state that was final go on."""
        self.settled = {one: before for one, before in self.settled.items() if before is not state}

    @rule(is_slow=st.booleans(), meanwhile=st.sampled_from(["", "", *READERS]))
    def ask_the_log(self, is_slow: bool, meanwhile: str) -> None:
        """Resolve doubts by what the server knows, once no sender can be in them; a person may be faster."""
        flying = {one.address for some in self.flying.values() for one in some}
        doubts = self.mailing.doubts(EDITION, before=self.now)
        self.answers += [
            resolved(one, Outcome(state=S.SENT if self.took[one.address] else S.QUEUED), self.now)
            for one in doubts
            if one.address not in flying
        ]
        if meanwhile and self.mailing.resolve(EDITION, address=meanwhile, state=S.SENT, now=self.now):
            self.settled[meanwhile] = S.SENT
        if not is_slow:
            self.write_answers()

    @precondition(lambda self: self.answers)
    @rule()
    def write_answers(self) -> None:
        """Write what the log said, perhaps long after it was asked."""
        self.mailing.settle_doubts(self.answers, now=self.now)
        self.answers = []

    @invariant()
    def nobody_gets_two(self) -> None:
        assert all(count == 1 for reader, count in self.took.items() if reader not in self.risked)

    @invariant()
    def counts_add_up(self) -> None:
        assert sum(self.mailing.counts(EDITION).values()) == len(READERS)

    @invariant()
    def nobody_is_lost_and_what_is_settled_stays(self) -> None:
        found = self.mailing.list_deliveries(EDITION)
        told = {one.address for one in found if one.reply == "resolved as sent"}
        states = {one.address: one.state for one in found}
        for reader, state in states.items():
            if state is S.SENT and reader not in self.risked:
                assert self.took[reader] == 1 or reader in told
            before = self.settled.get(reader)
            assert before is None or state is before, (reader, before, state)
        self.settled = {one: state for one, state in states.items() if state in SETTLED}


FLAG = (False, True)


@pytest.mark.parametrize("leaves", ["", *READERS])
def test_whoever_contends_for_a_delivery_it_is_sent_once(leaves: str) -> None:
    for is_lost, is_same, is_begun, is_returned in product(FLAG, repeat=4):
        machine = OutboxMachine()
        machine.contend("one", is_lost, is_same, leaves, is_begun, is_returned, is_finished=True)
        machine.nobody_gets_two()
        machine.nobody_is_lost_and_what_is_settled_stays()
        machine.teardown()


@pytest.mark.parametrize("is_slow", FLAG)
def test_what_the_log_said_changes_nothing_that_a_person_settled_since(is_slow: bool) -> None:
    machine = OutboxMachine()
    machine.lease("one", 1)
    machine.begin("one", is_newest=True)
    machine.age("one", "crash", is_so=False)

    machine.ask_the_log(is_slow, meanwhile=READERS[0])
    machine.write_answers()

    machine.nobody_is_lost_and_what_is_settled_stays()
    machine.teardown()


TestOutbox = OutboxMachine.TestCase
TestOutbox.settings = settings(
    max_examples=80,
    stateful_step_count=20,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),  # shrinking takes minutes here
)
