"""The whole job once a day: run it twice, quiet days, manual approval, edits, the daemon."""

from __future__ import annotations

import io
import json
import signal
import subprocess
from datetime import UTC, datetime

import pytest
from PIL import Image

from digest.assets import sample_folder
from digest.deliver.sink import Sink
from tests.acceptance.conftest import (
    COMMAND,
    Project,
    Site,
    clean_environment,
    configuration,
    parsed,
    show_on_terminal,
    wait_for,
)
from tests.deliver.servers import good_server


def test_the_second_run_sends_nothing_and_says_so(project: Project, mailbox: Sink) -> None:
    project.configure(configuration(port=mailbox.port))

    first = project.run("run", "daily")
    second = project.run("run", "daily")

    assert "sent to 2 readers" in first.stdout
    assert "nothing was sent" in second.stdout
    assert first.stderr == second.stderr == ""
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
        wait_for(lambda: len(mailbox.messages) == 2)
        daemon.send_signal(signal.SIGTERM)
        daemon.communicate(timeout=60)
    finally:
        daemon.kill()

    assert daemon.returncode == 0
    assert sorted(to for to, _ in mailbox.messages) == ["ada@example.org", "grace@example.org"]
    status = json.loads(project.run("status", "--json").stdout)
    assert status["last_runs"][0]["state"] == "done"


def test_the_daemons_log_names_no_reader(project: Project) -> None:
    hour = datetime.now(UTC).strftime("%H:%M")
    with good_server() as bag:
        bag.refusals = {"ada@example.org": "554 5.7.1 <ada@example.org>: not today"}
        project.configure(configuration(port=bag.port, newsletter=f'send_at = "{hour}"\ntimezone = "UTC"'))
        daemon = subprocess.Popen(
            [str(COMMAND), "schedule"],
            cwd=project.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=clean_environment(),
            text=True,
        )
        try:
            wait_for(lambda: bag.messages)
            daemon.send_signal(signal.SIGTERM)
            logged, _ = daemon.communicate(timeout=60)
        finally:
            daemon.kill()

    assert "554 5.7.1 <(an address)>: not today" in logged
    assert "@" not in logged


def page_with_picture(site: Site) -> str:
    """Serve a story with a picture; return its address."""
    picture = io.BytesIO()
    Image.linear_gradient("L").resize((1600, 1000)).convert("RGB").save(picture, "JPEG")
    site.put("/quay.jpg", picture.getvalue(), "image/jpeg")
    text = "".join(
        f"<p>Crews finished part {n} of the eastern quay on Monday, the harbor office said.</p>"
        for n in range(9)
    )
    return site.put(
        "/story.html",
        f"""<html lang="en"><head><title>Quay reopens</title></head><body><article><h1>Quay reopens after repairs</h1>
        <figure><img src="/quay.jpg" width="1600" height="1000" alt="A quay"><figcaption>The eastern quay on Monday.
        Photo: Mira Oswin</figcaption></figure>{text}</article></body></html>""",
    )


def test_a_picture_on_the_web_reaches_the_email(project: Project, site: Site, mailbox: Sink) -> None:
    pages = f'[[sources]]\nname = "quay"\nkind = "pages"\nurls = ["{page_with_picture(site)}"]\n'
    project.configure(configuration(port=mailbox.port, more=pages))

    project.run("run", "daily")

    message = parsed(mailbox.messages[0][1])
    pictures = [part for part in message.walk() if part.get_content_type() == "image/jpeg"]
    assert len(pictures) == 1
    html = message.get_body(("html",))
    assert html is not None
    assert "The eastern quay on Monday." in html.get_content()
    assert "Mira Oswin" in html.get_content()


def test_a_day_on_which_nothing_could_be_read_is_not_over(
    project: Project, site: Site, mailbox: Sink
) -> None:
    pages = f'[[sources]]\nname = "quay"\nkind = "pages"\nurls = ["{page_with_picture(site)}"]\n'
    allowed = configuration(port=mailbox.port, more=pages, newsletter='editor = "editor@example.org"')
    project.configure(allowed.replace('allow_private = ["127.0.0.0/8"]', ""))

    failed = project.run("run", "daily", expect=3)
    project.run("run", "daily", expect=3)
    state = json.loads(project.run("status", "--json").stdout)["last_runs"][0]["state"]
    project.configure(allowed)
    sent = project.run("run", "daily")

    assert "no source could be read" in failed.stdout
    assert state == "failed"
    assert "sent to 2 readers" in sent.stdout
    assert [to for to, _ in mailbox.messages].count("editor@example.org") == 1


