"""Start the command: parse, run, and turn every error into one sentence and an exit code."""

from __future__ import annotations

import os
import sys
import traceback

import typer

from digest.cli import (
    bouncing,
    checking,
    comparing,
    editing,
    keeping,
    project,
    reading,
    rights,
    sending,
    serving,
    sources,
)
from digest.cli.logs import keep_log_format
from digest.cli.unnamed import UNNAMED, Unnamed
from digest.errors import DigestError

EPILOG = (
    "The manual: digest help. Exit codes: 0 done, 1 failed, 2 wrong usage, 3 done with failures on stderr."
)


def make_app() -> typer.Typer:
    """Build the command tree; each command imports what it needs when it runs."""
    app = typer.Typer(
        name="digest",
        help="Turn the day's stories into an email digest.",
        epilog=EPILOG,
        no_args_is_help=True,
        add_completion=True,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    parts = (
        project,
        reading,
        sources,
        editing,
        comparing,
        checking,
        rights,
        sending,
        bouncing,
        serving,
        keeping,
    )
    for part in parts:
        part.add_commands(app)
    app.callback()(_root)
    return app


def _root(
    version: bool = typer.Option(False, "--version", help="Print the version and stop.", is_eager=True),
) -> None:
    if version:
        from digest import __version__

        print(f"daily-dose {__version__}")  # noqa: T201
        raise typer.Exit


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and exit with its code."""
    sys.exit(run(arguments))


def run(arguments: list[str] | None = None) -> int:
    """Run the command line; return the exit code."""
    if os.environ.get(UNNAMED):
        sys.stdout, sys.stderr = Unnamed(sys.stdout), Unnamed(sys.stderr)
        keep_log_format()
    try:
        make_app()(arguments, prog_name="digest")
    except SystemExit as exc:
        return exc.code if isinstance(exc.code, int) else 1
    except DigestError as exc:
        for line in str(exc).splitlines():
            complain(line)
        return exc.exit_code
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as exc:
        complain(f"Cannot go on: {exc.strerror or exc}" + (f" ({exc.filename})." if exc.filename else "."))
        return 1
    except Exception as exc:  # noqa: BLE001  the one place where a defect becomes a sentence
        if os.environ.get("DIGEST_DEBUG"):
            traceback.print_exc()
        complain(
            f"This is a defect of Daily Dose: {type(exc).__name__}: {exc}. Nothing more was done. "
            "Set DIGEST_DEBUG=1 to see where, and report it."
        )
        return 1
    return 0


def complain(message: str) -> None:
    """Print one line on stderr."""
    print(f"digest: {message}", file=sys.stderr)  # noqa: T201
