"""Fuzz the readers and kill senders, for hours if you like: `python -m tests.soak [INPUTS]`, 100,000 if none are named.

Each reader gets its share of the inputs in a process of its own, guided by what our code does with them. An
exception other than our own, a hang of 5 seconds or 2 GB of memory is a find: its input is kept under var/soak
(`python -m tests.fuzz.again FILE` reads it again), and the reader goes on with the inputs left.

Then senders are killed: of 100,000 inputs' worth, 200 times against Postfix with its log and 200 times without, and
50 times on PostgreSQL. `python -m tests.soak INPUTS kills` does that alone. Then the real daemon, under a moved clock,
passes the changes of the year in four zones, is killed 100 times over ten days, and is started beside another 50 times:
`python -m tests.soak INPUTS daemon` does that alone.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.acceptance import trials
from tests.bench.record import record
from tests.deliver import soak_kills
from tests.fuzz.pieces import CHECKOUT, WORDS, as_bytes, first_inputs
from tests.fuzz.readers import READERS

SHARES = {
    "page": 0.3,
    "dump": 0.3,
    "feed": 0.3,
    "sitemap": 0.025,
    "opml": 0.025,
    "document": 0.025,
    "mail": 0.025,
}
PEERS = CHECKOUT / ".venv" / "peers" / "bin" / "python"
FINDS = CHECKOUT / "var" / "soak"
OPTIONS = ("-timeout=5", "-rss_limit_mb=2048", "-max_len=20000", "-print_final_stats=1", "-verbosity=0")
MOST_FINDS = 10
_EXECUTED = re.compile(r"stat::number_of_executed_units:\s*(\d+)")


def main(inputs: int, only: str = "") -> int:
    """Do it all, or `only` the "fuzz", the "kills" or the "daemon"; return 1 where something was found."""
    parts = {"fuzz": fuzz, "kills": kill, "daemon": try_daemon}
    return max(bool(do(inputs)) for name, do in parts.items() if only in ("", name))


def try_daemon(inputs: int) -> list[str]:
    """Put the real daemon through changes of the year, kills and a second daemon; print and keep what became of it."""
    figures = trials.measure(kills=max(2, inputs // 1_000), pairs=max(2, inputs // 2_000))
    return record(
        "daemon runs", command=f"make soak ARGS='{inputs} daemon'", figures=figures, limits=trials.LIMITS
    )


def kill(inputs: int) -> list[str]:
    """Kill senders; print and keep what became of everyone."""
    figures = soak_kills.measure(kills=max(2, inputs // 500), troubles=max(3, inputs // 2_000))
    return record(
        "kills", command=f"make soak ARGS='{inputs} kills'", figures=figures, limits=soak_kills.LIMITS
    )


def fuzz(inputs: int) -> int:
    """Fuzz every reader; print and keep how many inputs it read, in what time, with how many finds."""
    figures: dict[str, float] = {}
    for reader in READERS:
        started = time.monotonic()
        count, finds = soak(reader, round(inputs * SHARES[reader]))
        figures |= {
            f"{reader}: inputs": count,
            f"{reader}: minutes": round((time.monotonic() - started) / 60, 1),
            f"{reader}: finds": finds,
        }
    limits = {f"{reader}: finds": 0.0 for reader in READERS}
    arguments = "" if inputs == 100_000 else f" ARGS={inputs}"
    return 1 if record("soak", command=f"make soak{arguments}", figures=figures, limits=limits) else 0


def soak(reader: str, inputs: int) -> tuple[int, int]:
    """Give one reader so many inputs; return how many it read, and how many of them it did not bear."""
    kept = FINDS / reader
    kept.mkdir(parents=True, exist_ok=True)
    done = finds = 0
    with tempfile.TemporaryDirectory() as folder:
        corpus, words = Path(folder) / "corpus", Path(folder) / "words"
        corpus.mkdir()
        for number, content in enumerate(first_inputs(reader)):
            (corpus / str(number)).write_bytes(content)
        words.write_text(_dictionary(reader), encoding="ascii")
        while done < inputs and finds < MOST_FINDS:
            told = subprocess.run(
                [str(PEERS), "-m", "tests.fuzz.atheris_target", reader, f"-atheris_runs={inputs - done}",
                 f"-dict={words}", f"-artifact_prefix={kept}/", *OPTIONS, str(corpus)],
                cwd=CHECKOUT,
                env={**os.environ, "PYTHONPATH": str(CHECKOUT)},
                capture_output=True,
                text=True,
                errors="replace",
            )  # fmt: skip
            executed = _EXECUTED.search(told.stderr)
            if told.returncode == 0:
                return inputs, finds
            if executed is None:
                sys.exit(f"The fuzzer of {reader} ended with {told.returncode}:\n{told.stderr[-2000:]}")
            finds += 1
            done += max(1, int(executed.group(1)))
            said = told.stdout[-3000:] + told.stderr[-1000:]
            print(f"{reader}: a find after {done} inputs\n{said}", file=sys.stderr, flush=True)
    return done, finds


def _dictionary(reader: str) -> str:
    """Return the pieces of what a reader reads as libFuzzer takes them: quoted, all but plain letters as hex."""
    pieces = dict.fromkeys(as_bytes(word) for word in WORDS[reader])
    return "".join(f'"{_escaped(piece)}"\n' for piece in pieces if 0 < len(piece) <= 64)


def _escaped(piece: bytes) -> str:
    return "".join(chr(byte) if chr(byte).isalnum() and byte < 128 else f"\\x{byte:02X}" for byte in piece)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000, *sys.argv[2:3]))
