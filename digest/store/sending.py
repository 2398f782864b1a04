"""Freeze an edition and fill its outbox in one transaction: either both are there, or neither."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError

from digest.errors import EditionError
from digest.model import Edition, Rendered
from digest.store.editions import Editions, freeze
from digest.store.mailing import HourOf, Mailing


def freeze_and_fill(
    mailing: Mailing,
    engine: Engine,
    edition: Edition,
    rendered: Rendered,
    *,
    domain: str,
    now: datetime,
    hour_of: HourOf | None = None,
) -> int:
    """Keep the sent edition, its rendering and what it printed, and queue a delivery for each active reader.

    Returns how many were queued. It happens once in an edition's life: its SENT revision is the guard. Where
    another process did it at the same moment, that stands, and 0 is returned: what to deliver is then the
    rendering in the store. `domain` is the right-hand side of the deliveries' Message-IDs; `hour_of` lets each wait
    for its reader's hour. Raises EditionError when someone else changed the edition instead.
    """
    try:
        with engine.begin() as connection:
            freeze(connection, edition, rendered, now=now)
            return mailing.fill_within(connection, edition.name, domain=domain, now=now, hour_of=hour_of)
    except IntegrityError as exc:
        if Editions(engine).rendering(edition.name) is not None:
            return 0
        raise EditionError(
            f"{edition.name} was changed by someone else in the meantime. Look at it again, then send it."
        ) from exc
