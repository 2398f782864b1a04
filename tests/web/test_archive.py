"""The archive shows what was sent, as it was sent, and nothing of any reader."""

from __future__ import annotations

import re
from pathlib import Path

import feedparser
import pytest
from lxml import etree

from digest.model import EditionState
from tests.render.sample import make_edition
from tests.web.conftest import NOW, Served, serving

FEED = "/archive/daily/feed.xml"


def test_a_picture_is_served_for_ever(served: Served) -> None:
    served.send()
    picture = served.pictures[0]

    answer = served.ask(f"/images/{picture.name}")

    assert (answer.status, answer.body) == (200, picture.content)
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    "path", ["/images/{picture}", "/archive/daily/2026-11-24", "/archive/", "/archive/daily/", FEED]
)
def test_who_has_a_thing_already_is_told_so_and_sent_nothing(served: Served, path: str) -> None:
    served.send()
    path = path.format(picture=served.pictures[0].name)
    first = served.ask(path)
    tag = first.headers["etag"]

    for known in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        again = served.ask(path, If_None_Match=known)
        assert (again.status, again.body) == (304, b"")
        assert again.headers["etag"] == tag
        assert again.headers["cache-control"] == first.headers["cache-control"]
    changed = served.ask(path, If_None_Match='"other"')
    assert (changed.status, changed.body) == (200, first.body)


def test_a_list_that_grew_is_sent_anew(served: Served) -> None:
    served.send(23)
    tags = {path: served.ask(path).headers["etag"] for path in ("/archive/", "/archive/daily/", FEED)}

    served.send(24)

    for path, tag in tags.items():
        assert served.ask(path, If_None_Match=tag).status == 200


def test_a_picture_that_comes_later_is_not_missing_for_ever(served: Served) -> None:
    assert served.ask(f"/images/24{0:022x}.jpg").status == 404

    served.send()

    assert served.ask(f"/images/24{0:022x}.jpg").status == 200


@pytest.mark.parametrize("name", ["none.jpg", "%00.jpg", "..%2F..%2Fvar%2Fsecret", "%ff", "a" * 5000])
def test_what_is_no_picture_is_not_there(served: Served, name: str) -> None:
    assert served.ask(f"/images/{name}").status == 404


@pytest.mark.parametrize("images", ["host", "attach", "link", "auto"])
def test_an_archived_edition_shows_its_pictures_from_here(served: Served, images: str) -> None:
    served.send(images=images)

    answer = served.ask("/archive/daily/2026-11-24")

    sources = answer.found("//img/@src")
    assert answer.status == 200
    assert sources == [f"/images/{picture.name}" for picture in served.pictures]


def test_a_linked_picture_that_may_not_be_copied_is_not_copied_for_the_archive(tmp_path: Path) -> None:
    with serving(tmp_path, rights='outlet = "link"') as served:
        served.send(images="link")

        answer = served.ask("/archive/daily/2026-11-24")

    assert answer.status == 200
    assert answer.found("//img") == []


def test_a_picture_that_only_the_outlet_has_is_left_out(served: Served) -> None:
    served.send(images="link", has_pictures=False)

    answer = served.ask("/archive/daily/2026-11-24")

    assert answer.found("//h1 | //h2")
    assert answer.found("//img") == []


def test_an_archived_edition_speaks_of_no_reader(served: Served) -> None:
    served.send()

    answer = served.ask("/archive/daily/2026-11-24")

    assert "@@" not in answer.text
    links = answer.found("//a/@href")
    assert [link for link in links if link.startswith("/")] == ["/u/", "/p/", "/archive/daily/2026-11-24"]
    for path in ("/u/", "/p/"):
        answer = served.ask(path)
        assert answer.status == 200
        assert "<form" not in answer.text


@pytest.mark.parametrize("state", [EditionState.DRAFT, EditionState.APPROVED])
def test_what_was_not_sent_is_never_shown(served: Served, state: EditionState) -> None:
    served.site.stores.editions.save(make_edition(3, state=state), what="made", now=NOW)

    assert served.ask("/archive/daily/2026-11-24").status == 404
    for path in ("/archive/", "/archive/daily/", FEED):
        answer = served.ask(path)
        assert answer.status == 200
        assert "/2026-11-24" not in answer.text
        assert "bell" not in answer.text


def test_the_lists_name_the_newest_first_and_escape_what_they_name(served: Served) -> None:
    served.send(22, subject="First")
    served.send(23, subject='<script>alert("x")</script> & more')

    for path in ("/archive", "/archive/", "/archive/daily", "/archive/daily/"):
        page = served.ask(path)
        assert page.found("//li/a/@href") == ["/archive/daily/2026-11-23", "/archive/daily/2026-11-22"]
        assert page.found("//li/a/text()") == ['<script>alert("x")</script> & more', "First"]
        assert page.found("//script") == []
        assert page.found("//link[@rel='alternate']/@href") == [FEED]


