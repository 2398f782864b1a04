"""Pages give the story and leave what stands around it."""

from __future__ import annotations

from datetime import timedelta, timezone
from pathlib import Path

import pytest

from digest.errors import NoStoryError
from digest.extract.story import read_story
from digest.model import Story
from tests.extract.reading import page

FIRST = (
    "The ferry left the pier at noon with the band on board, and the mayor waved until it was out of sight."
)
SECOND = "It came back at four with fewer passengers, since eleven of them had decided to stay on the island."
THIRD = (
    "The captain said that he would fetch them on Sunday, weather permitting, and that they had no luggage."
)
BODY = f"<p>{FIRST}</p><p>{SECOND}</p><p>{THIRD}</p>"


def read(
    head: str = "", body: str = BODY, *, heading: str = "Eleven stay behind on the island", around: str = ""
) -> Story:
    """Read a page with a headline and a body."""
    return read_story(
        page(
            f"<html lang='en'><head>{head}</head><body><nav><a href='/'>Home</a></nav>"
            f"<main><article><h1>{heading}</h1>{body}</article></main>{around}</body></html>"
        )
    )


def test_body_is_the_paragraphs_in_order() -> None:
    assert read().text == f"{FIRST}\n\n{SECOND}\n\n{THIRD}"


def test_title_is_without_the_sites_name() -> None:
    head = (
        '<meta property="og:site_name" content="The Courier">'
        "<title>Eleven stay behind on the island | The Courier</title>"
    )

    assert read(head).title == "Eleven stay behind on the island"


def test_title_of_the_head_is_freed_of_what_the_other_lacks() -> None:
    head = (
        '<script type="application/ld+json">'
        '{"@type":"NewsArticle","headline":"Eleven stay behind on the island"}</script>'
        '<meta property="og:title" content="Eleven stay behind on the island: all you need to know">'
    )

    assert read(head).title == "Eleven stay behind on the island"


@pytest.mark.parametrize(
    ("author", "expected"),
    [
        ('"Jane Doe"', ("Jane Doe",)),
        ('{"@type":"Person","name":"By Jane Doe"}', ("Jane Doe",)),
        ('[{"name":"Jane Doe"},{"name":"Jón Rós"}]', ("Jane Doe", "Jón Rós")),
        ('{"name":"Jane Doe and John Roe"}', ("Jane Doe", "John Roe")),
        ('{"name":["Jane Doe","John Roe"]}', ("Jane Doe", "John Roe")),
        ('"https://courier.example/staff/jane"', ()),
        ('{"name":""}', ()),
    ],
)
def test_authors_come_from_structured_data_of_any_shape(author: str, expected: tuple[str, ...]) -> None:
    node = f'{{"@type":"NewsArticle","headline":"x y z","author":{author}}}'
    head = f'<script type="application/ld+json">{node}</script>'

    assert read(head).authors == expected


def test_reference_to_a_person_elsewhere_in_the_graph_is_followed() -> None:
    head = (
        '<script type="application/ld+json">{"@graph":['
        '{"@type":"NewsArticle","headline":"a b c","author":{"@id":"#p"}},'
        '{"@type":"Person","@id":"#p","name":"Jane Doe"}]}</script>'
    )

    assert read(head).authors == ("Jane Doe",)


def test_no_author_is_invented() -> None:
    assert read(around="<aside><p>By Somebody Else</p></aside>").authors == ()


def test_byline_under_the_headline_is_read() -> None:
    assert read(body=f'<div class="meta">By Jane Doe</div>{BODY}').authors == ("Jane Doe",)


def test_published_keeps_the_outlets_own_offset() -> None:
    story = read('<meta property="article:published_time" content="2025-03-05T19:45:00-05:00">')

    assert story.published_at is not None
    assert story.published_at.isoformat() == "2025-03-05T19:45:00-05:00"
    assert not story.published_at_assumed


def test_date_without_offset_is_marked_as_assumed() -> None:
    markup = '<meta property="article:published_time" content="2025-03-05T19:45:00">'

    story = read_story(
        page(f"<html><head>{markup}</head><body><h1>Eleven stay</h1>{BODY}</body></html>"),
        zone=timezone(timedelta(hours=2)),
    )

    assert story.published_at is not None
    assert story.published_at.isoformat() == "2025-03-05T19:45:00+02:00"
    assert story.published_at_assumed


def test_lead_image_has_address_caption_credit_and_size() -> None:
    figure = (
        '<figure><img src="/p/boat.jpg" alt="A boat" width="1200" height="800">'
        '<figcaption>The boat at noon. <span class="credit">Photo: Ned Calloway</span></figcaption></figure>'
    )

    image = read(body=figure + BODY).lead_image

    assert image is not None
    assert image.url == "https://courier.example/p/boat.jpg"
    assert (image.alt, image.caption, image.credit) == ("A boat", "The boat at noon.", "Ned Calloway")
    assert (image.width, image.height) == (1200, 800)


