"""The installed command reads files, folders and addresses, and says what it could not read."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from digest.assets import sample_folder
from tests.acceptance.conftest import Project, Site, configuration

STORY_KEYS = [
    *("source", "id", "url", "title", "description", "authors", "published_at", "site", "section", "tags"),
    *("language", "text", "lead_image", "images", "related"),
]
BODY = "".join(
    f"<p>{sentence}</p>"
    for sentence in (
        "The harbor of Port Ellan reopened on Monday after a winter of repairs that cost $4.2 million.",
        "Crews replaced 310 feet of the eastern quay, which had been closed since a storm in January.",
        "“We are glad to see boats again,” said Mira Oswin, the harbor master, as the first one tied up.",
        "The western quay is next, she said, and will stay open while divers inspect its foundations.",
    )
)
PAGE = f"""<!doctype html><html lang="en"><head><title>Harbor reopens | The Gazette</title>
<meta property="og:site_name" content="The Gazette"></head>
<body><nav>Home City Sport</nav><article><h1>Harbor reopens</h1>{BODY}</article></body></html>"""


def rss(site: Site) -> str:
    return f"""<?xml version="1.0"?><rss version="2.0"><channel><title>The Gazette</title>
<link>{site.url}/</link><item><title>Harbor reopens</title><link>{site.url}/harbor.html</link>
<pubDate>Mon, 23 Nov 2026 09:00:00 -0500</pubDate><description>The harbor of Port Ellan reopened …</description>
</item></channel></rss>"""


def atom(site: Site) -> str:
    return f"""<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><title>The Gazette</title>
