"""Build the sample edition: fifteen fictional stories with drawn pictures, for looking at and for goldens."""

from __future__ import annotations

import io
import tomllib
from datetime import UTC, date, datetime
from pathlib import Path

from PIL import Image as Pillow
from PIL import ImageDraw

from digest.errors import RenderError
from digest.model import AlsoIn, Blurb, Edition, EditionName, Image, Item, Newsletter, Picture, StoryId
from digest.render.figure import Frame
from digest.render.pictures import picture_sizes, prepare
from digest.render.theme import load_theme

LAYOUTS = Path(__file__).resolve().parents[2] / "templates"
LAYOUT_NAMES = ("brief", "daily", "gazette")
TEMPLATE = LAYOUTS / "daily"
DATA = Path(__file__).resolve().parents[1] / "data" / "render"

STORIES = tomllib.loads((DATA / "stories.toml").read_text(encoding="utf-8"))["stories"]

_PALETTES = (
    ("#24465e", "#7fa6b8", "#e8c07d", "#182c3a"),
    ("#6b3a2e", "#d99a6c", "#f3e3c3", "#3c1f18"),
    ("#2f4a3a", "#8fae8b", "#efe3b0", "#1c2d23"),
    ("#3d3557", "#9a86b5", "#f0b9a0", "#241f36"),
)


def draw_scene(index: int, *, size: tuple[int, int] = (1600, 1000), kind: str = "JPEG") -> bytes:
    """Draw a landscape: sky, sun, hills, water."""
    dark, mid, light, deep = _PALETTES[index % len(_PALETTES)]
    width, height = size
    half = height // 2
    picture = Pillow.new("RGB", size, mid)
    pen = ImageDraw.Draw(picture)
    for row in range(half):
        share = row / half
        mixed = tuple(
            round(int(mid[i : i + 2], 16) * (1 - share) + int(light[i : i + 2], 16) * share)
            for i in (1, 3, 5)
        )
        pen.line((0, row, width, row), fill=(mixed[0], mixed[1], mixed[2]))
    pen.rectangle((0, height // 2, width, height), fill=dark)
    sun = width * (0.25 + 0.5 * (index * 0.37 % 1))
    radius = height * 0.09
    pen.ellipse((sun - radius, height * 0.3 - radius, sun + radius, height * 0.3 + radius), fill="#fff6e0")
    for step in range(5):
        start = width * ((step * 0.29 + index * 0.13) % 1.1 - 0.2)
        top = height * (0.33 + 0.04 * ((step + index) % 3))
        pen.polygon(
            [(start, height * 0.55), (start + width * 0.22, top), (start + width * 0.5, height * 0.55)],
            fill=dark if step % 2 else deep,
        )
    for step in range(9):
        wave = height * (0.58 + step * 0.045)
        pen.line(
            (sun - radius * (2 + step * 0.3), wave, sun + radius * (1.4 + step * 0.4), wave),
            fill=light,
            width=5,
        )
    buffer = io.BytesIO()
    picture.save(buffer, kind)
    return buffer.getvalue()


def make_item(index: int, **changes: object) -> Item:
    """Return the sample's item of that number, from 0."""
    told = STORIES[index % len(STORIES)]
    site, headline, caption = told["site"], told["headline"], told["caption"]
    story_id = StoryId(f"sample-{index:02d}")
    host = site.lower().replace(" ", "-")
    image = Image(
        url=f"https://{host}.example/pictures/{index}.jpg" if told["has_picture"] else None,
        alt=f"Picture for the story about {headline.split(',')[0].lower()}" if index % 3 else None,
        caption=caption or None,
        credit=told["credit"] or None,
        width=1600,
        height=1000,
    )
    values: dict[str, object] = {
        "story_id": story_id,
        "section": told["section"],
        "headline": headline,
        "text": told["text"],
        "blurb": Blurb(story_id=story_id, text=told["text"], sentences=()),
        "site": site,
        "url": f"https://{host}.example/2026/11/24/story-{index}?from=home&edition=morning",
        "image": image if told["has_picture"] or caption else None,
        "authors": ("Mara Holt", "Ben Achterberg") if index == 0 else (),
        "also_in": tuple(
            AlsoIn(
                story_id=StoryId(f"other-{index}-{n}"),
                site=other["site"],
                title=other["title"],
                url=f"https://{other['site'].lower().replace(' ', '-')}.example/{index}",
            )
            for n, other in enumerate(told["also_in"])
        ),
        "story_words": 600,
    }
    return Item(**(values | changes))  # type: ignore[arg-type]


def make_edition(stories: int = 15, **changes: object) -> Edition:
    """Return the sample edition with that many stories; beyond fifteen they come round again."""
    items = tuple(make_item(index) for index in range(stories))
    values: dict[str, object] = {
        "name": EditionName(newsletter="daily", date=date(2026, 11, 24)),
        "title": "The Daily Dose",
        "subject": "A ferry’s bell rises after 95 years",
        "preheader": "Also: night trams return, a river is shared, and bakers sing to a full house.",
        "items": items,
        "drafted": items,
        "made_at": datetime(2026, 11, 24, 10, 0, tzinfo=UTC),
        "note": "Good morning. Today’s edition goes from the bottom of the Sound to the top of a mountain "
        "railway. If you read one story, let it be the bell.",
    }
    return Edition(**(values | changes))  # type: ignore[arg-type]


def make_newsletter(**changes: object) -> Newsletter:
    """Return the sample newsletter."""
    values: dict[str, object] = {
        "name": "daily",
        "title": "The Daily Dose",
        "sender": "The Daily Dose <dose@dose.example>",
        "site_name": "Daily Dose",
        "postal_address": "1 Example Street, Springfield",
    }
    return Newsletter(**(values | changes))  # type: ignore[arg-type]


def make_pictures(edition: Edition, layout: Path = TEMPLATE) -> dict[StoryId, Picture]:
    """Return the drawn pictures of the stories that have one."""
    hero, other = Frame.of(load_theme(layout, {})).sizes
    sizes = picture_sizes(edition, hero=hero, other=other)
    made: dict[StoryId, Picture] = {}
    for index, item in enumerate(edition.items):
        if item.story_id not in sizes or item.image is None or item.image.url is None:
            continue
        width, height = sizes[item.story_id]
        try:
            made[item.story_id] = prepare(item.image, content=draw_scene(index), width=width, height=height)
        except RenderError as exc:
            raise AssertionError(str(exc)) from exc
    return made


def make_stub_pictures(edition: Edition, layout: Path = TEMPLATE) -> dict[StoryId, Picture]:
    """Return pictures whose names and bytes are the same wherever they are made, for goldens and quick tests."""
    hero, other = Frame.of(load_theme(layout, {})).sizes
    sizes = picture_sizes(edition, hero=hero, other=other)
    return {
        item.story_id: Picture(
            name=f"picture-{number}.jpg",
            content=b"\xff\xd8" + bytes([number % 256]) * 400,
            content_type="image/jpeg",
            width=sizes[item.story_id][0],
            height=sizes[item.story_id][1],
        )
        for number, item in enumerate(edition.items)
        if item.story_id in sizes and item.image is not None and item.image.url
    }
