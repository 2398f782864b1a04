"""Read captures into stories: pages, text dumps, and the stories that feed entries carry themselves."""

from __future__ import annotations

from dataclasses import replace
from datetime import tzinfo
from pathlib import PurePosixPath
from urllib.parse import urlsplit

from digest.errors import NoStoryError
from digest.extract.byline import clean_names, split_byline
from digest.extract.canonical import story_id
from digest.extract.dump import read_dump
from digest.extract.fragment import read_fragment
from digest.extract.language import find_language
from digest.extract.page import read_page
from digest.extract.site_rules import NO_RULES, SiteRules
from digest.extract.teaser_end import is_cut
from digest.model import Capture, DocumentKind, FeedEntry, Image, Story

_WHOLE_WORDS = 120
_MOST_CATEGORIES = 3


def read_story(capture: Capture, *, zone: tzinfo | None = None, rules: SiteRules = NO_RULES) -> Story:
    """Return the story of a page or a text dump; dates without an offset are taken to be in `zone`, else UTC.

    `rules` are those for the pages of single sites.
    Raises NoStoryError with a sentence for a page without a story, an error page or a log-in wall.
    """
    match capture.kind:
        case DocumentKind.PAGE:
            return read_page(capture, zone=zone, rules=rules)
        case DocumentKind.DUMP:
            return read_dump(capture, zone=zone)
        case DocumentKind.FEED | DocumentKind.SITEMAP:
            raise NoStoryError(
                f"{capture.source} is a {capture.kind}: it holds entries, and is not one story."
            )


def story_from_entry(entry: FeedEntry, capture: Capture) -> Story:
    """Return the story that a feed entry carries in itself; `capture` is the feed it came in.

    Raises NoStoryError where the entry has neither title nor text.
    """
    paragraphs, images = read_fragment(
        entry.html or entry.summary, base=entry.url or capture.url, path=capture.path
    )
    text = "\n\n".join(paragraphs)
    title = entry.title or (paragraphs[0][:100] if paragraphs else "")
    if not title:
        raise NoStoryError(
            f"An entry of {capture.source} has neither a title nor text ({entry.url or entry.guid})."
        )
    pictures = _with_feed_image(images, entry.image)
    return Story(
        id=story_id(url=entry.url, title=title, text=text),
        source=capture.source,
        title=title,
        text=text,
        url=entry.url,
        description=_description(entry),
        authors=_authors(entry),
        published_at=entry.published_at,
        published_at_assumed=entry.published_at_assumed,
        site=entry.site,
        section=capture.section or _section(entry),
        tags=entry.tags,
        language=find_language(entry.language, text or title),
        lead_image=pictures[0] if pictures else None,
        images=pictures,
    )


def merge_entry(story: Story, entry: FeedEntry) -> Story:
    """Return a page's story with what only its feed entry knows: date, authors, picture, tags.

    The address stays the page's; an exact date of the feed wins over one whose offset was assumed.
    """
    wants_date = story.published_at is None or (story.published_at_assumed and not entry.published_at_assumed)
    published_at = entry.published_at if wants_date and entry.published_at else story.published_at
    assumed = entry.published_at_assumed if published_at is entry.published_at else story.published_at_assumed
    image = story.lead_image or entry.image
    return replace(
        story,
        title=story.title or entry.title,
        authors=story.authors or _authors(entry),
        published_at=published_at,
        published_at_assumed=assumed,
        tags=story.tags or entry.tags,
        site=story.site or entry.site,
        url=story.url or entry.url,
        lead_image=image,
        images=story.images or ((image,) if image else ()),
    )


def is_truncated(entry: FeedEntry) -> bool:
    """Say whether an entry's own text only teases, so that its page should be fetched."""
    if not entry.url:
        return False
    paragraphs, _ = read_fragment(entry.html or entry.summary, base=entry.url, keep_links=True)
    return sum(len(text.split()) for text in paragraphs) < _WHOLE_WORDS or is_cut(paragraphs)


def _authors(entry: FeedEntry) -> tuple[str, ...]:
    """Return the entry's names, one by one: feeds put whole bylines in a field (`By Jane Doe and John Roe`)."""
    names: list[str] = []
    for told in entry.authors:
        parts = split_byline(told)
        names += parts if all(" " in part for part in parts) else [told]
    return clean_names(names)


def _section(entry: FeedEntry) -> str | None:
    """Return the first category as the section, unless there are so many that they are keywords."""
    return entry.tags[0] if 1 <= len(entry.tags) <= _MOST_CATEGORIES else None


def _file_name(image: Image) -> str:
    return PurePosixPath(urlsplit(image.url or "").path).name


def _description(entry: FeedEntry) -> str | None:
    paragraphs, _ = read_fragment(entry.summary, base=entry.url)
    return " ".join(paragraphs)[:1000] or None


def _with_feed_image(images: list[Image], own: Image | None) -> tuple[Image, ...]:
    """Put the feed's picture first; where the text shows the same one, keep what both know."""
    if own is None:
        return tuple(images)
    for position, image in enumerate(images):
        if image.url == own.url or _file_name(image) == _file_name(own):
            merged = replace(
                own,
                file=image.file,
                caption=image.caption or own.caption,
                credit=image.credit or own.credit,
                alt=image.alt or own.alt,
                width=image.width or own.width,
                height=image.height or own.height,
            )
            return (merged, *images[:position], *images[position + 1 :])
    return (own, *images)
