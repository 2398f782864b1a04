"""What becomes of a delivery after an attempt: a table, and what holds of every pause."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.deliver.outbox import (
    FIRST_PAUSE,
    JITTER,
    LONGEST_PAUSE,
    MOST_TRIES,
    lost_pause,
    next_state,
    refused_pause,
    released,
)
from digest.model import DeliveryState as S
from digest.model import Outcome
from tests.deliver.sample import NOW, make_delivery


@pytest.mark.parametrize(
    ("outcome", "tries", "state", "is_waiting"),
    [
        (S.SENT, 0, S.SENT, False),
        (S.FAILED, 0, S.FAILED, False),
        (S.SKIPPED, 0, S.SKIPPED, False),
        (S.DOUBT, 0, S.DOUBT, False),
        (S.DEFERRED, 0, S.DEFERRED, True),
        (S.DEFERRED, MOST_TRIES - 2, S.DEFERRED, True),
        (S.DEFERRED, MOST_TRIES - 1, S.FAILED, False),
        (S.QUEUED, 0, S.QUEUED, True),
        (S.QUEUED, MOST_TRIES - 1, S.FAILED, False),
        (S.SENT, MOST_TRIES, S.SENT, False),
    ],
)
def test_each_outcome_has_its_state(outcome: S, tries: int, state: S, is_waiting: bool) -> None:
    after = next_state(replace(make_delivery(), tries=tries), Outcome(state=outcome, reply="words"), NOW)

    assert after.state is state
    assert "words" in after.reply
    assert (after.next_at is not None) is is_waiting
    assert (after.settled_at is None) is is_waiting
    assert after.lease_until is None


@pytest.mark.parametrize("state", [S.SENT, S.FAILED, S.DOUBT, S.DEFERRED, S.QUEUED, S.SKIPPED])
def test_what_fences_the_write_and_names_the_message_never_changes(state: S) -> None:
    before = make_delivery()
    after = next_state(before, Outcome(state=state), NOW)

    assert (after.owner, after.attempt, after.message_id) == (before.owner, before.attempt, before.message_id)


@pytest.mark.parametrize("state", [S.LEASED, S.INFLIGHT])
def test_no_attempt_ends_halfway(state: S) -> None:
    with pytest.raises(ValueError, match="no attempt ends"):
        next_state(make_delivery(), Outcome(state=state), NOW)


def test_a_doubt_is_counted_and_a_skip_is_no_try() -> None:
    assert next_state(make_delivery(), Outcome(state=S.DOUBT), NOW).doubts == 1
    assert next_state(make_delivery(), Outcome(state=S.SKIPPED), NOW).tries == 0


def test_a_connection_lost_once_is_tried_again_at_once() -> None:
    first = next_state(make_delivery(), Outcome(state=S.QUEUED), NOW)
    second = next_state(first, Outcome(state=S.QUEUED), NOW)

    assert first.next_at == NOW
    assert second.next_at is not None
    assert second.next_at > NOW


@given(tries=st.integers(1, 10_000), number=st.integers(0, 10**6))
def test_pauses_grow_to_a_ceiling_and_are_spread_but_never_by_chance(tries: int, number: int) -> None:
    delivery = replace(make_delivery(number=number), tries=tries)
    pause = refused_pause(delivery)
    steady = min(FIRST_PAUSE * 2 ** min(tries - 1, 16), LONGEST_PAUSE)

    assert steady * (1 - JITTER) <= pause <= steady * (1 + JITTER)
    assert pause == refused_pause(delivery)
    assert timedelta() <= lost_pause(delivery) <= timedelta(minutes=12)


def test_two_deliveries_do_not_come_back_together() -> None:
    pauses = {refused_pause(replace(make_delivery(number=number), tries=3)) for number in range(50)}

    assert len(pauses) == 50


def test_a_released_delivery_was_not_tried() -> None:
    back = released(replace(make_delivery(), tries=2))

    assert (back.state, back.tries, back.next_at, back.owner) == (S.QUEUED, 2, None, "me")
