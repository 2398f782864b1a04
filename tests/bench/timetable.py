"""Ten years of clock changes in every zone: no edition missed, none made twice, each at its hour."""

from __future__ import annotations

import os
import time
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from zoneinfo import available_timezones

from tests.clock_changes import Tally, sweep

LIMITS = {"missed": 0, "doubled": 0, "misplaced": 0, "seconds": 300}
FIRST_YEAR = 2026
YEARS = 10
PORTIONS = 16
"""In how many portions the zones are shared out."""


def measure() -> dict[str, float]:
    """Run every half hour as the hour through the days around each change, in every zone that there is."""
    start = time.perf_counter()
    zones = sorted(available_timezones())
    portions = [zones[first::PORTIONS] for first in range(PORTIONS)]
    with ProcessPoolExecutor(max_workers=os.cpu_count()) as pool:
        found = pool.map(partial(sweep, first_year=FIRST_YEAR, years=YEARS), portions)
        total = sum(found, Tally())
    return {
        "zones": total.zones,
        "changes": total.changes,
        "cases": total.cases,
        "missed": total.missed,
        "doubled": total.doubled,
        "misplaced": total.misplaced,
        "seconds": round(time.perf_counter() - start, 1),
    }
