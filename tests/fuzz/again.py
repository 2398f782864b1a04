"""Read again what a fuzzer found: `python -m tests.fuzz.again FILE`, in a folder named for its reader."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from tests.fuzz.readers import READERS


def main(path: Path) -> None:
    """Read one kept input; its exception, if it has one, is printed as it comes."""
    started = time.perf_counter()
    READERS[path.resolve().parent.name](path.read_bytes())
    print(f"{path}: read or refused in {time.perf_counter() - started:.2f} s")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
