"""Keep compiled templates where Python keeps compiled modules: `__pycache__` beside them, or its prefix.

Compiling the templates is two thirds of what a new process's first edition takes.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import sys
from importlib.util import cache_from_source
from pathlib import Path
from tempfile import NamedTemporaryFile

from jinja2 import BytecodeCache
from jinja2.bccache import Bucket


class CompiledTemplates(BytecodeCache):
    """The compiled templates of one layout. A folder that cannot be written to keeps none; nothing fails."""

    def __init__(self, layout: Path) -> None:
        self._folder = Path(cache_from_source(str(layout / "layout.py"))).parent

    def load_bytecode(self, bucket: Bucket) -> None:
        """Fill the bucket with what was kept, unless the template, Jinja or Python changed since."""
        try:
            bucket.bytecode_from_string(self._file(bucket).read_bytes())
        except (OSError, EOFError, ValueError, pickle.UnpicklingError):
            bucket.reset()

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep a template that was compiled, whole or not at all."""
        if sys.dont_write_bytecode:
            return
        with contextlib.suppress(OSError):
            self._folder.mkdir(parents=True, exist_ok=True)
            with NamedTemporaryFile(dir=self._folder, prefix=".", delete=False) as file:
                try:
                    bucket.write_bytecode(file)
                    file.close()
                    os.replace(file.name, self._file(bucket))  # noqa: PTH105
                except OSError:
                    Path(file.name).unlink(missing_ok=True)

    def _file(self, bucket: Bucket) -> Path:
        return self._folder / f"{bucket.key[:16]}.{sys.implementation.cache_tag}.jinja"
