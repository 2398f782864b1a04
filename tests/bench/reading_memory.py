"""How much memory one `digest read` of thousands of pages takes, and whether that grows with their number."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from digest.assets import sample_folder

LIMITS = {"peak_megabytes": 400.0, "growth_megabytes": 40.0}
PAGES = 10_000
COMMAND = str(Path(sys.executable).parent / "digest")
_CLASS = re.compile(r'\bclass="([^"]*)"')
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


def measure(pages: int = PAGES) -> dict[str, float]:
    """Read so many varied copies of the sample pages in one command.

    `growth_megabytes` is how much more was held at most in the second half than at the end of the first tenth.
    """
    with tempfile.TemporaryDirectory() as folder:
        for number, text in enumerate(varied_pages(pages)):
            (Path(folder) / f"{number:05}.html").write_text(text, encoding="utf-8")
        started = time.perf_counter()
        held = list(_held_by_reading(folder))
        seconds = time.perf_counter() - started
    if len(held) != pages:
        raise RuntimeError(f"{pages} pages gave {len(held)} lines")
    early = held[pages // 10]
    return {
        "peak_megabytes": max(held),
        "early_megabytes": early,
        "growth_megabytes": max(held[pages // 2 :]) - early,
        "pages_a_second": pages / seconds,
    }


def varied_pages(count: int) -> Iterator[str]:
    """Yield copies of the sample pages, each with words, names of classes and addresses of its own."""
    samples = [path.read_text(encoding="utf-8") for path in sorted(sample_folder().glob("*.html"))]
    for number in range(count):
        text = samples[number % len(samples)]
        text = _CLASS.sub(lambda found, n=number: f'class="{found[1]} c{n}"', text)  # type: ignore[misc]
        text = text.replace("https://", f"https://n{number}.").replace(" the ", f" the {number}th ")
        yield text.replace("<p>", f'<div class="block-{number}"></div><p id="p{number}">')


def _held_by_reading(folder: str) -> Iterator[float]:
    """Yield the megabytes that the command holds after each line it prints."""
    process = subprocess.Popen(
        [COMMAND, "read", "--json", folder],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    assert process.stdout is not None
    with process.stdout as lines:
        statm = Path(f"/proc/{process.pid}/statm")
        for _ in lines:
            yield int((statm.read_text(encoding="ascii").split() or ["0", "0"])[1]) * _PAGE_BYTES / 1_000_000
    process.wait()
