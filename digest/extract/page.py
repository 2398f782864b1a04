"""Read a saved or fetched page into a story."""

from __future__ import annotations

from dataclasses import replace
from datetime import tzinfo

from lxml.html import HtmlElement

from digest.charset import decode
from digest.errors import NoStoryError
from digest.extract.blocks import read_blocks
from digest.extract.body import Body, body_in, find_body
from digest.extract.byline import find_authors
from digest.extract.canonical import story_id
from digest.extract.dateline import find_published, read_published
from digest.extract.gallery import find_images
from digest.extract.jsonld import as_list
from digest.extract.language import find_language
from digest.extract.markup import parse_html
from digest.extract.selected import Selected
from digest.extract.site_rules import NO_RULES, SiteRules
from digest.extract.structured import Structured, clean, read_structured
from digest.extract.title import choose_title
from digest.extract.wall import find_wall
from digest.model import Capture, Story


def read_page(capture: Capture, *, zone: tzinfo | None = None, rules: SiteRules = NO_RULES) -> Story:
    """Return the story of a page; raise NoStoryError with a sentence where it holds none.

    What the rule for the page's site finds is taken; what it does not find is read as on any page.
    """
    root = parse_page(capture)
    structured = read_structured(root, url=capture.url)
    rule = rules.find(capture.url or structured.url)
    selected = Selected(root, rule)
    try:
        return _read(capture, root, structured, selected, zone)
    except NoStoryError:
        if not selected.has_dropped:
            raise
    # The site has changed, and what the rule drops has come to stand around the story.
    root = parse_page(capture)
    return _read(capture, root, structured, Selected(root, None), zone)


def parse_page(capture: Capture) -> HtmlElement:
    """Return the root of a captured page; raise NoStoryError where there is nothing to parse."""
    root = parse_html(decode(capture.content, capture.encoding))
    if root is None:
        raise NoStoryError(f"{capture.source} holds no story: the page is empty.")
    return root


def _read(
    capture: Capture, root: HtmlElement, structured: Structured, selected: Selected, zone: tzinfo | None
) -> Story:
    site = find_site(structured)
    title = selected.title() or choose_title(root, structured, site=site)
    body = body_in(root, selected.body(), title=title) or find_body(root, structured, title=title)
    published_at, assumed = read_published(selected.dates(), zone=zone)
    if published_at is None:
        published_at, assumed = find_published(root, structured, zone=zone, lines=body.above)
    authors = selected.authors() or find_authors(
        root, structured, site=site, until=_third(body), lines=body.above
    )
    images = find_images(
        root,
        structured,
        body.blocks,
        title=title,
        authors=authors,
        path=capture.path,
        words=selected.words_with,
    )
    if images:
        caption, credit = selected.detached_words(images[0].caption, images[0].credit)
        images[0] = replace(images[0], caption=caption, credit=credit)
    text = "\n\n".join(body.paragraphs)
    wall = find_wall(title, text or " ".join(block.text for block in read_blocks(root))[:600])
    if wall:
        raise NoStoryError(f"{capture.source} holds no story: {wall}")
    if not text:
        raise NoStoryError(
            f"{capture.source} holds no story: no paragraphs of text were found. Read another page."
        )
    return Story(
        id=story_id(url=structured.url, title=title, text=text),
        source=capture.source,
        title=title or text[:100].rpartition(" ")[0] or text[:100],
        text=text,
        url=structured.url,
        description=structured.meta("og:description", "description", "twitter:description"),
        authors=authors,
        published_at=published_at,
        published_at_assumed=assumed,
        site=site,
        section=find_section(structured) or capture.section or None,
        tags=find_tags(structured),
        language=find_language(structured.html_language, text),
        lead_image=images[0] if images else None,
        images=tuple(images),
    )


def _third(body: Body) -> HtmlElement | None:
    return body.blocks[min(2, len(body.blocks) - 1)].element if body.blocks else None


def find_site(structured: Structured) -> str | None:
    """Return the outlet's name as the page gives it."""
    name = structured.meta("og:site_name", "application-name", "al:ios:app_name")
    if name:
        return name
    publisher = structured.article_value("publisher")
    for value in as_list(publisher):
        if isinstance(value, dict) and clean(value.get("name")):
            return clean(value.get("name"))
    return None


def find_section(structured: Structured) -> str | None:
    """Return the section that the page names."""
    for value in as_list(structured.article_value("articleSection")):
        if clean(value):
            return clean(value)
    return structured.meta("article:section", "section", "sectionname")


def find_tags(structured: Structured) -> tuple[str, ...]:
    """Return the page's tags and keywords."""
    tags = list(structured.metas.get("article:tag", ()))
    if not tags:
        for value in as_list(structured.article_value("keywords")):
            tags += [part.strip() for part in clean(value).split(",")]
    if not tags:
        tags = [part.strip() for part in (structured.meta("news_keywords", "keywords") or "").split(",")]
    return tuple(dict.fromkeys(tag for tag in tags if tag and len(tag) < 80))[:30]
