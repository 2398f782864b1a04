"""Freeze an edition and fill its outbox in one transaction: either both are there, or neither."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Engine

from digest.model import Edition, Rendered
from digest.store.editions import freeze
from digest.store.mailing import Mailing


def freeze_and_fill(
    mailing: Mailing, engine: Engine, edition: Edition, rendered: Rendered, *, domain: str, now: datetime
) -> int:
    """Keep the sent edition, its rendering and what it printed, and queue a delivery for each active reader.

    Returns how many were queued. It happens once in an edition's life: its SENT revision is the guard.
    `domain` is the right-hand side of the deliveries' Message-IDs.
    """
    with engine.begin() as connection:
        freeze(connection, edition, rendered, now=now)
        return mailing.fill_within(connection, edition.name, domain=domain, now=now)
