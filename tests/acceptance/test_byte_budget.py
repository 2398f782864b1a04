"""An edition that mailboxes would clip is cut to what they show, and every command says so."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any
from xml.sax.saxutils import escape

import pytest

from digest.deliver.sink import Sink
from tests.acceptance.conftest import Project, Site, configuration, parsed

STORIES = 100
LETTERS = "abcdefghiklmnoprstuvwyz"


def made_up(dice: random.Random, count: int) -> list[str]:
    return ["".join(dice.choices(LETTERS, k=8)) for _ in range(count)]


def make_feed() -> str:
    """Return a feed of many stories, no two of which share their words."""
    dice = random.Random(5)
    entries = []
    for number in range(STORIES):
        told = [
            f"The {' '.join(made_up(dice, 14))} opened in {made_up(dice, 1)[0].title()}." for _ in range(12)
        ]
        day = format_datetime(datetime.now(UTC) - timedelta(minutes=number))
        entries.append(
            f"<item><title>{' '.join(made_up(dice, 5)).capitalize()}</title><guid>{number}</guid>"
            f"<pubDate>{day}</pubDate>"
            f"<description>{escape('<p>' + ' '.join(told) + '</p>')}</description></item>"
        )
    return f"<rss version='2.0'><channel><title>Gazette</title>{''.join(entries)}</channel></rss>"


def byte_remarks(record: dict[str, Any]) -> list[str]:
    told = [*record["remarks"], *(one for item in record["items"] for one in item["remarks"])]
    return [one["message"] for one in told if one["rule"] == "byte-budget"]


@pytest.fixture
def drafted(project: Project, site: Site, mailbox: Sink) -> Project:
    """Return a project with an approved edition of more stories than an email holds."""
    feed = f'[[sources]]\nname = "gazette"\nkind = "feed"\nurl = "{site.put("/feed", make_feed(), "text/xml")}"\n'
    newsletter = f'max_stories = {STORIES}\nimages = "none"\nblurb_words = 200'
    project.configure(configuration(port=mailbox.port, more=feed, newsletter=newsletter))
    project.run("fetch")
    return project


def test_what_is_cut_is_told_by_every_command_and_only_what_ran_counts_as_printed(
    drafted: Project, mailbox: Sink
) -> None:
    record = json.loads(drafted.run("draft", "daily", "--json").stdout)
    rendered = drafted.run("render", "latest", "--out", "out")
    found = [json.loads(line) for line in drafted.run("check", "latest", "--json").stdout.splitlines()]
    sent = drafted.run("send", "latest")
    after = json.loads(drafted.run("show", "latest", "--json").stdout)

    html = (drafted.folder / "out/email.html").read_bytes()
    told = byte_remarks(record)
    out = [one for one in told if "It was left out" in one]
    assert 95_000 < len(html) <= 100_500  # with a made-up reader's links
    assert 0 < len(out) < len(told)
    assert rendered.stderr.count("so that the email stays under 100 KB") == len(told)
    assert len([one for one in found if one["rule"] == "byte-budget"]) == len(told)
    assert not [one for one in found if one["severity"] == "error" and one["rule"] != "postal-address"]
    assert f"of its stories {len(told) - len(out)} shortened and {len(out)} left out" in sent.stdout
    assert len(after["items"]) == len(record["items"]) - len(out)
    assert len(byte_remarks(after)) == len(told)
    assert len([one for one in after["left_out"] if "stays under 100 KB" in one["why"]]) == len(out)
    message = parsed(mailbox.messages[0][1])
    body = message.get_body(("plain",))
    assert body is not None
    text = " ".join(body.get_content().split())
    assert f"{len(after['items'])} stories" in text
    assert all(item["headline"] in text for item in after["items"])
