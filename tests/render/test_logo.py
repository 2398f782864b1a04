"""A newsletter's logo made ready."""

from __future__ import annotations

import io

import pytest
from PIL import Image as Pillow

from digest.errors import RenderError
from digest.render.logo import MAX_BYTES, prepare_logo


def written(mode: str, size: tuple[int, int], kind: str) -> bytes:
    buffer = io.BytesIO()
    Pillow.new(mode, size).save(buffer, kind)
    return buffer.getvalue()


@pytest.mark.parametrize("kind", ["PNG", "GIF", "WEBP"])
def test_a_logo_becomes_a_png_of_twice_what_is_shown_and_keeps_its_transparency(kind: str) -> None:
    made = prepare_logo(written("RGBA", (2000, 200), kind), name="logo")

    with Pillow.open(io.BytesIO(made.content)) as picture:
        assert (picture.format, picture.size, picture.mode) == ("PNG", (600, 60), "RGBA")
        assert picture.getpixel((5, 5)) == (0, 0, 0, 0)
    assert (made.width, made.height, made.content_type) == (600, 60, "image/png")


def test_a_small_logo_is_not_enlarged() -> None:
    assert prepare_logo(written("RGB", (90, 30), "JPEG"), name="logo").width == 90


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "art/logo is no PNG, JPEG, GIF or WebP picture"),
        (b"", "is no PNG"),
        (written("RGB", (64, 64), "PNG")[:60], "cannot be decoded"),
        (b"x" * (MAX_BYTES + 1), "bytes; at most 3,000,000 are taken"),
        (written("1", (20_000, 20_000), "PNG"), "too many pixels"),
    ],
)
def test_what_is_no_logo_is_refused_by_its_name(content: bytes, message: str) -> None:
    with pytest.raises(RenderError, match=message):
        prepare_logo(content, name="art/logo")
