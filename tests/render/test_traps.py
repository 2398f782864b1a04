"""The traps of MRML and premailer that no other test walks into: each would pass in silence."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from lxml import html
from mjml import mjml2html

import digest
from digest.errors import RenderError
from digest.model import Rendered
from digest.render.compose import render_edition
from tests.render.sample import (
    LAYOUT_NAMES,
    LAYOUTS,
    TEMPLATE,
    make_edition,
    make_newsletter,
    make_stub_pictures,
)

MODERN = "rgb(0 0 0 / 50%)"
HOOKS = (
    "@supports (display:grid){.tell{color:red}}",
    "@font-face{font-family:Own;src:local(Own)}",
    f"@media (prefers-color-scheme:dark){{.x{{color:{MODERN}}}}}",
    "[data-ogsc] .x{color:red}",
    ".x:hover{color:red}",
    f".x{{color:{MODERN}}}",
)


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    """Return a copy of the daily layout, to be changed."""
    return Path(shutil.copytree(TEMPLATE, tmp_path / "mine"))


def change(layout: Path, name: str, old: str, new: str) -> None:
    path = layout / name
    source = path.read_text(encoding="utf-8")
    assert old in source
    path.write_text(source.replace(old, new, 1), encoding="utf-8")


def lay_out(layout: Path, **newsletter: object) -> Rendered:
    edition = make_edition(6)
    return render_edition(
        edition,
        make_newsletter(**newsletter),
        template_folder=layout,
        pictures=make_stub_pictures(edition, layout),
    )


@pytest.mark.parametrize("tag", ["mj-include path='other.mjml'", "mj-html-attributes"])
def test_tags_that_mrml_gets_wrong_are_refused(mine: Path, tag: str) -> None:
    """An include in the body loses the container's width; mj-html-attributes raises without a line."""
    change(mine, "email.mjml.j2", "<mj-body", f"<{tag} /><mj-body")

    with pytest.raises(RenderError, match=tag.split()[0]):
        lay_out(mine)


def test_the_style_to_be_inlined_is_in_the_tags_and_its_block_is_gone(mine: Path) -> None:
    (mine / "inline.css.j2").write_text(".tell{color:#010203}.nobody{color:#040506}", encoding="utf-8")

    made = lay_out(mine).html

    cells = [
        cell for cell in html.document_fromstring(made).iter("td") if "tell" in (cell.get("class") or "")
    ]
    assert cells
    assert all("color:#010203" in (cell.get("style") or "") for cell in cells)
    assert "#040506" not in made


@pytest.mark.parametrize("layout", LAYOUT_NAMES)
def test_every_table_is_told_to_be_no_data_for_outlook_too(layout: str) -> None:
    tables = re.findall(r"<table\b[^>]*>", lay_out(LAYOUTS / layout).html)

    assert len(tables) > 10
    assert [table for table in tables if 'role="presentation"' not in table] == []


@pytest.mark.parametrize("font", ["Roboto,sans-serif", "Open Sans,Ubuntu,Lato,Droid Sans"])
def test_a_font_that_the_web_has_is_not_fetched_from_there(font: str) -> None:
    made = lay_out(TEMPLATE, theme={"sans": font, "serif": font})

    assert font in made.html
    assert not re.search(r"googleapis|@import|<link", made.html)
    assert "googleapis" in mjml2html('<mjml><mj-body><mj-section><mj-column><mj-text font-family="Roboto">x</mj-text>'
                                     "</mj-column></mj-section></mj-body></mjml>")  # fmt: skip


@pytest.mark.parametrize("hook", HOOKS)
def test_what_a_style_block_says_comes_through_to_the_letter(mine: Path, hook: str) -> None:
    with (mine / "adaptive.css.j2").open("a", encoding="utf-8") as file:
        file.write(f"\n{hook}\n")

    assert hook in lay_out(mine).html


def test_a_colour_that_would_be_lost_on_its_way_into_the_tags_is_refused(mine: Path) -> None:
    with (mine / "inline.css.j2").open("a", encoding="utf-8") as file:
        file.write(f".tell{{background:{MODERN}}}\n")

    with pytest.raises(RenderError, match=r"rgb\(0 0 0 / 50%\), which would be lost"):
        lay_out(mine)


def test_a_colour_with_commas_is_inlined(mine: Path) -> None:
    with (mine / "inline.css.j2").open("a", encoding="utf-8") as file:
        file.write(".tell{background:rgba(0,0,0,.5)}\n")

    assert re.search(r'class="tell[^"]*"[^>]*background:rgba\(0,0,0,0?\.5\)', lay_out(mine).html)


@pytest.mark.parametrize("layout", LAYOUT_NAMES)
def test_a_readers_tokens_are_whole_addresses(layout: str) -> None:
    root = html.document_fromstring(lay_out(LAYOUTS / layout, public_url="https://news.example").html)

    links = {link.get("href", "") for link in root.iter("a")}
    assert {link for link in links if "@@" in link or "%40%40" in link} == {
        "@@UNSUBSCRIBE@@",
        "@@PREFERENCES@@",
        "@@VIEW@@",
    }


@pytest.mark.parametrize("layout", LAYOUT_NAMES)
def test_what_is_said_to_outlook_alone_comes_through(layout: str) -> None:
    made = lay_out(LAYOUTS / layout)
    comments = re.compile(r"<!--\[if.*?\]>|<!\[endif\]-->|<!--<!\[endif\]-->", re.DOTALL)

    came, went = comments.findall(made.html), comments.findall(mjml2html(made.mjml, fonts={}))
    assert len(came) > 40
    assert came == went


def test_each_library_stands_behind_one_module() -> None:
    package = Path(digest.__file__).parent

    users = {
        library: [
            path.relative_to(package).as_posix()
            for path in sorted(package.rglob("*.py"))
            if re.search(rf"^\s*(?:from|import) {library}\b", path.read_text(encoding="utf-8"), re.MULTILINE)
        ]
        for library in ("premailer", "mjml", "cssutils")
    }

    assert users == {"premailer": ["render/markup.py"], "mjml": ["render/markup.py"], "cssutils": []}
