"""The email in a real browser: accessible, nothing sticks out, whatever the width and without the style block."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

import pytest
from playwright.sync_api import Browser

from digest.model import Edition, Image
from digest.render.compose import render_edition
from tests.browser import VIEWS, find_barriers, open_browser, show
from tests.render.sample import (
    LAYOUT_NAMES,
    LAYOUTS,
    make_edition,
    make_item,
    make_newsletter,
    make_stub_pictures,
)

OFF = ("landmark-one-main", "region")
"""An email has no landmarks: mail programs put it among their own."""
PLACES = """() => [...document.querySelectorAll("h1, h2, h3, p, img, .go, td[align]")]
  .map(e => e.getBoundingClientRect()).map(box => [box.left, box.top, box.width])"""
ARABIC = (
    ("عودة الترام الليلي إلى الجانب الشرقي", "ستسير عربات الترام حتى الثالثة صباحاً ابتداءً من يناير."),
    ("سوق السمك يغلق قاعته عاماً للإصلاح", "تغلق قاعة السوق بعد رأس السنة حتى يتسنى إصلاح سقفها."),
    ("واديان يتفقان على اقتسام نهر واحد", "وقّع الواديان معاهدة تقسم مياه نهرهما بحسب الفصول."),
    ("جزيرة تصوّت لإطفاء مصابيح شوارعها", "اختار السكان إظلام شوارعهم كي تُرى النجوم من جديد."),
)

pytestmark = [
    pytest.mark.browser,
    pytest.mark.xdist_group("browser"),
    pytest.mark.parametrize("layout", LAYOUT_NAMES),
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with open_browser() as opened:
        yield opened


def arabic_edition() -> Edition:
    items = tuple(
        make_item(
            number,
            headline=headline,
            text=text,
            section="المدينة" if number < 2 else "العالم",
            site="الجريدة",
            authors=("مارا هولت",),
            language="ar",
            also_in=(),
            image=Image(url="https://a.example/a.jpg", alt="صورة", caption="عند المرفأ", credit="آدا براندت"),
        )
        for number, (headline, text) in enumerate(ARABIC)
    )
    return make_edition(items=items, language="ar", title="الجرعة اليومية", note="صباح الخير.")


def hard_edition(language: str) -> Edition:
    items = (
        make_item(0, headline="Donaudampfschifffahrtsgesellschaftskapitänswitwe" * 4),
        make_item(1, headline="W" * 2000, text="x" * 500),
        *(make_item(n) for n in range(2, 8)),
    )
    return make_edition(items=items, language=language)


@cache
def lay_out(layout: str, kind: str) -> str:
    """Return the HTML of an edition in a layout: `sample`, `arabic`, or `hard` with its language."""
    name, _, language = kind.partition(" ")
    edition = (
        hard_edition(language)
        if name == "hard"
        else arabic_edition()
        if name == "arabic"
        else make_edition(15)
    )
    newsletter = make_newsletter(language=edition.language, share=True, tip_line="tips@dose.example")
    folder = LAYOUTS / layout
    return render_edition(
        edition, newsletter, template_folder=folder, pictures=make_stub_pictures(edition, folder)
    ).html


@pytest.mark.parametrize("kind", ["sample", "arabic"])
def test_axe_finds_nothing_on_a_desk_on_a_phone_and_in_the_dark(
    browser: Browser, layout: str, kind: str
) -> None:
    found = {}
    for view, width, scheme in VIEWS:
        page = show(browser, lay_out(layout, kind), width, scheme)
        found[view] = find_barriers(page, off=OFF)
        page.close()

    assert found == {view: [] for view, _, _ in VIEWS}


@pytest.mark.parametrize("kind", ["hard en", "hard ar"])
def test_nothing_sticks_out(browser: Browser, layout: str, kind: str) -> None:
    for width in (320, 375, 700):
        page = show(browser, lay_out(layout, kind), width)
        mode, wide = page.evaluate("[document.compatMode, document.documentElement.scrollWidth]")
        page.close()

        assert mode == "CSS1Compat"
        assert wide <= width


def test_without_its_style_block_everything_stays_in_its_place(browser: Browser, layout: str) -> None:
    html = lay_out(layout, "sample")
    heights, places = [], []
    for source in (html, re.sub(r"<style\b.*?</style>", "", html, flags=re.DOTALL)):
        page = show(browser, source, 700)
        heights.append(int(page.evaluate("document.body.scrollHeight")))
        places.append(page.evaluate(PLACES))
        page.close()

    assert abs(heights[0] - heights[1]) <= 20
    apart = [
        abs(one - other)
        for before, after in zip(*places, strict=True)
        for one, other in zip(before, after, strict=True)
    ]
    assert len(apart) > 100
    assert max(apart) <= 20


def test_in_the_dark_no_large_surface_stays_light(browser: Browser, layout: str) -> None:
    page = show(browser, lay_out(layout, "sample"), 700, "dark")
    surfaces = page.evaluate(
        """() => [...document.querySelectorAll("body, div, table, td, h2")]
          .filter(e => e.offsetWidth * e.offsetHeight > 30000)
          .map(e => getComputedStyle(e).backgroundColor.match(/[\\d.]+/g).map(Number))
          .filter(c => c.length < 4 || c[3] > 0)"""
    )
    page.close()

    assert surfaces
    assert all(max(colour[:3]) < 80 for colour in surfaces)
