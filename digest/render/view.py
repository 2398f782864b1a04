"""What a template sees: the edition's texts cleaned, its addresses checked, its sentences in its language."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from digest.model import AlsoIn, Edition, Image, Item, Newsletter, Picture, PictureUse, StoryId
from digest.render.clean import clean_line, clean_paragraphs, safe_url
from digest.render.plaintext import columns
from digest.render.wording import Wording, find_wording, language_direction
from digest.rights import way_of

WORDS_A_MINUTE = 230
WIDE_PICTURE = 480
"""A picture narrower than this many pixels is not stretched across the card; it is shown as a thumbnail."""

BLOCK_OF_STORIES = 6
"""Sections share one mj-section, which costs 1.3 KB, until it holds this many stories.

More at a time would not do: Outlook draws by Word's pages and tears a cell that is higher than one.
"""

_LONGEST_ALT = 300
_CREDIT_LABEL = re.compile(
    r"^(?:(?:photo(?:graph)?s?|image|picture|source|credit|foto)\s*(?::|\bby\b)\s*)+", re.IGNORECASE
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Links:
    """Where the footer's links go: tokens that delivery replaces for each reader, or none.

    `view` and `preferences` need hosted pages; `unsubscribe` is never missing.
    """

    unsubscribe: str = "@@UNSUBSCRIBE@@"
    preferences: str | None = None
    view: str | None = None

    @classmethod
    def of(cls, newsletter: Newsletter) -> Links:
        """Return a newsletter's links: without a public address there is nothing to view or prefer."""
        return cls(preferences="@@PREFERENCES@@", view="@@VIEW@@") if newsletter.public_url else cls()


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureView:
    """A picture in the email. `width` and `height` are as shown, in CSS pixels; None: unknown."""

    src: str
    alt: str
    width: int
    height: int | None
    is_wide: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OutletView:
    """Another outlet that tells the same story."""

    site: str
    title: str
    url: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemView:
    """An item, ready to print: `caption` and `credit` are sentences, `lang` None where it is the edition's.

    `update` is the label of a follow-up, in the edition's language; empty where the item is none.
    """

    number: int
    headline: str
    paragraphs: tuple[str, ...]
    site: str
    byline: str
    url: str | None
    picture: PictureView | None
    caption: str
    credit: str
    also_in: tuple[OutletView, ...]
    is_hero: bool
    lang: str | None
    direction: str
    update: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionView:
    """A run of items under one label, which may be empty."""

    title: str
    items: tuple[ItemView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A whole edition, ready to print. `start` and `end` are the sides where its lines begin and end.

    `blocks` are the sections again, as many together as share an mj-section.
    `is_opened` says that a note or a wide picture stands between the masthead and the first story."""

    title: str
    subject: str
    preheader: str
    day: str
    iso_day: str
    stories: str
    minutes: str
    note: tuple[str, ...]
    sections: tuple[SectionView, ...]
    blocks: tuple[tuple[SectionView, ...], ...]
    words: Wording
    theme: Mapping[str, str]
    links: Links
    site_name: str
    postal_address: str
    language: str
    direction: str
    start: str
    end: str
    is_opened: bool


def make_page(
    edition: Edition,
    newsletter: Newsletter,
    *,
    theme: Mapping[str, str],
    links: Links,
    pictures: Mapping[StoryId, Picture],
    mode: str,
    uses: Mapping[StoryId, PictureUse] | None = None,
) -> Page:
    """Return what the templates of an edition see. `mode` is host, attach, link or none.

    `uses` says of a picture that it may only be linked or is left out; one that it does not name may be copied.
    """
    words = find_wording(edition.language or newsletter.language)
    note = clean_paragraphs(edition.note)
    modes = {story: way_of(use, mode) for story, use in (uses or {}).items()}

    def picture_of(item: Item, is_hero: bool) -> PictureView | None:
        way = modes.get(item.story_id, mode)
        return _picture(item, newsletter, picture=pictures.get(item.story_id), mode=way, is_hero=is_hero)

    sections = _sections(edition, words=words, picture_of=picture_of)
    hero = sections[0].items[0] if sections else None
    is_rtl = words.direction == "rtl"
    return Page(
        title=clean_line(edition.title) or clean_line(newsletter.title),
        subject=clean_line(edition.subject),
        preheader=clean_line(edition.preheader),
        day=words.day(edition.name.date),
        iso_day=edition.name.date.isoformat(),
        stories=words.count("stories", len(edition.items)),
        minutes=words.count("minutes", reading_minutes(edition)),
        note=note,
        sections=sections,
        blocks=in_blocks(sections),
        words=words,
        theme=theme,
        links=links,
        site_name=clean_line(newsletter.site_name),
        postal_address=clean_line(newsletter.postal_address),
        language=words.language,
        direction=words.direction,
        start="right" if is_rtl else "left",
        end="left" if is_rtl else "right",
        is_opened=bool(note) or bool(hero and hero.picture and hero.picture.is_wide),
    )


def reading_minutes(edition: Edition) -> int:
    """Return how many minutes reading the edition takes, at least one; two wide characters count as a word."""
    texts = [edition.note, *(item.headline for item in edition.items), *(item.text for item in edition.items)]
    count = sum(len(text.split()) + (columns(text) - len(text)) // 2 for text in texts if not text.isascii())
    count += sum(len(text.split()) for text in texts if text.isascii())
    return max(1, math.ceil(count / WORDS_A_MINUTE))


def in_blocks(
    sections: Iterable[SectionView], *, size: int = BLOCK_OF_STORIES
) -> tuple[tuple[SectionView, ...], ...]:
    """Return the sections in their order, put together until each block has `size` stories."""
    blocks: list[list[SectionView]] = []
    room = 0
    for section in sections:
        if room <= 0:
            blocks.append([])
            room = size
        blocks[-1].append(section)
        room -= len(section.items)
    return tuple(tuple(block) for block in blocks)


def _sections(
    edition: Edition, *, words: Wording, picture_of: Callable[[Item, bool], PictureView | None]
) -> tuple[SectionView, ...]:
    number = 0
    sections = []
    for title, items in edition.sections:
        views = []
        for item in items:
            number += 1
            views.append(_item(item, words=words, picture=picture_of(item, number == 1), number=number))
        sections.append(SectionView(title=clean_line(title), items=tuple(views)))
    return tuple(sections)


def _item(item: Item, *, words: Wording, picture: PictureView | None, number: int) -> ItemView:
    caption, credit = _caption(item.image, words=words, picture=picture)
    is_foreign = bool(item.language) and item.language.partition("-")[0] != words.language.partition("-")[0]
    return ItemView(
        number=number,
        headline=clean_line(item.headline),
        paragraphs=clean_paragraphs(item.text),
        site=clean_line(item.site),
        byline=words.say("by", names=words.series([clean_line(a) for a in item.authors if clean_line(a)]))
        if any(clean_line(a) for a in item.authors)
        else "",
        url=safe_url(item.url),
        picture=picture,
        caption=caption,
        credit=credit,
        also_in=_also_in(item.also_in),
        is_hero=number == 1,
        lang=item.language
        if is_foreign and re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z0-9]+)*", item.language)
        else None,
        direction=language_direction(item.language) if is_foreign else words.direction,
        update=words.say("update") if item.follows is not None else "",
    )


def _also_in(others: tuple[AlsoIn, ...]) -> tuple[OutletView, ...]:
    return tuple(
        OutletView(
            site=clean_line(other.site) or clean_line(other.title),
            title=clean_line(other.title),
            url=safe_url(other.url),
        )
        for other in others
        if clean_line(other.site) or clean_line(other.title)
    )


def _caption(image: Image | None, *, words: Wording, picture: PictureView | None) -> tuple[str, str]:
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
    elif caption and picture is not None and not picture.is_wide:
        caption = words.say("pictured", caption=caption)
    return caption, credit


def _picture(
    item: Item, newsletter: Newsletter, *, picture: Picture | None, mode: str, is_hero: bool
) -> PictureView | None:
    """Return the picture as the mode shows it, or None: then its cell is left out as well."""
    if item.image is None or mode == "none":
        return None
    size: tuple[int | None, int | None]
    if mode == "link":
        src = safe_url(item.image.url, schemes=("https", "http"))
        size = (item.image.width, item.image.height)
    elif picture is None:
        return None
    else:
        src = (
            f"cid:{picture.name}"
            if mode == "attach"
            else safe_url(f"{newsletter.public_url}/images/{picture.name}")
        )
        size = (picture.width, picture.height)
    if src is None:
        return None
    width, height = size
    is_wide = is_hero and (width or WIDE_PICTURE) >= WIDE_PICTURE
    shown = 600 if is_wide else 120
    return PictureView(
        src=src,
        alt=_alt(item),
        width=shown,
        height=round(shown * height / width) if width and height else None,
        is_wide=is_wide,
    )


def _alt(item: Item) -> str:
    image = item.image
    alt = clean_line(image.alt) or clean_line(image.caption) if image else ""
    alt = alt or clean_line(item.headline)
    return alt if len(alt) <= _LONGEST_ALT else alt[: _LONGEST_ALT - 1].rstrip() + "…"
