"""Each layout looks as it did when a person last looked at it.

The goldens are kept at half size and in few colours. They are compared much smaller and blurred, so that another
version of the browser or of the fonts, which moves the edges of letters, changes nothing.
"""

from __future__ import annotations

import shutil
import subprocess
from base64 import b64encode
from collections.abc import Iterator
from itertools import pairwise

import pytest
from PIL import Image as Pillow
from PIL import ImageChops, ImageFilter, ImageStat
from playwright.sync_api import Browser

from digest.render.compose import render_edition
from tests.browser import VIEWS, open_browser, photograph, show
from tests.conftest import DATA, needs
from tests.render.sample import LAYOUT_NAMES, LAYOUTS, make_edition, make_newsletter, make_pictures

FONTS = {"serif": "Noto Serif,serif", "sans": "Liberation Sans,sans-serif"}
COLOURS = 24
LARGEST = 60_000
TOLERANCE = 0.03
"""How much of white to black a picture may differ from its golden in the mean of any strip of it."""
STRIPS = 12

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with open_browser() as opened:
        yield opened


def has_fonts() -> bool:
    command = shutil.which("fc-list")
    if command is None:
        return False
    listed = subprocess.run([command, ":", "family"], capture_output=True, text=True, check=True).stdout
    return all(font.partition(",")[0] in listed for font in FONTS.values())


def lay_out(layout: str, **theme: str) -> str:
    """Return the HTML of a short edition with its drawn pictures in it, in fonts that are known."""
    folder = LAYOUTS / layout
    edition = make_edition(5)
    made = render_edition(
        edition,
        make_newsletter(theme={**FONTS, **theme}),
        template_folder=folder,
        pictures=make_pictures(edition, folder),
    )
    html = made.html
    for picture in made.pictures:
        content = b64encode(picture.content).decode("ascii")
        html = html.replace(f"cid:{picture.name}", f"data:{picture.content_type};base64,{content}")
    return html


def half_size(browser: Browser, html: str, width: int, scheme: str) -> Pillow.Image:
    page = show(browser, html, width, scheme)
    page.unroute("**/*")
    page.evaluate("Promise.all([...document.images].map(image => image.decode()))")
    shot = photograph(page)
    page.close()
    return shot.resize((shot.width // 2, shot.height // 2), Pillow.Resampling.BOX)


def difference(one: Pillow.Image, other: Pillow.Image) -> float:
    """Return how far two pictures are apart where they are it most: 0 to 1, of the mean in a strip."""
    size = (one.width // 4, one.height // 4)
    small = [
        picture.convert("RGB").resize(size, Pillow.Resampling.BOX).filter(ImageFilter.GaussianBlur(2))
        for picture in (one, other)
    ]
    apart = ImageChops.difference(*small)
    edges = [size[1] * step // STRIPS for step in range(STRIPS + 1)]
    strips = [apart.crop((0, top, size[0], bottom)) for top, bottom in pairwise(edges)]
    return max(sum(ImageStat.Stat(strip).mean) / 3 / 255 for strip in strips)


@pytest.mark.parametrize("layout", LAYOUT_NAMES)
def test_a_layout_looks_as_its_goldens(browser: Browser, layout: str, request: pytest.FixtureRequest) -> None:
    needs("the fonts Noto Serif and Liberation Sans", has_fonts())
    html = lay_out(layout)
    for view, width, scheme in VIEWS:
        path = DATA / "render" / "screens" / f"{layout}-{view.replace(' ', '-')}.png"
        shot = half_size(browser, html, width, scheme)
        if request.config.getoption("--update-golden"):
            path.parent.mkdir(parents=True, exist_ok=True)
            shot.quantize(COLOURS, dither=Pillow.Dither.NONE).save(path, optimize=True)

        assert path.stat().st_size < LARGEST
        with Pillow.open(path) as golden:
            assert abs(golden.height - shot.height) <= golden.height * 0.03, view
            assert difference(golden, shot) < TOLERANCE, view


def test_changes_that_a_person_would_see_are_seen_and_shivering_letters_are_not(browser: Browser) -> None:
    needs("the fonts Noto Serif and Liberation Sans", has_fonts())
    plain = lay_out("daily")
    before = half_size(browser, plain, 700, "light")
    changes = {
        "colour": lay_out("daily", card="#e8e0d4"),
        "no hero": lay_out("daily", hero_width="0"),
        "gutters": plain.replace("padding:0 24px", "padding:0 40px"),
    }

    seen = {
        name: difference(before, half_size(browser, html, 700, "light")) for name, html in changes.items()
    }

    assert min(seen.values()) > TOLERANCE, seen
    assert difference(before, ImageChops.offset(before, 1, 0)) < TOLERANCE / 2
