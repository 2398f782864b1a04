"""How long an edition takes to lay out: warm, in a new process, and beside premailer as it comes.

Milliseconds of CPU time, medians. `cold` is a new process's first edition, after its imports, with the templates
compiled by an earlier one as Python's own modules are; `uncompiled` is without that. `fit_500` is laying 500 stories
out and cutting them down to the byte budget.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from premailer import Premailer

from digest.model import Edition, Rendered
from digest.pipeline.trimming import fit
from digest.render.compose import render_edition
from digest.render.costs import story_costs
from digest.render.markup import Press
from tests.render.sample import TEMPLATE, make_edition, make_newsletter, make_stub_pictures

LIMITS = {"warm_ms": 10.0, "cold_ms": 40.0, "fit_500_ms": 1000.0, "html_kb_15": 40.0, "html_kb_50": 80.0}
RUNS = 25
COLD_RUNS = 7


def measure() -> dict[str, float]:
    """Lay the sample edition out, with all its pictures."""
    fifteen, fifty, many = (Subject(make_edition(count)) for count in (15, 50, 500))
    naive = Press(inline=_naively_inlined)
    html = fifteen.lay_out().html
    figures = {
        "warm_ms": _median(fifteen.lay_out),
        "warm_50_ms": _median(fifty.lay_out),
        "naive_ms": _median(lambda: fifteen.lay_out(press=naive)),
        "costs_ms": _median(lambda: story_costs(html, fifteen.edition)),
        "fit_500_ms": _once(lambda: fit(many.edition, many.lay_out, story_costs)),
        "html_kb_15": len(html.encode()) / 1000,
        "html_kb_50": len(fifty.lay_out().html.encode()) / 1000,
    }
    with tempfile.TemporaryDirectory() as folder:
        figures["uncompiled_ms"] = _cold(folder)
        figures["cold_ms"] = statistics.median(_cold(folder) for _ in range(COLD_RUNS))
    return figures


class Subject:
    """An edition with its newsletter and stub pictures, ready to be laid out."""

    def __init__(self, edition: Edition) -> None:
        self.edition = edition
        self._newsletter = make_newsletter()
        self._pictures = make_stub_pictures(edition)

    def lay_out(self, edition: Edition | None = None, *, press: Press | None = None) -> Rendered:
        """Lay the edition out, or what is left of it."""
        return render_edition(
            edition or self.edition,
            self._newsletter,
            template_folder=TEMPLATE,
            pictures=self._pictures,
            press=press,
        )


def _naively_inlined(html: str) -> str:
    """Call premailer with its defaults, but for the network."""
    return str(Premailer(html, allow_network=False, cssutils_logging_level="CRITICAL").transform())


def _once(work: Callable[[], object]) -> float:
    started = time.process_time()
    work()
    return (time.process_time() - started) * 1000


def _median(work: Callable[[], object]) -> float:
    work()
    return statistics.median(_once(work) for _ in range(RUNS))


def _cold(folder: str) -> float:
    """Measure in a new process, whose compiled modules and templates are kept in a folder."""
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.rendering"],
        cwd=Path(__file__).resolve().parents[2],
        env=environment | {"PYTHONPYCACHEPREFIX": folder},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return float(done.stdout)


if __name__ == "__main__":
    print(_once(Subject(make_edition(15)).lay_out))
