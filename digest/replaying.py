"""Replay an editor's changes on a draft: pure, the same draft and changes always give the same edition.

A change of a story that the draft does not hold waits for its return. A dropped story keeps its place until it is
restored. What an editor rewrote or chose is compared with the draft: what is the same again counts as untouched.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from digest.items import in_sections
from digest.model import Blurb, Edit, Edition, EditKind, Image, Item, StoryId
from digest.subject.cleaning import tidy
from digest.subject.write import Headline, write_preheader, write_subject

OF_THE_IMAGE = ("caption", "credit", "alt")
OF_THE_EDITION = (EditKind.SUBJECT, EditKind.PREHEADER, EditKind.NOTE)
BY_HAND = "editor"
"""The method of a blurb whose sentences an editor chose."""


@dataclass(slots=True)
class _Desk:
    """The edition while its edits are replayed; dropped stories keep their place in `items`.

    `made` are the items as they came, `images` the pictures that were chosen since.
    """

    items: list[Item]
    made: dict[StoryId, Item]
    dropped: set[StoryId] = field(default_factory=set)
    images: dict[StoryId, Image | None] = field(default_factory=dict)


def replay(edition: Edition) -> Edition:
    """Return the edition with its items and lines made anew: its draft, and its edits on it."""
    desk = _Desk(items=list(edition.drafted), made={item.story_id: item for item in edition.drafted})
    note = ""
    for edit in edition.standing:
        if edit.kind is EditKind.NOTE:
            note = (edit.text or "").strip()
        elif edit.kind is EditKind.INCLUDE:
            _include(desk, edit)
        elif edit.story_id in desk.made:
            _apply(desk, edit, desk.made[edit.story_id])
    items = tuple(item for item in desk.items if item.story_id not in desk.dropped)
    return with_lines(replace(edition, items=items, note=note))


def with_lines(edition: Edition) -> Edition:
    """Set the subject and the preheader: those that the editor wrote, else ones made of the items."""
    written = {edit.kind: tidy(edit.text or "") for edit in edition.standing if edit.kind in OF_THE_EDITION}
    headlines = [
        Headline(text=item.headline, language=item.language, outlet=item.site) for item in edition.items
    ]
    subject = written.get(EditKind.SUBJECT) or write_subject(headlines, title=edition.title)
    more = [Headline(text=item.text, language=item.language) for item in edition.items]
    more.append(Headline(text=f"{edition.title}, {edition.name.date.isoformat()}"))
    preheader = written.get(EditKind.PREHEADER) or write_preheader(subject, headlines, more=more)
    return replace(edition, subject=subject, preheader=preheader)


def _include(desk: _Desk, edit: Edit) -> None:
    """Put a story at the end of its section; one that the draft holds by now stands where it does."""
    if edit.item is None or edit.item.story_id in desk.made:
        return
    order = [item.section for item in desk.items] + [edit.item.section]
    desk.made[edit.item.story_id] = edit.item
    desk.items = in_sections([*desk.items, edit.item], order)


def _apply(desk: _Desk, edit: Edit, made: Item) -> None:
    place = next(i for i, item in enumerate(desk.items) if item.story_id == edit.story_id)
    item = desk.items[place]
    match edit.kind:
        case EditKind.PIN | EditKind.UNPIN:
            desk.items[place] = replace(item, is_pinned=edit.kind is EditKind.PIN)
        case EditKind.DROP:
            desk.dropped.add(item.story_id)
        case EditKind.RESTORE:
            desk.dropped.discard(item.story_id)
        case EditKind.MOVE:
            _move(desk, item, edit)
        case EditKind.REWRITE if edit.field in OF_THE_IMAGE:
            desk.items[place] = _recaptioned(item, edit, desk.images.get(item.story_id, made.image))
        case EditKind.REWRITE:
            desk.items[place] = _rewritten(item, edit, made)
        case EditKind.SENTENCES:
            desk.items[place] = _retold(item, edit, made)
        case EditKind.PICTURE:
            desk.images[item.story_id] = edit.image
            desk.items[place] = _pictured(item, edit, made)


def _move(desk: _Desk, item: Item, edit: Edit) -> None:
    section = item.section if edit.section is None else edit.section
    shown = [other for other in desk.items if other.section == section and other.story_id not in desk.dropped]
    position = edit.position
    if position is None and item in shown:
        position = shown.index(item)
    others = [other for other in shown if other is not item]
    rest = [other for other in desk.items if other is not item]
    place = len(rest)
    if position is not None and max(position, 0) < len(others):
        place = rest.index(others[max(position, 0)])
    order = [other.section for other in desk.items] + [section]
    desk.items = in_sections([*rest[:place], replace(item, section=section), *rest[place:]], order)


def _rewritten(item: Item, edit: Edit, made: Item) -> Item:
    if edit.field == "headline":
        headline = made.headline if edit.text is None else tidy(edit.text)
        return _marked(replace(item, headline=headline), "headline", headline != made.headline)
    if edit.text is None:
        return _marked(replace(item, text=made.text, blurb=made.blurb), "text", False)
    text = edit.text.strip()
    return _marked(replace(item, text=text), "text", text != made.text)


def _retold(item: Item, edit: Edit, made: Item) -> Item:
    """Make the blurb of the sentences that were chosen; of none, and of those it was made of, the drafted one."""
    if not edit.sentences or edit.sentences == made.blurb.sentences:
        return _marked(replace(item, text=made.text, blurb=made.blurb), "text", False)
    text = " ".join(sentence.text for sentence in edit.sentences)
    blurb = Blurb(
        story_id=item.story_id,
        text=text,
        sentences=edit.sentences,
        image=made.blurb.image,
        method=BY_HAND,
    )
    return _marked(replace(item, text=text, blurb=blurb), "text", True)


def _pictured(item: Item, edit: Edit, made: Item) -> Item:
    """Show another picture, with its own words: those that were written for the one before go with it."""
    edited = tuple(name for name in item.edited if name not in OF_THE_IMAGE)
    return _marked(replace(item, image=edit.image, edited=edited), "image", edit.image != made.image)


def _recaptioned(item: Item, edit: Edit, image: Image | None) -> Item:
    if item.image is None or image is None:
        return item
    field = edit.field or ""
    original = getattr(image, field)
    value = original if edit.text is None else tidy(edit.text) or None
    return _marked(replace(item, image=_with(item.image, field, value)), field, value != original)


def _marked(item: Item, field: str, is_edited: bool) -> Item:
    """Name a field among those that were edited, last, or no more."""
    others = tuple(name for name in item.edited if name != field)
    return replace(item, edited=(*others, field) if is_edited else others)


def _with(image: Image, field: str, value: str | None) -> Image:
    match field:
        case "caption":
            return replace(image, caption=value)
        case "credit":
            return replace(image, credit=value)
        case _:
            return replace(image, alt=value)
