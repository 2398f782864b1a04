"""What an edition looks like once laid out."""

from __future__ import annotations

import re
import socket
from collections.abc import Callable
from dataclasses import replace

import pytest
from lxml import html
from mjml import mjml2html

from digest.model import SLOTS, Follows, Image, Rendered, StoryId
from digest.render.compose import picture_mode, render_edition
from digest.render.markup import Press, convert, inline
from digest.render.view import Links, in_blocks, make_page, reading_minutes
from tests.render.sample import TEMPLATE, make_edition, make_item, make_newsletter, make_stub_pictures


def rendered(stories: int = 15, **newsletter: object) -> Rendered:
    edition = make_edition(stories)
    return render_edition(
        edition, make_newsletter(**newsletter), template_folder=TEMPLATE, pictures=make_stub_pictures(edition)
    )


def tree(source: str) -> html.HtmlElement:
    return html.document_fromstring(source)


@pytest.mark.parametrize("part", ["mjml", "html", "text"])
def test_the_sample_edition_is_laid_out_as_its_golden(part: str, golden: Callable[[str, str], None]) -> None:
    endings = {"mjml": "mjml", "html": "html", "text": "txt"}

    made = rendered()

    golden(f"render/daily.{endings[part]}", getattr(made, part))


def test_fifteen_stories_weigh_at_most_40_kb() -> None:
    assert len(rendered(15).html.encode()) <= 40_000


def test_each_conversion_is_called_once_an_edition() -> None:
    calls: list[str] = []

    def counted_convert(source: str) -> str:
        calls.append("mjml2html")
        return convert(source)

    def counted_inline(source: str) -> str:
        calls.append("premailer")
        return inline(source)

    edition = make_edition(50)
    render_edition(
        edition,
        make_newsletter(),
        template_folder=TEMPLATE,
        pictures=make_stub_pictures(edition),
        press=Press(convert=counted_convert, inline=counted_inline),
    )

    assert calls == ["mjml2html", "premailer"]


def test_the_same_edition_gives_the_same_bytes() -> None:
    assert rendered() == rendered()


def test_no_connection_is_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("a connection was opened")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)

    assert rendered().html


def test_the_page_has_its_doctype_and_its_language_inside_the_body_too() -> None:
    made = rendered(3).html

    assert made.startswith("<!DOCTYPE html>")
    root = tree(made)
    assert (root.get("lang"), root.get("dir")) == ("en", "ltr")
    assert root.xpath("//body//*[@lang='en'][@dir='ltr']")


def test_outlook_comments_survive_the_inlining() -> None:
    made = rendered()

    assert made.html.count("<!--[if") == mjml2html(made.mjml, fonts={}).count("<!--[if")
    assert "prefers-color-scheme:dark" in made.html
    assert "[data-ogsc]" in made.html
    assert "/*inline*/" not in made.html
    assert "data-premailer" not in made.html


def test_every_story_is_told_in_both_parts() -> None:
    edition = make_edition(15)
    made = rendered(15)
    words = " ".join(tree(made.html).text_content().split())
    text = " ".join(made.text.split())

    for item in edition.items:
        for part in (words, text):
            assert item.headline in part
            assert item.text in part
            if item.image and item.image.caption:
                assert item.image.caption.rstrip(".") in part


def test_a_caption_without_a_picture_says_that_the_picture_is_in_the_story() -> None:
    made = rendered(4)

    assert "Pictured in the story: Librarian Tomas Okoro" in tree(made.html).text_content()


def test_a_credit_says_photo_once() -> None:
    item = make_item(
        0, image=Image(url="https://a.example/a.jpg", caption="A bell", credit="Photo by Ada Brandt")
    )
    edition = make_edition(items=(item,))

    made = render_edition(
        edition, make_newsletter(), template_folder=TEMPLATE, pictures=make_stub_pictures(edition)
    )

    assert "A bell. Photo: Ada Brandt" in tree(made.html).text_content()


def test_a_missing_picture_leaves_no_cell() -> None:
    edition = make_edition(3)

    made = render_edition(edition, make_newsletter(), template_folder=TEMPLATE, pictures={})

    assert not tree(made.html).xpath("//img | //td[contains(@class, 'thumb') or contains(@class, 'stage')]")


