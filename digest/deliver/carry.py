"""Carry a few messages outside the outbox: tests, notes to the editor; or only see whether the server can be used."""

from __future__ import annotations

from collections.abc import Iterable

from digest.deliver.loop import run_alone
from digest.model import Envelope, Outcome
from digest.ports import BeforeDot, Transport, always


def carry(
    transport: Transport, envelopes: Iterable[Envelope], *, before_dot: BeforeDot = always
) -> list[Outcome]:
    """Try each message once over one connection; raise DeliveryError when the server cannot be used."""

    async def work() -> list[Outcome]:
        try:
            return [await transport.send(envelope, before_dot=before_dot) for envelope in envelopes]
        finally:
            await transport.close()

    return run_alone(work())


def try_out(transport: Transport) -> None:
    """Connect and log in, and say goodbye; raise DeliveryError when the server cannot be used."""

    async def work() -> None:
        try:
            await transport.open()
        finally:
            await transport.close()

    run_alone(work())