def test_a_quiet_day_can_be_run_again_when_there_is_news(project: Project, mailbox: Sink) -> None:
    inbox = '[[sources]]\nname = "inbox"\nkind = "files"\npaths = ["inbox/*.html"]\n'
    project.configure(configuration(port=mailbox.port, more=inbox))

    quiet = project.run("run", "daily")
    (project.folder / "inbox").mkdir()
    sample = sample_folder() / "night-ferry.html"
    (project.folder / "inbox/story.html").write_bytes(sample.read_bytes())
    sent = project.run("run", "daily", expect=None)

    assert quiet.stdout.startswith("quiet")
    assert "sent to 2 readers" in sent.stdout


def test_an_entry_whose_page_is_gone_is_told_and_keeps_the_feeds_text(
    project: Project, site: Site, mailbox: Sink
) -> None:
    entries = "".join(
        f"<item><title>{title}</title><link>{site.url}/{n}</link><description>{text}</description></item>"
        for n, (title, text) in enumerate(
            (("Bridge to close", "The bridge closes on Monday."), ("Empty", ""))
        )
    )
    feed = site.put(
        "/feed", f"<rss version='2.0'><channel><title>G</title>{entries}</channel></rss>", "text/xml"
    )
    source = f'[[sources]]\nname = "gazette"\nkind = "feed"\nurl = "{feed}"\n'
    project.configure(configuration(port=mailbox.port, more=source))

    told = project.run("fetch", expect=3).stderr
    project.run("draft", "daily")
    items = json.loads(project.run("show", "latest", "--json").stdout)["items"]

    assert "Bridge to close" in told
    assert "Empty" in told
    assert [(item["headline"], item["text"]) for item in items] == [
        ("Bridge to close", "The bridge closes on Monday.")
    ]


def test_stopped_in_the_middle_a_run_says_so_and_the_next_one_finishes(project: Project) -> None:
    readers = [f"r{number}@example.org" for number in range(90)]
    with good_server() as bag:
        text = configuration(port=bag.port).replace(
            '["ada@example.org", "grace@example.org"]', json.dumps(readers)
        )
        project.configure(text.replace("[smtp]\n", "[smtp]\nrate_per_second = 25\n"))
        first = subprocess.Popen(
            [str(COMMAND), "run", "daily"],
            cwd=project.folder,
            env=clean_environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        wait_for(lambda: len(bag.messages) >= 15)
        first.send_signal(signal.SIGTERM)
        _, told = first.communicate(timeout=60)
        so_far = len(bag.messages)
        project.configure(text)
        second = project.run("run", "daily")

    assert first.returncode == 3
    assert "still to come" in told
    assert so_far < 90
    assert f"sent to {90 - so_far} readers" in second.stdout
    assert sorted(to for to, _ in bag.messages) == sorted(readers)


def test_dropped_stories_can_be_looked_up(project: Project) -> None:
    project.configure(configuration(newsletter='approval = "manual"'))
    project.run("fetch")
    dropped = json.loads(project.run("draft", "daily", "--json").stdout)["items"][1]

    project.run("edit", "latest", "--drop", "2")

    assert dropped["id"][:8] in project.run("show", "latest").stdout
    assert [one["id"] for one in json.loads(project.run("show", "latest", "--json").stdout)["dropped"]] == [
        dropped["id"]
    ]


def test_long_work_shows_its_progress_on_a_terminal_alone(project: Project) -> None:
    project.configure(configuration())

    shown, told = show_on_terminal(
        ["fetch"],
        folder=project.folder,
        environment=clean_environment() | {"TERM": "xterm"},
        stream="stderr",
    )

    assert "Reading sources" in shown
    assert b"Reading sources" not in told
