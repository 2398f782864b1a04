"""Commands that deliver: send, rehearse, run, schedule."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from digest.cli.logs import LogFormatOption, begin_logs
from digest.cli.outbox import outbox_commands
from digest.cli.output import (
    DONE_WITH_FAILURES,
    ConfigOption,
    EditionArgument,
    JsonOption,
    note,
    progress,
    report_failures,
    say,
    say_json,
)
from digest.cli.subscribers import subscriber_commands
from digest.errors import UsageError

if TYPE_CHECKING:
    from digest.deliver.faulty import Fault
    from digest.model import Phase
    from digest.pipeline.report import Report
    from digest.rehearsal import Rehearsal

MOST_LISTED = 10

WaitOption = typer.Option(
    3600, "--wait-seconds", min=0, max=604_800, help="How long to wait for those refused for now."
)


def add_commands(app: typer.Typer) -> None:
    """Add this module's commands."""
    app.command("send")(send)
    app.command("rehearse")(rehearse)
    app.add_typer(outbox_commands(), name="outbox")
    app.add_typer(subscriber_commands(), name="subscribers")
    app.command("run")(run)
    app.command("schedule")(schedule)
    app.command("tell", hidden=True)(tell)


def send(
    edition: str = EditionArgument,
    to: list[str] = typer.Option(
        [], "--to", metavar="ADDRESS", help="Send a copy marked [Test] to this address alone."
    ),
    dry_run: bool = typer.Option(False, "--dry-run", help="Say what would be sent, and send nothing."),
    wait_seconds: float = WaitOption,
    force: bool = typer.Option(False, "--force", help="Send in spite of error findings."),
    config: Path | None = ConfigOption,
) -> None:
    """Send an edition to its readers, each once; again, go on where it stopped."""
    from digest.app import open_config, open_stores, parts_of
    from digest.pipeline import sending

    settings = open_config(config)
    stores = open_stores(settings)
    name = stores.editions.resolve(edition)
    parts = parts_of(settings, stores, name.newsletter)
    if to and dry_run:
        raise UsageError("--dry-run sends nothing, --to sends a test: name one of them.")
    if to:
        report = sending.send_test(parts, name, to)
    elif dry_run:
        report = sending.rehearse_on_paper(parts, name)
    else:
        with progress(f"Sending {name}") as bar:
            report = sending.send_edition(
                parts, name, wait_seconds=wait_seconds, force=force, on_progress=bar
            )
    _finish(report)


def rehearse(
    edition: str = EditionArgument,
    fault: list[str] = typer.Option(
        [],
        "--fault",
        metavar="KIND",
        help="4xx, 5xx, drop-before-dot, drop-after-dot, slow, tls or kill; all where none is named.",
    ),
    readers: int | None = typer.Option(
        None, "--readers", min=1, max=1_000_000, help="Made-up readers in place of the newsletter's."
    ),
    as_json: bool = JsonOption,
    config: Path | None = ConfigOption,
) -> None:
    """Send an edition to a server on this machine that misbehaves; prove that nobody gets none or two."""
    from digest.app import open_config, open_stores, parts_of
    from digest.config import find_config
    from digest.rehearsal import as_record
    from digest.rehearsal import rehearse as rehearse_send

    settings = open_config(config)
    stores = open_stores(settings)
    name = stores.editions.resolve(edition)
    parts = parts_of(settings, stores, name.newsletter)
    done = rehearse_send(parts, name, config_file=find_config(config), faults=_faults(fault), readers=readers)
    if as_json:
        say_json(as_record(done))
    else:
        _tell_rehearsal(done)
    if not done.is_proven:
        raise typer.Exit(1)


def _faults(names: list[str]) -> list[Fault]:
    from digest.deliver.faulty import Fault as Kind

    try:
        return [Kind(name) for name in names]
    except ValueError as exc:
        raise UsageError(f"--fault: {exc}. There are: {', '.join(Kind)}.") from None


def _tell_rehearsal(done: Rehearsal) -> None:
    from collections import Counter

    say(f"{done.edition}: rehearsed with {done.readers} readers in {done.seconds:g} seconds.")
    for kind, times in done.faults.items():
        say(f"  {kind:<16} {times} times")
    states = Counter(one.state for one in done.listed)
    rest = ", ".join(f"{count} {state}" for state, count in states.items())
    say(f"{done.once} readers got exactly one; listed with the reason: {rest or 'nobody'}.")
    for one in done.listed[:MOST_LISTED]:
        note(f"{one.state:<9} {one.address}  {one.reply}")
    if len(done.listed) > MOST_LISTED:
        note(f"and {len(done.listed) - MOST_LISTED} more: --json lists them all.")
    for problem in done.problems[:MOST_LISTED]:
        say(f"  {problem}")
    if done.is_proven:
        say("Proven: each reader got exactly one, or is listed with the reason.")
    else:
        say(f"Not proven: {len(done.problems)} readers are not as they should be.")


def run(
    newsletter: str = typer.Argument(..., help="A newsletter's name in the configuration."),
    day: str | None = typer.Option(
        None, "--date", metavar="DATE", help="The run's date; today where it is not given."
    ),
    phase: str = typer.Option(
        "",
        "--phase",
        metavar="PHASE",
        help="Do a part alone: 'prepare' fetches and drafts, 'send' sends what is there.",
    ),
    wait_seconds: float = WaitOption,
    config: Path | None = ConfigOption,
) -> None:
    """Do the whole job once: fetch, draft, approve, send. Safe to repeat."""
    from digest.app import open_config, open_stores, parts_of
    from digest.cli.editing import parse_day
    from digest.pipeline.reader_hours import date_now
    from digest.pipeline.running import run_newsletter

    settings = open_config(config)
    parts = parts_of(settings, open_stores(settings), newsletter)
    date = parse_day(day) or date_now(parts)
    with progress(f"Running {newsletter}") as bar:
        report = run_newsletter(
            parts, day=date, wait_seconds=wait_seconds, phase=_phase(phase), on_progress=bar
        )
    _finish(report)


def _phase(name: str) -> Phase:
    from digest.model import Phase as Part

    try:
        return Part(name)
    except ValueError:
        raise UsageError(f"--phase: '{name}' is none. There are: prepare, send.") from None


def schedule(log_format: str = LogFormatOption, config: Path | None = ConfigOption) -> None:
    """Run every newsletter at its hour, until stopped."""
    import logging

    from digest.config import find_config, load_config
    from digest.scheduling import run_daemon
    from digest.service.notify import Supervisor
    from digest.signals import Signals

    file = find_config(config)
    chosen = log_format or load_config(file).log.format
    begin_logs(chosen, level=logging.INFO)
    say_running = logging.getLogger(__name__).info if chosen == "json" else note
    with Signals() as signals:
        say_running("Running. Stop with Ctrl-C; a send under way is finished first.")
        run_daemon(file, signals, supervisor=Supervisor())


def tell(config: Path | None = ConfigOption) -> None:
    """Tell editors what could not be told yet; `digest schedule` starts this."""
    from digest.app import now, open_config, open_stores, parts_of
    from digest.errors import StoreError
    from digest.pipeline.telling import tell_waiting

    settings = open_config(config)
    try:
        stores = open_stores(settings)
    except StoreError:  # that it is away may be what is to be told
        stores = open_stores(settings, url="sqlite:///:memory:")
    tell_waiting(settings, lambda name: parts_of(settings, stores, name), now=now())


def _finish(report: Report) -> None:
    report_failures(report.failures)
    say(report.sentence)
    if report.failures:
        raise typer.Exit(DONE_WITH_FAILURES)