def test_every_edition_can_be_reached_from_the_list(served: Served) -> None:
    for day in range(1, 31):
        served.send(day)
    found: list[str] = []
    pages = 0
    path = "/archive/daily/"
    while path:
        page = served.ask(path)
        pages += 1
        found += page.found("//li/a/@href")
        older = page.found("//p/a[contains(@href, 'before=')]/@href")
        path = older[0] if older else ""

    assert pages == 2
    assert found == [f"/archive/daily/2026-11-{day:02d}" for day in range(30, 0, -1)]
    assert len(served.ask("/archive/").found("//li")) == 10
    before = served.ask("/archive/daily/?before=2026-11-03").found("//li/a/@href")
    assert before == ["/archive/daily/2026-11-02", "/archive/daily/2026-11-01"]


def test_the_feed_is_sound_atom_with_ids_that_outlive_the_address(served: Served) -> None:
    served.send(23, subject="One")
    served.send(24, subject="Two <b>&</b> three\x0b")

    answer = served.ask(FEED)

    assert answer.headers["content-type"] == "application/atom+xml; charset=utf-8"
    etree.fromstring(answer.body)
    feed = feedparser.parse(answer.body)
    assert feed.bozo is False
    assert feed.feed.id == "tag:dose.example,2026:digest/daily"
    assert [entry.id for entry in feed.entries] == [
        "tag:dose.example,2026:digest/daily/2026-11-24",
        "tag:dose.example,2026:digest/daily/2026-11-23",
    ]
    assert feed.entries[0].link == "https://news.example/archive/daily/2026-11-24"
    assert [link.href for link in feed.feed.links if link.rel == "self"] == [f"https://news.example{FEED}"]
    assert feed.feed.author == "Daily Dose"
    assert feed.feed.updated == feed.entries[0].updated == "2026-11-24T11:30:00+00:00"
    assert all(entry.updated and entry.title and entry.summary for entry in feed.entries)
    links = [link.href for part in (feed.feed, *feed.entries) for link in part.links]
    assert all(link.startswith("https://news.example/") for link in links)
    assert etree.fromstring(answer.body).findtext("{*}entry/{*}title") == "Two <b>&</b> three "


def test_a_feed_before_the_first_edition_is_sound_too(served: Served) -> None:
    feed = feedparser.parse(served.ask(FEED).body)

    assert feed.bozo is False
    assert feed.entries == []
    assert feed.feed.id
    assert feed.feed.title
    assert feed.feed.updated_parsed


@pytest.mark.parametrize(
    "path",
    [
        "/archive/nope/",
        "/archive/nope/feed.xml",
        "/archive/nope/2026-11-24",
        "/archive/daily/2026-11-25",
        "/archive/daily/latest",
        "/archive/daily/?before=yesterday",
        "/archive/daily/2026-11-24/more",
        "/docs",
        "/openapi.json",
    ],
)
def test_what_is_not_there_is_a_small_page(served: Served, path: str) -> None:
    served.send()

    answer = served.ask(path)

    assert answer.status == 404
    assert "There is no such page" in answer.text
    assert len(answer.body) < 4000


def test_the_pages_speak_the_newsletters_language(tmp_path: Path) -> None:
    with serving(tmp_path, newsletter='language = "de"') as served:
        served.send()

        for path in ("/archive/", "/archive/daily/"):
            text = served.ask(path).text
            assert '<html lang="de"' in text
            assert "Dienstag, 24. November 2026" in text


def test_a_public_address_with_a_path_works_behind_either_kind_of_proxy(tmp_path: Path) -> None:
    with serving(tmp_path, public_url="https://example.net/news") as served:
        served.send()

        for prefix in ("", "/news"):
            page = served.ask(f"{prefix}/archive/daily/2026-11-24")
            assert page.found("//img/@src")[0] == f"/news/images/{served.pictures[0].name}"
            assert served.ask(f"{prefix}/images/{served.pictures[0].name}").status == 200
            feed = feedparser.parse(served.ask(f"{prefix}{FEED}").body)
            assert feed.entries[0].link == "https://example.net/news/archive/daily/2026-11-24"
        assert served.ask("/news/", Host="example.net").headers["location"] == "/news/archive/"


def test_an_edition_sent_from_an_address_of_old_keeps_its_pictures(tmp_path: Path) -> None:
    with serving(tmp_path, public_url="http://old.example") as served:
        served.send()
        names = [picture.name for picture in served.pictures]
    with serving(tmp_path) as served:
        sources = re.findall(r'<img[^>]*src="([^"]*)"', served.ask("/archive/daily/2026-11-24").text)

    assert sources == [f"/images/{name}" for name in names]
