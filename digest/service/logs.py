"""Write logs as lines of text, or as JSON Lines: {"time", "level", "event", and the event's own facts}.

Neither holds an address: what is logged passes `unnamed`.
"""

from __future__ import annotations

import json
import logging
import re
import sys
from datetime import UTC, datetime
from typing import Any, TextIO

from digest.unnamed import unnamed

FORMATS = ("text", "json")
COMPLAINT = "digest: "
"""What a command's complaint begins with."""
NOISY = ("schedule", "alembic")
_FACT = re.compile(r"(?:^|(?<=\s))([a-z][a-z_]*)=('[^']*'|\S+)(?:\s+|$)")
_OWN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class JsonLines(logging.Formatter):
    """One JSON object a record; `name=value` in its message, and what came as `extra`, become facts."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        message = record.getMessage()
        facts = {name: unnamed(value.strip("'")) for name, value in _FACT.findall(message)}
        facts |= {name: unnamed(str(value)) for name, value in vars(record).items() if name not in _OWN}
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": unnamed(_FACT.sub("", message).strip()),
        }
        if record.exc_info:
            line["trace"] = unnamed(self.formatException(record.exc_info))
        return json.dumps({**facts, **line}, ensure_ascii=False)


class TextLines(logging.Formatter):
    """One line of text a record, and what follows of a defect."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        return unnamed(super().format(record))


class JsonStream:
    """A stream that makes an event of each line that is written to it; all else is the stream's own."""

    def __init__(self, stream: TextIO, *, level: str) -> None:
        self._stream = stream
        self._level = level
        self._begun = ""

    def write(self, text: str) -> int:
        """Write the lines that are whole; what is begun waits for its end."""
        *lines, self._begun = (self._begun + text).split("\n")
        for line in lines:
            if line.strip():
                self._stream.write(printed_line(line, level=self._level, now=datetime.now(UTC)) + "\n")
        return len(text)

    def isatty(self) -> bool:
        """Say that nobody watches: no progress is drawn into a log."""
        return False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def printed_line(line: str, *, level: str, now: datetime) -> str:
    """Return a line that a command printed as an event."""
    level = "error" if line.startswith(COMPLAINT) else level
    event = unnamed(line.strip().removeprefix(COMPLAINT))
    return json.dumps(
        {"time": now.isoformat(timespec="milliseconds"), "level": level, "event": event}, ensure_ascii=False
    )


def set_up_logs(chosen: str, *, level: int, stream: TextIO | None = None) -> None:
    """Log to stderr in one of FORMATS."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonLines() if chosen == "json" else TextLines())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for noisy in NOISY:
        logging.getLogger(noisy).setLevel(logging.WARNING)
