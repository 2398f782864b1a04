"""What every shipped layout promises, whatever it looks like."""

from __future__ import annotations

import io
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest
from lxml import html
from PIL import Image as Pillow

from digest.errors import RenderError
from digest.model import Edition, Follows, Rendered
from digest.render.compose import render_edition
from digest.render.logo import prepare_logo
from digest.render.theme import PAIRS, READABLE, contrast, load_theme
from digest.render.wording import WORDS, find_wording
from tests.render.sample import (
    LAYOUT_NAMES,
    LAYOUTS,
    make_edition,
    make_item,
    make_newsletter,
    make_stub_pictures,
)

LANGUAGES = sorted(path.stem for path in WORDS.glob("*.toml"))
pytestmark = pytest.mark.parametrize("layout", LAYOUT_NAMES)


def lay_out(layout: str, edition: Edition, **newsletter: object) -> Rendered:
    folder = LAYOUTS / layout
    return render_edition(
        edition,
        make_newsletter(language=edition.language, **newsletter),
        template_folder=folder,
        pictures=make_stub_pictures(edition, folder),
    )


def tree(source: str) -> html.HtmlElement:
    return html.document_fromstring(source)


def words_of(element: html.HtmlElement) -> str:
    return " ".join(element.text_content().split())


@pytest.mark.parametrize("part", ["html", "text"])
def test_the_sample_edition_is_laid_out_as_its_golden(
    layout: str, part: str, golden: Callable[[str, str], None]
) -> None:
    ending = {"html": "html", "text": "txt"}[part]

    golden(f"render/{layout}.{ending}", getattr(lay_out(layout, make_edition(15)), part))


@pytest.mark.parametrize(("stories", "most"), [(15, 40_000), (50, 80_000)])
def test_it_is_small(layout: str, stories: int, most: int) -> None:
    assert len(lay_out(layout, make_edition(stories)).html.encode()) <= most


def test_every_story_is_told_in_both_parts(layout: str) -> None:
    edition = make_edition(15)
    made = lay_out(layout, edition)

    for told in (words_of(tree(made.html)), " ".join(made.text.split())):
        for item in edition.items:
            assert item.headline in told
            assert item.text in told
            assert item.site in told or (item.url or "") in told


def test_it_has_one_button_one_h1_and_no_skipped_heading(layout: str) -> None:
    root = tree(lay_out(layout, make_edition(6)).html)

    levels = [int(str(heading.tag)[1]) for heading in root.iter("h1", "h2", "h3")]
    assert len(root.xpath("//td[@class='go']")) == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_it_says_date_stories_and_reading_time_and_labels_its_sections(layout: str) -> None:
    edition = make_edition(15)
    root = tree(lay_out(layout, edition).html)

    told = words_of(root)
    assert all(part in told for part in ("Tuesday, November 24, 2026", "15 stories", "4 min read"))
    assert [words_of(label) for label in root.iter("h2")] == [title for title, _ in edition.sections]


def test_each_picture_shown_has_alt_width_and_its_caption(layout: str) -> None:
    edition = make_edition(7)
    root = tree(lay_out(layout, edition).html)

    pictures = list(root.iter("img"))
    assert pictures
    assert all(picture.get("alt") and picture.get("width", "").isdigit() for picture in pictures)
    assert "Mara Lindqvist, left, and her crew steady the bell" in words_of(root)
    assert "Photo: Ada Brandt / Coastal Press" in words_of(root)


def test_no_text_is_smaller_than_14_pixels(layout: str) -> None:
    made = lay_out(layout, make_edition(15), share=True, tip_line="tips@dose.example").html

    sizes = re.findall(r"font(?:-size)?:[^;\"}]*?([\d.]+)px", made)
    assert {float(size) for size in sizes} - {0.0, 1.0}
    assert min(float(size) for size in sizes if float(size) > 1) >= 14


