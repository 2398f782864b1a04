"""Put together what an edition is written with: its lines and lengths, a story's text and pictures, its history."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from digest.model import Edition, EditionState, EditKind, Image, Item, PictureUse, Story, StoryId
from digest.pipeline.choices import story_pictures
from digest.pipeline.edit_words import tell_edit
from digest.pipeline.rights import rule_pictures
from digest.store.editions import RevisionEntry
from digest.subject.clusters import length
from digest.subject.write import CONSIDERED, PREHEADER_LIMIT, SUBJECT_LIMIT, Headline, write_subject
from digest.web.desk.place import Place
from digest.web.desk.receipts import Receipts, receipts_of
from digest.web.desk.room import Room
from digest.web.desk.wording import zone_of

OTHERS = 3
"""How many other subjects are offered."""
LATEST = 25
"""How many revisions are listed until all are asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """The subject or the preheader: how long it is, how long it may be, and whether the editor wrote it."""

    text: str
    length: int
    limit: int
    is_own: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Thumbnail:
    """A picture of a story: its number from 1, its words, its address at the desk or why it is not shown."""

    number: int
    words: str
    address: str
    why_not: str
    is_shown: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """An edition's revisions, the newest first, of `total`; their times are in the newsletter's `zone`."""

    entries: tuple[RevisionEntry, ...]
    total: int
    zone: ZoneInfo


def written(
    room: Room, place: Place, edition: Edition, item: Item | None, story: Story | None
) -> dict[str, Any]:
    """Return what the page of an edition shows to write with; `story` is the item's, where it is kept."""
    return {
        "is_fixed": edition.state is not EditionState.DRAFT,
        "lines": {
            "subject": _line(edition, EditKind.SUBJECT, edition.subject, SUBJECT_LIMIT),
            "preheader": _line(edition, EditKind.PREHEADER, edition.preheader, PREHEADER_LIMIT),
        },
        "subjects": other_subjects(edition),
        "undoing": tell_edit(edition, edition.edits[-1]) if edition.edits else "",
        "redoing": tell_edit(edition, edition.undone[0]) if edition.undone else "",
        "receipts": _receipts(story, item),
        "blurb_words": room.config.newsletter(edition.name.newsletter).blurb_words,
        "thumbnails": _thumbnails(room, place, edition, item, story),
        "history": _history(room, place, edition),
    }


def other_subjects(edition: Edition) -> tuple[str, ...]:
    """Return other subjects than the present one, made of the first headlines."""
    made = [
        _subject_of(Headline(text=item.headline, language=item.language, outlet=item.site), edition.title)
        for item in edition.items[: CONSIDERED + OTHERS]
    ]
    return tuple(text for text in dict.fromkeys(made) if text not in ("", edition.subject))[:OTHERS]


@lru_cache(maxsize=256)
def _subject_of(headline: Headline, title: str) -> str:
    return write_subject([headline], title=title)


def picture_of(
    room: Room, edition: Edition, story_id: StoryId, number: int
) -> tuple[Image | None, PictureUse | None]:
    """Return a picture of a story, counted from 1, and what may be done with it; None where there is none."""
    item = next((one for one in edition.items if one.story_id == story_id), None)
    story = room.stores.stories.find(story_id)
    if item is None or story is None:
        return None, None
    pictures = story_pictures(story)
    if not 1 <= number <= len(pictures):
        return None, None
    return pictures[number - 1], _uses(room, edition, item, pictures)[number - 1]


def _uses(room: Room, edition: Edition, item: Item, pictures: list[Image]) -> list[PictureUse]:
    """Return what may be done with each picture of an item's story."""
    trials = tuple(
        replace(item, story_id=StoryId(str(number)), image=image) for number, image in enumerate(pictures)
    )
    rulings = rule_pictures(replace(edition, items=trials), room.config)
    return [rulings[trial.story_id].use for trial in trials]


def _line(edition: Edition, kind: EditKind, text: str, limit: int) -> Line:
    written = [edit.text or "" for edit in edition.standing if edit.kind is kind]
    is_own = bool(written and written[-1].strip())
    return Line(text=text, length=length(text), limit=limit, is_own=is_own)


def _receipts(story: Story | None, item: Item | None) -> Receipts | None:
    return receipts_of(story, item) if story is not None and item is not None else None


def _thumbnails(
    room: Room, place: Place, edition: Edition, item: Item | None, story: Story | None
) -> tuple[Thumbnail, ...]:
    if item is None or story is None:
        return ()
    pictures = story_pictures(story)
    uses = _uses(room, edition, item, pictures)
    return tuple(
        _thumbnail(place, item, image, number=number, use=use)
        for number, (image, use) in enumerate(zip(pictures, uses, strict=True), start=1)
    )


def _thumbnail(place: Place, item: Item, image: Image, *, number: int, use: PictureUse) -> Thumbnail:
    why_not = ""
    if use is PictureUse.DROP:
        why_not = "Left out by photo rights"
    elif image.url is None and image.file is None:
        why_not = "Without an address"
    path = f"{place.path}stories/{quote(item.story_id, safe='')}/pictures/{number}"
    of = hashlib.sha256(str(_origin(image)).encode()).hexdigest()[:16]
    return Thumbnail(
        number=number,
        words=", ".join(filter(None, (image.caption or image.alt, image.credit))) or "Without words",
        address="" if why_not else f"{path}?of={of}",
        why_not=why_not,
        is_shown=item.image is not None and _origin(item.image) == _origin(image),
    )


def _origin(image: Image) -> tuple[object, ...]:
    """Return what tells a picture from the others of its story."""
    return (image.url, image.file) if image.url or image.file else (image.alt,)


def _history(room: Room, place: Place, edition: Edition) -> History:
    entries = room.stores.editions.revisions(edition.name)
    shown = entries if place.get("panel") == "history" else entries[:LATEST]
    return History(
        entries=tuple(shown), total=len(entries), zone=zone_of(room.config, edition.name.newsletter)
    )
