"""`digest check` looks over an edition, a folder or a page, and with --online asks where its links lead."""

from __future__ import annotations

import json
from pathlib import Path

from tests.acceptance.conftest import Project, Site, configuration


def told(output: str) -> list[tuple[str, str, str]]:
    """Return the rule, severity and place of each finding of `--json`."""
    records = [json.loads(line) for line in output.splitlines()]
    assert all(list(record) == ["rule", "severity", "where", "message"] for record in records)
    return [(record["rule"], record["severity"], record["where"]) for record in records]


def write_page(folder: Path, *addresses: str) -> None:
    links = "".join(f'<a href="{address}">Story {n}</a>' for n, address in enumerate(addresses))
    (folder / "page.html").write_text(f"<!DOCTYPE html><p>{links}</p>", encoding="utf-8")


def test_links_are_asked_about_only_where_that_is_wanted(project: Project, site: Site) -> None:
    project.configure(configuration())
    write_page(project.folder, site.put("/story", "news"), f"{site.url}/gone")

    silent = told(project.run("check", "page.html", "--json", expect=1).stdout)
    assert site.asked == []
    asked = told(project.run("check", "page.html", "--json", "--online", expect=1).stdout)

    assert set(asked) - set(silent) == {("dead-link", "warning", f"{site.url}/gone")}


def test_a_page_is_checked_online_without_a_configuration_but_not_on_this_network(
    project: Project, site: Site
) -> None:
    write_page(project.folder, site.put("/story", "news"))

    found = told(project.run("check", "page.html", "--json", "--online", expect=1).stdout)

    assert [rule for rule, _, where in found if where == f"{site.url}/story"] in (
        ["link-unknown"],
        ["dead-link"],
    )
    assert site.asked == []


def test_a_folder_is_checked_with_its_text_part_and_subject(project: Project) -> None:
    project.configure(configuration())
    project.run("fetch")
    project.run("draft", "daily")
    project.run("render", "latest", "--out", "out")
    sound = told(project.run("check", "out", "--json").stdout)

    (project.folder / "out" / "email.txt").write_text("Unsubscribe: mailto:a@b.example\n", encoding="utf-8")
    (project.folder / "out" / "subject.txt").write_text("\n", encoding="utf-8")
    lacking = {
        (rule, severity) for rule, severity, _ in told(project.run("check", "out", "--json", expect=1).stdout)
    }

    assert [one for one in sound if one[1] == "error"] == []
    assert {("missing-story", "error"), ("subject", "error")} <= lacking
