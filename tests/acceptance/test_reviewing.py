"""An editor's words are checked against the story: told at once and wherever the edition is shown, never refused."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.acceptance.conftest import Project, configuration
from tests.acceptance.pages import TEXT, figure, picture_bytes, story_page
from tests.acceptance.test_email import CHROMIUM, preview
from tests.conftest import needs

CAPTION = "Linden points at a crack on Thursday."
HEADLINE = "Bridge closed for repairs"


@pytest.fixture
def drafted(project: Project) -> Project:
    """Return a project with a manual draft of one story."""
    return draft_story(project)


def draft_story(project: Project, *more: str, headline: str = HEADLINE) -> Project:
    """Draft an edition of one saved page."""
    inbox = project.folder / "inbox"
    inbox.mkdir()
    pictured = figure("bridge.jpg", caption=CAPTION, credit="Orla Tench")
    page = story_page(headline, pictured, text=(*more, *TEXT))
    (inbox / "story.html").write_text(page.replace('src="/', 'src="'), encoding="utf-8")
    (inbox / "bridge.jpg").write_bytes(picture_bytes())
    table = '[[sources]]\nname = "inbox"\nkind = "files"\npaths = ["inbox/*.html"]\n'
    project.configure(configuration(more=table, newsletter='approval = "manual"'))
    project.run("fetch")
    project.run("draft", "daily")
    return project


def shown(project: Project) -> dict[str, Any]:
    """Return the newest edition as JSON."""
    record: dict[str, Any] = json.loads(project.run("show", "latest", "--json").stdout)
    return record


def remarks(project: Project, rule: str) -> list[dict[str, str]]:
    """Return the remarks of a rule on the edition's one item."""
    return [one for one in shown(project)["items"][0]["remarks"] if one["rule"] == rule]


@pytest.mark.parametrize(
    ("option", "text", "wanted"),
    [
        ("--text", "Engineer Boris Vale found 14 cracks.", "Boris Vale”"),
        ("--text", "Linden found 15 cracks in the eastern pier.", "the number “15"),
        ("--text", "Linden found 14 cracks on 9 March.", "the date “9 March”"),
        ("--text", "“Everybody loves a detour,” Linden said.", "the quotation “Everybody loves a detour,”"),
        ("--headline", "Mayor Quill closes the bridge", "Quill”"),
        ("--caption", "Boris Vale points at a crack.", "Boris Vale”"),
    ],
)
def test_what_the_story_does_not_say_is_told_at_once_and_everywhere(
    drafted: Project, option: str, text: str, wanted: str
) -> None:
    done = drafted.run("edit", "latest", "--rewrite", "1", option, text)

    assert any(line.startswith("digest: warning: ") and wanted in line for line in done.stderr.splitlines())
    assert wanted in drafted.run("show", "latest").stdout
    assert any(wanted in one["message"] for one in remarks(drafted, "facts"))
    assert any(
        line.startswith("warning  facts") and wanted in line
        for line in drafted.run("check", "latest").stdout.splitlines()
    )


@pytest.mark.parametrize(
    ("option", "text"),
    [
        ("--text", "Rosa Linden found 14 cracks on 3 November; the repairs cost $2.5 million."),
        ("--text", "“Nobody likes a detour,” said Linden."),
        ("--headline", "The bridge of 1931 stays closed"),
        ("--caption", "Rosa Linden points at a crack on Thursday."),
        ("--credit", "Zoltan Unheard"),
    ],
)
def test_what_the_story_or_its_caption_says_is_no_warning(drafted: Project, option: str, text: str) -> None:
    done = drafted.run("edit", "latest", "--rewrite", "1", option, text)

    assert done.stderr == ""
    assert remarks(drafted, "facts") == []


def test_a_warning_refuses_nothing_and_ends_with_the_words(drafted: Project) -> None:
    drafted.run("edit", "latest", "--rewrite", "1", "--text", "Boris Vale found 14 cracks.")

    assert shown(drafted)["items"][0]["text"] == "Boris Vale found 14 cracks."
    assert "approved" in drafted.run("approve", "latest").stdout
    assert drafted.run("check", "latest").returncode == 0


def test_a_warning_goes_with_a_better_rewrite(drafted: Project) -> None:
    drafted.run("edit", "latest", "--rewrite", "1", "--text", "Boris Vale found 14 cracks.")

    done = drafted.run("edit", "latest", "--rewrite", "1", "--text", "Rosa Linden found 14 cracks.")

    assert done.stderr == ""
    assert remarks(drafted, "facts") == []


