"""The command that reads the box of bounces."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from digest.cli.output import ConfigOption, JsonOption, note, say, say_json

if TYPE_CHECKING:
    from digest.pipeline.bouncing import Handled


def add_commands(app: typer.Typer) -> None:
    """Add this module's command."""
    app.command("bounces")(bounces)


def bounces(
    dry_run: bool = typer.Option(False, "--dry-run", help="Say what would be acted on, and change nothing."),
    again: bool = typer.Option(False, "--again", help="Look at unread letters that were left alone before."),
    as_json: bool = JsonOption,
    config: Path | None = ConfigOption,
) -> None:
    """Read the box of bounces, complaints and wishes to leave; stop the readers they are about."""
    from digest.app import make_reading, now, open_box, open_config, open_stores
    from digest.pipeline.bouncing import Effect, read_box

    settings = open_config(config)
    with open_box(settings, is_read_only=dry_run) as box:
        reading = make_reading(settings, open_stores(settings))
        handled = read_box(box, reading, now=now(), is_dry=dry_run, again=again)
    for one in handled:
        if as_json:
            say_json(_record(one))
        elif one.effect is not Effect.ALONE:
            say(_line(one))
    if as_json:
        return
    if handled:
        counts = Counter(str(one.effect) for one in handled)
        say(f"{len(handled)} read: " + ", ".join(f"{count} {effect}" for effect, count in counts.items()))
    elif sys.stderr.isatty():  # `digest schedule` asks every few minutes: its log is no place for nothing
        note("Nothing new in the box.")


def _line(one: Handled) -> str:
    about = one.address or ", ".join(one.message_ids)
    why = " ".join(part for part in (one.report.status, one.report.reason[:200]) if part)
    return "  ".join(part for part in (f"{one.effect:<10} {about}", one.edition, why) if part)


def _record(one: Handled) -> dict[str, object]:
    report = one.report
    return {
        "letter": one.letter,
        "kind": report.kind,
        "effect": one.effect,
        "edition": one.edition,
        "address": one.address,
        "message_ids": list(one.message_ids),
        "bounce": report.bounce,
        "status": report.status,
        "reason": report.reason,
    }
