"""What the idle daemon costs: megabytes of memory that are its own, and the share of a core over a minute."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

LIMITS = {"megabytes": 80.0, "percent_of_a_core": 0.1}
COMMAND = str(Path(sys.executable).parent / "digest")
SETTLES_SECONDS = 30
MINUTE = 60


def measure() -> dict[str, float]:
    """Let the daemon idle with three newsletters whose hours are far, and look at it over a minute."""
    with tempfile.TemporaryDirectory() as folder:
        _write_configuration(Path(folder))
        with subprocess.Popen(
            [COMMAND, "schedule"], cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        ) as daemon:
            try:
                time.sleep(SETTLES_SECONDS)
                before, started = _seconds_of(daemon.pid), time.monotonic()
                time.sleep(MINUTE)
                used, passed = _seconds_of(daemon.pid) - before, time.monotonic() - started
                megabytes = _own_memory(daemon.pid) / 1000
            finally:
                daemon.send_signal(signal.SIGTERM)
    return {"megabytes": round(megabytes, 1), "percent_of_a_core": round(100 * used / passed, 3)}


def _write_configuration(folder: Path) -> None:
    far = (datetime.now(UTC) + timedelta(hours=8)).strftime("%H:%M")
    newsletters = "".join(
        f'[newsletters.{name}]\nfrom = "dose@example.org"\nsend_at = "{far}"\ntimezone = "UTC"\n'
        f'readers = ["ada@example.org"]\n'
        for name in ("daily", "sports", "harbor")
    )
    source = '[[sources]]\nname = "inbox"\nkind = "files"\npaths = ["inbox/*.html"]\n'
    (folder / "digest.toml").write_text(newsletters + source, encoding="utf-8")


def _seconds_of(pid: int) -> float:
    """Return the processor time that a process has used: the scheduler's own count, in nanoseconds."""
    return int(Path(f"/proc/{pid}/schedstat").read_text(encoding="ascii").split()[0]) / 1e9


def _own_memory(pid: int) -> float:
    """Return a process's memory in kilobytes, shared pages in proportion (PSS)."""
    found = re.search(
        r"^Pss:\s+(\d+) kB", Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii"), re.M
    )
    assert found is not None, f"no memory of {pid} on {os.uname().sysname}"
    return int(found[1]) * 1.024
