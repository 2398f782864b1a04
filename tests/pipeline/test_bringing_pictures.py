"""A picture that cannot be had costs a sentence, never the edition."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
from lxml import html
from PIL import Image as Pillow

from digest import app
from digest.config import FileConfig, load_config
from digest.model import Edition, Failure, Image, Rendered
from digest.pipeline.parts import Parts
from digest.pipeline.rendering import render
from tests.ingest.server import Answer, Site, reply, serve
from tests.render.sample import draw_scene, make_edition, make_item
from tests.render.test_pictures import png_bomb, saved

CONFIG = """
[fetch]
allow_private = ["127.0.0.0/8"]
timeout_seconds = 0.5

[photo_rights]
default = "show"
unknown = "show"

[newsletters.daily]
title = "The Daily Dose"
from = "The Daily Dose <dose@dose.example>"
images = "{mode}"
template = "{layout}"
"""
GOOD = draw_scene(1)


def drip(handler: BaseHTTPRequestHandler) -> None:
    """Send a byte a moment, for ever."""
    pause = threading.Event()
    try:
        handler.send_response(200)
        handler.end_headers()
        while not pause.wait(0.2):
            handler.wfile.write(b"x")
    except OSError:
        return


def stream(handler: BaseHTTPRequestHandler) -> None:
    """Send 12 MB without saying so."""
    try:
        handler.send_response(200)
        handler.end_headers()
        for _ in range(12):
            handler.wfile.write(b"\xff\xd8" * 500_000)
    except OSError:
        return


TROUBLES: dict[str, tuple[Answer, str]] = {
    "/bomb.png": (reply(200, png_bomb(50_000, 50_000)), "too many pixels to decode safely"),
    "/wide.png": (reply(200, png_bomb(20_000, 4_000)), "20000 by 4000 pixels, too many to decode safely"),
    "/cut.jpg": (reply(200, GOOD[:4000]), "cannot be decoded"),
    "/pixel.gif": (reply(200, saved(Pillow.new("RGB", (1, 1)), "GIF")), "has only 1 by 1 pixels"),
    "/drawing.svg": (reply(200, b"<svg xmlns='http://www.w3.org/2000/svg'/>"), "is no JPEG, PNG, WebP"),
    "/error.jpg": (reply(200, b"<!doctype html><h1>Not here</h1>"), "is no JPEG, PNG, WebP"),
    "/empty.jpg": (reply(200, b""), "is no JPEG, PNG, WebP"),
    "/large.jpg": (stream, "larger than 10 MB"),
    "/slow.jpg": (drip, "did not answer in time"),
    "/gone.jpg": (reply(404), "answered 404"),
    "/forbidden.jpg": (reply(403), "answered 403"),
}
LAYOUTS = ("brief", "daily", "gazette")


@pytest.fixture
def outlet() -> Iterator[Site]:
    with serve(
        {"/good.jpg": reply(200, GOOD), **{at: answer for at, (answer, _) in TROUBLES.items()}}
    ) as site:
        yield site


def opened(folder: Path, *, mode: str = "attach", layout: str = "daily") -> Parts:
    path = folder / "digest.toml"
    path.write_text(CONFIG.format(mode=mode, layout=layout), encoding="utf-8")
    config = load_config(path, kind=FileConfig)
    return app.parts_of(config, app.open_stores(config), "daily")


def edition_of(addresses: list[str]) -> Edition:
    items = tuple(
        make_item(
            number % 15, story_id=f"s{number}", image=Image(url=url, alt=f"Alt {number}", caption="A caption")
        )
        for number, url in enumerate(addresses)
    )
    return make_edition(items=items, drafted=items)


def rendered(parts: Parts, edition: Edition) -> tuple[Rendered, tuple[Failure, ...]]:
    made = render(parts, edition)
    parts.stores.engine.dispose()
    return made


def test_each_trouble_is_a_sentence_and_the_others_are_shown(tmp_path: Path, outlet: Site) -> None:
    edition = edition_of([f"{outlet.url}{path}" for path in ["/good.jpg", *TROUBLES]])

    made, failures = rendered(opened(tmp_path), edition)

    assert [failure.subject for failure in failures] == [
        f"picture of '{item.headline[:60]}'" for item in edition.items[1:]
    ]
    for failure, (path, (_, says)) in zip(failures, TROUBLES.items(), strict=True):
        assert says in failure.message
        assert f"{outlet.url}{path}" in failure.message
        assert "\n" not in failure.message
    images = list(html.document_fromstring(made.html).iter("img"))
    assert [image.get("alt") for image in images] == ["Alt 0"]
    assert len(made.pictures) == 1
    assert all(item.headline in made.text for item in edition.items)


def test_a_trouble_is_not_asked_for_again_within_the_hour(tmp_path: Path, outlet: Site) -> None:
    parts = opened(tmp_path)
    edition = edition_of([f"{outlet.url}/gone.jpg"])

    first = render(parts, edition)
    second = rendered(parts, edition)

    assert first == second
    assert [path for path, _ in outlet.requests].count("/gone.jpg") == 1


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_hero_that_cannot_be_had_leaves_no_picture_and_no_attachment(
    tmp_path: Path, outlet: Site, layout: str
) -> None:
    made, failures = rendered(opened(tmp_path, layout=layout), edition_of([f"{outlet.url}/gone.jpg"]))

    assert len(failures) == 1
    assert "<img" not in made.html
    assert made.pictures == ()


@pytest.mark.parametrize("mode", ["none", "link"])
def test_nothing_is_fetched_where_nothing_is_copied(tmp_path: Path, outlet: Site, mode: str) -> None:
    made, failures = rendered(opened(tmp_path, mode=mode), edition_of([f"{outlet.url}/good.jpg"]))

    assert (outlet.requests, failures, made.pictures) == ([], (), ())
    assert ("<img" in made.html) == (mode == "link")


def test_a_picture_shared_by_two_stories_and_a_file_that_is_gone(tmp_path: Path, outlet: Site) -> None:
    edition = edition_of([f"{outlet.url}/good.jpg", "x", "x"])
    images = (
        Image(url=f"{outlet.url}/good.jpg"),
        Image(url=f"{outlet.url}/good.jpg"),
        Image(file=tmp_path / "gone.jpg"),
    )
    items = tuple(replace(item, image=image) for item, image in zip(edition.items, images, strict=True))

    made, failures = rendered(opened(tmp_path), replace(edition, items=items, drafted=items))

    assert len(made.pictures) == 2
    assert [failure.message for failure in failures] == [
        f"Cannot read the picture {tmp_path / 'gone.jpg'} (No such file or directory)."
    ]
