"""Rates of the server and of recipients' domains, and what a server's plea for time does to them."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import pytest

from digest.deliver.pace import CALM_SECONDS, SETTLE_SECONDS, Pace
from digest.deliver.throttle import Throttle
from digest.model import DeliveryState as S
from digest.model import Outcome
from tests.deliver.sample import make_delivery

LATER = Outcome(state=S.DEFERRED, reply="451 4.7.1 Greylisted")
CLOSING = Outcome(state=S.DEFERRED, reply="421 4.7.0 Too much mail, closing")
TAKEN = Outcome(state=S.SENT, reply="250 Kept")


@dataclass
class Street:
    """A throttle, a clock that only waiting moves, and what went when."""

    domain_rates: Mapping[str, float] = field(default_factory=dict)
    rate: float = 0
    connections: int = 8
    now: float = 1000.0
    went: list[tuple[float, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.throttle = Throttle(
            connections=self.connections,
            rate_per_second=self.rate,
            domain_rates=self.domain_rates,
            monotonic=lambda: self.now,
        )

    def send(self, domains: Iterable[str], outcome: Outcome = TAKEN) -> float:
        """Send to these in order as far as each may go; return how many seconds it took."""
        started = self.now
        waiting = deque(make_delivery(f"reader@{domain}") for domain in domains)
        while waiting:
            taken = self.throttle.take(waiting)
            if isinstance(taken, float):
                assert taken > self.now
                self.now = taken
                continue
            self.went.append((self.now, taken.address.partition("@")[2]))
            self.throttle.hear(taken.address, outcome)
        return self.now - started


def test_without_rates_everyone_goes_at_once_and_in_order() -> None:
    street = Street()

    assert street.send(["a.example", "b.example", "a.example"]) == 0
    assert [domain for _, domain in street.went] == ["a.example", "b.example", "a.example"]


def test_a_domain_keeps_its_rate_and_holds_nobody_else_up() -> None:
    street = Street(domain_rates={"gmail.example": 20, "quiet.example": 2})

    seconds = street.send(["Gmail.Example"] * 41 + ["quiet.example"] * 3 + ["free.example"] * 50)

    assert seconds == pytest.approx(2)
    assert sum(1 for moment, domain in street.went if domain == "free.example" and moment == 1000) == 50
    assert [moment - 1000 for moment, domain in street.went if domain == "quiet.example"] == [0, 0.5, 1]
    assert Counter(domain.lower() for _, domain in street.went) == {
        "gmail.example": 41,
        "quiet.example": 3,
        "free.example": 50,
    }


def test_a_rate_for_all_others_is_each_ones_own() -> None:
    street = Street(domain_rates={"*": 10, "free.example": 0})

    seconds = street.send([f"d{number % 5}.example" for number in range(55)] + ["free.example"] * 500)

    assert seconds == pytest.approx(1)


def test_the_servers_rate_is_above_the_domains() -> None:
    street = Street(rate=50, domain_rates={"a.example": 200})

    assert street.send(["a.example"] * 101) == pytest.approx(2)


def test_a_server_that_asks_for_time_gets_half_the_connections_and_half_the_pace() -> None:
    street = Street(rate=40)
    street.send(["a.example"])

    street.send(["a.example"], CLOSING)
    halved = street.send(["a.example"] * 40)

    assert street.throttle.connections == 4
    assert halved == pytest.approx(2, rel=0.05)


def test_without_a_rate_the_pace_that_was_is_halved() -> None:
    street = Street()
    for _ in range(101):
        street.send(["a.example"])
        street.now += 0.01

    street.send(["a.example"], CLOSING)

    assert street.send(["a.example"] * 100) == pytest.approx(2, rel=0.1)


def test_many_refusals_for_now_slow_down_as_well_and_a_few_do_not() -> None:
    few, many = Street(rate=100), Street(rate=100)

    for street, answers in ((few, [LATER, TAKEN, TAKEN] * 20), (many, [LATER, LATER, TAKEN] * 20)):
        for answer in answers:
            street.send(["a.example"], answer)

    assert few.throttle.connections == 8
    assert many.throttle.connections == 4
    assert many.now - 1000 > 1.3 * (few.now - 1000)


def test_a_domain_that_refuses_is_slowed_alone() -> None:
    street = Street(domain_rates={"*": 100})
    for number in range(60):
        street.send(["grey.example"], LATER if number % 3 else TAKEN)
        street.send(["a.example", "b.example"])

    slow = street.send(["grey.example"] * 51)
    fast = street.send(["a.example"] * 51)

    assert street.throttle.connections == 8
    assert slow == pytest.approx(1, rel=0.1)
    assert fast == pytest.approx(0.5, rel=0.1)


def test_one_plea_is_one_step_however_many_connections_heard_it_and_steps_end() -> None:
    street = Street(rate=100)
    for _ in range(8):
        street.throttle.hear("reader@a.example", CLOSING)
    assert street.throttle.connections == 4

    for _ in range(20):
        street.now += SETTLE_SECONDS
        street.throttle.hear("reader@a.example", CLOSING)

    assert street.throttle.connections == 1
    assert street.send(["a.example"] * 3) <= 6


def test_after_calm_connections_and_pace_come_back_slowly() -> None:
    street = Street(rate=100)
    street.throttle.hear("reader@a.example", CLOSING)
    seen = []

    for _ in range(5):
        street.now += CALM_SECONDS
        seen.append(street.throttle.connections)

    assert seen == [5, 6, 7, 8, 8]
    assert street.send(["a.example"] * 101) == pytest.approx(1)


def test_a_pace_recovers_step_by_step() -> None:
    clock = [0.0]
    pace = Pace(100, monotonic=lambda: clock[0])
    pace.hear(is_refused=True, is_plea=True)
    seen = [pace.rate]

    for _ in range(4):
        clock[0] += CALM_SECONDS
        seen.append(round(pace.rate, 1))

    assert seen == [50, 62.5, 78.1, 97.7, 100]
