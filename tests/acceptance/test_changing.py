"""An editor's choices at the command line: sentences, pictures, stories left out; undo, history, hold and hour."""

from __future__ import annotations

import getpass
import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from digest.deliver.sink import Sink
from tests.acceptance.conftest import Project, configuration
from tests.acceptance.pages import OTHER_TEXTS, figure, picture_bytes, story_page

HEADLINES = ("Bridge closed for repairs", "Otter seen in the old canal", "Library opens on Sundays")
WHO = getpass.getuser()
PAPERS = '[[sources]]\nname = "inbox"\nkind = "files"\npaths = ["inbox/*.html"]\n'


@pytest.fixture
def drafted(project: Project, mailbox: Sink) -> Project:
    """Return a project with a manual draft of two stories, a third left out; one has two pictures."""
    inbox = project.folder / "inbox"
    inbox.mkdir()
    for name, color in (("lead.jpg", "teal"), ("ferry.jpg", "navy")):
        (inbox / name).write_bytes(picture_bytes(color))
    pictures = figure("lead.jpg", caption="Linden points at a crack on Thursday.", credit="Orla Tench")
    pictures += figure("ferry.jpg", caption="A ferry leaves the fish market at noon.", credit="Ivo Brandt")
    for number, headline in enumerate(HEADLINES):
        page = story_page(headline, pictures if number == 0 else "", text=OTHER_TEXTS[number])
        (inbox / f"{number}.html").write_text(page.replace('src="/', 'src="'), encoding="utf-8")
    project.configure(
        configuration(
            port=mailbox.port,
            newsletter='approval = "manual"\nmax_stories = 2\ntimezone = "UTC"',
            more=PAPERS,
        )
    )
    project.run("fetch")
    project.run("draft", "daily")
    return project


def record(project: Project, *arguments: str) -> dict[str, Any]:
    """Return what `digest show` prints as JSON."""
    found: dict[str, Any] = json.loads(project.run("show", "latest", "--json", *arguments).stdout)
    return found


def bridge(project: Project) -> dict[str, Any]:
    """Return the item with pictures."""
    items: list[dict[str, Any]] = record(project)["items"]
    return next(item for item in items if item["headline"] == HEADLINES[0])


def revisions(project: Project) -> list[tuple[str, str]]:
    """Return who did what, the newest first."""
    return [(one["who"], one["what"]) for one in record(project, "--revisions")["revisions"]]


def test_sentences_are_listed_with_their_numbers_and_chosen_by_them(drafted: Project) -> None:
    story = bridge(drafted)["id"]
    listed = record(drafted, "--story", story)["sentences"]

    drafted.run("edit", "latest", "--sentences", f"{story}=7,1")

    chosen = bridge(drafted)
    assert [one["text"] for one in listed] == list(OTHER_TEXTS[0])
    assert chosen["text"] == f"{OTHER_TEXTS[0][0]} {OTHER_TEXTS[0][6]}"
    assert (chosen["method"], chosen["edited"]) == ("editor", ["text"])
    shown = drafted.run("show", "latest", "--story", story).stdout.splitlines()
    assert [int(line[1:4]) for line in shown if re.match(r"\*.*(harbour bridge|1931)", line)] == [1, 7]

    drafted.run("draft", "daily")
    assert bridge(drafted)["text"] == chosen["text"]
    drafted.run("edit", "latest", "--sentences", f"{story}=")
    assert bridge(drafted)["edited"] == []


def test_pictures_are_listed_with_their_numbers_and_chosen_by_them(drafted: Project) -> None:
    story = bridge(drafted)["id"]
    pictures = record(drafted, "--story", story)["pictures"]

    drafted.run("edit", "latest", "--picture", f"{story}=2")

    assert [(one["number"], one["is_shown"]) for one in pictures] == [(1, True), (2, False)]
    assert bridge(drafted)["image"]["caption"] == "A ferry leaves the fish market at noon."
    assert bridge(drafted)["image"]["credit"] == "Ivo Brandt"
    drafted.run("render", "latest", "--out", "out")
    assert "A ferry leaves the fish market" in (drafted.folder / "out/email.html").read_text(encoding="utf-8")
    drafted.run("edit", "latest", "--picture", f"{story}=none")
    assert bridge(drafted)["image"] is None


def test_a_story_that_was_left_out_is_put_in_by_its_place_and_out_again_by_undo(drafted: Project) -> None:
    before = record(drafted)
    (left_out,) = before["left_out"]
    assert (
        f"  1.  {left_out['score']:.2f}  {left_out['title']}" in drafted.run("show", "latest", "--why").stdout
    )

    drafted.run("edit", "latest", "--include", "1")
    drafted.run("draft", "daily")
    after = record(drafted)
    drafted.run("edit", "latest", "--undo")

    assert [item["id"] for item in after["items"]] == [
        *(item["id"] for item in before["items"]),
        left_out["id"],
    ]
    assert after["items"][-1]["text"] and after["left_out"] == []
    assert [item["id"] for item in record(drafted)["items"]] == [item["id"] for item in before["items"]]
    assert [one["id"] for one in record(drafted)["left_out"]] == [left_out["id"]]
    drafted.run("edit", "latest", "--redo")
    assert [item["id"] for item in record(drafted)["items"]] == [item["id"] for item in after["items"]]


