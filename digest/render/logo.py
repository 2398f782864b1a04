"""Make a newsletter's logo ready for the masthead: small, its transparency kept, without its metadata."""

from __future__ import annotations

import hashlib
import io
import warnings

from PIL import Image as Pillow
from PIL import ImageOps, UnidentifiedImageError

from digest.errors import RenderError
from digest.model import Picture
from digest.render.figure import LOGO

MAX_BYTES = 3_000_000
_FORMATS = ("PNG", "JPEG", "GIF", "WEBP")
# What Pillow's decoders raise on broken files.
_BROKEN = (OSError, SyntaxError, ValueError, TypeError, LookupError, EOFError, OverflowError)


def prepare_logo(content: bytes, *, name: str) -> Picture:
    """Return a logo as a PNG of at most twice the pixels that the masthead shows.

    Raises RenderError for what is no picture, or too large to decode safely.
    """
    if len(content) > MAX_BYTES:
        raise RenderError(
            f"{name} has {len(content):,} bytes; at most {MAX_BYTES:,} are taken. Use a smaller copy."
        )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Pillow.DecompressionBombWarning)
            with Pillow.open(io.BytesIO(content), formats=_FORMATS) as opened:
                upright = ImageOps.exif_transpose(opened).convert("RGBA")
    except UnidentifiedImageError as exc:
        raise RenderError(f"{name} is no PNG, JPEG, GIF or WebP picture. Use another one.") from exc
    except (Pillow.DecompressionBombError, Pillow.DecompressionBombWarning) as exc:
        raise RenderError(f"{name} has too many pixels to decode safely. Use a smaller copy.") from exc
    except _BROKEN as exc:
        raise RenderError(f"{name} cannot be decoded ({exc}). Use another copy.") from exc
    upright.thumbnail((LOGO[0] * 2, LOGO[1] * 2), Pillow.Resampling.LANCZOS)
    buffer = io.BytesIO()
    upright.save(buffer, "PNG", optimize=True)
    made = buffer.getvalue()
    return Picture(
        name=f"{hashlib.sha256(made).hexdigest()[:24]}.png",
        content=made,
        content_type="image/png",
        width=upright.width,
        height=upright.height,
    )
