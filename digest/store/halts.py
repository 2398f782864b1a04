"""Keep which sends are paused or stopped: a row that every sender looks at before it takes more."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Engine, and_, case, delete, select, update

from digest.model import DeliveryState, EditionName, Halt
from digest.store.bulk import upsert
from digest.store.database import reading
from digest.store.delivery_rows import of_edition
from digest.store.tables import deliveries, halts

STOPPED = "the send was stopped"
_WAITING = ("queued", "deferred")


class Halts:
    """The halts of one store."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def halt(self, edition: EditionName, kind: Halt, *, now: datetime) -> int:
        """Pause a send, or stop it: what is waiting is then skipped; return how many deliveries were waiting."""
        with self._engine.begin() as connection:
            row = {"newsletter": edition.newsletter, "date": edition.date, "kind": str(kind), "since": now}
            upsert(connection, halts, row)
            waiting = and_(of_edition(edition), deliveries.c.state.in_(_WAITING))
            if kind is Halt.STOPPED:
                return skip_stopped(connection, waiting, now)
            return len(connection.execute(select(deliveries.c.subscriber_id).where(waiting)).all())

    def go_on(self, edition: EditionName, *, now: datetime) -> int | None:
        """End a pause or a stop, and queue again what that skipped; None where the send was not halted."""
        with self._engine.begin() as connection:
            if not connection.execute(delete(halts).where(_of(edition))).rowcount:
                return None
            stopped = and_(
                of_edition(edition), deliveries.c.state == "skipped", deliveries.c.reply == STOPPED
            )
            back = {"state": str(DeliveryState.QUEUED), "reply": "", "changed_at": now}
            return connection.execute(update(deliveries).where(stopped).values(**back)).rowcount

    def find_halted(self, text: str) -> EditionName | None:
        """Return the edition of that whole name whose send is paused or stopped, whether it is made yet or not."""
        query = select(halts.c.newsletter, halts.c.date)
        with reading(self._engine) as connection:
            found = [
                EditionName(newsletter=row.newsletter, date=row.date) for row in connection.execute(query)
            ]
        return next((name for name in found if str(name) == text), None)

    def find_halt(self, edition: EditionName) -> Halt | None:
        """Say whether a send is paused or stopped."""
        with reading(self._engine) as connection:
            return halt_of(connection, edition)


def halt_of(connection: Connection, edition: EditionName) -> Halt | None:
    """Say whether a send is paused or stopped."""
    kind = connection.scalar(select(halts.c.kind).where(_of(edition)))
    return Halt(kind) if kind is not None else None


def skip_stopped(connection: Connection, waiting: ColumnElement[bool], now: datetime) -> int:
    """Skip deliveries of a send that was stopped; return how many. The hour that one waits for at first is kept."""
    values = {
        "state": str(DeliveryState.SKIPPED),
        "owner": None,
        "lease_until": None,
        "next_at": case((deliveries.c.state == "queued", deliveries.c.next_at)),
        "reply": STOPPED,
        "changed_at": now,
    }
    return connection.execute(update(deliveries).where(waiting).values(**values)).rowcount


def is_halted() -> ColumnElement[bool]:
    """Return the condition that a delivery's send is paused or stopped."""
    return (
        select(halts.c.kind)
        .where(halts.c.newsletter == deliveries.c.newsletter, halts.c.date == deliveries.c.date)
        .correlate(deliveries)
        .exists()
    )


def _of(edition: EditionName) -> ColumnElement[bool]:
    return and_(halts.c.newsletter == edition.newsletter, halts.c.date == edition.date)
