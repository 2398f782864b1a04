"""Any order of leases, commits, crashes, sweeps, departures and a person's orders: nobody twice, nobody lost."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta

from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from digest.deliver.doubts import resolved
from digest.deliver.outbox import next_state, released
from digest.model import Delivery, Halt, Outcome
from digest.model import DeliveryState as S
from digest.store.database import open_database
from digest.store.mailing import Mailing
from tests.deliver.sample import EDITION, NOW

READERS = [f"r{number}@example.org" for number in range(4)]
SETTLED = (S.SENT, S.FAILED, S.SKIPPED)
LEASE = timedelta(seconds=60)
senders = st.sampled_from(["one", "two"])
rarely = st.sampled_from([False, False, False, False, True])
outcomes = st.sampled_from([S.SENT, S.DEFERRED, S.FAILED, S.DOUBT, S.QUEUED])


class OutboxMachine(RuleBasedStateMachine):
    """Two senders, a server that remembers what it took, and a person.

    `held` is what each sender believes it has leased, `flying` what it was allowed to end. `took` is what the server
    has of each reader; who orders a delivery in doubt to be sent again (`risked`) asks for a second one.
    """

    def __init__(self) -> None:
        super().__init__()
        self.engine = open_database("sqlite:///:memory:")
        self.mailing = Mailing(self.engine, secret=lambda: b"s" * 32)
        self.mailing.ensure_readers("daily", READERS, now=NOW)
        self.mailing.fill(EDITION, domain="example.org", now=NOW)
        self.now: datetime = NOW
        self.held: dict[str, list[Delivery]] = {"one": [], "two": []}
        self.flying: dict[str, list[Delivery]] = {"one": [], "two": []}
        self.took: Counter[str] = Counter()
        self.risked: set[str] = set()
        self.settled: dict[str, S] = {}

    def teardown(self) -> None:
        self.engine.dispose()

    @rule(
        sender=senders,
        limit=st.integers(1, 4),
        begun=st.integers(0, 4),
        rest=st.sampled_from([timedelta(), timedelta(), 2 * LEASE]),
    )
    def lease(self, sender: str, limit: int, begun: int, rest: timedelta) -> None:
        self.now += rest
        until = self.now + LEASE
        self.held[sender] += self.mailing.lease(EDITION, owner=sender, limit=limit, now=self.now, until=until)
        for _ in range(begun):
            self.begin(sender)

    @rule(sender=senders)
    def renew(self, sender: str) -> None:
        self.mailing.renew(EDITION, owner=sender, until=self.now + LEASE)

    @rule(sender=senders)
    def begin(self, sender: str) -> None:
        """Have a delivery in flight, or be refused: the message is then withheld."""
        if not self.held[sender]:
            return
        delivery = self.held[sender].pop(0)
        (may_end,) = self.mailing.record([replace(delivery, state=S.INFLIGHT)], now=self.now)
        if may_end:
            self.flying[sender].append(delivery)

    @precondition(lambda self: any(self.held.values()))
    @rule(sender=senders)
    def give_back(self, sender: str) -> None:
        if self.held[sender]:
            self.mailing.record([released(self.held[sender].pop(0))], now=self.now)

    @precondition(lambda self: any(self.flying.values()))
    @rule(sender=senders, state=outcomes, is_late=st.booleans(), did_take=st.booleans())
    def end(self, sender: str, state: S, is_late: bool, did_take: bool) -> None:
        """Send the dot; hear the answer, perhaps after others have given the delivery up."""
        if not self.flying[sender]:
            return
        delivery = self.flying[sender].pop(0)
        if state is S.SENT or (state is S.DOUBT and did_take):
            self.took[delivery.address] += 1
        if is_late:
            self.now += 2 * LEASE
            self.mailing.sweep(EDITION, now=self.now)
        after = next_state(delivery, Outcome(state=state, reply="words"), self.now)
        self.mailing.record([after], now=self.now)
        self.mailing.record([after], now=self.now)

    @rule(sender=senders, did_take=st.booleans(), is_seen=st.booleans())
    def crash(self, sender: str, did_take: bool, is_seen: bool) -> None:
        """Kill a sender: of what it had in flight the server took all or nothing, and nobody heard."""
        if did_take:
            self.took.update(one.address for one in self.flying[sender])
        self.held[sender], self.flying[sender] = [], []
        self.mailing.expire(EDITION, owner=sender, now=self.now)
        if is_seen:
            self.mailing.sweep(EDITION, now=self.now)

    @rule()
    def sweep(self) -> None:
        """Give up what has expired. A sender that is merely slow loses it; its session is held to have ended."""
        self.mailing.sweep(EDITION, now=self.now)

    @rule(minutes=st.integers(-3, 90))
    def wait(self, minutes: int) -> None:
        """Let time pass; clocks are also set back."""
        self.now += timedelta(minutes=minutes)

    @rule(reader=st.sampled_from(READERS), is_sure=rarely)
    def leave(self, reader: str, is_sure: bool) -> None:
        if not is_sure:
            return
        self.mailing.remove("daily", reader, now=self.now)

    @rule(kind=st.sampled_from(Halt), is_sure=rarely)
    def halt(self, kind: Halt, is_sure: bool) -> None:
        if not is_sure:
            return
        self.mailing.halt(EDITION, kind, now=self.now)
        self.settled = {one: state for one, state in self.settled.items() if state is not S.SKIPPED}

    @rule()
    def go_on(self) -> None:
        self.settled = {one: state for one, state in self.settled.items() if state is not S.SKIPPED}
        self.mailing.go_on(EDITION, now=self.now)

    @rule()
    def retry(self) -> None:
        self.settled = {one: state for one, state in self.settled.items() if state is not S.FAILED}
        self.mailing.retry(EDITION, now=self.now)

    @rule()
    def ask_the_log(self) -> None:
        """Resolve doubts by what the server knows, once no sender can be in the middle of them."""
        flying = {one.address for some in self.flying.values() for one in some}
        doubts = self.mailing.doubts(EDITION, before=self.now)
        found = [
            resolved(one, Outcome(state=S.SENT if self.took[one.address] else S.QUEUED), self.now)
            for one in doubts
            if one.address not in flying
        ]
        self.mailing.settle_doubts(found, now=self.now)

    @rule(
        reader=st.sampled_from(READERS), state=st.sampled_from([S.SENT, S.FAILED, S.QUEUED]), is_sure=rarely
    )
    def resolve(self, reader: str, state: S, is_sure: bool) -> None:
        """Let a person settle a doubt, rightly or wrongly."""
        if not is_sure:
            return
        if self.mailing.resolve(EDITION, address=reader, state=state, now=self.now) and state is not S.SENT:
            self.risked.add(reader)

    @invariant()
    def nobody_gets_two(self) -> None:
        assert all(count == 1 for reader, count in self.took.items() if reader not in self.risked)

    @invariant()
    def counts_add_up(self) -> None:
        assert sum(self.mailing.counts(EDITION).values()) == len(READERS)

    @invariant()
    def nobody_is_lost_and_what_is_settled_stays(self) -> None:
        states = {one.address: one.state for one in self.mailing.list_deliveries(EDITION)}
        for reader, state in states.items():
            if state is S.SENT and reader not in self.risked:
                assert self.took[reader] == 1 or reader in self.told_sent()
            before = self.settled.get(reader)
            assert before is None or state is before, (reader, before, state)
        self.settled = {one: state for one, state in states.items() if state in SETTLED}

    def told_sent(self) -> set[str]:
        """Return whom a person said to have it."""
        sent = self.mailing.list_deliveries(EDITION, [S.SENT])
        return {one.address for one in sent if one.reply == "resolved as sent"}


TestOutbox = OutboxMachine.TestCase
TestOutbox.settings = settings(
    max_examples=80,
    stateful_step_count=50,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),  # shrinking takes minutes here
)