def test_a_follow_up_says_update(layout: str) -> None:
    item = replace(
        make_item(1),
        follows=Follows(title="Trams", date=date(2026, 11, 23)),
    )
    made = lay_out(layout, make_edition(items=(make_item(0), item)))

    assert "Update" in words_of(tree(made.html))
    assert "Update: " in made.text


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_speaks_the_newsletters_language_and_runs_its_way(layout: str, language: str) -> None:
    words = find_wording(language)
    edition = make_edition(6, language=language)

    made = lay_out(layout, edition, share=True, tip_line="tips@dose.example")

    root = tree(made.html)
    told = words_of(root)
    for name in ("note", "also_in", "unsubscribe", "share", "share_mail", "tip"):
        assert words.say(name) in told, name
    assert words.day(edition.name.date) in told
    assert (root.get("lang"), root.get("dir")) == (language, words.direction)
    if words.direction == "rtl":
        cells = [cell for cell in root.iter("td") if cell.get("class") and cell.text_content().strip()]
        own = {cell.get("dir") for cell in cells} - {None}
        assert own == {"rtl"}
        assert "direction:ltr" not in made.html
        assert "letter-spacing" not in made.html.partition("<body")[2]


def test_share_links_and_a_tip_line_are_off_unless_asked_for(layout: str) -> None:
    made = lay_out(layout, make_edition(5))

    assert "mailto:" not in made.html
    assert "Share" not in tree(made.html).text_content()
    assert "tip" not in made.text.split()


def test_share_links_lead_to_a_letter_and_to_the_story_and_nowhere_else(layout: str) -> None:
    edition = make_edition(items=(make_item(0, headline="A & B? “C”"), *(make_item(n) for n in range(1, 5))))
    without = set(tree(lay_out(layout, edition).html).xpath("//a/@href"))

    root = tree(lay_out(layout, edition, share=True).html)

    added = set(root.xpath("//a/@href")) - without
    assert len(added) == len(edition.items)
    assert all(link.startswith("mailto:?subject=") for link in added)
    assert any(
        link.startswith("mailto:?subject=A%20%26%20B%3F%20%E2%80%9CC%E2%80%9D&body=https%3A")
        for link in added
    )


def test_a_tip_line_names_its_address_in_both_parts(layout: str) -> None:
    made = lay_out(layout, make_edition(2), tip_line="tips@dose.example")

    assert tree(made.html).xpath("//a[@href='mailto:tips@dose.example']/text()") == ["tips@dose.example"]
    assert "Got a tip? Write to us: tips@dose.example" in made.text


def test_texts_of_the_footer_are_the_newsletters_own(layout: str) -> None:
    theme = {"why": "You asked for it at the fair.", "footer": "Printed by <hand> & heart."}

    made = lay_out(layout, make_edition(2), theme=theme)

    for told in (words_of(tree(made.html)), " ".join(made.text.split())):
        assert "You asked for it at the fair." in told
        assert "Printed by <hand> & heart." in told
        assert "because you are on its list" not in told


def make_logo(width: int = 900, height: int = 160) -> bytes:
    buffer = io.BytesIO()
    Pillow.new("RGBA", (width, height), (180, 20, 20, 128)).save(buffer, "PNG")
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("changes", "source"),
    [
        ({}, "cid:{name}"),
        ({"public_url": "https://news.example"}, "https://news.example/images/{name}"),
        ({"images": "link"}, "cid:{name}"),
        ({"images": "attach", "public_url": "https://news.example"}, "cid:{name}"),
    ],
)
def test_a_logo_stands_in_the_masthead_with_its_alt(
    layout: str, changes: dict[str, object], source: str
) -> None:
    logo = prepare_logo(make_logo(), name="logo.png")

    made = lay_out(layout, make_edition(2), logo=logo, theme={"logo_alt": "The Dose, a red bar"}, **changes)

    (image,) = tree(made.html).xpath("//h1/img")
    assert image.get("src") == source.format(name=logo.name)
    assert image.get("alt") == "The Dose, a red bar"
    assert (image.get("width"), image.get("height")) == ("300", "54")


def test_without_pictures_the_title_stands_for_the_logo(layout: str) -> None:
    logo = prepare_logo(make_logo(), name="logo.png")

    made = lay_out(layout, make_edition(2), logo=logo, images="none")

    (title,) = tree(made.html).iter("h1")
    assert words_of(title) == "The Daily Dose"


@pytest.mark.parametrize("prefix", ["", "dark_"])
def test_every_text_of_its_theme_can_be_read(layout: str, prefix: str) -> None:
    theme = load_theme(LAYOUTS / layout, {})

    assert all(contrast(theme[prefix + front], theme[prefix + back]) >= READABLE for front, back in PAIRS)


