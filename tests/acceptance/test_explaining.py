"""`digest read --explain` tells of each line of a text dump what it was taken for, and why."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path

from digest.cli.explaining import aligned_rows
from digest.pipeline.explaining import ExplainedDump, ExplainedLine
from tests.acceptance.conftest import Project, Site, clean_environment, show_on_terminal

BODY = (
    "The ferry left the pier at noon with the band on board, and the mayor waved for a while from the quay.",
    "It came back at six with one passenger more than it had taken, which nobody has been able to explain.",
    "“I counted them myself, twice,” said Odo Marsh, who has sold the tickets at Wick Pier since 1998.",
)
DUMP = "\n\n".join(
    (
        "Home",
        "Ferry comes back with one more",
        "By Ida Crane",
        *BODY,
        "© 2026 Wick Mail. All rights reserved.",
    )
)


def test_each_line_is_shown_with_its_number_role_and_rule(project: Project) -> None:
    (project.folder / "ferry.txt").write_text(DUMP, encoding="utf-8")

    rows = project.run("read", "--explain", "ferry.txt").stdout.splitlines()

    assert [row.split()[:2] for row in rows] == [
        ["1", "share"],
        ["3", "headline"],
        ["5", "byline"],
        ["7", "body"],
        ["9", "body"],
        ["11", "body"],
        ["13", "legal"],
    ]
    assert rows[2].split("  ")[-1] == "By Ida Crane"
    assert "starts as a byline does" in rows[2]
    assert rows[4].endswith(BODY[1]), "piped, a text is whole"
    assert len({row.index(text) for row, text in zip(rows[3:6], BODY, strict=True)}) == 1


def test_json_gives_an_object_a_line(project: Project) -> None:
    (project.folder / "ferry.txt").write_text(DUMP, encoding="utf-8")

    records = [
        json.loads(row) for row in project.run("read", "--explain", "--json", "ferry.txt").stdout.splitlines()
    ]

    assert records[2] == {
        "source": "ferry.txt",
        "line": 5,
        "role": "byline",
        "rule": "starts as a byline does",
        "text": "By Ida Crane",
    }


def test_bytes_and_misread_text_are_explained_as_they_are_read(project: Project) -> None:
    (project.folder / "windows.txt").write_bytes(DUMP.replace("\n", "\r\n").encode("cp1252"))
    (project.folder / "misread.txt.gz").write_bytes(
        gzip.compress(DUMP.encode().decode("cp1252", "replace").replace("â€\ufffd", "â€\x9d").encode())
    )

    windows = project.run("read", "--explain", "--json", "windows.txt").stdout
    misread = project.run("read", "--explain", "--json", "misread.txt.gz").stdout

    for output in (windows, misread):
        assert [json.loads(row)["text"] for row in output.splitlines()] == DUMP.split("\n\n")


def test_several_dumps_are_named_and_a_missing_one_costs_only_itself(project: Project) -> None:
    for name in ("a.txt", "b.txt"):
        (project.folder / name).write_text(DUMP, encoding="utf-8")

    done = project.run("read", "--explain", "a.txt", "gone.txt", "b.txt", expect=3)

    rows = done.stdout.splitlines()
    assert (rows[0], rows[9]) == ("a.txt", "b.txt")
    assert "There is no file gone.txt" in done.stderr


def test_a_dump_behind_an_address_is_explained(project: Project, site: Site) -> None:
    address = site.put("/ferry.txt", DUMP, "text/plain; charset=utf-8")

    done = project.run("read", "--explain", "--allow-private", address)

    assert len(done.stdout.splitlines()) == len(DUMP.split("\n\n"))


def test_a_page_is_refused_with_what_to_do(project: Project) -> None:
    (project.folder / "page.html").write_text("<html><body><p>Text.</p></body></html>", encoding="utf-8")

    done = project.run("read", "--explain", "page.html", expect=3)

    assert done.stdout == ""
    assert "page.html is a page (HTML)" in done.stderr
    assert "--json" in done.stderr


def test_a_page_in_a_folder_of_dumps_costs_only_itself(project: Project) -> None:
    for name, text in (("a.html", "<html><body><p>Text.</p></body></html>"), ("b.txt", DUMP)):
        project.folder.joinpath("inbox").mkdir(exist_ok=True)
        project.folder.joinpath("inbox", name).write_text(text, encoding="utf-8")

    done = project.run("read", "--explain", "--json", "inbox", expect=3)

    records = [json.loads(row) for row in done.stdout.splitlines()]
    assert [record["source"] for record in records] == ["inbox/a.html"] + ["inbox/b.txt"] * 7
    assert "is a page (HTML)" in records[0]["error"]


def test_a_dump_without_a_story_is_explained_too(project: Project) -> None:
    (project.folder / "menu.txt").write_text("Menu\nNews\nSport\n", encoding="utf-8")

    assert len(project.run("read", "--explain", "menu.txt").stdout.splitlines()) == 3


def test_on_a_terminal_texts_are_cut_to_its_width_and_roles_are_coloured(project: Project) -> None:
    (project.folder / "ferry.txt").write_text(DUMP, encoding="utf-8")

    coloured = on_terminal(project.folder)
    plain = re.sub(r"\x1b\[[\d;]*m", "", coloured)

    rows = [row.rstrip() for row in plain.splitlines()]
    assert max(map(len, rows)) <= 100
    assert any(row.lstrip().startswith("7  body") and row.endswith("…") for row in rows)
    assert "\x1b[32mbody" in coloured
    assert "The ferry left" in plain


def test_what_would_steer_a_terminal_is_left_out() -> None:
    line = ExplainedLine(number=1, role="chrome", rule="none", text="a\x9b31mb\x1b[0mc\u2066d\u202e")

    (row,) = aligned_rows(ExplainedDump(source="x.txt", lines=(line,)))

    assert row == "1  chrome  none  a31mb[0mcd"


def on_terminal(folder: Path, **environment: str) -> str:
    """Explain ferry.txt in a terminal 100 columns wide; return what it showed."""
    settings = {"TERM": "xterm-256color", "COLUMNS": "100", "LINES": "40"}
    shown, _ = show_on_terminal(
        ["read", "--explain", "ferry.txt"],
        folder=folder,
        environment=clean_environment() | settings | environment,
        stream="stdout",
    )
    return shown
