"""Commands that look into the outbox and steer it: status, list, retry, resolve, pause, resume, stop."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from digest.cli.output import ConfigOption, JsonOption, say, say_json
from digest.errors import UsageError

if TYPE_CHECKING:
    from digest.model import DeliveryState, EditionName
    from digest.store.mailing import Mailing

EditionArgument = typer.Argument("latest", metavar="[EDITION]", help="NEWSLETTER/DATE, or 'latest'.")
OPEN = ("failed", "deferred", "doubt")


def outbox_commands() -> typer.Typer:
    """Build `digest outbox`."""
    app = typer.Typer(help="Look into the outbox of an edition.", no_args_is_help=True)
    app.command("status")(status)
    app.command("list")(show)
    app.command("retry")(retry)
    app.command("resolve")(resolve)
    app.command("pause")(pause)
    app.command("resume")(resume)
    app.command("stop")(stop)
    return app


def status(
    edition: str = EditionArgument, as_json: bool = JsonOption, config: Path | None = ConfigOption
) -> None:
    """Count the deliveries of an edition by state."""
    from digest.model import DeliveryState

    mailing, name = _open(edition, config)
    counts = mailing.counts(name)
    if as_json:
        say_json({"edition": str(name)} | {str(state): counts.get(state, 0) for state in DeliveryState})
        return
    told = ", ".join(f"{counts[state]} {state}" for state in DeliveryState if counts.get(state))
    halt = mailing.find_halt(name)
    say(f"{name}: {told or 'nothing was queued yet'}" + (f" ({halt})" if halt else ""))


def show(
    edition: str = EditionArgument,
    state: list[str] = typer.Option(
        [], "--state", help="queued, sent, failed, ...; else failed, deferred, doubt."
    ),
    as_json: bool = JsonOption,
    config: Path | None = ConfigOption,
) -> None:
    """List deliveries with the server's words; without --state, those that are not as they should be."""
    mailing, name = _open(edition, config)
    for one in mailing.list_deliveries(name, states=_states(state or list(OPEN))):
        if as_json:
            fields = ("address", "state", "attempt", "next_at", "message_id", "reply")
            say_json({field: getattr(one, field) for field in fields})
        else:
            say(f"{one.state:<9} {one.address}  {one.reply}".rstrip())


def retry(
    edition: str = EditionArgument,
    to: list[str] = typer.Option([], "--to", metavar="ADDRESS", help="Only these addresses."),
    config: Path | None = ConfigOption,
) -> None:
    """Queue failed and deferred deliveries anew; those in doubt stay as they are."""
    from digest.app import now

    mailing, name = _open(edition, config)
    queued = mailing.retry(name, addresses=to or None, now=now())
    say(f"{queued} queued anew. 'digest send {name}' sends them.")


def resolve(
    edition: str = EditionArgument,
    to: str = typer.Option(..., "--to", metavar="ADDRESS", help="Whose delivery is in doubt."),
    outcome: str = typer.Option(
        ..., "--as", metavar="STATE", help="'sent' or 'failed', as you found out; 'queued' sends it again."
    ),
    config: Path | None = ConfigOption,
) -> None:
    """Settle a delivery in doubt."""
    from digest.app import now

    if outcome not in ("sent", "failed", "queued"):
        raise UsageError(f"--as takes 'sent', 'failed' or 'queued', not '{outcome}'.")
    mailing, name = _open(edition, config)
    if not mailing.resolve(name, address=to, state=_states([outcome])[0], now=now()):
        raise UsageError(
            f"No delivery of {name} to {to} is in doubt. 'digest outbox list {name}' shows those that are."
        )
    say(f"{to}: {outcome}.")


def pause(edition: str = EditionArgument, config: Path | None = ConfigOption) -> None:
    """Let a send rest: senders take no more within seconds; what is under way ends."""
    from digest.app import now
    from digest.model import Halt

    mailing, name = _open(edition, config)
    waiting = mailing.halt(name, Halt.PAUSED, now=now())
    say(f"{name}: paused, {waiting} waiting. 'digest outbox resume {name}' goes on.")


def stop(edition: str = EditionArgument, config: Path | None = ConfigOption) -> None:
    """End a send: who has not got the edition gets it no more."""
    from digest.app import now
    from digest.model import Halt

    mailing, name = _open(edition, config)
    skipped = mailing.halt(name, Halt.STOPPED, now=now())
    say(f"{name}: stopped, {skipped} skipped. 'digest outbox resume {name}' takes it back.")


def resume(edition: str = EditionArgument, config: Path | None = ConfigOption) -> None:
    """Let a send that was paused or stopped go on."""
    from digest.app import now

    mailing, name = _open(edition, config, or_halted=True)
    queued = mailing.go_on(name, now=now())
    if queued is None:
        raise UsageError(f"The send of {name} is neither paused nor stopped.")
    again = f", {queued} queued again" if queued else ""
    say(f"{name}: resumed{again}. A sender that waits goes on; else type 'digest send {name}'.")


def _open(edition: str, config: Path | None, *, or_halted: bool = False) -> tuple[Mailing, EditionName]:
    """Open the store and find an edition; `or_halted`: one that a restore held may not be there yet."""
    from digest.app import open_config, open_stores

    stores = open_stores(open_config(config))
    halted = stores.mailing.find_halted(edition) if or_halted else None
    return stores.mailing, halted or stores.editions.resolve(edition)


def _states(names: list[str]) -> list[DeliveryState]:
    from digest.model import DeliveryState

    try:
        return [DeliveryState(name) for name in names]
    except ValueError:
        known = ", ".join(DeliveryState)
        raise UsageError(f"There is no such state as {', '.join(names)}. There are: {known}.") from None
