"""A sitemap's new pages become stories, newest first and within limits, whether it is of news or not."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from digest.ingest.sitemap import ListedPage, ListedSitemap
from digest.model import Failure, FeedEntry, Story
from digest.pipeline.sitemaps import MOST_PAGES, MOST_SITEMAPS, Visits, choose_pages, choose_sitemaps
from tests.ingest.server import Answer, Site, reply, serve
from tests.pipeline.reading import NOW, Reading, page, project, read

HOUR = timedelta(hours=1)
SINCE = NOW - timedelta(days=3)


def news(url: str, title: str, *, hours: float = 1) -> str:
    return (
        f"<url><loc>{url}</loc><news:news><news:publication><news:name>The Gazette</news:name>"
        f"<news:language>en</news:language></news:publication>"
        f"<news:publication_date>{(NOW - hours * HOUR).isoformat()}</news:publication_date>"
        f"<news:title>{title}</news:title><news:keywords>Ferry</news:keywords></news:news>"
        f"<image:image><image:loc>https://pictures.example/{hours}.jpg</image:loc></image:image></url>"
    )


def plain(url: str, *, hours: float | None = 1) -> str:
    changed = f"<lastmod>{(NOW - hours * HOUR).isoformat()}</lastmod>" if hours is not None else ""
    return f"<url><loc>{url}</loc>{changed}</url>"


def sitemap(*entries: str) -> bytes:
    return (
        '<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" '
        'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9" '
        f'xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">{"".join(entries)}</urlset>'
    ).encode()


def index(*children: tuple[str, float | None]) -> bytes:
    entries = "".join(plain(url, hours=hours).replace("url>", "sitemap>") for url, hours in children)
    return (
        f'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{entries}</sitemapindex>'.encode()
    )


def html(text: str) -> Answer:
    return reply(200, text.encode(), Content_Type="text/html; charset=utf-8")


def xml(content: bytes, **headers: str) -> Answer:
    return reply(200, content, **({"Content_Type": "application/xml"} | headers))


Answers = dict[str, Answer]


@pytest.fixture
def answers() -> Answers:
    return {f"/story-{number}": html(page(f"Story number {number}")) for number in range(12)}


@pytest.fixture
def site(answers: Answers) -> Iterator[Site]:
    with serve(answers) as running:
        yield running


def source(site: Site, path: str = "/map.xml") -> str:
    return f'[[sources]]\nname = "gazette"\nkind = "feed"\nurl = "{site.url}{path}"\n'


def asked(site: Site) -> list[str]:
    return [path for path, _ in site.requests if path != "/robots.txt"]


@pytest.fixture
def reading(tmp_path: Path, site: Site) -> Iterator[Reading]:
    with project(tmp_path, source(site)) as made:
        yield made


def test_news_sitemap_gives_the_pages_with_what_it_knows_of_them(
    reading: Reading, site: Site, answers: Answers
) -> None:
    answers["/map.xml"] = xml(sitemap(news(f"{site.url}/story-1", "One"), news(f"{site.url}/story-2", "Two")))

    report = reading.fetch()

    assert (report.read, report.new, report.failures) == (2, 2, ())
    first = reading.kept()[0]
    assert first.title == "Story number 1"
    assert first.text.startswith("Paragraph 1")
    assert (first.published_at, first.published_at_assumed) == (NOW - HOUR, False)
    assert (first.site, first.tags, first.language) == ("The Gazette", ("Ferry",), "en")
    assert first.lead_image is not None
    assert first.lead_image.url == "https://pictures.example/1.jpg"


def test_second_fetch_reads_only_the_pages_that_are_new(
    reading: Reading, site: Site, answers: Answers
) -> None:
    one, two = news(f"{site.url}/story-1", "One"), news(f"{site.url}/story-2", "Two")
    answers["/map.xml"] = xml(sitemap(one), ETag='"1"')
    reading.fetch()
    site.requests.clear()
    answers["/map.xml"] = xml(sitemap(two, one), ETag='"2"')

    report = reading.fetch()

    assert (report.read, report.new) == (1, 1)
    assert asked(site) == ["/map.xml", "/story-2"]


def test_page_that_failed_is_tried_again_though_the_sitemap_did_not_change(
    reading: Reading, site: Site, answers: Answers
) -> None:
    answers["/map.xml"] = xml(sitemap(news(f"{site.url}/late", "Late")), ETag='"1"')
    failed = reading.fetch()
    answers["/late"] = html(page("Late at last"))

    report = reading.fetch()

    assert [failure.message.startswith("“Late” has no page to read:") for failure in failed.failures] == [
        True
    ]
    assert report.read == 1


def test_old_news_is_left_alone(reading: Reading, site: Site, answers: Answers) -> None:
    answers["/map.xml"] = xml(sitemap(news(f"{site.url}/story-1", "One", hours=80)))

    report = reading.fetch()

    assert (report.read, report.failures, report.reached) == (0, (), 1)
    assert asked(site) == ["/map.xml"]


def test_ordinary_sitemap_gives_what_changed_lately_without_taking_that_for_its_date(
    reading: Reading, site: Site, answers: Answers
) -> None:
    answers["/map.xml"] = xml(
        sitemap(
            plain(f"{site.url}/"),
            plain(f"{site.url}/story-1", hours=2),
            plain(f"{site.url}/story-2", hours=100),
            plain(f"{site.url}/story-3", hours=None),
        )
    )

    reading.fetch()

    assert [story.title for story in reading.kept()] == ["Story number 1"]
    assert reading.kept()[0].published_at is None
    assert asked(site) == ["/map.xml", "/story-1"]


def test_pages_of_an_ordinary_sitemap_that_hold_no_story_are_one_line(
    reading: Reading, site: Site, answers: Answers
) -> None:
    empty = html("<html><head><title>Tags</title></head><body><ul><li>a<li>b</ul></body></html>")
    answers |= {"/tag/a": empty, "/tag/b": empty}
    answers["/map.xml"] = xml(
        sitemap(*(plain(f"{site.url}{path}") for path in ("/tag/a", "/story-1", "/tag/b")))
    )

    report = reading.fetch()

    assert report.read == 1
    assert [failure.message for failure in report.failures] == [
        f"gazette lists 2 new pages without a story, of 3. The first is {site.url}/tag/a."
    ]


def test_pages_that_hold_no_story_keep_no_other_from_its_turn(
    reading: Reading, site: Site, answers: Answers
) -> None:
    tags = [f"/tag/{number}" for number in range(MOST_PAGES)]
    answers |= {path: html("<html><body><ul><li>a<li>b</ul></body></html>") for path in tags}
    stories = [plain(f"{site.url}/story-{number}", hours=2) for number in range(12)]
    answers["/map.xml"] = xml(sitemap(*(plain(f"{site.url}{path}") for path in tags), *stories))

    first, second, third = reading.fetch(), reading.fetch(), reading.fetch()

    assert (first.read, second.read, third.read) == (0, 12, 0)
    assert len(reading.kept()) == 12


def test_sitemap_without_dates_says_so(reading: Reading, site: Site, answers: Answers) -> None:
    answers["/map.xml"] = xml(sitemap(plain(f"{site.url}/story-1", hours=None)))

    (failure,) = reading.fetch().failures

    assert "without dates" in failure.message


@pytest.mark.parametrize("kind", ["application/gzip", "application/x-gzip", "application/xml", "text/plain"])
def test_packed_sitemap_is_unpacked_whatever_its_type(
    reading: Reading, site: Site, answers: Answers, kind: str
) -> None:
    packed = gzip.compress(sitemap(news(f"{site.url}/story-1", "One")))
    answers["/map.xml"] = xml(packed, Content_Type=kind)

    assert reading.fetch().read == 1


def test_index_leads_to_its_youngest_sitemaps(reading: Reading, site: Site, answers: Answers) -> None:
    answers["/map.xml"] = xml(index(("/old.xml", 900), ("/new.xml.gz", 1), ("/undated.xml", None)))
    answers["/new.xml.gz"] = xml(
        gzip.compress(sitemap(news(f"{site.url}/story-1", "One"))), Content_Type="application/gzip"
    )
    answers["/undated.xml"] = xml(
        sitemap(news(f"{site.url}/story-2", "Two"), news(f"{site.url}/story-1", "One"))
    )

    report = reading.fetch()

    assert (report.read, report.failures) == (2, ())
    assert asked(site) == ["/map.xml", "/new.xml.gz", "/undated.xml", "/story-1", "/story-2"]


def test_index_of_many_is_cut_and_says_so(reading: Reading, site: Site, answers: Answers) -> None:
    paths = [f"/part-{number}.xml" for number in range(MOST_SITEMAPS + 3)]
    answers["/map.xml"] = xml(index(*((path, number + 1) for number, path in enumerate(paths))))
    answers |= {path: xml(sitemap()) for path in paths}

    (failure,) = reading.fetch().failures

    assert failure.message == f"gazette names 8 sitemaps; the {MOST_SITEMAPS} likeliest are read."
    assert asked(site) == ["/map.xml", *paths[:MOST_SITEMAPS]]


@pytest.mark.parametrize(
    ("child", "says"),
    [
        (xml(index(("/story-1", 1))), "an index within an index"),
        (html(page("No map")), "which it is not"),
        (reply(404), "answered 404"),
        (xml(b"\x1f\x8b\x08garbage"), "came damaged"),
    ],
)
def test_bad_sitemap_of_an_index_costs_only_itself(
    reading: Reading, site: Site, answers: Answers, child: Answer, says: str
) -> None:
    answers["/map.xml"] = xml(index(("/bad.xml", 1), ("/good.xml", 2)))
    answers["/bad.xml"] = child
    answers["/good.xml"] = xml(sitemap(news(f"{site.url}/story-1", "One")))

    report = reading.fetch()

    assert report.read == 1
    assert [says in failure.message for failure in report.failures] == [True]


def test_most_pages_are_followed_and_the_rest_comes_next(
    reading: Reading, site: Site, answers: Answers
) -> None:
    count = MOST_PAGES + 2
    answers |= {f"/many-{number}": html(page(f"Many {number:03}")) for number in range(count)}
    answers["/map.xml"] = xml(
        sitemap(*(news(f"{site.url}/many-{n}", f"Many {n}", hours=n / 10) for n in reversed(range(count))))
    )

    first = reading.fetch()
    second = reading.fetch()

    assert (first.read, second.read) == (MOST_PAGES, 2)
    assert [failure.message for failure in first.failures] == [
        "gazette lists 102 new pages; the newest 100 are read, the others left for another time."
    ]
    assert second.failures == ()
    assert asked(site)[1] == "/many-0"


def test_address_of_a_sitemap_is_read_without_a_store(site: Site, answers: Answers) -> None:
    answers["/map.xml"] = xml(sitemap(news(f"{site.url}/story-1", "One"), news(f"{site.url}/none", "Two")))

    story, failure = read(f"{site.url}/map.xml")

    assert isinstance(story, Story)
    assert story.title == "Story number 1"
    assert isinstance(failure, Failure)
    assert failure.message.startswith("“Two” has no page to read")


def test_nothing_new_at_the_address_of_a_sitemap_is_said(site: Site, answers: Answers) -> None:
    answers["/map.xml"] = xml(sitemap(news(f"{site.url}/story-1", "One", hours=100)))

    (failure,) = read(f"{site.url}/map.xml")

    assert isinstance(failure, Failure)
    assert "nothing new" in failure.message


def test_saved_sitemap_gives_what_it_tells_itself(tmp_path: Path) -> None:
    file = tmp_path / "map.xml"
    file.write_bytes(
        sitemap(
            news("https://gazette.example/1", "One"),
            plain("https://gazette.example/2"),
            plain("https://b.example/"),
        )
    )

    story, failure = read(str(file))

    assert isinstance(story, Story)
    assert (story.title, story.url, story.published_at) == ("One", "https://gazette.example/1", NOW - HOUR)
    assert isinstance(failure, Failure)
    assert "2 addresses and no titles" in failure.message


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (index(("https://a.example/1.xml", 1), ("https://a.example/2.xml", 1)), "an index of 2 sitemaps"),
        (sitemap(), "lists nothing"),
        (sitemap("<!DOCTYPE x [<!ENTITY a 'b'>]>"), "declares entities"),
    ],
)
def test_saved_sitemap_that_tells_nothing_is_one_failure(tmp_path: Path, content: bytes, says: str) -> None:
    (tmp_path / "map.xml").write_bytes(content)

    (failure,) = read(str(tmp_path / "map.xml"))

    assert isinstance(failure, Failure)
    assert says in failure.message


def test_pages_are_chosen_young_unknown_and_newest_first() -> None:
    def listed(name: str, hours: float | None, *, published: float | None = None) -> ListedPage:
        return ListedPage(
            entry=FeedEntry(
                url=f"https://a.example/{name}",
                published_at=None if published is None else NOW - published * HOUR,
            ),
            changed_at=None if hours is None else NOW - hours * HOUR,
        )

    pages = [
        listed("changed", 5),
        listed("old but changed", 1, published=100),
        listed("new", 50, published=2),
        listed("known", 1),
        listed("undated", None),
        listed("changed", 4),
        listed("", 1),
        listed("failed", 1),
    ]
    visits = Visits(is_known=lambda url: url.endswith("known"), failed={"https://a.example/failed"})

    chosen = choose_pages(pages, since=SINCE, visits=visits)

    assert [str(one.entry.url).rpartition("/")[2] for one in chosen] == ["new", "changed", "failed"]


def test_sitemaps_are_chosen_by_their_own_dates_and_names() -> None:
    def child(name: str, hours: float | None) -> ListedSitemap:
        return ListedSitemap(
            url=f"https://a.example/{name}", changed_at=None if hours is None else NOW - hours * HOUR
        )

    children = [child("pages", None), child("old", 200), child("news", None), child("b", 9), child("a", 3)]

    assert [one.url[18:] for one in choose_sitemaps(children, since=SINCE)] == ["a", "b", "news", "pages"]
    assert [one.url[18:] for one in choose_sitemaps([child("x", 300), children[1]], since=SINCE)] == ["old"]
