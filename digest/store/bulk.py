"""Insert many rows at once, so that the next query on them is fast too."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Table, insert, text

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