def test_undo_and_redo_go_step_by_step_and_the_history_says_who_did_what(drafted: Project) -> None:
    drafted.run("edit", "latest", "--drop", "2", "--note", "Good morning.")
    dropped = record(drafted)
    drafted.run("edit", "latest", "--undo")
    drafted.run("edit", "latest", "--undo")
    undone = record(drafted)
    told = drafted.run("edit", "latest", "--undo", expect=1).stderr
    drafted.run("edit", "latest", "--redo")
    drafted.run("edit", "latest", "--redo")

    headline = dropped["dropped"][0]["headline"]
    assert "nothing to undo" in told
    assert (len(undone["items"]), undone["note"]) == (2, "")
    assert record(drafted) | {"revision": 0} == dropped | {"revision": 0}
    assert revisions(drafted) == [
        (WHO, "redid: wrote the note"),
        (WHO, f"redid: dropped '{headline}'"),
        (WHO, f"undid: dropped '{headline}'"),
        (WHO, "undid: wrote the note"),
        (WHO, f"dropped '{headline}'; wrote the note"),
        (WHO, "drafted"),
    ]
    listed = drafted.run("show", "latest", "--revisions").stdout.splitlines()
    assert re.match(rf"   6  \d{{4}}-\d\d-\d\d \d\d:\d\d UTC  {WHO} +redid: wrote the note$", listed[0])


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (["--undo", "--redo"], 2, "stand alone"),
        (["--undo", "--pin", "1"], 2, "stand alone"),
        (["--redo"], 1, "nothing to make again"),
        (["--sentences", "1"], 2, "names no story and choice"),
        (["--sentences", "1=two"], 2, "'two' in '1=two' is no number"),
        (["--sentences", "1=99"], 1, "has no sentence 99"),
        (["--picture", "1=9"], 1, "has no picture 9"),
        (["--include", "2"], 1, "no story '2'"),
    ],
)
def test_what_does_not_fit_changes_nothing(
    drafted: Project, arguments: list[str], code: int, sentence: str
) -> None:
    before = record(drafted)

    assert sentence in drafted.run("edit", "latest", *arguments, expect=code).stderr
    assert record(drafted) == before


def test_a_held_edition_goes_out_once_a_person_approves_it(drafted: Project, mailbox: Sink) -> None:
    drafted.run("approve", "latest")
    assert "changes no more" in drafted.run("edit", "latest", "--drop", "2", expect=1).stderr

    held = drafted.run("approve", "latest", "--hold")
    drafted.run("edit", "latest", "--drop", "2")
    waiting = drafted.run("run", "daily")

    assert "is held: nothing is sent before 'digest approve daily/" in held.stdout
    assert record(drafted)["is_held"] is True
    assert "draft, held, revision" in drafted.run("show", "latest").stdout
    assert waiting.stdout.startswith("waiting: ") and "is held" in waiting.stdout
    assert mailbox.messages == []
    drafted.run("approve", "latest")
    assert record(drafted)["is_held"] is False
    assert "sent to 2 readers" in drafted.run("run", "daily").stdout
    assert "cannot be held" in drafted.run("approve", "latest", "--hold", expect=1).stderr


def test_an_approved_edition_waits_for_its_hour_and_is_sent_at_the_usual_one(
    drafted: Project, mailbox: Sink
) -> None:
    later = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=1)

    approved = drafted.run("approve", "latest", "--at", f"{later:%Y-%m-%dT%H:%M}")
    waiting = drafted.run("run", "daily")

    at = f"{later:%Y-%m-%d %H:%M} (UTC)"
    assert f"is approved, and goes out with the first 'digest run' after {at}" in approved.stdout
    assert waiting.stdout.startswith(f"waiting until {at}")
    assert mailbox.messages == []
    assert datetime.fromisoformat(record(drafted)["send_at"]) == later.replace(second=0)
    drafted.run("approve", "latest", "--at", "usual")
    assert "sent to 2 readers" in drafted.run("run", "daily").stdout
    assert len(mailbox.messages) == 2


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (["--hold", "--at", "18:00"], 2, "do not go together"),
        (["--at", "noon"], 2, "'noon' is no hour"),
        (["--at", "25:10"], 2, "'25:10' is no hour"),
        (["--at", "2020-01-01T06:30"], 1, "has passed"),
    ],
)
def test_an_hour_that_cannot_be_is_refused_and_nothing_is_approved(
    drafted: Project, arguments: list[str], code: int, sentence: str
) -> None:
    assert sentence in drafted.run("approve", "latest", *arguments, expect=code).stderr
    assert record(drafted)["state"] == "draft"


def test_a_story_and_the_history_are_two_lists(drafted: Project) -> None:
    assert "two lists" in drafted.run("show", "latest", "--story", "1", "--revisions", expect=2).stderr
