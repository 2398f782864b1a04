"""Print: results on stdout, everything else on stderr."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import typer

from digest.errors import DigestError
from digest.model import Failure

DONE_WITH_FAILURES = 3

ConfigOption = typer.Option(
    None,
    "--config",
    metavar="FILE",
    help="The configuration; else DIGEST_CONFIG, config/digest.toml, digest.toml.",
)
EditionArgument = typer.Argument(
    ..., metavar="EDITION", help="NEWSLETTER/DATE (daily/2026-11-24), or 'latest'."
)
AllowPrivateOption = typer.Option(
    False, "--allow-private", help="Let addresses on this machine and network be read."
)
JsonOption = typer.Option(False, "--json", help="Print JSON Lines.")


class Progress(Protocol):
    """Say how far long work is."""

    def __call__(self, done: int, total: int) -> None:
        """Show `done` of `total`."""


def say(line: str = "") -> None:
    """Print a result at once: who reads our output through a pipe may be waiting for it."""
    print(line, flush=True)  # noqa: T201


def say_now(line: str) -> None:
    """Print a result that someone waits for while we go on running."""
    say(line)
    sys.stdout.flush()


def say_json(record: Mapping[str, Any]) -> None:
    """Print a result as one line of JSON."""
    print(json.dumps(record, ensure_ascii=False, default=str))  # noqa: T201


def note(line: str) -> None:
    """Print what is not a result."""
    print(line, file=sys.stderr)  # noqa: T201


def report_failures(failures: list[Failure] | tuple[Failure, ...]) -> None:
    """List what could not be done."""
    for failure in failures:
        where = "" if failure.message.startswith(failure.subject) else f"{failure.subject}: "
        note(f"digest: {where}{failure.message}")


@contextmanager
def progress(label: str) -> Iterator[Progress]:
    """Show a progress bar on stderr while the work goes on; nothing where stderr is no terminal."""
    if not sys.stderr.isatty():
        yield lambda done, total: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bars

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Bars(*columns, console=Console(stderr=True), transient=True) as bars:
        task = bars.add_task(label, total=None)

        def show(done: int, total: int) -> None:
            bars.update(task, completed=done, total=total)

        yield show


def write_file(path: Path, content: str | bytes) -> None:
    """Write one file as it is, without touching line ends."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    except OSError as exc:
        raise DigestError(f"Cannot write {path} ({exc.strerror}). Choose another place.") from exc
