"""What a template sees: the edition's texts cleaned, its addresses checked, its sentences in its language."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from digest.model import AlsoIn, Edition, Item, Newsletter, Picture, PictureUse, StoryId
from digest.render.clean import clean_line, clean_paragraphs, safe_url
from digest.render.figure import Frame, PictureView, caption_of, logo_of, picture_of
from digest.render.plaintext import columns
from digest.render.wording import Wording, find_wording, language_direction
from digest.rights import way_of

WORDS_A_MINUTE = 230
BLOCK_OF_STORIES = 6
"""Sections share one mj-section, which costs 1.3 KB, until it holds this many stories.

More at a time would not do: Outlook draws by Word's pages and tears a cell that is higher than one.
"""


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
class OutletView:
    """Another outlet that tells the same story."""

    site: str
    title: str
    url: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemView:
    """An item, ready to print: `caption` and `credit` are sentences, `lang` None where it is the edition's.

    `update` is the label of a follow-up, in the edition's language; empty where the item is none. `share` is a
    mailto: address that passes the story on, None where the newsletter offers none.
    """

    number: int
    numeral: str
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
    share: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionView:
    """A run of items under one label, which may be empty. `rows` are those but the hero, by twos; an odd one leads."""

    title: str
    items: tuple[ItemView, ...]
    rows: tuple[tuple[ItemView, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A whole edition, ready to print. `start` and `end` are the sides where its lines begin and end.

    `blocks` are the sections again, as many together as share an mj-section.
    `is_opened` says that a note or a wide picture stands between the masthead and the first story. `why`, `footer`
    and `tip` (an address) are for the footer; the last two may be empty.
    """

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
    logo: PictureView | None
    why: str
    footer: str
    tip: str


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

    frame = Frame.of(theme)

    def view_of(item: Item, number: int) -> ItemView:
        way = modes.get(item.story_id, mode)
        picture = picture_of(
            item, newsletter, frame=frame, picture=pictures.get(item.story_id), mode=way, is_hero=number == 1
        )
        return _item(item, words=words, picture=picture, number=number, is_shared=newsletter.share)

    sections = _sections(edition, view_of=view_of)
    hero = sections[0].items[0] if sections else None
    is_rtl = words.direction == "rtl"
    title = clean_line(edition.title) or clean_line(newsletter.title)
    return Page(
        title=title,
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
        logo=logo_of(newsletter, alt=clean_line(theme.get("logo_alt")) or title, mode=mode),
        why=clean_line(theme.get("why")) or words.say("why", title=title),
        footer=clean_line(theme.get("footer")),
        tip=clean_line(newsletter.tip_line),
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


def in_rows(items: Sequence[ItemView]) -> tuple[tuple[ItemView, ...], ...]:
    """Return items by twos in their order; of an odd number the first stands alone."""
    lone = len(items) % 2
    pairs = [tuple(items[at : at + 2]) for at in range(lone, len(items), 2)]
    return (tuple(items[:1]), *pairs) if lone else tuple(pairs)


def _sections(edition: Edition, *, view_of: Callable[[Item, int], ItemView]) -> tuple[SectionView, ...]:
    number = 0
    sections = []
    for title, items in edition.sections:
        views = []
        for item in items:
            number += 1
            views.append(view_of(item, number))
        rows = in_rows([view for view in views if not view.is_hero])
        sections.append(SectionView(title=clean_line(title), items=tuple(views), rows=rows))
    return tuple(sections)


def _item(
    item: Item, *, words: Wording, picture: PictureView | None, number: int, is_shared: bool
) -> ItemView:
    caption, credit = caption_of(item.image, words=words, picture=picture)
    url, headline = safe_url(item.url), clean_line(item.headline)
    is_foreign = bool(item.language) and item.language.partition("-")[0] != words.language.partition("-")[0]
    return ItemView(
        number=number,
        numeral=words.number(number),
        headline=headline,
        paragraphs=clean_paragraphs(item.text),
        site=clean_line(item.site),
        byline=words.say("by", names=words.series([clean_line(a) for a in item.authors if clean_line(a)]))
        if any(clean_line(a) for a in item.authors)
        else "",
        url=url,
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
        share=_share(headline, url) if url and is_shared else None,
    )


def _share(headline: str, url: str) -> str:
    """Return a letter to nobody yet, with the headline and the story's own address: no host but the outlet's."""
    return f"mailto:?subject={quote(headline, safe='')}&body={quote(url, safe='')}"


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
