"""Ask a store again that failed for a moment: the one place where delivery repeats a call to it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from digest.errors import StoreError

RETRIES = 5
FIRST_PAUSE_SECONDS = 0.2

Result = TypeVar("Result")


def patiently(call: Callable[[], Result], *, sleep: Callable[[float], object]) -> Result:
    """Return what `call` gives, repeating it for some six seconds while it raises StoreError.

    Fit only for calls that are harmless to repeat where the first was committed and its answer lost, as all
    of the outbox's are.
    """
    for attempt in range(RETRIES):
        try:
            return call()
        except StoreError:
            sleep(FIRST_PAUSE_SECONDS * 2**attempt)
    return call()
