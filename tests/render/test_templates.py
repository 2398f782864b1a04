"""The shipped templates, and what is said of broken ones."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from digest.errors import RenderError
from digest.model import Rendered
from digest.render.compose import render_edition
from digest.render.layout import is_escaped
from tests.render.sample import TEMPLATE, make_edition, make_item, make_newsletter, make_stub_pictures

SHIPPED = sorted(TEMPLATE.parent.rglob("*.j2"))
_DYNAMIC_ATTRIBUTE = re.compile(r'=\s*"[^"{]*\{\{((?:[^"}]|"[^"]*"|\}(?!\}))*)\}\}')


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_no_template_switches_escaping_off(path: Path) -> None:
    assert not re.search(r"\|\s*safe\b|autoescape|Markup", path.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    "path", [p for p in SHIPPED if ".mjml." in p.name], ids=lambda path: f"{path.parent.name}/{path.name}"
)
def test_every_dynamic_attribute_goes_through_the_one_filter(path: Path) -> None:
    source = path.read_text(encoding="utf-8")

    found = _DYNAMIC_ATTRIBUTE.findall(source)

    assert found or "{% extends" in source
    assert [part for part in found if not part.strip().endswith("| attribute")] == []


def test_all_but_plain_text_is_escaped() -> None:
    assert all(is_escaped(name) for name in ("email.mjml.j2", "email.mjml", "inline.css.j2", "x.html", None))
    assert not is_escaped("email.txt.j2")


@pytest.fixture
def layout(tmp_path: Path) -> Path:
    return Path(shutil.copytree(TEMPLATE, tmp_path / "mine"))


def lay_out(folder: Path, stories: int = 2) -> Rendered:
    edition = make_edition(stories)
    return render_edition(
        edition, make_newsletter(), template_folder=folder, pictures=make_stub_pictures(edition)
    )


def change(path: Path, old: str, new: str) -> int:
    """Replace a text in a file; return the line it stood on."""
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return text[: text.index(old)].count("\n") + 1


def test_a_copied_layout_can_be_changed(layout: Path) -> None:
    change(layout / "parts.mjml.j2", "<h1", '<p class="small">Since 1911</p><h1')

    assert "Since 1911" in lay_out(layout).html


@pytest.mark.parametrize(
    ("name", "old", "new", "message"),
    [
        ("email.mjml.j2", "{% block masthead %}", "{% blok masthead %}", "unknown tag 'blok'"),
        ("parts.mjml.j2", "{{ page.day }}", "{{ page.dya }}", "has no attribute 'dya'"),
        ("parts.mjml.j2", "{{ page.day }}", "{{ nothing }}", "'nothing' is undefined"),
        ("parts.mjml.j2", "{{ page.day }}", "{{ 1 + page.day }}", "unsupported operand"),
        ("parts.mjml.j2", "{{ page.day }}", '{{ words.say("bye") }}', "'bye'"),
        ("email.txt.j2", "{{ page.title | upper }}", "{{ page.title | uper }}", "No filter named 'uper'"),
    ],
)
def test_an_error_names_the_file_and_the_line(
    layout: Path, name: str, old: str, new: str, message: str
) -> None:
    line = change(layout / name, old, new)

    with pytest.raises(RenderError, match=re.escape(message)) as caught:
        lay_out(layout)

    assert f"{layout / name}, line {line}" in str(caught.value)


def test_a_missing_template_is_named(layout: Path) -> None:
    (layout / "subject.txt.j2").unlink()

    with pytest.raises(RenderError, match=r"has no subject\.txt\.j2"):
        lay_out(layout)


def test_a_misspelt_tag_is_named(layout: Path) -> None:
    line = change(layout / "parts.mjml.j2", "<mj-button", "<mj-buton")

    with pytest.raises(RenderError, match="<mj-buton>, which is no MJML tag") as caught:
        lay_out(layout)

    assert f"{layout / 'parts.mjml.j2'}, line {line} has" in str(caught.value)


def test_a_broken_layout_is_told_from_a_broken_story(layout: Path) -> None:
    change(layout / "parts.mjml.j2", '<h1 class="name">', '<h1 class="name"><b>')

    with pytest.raises(RenderError, match=r"The layout is broken, whatever the stories: .* not well formed"):
        lay_out(layout)


def test_the_story_that_a_layout_cannot_take_is_named(layout: Path) -> None:
    change(
        layout / "parts.mjml.j2",
        "{{ linked(item) }}",
        '{% if "trams" in item.headline %}<b>{% endif %}{{ linked(item) }}',
    )

    with pytest.raises(RenderError, match=r"cannot take 'Night trams return.*' \(sample-01\)") as caught:
        lay_out(layout, stories=5)

    assert make_item(0).headline not in str(caught.value)


def test_a_value_in_an_attribute_without_the_filter_is_found(layout: Path) -> None:
    change(layout / "parts.mjml.j2", '<h1 class="name">', '<h1 class="name" title="{{ page.title }}\u00a0">')

    with pytest.raises(RenderError, match=r"\|attribute"):
        lay_out(layout)


def test_a_style_to_be_inlined_fetches_nothing(layout: Path) -> None:
    with (layout / "inline.css.j2").open("a", encoding="utf-8") as css:
        css.write("@import url(http://127.0.0.1:9/x.css);")

    with pytest.raises(RenderError, match="@import"):
        lay_out(layout)
