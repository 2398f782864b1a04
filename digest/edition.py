"""Assemble an edition and apply the editor's changes to it: pure, every change a new revision.

An edition keeps the draft as it was made and the list of edits; its items are always the draft with the
edits replayed. Drafting again replays them on the new draft, so nothing the editor did is lost:

- a story that the editor pinned, rewrote or moved stays, even when it would no longer be chosen;
- a dropped story stays out and can be restored, and takes no place;
- an edit of a story that is gone waits for its return;
- the subject and the preheader follow the leading headline until the editor sets them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from urllib.parse import urlsplit

from digest.captions import printable_caption
from digest.errors import EditionError
from digest.model import (
    Blurb,
    Cut,
    Edit,
    Edition,
    EditionName,
    EditionState,
    EditKind,
    Image,
    Item,
    LeftOut,
    Newsletter,
    Ranked,
    StoryId,
)
from digest.subject.cleaning import tidy
from digest.subject.write import Headline, write_preheader, write_subject

REWRITABLE = ("headline", "text", "caption", "credit", "alt")
_OF_THE_IMAGE = ("caption", "credit", "alt")
_OF_THE_EDITION = (EditKind.SUBJECT, EditKind.PREHEADER, EditKind.NOTE)


def assemble(
    newsletter: Newsletter,
    *,
    date: date,
    ranked: Sequence[Ranked],
    blurbs: Mapping[StoryId, Blurb],
    left_out: Iterable[LeftOut],
    made_at: datetime,
    previous: Edition | None = None,
) -> Edition:
    """Make the edition of a date, replaying on it the edits of the draft it replaces.

    A story without a blurb shows its headline alone. Raises EditionError when `previous` was approved.
    """
    drafted = tuple(_item(entry, blurbs.get(entry.story.id)) for entry in ranked)
    edits: tuple[Edit, ...] = ()
    revision = 1
    if previous is not None:
        _refuse_unless_draft(previous)
        drafted = _carry_over(drafted, previous)
        edits = previous.edits
        revision = previous.revision + 1
    held = {item.story_id for item in drafted}
    edition = Edition(
        name=EditionName(newsletter=newsletter.name, date=date),
        title=newsletter.title,
        subject="",
        preheader="",
        items=drafted,
        drafted=drafted,
        made_at=made_at,
        language=newsletter.language,
        revision=revision,
        edits=edits,
        left_out=tuple(entry for entry in left_out if entry.story_id not in held),
    )
    return _replay(edition)


def apply_edit(edition: Edition, edit: Edit) -> Edition:
    """Return the edition's next revision with one more edit.

    Raises EditionError when the edition is no draft any more or the edit does not fit it.
    """
    _refuse_unless_draft(edition)
    edit = _checked(edition, edit)
    return _replay(replace(edition, edits=(*edition.edits, edit), revision=edition.revision + 1))


def approve(edition: Edition) -> Edition:
    """Return the edition approved; one that was approved or sent comes back as it is.

    Raises EditionError when it holds no story.
    """
    if edition.state is not EditionState.DRAFT:
        return edition
    if not edition.items:
        raise EditionError(
            f"{edition.name} holds no story. Restore one, or draft it again, before approving it."
        )
    return replace(edition, state=EditionState.APPROVED, revision=edition.revision + 1)


def mark_sent(edition: Edition) -> Edition:
    """Return the edition as sent; one that was sent comes back as it is. Raises EditionError on a draft."""
    if edition.state is EditionState.SENT:
        return edition
    if edition.state is EditionState.DRAFT:
        raise EditionError(f"{edition.name} is not approved. Type 'digest approve {edition.name}' first.")
    return replace(edition, state=EditionState.SENT, revision=edition.revision + 1)


def find_item(edition: Edition, ref: str) -> Item:
    """Return the item with that story id, unique beginning of one, or place (1 is the first).

    Raises EditionError naming what there is.
    """
    return _find(edition, edition.items, ref)


def find_dropped(edition: Edition, ref: str) -> Item:
    """Return the item the editor dropped, named as for `find_item`; places count the dropped ones."""
    return _find(edition, dropped_items(edition), ref)


def dropped_items(edition: Edition) -> tuple[Item, ...]:
    """Return the items that the editor dropped, as they were drafted."""
    shown = {item.story_id for item in edition.items}
    return tuple(item for item in edition.drafted if item.story_id not in shown)


def held_items(edition: Edition) -> dict[StoryId, tuple[Item, str]]:
    """Return the items that stay whatever is drafted, as they are shown, with what the editor did to them."""
    moved = {edit.story_id for edit in edition.edits if edit.kind is EditKind.MOVE}
    held = {}
    for item in edition.items:
        did = [
            *["pinned"] * item.is_pinned,
            *["moved"] * (item.story_id in moved),
            *["rewritten"] * bool(item.edited),
        ]
        if did:
            held[item.story_id] = (item, did[0])
    return held


def trim(edition: Edition, cuts: Sequence[Cut]) -> Edition:
    """Return the edition as it is printed: what was cut is gone from it and, where a story is out, told.

    The subject and the preheader follow, unless the editor wrote them. Trimming twice is the same as once.
    """
    texts = {cut.story_id: cut.text for cut in cuts}
    held = {item.story_id: item for item in edition.items}
    out = tuple(
        LeftOut(story_id=cut.story_id, title=cut.headline, site=held[cut.story_id].site, why=cut.why)
        for cut in cuts
        if cut.text is None and cut.story_id in held
    )
    trimmed = replace(
        edition,
        items=_trimmed(edition.items, texts),
        drafted=_trimmed(edition.drafted, texts),
        left_out=(*out, *edition.left_out),
    )
    if trimmed == edition:
        return edition
    lines = {edit.kind: tidy(edit.text or "") for edit in edition.edits if edit.kind in _OF_THE_EDITION}
    return _with_lines(
        trimmed, subject=lines.get(EditKind.SUBJECT, ""), preheader=lines.get(EditKind.PREHEADER, "")
    )


def _trimmed(items: tuple[Item, ...], texts: Mapping[StoryId, str | None]) -> tuple[Item, ...]:
    return tuple(
        item if text == item.text else replace(item, text=text)
        for item in items
        if (text := texts.get(item.story_id, item.text)) is not None
    )


# --- making items --------------------------------------------------------------------------------


def _item(entry: Ranked, blurb: Blurb | None) -> Item:
    story = entry.story
    if blurb is None:
        blurb = Blurb(story_id=story.id, text="", sentences=(), image=story.lead_image, method="none")
    return Item(
        story_id=story.id,
        section=entry.section,
        headline=tidy(story.title),
        text=blurb.text,
        blurb=blurb,
        site=entry.outlet or story.site or urlsplit(story.url or "").hostname or story.source,
        url=story.url,
        image=_captioned(blurb.image, story.title),
        authors=story.authors,
        published_at=story.published_at,
        language=story.language,
        story_words=len(story.text.split()),
        also_in=entry.also_in,
        score=entry.score,
        reasons=entry.reasons,
        follows=entry.follows,
    )


def _captioned(image: Image | None, headline: str) -> Image | None:
    """Return a picture without what stands in a caption's place and is none."""
    if image is None:
        return None
    return replace(image, caption=printable_caption(image.caption, alt=image.alt, headline=headline))


