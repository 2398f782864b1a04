"""Pictures made ready for the email."""

from __future__ import annotations

import io
import struct
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image as Pillow
from PIL import ImageCms, ImageDraw, PngImagePlugin

from digest.errors import RenderError
from digest.model import Image, Picture
from digest.render.attach import LIMIT, choose_attached, encoded_size
from digest.render.pictures import HERO, MAX_BYTES, THUMBNAIL, picture_sizes, prepare
from digest.store.pictures import picture_key
from tests.render.sample import draw_scene, make_edition

NAMED = Image(url="https://a.example/a.jpg")


def opened(picture: Picture) -> Pillow.Image:
    return Pillow.open(io.BytesIO(picture.content))


def saved(picture: Pillow.Image, kind: str = "PNG", **options: object) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "AVIF"])
@pytest.mark.parametrize("size", [HERO, THUMBNAIL])
def test_every_kind_becomes_a_jpeg_of_the_wanted_size(kind: str, size: tuple[int, int]) -> None:
    made = prepare(NAMED, content=draw_scene(1, kind=kind), width=size[0], height=size[1])

    assert (made.width, made.height) == size == opened(made).size
    assert opened(made).format == "JPEG"
    assert made.content_type == "image/jpeg"
    assert made.name.endswith(".jpg")


def test_the_name_follows_from_the_bytes() -> None:
    one = prepare(NAMED, content=draw_scene(1), width=240, height=160)
    same = prepare(NAMED, content=draw_scene(1), width=240, height=160)
    other = prepare(NAMED, content=draw_scene(2), width=240, height=160)

    assert one == same
    assert one.name != other.name


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "I;16"])
def test_every_colour_mode_becomes_rgb(mode: str) -> None:
    grey = Pillow.new("RGB", (600, 400), "#808080")
    if mode == "I;16":
        picture = Pillow.frombytes("I;16", (600, 400), struct.pack("<H", 0x8080) * 240_000)
    else:
        picture = grey.convert(mode)

    made = opened(
        prepare(NAMED, content=saved(picture, "JPEG" if mode == "CMYK" else "PNG"), width=240, height=160)
    )

    assert made.mode == "RGB"
    if mode != "1":
        assert made.getpixel((120, 80)) == pytest.approx((128, 128, 128), abs=3)


def test_what_is_transparent_lies_on_white() -> None:
    made = opened(
        prepare(NAMED, content=saved(Pillow.new("RGBA", (600, 400), (0, 0, 0, 0))), width=240, height=160)
    )

    assert made.getpixel((10, 10)) == (255, 255, 255)


def test_a_picture_taken_on_its_side_is_turned_upright_and_forgets_where_it_was_taken() -> None:
    lying = Pillow.new("RGB", (600, 900), "#0000ff")
    lying.paste("#ff0000", (0, 0, 300, 900))
    exif = Pillow.Exif()
    exif[0x0112] = 6
    exif[0x010E] = "taken at home"
    exif.get_ifd(0x8825)[1] = "N"

    made = prepare(NAMED, content=saved(lying, "JPEG", exif=exif), width=240, height=160)

    upright = opened(made)
    assert upright.getexif() == {}
    assert b"taken at home" not in made.content
    top, bottom = upright.getpixel((120, 5)), upright.getpixel((120, 155))
    assert isinstance(top, tuple)
    assert isinstance(bottom, tuple)
    assert top[0] > 200 > bottom[0]


def test_what_was_written_into_a_picture_is_left_out() -> None:
    told = PngImagePlugin.PngInfo()
    told.add_text("Comment", "taken at home")
    told.add_itxt("XML:com.adobe.xmp", "<x:xmpmeta>at home</x:xmpmeta>")
    grey = Pillow.new("RGB", (600, 400), "#808080")

    sources = [
        saved(grey, "PNG", pnginfo=told),
        saved(grey, "JPEG", xmp=b"<x:xmpmeta>at home</x:xmpmeta>", comment=b"at home"),
        saved(grey, "WEBP", xmp=b"<x:xmpmeta>at home</x:xmpmeta>"),
    ]

    for source in sources:
        made = prepare(NAMED, content=source, width=240, height=160)
        assert b"at home" in source or b"tEXt" in source
        assert b"home" not in made.content
        assert not {"xmp", "comment", "exif", "icc_profile"} & set(opened(made).info)


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
def test_of_a_moving_picture_the_first_frame_is_shown(kind: str) -> None:
    frames = [Pillow.new("RGB", (600, 400), colour) for colour in ("#ff0000", "#00ff00", "#0000ff")]
    moving = saved(frames[0], kind, save_all=True, append_images=frames[1:], duration=100)

    made = opened(prepare(NAMED, content=moving, width=240, height=160))

    assert getattr(made, "n_frames", 1) == 1
    assert made.getpixel((120, 80)) == pytest.approx((255, 0, 0), abs=6)


def test_a_colour_profile_is_applied_and_left_out() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    source = saved(Pillow.new("RGB", (600, 400), "#3366cc"), "JPEG", icc_profile=profile, quality=95)

    made = opened(prepare(NAMED, content=source, width=240, height=160))

    assert "icc_profile" not in made.info
    assert made.getpixel((120, 80)) == pytest.approx((0x33, 0x66, 0xCC), abs=4)