def test_few_stories_or_none_are_a_sound_email(layout: str) -> None:
    assert "There are no stories today." in lay_out(layout, make_edition(0)).html
    assert make_item(0).headline in lay_out(layout, make_edition(1)).html
    bare = replace(make_item(0), url=None, image=None, text="", site="", authors=(), also_in=(), section="")
    assert bare.headline in lay_out(layout, make_edition(items=(bare,), note="")).html


def test_a_narrow_picture_is_not_stretched(layout: str) -> None:
    edition = make_edition(2)
    folder = LAYOUTS / layout
    pictures = make_stub_pictures(edition, folder)
    narrow = {story: replace(picture, width=220, height=146) for story, picture in pictures.items()}

    made = render_edition(edition, make_newsletter(), template_folder=folder, pictures=narrow)

    assert all(int(width) <= 220 for width in tree(made.html).xpath("//img/@width"))
    assert "cid:" in made.html


def test_a_copy_of_it_can_be_changed(layout: str, tmp_path: Path) -> None:
    mine = Path(shutil.copytree(LAYOUTS / layout, tmp_path / "mine"))
    parts = mine / "parts.mjml.j2"
    parts.write_text(parts.read_text(encoding="utf-8").replace("<h1", '<p class="small">Since 1911</p><h1'))

    made = render_edition(make_edition(3), make_newsletter(), template_folder=mine, pictures={})

    assert "Since 1911" in made.html


def test_a_layout_extends_it_block_by_block(layout: str, tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "email.mjml.j2").write_text(
        f'{{% extends "{layout}/email.mjml.j2" %}}\n'
        "{% block masthead %}{{ parts.masthead() }}<tr><td>A word from our sponsor</td></tr>{% endblock %}\n"
    )
    (mine / "theme.toml").write_text('accent = "#0b5c66"\n')
    edition = make_edition(3)

    made = render_edition(edition, make_newsletter(), template_folder=mine, pictures={})

    base = lay_out(layout, edition, images="none")
    assert "A word from our sponsor" in made.html
    assert "#0b5c66" in made.html
    assert made.text == base.text
    assert made.subject == base.subject


def test_a_projects_own_may_extend_the_shipped_one_of_its_name(layout: str, tmp_path: Path) -> None:
    mine = tmp_path / layout
    mine.mkdir()
    (mine / "email.mjml.j2").write_text(
        f'{{% extends "{layout}/email.mjml.j2" %}}{{% block note %}}<tr><td>No note</td></tr>{{% endblock %}}'
    )

    made = render_edition(make_edition(3), make_newsletter(), template_folder=mine, pictures={})

    assert "No note" in made.html


def test_layouts_that_extend_each_other_are_refused(layout: str, tmp_path: Path) -> None:
    for name, other in (("one", "two"), ("two", "one")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "email.mjml.j2").write_text(f'{{% extends "{other}/email.mjml.j2" %}}')
    (tmp_path / "one" / "theme.toml").write_bytes((LAYOUTS / layout / "theme.toml").read_bytes())

    with pytest.raises(RenderError, match="'one' and 'two' ends up extending itself"):
        render_edition(make_edition(1), make_newsletter(), template_folder=tmp_path / "one", pictures={})


def test_an_error_in_what_it_builds_on_names_that_file(layout: str, tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "email.mjml.j2").write_text(
        f'{{% extends "{layout}/email.mjml.j2" %}}\n\n{{% block note %}}{{{{ page.nothing }}}}{{% endblock %}}'
    )

    with pytest.raises(RenderError, match=r"mine/email\.mjml\.j2, line 3: .*has no attribute 'nothing'"):
        render_edition(make_edition(1), make_newsletter(), template_folder=mine, pictures={})


def test_an_error_in_a_template_is_told_in_whole_sentences(layout: str, tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "email.mjml.j2").write_text(f'{{% extends "{layout}/email.mjml.j2" %}}\n{{% nonsense %}}')

    with pytest.raises(RenderError, match=r"line 2: [^.]* 'nonsense'\. Mend the template there\.$"):
        render_edition(make_edition(1), make_newsletter(), template_folder=mine, pictures={})
