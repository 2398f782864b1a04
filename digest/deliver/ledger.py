"""Write what workers report to the outbox, in one thread and many at a time.

A commit that reaches the disk costs the same for one delivery as for fifty. Reports are written in the order
they came, so a worker that waits for its next `begin` knows that its last outcome is durable too.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from datetime import datetime
from queue import Empty, SimpleQueue

from digest.deliver.patience import patiently
from digest.errors import StoreError
from digest.model import Delivery, DeliveryState
from digest.ports import Outbox

MOST_AT_ONCE = 200

_Report = tuple[Delivery, "Future[bool]"]


class Ledger:
    """The one writer of a dispatch. A store that stays unusable ends it: every later call raises StoreError."""

    def __init__(
        self, outbox: Outbox, *, clock: Callable[[], datetime], sleep: Callable[[float], object]
    ) -> None:
        self._outbox = outbox
        self._clock = clock
        self._reports: SimpleQueue[_Report | None] = SimpleQueue()
        self._sleep = sleep
        self._error: StoreError | None = None
        self._thread = threading.Thread(target=self._write, name="ledger", daemon=True)
        self._thread.start()

    def begin(self, delivery: Delivery) -> bool:
        """Commit that a delivery is in flight; False where its lease is not ours any more. Blocks."""
        return self._report(replace(delivery, state=DeliveryState.INFLIGHT)).result()

    def settle(self, delivery: Delivery) -> Future[bool]:
        """Commit a delivery's new state, before the next `begin` that is called after this. Does not block."""
        return self._report(delivery)

    def close(self) -> None:
        """Write all that was reported; raise StoreError where that could not be."""
        self._reports.put(None)
        self._thread.join()
        if self._error is not None:
            raise self._error

    def _report(self, delivery: Delivery) -> Future[bool]:
        if self._error is not None:
            raise self._error
        written: Future[bool] = Future()
        self._reports.put((delivery, written))
        return written

    def _write(self) -> None:
        is_open = True
        while is_open:
            batch, is_open = self._next_batch()
            if not batch:
                continue
            try:
                if self._error is not None:
                    raise self._error
                results = self._record([delivery for delivery, _ in batch])
            except StoreError as exc:
                self._error = exc
                for _, written in batch:
                    written.set_exception(exc)
                continue
            for (_, written), result in zip(batch, results, strict=True):
                written.set_result(result)

    def _next_batch(self) -> tuple[list[_Report], bool]:
        """Wait for a report, and take what else has come meanwhile; False: no more will come."""
        batch: list[_Report] = []
        report = self._reports.get()
        while report is not None:
            batch.append(report)
            if len(batch) >= MOST_AT_ONCE:
                return batch, True
            try:
                report = self._reports.get_nowait()
            except Empty:
                return batch, True
        return batch, False

    def _record(self, deliveries: list[Delivery]) -> list[bool]:
        return list(patiently(lambda: self._outbox.record(deliveries, now=self._clock()), sleep=self._sleep))
