"""Compare the numbers of two stories: how much one tells, and whether another is the same, rounded."""

from __future__ import annotations

import math
from collections.abc import Iterable
from functools import lru_cache

LEAST_ROUNDED = 20
YEARS = range(1900, 2100)
STEP = math.log(1.04)
"""Numbers from LEAST_ROUNDED on, except years, are the same where they differ by a step or two."""


@lru_cache(maxsize=1 << 14)
def weight_of(number: str) -> float:
    """Return how much it tells that two stories give this number, up to 1: a long one more than a small one."""
    digits = number.replace(".", "").replace(":", "").lstrip("0")
    if not number.isdigit():
        return 1.0
    if len(digits) >= 3:
        return 0.15 if len(digits) == 4 and int(number) in YEARS else 1.0
    if len(digits) == 2:
        return 0.5 if int(number) > 12 else 0.25
    return 0.15


@lru_cache(maxsize=1 << 14)
def steps_of(number: str) -> frozenset[int]:
    """Return steps, of which numbers that are the same when rounded have one in common."""
    try:
        value = float(number)
    except ValueError:
        return frozenset()
    if value < LEAST_ROUNDED or value in YEARS or math.isinf(value):
        return frozenset()
    step = math.floor(math.log(value) / STEP)
    return frozenset((step, step + 1))


def all_steps(numbers: Iterable[str]) -> frozenset[int]:
    """Return the steps of some numbers."""
    return frozenset().union(*map(steps_of, numbers))


def shared(one: frozenset[str], other: frozenset[str], steps: frozenset[int]) -> list[str]:
    """Return which of the first numbers are among the others, whose steps those are."""
    return [number for number in one if number in other or not steps.isdisjoint(steps_of(number))]
