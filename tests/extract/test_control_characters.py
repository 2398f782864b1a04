"""Control characters cost no paragraph and reach no title: they steer the terminals that stories are shown on."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from digest.model import Story
from digest.pipeline.reading import read_arguments
from tests.pipeline.reading import make_fetcher

PARAGRAPHS = [
    f"Paragraph {number} tells of the harbor at length, and names who said what about it in the end."
    for number in range(5)
]
MARKS = ["\x01", "\x03", "\x0e", "\x1a", "\x1b[31m", "\x7f", "&#3;", "&#27;", "&#x1B;", "&#0x", "&#027;"]


def read(path: Path, text: str) -> Story:
    path.write_text(text, encoding="utf-8")
    (story,) = read_arguments([str(path)], make_fetcher=make_fetcher, now=datetime(2026, 11, 24, tzinfo=UTC))
    assert isinstance(story, Story)
    return story


def steers(story: Story) -> bool:
    return any(f"\\x{code:02x}" in repr(story) for code in (*range(0x09), *range(0x0E, 0x20), 0x7F))


@pytest.mark.parametrize("mark", MARKS)
def test_a_page_s_paragraph_with_a_control_character_is_kept(tmp_path: Path, mark: str) -> None:
    body = "".join(f"<p>{text.replace('. ', f'.{mark} ')} {mark}</p>" for text in PARAGRAPHS)
    head = "<html><head><title>Harbor</title></head><body>"

    story = read(
        tmp_path / "page.html", f"{head}<article><h1>Har{mark}bor</h1>{body}</article></body></html>"
    )

    assert len(story.text.split("\n\n")) == len(PARAGRAPHS)
    assert "in the end." in story.text
    assert not steers(story)


def test_other_references_to_characters_stay(tmp_path: Path) -> None:
    body = "".join(f"<p>{text}&#8217;&#39;&#x2019;&#x1F600;&#130;&#10;</p>" for text in PARAGRAPHS)

    story = read(tmp_path / "page.html", f"<html><body><h1>Harbor</h1>{body}</body></html>")

    assert story.text.split("\n\n")[0].endswith("the end.’'’😀‚")


def test_what_a_page_s_data_says_steers_no_terminal(tmp_path: Path) -> None:
    data = {
        "@type": "NewsArticle",
        "headline": "Har\x1b[31mbor",
        "author": "Ida \x1bCrane",
        "articleSection": "Ci\x1bty",
        "keywords": "fe\x1brry,fog",
        "image": {"url": "https://wick.example/1.jpg", "caption": "The har\x1bbor of Wick at dawn."},
    }
    body = "".join(f"<p>{text}</p>" for text in PARAGRAPHS)
    head = f'<script type="application/ld+json">{json.dumps(data)}</script>'

    story = read(
        tmp_path / "page.html", f"<html><head>{head}</head><body><article>{body}</article></body></html>"
    )

    assert (story.authors, story.tags) == (("Ida Crane",), ("ferry", "fog"))
    assert not steers(story)


@pytest.mark.parametrize("name", ["feed.json", "feed.xml"])
def test_what_a_feed_says_steers_no_terminal(tmp_path: Path, name: str) -> None:
    entry = {
        "id": "1",
        "url": "https://wick.example/1",
        "title": "Har\x1bbor",
        "content_html": "<p>At length\x1b[0m.</p><p>In&#27; the end.</p>",
        "authors": [{"name": "Ida \x1bCrane"}],
        "tags": ["fe\x1brry"],
    }
    feeds = {
        "feed.json": json.dumps(
            {"version": "https://jsonfeed.org/version/1.1", "title": "Wi\x1bck", "items": [entry]}
        ),
        "feed.xml": "<rss version='2.0'><channel><title>Wi&#27;ck</title><item><title>Har&#27;bor</title>"
        "<link>https://wick.example/1</link><author>Ida &amp;#27;Crane</author><category>fe&#27;rry</category>"
        "<description>&lt;p&gt;At length&amp;#27;.&lt;/p&gt;&lt;p&gt;In the end.&lt;/p&gt;</description>"
        "</item></channel></rss>",
    }

    story = read(tmp_path / name, feeds[name])

    assert (story.title, story.site, story.authors, story.tags) == (
        "Harbor",
        "Wick",
        ("Ida Crane",),
        ("ferry",),
    )
    assert story.text.endswith("In the end.")
    assert not steers(story)
