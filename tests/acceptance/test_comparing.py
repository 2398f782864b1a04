"""`digest diff` compares editions, their revisions and rendered folders; the same input renders to the same bytes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.acceptance.conftest import Project, configuration

SAME = ("email.html", "email.txt", "email.mjml", "subject.txt", "stories.json")


@pytest.fixture
def drafted(project: Project) -> Project:
    """Return a project with a drafted edition of the sample stories, rendered into `before`."""
    project.configure(configuration(newsletter='approval = "manual"'))
    project.run("fetch")
    project.run("draft", "daily")
    project.run("render", "latest", "--out", "before")
    return project


def test_changes_are_told_story_by_story_between_revisions_and_between_folders(drafted: Project) -> None:
    items = json.loads(drafted.run("show", "latest", "--json").stdout)["items"]
    drafted.run(
        "edit", "latest", "--rewrite", "1", "--headline", "Something new", "--drop", "2", "--note", "Hello."
    )
    drafted.run("render", "latest", "--out", "after")

    revisions = drafted.run("diff", "latest@1", "latest").stdout
    folders = drafted.run("diff", "before", "after").stdout
    records = [
        json.loads(line) for line in drafted.run("diff", "before", "after", "--json").stdout.splitlines()
    ]

    assert revisions
    assert folders.startswith(revisions)
    assert "~ note: {+Hello.+}" in revisions.splitlines()
    assert f"~ 1. Something new  ({items[0]['id'][:8]})" in revisions
    assert f"- 2. {items[1]['headline']}  ({items[1]['id'][:8]})" in revisions
    assert "~ email.html" in folders
    assert [one["change"] for one in records if one["story"] == items[1]["id"]] == ["removed"]
    (rewritten,) = [one for one in records if one["story"] == items[0]["id"]]
    (headline,) = [one for one in rewritten["fields"] if one["field"] == "headline"]
    assert (headline["before"], headline["after"]) == (items[0]["headline"], "Something new")


def test_a_changed_layout_is_told_as_other_files_with_the_same_stories(drafted: Project) -> None:
    drafted.run("init", "--templates")
    parts = drafted.folder / "templates/daily/parts.mjml.j2"
    parts.write_text(parts.read_text(encoding="utf-8").replace("<h1", "<h1 id='top'", 1), encoding="utf-8")
    drafted.run("render", "latest", "--out", "after")

    assert drafted.run("diff", "before", "after").stdout.splitlines() == ["~ email.html", "~ email.mjml"]


def test_what_is_the_same_is_said_to_be(drafted: Project) -> None:
    done = drafted.run("diff", "latest", "before")

    assert (done.stdout, done.stderr) == ("", "They are the same.\n")


def test_what_cannot_be_compared_is_wrong_usage(drafted: Project) -> None:
    for target, said in (
        ("latest@99", "has no revision 99; its newest is 1"),
        ("latest@x", "names no revision"),
        ("nowhere", "names no edition"),
        (".", "has no stories.json"),
    ):
        assert said in drafted.run("diff", "latest", target, expect=2).stderr


def test_two_processes_in_two_places_render_the_same_bytes(drafted: Project, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    config = str(drafted.folder / "config/digest.toml")

    for seed, folder in (("1", drafted.folder), ("4242", elsewhere)):
        out = str(tmp_path / seed)
        Project(folder).run("render", "latest", "--out", out, "--config", config, PYTHONHASHSEED=seed)

    for name in SAME:
        assert (tmp_path / "1" / name).read_bytes() == (tmp_path / "4242" / name).read_bytes(), name
    assert sorted(one.name for one in (tmp_path / "1/pictures").iterdir()) == sorted(
        one.name for one in (tmp_path / "4242/pictures").iterdir()
    )
