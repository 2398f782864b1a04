"""Make a store that comes out of a backup safe: what was sent since is unknown to it, and is held until a person says.

The statements are the same for both engines; on PostgreSQL they are run in the transaction that restores.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Engine, UpdateBase, and_, delete, func, insert, literal, or_, select, update
from sqlalchemy.dialects import postgresql
from sqlalchemy.sql import Select

from digest.model import DeliveryState, EditionName, EditionState, Halt, RunState, SubscriberState
from digest.store.database import reading
from digest.store.suppression import EVERYWHERE
from digest.store.tables import (
    confirmations,
    deliveries,
    editions,
    halts,
    leases,
    metadata,
    runs,
    subscribers,
    suppressions,
)

BEFORE = timedelta(days=2)
"""An edition that was not sent when the backup was made, and is not older than this, may have been sent since."""
MOST_DAYS = 60
"""Of an older backup, so many days before today are held: an older edition goes out by nobody's hand but a person's."""
IN_FLIGHT = "in flight when the backup was made"
_UNSETTLED = (
    DeliveryState.QUEUED,
    DeliveryState.LEASED,
    DeliveryState.INFLIGHT,
    DeliveryState.DEFERRED,
    DeliveryState.DOUBT,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaver:
    """A reader whom the replaced store knew to get no more mail."""

    newsletter: str
    address_key: str
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """Whom the replaced store kept off: what a backup does not know, and must not forget."""

    leavers: Sequence[Leaver] = ()
    suppressed: Sequence[Mapping[str, Any]] = ()


def newest_sent(engine: Engine) -> dict[str, date]:
    """Return the date of each newsletter's newest sent edition."""
    query = select(editions.c.newsletter, func.max(editions.c.date))
    query = query.where(editions.c.state == str(EditionState.SENT)).group_by(editions.c.newsletter)
    with reading(engine) as connection:
        return {row[0]: row[1] for row in connection.execute(query)}


def who_left(engine: Engine, *, with_hashes: bool) -> Left:
    """Return whom a store keeps off; its hashes only where they are made with the same secret."""
    stopped = (SubscriberState.ACTIVE, SubscriberState.PENDING)
    readers = select(subscribers.c.newsletter, subscribers.c.address_key, subscribers.c.state)
    readers = readers.where(subscribers.c.state.not_in([str(state) for state in stopped]))
    with reading(engine) as connection:
        leavers = [
            Leaver(newsletter=row.newsletter, address_key=row.address_key, state=row.state)
            for row in connection.execute(readers)
        ]
        hashes = connection.execute(select(suppressions)).mappings().all() if with_hashes else ()
        return Left(leavers=leavers, suppressed=[dict(row) for row in hashes])


def suppressed_readers(
    engine: Engine, *, hash_of: Callable[[str], str], since: datetime
) -> list[tuple[str, str]]:
    """Return the newsletters and addresses of readers whom a suppression since then keeps off: they were erased."""
    newer = select(suppressions.c.newsletter, suppressions.c.address_hash).where(
        suppressions.c.since >= since
    )
    readers = select(subscribers.c.newsletter, subscribers.c.address, subscribers.c.address_key).where(
        subscribers.c.state.in_([str(SubscriberState.ACTIVE), str(SubscriberState.PENDING)])
    )
    with reading(engine) as connection:
        kept_off = {(row.newsletter, row.address_hash) for row in connection.execute(newer)}
        found = connection.execute(readers).all() if kept_off else []
    return [
        (row.newsletter, row.address)
        for row in found
        if {(row.newsletter, mark := hash_of(row.address_key)), (EVERYWHERE, mark)} & kept_off
    ]


def held_editions(engine: Engine) -> list[EditionName]:
    """Return the editions whose sends are paused, oldest first."""
    query = select(halts.c.newsletter, halts.c.date).where(halts.c.kind == str(Halt.PAUSED))
    with reading(engine) as connection:
        rows = connection.execute(query.order_by(halts.c.date, halts.c.newsletter))
        return [EditionName(newsletter=row.newsletter, date=row.date) for row in rows]


