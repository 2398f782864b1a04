"""A story without its picture looks as if it never had one: no empty cell, no gap, in every layout."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from digest.model import Edition, Picture, Rendered, StoryId
from digest.render.compose import render_edition
from tests.browser import open_browser, show
from tests.render.sample import LAYOUT_NAMES, LAYOUTS, make_edition, make_newsletter, make_stub_pictures

SLACK = 8
"""CSS pixels: a story without a picture may stand on a tint, whose edge is a little further from the text."""
EMPTY_CELLS = """() => [...document.querySelectorAll("td, div, a, table")]
  .filter(e => e.offsetWidth >= 60 && e.offsetHeight >= 40)
  .filter(e => !e.textContent.trim() && !e.querySelector("img"))
  .map(e => e.outerHTML.slice(0, 120))"""
WIDEST_GAP = """() => {
  const spans = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    if (!walker.currentNode.textContent.trim()) continue;
    const range = document.createRange();
    range.selectNodeContents(walker.currentNode);
    for (const box of range.getClientRects()) spans.push([box.top, box.bottom]);
  }
  for (const image of document.images) {
    const box = image.getBoundingClientRect();
    spans.push([box.top, box.bottom]);
  }
  spans.sort((one, other) => one[0] - other[0]);
  let end = spans[0][1];
  const gaps = [];
  for (const [top, bottom] of spans) {
    gaps.push(top - end);
    end = Math.max(end, bottom);
  }
  return Math.max(...gaps);
}"""

pytestmark = [
    pytest.mark.browser,
    pytest.mark.xdist_group("browser"),
    pytest.mark.parametrize("layout", LAYOUT_NAMES),
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with open_browser() as opened:
        yield opened


def without(edition: Edition, pictures: dict[StoryId, Picture], which: str) -> dict[StoryId, Picture]:
    """Return the pictures that could be had: none, all but the hero's, the hero's and every other one."""
    places = {item.story_id: place for place, item in enumerate(edition.items)}
    kept = {"all": set[int](), "hero": set(range(1, 99)), "some": {0, 2, 3, 6}, "none": set(range(99))}[which]
    return {story: picture for story, picture in pictures.items() if places[story] in kept}


def lay_out(layout: str, missing: str) -> Rendered:
    edition, folder = make_edition(8), LAYOUTS / layout
    pictures = without(edition, make_stub_pictures(edition, folder), missing)
    return render_edition(edition, make_newsletter(), template_folder=folder, pictures=pictures)


def look(browser: Browser, html: str, width: int) -> tuple[list[str], float]:
    """Return the empty cells, and the widest gap between two lines or pictures in CSS pixels."""
    page = show(browser, html, width)
    empty, gap = page.evaluate(EMPTY_CELLS), page.evaluate(WIDEST_GAP)
    page.close()
    return list(empty), float(gap)


@pytest.mark.parametrize("width", [700, 375])
def test_missing_pictures_leave_no_hole(browser: Browser, layout: str, width: int) -> None:
    empty, widest = look(browser, lay_out(layout, "none").html, width)
    assert empty == []

    for missing in ("all", "hero", "some"):
        made = lay_out(layout, missing)
        empty, gap = look(browser, made.html, width)

        assert made.html.count("<img") == len(made.pictures)
        assert empty == []
        assert gap <= widest + SLACK, missing


def test_a_hole_would_be_seen(browser: Browser, layout: str) -> None:
    whole = lay_out(layout, "none").html
    _, widest = look(browser, whole, 700)

    empty, gap = look(browser, whole.replace("</h1>", '</h1><div style="height:160px"></div>', 1), 700)

    assert len(empty) == 1
    assert gap > widest + SLACK
