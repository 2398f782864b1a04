"""Run the benches (all, or those named) and write what they measured to results.json."""

from __future__ import annotations

import sys
from importlib import import_module

from tests.bench.record import record

BENCHES = (
    "startup",
    "email_size",
    "rendering",
    "building",
    "sending",
    "outbox",
    "condensing",
    "curating",
    "reading",
    "reading_memory",
    "feeds",
    "desk",
    "daemon",
    "timetable",
)


def main(names: list[str]) -> int:
    """Measure, print, write; return 1 where a limit is broken."""
    broken = []
    for name in names or BENCHES:
        bench = import_module(f"tests.bench.{name}")
        broken += record(
            name, command=f"make bench ARGS={name}", figures=bench.measure(), limits=bench.LIMITS
        )
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
