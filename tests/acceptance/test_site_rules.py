"""Correct the reading of one site's pages, and notice when its layout changes: the installed command, real HTTP."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.acceptance.conftest import Project, Site, configuration
from tests.extract.test_site_rules import CLOSING, CROWD, LETTER, OPENING, PAGE

TEACH = (
    "--teach", "title=Harbor reopens",
    "--teach", "first=The harbor of Port Ellan",
    "--teach", "last=divers inspect its foundations.",
    "--teach", "caption=Boats at dawn.",
    "--teach", "credit=Ida Marsh",
    "--teach", "author=Rosalind Thatch",
    "--teach", "date=24 November 2026",
    "--teach", "drop=Our morning letter brings",
)  # fmt: skip
RULE = "config/sites/127.0.0.1.toml"


@pytest.fixture
def address(project: Project, site: Site) -> str:
    """Configure the project, and return the address of a page whose headline and text are read wrongly."""
    project.configure(configuration())
    return site.put("/harbor.html", PAGE)


def story(project: Project, *arguments: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(project.run("read", "--json", *arguments).stdout)
    return found


def test_a_correction_becomes_a_rule_that_every_reading_uses(
    project: Project, site: Site, address: str
) -> None:
    other = site.put("/council.html", PAGE.replace("Harbor reopens", "Council votes"))
    before = story(project, address)

    taught = project.run("read", address, *TEACH)

    assert before["title"] != "Harbor reopens"
    assert LETTER in before["text"]
    assert taught.stdout == (project.folder / RULE).read_text(encoding="utf-8")
    assert RULE in taught.stderr
    after = story(project, address)
    assert after["title"] == "Harbor reopens"
    assert after["text"].split("\n\n") == [OPENING, CROWD, CLOSING]
    assert after["authors"] == ["Rosalind Thatch"]
    assert after["published_at"].startswith("2026-11-24")
    assert (after["lead_image"]["caption"], after["lead_image"]["credit"]) == ("Boats at dawn.", "Ida Marsh")
    assert story(project, other)["title"] == "Council votes"
    condensed = json.loads(project.run("summarize", "--json", address).stdout)
    assert condensed["title"] == "Harbor reopens"


def test_fetch_reads_by_the_rules_and_refuses_broken_ones(project: Project, address: str) -> None:
    project.run("read", address, "--teach", "title=Harbor reopens")
    project.configure(
        configuration(
            more=f"""
            [[sources]]
            name = "courier"
            kind = "pages"
            urls = ["{address}"]
            """,
        )
    )
    written = (project.folder / RULE).read_text(encoding="utf-8")
    (project.folder / RULE).write_text('title = "h1 >"\nbdy = "p"\n', encoding="utf-8")
    for command in (("fetch",), ("read", address), ("run", "daily"), ("schedule",)):
        told = project.run(*command, expect=2).stderr
        assert f"{RULE}: title: 'h1 >' is not a CSS selector" in told, command
        assert f"{RULE}: bdy: there is no such key" in told, command
    assert "site rules" in project.run("doctor", expect=1).stdout

    (project.folder / RULE).write_text(written, encoding="utf-8")
    project.run("fetch")

    assert "Harbor reopens" in project.run("draft", "daily", "--json").stdout


def test_a_saved_page_is_taught_and_checked_without_a_network(project: Project) -> None:
    project.configure(configuration())
    saved = PAGE.replace("<title>", '<link rel="canonical" href="https://www.courier.example/harbor"><title>')
    (project.folder / "page.html").write_text(saved, encoding="utf-8")

    told = json.loads(project.run("read", "page.html", "--json", "--teach", "title=Harbor reopens").stdout)

    assert told == {
        "file": "config/sites/courier.example.toml",
        "site": "courier.example",
        "changed": {"title": ["h2.headline"]},
        "found": {"title": 1},
    }
    assert story(project, "page.html")["title"] == "Harbor reopens"
    assert project.run("read", "--check-sites", "page.html").stdout.startswith("fine")


def test_teaching_again_keeps_comments_and_the_other_fields(project: Project, address: str) -> None:
    (project.folder / "config/sites").mkdir()
    kept = '# By hand.\ntitle = "h1"   # wrong\ncredit = ".owner"\n'
    (project.folder / RULE).write_text(kept, encoding="utf-8")

    project.run("read", address, "--teach", "title=Harbor reopens")

    text = (project.folder / RULE).read_text(encoding="utf-8")
    assert text.startswith('# By hand.\ntitle = "h2.headline"   # wrong\ncredit = ".owner"\n')
    assert sorted(path.name for path in (project.folder / "config/sites").iterdir()) == ["127.0.0.1.toml"]


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (["--teach", "title=No such words at all"], 2, "title: the page does not hold the words"),
        (["--teach", "title"], 2, "--teach takes FIELD=WORDS"),
        (["--teach", "headline=Harbor reopens"], 2, "--teach takes FIELD=WORDS"),
        (["--teach", "title= "], 2, "has no words"),
        (["--teach", "title=a", "--teach", "title=b"], 2, "given twice"),
        (["--teach", "title=a", "--explain"], 2, "one at a time"),
        (["--teach", "title=The harbor of Port Ellan"], 1, "title: no element holds just these words"),
    ],
)
def test_what_cannot_be_taught_is_one_sentence_and_writes_nothing(
    project: Project, address: str, arguments: list[str], code: int, sentence: str
) -> None:
    told = project.run("read", address, *arguments, expect=code)

    assert sentence in told.stderr
    assert len(told.stderr.splitlines()) == 1
    assert told.stdout == ""
    assert not (project.folder / "config/sites").exists()


def test_teaching_needs_one_page_and_a_configuration(project: Project, site: Site) -> None:
    page = site.put("/harbor.html", PAGE)
    teach = ("--teach", "title=Harbor reopens", "--allow-private")

    assert "There is no config/digest.toml here" in project.run("read", page, *teach, expect=2).stderr
    project.configure(configuration())
    assert "Name one file or address" in project.run("read", page, page, *teach, expect=2).stderr
    assert "answered 404" in project.run("read", site.url + "/gone", *teach, expect=1).stderr


def test_a_changed_layout_is_noticed(project: Project, site: Site, address: str) -> None:
    project.run("read", address, *TEACH)
    fine = project.run("read", "--check-sites")
    site.put("/harbor.html", PAGE.replace('class="headline"', 'class="head"').replace('class="letter"', ""))

    broken = project.run("read", "--check-sites", "--json", expect=1)
    told = project.run("read", "--check-sites", expect=1).stdout

    assert fine.stdout.startswith(f"fine      {RULE}: title 1, body 1")
    (check,) = [json.loads(line) for line in broken.stdout.splitlines()]
    assert (check["state"], check["site"], check["page"]) == ("broken", "127.0.0.1", address)
    assert [field["name"] for field in check["fields"] if field["broken"]] == ["title", "drop"]
    assert "title “h2.headline” matches nothing any more (1 when it was taught)" in told
    assert LETTER in story(project, address)["text"]


def test_what_cannot_be_checked_is_told(project: Project, site: Site, address: str) -> None:
    assert "There is no rule in config/sites" in project.run("read", "--check-sites").stderr
    project.run("read", address, "--teach", "title=Harbor reopens")
    (project.folder / "config/sites/hand.example.toml").write_text('title = "h1"\n', encoding="utf-8")
    del site.pages["/harbor.html"]

    told = project.run("read", "--check-sites", expect=3).stdout.splitlines()

    assert len(told) == 2
    assert all(line.startswith("unchecked ") for line in told)
    assert "404" in told[0]
    assert "no page is remembered" in told[1]
    bare = project.run(
        "read", "--check-sites", site.put("/bare.html", "<p>Nothing here.</p>"), expect=1
    ).stdout
    assert bare.startswith("broken")
    (project.folder / "page.html").write_text(PAGE, encoding="utf-8")
    assert "no rule is for its address" in project.run("read", "--check-sites", "page.html", expect=3).stdout