@pytest.mark.parametrize(
    ("images", "public_url", "expected"),
    [
        ("auto", "", r"cid:picture-0\.jpg"),
        ("attach", "https://news.example", r"cid:picture-0\.jpg"),
        ("auto", "https://news.example", r"https://news\.example/images/picture-0\.jpg"),
        ("host", "https://news.example", r"https://news\.example/images/picture-0\.jpg"),
        ("link", "", r"https://the-gazette\.example/pictures/0\.jpg"),
    ],
)
def test_pictures_come_from_where_the_newsletter_says(images: str, public_url: str, expected: str) -> None:
    made = rendered(1, images=images, public_url=public_url)

    (src,) = tree(made.html).xpath("//img/@src")
    assert re.fullmatch(expected, str(src))
    assert bool(made.pictures) == str(src).startswith("cid:")


def test_no_pictures_means_no_pictures() -> None:
    made = rendered(5, images="none", public_url="https://news.example")

    assert "<img" not in made.html
    assert not made.pictures


def test_hosting_needs_a_public_address() -> None:
    assert picture_mode(make_newsletter(images="host")) == "attach"


def test_attached_pictures_are_exactly_those_shown() -> None:
    made = rendered(15)

    shown = set(re.findall(r"cid:([\w.-]+)", made.html))
    assert shown == {picture.name for picture in made.pictures}


def test_a_narrow_hero_picture_is_not_stretched() -> None:
    edition = make_edition(1)
    pictures = make_stub_pictures(edition)
    story_id = StoryId("sample-00")

    made = render_edition(
        edition,
        make_newsletter(),
        template_folder=TEMPLATE,
        pictures={story_id: replace(pictures[story_id], width=400, height=210)},
    )

    assert tree(made.html).xpath("//img/@width") == ["120"]


def test_without_a_public_address_only_unsubscribe_is_offered() -> None:
    made = rendered(2)

    for part in (made.html, made.text):
        assert [token for token in SLOTS if token in part] == ["@@UNSUBSCRIBE@@"]


def test_with_a_public_address_preferences_and_view_are_offered() -> None:
    made = rendered(2, public_url="https://news.example")

    for part in (made.html, made.text):
        assert {token for token in SLOTS if token in part} == {
            "@@UNSUBSCRIBE@@",
            "@@PREFERENCES@@",
            "@@VIEW@@",
        }


def test_links_of_the_footer_can_be_replaced() -> None:
    made = render_edition(
        make_edition(1),
        make_newsletter(),
        template_folder=TEMPLATE,
        pictures={},
        links=Links(unsubscribe="https://news.example/leave"),
    )

    assert "@@" not in made.html + made.text
    assert "https://news.example/leave" in made.html


def test_opening_the_email_asks_no_third_party() -> None:
    made = rendered(15, public_url="https://news.example")

    asked = re.findall(
        r"""(?:src|background)=["']?(https?://[^/"' >]+)|url\(\s*["']?(https?:[^)]+)""", made.html
    )
    assert {one or other for one, other in asked} == {"https://news.example"}
    assert "<link" not in made.html


def test_headings_do_not_skip_a_level() -> None:
    labelled = [str(e.tag) for e in tree(rendered(6).html).iter("h1", "h2", "h3")]
    edition = make_edition(items=tuple(make_item(n, section="") for n in range(3)))
    made = render_edition(edition, make_newsletter(), template_folder=TEMPLATE, pictures={})
    unlabelled = [str(e.tag) for e in tree(made.html).iter("h1", "h2", "h3")]

    assert labelled == ["h1", "h2", "h3", "h3", "h3", "h3", "h2", "h3", "h3"]
    assert unlabelled == ["h1", "h2", "h2", "h2"]


def test_a_story_in_another_language_says_so() -> None:
    item = make_item(1, language="ar", headline="عودة الترام", text="يعود الترام ليلا")
    edition = make_edition(items=(make_item(0), item))

    made = render_edition(edition, make_newsletter(), template_folder=TEMPLATE, pictures={})

    (headline,) = tree(made.html).xpath("//h3[@lang='ar']")
    assert (headline.get("dir"), headline.get("align")) == ("rtl", "right")