@pytest.mark.parametrize(
    "markup",
    [
        '<figure><img src="data:image/gif;base64,R0" data-src="/boat.jpg"></figure>',
        '<figure><img src="/placeholder.png" data-srcset="/boat-s.jpg 300w, /boat.jpg 1200w"></figure>',
        '<figure><picture><source srcset="/boat.jpg 1200w, /small.jpg 300w"><img src="data:,"></picture></figure>',
        '<figure><noscript><img src="/boat.jpg"></noscript></figure>',
        '<figure><amp-img src="/boat.jpg" width="800" height="500"></amp-img></figure>',
        '<div class="wp-caption"><img src="/boat.jpg"><p class="wp-caption-text">At noon.</p></div>',
    ],
)
def test_picture_is_found_however_it_is_loaded(markup: str) -> None:
    image = read(body=markup + BODY).lead_image

    assert image is not None
    assert image.url == "https://courier.example/boat.jpg"


@pytest.mark.parametrize(
    "src",
    [
        "/img/logo.png",
        "/avatars/jane.jpg",
        "/icons/share.svg",
        "https://t.example/pixel.gif?x=1",
        "/spacer.gif",
    ],
)
def test_logos_avatars_icons_and_trackers_are_no_pictures(src: str) -> None:
    assert read(body=f'<img src="{src}">{BODY}').images == ()


def test_tiny_picture_is_none() -> None:
    assert read(body=f'<img src="/a.jpg" width="16" height="16">{BODY}').images == ()


def test_pictures_of_other_stories_are_left_out() -> None:
    teaser = '<div class="related"><a href="/2"><img src="/other.jpg">Another story of the same day</a></div>'

    assert read(body=BODY + teaser).images == ()


def test_image_of_the_head_leads_where_the_page_shows_none() -> None:
    image = read('<meta property="og:image" content="https://courier.example/boat.jpg">').lead_image

    assert image is not None
    assert (image.url, image.caption) == ("https://courier.example/boat.jpg", None)


def test_picture_saved_beside_the_page_is_found(tmp_path: Path) -> None:
    (tmp_path / "page_files").mkdir()
    (tmp_path / "page_files" / "boat.jpg").write_bytes(b"x")
    markup = f'<h1>Eleven stay behind</h1><figure><img src="page_files/boat.jpg"></figure>{BODY}'

    story = read_story(page(markup, url=None, path=tmp_path / "page.html"))

    assert story.lead_image is not None
    assert story.lead_image.file == tmp_path / "page_files" / "boat.jpg"
    assert story.lead_image.url is None


@pytest.mark.parametrize(
    "src", ["../secret.jpg", "/etc/hostname", "file:///etc/hostname", "link/secret.jpg", "%2e%2e/secret.jpg"]
)
def test_file_outside_the_pages_folder_is_never_taken(tmp_path: Path, src: str) -> None:
    folder = tmp_path / "saved"
    folder.mkdir()
    (tmp_path / "secret.jpg").write_bytes(b"x")
    (folder / "link").symlink_to(tmp_path)
    markup = f'<h1>Eleven stay behind</h1><figure><img src="{src}"></figure>{BODY}'

    story = read_story(page(markup, path=folder / "page.html"))

    assert all(image.file is None for image in story.images)


@pytest.mark.parametrize(
    "chrome",
    [
        "<p>Advertisement</p>",
        "<p>Read more: Another ferry is late</p>",
        "<p>Sign up for our newsletter and get the news in your inbox.</p>",
        "<p>© 2026 The Courier. All rights reserved.</p>",
        "<p>Follow us on Facebook, Twitter and Instagram.</p>",
        "<p>Lesen Sie auch: Noch eine Fähre</p>",
        '<ul><li><a href="/2">Another ferry is late and nobody knows why</a></li></ul>',
    ],
)
def test_chrome_among_the_paragraphs_is_left_out(chrome: str) -> None:
    story = read(body=f"<p>{FIRST}</p>{chrome}<p>{SECOND}</p><p>{THIRD}</p>")

    assert story.text == f"{FIRST}\n\n{SECOND}\n\n{THIRD}"


def test_caption_is_not_in_the_text() -> None:
    caption = "The boat lies at the pier, as it does each noon."
    figure = f"<figure><img src='/a.jpg'><figcaption>{caption}</figcaption></figure>"

    assert "lies at the pier" not in read(body=f"<p>{FIRST}</p>{figure}<p>{SECOND}</p><p>{THIRD}</p>").text


