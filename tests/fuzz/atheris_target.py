"""Fuzz one reader with atheris: `python -m tests.fuzz.atheris_target READER [LIBFUZZER OPTION]... FOLDER`.

Runs in the peers' environment, which has atheris; `python -m tests.soak` starts it.
"""

from __future__ import annotations

import logging
import sys
from importlib import import_module


def main(reader: str, options: list[str]) -> None:
    """Read inputs, guided by what our own code does with them, until an exception, a hang or the wanted number."""
    atheris = import_module("atheris")
    logging.disable(logging.CRITICAL)
    with atheris.instrument_imports(include=["digest"]):
        readers = import_module("tests.fuzz.readers")
    # What is loaded late, such as the languages' model, is no part of the first input's time.
    readers.page(b"<p>The ferry left the pier at noon with the band on board, and the mayor waved.</p>" * 3)
    atheris.Setup([sys.argv[0], *options], readers.READERS[reader])
    atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
