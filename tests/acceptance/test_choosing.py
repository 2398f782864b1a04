"""What an editor is told of the choice, and what becomes of it when it is made again."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from email.utils import format_datetime
from typing import Any

from tests.acceptance.conftest import Project, Site, configuration

WORDS = """
max_stories = 6
keywords = ["Seahorses"]
avoid = ["wedding"]
[newsletters.daily.sections]
City = 1
"""
MANUAL = 'approval = "manual"\nmax_stories = 3'
PARTS = re.compile(r"^ {7}([+-]\d+\.\d\d)  \S+", re.MULTILINE)


def drafted(project: Project) -> dict[str, Any]:
    edition: dict[str, Any] = json.loads(project.run("draft", "daily", "--json").stdout)
    return edition


def headlines(edition: dict[str, Any]) -> list[str]:
    return [item["headline"] for item in edition["items"]]


def test_the_parts_of_each_score_add_up_and_every_story_has_its_place_or_its_reason(project: Project) -> None:
    project.configure(configuration(newsletter='approval = "manual"' + WORDS))
    project.run("fetch")

    told = project.run("draft", "daily", "--why").stdout
    edition = drafted(project)

    blocks = re.split(r"^ {5}Score (-?\d+\.\d\d):$", told.partition("\nLeft out")[0], flags=re.MULTILINE)
    scores, parts = blocks[1::2], [PARTS.findall(block) for block in blocks[2::2]]
    assert [sum(map(Decimal, part)) for part in parts] == [Decimal(score) for score in scores]
    assert [f"{item['score']:.2f}" for item in edition["items"]] == scores
    assert [[f"{r['value']:+.2f}" for r in item["reasons"]] for item in edition["items"]] == parts
    assert (
        len(edition["items"]) == 6
        and len({one["id"] for one in edition["items"] + edition["left_out"]}) == 11
    )
    assert {re.sub("“.*”", "…", one["why"].partition(", which")[0]) for one in edition["left_out"]} == {
        "the same event as … (The Ellan Courier)",
        "over the limit of 1 in City",
        "over the limit of 6 stories",
        "avoided: … is in its text",
    }
    for one in edition["left_out"]:
        score = "-" if one["score"] is None else f"{one['score']:.2f}"
        assert (
            f"{score}  {one['title']} ({one['site']})  ({one['id'][:8]})\n            {one['why']}\n" in told
        )
    assert "+0.50  keywords     about Seahorses\n" in told


def test_a_dropped_story_takes_no_place_and_a_pinned_one_keeps_its_own(project: Project) -> None:
    project.configure(configuration(newsletter=MANUAL))
    project.run("fetch")
    first = headlines(drafted(project))
    project.run("edit", "latest", "--drop", "1", "--pin", "3")

    second = drafted(project)

    assert len(headlines(second)) == 3 and set(first[1:]) < set(headlines(second))
    assert [one["headline"] for one in second["dropped"]] == first[:1]
    assert not set(first) & {one["title"] for one in second["left_out"]}


def feed(*stories: tuple[str, str]) -> str:
    """Return a feed of stories, each an hour older than the one before it."""
    now = datetime.now(UTC)
    entries = "".join(
        f"<item><title>{title}</title><guid>{n}</guid><description>{text}</description>"
        f"<pubDate>{format_datetime(now - timedelta(hours=n))}</pubDate></item>"
        for n, (title, text) in enumerate(stories)
    )
    return f'<rss version="2.0"><channel><title>Gazette</title>{entries}</channel></rss>'


def test_a_story_without_a_blurb_gives_its_place_to_the_next_best(project: Project, site: Site) -> None:
    otters = (
        "The otters of the Lenn have doubled in number, wardens said on Monday. They counted 214 of them."
    )
    chess = "The chess club of Dunmere has lost its tower to woodworm. It will play in the school until May."
    comet = "Astronomers have named a comet after Piet Arn, a retired postman. He found it from his garden."
    url = site.put(
        "/feed.xml",
        feed(
            ("Programme of the week", "and then there is more and more " * 40),
            ("Otters double in number", otters),
            ("Woodworm takes the chess club’s tower", chess),
            ("Comet named after a postman", comet),
        ),
        "application/rss+xml",
    )
    source = f'[[sources]]\nname = "gazette"\nkind = "feed"\nurl = "{url}"\n'
    project.configure(configuration(newsletter="max_stories = 2", more=source))
    project.run("fetch")

    edition = drafted(project)

    assert headlines(edition) == ["Otters double in number", "Woodworm takes the chess club’s tower"]
    assert {one["title"]: one["why"].partition(":")[0] for one in edition["left_out"]} == {
        "Programme of the week": "no blurb",
        "Comet named after a postman": "over the limit of 2 stories",
    }
