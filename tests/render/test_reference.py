"""Each layout looks, to the pixel, as the reference mjml lays it out."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace

import pytest
from PIL import ImageChops
from playwright.sync_api import Browser

from digest.model import Rendered
from digest.render.compose import render_edition
from digest.render.markup import Press
from tests.browser import ORACLES, VIEWS, open_browser, photograph, show
from tests.conftest import needs
from tests.render.sample import (
    LAYOUT_NAMES,
    LAYOUTS,
    make_edition,
    make_newsletter,
    make_stub_pictures,
)

KINDS = [*((layout, "en") for layout in LAYOUT_NAMES), ("daily", "ar")]
OUR_STYLE = re.compile(r'<mj-style inline="inline">(.*?)</mj-style>', re.DOTALL)

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with open_browser() as opened:
        yield opened


def lay_out(layout: str, language: str, press: Press | None = None) -> Rendered:
    folder = LAYOUTS / layout
    edition = make_edition(6, language=language)
    return render_edition(
        edition,
        make_newsletter(language=language, share=True, tip_line="tips@dose.example"),
        template_folder=folder,
        pictures=make_stub_pictures(edition, folder),
        press=press,
    )


@pytest.fixture(scope="module")
def references() -> dict[tuple[str, str], str]:
    """Return the reference's HTML of each kind, all in one run of node, before our post-processing.

    The styles to be inlined go through as a plain block: inlining them is the same for both.
    """
    node = shutil.which("node")
    needs("node", node)
    needs("mjml (npm ci --prefix tests/oracles)", (ORACLES / "node_modules" / "mjml-core").is_dir())
    sources = [
        OUR_STYLE.sub(r"<mj-raw><style>/*inline*/\1</style></mj-raw>", lay_out(*kind).mjml) for kind in KINDS
    ]
    done = subprocess.run(
        [str(node), "mjml.cjs"],
        cwd=ORACLES,
        input=json.dumps(sources),
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return dict(zip(KINDS, json.loads(done.stdout), strict=True))


@pytest.mark.parametrize(("layout", "language"), KINDS)
def test_no_pixel_differs_from_the_reference(
    browser: Browser, references: dict[tuple[str, str], str], layout: str, language: str
) -> None:
    reference = references[layout, language]
    ours = lay_out(layout, language).html
    theirs = lay_out(layout, language, replace(Press(), convert=lambda _: reference)).html
    assert ours != theirs  # they are two programs' work

    for view, width, scheme in VIEWS:
        pages = [show(browser, html, width, scheme) for html in (ours, theirs)]
        one, other = (photograph(page) for page in pages)
        for page in pages:
            page.close()

        assert one.size == other.size, view
        assert ImageChops.difference(one, other).getbbox() is None, view


def test_the_fixture_has_every_tag_that_a_layout_uses() -> None:
    used = {
        tag
        for path in LAYOUTS.glob("*/*.mjml.j2")
        for tag in re.findall(r"<(mj-[a-z-]+)", path.read_text(encoding="utf-8"))
    }

    shown = {tag for kind in KINDS for tag in re.findall(r"<(mj-[a-z-]+)", lay_out(*kind).mjml)}

    assert "mj-button" in used
    assert used <= shown