def test_text_in_the_publishers_own_data_decides_what_is_body() -> None:
    fourth = "They were seen on the beach in the evening, and waved to the fishing boats."
    head = (
        '<script type="application/ld+json">{"@type":"NewsArticle","headline":"Eleven stay","articleBody":"'
        + " ".join((FIRST, SECOND, THIRD, fourth))
        + '"}</script>'
    )
    body = f"{BODY}<p>{fourth}</p>"
    extra = "<p>Our reader Mr. Plum would like to add that he was there and that it was quite different from this.</p>"

    assert "Mr. Plum" not in read(head, body + extra).text


def test_address_is_the_canonical_one_and_names_the_story() -> None:
    link = '<link rel="canonical" href="https://courier.example/news/eleven?utm_source=x#top">'

    one, other = read(link), read(link.replace("?utm_source=x#top", "/"))

    assert one.url == "https://courier.example/news/eleven?utm_source=x#top"
    assert one.id == other.id


def test_language_comes_from_the_page() -> None:
    assert (
        read_story(page(f"<html lang='de-AT'><body><h1>Elf bleiben</h1>{BODY}</body></html>")).language
        == "de"
    )


@pytest.mark.parametrize("markup", ["<html></html>", "<html><body><nav>Home</nav></body></html>", " "])
def test_page_without_a_story_says_so(markup: str) -> None:
    with pytest.raises(NoStoryError, match="holds no story"):
        read_story(page(markup))


@pytest.mark.parametrize(
    ("title", "text", "says"),
    [
        (
            "404 - Page not found",
            "We are sorry, but the page that you were looking for does not exist any more.",
            "error page",
        ),
        (
            "Seite nicht gefunden",
            "Die gesuchte Seite wurde leider nicht gefunden, oder sie ist umgezogen.",
            "error page",
        ),
        (
            "Log in",
            "Please enter the name and the password that you chose when you signed up with us.",
            "log-in page",
        ),
        (
            "The Courier",
            "Log in to continue reading this story, or choose one of our three offers today.",
            "log-in page",
        ),
        (
            "Just a moment...",
            "Checking your browser before you can go on to the site, which takes a second.",
            "person",
        ),
        (
            "Courier",
            "Please enable JavaScript and cookies to go on reading the site of The Courier.",
            "person",
        ),
    ],
)
def test_wall_is_no_story(title: str, text: str, says: str) -> None:
    markup = f"<html><head><title>{title}</title></head><body><h1>{title}</h1><p>{text}</p></body></html>"

    with pytest.raises(NoStoryError, match=says):
        read_story(page(markup))


def test_story_about_robots_is_a_story() -> None:
    text = " ".join(["The town asks whether you are a robot, and 404 of them answered."] * 9)

    assert read(body=f"<p>{text}</p>").text == text


def test_a_sentence_that_is_mostly_a_link_stays_between_its_neighbors() -> None:
    linked = '<p>The harbor board said <a href="/ferry">the night ferry could eventually return</a>.</p>'
    blocks = [f'<div class="text">{part}</div>' for part in (f"<p>{FIRST}</p>", linked, f"<p>{SECOND}</p>")]
    more = "".join(f'<div class="text"><p>{THIRD} It was trip {n}.</p></div>' for n in range(4))

    story = read(body="".join(blocks) + more)

    assert "The harbor board said the night ferry could eventually return." in story.text.split("\n\n")


def test_title_is_completed_where_a_quotation_mark_cut_it() -> None:
    whole = 'Ferry back: a crew and "royal visit"'
    head = f'<meta property="og:title" content="{whole}"><title>{whole.replace(chr(34), "&quot;")}</title>'

    assert read(head, heading=whole).title == whole


def test_section_is_cut_from_a_title_that_the_page_also_gives_without_it() -> None:
    head = (
        '<meta property="og:title" content="Night ferry returns-Harbor">'
        '<meta name="headline" content="Night ferry returns">'
    )

    assert read(head, heading="").title == "Night ferry returns"


def test_date_that_a_page_keeps_for_its_scripts_is_found() -> None:
    moment = read(body=f'<div data-deploy-dt="2026.01.29 18:40"></div>{BODY}').published_at

    assert moment is not None
    assert moment.isoformat().startswith("2026-01-29T18:40")


@pytest.mark.parametrize(
    "start",
    ["<title>Harbor</title>", "<meta charset=utf-8><title>Harbor</title><header>Wick Mail</header>", ""],
)
@pytest.mark.parametrize("tag", ["main", "article", "section"])
def test_page_that_leaves_out_the_tag_of_its_body_is_read(start: str, tag: str) -> None:
    paragraphs = [
        f"Paragraph {number} tells of the harbor at length, and names who said what." for number in range(4)
    ]
    body = "".join(f"<p>{text}</p>" for text in paragraphs)

    story = read_story(
        page(f"<!doctype html>{start}<{tag}><h1>Harbor</h1>{body}</{tag}><footer>2026</footer>")
    )

    assert story.title == "Harbor"
    assert story.text.split("\n\n") == paragraphs
