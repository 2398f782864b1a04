"""PostgreSQL's own programs carry a store out and back: in one transaction, or not at all."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import Engine, insert, select

from digest.errors import StoreError
from digest.store.after_restore import as_sql, dropping
from digest.store.database import open_database
from digest.store.postgres_copy import check_dump, dump_store, put_back
from digest.store.tables import attempts, letters
from tests.postgres import make_database

HARD = "it's 100% \\ a \\' name: 日本 :colon"
"""A value that is spelled wrong wherever one of the ways to write it into a statement is."""


@pytest.fixture
def url(postgres: Path) -> str:
    return make_database(postgres, f"copied {uuid4().hex[:8]}")


def kept(engine: Engine) -> list[str]:
    with engine.connect() as connection:
        return sorted(connection.scalars(select(attempts.c.key)))


def put(engine: Engine, key: str) -> None:
    with engine.begin() as connection:
        connection.execute(insert(attempts).values(key=key, since=datetime.now(UTC), made=1))


def test_a_dump_comes_back_with_what_is_run_after_it(url: str, tmp_path: Path) -> None:
    engine = open_database(url)
    put(engine, "dumped")
    dump_store(url, tmp_path / "dump")
    put(engine, "since")
    engine.dispose()

    after = as_sql([insert(letters).values(box="b", letter=HARD)])
    put_back(url, tmp_path / "dump", before=dropping(), after=after, folder=tmp_path)

    with engine.connect() as connection:
        assert connection.scalars(select(letters.c.letter)).all() == [HARD]
    assert kept(engine) == ["dumped"]
    engine.dispose()


def test_a_restore_that_fails_at_its_end_leaves_the_store_as_it_was(url: str, tmp_path: Path) -> None:
    engine = open_database(url)
    dump_store(url, tmp_path / "dump")
    put(engine, "since")
    engine.dispose()

    with pytest.raises(StoreError, match="division by zero"):
        put_back(url, tmp_path / "dump", before=dropping(), after=["SELECT 1/0"], folder=tmp_path)

    assert kept(engine) == ["since"]
    engine.dispose()


def test_a_dump_that_is_cut_is_found(url: str, tmp_path: Path) -> None:
    engine = open_database(url)
    for number in range(50):
        put(engine, f"k{number}")
    engine.dispose()
    dump = tmp_path / "dump"
    dump_store(url, dump)
    dump.write_bytes(dump.read_bytes()[:-200])

    with pytest.raises(StoreError, match="pg_restore failed"):
        check_dump(dump)


def test_a_server_that_is_away_is_one_sentence(tmp_path: Path) -> None:
    away = f"postgresql+psycopg://digest:secret@/none?host={tmp_path}"

    with pytest.raises(StoreError, match="pg_dump failed") as caught:
        dump_store(away, tmp_path / "dump")

    assert "secret" not in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1
