"""Return an edition as it is printed, without what the byte budget cut from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from digest.model import Cut, Edit, Edition, Item, LeftOut, StoryId
from digest.replaying import with_lines


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
        edits=tuple(_trimmed_edit(edit, texts) for edit in edition.standing if _is_kept(edit, texts)),
        left_out=(*out, *edition.left_out),
    )
    if trimmed == edition:
        return edition
    return with_lines(trimmed)


def _trimmed(items: tuple[Item, ...], texts: Mapping[StoryId, str | None]) -> tuple[Item, ...]:
    return tuple(
        item if text == item.text else replace(item, text=text)
        for item in items
        if (text := texts.get(item.story_id, item.text)) is not None
    )


def _is_kept(edit: Edit, texts: Mapping[StoryId, str | None]) -> bool:
    return edit.item is None or texts.get(edit.item.story_id, "") is not None


def _trimmed_edit(edit: Edit, texts: Mapping[StoryId, str | None]) -> Edit:
    if edit.item is None:
        return edit
    return replace(edit, item=_trimmed((edit.item,), texts)[0])