def _carry_over(drafted: tuple[Item, ...], previous: Edition) -> tuple[Item, ...]:
    """Add what the editor's changes need of the previous draft: stories, and pictures with new captions."""
    before = {item.story_id: item for item in previous.drafted}
    captioned = {
        item.story_id for item in previous.items if any(field in _OF_THE_IMAGE for field in item.edited)
    }
    items = [
        replace(item, image=before[item.story_id].image) if item.story_id in captioned else item
        for item in drafted
    ]
    held = {item.story_id for item in items}
    items += [before[story_id] for story_id in held_items(previous) if story_id not in held]
    for dropped in dropped_items(previous):
        if dropped.story_id not in held:
            items.insert(_place_of(dropped, items), dropped)
    return tuple(_in_sections(items, [item.section for item in items]))


def _place_of(dropped: Item, items: Sequence[Item]) -> int:
    """Return where a story would stand in its section by its score."""
    lesser = (
        place
        for place, item in enumerate(items)
        if item.section == dropped.section and item.score < dropped.score
    )
    return next(lesser, len(items))


def _in_sections(items: Iterable[Item], order: Iterable[str]) -> list[Item]:
    """Return the items with sections kept together, in the order that names each section first."""
    places = {section: place for place, section in enumerate(dict.fromkeys(order))}
    return sorted(items, key=lambda item: places[item.section])


# --- replaying edits -----------------------------------------------------------------------------


@dataclass(slots=True)
class _Desk:
    """The edition while its edits are replayed; dropped stories keep their place in `items`."""

    items: list[Item]
    dropped: set[StoryId]
    subject: str = ""
    preheader: str = ""
    note: str = ""


def _replay(edition: Edition) -> Edition:
    desk = _Desk(items=list(edition.drafted), dropped=set())
    drafted = {item.story_id: item for item in edition.drafted}
    for edit in edition.edits:
        if edit.kind is EditKind.SUBJECT:
            desk.subject = tidy(edit.text or "")
        elif edit.kind is EditKind.PREHEADER:
            desk.preheader = tidy(edit.text or "")
        elif edit.kind is EditKind.NOTE:
            desk.note = (edit.text or "").strip()
        elif edit.story_id in drafted:
            _apply(desk, edit, drafted[edit.story_id])
    items = tuple(item for item in desk.items if item.story_id not in desk.dropped)
    return _with_lines(
        replace(edition, items=items, note=desk.note), subject=desk.subject, preheader=desk.preheader
    )


