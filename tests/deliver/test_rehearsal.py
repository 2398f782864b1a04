"""A rehearsal's verdict: it holds what arrived against how each delivery stands, and would tell if it went wrong."""

from __future__ import annotations

from dataclasses import replace

import pytest

from digest.model import DeliveryState as S
from digest.rehearsal import problem_of
from tests.deliver.sample import make_delivery


@pytest.mark.parametrize(
    ("state", "arrived", "is_right"),
    [
        (S.SENT, 1, True),
        (S.SENT, 0, False),
        (S.SENT, 2, False),
        (S.DOUBT, 0, True),
        (S.DOUBT, 1, True),
        (S.DOUBT, 2, False),
        (S.FAILED, 0, True),
        (S.FAILED, 1, False),
        (S.DEFERRED, 0, True),
        (S.SKIPPED, 0, True),
        (S.SKIPPED, 1, False),
        (S.QUEUED, 0, False),
        (S.INFLIGHT, 1, False),
    ],
)
def test_only_one_message_or_a_reason_is_right(state: S, arrived: int, is_right: bool) -> None:
    delivery = replace(make_delivery(), state=state, reply="words")

    assert (problem_of(delivery, arrived) == "") is is_right


def test_a_reason_has_words() -> None:
    assert problem_of(replace(make_delivery(), state=S.FAILED, reply=""), 0)
