"""Make stories out of test data, and write them as goldens."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

from digest.model import Capture, DocumentKind, Image, Story

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
DATA = Path(__file__).resolve().parents[1] / "data" / "extract"


def page(
    markup: str, *, url: str | None = "https://courier.example/news/1", path: Path | None = None
) -> Capture:
    """Return the capture of a page."""
    return Capture(
        source="page.html",
        kind=DocumentKind.PAGE,
        content=markup.encode(),
        fetched_at=NOW,
        url=url,
        path=path,
        encoding="utf-8",
    )


def dump(text: str | bytes) -> Capture:
    """Return the capture of a text dump."""
    content = text.encode() if isinstance(text, str) else text
    return Capture(
        source="dump.txt", kind=DocumentKind.DUMP, content=content, fetched_at=NOW, encoding="utf-8"
    )


def as_json(story: Story) -> str:
    """Write what was read of a story, a paragraph a line."""
    value = {
        "title": story.title,
        "description": story.description,
        "authors": list(story.authors),
        "published_at": story.published_at.isoformat() if story.published_at else None,
        "published_at_assumed": story.published_at_assumed,
        "site": story.site,
        "section": story.section,
        "tags": list(story.tags),
        "language": story.language,
        "paragraphs": story.text.split("\n\n"),
        "blurb_end": story.blurb_end,
        "images": [_image(image) for image in story.images],
        "related": [link.title for link in story.related],
    }
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"


def _image(image: Image) -> dict[str, str | int | None]:
    return {
        "url": image.url,
        "alt": image.alt,
        "caption": image.caption,
        "credit": image.credit,
        "width": image.width,
        "height": image.height,
    }
