"""Keep addresses out of what is printed where that becomes a service's log: a reader's address is no log's business."""

from __future__ import annotations

from typing import Any, TextIO

from digest.unnamed import unnamed

UNNAMED = "DIGEST_UNNAMED"
"""Set by `digest schedule` for the commands that it starts."""


class Unnamed:
    """A stream that leaves addresses out; all else is the stream's own."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write a text without its addresses."""
        return self._stream.write(unnamed(text))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)
