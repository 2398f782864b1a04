"""Insert many rows at once, or rows that another process may insert at the same moment."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Connection, Table, insert, text
from sqlalchemy.dialects import postgresql, sqlite

ROWS_AT_ONCE = 2000
MANY = 1000


def insert_many(connection: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    """Insert rows in portions.

    PostgreSQL is then told to look at the table: until its own daemon does, a minute later, it takes the table
    for empty and reads all of it for each batch (measured with 100,000 rows: 43 leases a second, then 2,000).
    """
    for start in range(0, len(rows), ROWS_AT_ONCE):
        connection.execute(insert(table), rows[start : start + ROWS_AT_ONCE])
    if len(rows) >= MANY and connection.dialect.name == "postgresql":
        name = connection.dialect.identifier_preparer.format_table(table)
        connection.execute(text(f"ANALYZE {name}"))


def insert_missing(connection: Connection, table: Table, row: dict[str, Any]) -> bool:
    """Insert a row unless there is one of its primary key; say whether it was inserted."""
    statement = _insert(connection, table).values(row).on_conflict_do_nothing()
    return connection.execute(statement.returning(*table.primary_key)).first() is not None


def upsert(connection: Connection, table: Table, row: dict[str, Any], *, keep: Collection[str] = ()) -> None:
    """Insert a row, or change the one of its primary key, all but the columns of `keep`. It takes no turn to look.

    Of many rows, give them in the order of their keys: two transactions that take the same rows in another order
    wait for each other for ever.
    """
    statement = _insert(connection, table).values(row)
    keys = [column.name for column in table.primary_key]
    changed = {name: statement.excluded[name] for name in row if name not in keys and name not in keep}
    connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=changed))


def _insert(connection: Connection, table: Table) -> postgresql.Insert | sqlite.Insert:
    return postgresql.insert(table) if connection.dialect.name == "postgresql" else sqlite.insert(table)
