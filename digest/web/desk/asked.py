"""Read what a form asks for: the edits, and what was typed, so that nothing of it is lost where it is refused."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from digest.edition import find_item
from digest.errors import EditionError
from digest.model import Edit, Edition, EditKind, Item, StoryId
from digest.web.forms import Fields

LINES = {"subject": EditKind.SUBJECT, "preheader": EditKind.PREHEADER, "note": EditKind.NOTE}
PLAIN = {kind.value: kind for kind in (EditKind.PIN, EditKind.UNPIN, EditKind.DROP, EditKind.RESTORE)}
STEPS = {"up": -1, "down": 1}
FIELDS = {
    "headline": "Headline",
    "text": "Blurb",
    "caption": "Caption",
    "credit": "Credit",
    "alt": "Alternative text",
}
"""What of a story can be rewritten, and how the desk calls it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What was asked for and refused: the fields to send again, and those of them that were typed, by their labels."""

    fields: tuple[tuple[str, str], ...] = ()
    typed: tuple[tuple[str, str], ...] = ()
    path: str = ""


def keep(form: Fields, seen: Edition | None, *, path: str = "") -> Kept:
    """Return what a form asks for; of a rewriting, only the fields that say something else than what was `seen`."""
    values = {key: value for key, value in form.values.items() if key not in ("revision", "back", "at-once")}
    if form.one("do") == "rewrite" and seen is not None:
        item = next((one for one in seen.items if one.story_id == form.one("story")), None)
        before = _words_of(item) if item is not None else {}
        values = {
            key: value
            for key, value in values.items()
            if key not in before or _plain(value[0]) != before[key]
        }
    return Kept(
        fields=tuple((key, value) for key, several in values.items() for value in several),
        typed=_typed(form.one("do"), values),
        path=path,
    )


def _typed(what: str, values: Mapping[str, list[str]]) -> tuple[tuple[str, str], ...]:
    """Return the fields of a form that hold typed words, by their labels; there is nothing to keep of an empty one."""
    labels = {"text": what.capitalize()} if what in LINES else FIELDS if what == "rewrite" else {}
    return tuple(
        (labels[key], several[0]) for key, several in values.items() if key in labels and several[0].strip()
    )


def read_edits(edition: Edition, what: str, form: Fields) -> list[Edit]:
    """Return the edits that a form asks for; raise EditionError for one that none of ours sends."""
    if what in LINES:
        return _lined(edition, LINES[what], _plain(form.one("text")))
    story = StoryId(form.one("story"))
    if what in PLAIN:
        return [Edit(kind=PLAIN[what], story_id=story)]
    readers: dict[str, Callable[[Edition, Item, Fields], list[Edit]]] = {
        "up": lambda edition, item, _form: _stepped(edition, item, STEPS["up"]),
        "down": lambda edition, item, _form: _stepped(edition, item, STEPS["down"]),
        "move": _moved,
        "rewrite": _rewritten,
    }
    if what not in readers:
        raise EditionError(f"'{what}' is nothing that can be done to an edition. Open the page again.")
    return readers[what](edition, find_item(edition, story), form)


def number_in(text: str) -> int | None:
    """Return the number that a field holds, or None."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def _lined(edition: Edition, kind: EditKind, text: str) -> list[Edit]:
    shown = {
        EditKind.SUBJECT: edition.subject,
        EditKind.PREHEADER: edition.preheader,
        EditKind.NOTE: edition.note,
    }
    return [] if text == shown[kind] else [Edit(kind=kind, text=text)]


def _stepped(edition: Edition, item: Item, step: int) -> list[Edit]:
    """Move a story one place; past the end of its section it goes into the next one."""
    groups = edition.sections
    at = next(number for number, (section, _) in enumerate(groups) if section == item.section)
    items = groups[at][1]
    position = items.index(item) + step
    if 0 <= position < len(items):
        return [Edit(kind=EditKind.MOVE, story_id=item.story_id, position=position)]
    if not 0 <= at + step < len(groups):
        return []
    section, others = groups[at + step]
    there = 0 if step > 0 else len(others)
    return [Edit(kind=EditKind.MOVE, story_id=item.story_id, section=section, position=there)]


def _moved(edition: Edition, item: Item, form: Fields) -> list[Edit]:
    """Move a story to a section, that of the name typed before that chosen, and to a place in it where one is given."""
    section = " ".join(form.one("new").split()) or form.one("section") or item.section
    position = number_in(form.one("position"))
    there = [other for other in edition.items if other.section == section]
    if section == item.section and (position is None or there.index(item) == position):
        return []
    return [Edit(kind=EditKind.MOVE, story_id=item.story_id, section=section, position=position)]


def _rewritten(_edition: Edition, item: Item, form: Fields) -> list[Edit]:
    """Return an edit for each field that a form has and that says something else than the item."""
    return [
        Edit(kind=EditKind.REWRITE, story_id=item.story_id, field=name, text=_plain(form.one(name)))
        for name, before in _words_of(item).items()
        if name in form.values and _plain(form.one(name)) != before
    ]


def _words_of(item: Item) -> dict[str, str]:
    image = item.image
    return {
        "headline": item.headline,
        "text": item.text,
        "caption": (image.caption if image else None) or "",
        "credit": (image.credit if image else None) or "",
        "alt": (image.alt if image else None) or "",
    }


def _plain(text: str) -> str:
    """Return a field's text with line ends as we keep them."""
    return text.replace("\r\n", "\n")
