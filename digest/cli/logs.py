"""Choose how a service logs, for itself and for the commands that it starts."""

from __future__ import annotations

import os
import sys

import typer

from digest.errors import UsageError

VARIABLE = "DIGEST_LOG__FORMAT"
"""The variable of `[log] format`: so what a service starts logs as it does."""

LogFormatOption = typer.Option(
    "", "--log-format", metavar="FORMAT", help="'text' or 'json', one object a line; else as [log] says."
)


def begin_logs(chosen: str, *, level: int) -> None:
    """Log to stderr in a format from now on; with json, what is printed there becomes events, too."""
    from digest.service.logs import FORMATS, set_up_logs

    if chosen not in FORMATS:
        raise UsageError(f"--log-format: '{chosen}' is none. There are: {', '.join(FORMATS)}.")
    os.environ[VARIABLE] = chosen
    set_up_logs(chosen, level=level)
    if chosen == "json":
        _print_events()


def keep_log_format() -> None:
    """Print and log as the service does that started this command."""
    from digest.service.logs import set_up_logs

    if os.environ.get(VARIABLE) == "json":
        import logging

        set_up_logs("json", level=logging.WARNING)
        _print_events()


def _print_events() -> None:
    from digest.service.logs import JsonStream

    sys.stdout = JsonStream(sys.stdout, level="info")
    sys.stderr = JsonStream(sys.stderr, level="warning")