<id>{site.url}/</id><updated>2026-11-23T09:00:00-05:00</updated><entry><title>Harbor reopens</title>
<id>tag:gazette.example,2026:1</id><link href="{site.url}/harbor.html"/>
<updated>2026-11-23T09:00:00-05:00</updated><summary>The harbor of Port Ellan reopened …</summary></entry></feed>"""


def json_feed(site: Site) -> str:
    items = [{"id": "1", "url": f"{site.url}/harbor.html", "title": "Harbor reopens", "content_html": BODY}]
    return json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": "The Gazette", "items": items})


def lines(output: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in output.splitlines()]


@pytest.mark.parametrize(
    ("feed", "content_type"),
    [(rss, "application/rss+xml"), (atom, "application/atom+xml"), (json_feed, "application/feed+json")],
)
def test_a_feed_over_http_gives_whole_stories(
    project: Project, site: Site, feed: object, content_type: str
) -> None:
    assert callable(feed)
    site.put("/harbor.html", PAGE)
    address = site.put("/feed", feed(site), content_type)

    (story,) = lines(project.run("read", "--json", "--allow-private", address).stdout)

    assert list(story) == STORY_KEYS
    assert story["title"] == "Harbor reopens"
    assert "The western quay is next" in str(story["text"])


def test_a_page_over_http(project: Project, site: Site) -> None:
    address = site.put("/harbor.html", PAGE)

    (story,) = lines(project.run("read", "--json", "--allow-private", address).stdout)

    assert story["title"] == "Harbor reopens"
    assert story["site"] == "The Gazette"
    assert str(story["text"]).count("\n\n") == 3


def test_private_addresses_are_refused_unless_allowed(project: Project, site: Site) -> None:
    address = site.put("/harbor.html", PAGE)

    told = project.run("read", "--json", address, expect=3)

    assert site.asked == []
    assert "error" in lines(told.stdout)[0]


def test_files_of_every_kind_in_input_order(project: Project, site: Site) -> None:
    (project.folder / "page.html").write_text(PAGE, encoding="utf-8")
    (project.folder / "page.html.gz").write_bytes(gzip.compress(PAGE.encode()))
    (project.folder / "feed.json").write_text(json_feed(site), encoding="utf-8")
    mail = f"From: a@b.example\r\nSubject: Harbor reopens\r\nContent-Type: text/html; charset=utf-8\r\n\r\n{PAGE}"
    (project.folder / "mail.eml").write_bytes(mail.encode())
    names = ["page.html", "page.html.gz", "feed.json", "mail.eml"]

    found = lines(project.run("read", "--json", *names).stdout)

    assert [story["source"] for story in found] == names
    assert {story["title"] for story in found} == {"Harbor reopens"}


def test_one_bad_source_costs_only_itself(project: Project, site: Site) -> None:
    good = site.put("/harbor.html", PAGE)
    (project.folder / "empty.html").write_text("", encoding="utf-8")
    bad = ["nowhere.html", "empty.html", f"{site.url}/missing", "http://127.0.0.1:1/refused"]

    done = project.run("read", "--json", "--allow-private", *bad, good, expect=3)

    found = lines(done.stdout)
    assert [story.get("source") for story in found[:4]] == bad
    assert all("error" in story for story in found[:4])
    assert "404" in str(found[2]["error"])
    assert found[4]["title"] == "Harbor reopens"
    assert len(done.stderr.splitlines()) == 4


def test_the_seed_dump_reads_as_a_perfect_reading_would(project: Project, shared: Path) -> None:
    seed = shared / "seeds" / "radaronline-page.txt"

    (story,) = lines(project.run("read", "--json", str(seed)).stdout)

    assert str(story["title"]).startswith("Kim Basinger, 71, Rips")
    assert story["published_at"] == "2025-03-05T19:45:00-05:00"
    assert story["authors"] == []
    assert (story["section"], story["tags"]) == ("Celebrity", ["Kim Basinger"])
    lead = story["lead_image"]
    assert isinstance(lead, dict)
    assert lead["credit"] == "MEGA"
    assert lead["caption"].startswith("Kim Basinger agreed with Mikey Madison")
    text = str(story["text"])
    assert len(text.split("\n\n")) == 17
    for chrome in ("Article continues", "Sign Up", "sign up", "Copyright", "All rights reserved", "Source:"):
        assert chrome not in text


def test_summaries_are_sentences_of_the_story_with_their_places(project: Project) -> None:
    text = (
        "The council voted 7 to 2 on Tuesday to close the bridge. It opens again in May, the mayor said. "
        "Buses will take the long way round until then, which adds 12 minutes to the trip."
    )
    given = json.dumps({"id": "b", "title": "Bridge to close", "text": text})

    done = project.run("summarize", "--json", "--words", "25", "-", stdin=f"{given}\nnot json\n", expect=3)

    blurb, problem = lines(done.stdout)
    sentences = blurb["sentences"]
    assert isinstance(sentences, list)
    assert sentences
    assert [text[s["start"] : s["end"]] for s in sentences] == [s["text"] for s in sentences]
    assert blurb["text"] == " ".join(s["text"] for s in sentences)
    assert len(str(blurb["text"]).split()) <= 25
    assert list(blurb) == ["id", "title", "url", "text", "sentences", "image", "method"]
    assert "line 2" in str(problem["source"])


def test_fetch_keeps_what_it_can_and_names_what_it_cannot(project: Project, site: Site) -> None:
    site.put("/harbor.html", PAGE)
    feed = site.put("/feed", rss(site), "application/rss+xml")
    project.configure(
        configuration(
            more=f"""
            [[sources]]
            name = "gazette"
            kind = "feed"
            url = "{feed}"
            [[sources]]
            name = "gone"
            kind = "feed"
            url = "{site.url}/gone"
            [[sources]]
            name = "hollow"
            kind = "feed"
            url = "{site.put("/hollow", "<rss><channel><title>x</title></channel></rss>", "text/xml")}"
            [[sources]]
            name = "inbox"
            kind = "files"
            paths = ["inbox/*.html"]
            """
        )
    )

    first = project.run("fetch", expect=3)
    asked = len(site.asked)
    second = project.run("fetch", "gazette")

    assert "Read 1 stories from 4 sources, 1 of them new." in first.stdout
    assert len(first.stderr.splitlines()) == 2
    assert "gone: " in first.stderr
    assert "hollow is a feed without entries" in first.stderr
    assert "Read 0 stories from 1 sources, 0 of them new." in second.stdout
    assert site.asked[asked:] == ["/feed"]
    assert "no source named nonsense" in project.run("fetch", "nonsense", expect=2).stderr


def test_samples_are_readable_by_name(project: Project) -> None:
    found = lines(project.run("read", "--json", "sample:*.html").stdout)

    assert len(found) == len(list(sample_folder().glob("*.html")))
