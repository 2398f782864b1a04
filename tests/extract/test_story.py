"""Feed entries become stories, pages learn from their entries, and addresses name stories."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from digest.errors import NoStoryError
from digest.extract.canonical import canonical_url, join_url, story_id
from digest.extract.story import is_truncated, merge_entry, read_story, story_from_entry
from digest.model import Capture, DocumentKind, FeedEntry, Image
from tests.extract.reading import NOW, page

FEED = Capture(
    source="gazette", kind=DocumentKind.FEED, content=b"", fetched_at=NOW, url="https://gazette.example/feed"
)
TEXT = " ".join(f"Sentence number {number} of the story is told here in full." for number in range(30))
ENTRY = FeedEntry(
    title="Eleven stay behind",
    url="https://gazette.example/eleven",
    html=f"<p>{TEXT}</p><figure><img src='https://gazette.example/a.jpg' alt='A boat'>"
    "<figcaption>At noon. (Photo: Jo Doe)</figcaption></figure><p>It came back at four.</p>",
    authors=("Jane Doe",),
    published_at=datetime(2026, 3, 1, 9, tzinfo=timezone(timedelta(hours=-5))),
    tags=("Ferries",),
    site="The Gazette",
    language="en",
)


def test_entry_with_its_whole_text_is_a_story() -> None:
    story = story_from_entry(ENTRY, FEED)

    assert story.text == f"{TEXT}\n\nIt came back at four."
    assert (story.title, story.authors, story.site, story.tags) == (
        ENTRY.title,
        ENTRY.authors,
        "The Gazette",
        ("Ferries",),
    )
    assert story.published_at == ENTRY.published_at
    assert story.lead_image == Image(
        url="https://gazette.example/a.jpg", alt="A boat", caption="At noon.", credit="Jo Doe"
    )


def test_entrys_own_picture_leads_and_keeps_what_both_know() -> None:
    entry = replace(ENTRY, image=Image(url="https://gazette.example/a.jpg", width=800, height=500))

    lead = story_from_entry(entry, FEED).lead_image

    assert lead is not None
    assert (lead.caption, lead.width) == ("At noon.", 800)


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (("By Jane Doe and John Roe",), ("Jane Doe", "John Roe")),
        (("Doe, Jane",), ("Doe, Jane",)),
        (("admin",), ()),
        (("Zoé", "Yann"), ("Zoé", "Yann")),
    ],
)
def test_entrys_authors_are_told_one_by_one(told: tuple[str, ...], expected: tuple[str, ...]) -> None:
    assert story_from_entry(replace(ENTRY, authors=told), FEED).authors == expected


def test_entry_without_title_is_named_by_its_first_words() -> None:
    assert story_from_entry(replace(ENTRY, title=""), FEED).title.startswith("Sentence number 0")


def test_entry_without_anything_is_refused() -> None:
    with pytest.raises(NoStoryError, match="neither a title nor text"):
        story_from_entry(FeedEntry(url="https://gazette.example/1"), FEED)


@pytest.mark.parametrize(
    "html",
    [
        "<p>Short.</p>",
        f"<p>{TEXT} ...</p>",
        f"<p>{TEXT} […]</p>",
        f"<p>{TEXT}</p><p><a href='/x'>Read more</a></p>",
        f"<p>{TEXT}</p><p>Weiterlesen →</p>",
        f"<p>{TEXT} Read more</p>",
        f"<p>{TEXT} […]</p><p>The post <a href='/x'>Eleven</a> appeared first on <a href='/'>Gazette</a>.</p>",
        f"<p>{TEXT} [&#8230;] Continue reading “Eleven stay behind” →</p>",
        "<p>" + "A brief of a hundred words. " * 17 + "</p>",
        "",
    ],
)
def test_teasing_entry_asks_for_its_page(html: str) -> None:
    assert is_truncated(replace(ENTRY, html=html, summary=""))


@pytest.mark.parametrize(
    "end",
    [
        "It is a book that everyone should read.",
        "That is as far as the eye can see.",
        "He hopes that people will read more.",
        "<p>Read more: Twelve came back</p>",
        "<p>The post <a href='/x'>Eleven</a> appeared first on <a href='/'>Gazette</a>.</p>",
    ],
)
def test_whole_text_does_not_ask_for_its_page_whatever_it_ends_with(end: str) -> None:
    assert not is_truncated(replace(ENTRY, html=f"<p>{TEXT}</p>{end}"))


def test_long_text_may_trail_off() -> None:
    assert not is_truncated(replace(ENTRY, html=f"<p>{TEXT}</p><p>{TEXT}</p><p>And so it goes ...</p>"))


@pytest.mark.parametrize(
    "end",
    [
        "<p>The post <a href='/x'>Eleven stay behind</a> appeared first on <a href='/'>The Gazette</a>.</p>",
        " The post Eleven stay behind first appeared on The Gazette.",
        "<p>Der Beitrag Elf bleiben zurück erschien zuerst auf Gazette.</p>",
        "<p>L’article Onze restent est apparu en premier sur Gazette.</p>",
        "<p>La entrada Once se quedan se publicó primero en Gazette.</p>",
        "<p>Read more</p>",
        " Continue reading",
    ],
)
def test_line_that_a_feed_puts_under_its_entries_is_no_text(end: str) -> None:
    assert story_from_entry(replace(ENTRY, html=f"<p>{TEXT}{end}</p>"), FEED).text == TEXT


def test_whole_entry_does_not_ask_for_its_page() -> None:
    assert not is_truncated(ENTRY)


def test_entry_without_an_address_cannot_ask_for_its_page() -> None:
    assert not is_truncated(replace(ENTRY, url=None, html="Short."))


def test_page_learns_from_its_entry_what_it_does_not_say() -> None:
    story = read_story(
        page(f"<h1>Eleven stay behind</h1><p>{TEXT}</p>", url="https://gazette.example/eleven")
    )

    merged = merge_entry(story, replace(ENTRY, image=Image(url="https://gazette.example/b.jpg")))

    assert merged.authors == ("Jane Doe",)
    assert merged.published_at == ENTRY.published_at
    assert merged.lead_image == Image(url="https://gazette.example/b.jpg")
    assert merged.text == story.text


def test_page_keeps_what_it_says_itself() -> None:
    head = (
        '<meta name="author" content="John Roe">'
        '<meta property="article:published_time" content="2026-03-01T10:00:00Z">'
    )
    story = read_story(page(f"<head>{head}</head><h1>Eleven stay behind</h1><p>{TEXT}</p>"))

    merged = merge_entry(story, ENTRY)

    assert merged.authors == ("John Roe",)
    assert merged.published_at == datetime(2026, 3, 1, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("HTTPS://Courier.example:443/A/b/?utm_source=x&id=3#top", "https://courier.example/A/b?id=3"),
        ("https://courier.example", "https://courier.example/"),
        ("https://courier.example/a?fbclid=1&gclid=2", "https://courier.example/a"),
        ("https://courier.example:8080/a", "https://courier.example:8080/a"),
        ("mailto:a@b.example", "mailto:a@b.example"),
        ("https://[broken", "https://[broken"),
    ],
)
def test_address_is_reduced_to_what_is_compared(url: str, expected: str) -> None:
    assert canonical_url(url) == expected


def test_story_without_an_address_is_named_by_its_words() -> None:
    one = story_id(url=None, title="A title", text="Some  text")

    assert one == story_id(url=None, title="A title", text="Some text")
    assert one != story_id(url=None, title="A title", text="Other text")


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "data:image/png;base64,x", "", None, 3, "mailto:x@y.example"]
)
def test_only_http_addresses_are_joined(address: object) -> None:
    assert join_url("https://courier.example/", address) is None
