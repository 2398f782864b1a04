"""Make a story's picture ready for the email: small, cropped to its subject, without its metadata."""

from __future__ import annotations

import hashlib
import io
import math
import struct
import warnings
import zlib

from PIL import Image as Pillow
from PIL import ImageCms, ImageOps, UnidentifiedImageError

from digest.errors import RenderError
from digest.model import Edition, Image, Picture, StoryId
from digest.render.cropping import crop_box, find_subject

HERO = (1200, 630)
"""Pixels of the first story's picture: 1.91 to 1, for 600 CSS pixels at 2x."""
THUMBNAIL = (240, 160)
"""Pixels of the other pictures: 3 to 2, for 120 CSS pixels at 2x."""
MAX_BYTES = 12_000_000
MAX_PIXELS = 60_000_000
MIN_SHARE = 0.3
"""A picture that covers less than this share of the wanted width is a pixel or an icon, not a picture."""

_FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "AVIF")
_ALLOWED_WEIGHT = 300_000
# What Pillow's decoders raise on broken files.
_BROKEN = (
    OSError, SyntaxError, ValueError, TypeError, LookupError, EOFError, RuntimeError, OverflowError, MemoryError,
    struct.error, zlib.error,
)  # fmt: skip


def picture_sizes(
    edition: Edition, *, hero: tuple[int, int] | None = HERO, other: tuple[int, int] | None = THUMBNAIL
) -> dict[StoryId, tuple[int, int]]:
    """Return the width and height to prepare for each story that has an image: the first is the hero.

    `hero` and `other` are the layout's sizes; None: it shows no such picture.
    """
    wanted = (other if index else hero for index in range(len(edition.items)))
    return {
        item.story_id: size
        for item, size in zip(edition.items, wanted, strict=True)
        if item.image is not None and size is not None
    }


def prepare(image: Image, *, content: bytes, width: int, height: int) -> Picture:
    """Return the picture as a JPEG of at most `width` by `height` pixels, cropped to that shape.

    A smaller original is not enlarged. Raises RenderError for what is no picture, too large to decode
    safely, or too small to show; the edition goes without it then.
    """
    name = image.url or (str(image.file) if image.file else "a picture")
    if len(content) > MAX_BYTES:
        raise RenderError(
            f"{name} has {len(content):,} bytes; at most {MAX_BYTES:,} are taken. Use a smaller copy."
        )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Pillow.open(io.BytesIO(content), formats=_FORMATS) as opened:
                _check_size(opened.size, name=name)
                cropped = _cropped(_decoded(opened, width=width), width=width, height=height, name=name)
                made = _encoded(cropped)
    except UnidentifiedImageError as exc:
        raise RenderError(f"{name} is no JPEG, PNG, WebP, GIF or AVIF picture. Use another one.") from exc
    except Pillow.DecompressionBombError as exc:
        raise RenderError(f"{name} has too many pixels to decode safely. Use a smaller copy.") from exc
    except _BROKEN as exc:
        raise RenderError(f"{name} cannot be decoded ({exc}). Use another picture.") from exc
    return Picture(
        name=f"{hashlib.sha256(made).hexdigest()[:24]}.jpg",
        content=made,
        content_type="image/jpeg",
        width=cropped.width,
        height=cropped.height,
    )


def _check_size(size: tuple[int, int], *, name: str) -> None:
    if size[0] * size[1] > MAX_PIXELS:
        raise RenderError(
            f"{name} has {size[0]} by {size[1]} pixels, too many to decode safely. Use a smaller copy."
        )


def _decoded(opened: Pillow.Image, *, width: int) -> Pillow.Image:
    """Decode no larger than needed, turn upright, bring to sRGB and lay on white."""
    scale = width / min(opened.size)
    if scale < 1:
        opened.draft("RGB", (math.ceil(opened.width * scale), math.ceil(opened.height * scale)))
    profile = opened.info.get("icc_profile")
    picture = ImageOps.exif_transpose(opened)
    if picture.mode.startswith("I;16"):
        picture = picture.point(lambda value: value / 257).convert("L")
    if picture.has_transparency_data:
        picture = picture.convert("RGBA")
        picture = Pillow.alpha_composite(Pillow.new("RGBA", picture.size, "white"), picture)
    return _in_srgb(picture, profile)


def _in_srgb(picture: Pillow.Image, profile: bytes | None) -> Pillow.Image:
    if profile and picture.mode in ("RGB", "CMYK"):
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            converted = ImageCms.profileToProfile(
                picture, source, ImageCms.createProfile("sRGB"), outputMode="RGB"
            )
            if converted is not None:
                return converted
        except (ImageCms.PyCMSError, OSError):
            return picture.convert("RGB")
    return picture.convert("RGB")


def _cropped(picture: Pillow.Image, *, width: int, height: int, name: str) -> Pillow.Image:
    ratio = width / height
    box = crop_box(picture.size, ratio=ratio, subject=find_subject(picture))
    shown = min(width, box[2] - box[0])
    if shown < width * MIN_SHARE:
        raise RenderError(
            f"{name} has only {picture.width} by {picture.height} pixels. Use a larger picture."
        )
    return picture.resize(
        (shown, max(1, round(shown / ratio))), Pillow.Resampling.LANCZOS, box=box, reducing_gap=3.0
    )


def _encoded(picture: Pillow.Image) -> bytes:
    """Write a JPEG without any metadata, at a lower quality where it would weigh too much."""
    made = b""
    picture.info.clear()  # Pillow would write a JPEG's comment again, and what else it found
    for quality in (82, 72, 60):
        buffer = io.BytesIO()
        picture.save(buffer, "JPEG", quality=quality, optimize=True, progressive=True, subsampling="4:2:0")
        made = buffer.getvalue()
        if len(made) <= _ALLOWED_WEIGHT:
            break
    return made