def test_a_broken_colour_profile_does_no_harm() -> None:
    source = saved(Pillow.new("RGB", (600, 400), "#3366cc"), "PNG", icc_profile=b"nonsense")

    assert prepare(NAMED, content=source, width=240, height=160).width == 240


def test_a_small_picture_is_not_enlarged() -> None:
    made = prepare(NAMED, content=draw_scene(1, size=(800, 600)), width=HERO[0], height=HERO[1])

    assert (made.width, made.height) == (800, 420)


@pytest.mark.parametrize("at", [0.02, 0.1, 0.2, 0.3])
@pytest.mark.parametrize("size", [HERO, THUMBNAIL])
def test_a_head_in_the_upper_part_of_a_portrait_is_not_cut_off(at: float, size: tuple[int, int]) -> None:
    portrait = Pillow.new("RGB", (1000, 1500), "#d8d2c8")
    pen = ImageDraw.Draw(portrait)
    top = 1500 * at
    pen.rectangle((250, top + 260, 750, 1500), fill="#335577")
    pen.ellipse((400, top, 600, top + 250), fill="#ff0000")

    made = opened(prepare(NAMED, content=saved(portrait), width=size[0], height=size[1]))

    scale = 1000 / made.width
    red = made.split()[0].point(lambda value: 255 if value > 245 else 0)
    box = red.getbbox()
    assert box is not None
    assert (box[3] - box[1]) * scale == pytest.approx(250, abs=4 * scale)


def test_a_subject_at_the_side_of_a_broad_picture_stays_in() -> None:
    broad = Pillow.new("RGB", (3000, 700), "#d8d2c8")
    ImageDraw.Draw(broad).ellipse((2500, 200, 2800, 500), fill="#ff0000")

    made = opened(prepare(NAMED, content=saved(broad), width=240, height=160))

    box = made.split()[1].point(lambda value: 255 if value < 60 else 0).getbbox()
    assert box is not None
    assert box[0] > 2
    assert box[2] < 238


def png_bomb(width: int, height: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return PngImagePlugin._MAGIC + chunk(b"IHDR", header) + chunk(b"IDAT", b"") + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is no JPEG, PNG"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "is no JPEG, PNG"),
        (b"\x00" * (MAX_BYTES + 1), "at most 12,000,000 are taken"),
        (png_bomb(50_000, 50_000), "too many pixels to decode safely"),
        (png_bomb(20_000, 4_000), "too many to decode safely"),
        (draw_scene(1)[:4000], "cannot be decoded"),
        (saved(Pillow.new("RGB", (1, 1))), "only 1 by 1 pixels"),
        (saved(Pillow.new("RGB", (3000, 20))), "only 3000 by 20 pixels"),
        (saved(Pillow.new("RGB", (600, 400)), "BMP"), "is no JPEG, PNG"),
    ],
)
def test_what_cannot_be_shown_is_refused_by_name(content: bytes, message: str) -> None:
    with pytest.raises(RenderError, match=message) as caught:
        prepare(NAMED, content=content, width=240, height=160)

    assert "https://a.example/a.jpg" in str(caught.value)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2000), st.integers(0, 255), st.sampled_from(["JPEG", "PNG", "WEBP", "GIF", "AVIF"]))
def test_a_damaged_picture_is_made_or_refused(position: int, value: int, kind: str) -> None:
    content = bytearray(draw_scene(3, size=(320, 240), kind=kind))
    content[position % len(content)] = value

    try:
        made = prepare(NAMED, content=bytes(content), width=240, height=160)
    except RenderError:
        return
    assert opened(made).format == "JPEG"


def test_a_very_broad_picture_is_cropped() -> None:
    made = prepare(NAMED, content=saved(Pillow.new("RGB", (20_000, 500), "#808080")), width=240, height=160)

    assert (made.width, made.height) == (240, 160)


def test_what_a_picture_is_kept_under_changes_with_its_size_and_with_the_rule_of_cropping() -> None:
    keys = {picture_key(NAMED, size, rule=rule) for size in (HERO, THUMBNAIL) for rule in (1, 2)}

    assert len(keys) == 4


def test_the_first_story_has_the_hero_and_the_others_thumbnails() -> None:
    sizes = picture_sizes(make_edition(5))

    assert list(sizes.values()) == [HERO, THUMBNAIL, THUMBNAIL, THUMBNAIL, THUMBNAIL]


def picture(name: str, size: int) -> Picture:
    return Picture(name=name, content=b"x" * size, content_type="image/jpeg", width=240, height=160)


def test_the_last_thumbnails_are_dropped_where_all_weigh_too_much() -> None:
    edition = make_edition(6)
    pictures = {item.story_id: picture(f"{n}.jpg", 200_000) for n, item in enumerate(edition.items)}

    chosen = choose_attached(edition, pictures)

    assert [p.name for p in chosen.values()] == ["0.jpg", "1.jpg", "2.jpg"]
    assert sum(encoded_size(len(p.content)) for p in chosen.values()) <= LIMIT


def test_a_picture_that_two_stories_share_is_carried_once() -> None:
    edition = make_edition(3)
    pictures = {item.story_id: picture("same.jpg", 700_000) for item in edition.items}

    assert len(choose_attached(edition, pictures)) == 3
