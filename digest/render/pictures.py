"""Make a story's picture ready for the email: small, cropped to its subject, without its metadata."""

from __future__ import annotations

import hashlib
import io
import math
import struct
import warnings
import zlib

from PIL import Image as Pillow
from PIL import ImageCms, ImageFilter, ImageOps, UnidentifiedImageError

from digest.errors import RenderError
from digest.model import Edition, Image, Picture, StoryId

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


def crop_box(
    size: tuple[int, int], *, ratio: float, busy_row: float, busy_column: float
) -> tuple[int, int, int, int]:
    """Return the box of the shape `ratio` (width by height) that keeps the subject.

    `busy_row` is where the detail begins, seen from the top, and `busy_column` where it centres, as shares.
    A tall picture is cut mostly below: its box starts just above the detail, at most a third of the spare
    height down, so that a head in the upper third keeps its hair. A broad one is cut around its detail.
    """
    width, height = size
    if width / height > ratio:
        box_width = max(1, round(height * ratio))
        left = min(max(0, round(busy_column * width - box_width / 2)), width - box_width)
        return left, 0, left + box_width, height
    box_height = max(1, round(width / ratio))
    spare = height - box_height
    top = min(max(0, round(busy_row * height - box_height * 0.06)), spare // 3)
    return 0, top, width, top + box_height


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
    busy_row, busy_column = _where_busy(picture)
    box = crop_box(picture.size, ratio=ratio, busy_row=busy_row, busy_column=busy_column)
    shown = min(width, box[2] - box[0])
    if shown < width * MIN_SHARE:
        raise RenderError(
            f"{name} has only {picture.width} by {picture.height} pixels. Use a larger picture."
        )
    return picture.resize(
        (shown, max(1, round(shown / ratio))), Pillow.Resampling.LANCZOS, box=box, reducing_gap=3.0
    )


def _where_busy(picture: Pillow.Image) -> tuple[float, float]:
    """Return the row where the detail begins and the column it centres on, as shares of height and width."""
    small = picture.convert("L").resize((64, 64), Pillow.Resampling.BOX)
    edges = small.filter(ImageFilter.FIND_EDGES).crop((1, 1, 63, 63))
    rows = edges.resize((1, 62), Pillow.Resampling.BOX).tobytes()
    columns = edges.resize((62, 1), Pillow.Resampling.BOX).tobytes()
    # Low, since a head shows less edge than the shoulders below it; a busy background gives the very top.
    threshold = max(2.0, max(rows) * 0.04)
    first = next((index for index, value in enumerate(rows) if value >= threshold), 0)
    total = sum(columns)
    centre = sum((index + 0.5) * value for index, value in enumerate(columns)) / total / 62 if total else 0.5
    return first / 62, centre


def _encoded(picture: Pillow.Image) -> bytes:
    """Write a JPEG without any metadata, at a lower quality where it would weigh too much."""
    made = b""
    for quality in (82, 72, 60):
        buffer = io.BytesIO()
        picture.save(buffer, "JPEG", quality=quality, optimize=True, progressive=True, subsampling="4:2:0")
        made = buffer.getvalue()
        if len(made) <= _ALLOWED_WEIGHT:
            break
    return made
