"""Bounces are counted once each, stop a reader when they must, and never one who came back since."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine

from digest.model import Bounce, BounceKind, DeliveryState, EditionName, SubscriberState
from digest.store.bounces import in_a_row
from digest.store.mailing import Mailing

START = datetime(2026, 11, 2, 6, 30, tzinfo=UTC)
READER = "ada@mail.example"
HARD, SOFT, REFUSED = BounceKind.HARD, BounceKind.SOFT, BounceKind.REFUSED


class Post:
    """A store with one reader; an edition a day."""

    def __init__(self, engine: Engine) -> None:
        self.mailing = Mailing(engine, secret=lambda: b"a secret of the tests, long enough")
        self.now = START
        self.mailing.add("daily", READER, consent="asked", now=self.now)

    def send(self, state: DeliveryState = DeliveryState.SENT) -> str:
        """Send the next edition, which ends in that state; return its Message-ID."""
        self.now += timedelta(days=1)
        edition = EditionName(newsletter="daily", date=self.now.date())
        self.mailing.fill(edition, domain="news.example", now=self.now)
        (taken,) = self.mailing.lease(edition, owner="me", limit=9, now=self.now, until=self.now)
        self.mailing.record([replace(taken, state=state, doubts=1)], now=self.now)
        return taken.message_id

    def bounce(self, message_id: str, kind: BounceKind = SOFT) -> tuple[bool, bool] | None:
        """Take a bounce; return whether it was news and whether it stopped the reader."""
        taken = self.mailing.take_bounce(
            Bounce(message_id=message_id, kind=kind, status="4.2.2"), now=self.now
        )
        return (taken.is_new, taken.stopped) if taken is not None else None

    @property
    def reader(self) -> SubscriberState:
        found = self.mailing.find("daily", READER)
        assert found is not None
        return found.state

    def delivery(self) -> DeliveryState:
        """Return the state of the last delivery."""
        return self.mailing.list_deliveries(EditionName(newsletter="daily", date=self.now.date()))[0].state


@pytest.fixture
def post(engine: Engine) -> Post:
    return Post(engine)


def test_a_hard_bounce_stops_at_once_and_for_good(post: Post) -> None:
    message_id = post.send()

    assert post.bounce(message_id, HARD) == (True, True)
    assert post.bounce(message_id, HARD) == (False, False)

    assert post.reader is SubscriberState.BOUNCED
    assert post.mailing.ensure_readers("daily", [READER], now=post.now) == []
    assert post.reader is SubscriberState.BOUNCED


def test_three_editions_in_a_row_stop_and_a_repeated_report_counts_once(post: Post) -> None:
    first = post.send()
    assert [post.bounce(first) for _ in range(4)] == [(True, False), *[(False, False)] * 3]
    assert post.bounce(post.send()) == (True, False)

    assert post.bounce(post.send()) == (True, True)
    assert post.reader is SubscriberState.BOUNCED


def test_a_delivery_between_starts_the_count_anew(post: Post) -> None:
    post.bounce(post.send())
    post.bounce(post.send())
    post.send()
    post.bounce(post.send())
    post.bounce(post.send())

    assert post.reader is SubscriberState.ACTIVE


def test_bounces_that_come_late_and_in_another_order_count_the_same(post: Post) -> None:
    sent = [post.send() for _ in range(5)]

    assert [post.bounce(sent[number]) for number in (3, 1)] == [(True, False)] * 2
    assert post.bounce(sent[2]) == (True, True)


def test_what_a_rule_refused_stops_nobody_and_is_no_delivery(post: Post) -> None:
    for _ in range(5):
        assert post.bounce(post.send(), REFUSED) == (True, False)
    post.bounce(post.send())
    post.bounce(post.send(), REFUSED)
    post.bounce(post.send())

    assert post.reader is SubscriberState.ACTIVE
    assert post.bounce(post.send()) == (True, True)


def test_a_graver_report_of_the_same_delivery_counts_in_place_of_a_milder(post: Post) -> None:
    message_id = post.send()

    assert [post.bounce(message_id, kind) for kind in (REFUSED, SOFT, REFUSED, HARD)] == [
        (True, False),
        (True, False),
        (False, False),
        (True, True),
    ]


@pytest.mark.parametrize("kind", list(BounceKind))
def test_a_doubt_that_bounced_is_failed(post: Post, kind: BounceKind) -> None:
    message_id = post.send(DeliveryState.DOUBT)

    post.bounce(message_id, kind)

    assert post.delivery() is DeliveryState.FAILED


def test_a_bounce_of_another_delivery_settles_no_doubt(post: Post) -> None:
    first = post.send()
    post.send(DeliveryState.DOUBT)

    post.bounce(first)

    assert post.delivery() is DeliveryState.DOUBT


def test_what_was_sent_before_the_reader_came_back_stops_nobody(post: Post) -> None:
    old = [post.send() for _ in range(3)]
    post.bounce(post.send(), HARD)
    post.now += timedelta(hours=1)
    post.mailing.add("daily", READER, consent="asked again", now=post.now)

    assert [post.bounce(one, HARD) for one in old] == [(True, False)] * 3
    assert post.bounce(post.send()) == (True, False)
    assert post.reader is SubscriberState.ACTIVE


def test_a_bounce_of_no_delivery_of_ours_changes_nothing(post: Post) -> None:
    post.send()

    assert post.bounce("<another@news.example>", HARD) is None
    assert post.reader is SubscriberState.ACTIVE


def test_who_left_before_the_bounce_came_has_left(post: Post) -> None:
    message_id = post.send()
    post.mailing.remove("daily", READER, now=post.now)

    assert post.bounce(message_id, HARD) == (True, False)
    assert post.reader is SubscriberState.LEFT


def test_bounces_are_told_to_the_person_and_forgotten_with_them(post: Post) -> None:
    message_id = post.send()
    post.bounce(message_id)

    (held,) = post.mailing.held_on(READER)["subscriptions"]
    post.mailing.erase("daily", READER, now=post.now)

    assert [(one["kind"], one["status"]) for one in held["bounces"]] == [("soft", "4.2.2")]
    assert post.bounce(message_id) == (True, False)


def test_a_delivery_is_found_by_its_key_among_those_of_late(post: Post) -> None:
    old, new = post.send(), post.send()

    def find(*keys: str, since: datetime = START) -> dict[str, str]:
        return post.mailing.find_by_key(keys, key_of=lambda one: one[-25:-15], since=since)

    assert find(old[-25:-15], new[-25:-15], "nobody's") == {old[-25:-15]: old, new[-25:-15]: new}
    assert find(old[-25:-15], since=post.now) == {}
    assert find() == {}


def test_the_last_delivery_to_an_address_is_found_while_it_is_new(post: Post) -> None:
    post.send()
    last = post.send()

    found = [
        post.mailing.find_last_sent(addresses, since=since)
        for addresses, since in (
            ([READER.upper()], START),
            (["no address", "b@x.example"], START),
            ([READER], post.now + timedelta(seconds=1)),
        )
    ]

    assert found == [[last], [], []]


def test_letters_left_alone_are_known_by_box_until_they_are_gone(post: Post) -> None:
    mailing = post.mailing
    mailing.leave_alone("a", ["1", "2", "2"])
    mailing.leave_alone("a", ["2", "3"])
    mailing.leave_alone("b", ["1"])

    mailing.forget_letters("a", ["1", "9"])

    assert (mailing.left_alone("a"), mailing.left_alone("b")) == ({"2", "3"}, {"1"})


@pytest.mark.parametrize(
    ("outcomes", "expected"),
    [
        ([SOFT, SOFT, SOFT], True),
        ([SOFT, SOFT], False),
        ([SOFT, SOFT, None, SOFT], False),
        ([None, SOFT, HARD, SOFT, None], True),
        ([SOFT, REFUSED, SOFT, REFUSED, SOFT], True),
        ([REFUSED] * 9, False),
        ([], False),
    ],
)
def test_editions_in_a_row_are_counted(outcomes: Sequence[BounceKind | None], expected: bool) -> None:
    assert in_a_row(outcomes) is expected
