"""Opening, making and migrating the store, and what is said of one that cannot be used."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from digest.errors import ConfigError, StoreError
from digest.store.database import HEAD, open_database, reading
from digest.store.migrate import alembic_config
from digest.store.tables import metadata


def test_a_new_store_is_made_where_the_folder_was_missing(tmp_path: Path) -> None:
    open_database(f"sqlite:///{tmp_path}/var/digest.db").dispose()

    assert (tmp_path / "var/digest.db").is_file()


def test_the_newest_migration_is_the_one_we_expect() -> None:
    assert ScriptDirectory.from_config(alembic_config()).get_heads() == [HEAD]


def test_migrations_make_exactly_the_tables_we_use(tmp_path: Path) -> None:
    engine = open_database(f"sqlite:///{tmp_path}/digest.db")

    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_committed_means_on_disk(tmp_path: Path) -> None:
    engine = open_database(f"sqlite:///{tmp_path}/digest.db")

    with reading(engine) as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1


def test_a_store_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "digest.db"
    open_database(f"sqlite:///{path}").dispose()
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")

    with pytest.raises(StoreError, match="newer Daily Dose"):
        open_database(f"sqlite:///{path}")


@pytest.mark.parametrize(
    "url", ["nonsense", "mysql://localhost/digest", "sqlite-ish:///x", "postgresql+nonsense://localhost/x"]
)
def test_an_address_of_no_store_is_a_problem_of_the_configuration(url: str) -> None:
    with pytest.raises(ConfigError, match=r"store\.url"):
        open_database(url)


def test_a_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    path = tmp_path / "digest.db"
    path.write_text("not a database " * 100, encoding="utf-8")

    with pytest.raises(StoreError, match="could not be used"):
        open_database(f"sqlite:///{path}")


@pytest.mark.parametrize(
    "url",
    [
        "postgresql+psycopg://digest:hunter2@127.0.0.1:1/digest",
        "postgresql+psycopg://127.0.0.1:1/digest?user=digest&password=hunter2&connect_timeout=2",
        "postgresql+psycopg://127.0.0.1:1/digest?sslpassword=hunter2",
    ],
)
def test_a_server_that_is_not_there_is_told_without_its_password(url: str) -> None:
    with pytest.raises(StoreError, match="could not be used") as caught:
        open_database(url)

    assert "hunter2" not in str(caught.value)
    assert "127.0.0.1" in str(caught.value)


def test_an_address_of_no_store_is_told_without_its_password() -> None:
    with pytest.raises(ConfigError) as caught:
        open_database("mysql://digest:hunter2@localhost/digest?password=hunter2")

    assert "hunter2" not in str(caught.value)