def test_only_what_was_just_written_is_told_again(drafted: Project) -> None:
    drafted.run("edit", "latest", "--rewrite", "1", "--text", "Boris Vale found 14 cracks.")

    done = drafted.run("edit", "latest", "--pin", "1")

    assert done.stderr == ""
    assert "Boris Vale" in drafted.run("show", "latest").stdout


@pytest.mark.parametrize("option", ["--subject", "--preheader"])
def test_a_subject_and_a_preheader_are_checked_against_all_stories(drafted: Project, option: str) -> None:
    wrong = drafted.run("edit", "latest", option, "The bridge that Boris Vale closed in 1802")
    told = shown(drafted)["remarks"]
    right = drafted.run("edit", "latest", option, "The bridge of 1931 that Rosa Linden closed")

    assert "Boris Vale" in wrong.stderr and "1802" in wrong.stderr
    assert {one["field"] for one in told} == {option.removeprefix("--")}
    assert right.stderr == ""
    assert shown(drafted)["remarks"] == []


@pytest.mark.parametrize(("option", "most"), [("--subject", 50), ("--preheader", 90)])
def test_a_line_that_is_too_long_is_told_once_and_kept_as_written(
    drafted: Project, option: str, most: int
) -> None:
    text = "The bridge of 1931 that Rosa Linden closed " * 2 + "is still there"

    done = drafted.run("edit", "latest", option, text)
    findings = drafted.run("check", "latest", expect=None).stdout

    assert f"{len(text)} characters; mailboxes show about {most}" in done.stderr
    assert shown(drafted)[option.removeprefix("--")] == text
    assert findings.count(f"has {len(text)} characters") == 1


def test_an_automatic_subject_is_not_questioned(drafted: Project) -> None:
    assert shown(drafted)["remarks"] == []


def test_a_warning_outlives_a_new_draft(drafted: Project) -> None:
    drafted.run("edit", "latest", "--rewrite", "1", "--headline", "Quill closes the bridge of 1802")

    done = drafted.run("draft", "daily")

    assert "1802" in done.stdout


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("The engineer Rosa Linden was killed on the eastern pier.", "tells of a death"),
        ("Pupil Tessa Farrow, 12, found 14 cracks.", "Tessa Farrow” may be under age"),
        ("The contractor stole the repair money.", "hedges"),
    ],
)
def test_what_is_sensitive_is_marked_at_once(project: Project, text: str, wanted: str) -> None:
    draft_story(project, "Police say the contractor allegedly stole the repair money in spring.")

    done = project.run("edit", "latest", "--rewrite", "1", "--text", text)

    assert wanted in done.stderr
    assert any(wanted in one["message"] for one in remarks(project, "sensitive"))
    assert any(
        line.startswith("warning  sensitive") and wanted in line
        for line in project.run("check", "latest").stdout.splitlines()
    )


def test_a_drafts_own_blurb_that_tells_of_a_death_is_marked(project: Project) -> None:
    death = "Two workers died on Monday when a scaffold at the harbour bridge fell into the water."
    draft_story(project, death, headline="Scaffold falls from harbour bridge")

    told = [line.strip() for line in project.run("draft", "daily").stdout.splitlines()]

    assert "!  It tells of a death. Check its tone, its picture and its neighbours." in told


def test_the_desk_shows_a_warning_beside_its_item(drafted: Project) -> None:
    needs("chromium", CHROMIUM)
    from playwright.sync_api import sync_playwright

    drafted.run(
        "edit",
        "latest",
        "--rewrite",
        "1",
        "--headline",
        "Quill & Vale close the bridge",
        "--subject",
        "Vale acts",
    )
    with preview(drafted) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-background-networking"]
        )
        page = browser.new_page()
        page.goto(address)
        headline = page.locator("#headline").input_value()
        beside = page.locator("[data-region=known] .found").first.inner_text()
        subject = page.locator("#subject-found").inner_text()
        picture = [page.locator(field).input_value() for field in ("#caption", "#credit")]
        browser.close()

    assert headline == "Quill & Vale close the bridge"
    assert "Quill & Vale”, which the headline says" in beside
    assert "Vale" in subject
    assert picture == [CAPTION, "Orla Tench"]
