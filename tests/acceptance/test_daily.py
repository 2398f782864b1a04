"""The whole job once a day: run it twice, quiet days, manual approval, edits, the daemon."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from datetime import UTC, datetime

import pytest

from digest.deliver.sink import Sink
from tests.acceptance.conftest import COMMAND, Project, Site, clean_environment, configuration, parsed


def test_the_second_run_sends_nothing_and_says_so(project: Project, mailbox: Sink) -> None:
    project.configure(configuration(port=mailbox.port))

    first = project.run("run", "daily")
    second = project.run("run", "daily")

    assert "sent to 2 readers" in first.stdout
    assert "nothing was sent" in second.stdout
    assert sorted(to for to, _ in mailbox.messages) == ["ada@example.org", "grace@example.org"]


def test_the_next_day_has_no_story_twice(project: Project, mailbox: Sink) -> None:
    project.configure(configuration(port=mailbox.port))
    project.run("run", "daily", "--date", "2026-11-24")

    next_day = project.run("run", "daily", "--date", "2026-11-25")

    assert next_day.stdout.startswith("quiet")
    assert len(mailbox.messages) == 2


def test_one_dead_source_does_not_stop_the_edition(project: Project, site: Site, mailbox: Sink) -> None:
    dead = f'[[sources]]\nname = "dead"\nkind = "feed"\nurl = "{site.url}/gone"\n'
    samples = '[[sources]]\nname = "samples"\nkind = "files"\npaths = ["sample:*.html"]\n'
    project.configure(configuration(port=mailbox.port, more=dead + samples))

    done = project.run("run", "daily", expect=3)

    assert "404" in done.stderr
    assert len(mailbox.messages) == 2


def test_a_quiet_day_makes_no_edition(project: Project, mailbox: Sink) -> None:
    project.configure(configuration(port=mailbox.port, newsletter="min_stories = 50"))

    drafted = project.run("draft", "daily")
    ran = project.run("run", "daily")

    assert drafted.stdout.startswith("quiet")
    assert ran.stdout.startswith("quiet")
    assert mailbox.messages == []
    project.run("show", "latest", expect=2)


def test_a_manual_newsletter_waits_for_its_editor(project: Project, mailbox: Sink) -> None:
    manual = 'approval = "manual"\neditor = "editor@example.org"'
    project.configure(configuration(port=mailbox.port, newsletter=manual))

    waiting = project.run("run", "daily")
    told = [parsed(content)["Subject"] for to, content in mailbox.messages if to == "editor@example.org"]
    refused = project.run("send", "latest", expect=1)
    status = json.loads(project.run("status", "--json").stdout)
    project.run("approve", "latest")
    project.run("approve", "latest")
    sent = project.run("run", "daily")

    assert waiting.stdout.startswith("waiting")
    assert len(told) == 1
    assert "digest approve" in refused.stderr
    assert len(status["waiting"]) == 1
    assert "sent to 2 readers" in sent.stdout
    assert len(mailbox.messages) == 3


def test_edits_survive_drafting_again(project: Project) -> None:
    project.configure(configuration(newsletter='approval = "manual"'))
    project.run("fetch")
    items = json.loads(project.run("draft", "daily", "--json").stdout)["items"]
    last, second, third = items[-1], items[1], items[2]

    project.run("edit", "latest", "--pin", last["id"][:10], "--drop", second["id"], "--subject", "Ferry back")
    project.run("edit", "latest", "--rewrite", third["id"], "--headline", "A <b>new</b> headline & more")
    project.run("edit", "latest", "--move", last["id"], "--section", items[0]["section"], "--position", "1")
    again = json.loads(project.run("draft", "daily", "--json").stdout)

    assert again["subject"] == "Ferry back"
    assert again["items"][0]["id"] == last["id"]
    assert again["items"][0]["is_pinned"] is True
    assert second["id"] not in [item["id"] for item in again["items"]]
    headlines = {item["id"]: item["headline"] for item in again["items"]}
    assert headlines[third["id"]] == "A <b>new</b> headline & more"
    project.run("edit", "latest", "--restore", second["id"])
    restored = json.loads(project.run("show", "latest", "--json").stdout)
    assert second["id"] in [item["id"] for item in restored["items"]]


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (["--pin", "99"], 1, "99"),
        (["--move", "1"], 2, "--move needs"),
        (["--headline", "x"], 2, "--rewrite STORY goes with"),
        ([], 2, "Nothing to change"),
        (["--rewrite", "1", "--headline", "  "], 1, "headline"),
    ],
)
def test_an_edit_that_does_not_fit_changes_nothing(
    project: Project, arguments: list[str], code: int, sentence: str
) -> None:
    project.configure(configuration(newsletter='approval = "manual"'))
    project.run("fetch")
    before = project.run("draft", "daily", "--json").stdout

    assert sentence in project.run("edit", "latest", *arguments, expect=code).stderr
    assert project.run("show", "latest", "--json").stdout == before


def test_an_approved_edition_stays_as_it_is(project: Project) -> None:
    project.configure(configuration())
    project.run("fetch")
    project.run("draft", "daily")

    assert "approved" in project.run("draft", "daily", expect=1).stderr
    assert "approved" in project.run("edit", "latest", "--pin", "1", expect=1).stderr


def test_every_choice_has_its_reasons(project: Project) -> None:
    project.configure(configuration(newsletter="max_stories = 5"))
    project.run("fetch")

    drafted = json.loads(project.run("draft", "daily", "--json").stdout)

    assert len(drafted["items"]) == 5
    for item in drafted["items"]:
        assert item["reasons"]
        assert sum(reason["value"] for reason in item["reasons"]) == pytest.approx(item["score"], abs=0.01)
    assert drafted["left_out"]
    assert all(one["why"] for one in drafted["left_out"])
    assert "Left out" in project.run("show", "latest", "--why").stdout


def test_one_event_told_by_two_outlets_is_one_item(project: Project) -> None:
    project.configure(configuration())
    project.run("fetch")

    items = json.loads(project.run("draft", "daily", "--json").stdout)["items"]

    (ferry,) = [item for item in items if "Marigold" in item["text"] or "ferry" in item["headline"].lower()]
    assert len(ferry["also_in"]) == 1
    assert {ferry["site"], ferry["also_in"][0]["site"]} == {"The Ellan Courier", "Saltmarsh Dispatch"}


def test_the_daemon_runs_what_is_due_and_stops_when_told(project: Project, mailbox: Sink) -> None:
    hour = datetime.now(UTC).strftime("%H:%M")
    project.configure(configuration(port=mailbox.port, newsletter=f'send_at = "{hour}"\ntimezone = "UTC"'))
    daemon = subprocess.Popen(
        [str(COMMAND), "schedule"],
        cwd=project.folder,
        stderr=subprocess.PIPE,
        env=clean_environment(),
        text=True,
    )
    try:
        deadline = time.monotonic() + 60
        while len(mailbox.messages) < 2 and time.monotonic() < deadline:
            os.sched_yield()
        daemon.send_signal(signal.SIGTERM)
        daemon.communicate(timeout=60)
    finally:
        daemon.kill()

    assert daemon.returncode == 0
    assert sorted(to for to, _ in mailbox.messages) == ["ada@example.org", "grace@example.org"]
    status = json.loads(project.run("status", "--json").stdout)
    assert status["last_runs"][0]["state"] == "done"
