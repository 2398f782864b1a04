"""Print what was measured beside its limits, and keep it in results.json."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

RESULTS = Path(__file__).parent / "results.json"


def record(
    name: str, *, command: str, figures: Mapping[str, float], limits: Mapping[str, float]
) -> list[str]:
    """Print the figures, keep them under `name`, and return those over their limit."""
    results = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}
    results[name] = {
        "date": datetime.now(UTC).date().isoformat(),
        "command": command,
        "figures": figures,
        "limits": limits,
    }
    RESULTS.write_text(json.dumps(results, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    broken = [key for key, figure in figures.items() if figure > limits.get(key, math.inf)]
    for key, figure in figures.items():
        told = f"  (at most {limits[key]})" if key in limits else ""
        mark = "  over the limit" if key in broken else ""
        print(f"{name:<12} {key:<34} {figure:>10.3f}{told}{mark}", flush=True)
    return broken
