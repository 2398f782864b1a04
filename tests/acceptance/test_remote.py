"""A newsletter condensed by a model server: marked, checked, asked once, and never in the way of the edition."""

from __future__ import annotations

import json
import signal
import subprocess
import threading
from typing import Any

import pytest

from tests.acceptance.conftest import COMMAND, Project, clean_environment, configuration, wait_for
from tests.summarize.model_server import Answer, Model, open_model

STORY = (
    "The harbour bridge at Port Callow will close for a year, harbour director Ines Falk said on Monday. "
    "Ferries will run from the old quay instead, and about 12,000 drivers will have to find another way. "
    "Repairs will cost 2.5 million crowns. The council votes on a grant for traders next week, and the "
    "chamber of trade has asked for twice as much as the mayor has offered so far."
)
GOOD = "Port Callow's harbour bridge will close for a year. Repairs will cost 2.5 million crowns."
PAGE = "<html><head><title>{title}</title></head><body><article><h1>{title}</h1>{paragraphs}</article></body></html>"
BRIDGE, MARKET = "Harbour bridge to close for a year", "Market hall reopens with forty stalls"
HALL = (
    "The market hall in Ashby has reopened with forty stalls after a fire two years ago, the town said on Friday. "
    "Baker Tomas Brill sold out by noon. The hall will be open every day but Sunday, and its roof is made of larch. "
    "Visitors can taste cheese, bread and cider, and on Fridays there will be music until ten in the evening."
)
TABLE = '[[sources]]\nname = "inbox"\nkind = "files"\npaths = ["inbox/*.html"]\n'


def set_up(project: Project, url: str, *, more: str = "") -> None:
    """Configure a remote summarizer, and two saved pages."""
    inbox = project.folder / "inbox"
    inbox.mkdir(exist_ok=True)
    for name, title, text in (("bridge", BRIDGE, STORY), ("hall", MARKET, HALL)):
        paragraphs = "".join(f"<p>{part}.</p>" for part in text.removesuffix(".").split(". "))
        (inbox / f"{name}.html").write_text(PAGE.format(title=title, paragraphs=paragraphs), encoding="utf-8")
    summarizer = f'[summarizer]\nkind = "remote"\nurl = "{url}"\nmodel = "tiny"\nretries = 0\n{more}\n'
    project.configure(configuration(more=TABLE + summarizer, newsletter='approval = "manual"'))
    project.run("fetch")


def answer_of(request: dict[str, Any]) -> Answer:
    """Tell the truth of the bridge, and invent something of the hall."""
    told = request["messages"][1]["content"]
    return Answer(
        GOOD if BRIDGE in told else "The market hall has reopened with forty stalls, Boris Vale said."
    )


def items(project: Project) -> dict[str, dict[str, Any]]:
    edition = json.loads(project.run("show", "latest", "--json").stdout)
    return {item["headline"]: item for item in edition["items"]}


def test_a_draft_says_what_is_remote_and_why_the_rest_is_not(project: Project) -> None:
    with open_model(answer_of) as model:
        set_up(project, model.url)
        drafted = project.run("draft", "daily", "--why")
        again = project.run("draft", "daily")

    assert "1 remote, 1 fell back: 1 invented a name." in drafted.stderr
    assert "[remote/tiny]" in drafted.stdout and "invented a name" in drafted.stdout
    assert "1 remote, 1 fell back" in again.stderr and len(model.asked) == 2
    bridge, hall = items(project)[BRIDGE], items(project)[MARKET]
    assert (bridge["text"], bridge["method"], bridge["fell_back"]) == (GOOD, "remote/tiny", "")
    assert [sentence["start"] is None for sentence in bridge["sentences"]] == [True, False]
    assert (hall["method"], hall["fell_back"]) == ("extractive/1", "invented a name")
    assert all(sentence["start"] is not None for sentence in hall["sentences"])


def test_summarize_asks_the_configured_server_and_keeps_the_order(project: Project) -> None:
    with open_model(answer_of) as model:
        set_up(project, model.url)
        lines = [
            json.dumps({"id": "1", "title": BRIDGE, "text": STORY}),
            "not JSON",
            json.dumps({"id": "2", "title": MARKET, "text": HALL}),
        ]
        done = project.run("summarize", "--json", "-", stdin="\n".join(lines), expect=3)

    records = [json.loads(line) for line in done.stdout.splitlines()]
    assert [record.get("id") for record in records] == ["1", None, "2"]
    assert [record.get("method") for record in records] == ["remote/tiny", None, "extractive/1"]
    assert records[2]["fell_back"] == "invented a name" and "Boris Vale" in records[2]["note"]
    assert "1 remote, 1 fell back" in done.stderr


def test_no_server_is_no_reason_for_no_edition(project: Project) -> None:
    set_up(project, "http://127.0.0.1:9/v1")

    drafted = project.run("draft", "daily")

    assert "0 remote, 2 fell back: 2 unreachable." in drafted.stderr
    assert {item["method"] for item in items(project).values()} == {"extractive/1"}


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_a_draft_that_is_killed_while_it_waits_is_made_by_the_next_one(project: Project, how: int) -> None:
    never = threading.Event()
    with open_model(lambda request: Answer(GOOD, after=never)) as model:
        set_up(project, model.url, more="timeout_seconds = 60")
        command = [str(COMMAND), "draft", "daily"]
        process = subprocess.Popen(
            command, cwd=project.folder, env=clean_environment(), stderr=subprocess.DEVNULL
        )
        wait_for(lambda: len(model.asked) == 2)
        process.send_signal(how)
        process.wait(10)
        never.set()
        model.answer = answer_of
        project.run("draft", "daily")

    assert items(project)[BRIDGE]["method"] == "remote/tiny"


def test_the_doctor_tries_the_server(project: Project) -> None:
    def told(model: Model) -> str:
        set_up(project, model.url)
        lines = project.run("doctor", "--json", expect=None).stdout.splitlines()
        return next(line for line in lines if "model server" in line)

    with open_model(answer_of) as model:
        assert '"ok"' in told(model)
    assert '"warning"' in told(model)
