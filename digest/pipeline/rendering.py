"""Render a stored edition: bring its pictures, lay it out once, and write it as a message."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

from digest.errors import FetchError, RenderError
from digest.ingest.fetch import Fetcher
from digest.model import (
    Edition,
    Failure,
    Image,
    Item,
    Newsletter,
    Picture,
    PictureUse,
    Rendered,
    StoryId,
)
from digest.pipeline.dressing import attach_logo, frame_of, layout_folder, with_logo
from digest.pipeline.parts import Parts
from digest.pipeline.rights import picture_uses
from digest.pipeline.trimming import fit
from digest.render.compose import picture_mode, render_edition
from digest.render.costs import story_costs
from digest.render.cropping import RULE
from digest.render.pictures import THUMBNAIL, picture_sizes, prepare
from digest.store.pictures import Pictures, picture_key

PICTURES_AT_ONCE = 8
PROBLEM_KEPT = timedelta(hours=1)
"""How long a picture that could not be had is not asked for again."""


def render(parts: Parts, edition: Edition) -> tuple[Rendered, tuple[Failure, ...]]:
    """Lay an edition out within its byte budget, or take the rendering that was frozen when it was sent.

    What was cut is told in its `cuts`; `digest.trimmed.trim` gives the edition as it is printed. A picture that
    cannot be had is a Failure and leaves no hole.
    """
    frozen = parts.stores.editions.rendering(edition.name)
    return (frozen, ()) if frozen is not None else lay_out_anew(parts, edition)


def lay_out_anew(parts: Parts, edition: Edition) -> tuple[Rendered, tuple[Failure, ...]]:
    """Lay an edition out as it stands, though it may have been sent as something else."""
    folder = layout_folder(parts.newsletter, parts.config.project)
    newsletter = with_logo(parts)
    found: dict[StoryId, Picture] = {}
    failures: list[Failure] = []
    if picture_mode(newsletter) in ("attach", "host"):
        found, failures = bring_pictures(edition, parts)
    uses = picture_uses(edition, parts.config)

    def lay_out(some: Edition) -> Rendered:
        made = render_edition(some, newsletter, template_folder=folder, pictures=found, uses=uses)
        return attach_logo(made, newsletter.logo)

    return fit(edition, lay_out, story_costs), tuple(failures)


def html_for_viewing(rendered: Rendered, newsletter: Newsletter, *, base: str) -> str:
    """Return the HTML with its own pictures taken from `base` (a folder or path), not from the message or the site."""
    html = rendered.html.replace('src="cid:', f'src="{base}')
    return (
        html.replace(f'src="{newsletter.public_url}/images/', f'src="{base}')
        if newsletter.public_url
        else html
    )


def bring_pictures(edition: Edition, parts: Parts) -> tuple[dict[StoryId, Picture], list[Failure]]:
    """Return an edition's pictures made ready, from the store or from where they lie; one that fails is a Failure.

    Those that may not be copied are not asked for.
    """
    hero, other = frame_of(parts.newsletter, parts.config.project).sizes
    sizes = picture_sizes(edition, hero=hero, other=other)
    uses = picture_uses(edition, parts.config)
    wanted = [
        item
        for item in edition.items
        if item.story_id in sizes and uses.get(item.story_id) is PictureUse.SHOW and _has_address(item.image)
    ]
    keys = {item.story_id: _key(item, sizes) for item in wanted}
    known = parts.stores.pictures.find_all(keys.values(), problems_since=parts.now() - PROBLEM_KEPT)
    made = _made([item for item in wanted if keys[item.story_id] not in known], sizes, parts)
    found: dict[StoryId, Picture] = {}
    failures: list[Failure] = []
    for item in wanted:
        got = known.get(keys[item.story_id]) or made[item.story_id]
        if isinstance(got, Picture):
            found[item.story_id] = got
        else:
            failures.append(Failure(subject=f"picture of '{item.headline[:60]}'", message=got))
    return found, failures


def find_picture_problem(parts: Parts, edition: Edition, item: Item) -> str:
    """Return why an item's picture could not be had when it was asked for last; nothing where it could, or was not."""
    hero, other = frame_of(parts.newsletter, parts.config.project).sizes
    sizes = picture_sizes(edition, hero=hero, other=other)
    if item.story_id not in sizes or not _has_address(item.image):
        return ""
    known = parts.stores.pictures.find(_key(item, sizes), problems_since=parts.now() - PROBLEM_KEPT)
    return known if isinstance(known, str) else ""


