"""Open the store's database, make it or bring it up to date, and turn its errors into ours.

SQLite runs in WAL mode with `synchronous=FULL`, so that what was committed survives a power cut; a
transaction that writes takes the write lock at its start, so that two processes wait for each other and
never fail half-way.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, insert, inspect, make_url, text
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, NoSuchModuleError

from digest.errors import ConfigError, StoreError
from digest.store.tables import sources

HEAD = "0006"
"""The newest migration. A test compares it with the folder; Alembic itself is imported only when needed."""

BUSY_SECONDS = 30


def open_database(url: str) -> Engine:
    """Return an engine on a store that is there and up to date, making or migrating it when needed.

    Raises ConfigError for an address that names no database we know, StoreError when it cannot be opened.
    """
    try:
        parsed = make_url(url)
        if parsed.get_backend_name() not in ("sqlite", "postgresql"):
            raise NoSuchModuleError
        engine = create_engine(parsed, **_options(parsed.get_backend_name()))
    except (ArgumentError, NoSuchModuleError) as exc:
        raise ConfigError(
            [
                f"store.url: '{_without_password(url)}' is no store we know. Use sqlite:///... or postgresql+psycopg://..."
            ]
        ) from exc
    except ImportError as exc:
        raise ConfigError(
            ["store.url: PostgreSQL needs one more package. Type: pip install 'daily-dose[postgresql]'"]
        ) from exc
    event.listen(engine, "handle_error", _translate)
    if parsed.get_backend_name() == "sqlite":
        _prepare_sqlite(engine, parsed.database)
    _bring_up_to_date(engine)
    return engine


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """Open a transaction that only reads: on SQLite it takes no write lock."""
    with engine.connect().execution_options(digest_reads=True) as connection:
        yield connection


def check_writable(engine: Engine) -> None:
    """Write something and take it back; raise StoreError where the store cannot be written."""
    with engine.connect() as connection:
        connection.execute(insert(sources).values(name="", address="a check that nobody sees", failures=0))
        connection.rollback()


def _options(backend: str) -> dict[str, Any]:
    if backend == "sqlite":
        return {"connect_args": {"timeout": BUSY_SECONDS, "check_same_thread": False}}
    return {"pool_pre_ping": True}


def _prepare_sqlite(engine: Engine, database: str | None) -> None:
    if database and database != ":memory:":
        try:
            Path(database).parent.mkdir(parents=True, exist_ok=True)
        except OSError as exc:
            raise StoreError(
                f"Cannot make the folder of the store {database} ({exc.strerror}). Check store.url."
            ) from exc

    @event.listens_for(engine, "connect")
    def _configure(connection: Any, _record: object) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        reads = connection.get_execution_options().get("digest_reads")
        connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


def _bring_up_to_date(engine: Engine) -> None:
    if _version(engine) == HEAD:
        return
    from alembic.util import CommandError  # noqa: PLC0415  half a second that only a new store pays

    from digest.store.migrate import upgrade  # noqa: PLC0415

    try:
        upgrade(engine)
    except CommandError as exc:
        raise StoreError(
            f"The store {_name(engine)} was made by a newer Daily Dose. Install that version, or restore a backup."
        ) from exc


def _version(engine: Engine) -> str | None:
    with reading(engine) as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        version = connection.scalar(text("SELECT version_num FROM alembic_version"))
        return str(version) if version else None


def _translate(context: ExceptionContext) -> None:
    """Replace a driver's error by ours; a broken constraint stays, since callers may handle it."""
    error = context.sqlalchemy_exception
    if not isinstance(error, DBAPIError) or isinstance(error, IntegrityError):
        return
    where = _name(context.engine) if context.engine is not None else "store"
    cause = str(error.orig).strip().partition("\n")[0]
    raise StoreError(
        f"The store {where} could not be used ({cause}). Check store.url and the disk."
    ) from error


def _name(engine: Engine) -> str:
    return _masked(engine.url.render_as_string(hide_password=True))


def _without_password(url: str) -> str:
    scheme, separator, rest = url.partition("://")
    return _masked(scheme + separator + rest.rpartition("@")[2])


def _masked(url: str) -> str:
    """Hide the passwords in the query part of an address, where PostgreSQL's own library takes them too."""
    return re.sub(r"(?i)([?&;]\w*password=)[^&;]*", r"\1***", url)
