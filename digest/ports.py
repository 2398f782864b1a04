"""The narrow Protocols between stages, in domain words."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from digest.model import (
    Blurb,
    Delivery,
    DeliveryState,
    EditionName,
    Envelope,
    Halt,
    Outcome,
    Story,
    StoryId,
    SubscriberId,
)


class Summarizer(Protocol):
    """Condense a story. The extractive one is ours; a remote one stands behind the same call."""

    def summarize(self, story: Story, *, words: int, sentences: int | None = None) -> Blurb:
        """Return a blurb of at most `words` words and, where given, at most so many sentences.

        A story with nothing fit to print gives a blurb with no sentences and an empty text.
        """

    def summarize_all(
        self,
        stories: Iterable[Story],
        *,
        words: int,
        sentences: int | None = None,
        known: Iterable[Blurb] = (),
        told: Mapping[StoryId, str] | None = None,
    ) -> Iterator[Blurb]:
        """Yield the blurbs of stories, in their order.

        `known` are blurbs that were made before: what is dear to make is taken from there where it still fits.
        Of a follow-up, `told` is what readers know already: its blurb says only what goes beyond.
        """


BeforeDot = Callable[[], Awaitable[bool]]


async def always() -> bool:
    """Let a message go: what `before_dot` is where no outbox is kept."""
    return True


class Transport(Protocol):
    """Carry messages, one after the other. One call is one attempt at one recipient.

    Its coroutines are run by `digest.deliver.loop`, no other.
    """

    async def open(self) -> None:
        """Be ready to carry; raise DeliveryError when the server cannot be used."""

    async def send(self, envelope: Envelope, *, before_dot: BeforeDot = always) -> Outcome:
        """Return how the attempt ended; raise DeliveryError when the server cannot be used at all.

        `before_dot` is called once, when all but the end of the message is handed over; where it says False
        or raises, the end is withheld and the server takes nothing.
        """

    async def close(self) -> None:
        """Give back what is held open."""


class Outbox(Protocol):
    """The deliveries of editions. Each method is one transaction."""

    def lease(
        self, edition: EditionName, *, owner: str, limit: int, now: datetime, until: datetime
    ) -> Sequence[Delivery]:
        """Take deliveries that are due: queued, deferred and due, or leased and expired.

        Those of readers who have left are skipped.
        """

    def find_halt(self, edition: EditionName) -> Halt | None:
        """Say whether the send is paused or stopped: `lease` gives nothing then, and skips all when stopped."""

    def renew(self, edition: EditionName, *, owner: str, until: datetime) -> None:
        """Keep what `owner` has leased or in flight a while longer."""

    def holders(self, edition: EditionName) -> Sequence[str]:
        """Return the owners of what is leased or in flight."""

    def expire(self, edition: EditionName, *, owner: str, now: datetime) -> None:
        """End the leases of an owner that is known to be dead."""

    def record(self, deliveries: Sequence[Delivery], *, now: datetime) -> Sequence[bool]:
        """Commit new states; False where the lease is no longer the delivery's owner's at that attempt.

        `inflight` is refused too where the reader has left. Repeating a call changes nothing.
        """

    def reopen(self, changed: Sequence[Delivery], *, now: datetime) -> None:
        """Write new states of deliveries that were recorded as failed, where they still are, by the same attempt."""

    def sweep(self, edition: EditionName, *, now: datetime) -> int:
        """Put in doubt what was in flight when its owner died; return how many."""

    def requeue_doubts(self, edition: EditionName, *, before: datetime, limit: int, now: datetime) -> int:
        """Queue again what has been in doubt since `before`, fewer than `limit` times; return how many."""

    def next_doubt(self, edition: EditionName, *, limit: int) -> datetime | None:
        """Return since when the oldest delivery that `requeue_doubts` may take has been in doubt, or None."""

    def doubts(self, edition: EditionName, *, before: datetime) -> Sequence[Delivery]:
        """Return what has been in doubt since `before` or longer."""

    def settle_doubts(self, found: Sequence[Delivery], *, now: datetime) -> int:
        """Write what became of deliveries in doubt, where they still are; return how many."""

    def next_due(self, edition: EditionName) -> datetime | None:
        """Return when the next unsettled delivery can be taken, or None when all are settled."""

    def counts(self, edition: EditionName) -> Mapping[DeliveryState, int]:
        """Count the deliveries by state."""

    def still_wanted(self, subscriber: SubscriberId) -> bool:
        """Say whether the reader is still active, at this moment."""


class Resolver(Protocol):
    """Find out what became of deliveries in doubt."""

    def resolve(self, doubts: Sequence[Delivery], *, now: datetime) -> Mapping[str, Outcome]:
        """Return outcomes by Message-ID; of deliveries that are left out, it can never tell.

        SENT: the server took it; FAILED: it refused it; QUEUED: it surely never had it; DOUBT: ask again soon.
        """


class Box(Protocol):
    """The mailbox that bounces come to, open. What is not handled stays as it is: unseen, where it is."""

    @property
    def name(self) -> str:
        """What tells this box from others, and from itself after its letters were numbered anew."""

    def letters(self) -> Sequence[str]:
        """Return what stands for each letter that nobody has seen, the oldest first."""

    def read(self, letter: str, *, most: int) -> bytes | None:
        """Return at most so many bytes of a letter; None where it is gone."""

    def file_away(self, letters: Sequence[str]) -> None:
        """Mark letters as seen, and move them out of the way where that can be."""