def prepare_pictures(parts: Parts, edition: Edition) -> None:
    """Make an edition's pictures ready in each size of its layout, so that no story waits for one when it is moved."""
    if picture_mode(parts.newsletter) not in ("attach", "host"):
        return
    uses = picture_uses(edition, parts.config)
    shown = [
        item
        for item in edition.items
        if uses.get(item.story_id) is PictureUse.SHOW and _has_address(item.image)
    ]
    since = parts.now() - PROBLEM_KEPT
    for size in filter(None, frame_of(parts.newsletter, parts.config.project).sizes):
        sizes = {item.story_id: size for item in shown}
        keys = {item.story_id: _key(item, sizes) for item in shown}
        known = parts.stores.pictures.find_all(keys.values(), problems_since=since)
        _made([item for item in shown if keys[item.story_id] not in known], sizes, parts)


def bring_picture(parts: Parts, image: Image, *, keep: bool) -> Picture | str:
    """Return one picture made ready as small as its layout shows pictures, or why it cannot be had.

    One that may not be copied is not kept (`keep`).
    """
    if not _has_address(image):
        return "The story gives no address of this picture."
    size = frame_of(parts.newsletter, parts.config.project).sizes[1] or THUMBNAIL
    key, now = picture_key(image, size, rule=RULE), parts.now()
    known = parts.stores.pictures.find(key, problems_since=now - PROBLEM_KEPT)
    if known is not None:
        return known
    with parts.make_fetcher() as fetcher:
        made = _prepared(image, size, fetcher, now)
    if keep or isinstance(made, str):
        parts.stores.pictures.save(key, made, now=now)
    return made


def _made(
    items: Sequence[Item], sizes: Mapping[StoryId, tuple[int, int]], parts: Parts
) -> dict[StoryId, Picture | str]:
    """Return pictures made and kept, or why one cannot be had; nothing is fetched with where there are none."""
    if not items:
        return {}
    with parts.make_fetcher() as fetcher, ThreadPoolExecutor(max_workers=PICTURES_AT_ONCE) as pool:

        def one(item: Item) -> Picture | str:
            assert item.image is not None
            return _picture(
                item.image,
                sizes[item.story_id],
                _key(item, sizes),
                parts.stores.pictures,
                fetcher,
                parts.now(),
            )

        return {item.story_id: got for item, got in zip(items, pool.map(one, items), strict=True)}


def _key(item: Item, sizes: Mapping[StoryId, tuple[int, int]]) -> str:
    assert item.image is not None
    return picture_key(item.image, sizes[item.story_id], rule=RULE)


def _has_address(image: Image | None) -> bool:
    return image is not None and (image.file is not None or image.url is not None)


def _picture(
    image: Image, size: tuple[int, int], key: str, pictures: Pictures, fetcher: Fetcher, now: datetime
) -> Picture | str:
    made = _prepared(image, size, fetcher, now)
    pictures.save(key, made, now=now)
    return made


def _prepared(image: Image, size: tuple[int, int], fetcher: Fetcher, now: datetime) -> Picture | str:
    try:
        return prepare(image, content=_bytes_of(image, fetcher, now), width=size[0], height=size[1])
    except (RenderError, FetchError) as exc:
        return str(exc)


def _bytes_of(image: Image, fetcher: Fetcher, now: datetime) -> bytes:
    if image.file is not None:
        try:
            return image.file.read_bytes()
        except OSError as exc:
            raise RenderError(f"Cannot read the picture {image.file} ({exc.strerror}).") from exc
    assert image.url is not None
    return fetcher.fetch_bytes(image.url, now=now)
