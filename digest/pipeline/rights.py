"""Tell what may be done with an edition's pictures: their credits read, `[photo_rights]` asked."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from digest.extract.credit_parts import parse_credit
from digest.model import Edition, Image, Item, Newsletter, PictureRuling, PictureUse, StoryId
from digest.render.clean import safe_url
from digest.render.compose import picture_mode
from digest.rights import PhotoRights, decide_use, letters_of, way_of

if TYPE_CHECKING:
    from digest.config import Config

SHOWN = {"host": "hosted", "attach": "attached", "link": "linked", "none": "left out"}


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureReport:
    """One item's picture: what was ruled, and how it goes to readers (hosted, attached, linked, left out)."""

    item: Item
    image: Image
    ruling: PictureRuling
    shown: str


def photo_rights(config: Config) -> PhotoRights:
    """Return the configured rights; a name of several spellings counts in each that credits are read as."""
    settings = config.photo_rights
    names = {letters_of(name): (name, use) for name, use in settings.names.items()}
    for name, use in settings.names.items():
        for one in _as_read(name):
            names.setdefault(letters_of(one), (name, use))
    own = {letters_of(one) for name in settings.own for one in (name, *_as_read(name))}
    general = {"outlet": settings.outlet, "default": settings.default, "unknown": settings.unknown}
    return PhotoRights(
        names=names,
        own=frozenset(own - {""}),
        general={key: use for key, use in general.items() if use is not None},
    )


def rule_pictures(edition: Edition, config: Config) -> dict[StoryId, PictureRuling]:
    """Return for each item that has a picture what may be done with it."""
    rights = photo_rights(config)
    return {
        item.story_id: decide_use(
            parse_credit(item.image.credit), rights, printed=item.image.credit, site=item.site
        )
        for item in edition.items
        if item.image is not None
    }


def picture_uses(edition: Edition, config: Config) -> dict[StoryId, PictureUse]:
    """Return for each item that has a picture the use that its ruling allows."""
    return {story_id: ruling.use for story_id, ruling in rule_pictures(edition, config).items()}


def report_pictures(edition: Edition, newsletter: Newsletter, config: Config) -> list[PictureReport]:
    """Return what `digest rights` tells: each item's picture, in reading order; items without one are left out."""
    rulings = rule_pictures(edition, config)
    return [
        PictureReport(
            item=item,
            image=item.image,
            ruling=rulings[item.story_id],
            shown=shown_as(item.image, rulings[item.story_id], newsletter),
        )
        for item in edition.items
        if item.image is not None
    ]


def shown_as(image: Image, ruling: PictureRuling, newsletter: Newsletter) -> str:
    """Return how a picture goes to readers; one that has no address to be had from is left out."""
    way = way_of(ruling.use, picture_mode(newsletter))
    has_address = safe_url(image.url, schemes=("https", "http")) is not None
    if not has_address and (way == "link" or image.file is None):
        return SHOWN["none"]
    return SHOWN[way]


def linked_origins(reports: Iterable[PictureReport]) -> list[str]:
    """Return the origins (scheme, host and port) that readers' programs fetch linked pictures from, sorted."""
    origins = set()
    for report in reports:
        url = safe_url(report.image.url, schemes=("https", "http"))
        if url is not None and report.shown == SHOWN["link"]:
            parts = urlsplit(url)
            origins.add(f"{parts.scheme}://{parts.netloc}")
    return sorted(origins)


def _as_read(name: str) -> tuple[str, ...]:
    """Return a configured name as credits are read, where it is one name."""
    read = parse_credit(name)
    names = (*read.agencies, *read.photographers)
    return names if len(names) == 1 else ()
