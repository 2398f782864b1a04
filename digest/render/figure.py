"""A story's picture as the email shows it: from where, how large, with which caption and alternative text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from digest.model import Image, Item, Newsletter, Picture
from digest.render.clean import clean_line, safe_url
from digest.render.wording import Wording

WIDE_PICTURE = 480
"""A picture narrower than this many pixels is not stretched across the card; it is shown as a small one."""

LARGE = 200
"""A picture shown at this width or more has its caption right below it; a smaller one stands beside the text."""

SMALL = 120
"""Width of a hero's picture that is too narrow to be wide, in a layout without other pictures."""

LOGO = (300, 64)
"""The most that a logo takes of the masthead, in CSS pixels."""

_LONGEST_ALT = 300
_CREDIT_LABEL = re.compile(
    r"^(?:(?:photo(?:graph)?s?|image|picture|source|credit|foto)\s*(?::|\bby\b)\s*)+", re.IGNORECASE
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """How wide a layout shows pictures, in CSS pixels: the hero's and the others'. 0: not at all."""

    hero: int = 600
    other: int = 120

    @classmethod
    def of(cls, theme: Mapping[str, str]) -> Frame:
        """Return the frame that a theme asks for."""
        return cls(hero=int(theme.get("hero_width", 600)), other=int(theme.get("other_width", 120)))

    @property
    def sizes(self) -> tuple[tuple[int, int] | None, tuple[int, int] | None]:
        """Return the pixels to prepare for the hero and for the others: twice what is shown, 1.91:1 or 3:2."""
        hero = (self.hero * 2, round(self.hero * 1.05)) if self.hero >= WIDE_PICTURE else _small(self.hero)
        return hero, _small(self.other)


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureView:
    """A picture in the email. `width` and `height` are as shown, in CSS pixels; None: unknown.

    A wide one goes across the card; the caption of a large one stands right below it. A full one is as wide as
    the layout asks.
    """

    src: str
    alt: str
    width: int
    height: int | None
    is_wide: bool
    is_large: bool
    is_full: bool


def picture_of(
    item: Item, newsletter: Newsletter, *, frame: Frame, picture: Picture | None, mode: str, is_hero: bool
) -> PictureView | None:
    """Return the picture as the mode shows it, or None: then its cell is left out as well."""
    wanted = frame.hero if is_hero else frame.other
    if item.image is None or mode == "none" or not wanted:
        return None
    if mode == "link":
        src = safe_url(item.image.url, schemes=("https", "http"))
        width, height = item.image.width, item.image.height
    elif picture is None:
        return None
    else:
        src = _own_address(picture, newsletter, mode=mode)
        width, height = picture.width, picture.height
    if src is None:
        return None
    is_wide = wanted >= WIDE_PICTURE and (width or WIDE_PICTURE) >= WIDE_PICTURE
    shown = wanted if is_wide else min(wanted, frame.other or SMALL)
    if not is_wide and shown >= LARGE:
        shown = min(shown, width or shown)
    return PictureView(
        src=src,
        alt=_alt(item),
        width=shown,
        height=round(shown * height / width) if width and height else None,
        is_wide=is_wide,
        is_large=is_wide or frame.other >= LARGE,
        is_full=shown == wanted,
    )


def logo_of(newsletter: Newsletter, *, alt: str, mode: str) -> PictureView | None:
    """Return the newsletter's logo as the masthead shows it: hosted where there is an address, else attached."""
    logo = newsletter.logo
    if logo is None or mode == "none":
        return None
    way = "host" if newsletter.public_url and mode != "attach" else "attach"
    src = _own_address(logo, newsletter, mode=way)
    if src is None:
        return None
    share = min(1, LOGO[0] * 2 / logo.width, LOGO[1] * 2 / logo.height) / 2
    width, height = max(1, round(logo.width * share)), max(1, round(logo.height * share))
    return PictureView(
        src=src, alt=alt, width=width, height=height, is_wide=False, is_large=False, is_full=False
    )


def caption_of(image: Image | None, *, words: Wording, picture: PictureView | None) -> tuple[str, str]:
    """Return the caption's and the credit's sentences: a picture not shown is said to be in the story."""
    caption = clean_line(image.caption) if image else ""
    named = _CREDIT_LABEL.sub("", clean_line(image.credit)) if image else ""
    if not caption and picture is None:
        return "", ""
    credit = words.say("photo", credit=named) if named else ""
    if caption and credit and caption[-1].isalnum():
        caption += words.say("stop")
    if caption and picture is None:
        caption = words.say("pictured_in_story", caption=caption)
    elif caption and picture is not None and not picture.is_large:
        caption = words.say("pictured", caption=caption)
    return caption, credit


def _small(width: int) -> tuple[int, int] | None:
    return (width * 2, round(width * 4 / 3)) if width else None


def _own_address(picture: Picture, newsletter: Newsletter, *, mode: str) -> str | None:
    if mode == "attach":
        return f"cid:{picture.name}"
    return safe_url(f"{newsletter.public_url}/images/{picture.name}")


def _alt(item: Item) -> str:
    image = item.image
    alt = clean_line(image.alt) or clean_line(image.caption) if image else ""
    alt = alt or clean_line(item.headline)
    return alt if len(alt) <= _LONGEST_ALT else alt[: _LONGEST_ALT - 1].rstrip() + "…"