def _with_lines(edition: Edition, *, subject: str, preheader: str) -> Edition:
    """Set the subject and the preheader: those that the editor wrote, else ones made of the items."""
    headlines = [
        Headline(text=item.headline, language=item.language, outlet=item.site) for item in edition.items
    ]
    subject = subject or write_subject(headlines, title=edition.title)
    more = [Headline(text=item.text, language=item.language) for item in edition.items]
    more.append(Headline(text=f"{edition.title}, {edition.name.date.isoformat()}"))
    preheader = preheader or write_preheader(subject, headlines, more=more)
    return replace(edition, subject=subject, preheader=preheader)


def _apply(desk: _Desk, edit: Edit, drafted: Item) -> None:
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
        case EditKind.REWRITE:
            desk.items[place] = _rewritten(item, edit, drafted)


def _move(desk: _Desk, item: Item, edit: Edit) -> None:
    section = item.section if edit.section is None else edit.section
    shown = [other for other in desk.items if other.section == section and other.story_id not in desk.dropped]
    position = edit.position
    if position is None and item in shown:
        position = shown.index(item)
    others = [other for other in shown if other is not item]
    rest = [other for other in desk.items if other is not item]
    place = len(rest)
    if position is not None and position < len(others):
        place = rest.index(others[max(position, 0)])
    order = [other.section for other in desk.items] + [section]
    desk.items = _in_sections([*rest[:place], replace(item, section=section), *rest[place:]], order)


def _rewritten(item: Item, edit: Edit, drafted: Item) -> Item:
    field = edit.field or ""
    if field in _OF_THE_IMAGE:
        if item.image is None or drafted.image is None:
            return item
        original = getattr(drafted.image, field)
        value = original if edit.text is None else tidy(edit.text) or None
        changed = replace(item, image=_with(item.image, field, value))
    else:
        original = getattr(drafted, field)
        value = original if edit.text is None else edit.text.strip()
        value = tidy(value) if field == "headline" else value
        changed = replace(item, headline=value) if field == "headline" else replace(item, text=value)
    edited = [name for name in item.edited if name != field]
    return replace(changed, edited=(*edited, field) if value != original else tuple(edited))


def _with(image: Image, field: str, value: str | None) -> Image:
    match field:
        case "caption":
            return replace(image, caption=value)
        case "credit":
            return replace(image, credit=value)
        case _:
            return replace(image, alt=value)


# --- refusing ------------------------------------------------------------------------------------


def _refuse_unless_draft(edition: Edition) -> None:
    if edition.state is not EditionState.DRAFT:
        raise EditionError(
            f"{edition.name} was {edition.state.value} and changes no more. "
            'To edit before it is sent, set approval = "manual" in the newsletter\'s table.'
        )


def _checked(edition: Edition, edit: Edit) -> Edit:
    if edit.kind in _OF_THE_EDITION:
        return edit
    if edit.story_id is None:
        raise EditionError(
            f"The edit '{edit.kind.value}' of {edition.name} names no story. Name one by its place or id."
        )
    item = (
        find_dropped(edition, edit.story_id)
        if edit.kind is EditKind.RESTORE
        else find_item(edition, edit.story_id)
    )
    if edit.kind is EditKind.REWRITE:
        _check_rewrite(edition, edit, item)
    if edit.kind is EditKind.MOVE and edit.section is None and edit.position is None:
        raise EditionError(f"Moving '{item.headline}' needs a section or a position. Give one of them.")
    section = None if edit.section is None else tidy(edit.section)
    return replace(edit, story_id=item.story_id, section=section)


def _check_rewrite(edition: Edition, edit: Edit, item: Item) -> None:
    if edit.field not in REWRITABLE:
        raise EditionError(
            f"'{edit.field}' of '{item.headline}' cannot be rewritten. What can: {', '.join(REWRITABLE)}."
        )
    if edit.field == "headline" and edit.text is not None and not tidy(edit.text):
        raise EditionError(
            f"The headline of '{item.headline}' cannot be empty. Write one, or drop the story."
        )
    if edit.field in _OF_THE_IMAGE and item.image is None:
        raise EditionError(f"'{item.headline}' has no picture, so its {edit.field} cannot be rewritten.")


def _find(edition: Edition, items: Sequence[Item], ref: str) -> Item:
    ref = ref.strip()
    for item in items:
        if item.story_id == ref:
            return item
    if ref.isascii() and ref.isdigit() and len(ref) <= 3:
        if 1 <= int(ref) <= len(items):
            return items[int(ref) - 1]
    else:
        found = [item for item in items if ref and item.story_id.startswith(ref)]
        if len(found) == 1:
            return found[0]
        if found:
            raise EditionError(
                f"'{ref}' could be {len(found)} stories of {edition.name}. Type more of the id."
            )
    raise EditionError(
        f"There is no story '{ref}' in {edition.name}, which holds {len(items)}. "
        f"Name one by its place or its id; 'digest show {edition.name}' lists them."
    )
