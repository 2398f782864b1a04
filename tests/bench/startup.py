"""How long a command takes to answer, as a whole process, bytecode compiled: medians in seconds."""

from __future__ import annotations

import compileall
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import digest
from digest.assets import asset_folder, sample_folder

SAMPLE = str(sample_folder() / "night-ferry.html")
LIMITS = {"help_seconds": 0.3, "wrong_option_seconds": 0.3, "status_seconds": 1.0}
COMMAND = str(Path(sys.executable).parent / "digest")
RUNS = 9


def measure() -> dict[str, float]:
    """Time `digest --help`, a wrong option, `digest status` in a project with one newsletter, and reading a page."""
    compileall.compile_dir(str(Path(digest.__file__).parent), quiet=1)
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "digest.toml"
        config.write_bytes((asset_folder("config") / "digest.toml").read_bytes())
        return {
            "help_seconds": _median(["--help"], folder),
            "wrong_option_seconds": _median(["read", "--nonsense"], folder),
            "status_seconds": _median(["status"], folder),
            "read_page_seconds": _median(["read", SAMPLE], folder),
        }


def _median(arguments: list[str], folder: str) -> float:
    times = []
    for _ in range(RUNS + 1):
        start = time.perf_counter()
        subprocess.run([COMMAND, *arguments], cwd=folder, capture_output=True, check=False)
        times.append(time.perf_counter() - start)
    return round(statistics.median(times[1:]), 3)