def holding(
    *, made_at: datetime, days: Mapping[str, tuple[date, date]], left: Left, now: datetime
) -> list[UpdateBase]:
    """Return the statements that make a restored store safe.

    Paused are the editions of each newsletter from the one to the other of its `days`, whether they are in the store
    or not; those that had not been sent; and those whose deliveries were not all settled. What was in flight is in
    doubt. Nobody is at work any more, confirmations of sign-ups are not sent again, and who left since stays away.
    """
    statements: list[UpdateBase] = [
        update(deliveries)
        .where(deliveries.c.state == str(DeliveryState.INFLIGHT))
        .values(
            state=str(DeliveryState.DOUBT), doubts=deliveries.c.doubts + 1, lease_until=None, reply=IN_FLIGHT
        ),
        update(deliveries)
        .where(deliveries.c.state == str(DeliveryState.LEASED))
        .values(state=str(DeliveryState.QUEUED), owner=None, lease_until=None),
        update(runs).where(runs.c.state == str(RunState.RUNNING)).values(owner=None, lease_until=None),
        update(confirmations).where(confirmations.c.next_at.is_not(None)).values(next_at=None),
        delete(leases),
        _pause(select(deliveries.c.newsletter, deliveries.c.date).distinct(), _is_unsettled(), now),
        _pause(select(editions.c.newsletter, editions.c.date), _may_be_sent_since(made_at), now),
    ]
    for newsletter, (first, last) in days.items():
        first = max(first, last - timedelta(days=MOST_DAYS))
        dates = [first + timedelta(days=number) for number in range((last - first).days + 1)]
        statements += [_pause_one(newsletter, day, now) for day in dates]
    return statements + list(_keep_off(left, now))


def as_sql(statements: Iterable[UpdateBase]) -> list[str]:
    """Return statements as PostgreSQL reads them, their values written in, a backslash being a plain character."""
    dialect = postgresql.dialect(paramstyle="named")  # type: ignore[no-untyped-call]  # SQLAlchemy does not type it
    texts = [str(one.compile(dialect=dialect, compile_kwargs={"literal_binds": True})) for one in statements]
    return ["SET standard_conforming_strings = on", *texts]


def dropping() -> list[str]:
    """Return the statements that make room for a restored store: an older one may lack tables of this one."""
    return [f'DROP TABLE IF EXISTS "{name}" CASCADE' for name in (*metadata.tables, "alembic_version")]


def run_all(engine: Engine, statements: Iterable[UpdateBase]) -> None:
    """Run statements in one transaction."""
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(statement)


def _is_unsettled() -> Any:
    return deliveries.c.state.in_([str(state) for state in _UNSETTLED])


def _may_be_sent_since(made_at: datetime) -> Any:
    return and_(
        editions.c.state != str(EditionState.SENT),
        or_(editions.c.date >= (made_at - BEFORE).date(), editions.c.state == str(EditionState.APPROVED)),
    )


def _pause(named: Select[Any], condition: Any, now: datetime) -> UpdateBase:
    """Pause the editions that a selection of newsletter and date names, where a condition holds."""
    wanted = named.where(condition).subquery()
    is_halted = and_(halts.c.newsletter == wanted.c.newsletter, halts.c.date == wanted.c.date)
    rows = select(
        wanted.c.newsletter,
        wanted.c.date,
        literal(str(Halt.PAUSED)),
        literal(now, halts.c.since.type),
    ).where(~select(halts.c.kind).where(is_halted).correlate(wanted).exists())
    return insert(halts).from_select(["newsletter", "date", "kind", "since"], rows)


def _pause_one(newsletter: str, day: date, now: datetime) -> UpdateBase:
    """Pause an edition that is in the store or not, unless it was sent."""
    is_there = and_(halts.c.newsletter == newsletter, halts.c.date == day)
    is_sent = and_(
        editions.c.newsletter == newsletter,
        editions.c.date == day,
        editions.c.state == str(EditionState.SENT),
    )
    row = select(
        literal(newsletter, halts.c.newsletter.type),
        literal(day, halts.c.date.type),
        literal(str(Halt.PAUSED)),
        literal(now, halts.c.since.type),
    ).where(~select(halts.c.kind).where(is_there).exists(), ~select(editions.c.date).where(is_sent).exists())
    return insert(halts).from_select(["newsletter", "date", "kind", "since"], row)


def _keep_off(left: Left, now: datetime) -> Iterable[UpdateBase]:
    for one in left.leavers:
        yield (
            update(subscribers)
            .where(
                subscribers.c.newsletter == one.newsletter,
                subscribers.c.address_key == one.address_key,
                subscribers.c.state.in_([str(SubscriberState.ACTIVE), str(SubscriberState.PENDING)]),
            )
            .values(state=one.state, changed_at=now)
        )
    for row in left.suppressed:
        is_there = and_(
            suppressions.c.address_hash == row["address_hash"], suppressions.c.newsletter == row["newsletter"]
        )
        values = [literal(row[column.name], column.type) for column in suppressions.c]
        known = select(suppressions.c.why).where(is_there)
        yield insert(suppressions).from_select(
            [column.name for column in suppressions.c], select(*values).where(~known.exists())
        )
