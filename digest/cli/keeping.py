"""Commands that keep the store: tidy, backup, restore."""

from __future__ import annotations

from pathlib import Path

import typer

from digest.cli.output import ConfigOption, JsonOption, note, say, say_json

MOST_LISTED = 10


def add_commands(app: typer.Typer) -> None:
    """Add this module's commands."""
    app.command("tidy")(tidy)
    app.command("backup")(backup)
    app.command("restore")(restore)


def tidy(
    dry_run: bool = typer.Option(False, "--dry-run", help="Say what would be removed, and remove nothing."),
    as_json: bool = JsonOption,
    config: Path | None = ConfigOption,
) -> None:
    """Remove what is kept no longer ([keep] in the configuration), and what that leaves free on the disk."""
    from digest.app import newsletter_of, now, open_config, open_stores
    from digest.pipeline.tidying import tidy as tidy_store

    settings = open_config(config)
    newsletters = [newsletter_of(settings, name) for name in settings.newsletters]
    done = tidy_store(settings, open_stores(settings), newsletters, now=now(), dry_run=dry_run)
    if as_json:
        say_json({"dry_run": dry_run, "removed": done.counts, "space": done.space})
    else:
        say("\n".join(done.sentences(dry_run=dry_run)))


def backup(
    file: Path = typer.Argument(
        ..., metavar="FILE", help="Where to; a backup that is there is replaced at the end."
    ),
    config: Path | None = ConfigOption,
) -> None:
    """Write the store, the secret and the configuration into one file, while everything goes on."""
    from digest.app import now, open_config, open_stores
    from digest.pipeline.backing_up import back_up

    settings = open_config(config)
    done = back_up(settings, open_stores(settings), file, now=now())
    say(
        f"{file}: {done.size / 1e6:.1f} MB, {', '.join(done.parts)}. It holds readers' addresses: keep it safe."
    )


def restore(
    file: Path = typer.Argument(..., metavar="FILE", help="A file that 'digest backup' wrote."),
    force: bool = typer.Option(False, "--force", help="Even where the store has sent newer editions."),
    config: Path | None = ConfigOption,
) -> None:
    """Put a backup in the store's place. What may have been sent since is held until you say."""
    from digest.app import now, open_config
    from digest.pipeline.restoring import restore as restore_store

    done = restore_store(open_config(config), file, now=now(), force=force)
    say(f"Restored the store of {done.made_at:%Y-%m-%d %H:%M} UTC.")
    if done.aside is not None:
        say(f"The one that was there is kept: {done.aside}")
    if done.held:
        say("Held, since nobody knows whether they were sent in the meantime; each goes out when you say:")
    for name in done.held[-MOST_LISTED:]:
        say(f"  digest outbox resume {name}")
    if len(done.held) > MOST_LISTED:
        note(f"and {len(done.held) - MOST_LISTED} older ones.")
