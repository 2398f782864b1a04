"""Draw the manual's pictures: the sample edition in each layout, in a real browser (`make picture`)."""

from __future__ import annotations

import shutil
import tempfile
from base64 import b64encode
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from io import BytesIO
from pathlib import Path

from PIL import Image as Pillow
from playwright.sync_api import Browser, sync_playwright

from digest import app
from digest.assets import asset_folder
from digest.config import FileConfig, load_config
from digest.demo import WORK, run_demo
from digest.model import Rendered
from digest.pipeline.rendering import bring_pictures
from digest.pipeline.rights import picture_uses
from digest.render.compose import render_edition

HELP = Path(__file__).resolve().parents[1] / "digest" / "help"
LAYOUTS = ("daily", "brief", "gazette")
DESKTOP = (700, 1440)
PHONE = (375, 900)
COLOURS = 112
LARGEST = 150_000


def lay_out_sample(folder: Path) -> dict[str, Rendered]:
    """Make the demo under `folder`; return its edition in every layout."""
    run_demo(folder)
    config = load_config(folder / WORK / "digest.toml", kind=FileConfig)
    stores = app.open_stores(config)
    parts = app.parts_of(config, stores, "daily")
    edition = stores.editions.get(stores.editions.resolve("latest"))
    made = {}
    for name in LAYOUTS:
        dressed = replace(parts, newsletter=replace(parts.newsletter, template=name))
        pictures, _ = bring_pictures(edition, dressed)
        made[name] = render_edition(
            edition,
            dressed.newsletter,
            template_folder=asset_folder("templates") / name,
            pictures=pictures,
            uses=picture_uses(edition, config),
        )
    stores.engine.dispose()
    return made


def photograph(
    browser: Browser,
    rendered: Rendered,
    size: tuple[int, int],
    *,
    is_dark: bool = False,
    has_images: bool = True,
) -> Pillow.Image:
    """Return the upper part of an email as a browser draws it."""
    html = rendered.html
    for picture in rendered.pictures if has_images else ():
        content = b64encode(picture.content).decode("ascii")
        html = html.replace(f"cid:{picture.name}", f"data:{picture.content_type};base64,{content}")
    page = browser.new_page(
        viewport={"width": size[0], "height": size[1]}, color_scheme="dark" if is_dark else "light"
    )
    page.set_content(html)
    shot = page.screenshot()
    page.close()
    return Pillow.open(BytesIO(shot)).convert("RGB")


def side_by_side(shots: Sequence[Pillow.Image], *, gap: int = 20) -> Pillow.Image:
    """Return pictures of one height in a row, on grey."""
    width = sum(shot.width for shot in shots) + gap * (len(shots) + 1)
    sheet = Pillow.new("RGB", (width, shots[0].height + 2 * gap), "#8a8a8a")
    left = gap
    for shot in shots:
        sheet.paste(shot, (left, gap))
        left += shot.width + gap
    return sheet


def save(picture: Pillow.Image, name: str) -> None:
    """Write a picture of the manual with few colours; raise SystemExit where it is too heavy all the same."""
    path = HELP / name
    picture.quantize(COLOURS, dither=Pillow.Dither.NONE).save(path, optimize=True)
    size = path.stat().st_size
    if size > LARGEST:
        raise SystemExit(f"{path} has {size:,} bytes; at most {LARGEST:,} are wanted. Take fewer colours.")
    print(f"{path} {size:,}")


@contextmanager
def start_browser() -> Iterator[Browser]:
    """Start the system's chromium."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-background-networking"]
        )
        yield browser
        browser.close()


def main() -> None:
    """Photograph each layout: as on a desk, and in a row on a phone in light, in dark and without images."""
    with tempfile.TemporaryDirectory() as folder, start_browser() as browser:
        for name, rendered in lay_out_sample(Path(folder)).items():
            phones = [
                photograph(browser, rendered, PHONE),
                photograph(browser, rendered, PHONE, is_dark=True),
                photograph(browser, rendered, PHONE, has_images=False),
            ]
            save(photograph(browser, rendered, DESKTOP), f"{name}.png")
            save(side_by_side(phones), f"{name}-phone.png")


if __name__ == "__main__":
    main()