@pytest.mark.parametrize(("language", "label"), [("en", "Update"), ("ja", "続報"), ("he", "עדכון")])
@pytest.mark.parametrize("place", [0, 1, 3])
def test_a_follow_up_says_so_before_its_headline(language: str, label: str, place: int) -> None:
    plain = make_edition(5, language=language)
    follows = Follows(title="The bell is found", date=plain.name.date)
    items = tuple(
        replace(item, follows=follows if n == place else None) for n, item in enumerate(plain.items)
    )

    made = render_edition(
        replace(plain, items=items),
        make_newsletter(language=language),
        template_folder=TEMPLATE,
        pictures=make_stub_pictures(plain),
    )

    shown = [element for element in tree(made.html).iter("p") if element.get("class") == "update"]
    assert [element.text for element in shown] == [label]
    heading = shown[0].getnext()
    assert heading.tag in ("h2", "h3") and heading.text_content().strip() == items[place].headline
    assert [line.split(": ")[0] for line in made.text.splitlines() if label in line] == [
        f"{place + 1}. {label}"
    ]


def test_an_edition_without_stories_is_a_sound_email() -> None:
    made = render_edition(make_edition(0), make_newsletter(), template_folder=TEMPLATE, pictures={})

    assert "There are no stories today." in made.text
    assert "There are no stories today." in made.html


def test_the_text_part_keeps_to_72_columns_but_for_addresses() -> None:
    for line in rendered(15).text.splitlines():
        assert len(line) <= 72 or line.startswith("https://")


def test_a_right_to_left_edition_is_right_to_left_in_every_cell() -> None:
    edition = make_edition(4, language="ar")

    made = render_edition(
        edition,
        make_newsletter(language="ar"),
        template_folder=TEMPLATE,
        pictures=make_stub_pictures(edition),
    )

    root = tree(made.html)
    assert root.get("dir") == "rtl"
    grids = list(root.iter("table"))
    assert {cell.get("dir") for cell in root.iter("td") if cell.get("dir")} == {"rtl"}
    assert "direction:ltr" not in made.html
    assert {t.get("dir") for t in grids if "grid" in (t.get("class") or "")} == {"ltr"}
    own = [
        td for td in root.iter("td") if (td.get("class") or "").split()[:1] in (["tell"], ["lead"], ["note"])
    ]
    assert {td.get("align") for td in own} == {"right"}


def test_reading_time_counts_scripts_without_spaces() -> None:
    japanese = make_edition(items=(make_item(0, headline="見出し", text="漢" * 920),), note="")

    assert reading_minutes(japanese) == 3
    assert reading_minutes(make_edition(0, note="")) == 1


@pytest.mark.parametrize(
    ("counts", "expected"),
    [([], []), ([4, 4, 3, 2, 2], [[4, 4], [3, 2, 2]]), ([10, 1, 1], [[10], [1, 1]]), ([6, 6], [[6], [6]])],
)
def test_short_sections_share_a_block(counts: list[int], expected: list[list[int]]) -> None:
    some = make_page(
        make_edition(15), make_newsletter(), theme={}, links=Links(), pictures={}, mode="none"
    ).sections[0]
    sections = [replace(some, items=some.items[:1] * count) for count in counts]

    assert [[len(section.items) for section in block] for block in in_blocks(sections)] == expected


def test_fifteen_stories_at_their_longest_weigh_at_most_45_kb() -> None:
    words = " ".join(make_item(0).text.split() * 2)
    items = tuple(
        make_item(
            n,
            text=" ".join(words.split()[:60]),
            url=f"https://gazette.example/{'x' * 90}",
            image=Image(url="https://a.example/", caption=" ".join(words.split()[:20]), credit="Ada Brandt"),
        )
        for n in range(15)
    )
    edition = make_edition(items=items)

    made = render_edition(
        edition, make_newsletter(), template_folder=TEMPLATE, pictures=make_stub_pictures(edition)
    )

    assert len(made.html.encode()) <= 45_000
