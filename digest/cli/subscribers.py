"""Commands about readers: list, add, remove, import, export."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from digest.cli.output import (
    DONE_WITH_FAILURES,
    ConfigOption,
    JsonOption,
    report_failures,
    say,
    say_json,
    write_file,
)
from digest.errors import UsageError

if TYPE_CHECKING:
    from digest.store.mailing import Mailing

AddressArgument = typer.Argument(..., metavar="ADDRESS")
NewsletterOption = typer.Option(
    "",
    "--newsletter",
    metavar="NAME",
    help="Whose readers; may be left out where one newsletter is configured.",
)


def subscriber_commands() -> typer.Typer:
    """Build `digest subscribers`."""
    app = typer.Typer(help="List, add, remove, import and export readers.", no_args_is_help=True)
    app.command("list")(show)
    app.command("add")(add)
    app.command("confirm")(confirm)
    app.command("remove")(remove)
    app.command("erase")(erase)
    app.command("import")(import_file)
    app.command("export")(export)
    return app


def show(
    newsletter: str = NewsletterOption, as_json: bool = JsonOption, config: Path | None = ConfigOption
) -> None:
    """List the readers of a newsletter and their state."""
    mailing, name = _open(newsletter, config)
    for one in mailing.list_subscribers(name):
        if as_json:
            fields = (
                "newsletter",
                "address",
                "name",
                "state",
                "time_zone",
                "language",
                "plain_text",
                "joined_at",
                "consent",
            )
            say_json({field: getattr(one, field) for field in fields})
        else:
            say(f"{one.state:<10} {one.address}  {one.name}".rstrip())


def add(
    address: str = AddressArgument,
    newsletter: str = NewsletterOption,
    name: str = typer.Option("", "--name", help="The reader's name."),
    config: Path | None = ConfigOption,
) -> None:
    """Add a reader who asked for it; who left before is added again by this alone."""
    from digest.app import now

    mailing, chosen = _open(newsletter, config)
    added = mailing.add(chosen, address, name=name, consent="added by the editor", now=now())
    say(f"{added.address} gets '{chosen}'.")


def confirm(
    address: str = AddressArgument, newsletter: str = NewsletterOption, config: Path | None = ConfigOption
) -> None:
    """Confirm a reader who is pending, after they told you that they want it."""
    from digest.app import now
    from digest.model import SubscriberState

    mailing, chosen = _open(newsletter, config)
    found = mailing.find(chosen, address)
    if found is None or found.state is not SubscriberState.PENDING:
        raise UsageError(f"{address} is not pending for '{chosen}'. 'digest subscribers list' shows who is.")
    mailing.add(chosen, address, name=found.name, consent="confirmed by the editor", now=now())
    say(f"{address} gets '{chosen}'.")


def erase(
    address: str = AddressArgument,
    newsletter: str = typer.Option(
        "", "--newsletter", metavar="NAME", help="Forget them here alone; else in all newsletters."
    ),
    config: Path | None = ConfigOption,
) -> None:
    """Forget a person; only a keyed hash stays, so that no import brings them back."""
    from digest.app import now, open_config, open_stores

    settings = open_config(config)
    if newsletter:
        settings.newsletter(newsletter)
    if not open_stores(settings).mailing.erase(newsletter, address, now=now()):
        whose = f"of '{newsletter}'" if newsletter else "of any newsletter"
        raise UsageError(f"{address} is no reader {whose}. 'digest subscribers list' shows who is.")
    say(f"{address} is forgotten.")


def remove(
    address: str = AddressArgument, newsletter: str = NewsletterOption, config: Path | None = ConfigOption
) -> None:
    """Take a reader off; no import brings them back."""
    from digest.app import now

    mailing, chosen = _open(newsletter, config)
    if not mailing.remove(chosen, address, now=now()):
        raise UsageError(f"{address} is no reader of '{chosen}'. 'digest subscribers list' shows who is.")
    say(f"{address} does not get '{chosen}' any more.")


def import_file(
    file: Path = typer.Argument(
        ..., metavar="FILE.csv", help="Columns: email, name, and optionally time_zone, language, state."
    ),
    newsletter: str = NewsletterOption,
    dry_run: bool = typer.Option(False, "--dry-run", help="Say what would come of it, and add nobody."),
    consent: str = typer.Option(
        "", "--consent", metavar="TEXT", help="What they agreed to, word for word; kept with each reader."
    ),
    as_json: bool = JsonOption,
    config: Path | None = ConfigOption,
) -> None:
    """Import readers who asked for it; the file's name and hash are kept as the source of their consent."""
    from digest.app import now

    mailing, chosen = _open(newsletter, config)
    report = mailing.import_csv(file, chosen, now=now(), dry_run=dry_run, wording=consent)
    report_failures(report.refused)
    counts = {
        "read": report.read,
        "added": report.added,
        "already": report.already,
        "suppressed": len(report.suppressed),
        "bad": len(report.bad),
    }
    if as_json:
        say_json({"dry_run": dry_run, **counts})
    else:
        would = "would be " if dry_run else ""
        say(
            "{read} read: {added} {would}added, {already} were there, {suppressed} left before, "
            "{bad} bad lines.".format(would=would, **counts)
        )
    if report.refused:
        raise typer.Exit(DONE_WITH_FAILURES)


def export(
    file: Path | None = typer.Argument(
        None, metavar="[FILE]", help="Where to; stdout where it is not given."
    ),
    newsletter: str = NewsletterOption,
    address: str = typer.Option(
        "",
        "--address",
        metavar="ADDRESS",
        help="All that is held on one person, in all newsletters, as JSON.",
    ),
    config: Path | None = ConfigOption,
) -> None:
    """Export the readers of a newsletter as CSV, or with --address what is held on a person as JSON."""
    if address:
        from digest.app import open_config, open_stores

        held = open_stores(open_config(config)).mailing.held_on(address)
        text = json.dumps(held, ensure_ascii=False, indent=2, default=_plain) + "\n"
    else:
        mailing, chosen = _open(newsletter, config)
        text = mailing.export_csv(chosen)
    if file is None:
        say(text.rstrip("\n"))
    else:
        write_file(file, text)
        say(str(file))


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)


def _open(newsletter: str, config: Path | None) -> tuple[Mailing, str]:
    from digest.app import open_config, open_stores

    settings = open_config(config)
    if not newsletter and len(settings.newsletters) != 1:
        raise UsageError(
            f"Name one with --newsletter: {', '.join(settings.newsletters) or 'none is configured'}."
        )
    chosen = newsletter or next(iter(settings.newsletters))
    settings.newsletter(chosen)
    return open_stores(settings).mailing, chosen
