"""Run the benches (all, or those named) and write what they measured to results.json."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

BENCHES = ("startup", "email_size", "condensing", "curating")
RESULTS = Path(__file__).parent / "results.json"


def main(names: list[str]) -> int:
    """Measure, print, write; return 1 where a limit is broken."""
    results = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}
    broken = []
    for name in names or BENCHES:
        bench = import_module(f"tests.bench.{name}")
        figures = bench.measure()
        results[name] = {
            "date": datetime.now(UTC).date().isoformat(),
            "command": f"make bench ARGS={name}",
            "figures": figures,
            "limits": bench.LIMITS,
        }
        for key, limit in bench.LIMITS.items():
            mark = "" if figures[key] <= limit else "  over the limit"
            print(f"{name:<12} {key:<28} {figures[key]:>10.3f}  (at most {limit}){mark}")
            broken += [key] if mark else []
    RESULTS.write_text(json.dumps(results, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
