"""The narrow Protocols between stages, in domain words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from digest.model import Blurb, Delivery, DeliveryState, EditionName, Story, SubscriberId


class Summarizer(Protocol):
    """Condense a story. The extractive one is ours; a remote one stands behind the same call."""

    def summarize(self, story: Story, *, words: int, sentences: int | None = None) -> Blurb:
        """Return a blurb of at most `words` words and, where given, at most so many sentences.

        A story with nothing fit to print gives a blurb with no sentences and an empty text.
        """


class Outcome(Protocol):
    """What a transport says of one message."""

    state: DeliveryState
    reply: str


class Transport(Protocol):
    """Carry messages. One call is one attempt at one recipient."""

    def send(self, message: bytes, *, sender: str, recipient: str) -> Outcome:
        """Return how the attempt ended; raise DeliveryError when the server cannot be used at all."""

    def close(self) -> None:
        """Give back what is held open."""


class Outbox(Protocol):
    """The deliveries of editions. Each method is one transaction."""

    def fill(self, edition: EditionName, *, now: datetime) -> int:
        """Queue a delivery for each active reader, once for ever; return how many were added."""

    def lease(self, edition: EditionName, *, owner: str, limit: int, now: datetime) -> Sequence[Delivery]:
        """Take deliveries that are due: queued, deferred and due, or leased and expired."""

    def begin(self, delivery: Delivery, *, now: datetime) -> bool:
        """Commit `inflight` just before the message is handed over; False: the lease is no longer ours."""

    def settle(self, delivery: Delivery, *, now: datetime) -> bool:
        """Commit the delivery's new state; False: the lease is no longer ours."""

    def counts(self, edition: EditionName) -> Mapping[DeliveryState, int]:
        """Count the deliveries by state."""

    def still_wanted(self, subscriber: SubscriberId) -> bool:
        """Say whether the reader is still active, at this moment."""
