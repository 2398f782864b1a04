"""Commands around the public pages, and the look-over before they and the mail are relied on: serve, doctor."""

from __future__ import annotations

from pathlib import Path

import typer

from digest.cli.logs import LogFormatOption, begin_logs
from digest.cli.output import ConfigOption, JsonOption, say, say_json, say_now


def add_commands(app: typer.Typer) -> None:
    """Add this module's commands."""
    app.command("serve")(serve)
    app.command("doctor")(doctor)


def serve(
    host: str = typer.Option("127.0.0.1", "--host", metavar="ADDRESS", help="Where to listen."),
    port: int = typer.Option(8080, "--port", min=0, max=65535, help="0 picks one."),
    log_format: str = LogFormatOption,
    config: Path | None = ConfigOption,
) -> None:
    """Serve the public pages: hosted pictures, the archive with its feeds, unsubscribe links."""
    import logging

    from digest.app import open_config
    from digest.web.public import serve_public

    settings = open_config(config)
    begin_logs(log_format or settings.log.format, level=logging.WARNING)
    serve_public(settings, host=host, port=port, announce=say_now)


def doctor(as_json: bool = JsonOption, config: Path | None = ConfigOption) -> None:
    """Check configuration, store, layouts, mail server, public address and DNS; exit 1 on a problem."""
    from digest.app import make_instruments
    from digest.pipeline.health import examine
    from digest.pipeline.verdict import Verdict

    has_problem = False
    for check in examine(make_instruments(config)):
        has_problem = has_problem or check.verdict is Verdict.PROBLEM
        if as_json:
            say_json({"check": check.name, "verdict": check.verdict, "message": check.message})
        else:
            say(f"{check.verdict:<8} {check.name}: {check.message}")
    if has_problem:
        raise typer.Exit(1)
