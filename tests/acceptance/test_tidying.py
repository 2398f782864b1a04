"""`digest tidy` on a real project: what an edition shows and choosing compares with stays, the rest goes."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from digest.process import process_name
from tests.acceptance.conftest import Project, configuration


@pytest.fixture
def aged(project: Project) -> Project:
    """Return a project with a drafted edition, all of it read a year and a half ago."""
    project.configure(configuration(newsletter="max_stories = 3"))
    project.run("fetch")
    project.run("draft", "daily")
    project.run("render", "latest", "--out", "before")
    with store_of(project) as connection:
        connection.execute("UPDATE stories SET seen_at = '2025-05-01 00:00:00', is_hand_picked = 0")
        connection.execute("UPDATE stories SET published_at = '2025-05-01 00:00:00'")
        connection.execute("UPDATE pictures SET made_at = '2025-05-01 00:00:00'")
        connection.execute(
            "INSERT INTO pictures (key, made_at, name, content) "
            "VALUES ('unneeded', '2025-05-01 00:00:00', 'f.png', zeroblob(9000000))"
        )
    return project


def store_of(project: Project) -> closing[sqlite3.Connection]:
    return closing(sqlite3.connect(project.folder / "var/digest.db", isolation_level=None))


def count(project: Project, table: str) -> int:
    with store_of(project) as connection:
        return int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])


def test_a_drafted_edition_is_rendered_as_before_once_all_else_is_gone(aged: Project) -> None:
    size = (aged.folder / "var/digest.db").stat().st_size
    had = count(aged, "stories")
    would = json.loads(aged.run("tidy", "--dry-run", "--json").stdout)
    assert (count(aged, "stories"), would["dry_run"], would["space"]) == (had, True, "")

    said = aged.run("tidy").stdout

    removed = would["removed"]["stories"]
    assert f"Removed: {removed} stories, 1 pictures" in said
    assert 0 < removed == had - count(aged, "stories")
    assert (aged.folder / "var/digest.db").stat().st_size < size - 8_000_000
    for original in Path(aged.folder, "before/pictures").iterdir():
        with store_of(aged) as connection:
            kept = connection.execute("SELECT 1 FROM pictures WHERE name = ?", (original.name,)).fetchone()
        assert kept, original.name
    aged.run("render", "latest", "--out", "after")
    assert (aged.folder / "after/email.html").read_bytes() == (aged.folder / "before/email.html").read_bytes()
    assert aged.run("tidy").stdout == "There is nothing to remove.\n"


def test_for_ever_and_a_send_under_way_are_respected(aged: Project) -> None:
    aged.run("subscribers", "add", "ada@example.org", "--newsletter", "daily")
    with store_of(aged) as connection:
        connection.execute(
            "INSERT INTO deliveries SELECT 'daily', '2026-11-24', id, 'leased', '<1@x>', 1, 0, 0, ?, "
            "'2099-01-01 00:00:00', NULL, '2026-11-24 00:00:00', '' FROM subscribers",
            (process_name(),),
        )
    size = (aged.folder / "var/digest.db").stat().st_size
    text = (aged.folder / "config/digest.toml").read_text(encoding="utf-8")
    aged.configure(text + "[keep]\nstories_days = 0\n")

    said = aged.run("tidy").stdout

    assert said.startswith("Removed: 1 pictures.")
    assert "they stay so while daily/2026-11-24 is at work" in said
    assert (aged.folder / "var/digest.db").stat().st_size >= size


def test_a_retention_that_makes_no_sense_is_told(project: Project) -> None:
    project.configure(configuration() + "[keep]\nstories_days = -1\n")

    assert "keep.stories_days" in project.run("tidy", expect=2).stderr
