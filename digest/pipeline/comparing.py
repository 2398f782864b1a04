"""Compare what two editions tell, story by story and word by word."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path

from digest.errors import StoreError, UsageError
from digest.model import Edition, Item
from digest.records import from_record, to_record

STORY_FIELDS = ("section", "headline", "blurb", "caption", "credit", "alt", "picture", "link")
EDITION_FIELDS = ("title", "subject", "preheader", "note")

TOLD_FILE = "stories.json"
RENDERED_FILES = ("email.html", "email.txt", "email.mjml", "subject.txt")

_MOST_PAIRS = 4_000_000
"""Texts with more pairs of words are told whole, before and after: comparing them would take seconds."""

_WORDS = re.compile(r"\w+\s*|[^\w\s]\s*|\s+")


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryTold:
    """A story as readers are told it: `fields` are those of `STORY_FIELDS`, empty where there is none."""

    id: str
    fields: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What an edition tells, in reading order; `fields` are those of `EDITION_FIELDS`."""

    fields: Mapping[str, str]
    stories: tuple[StoryTold, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldChange:
    """A field that is not the same. `words` are its parts in order: `=` in both, `-` before, `+` after."""

    field: str
    before: str
    after: str
    words: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What became of a story, or with an empty `id` of the edition's own lines.

    `kind` is added, removed, moved or changed; a story that was moved may have changed too. `before` and `after`
    are its places, 1 the first; None where it is not.
    """

    id: str
    kind: str
    headline: str
    before: int | None = None
    after: int | None = None
    fields: tuple[FieldChange, ...] = ()


def told_by(edition: Edition) -> Told:
    """Return what an edition tells, as it is printed."""
    lines = (edition.title, edition.subject, edition.preheader, edition.note)
    return Told(
        fields=dict(zip(EDITION_FIELDS, lines, strict=True)),
        stories=tuple(_story(item) for item in edition.items),
    )


def told_file(edition: Edition) -> bytes:
    """Return what an edition tells as the JSON that `read_told` reads."""
    return json.dumps(to_record(told_by(edition)), ensure_ascii=False, indent=1).encode() + b"\n"


def read_told(folder: Path) -> Told:
    """Return what the rendering in a folder tells; raise UsageError where it does not say."""
    try:
        return from_record(Told, json.loads((folder / TOLD_FILE).read_bytes()))
    except OSError as exc:
        raise UsageError(
            f"{folder} has no {TOLD_FILE} that can be read. Name an edition, or a folder that 'digest render' wrote."
        ) from exc
    except (ValueError, StoreError) as exc:
        raise UsageError(f"{folder / TOLD_FILE} is damaged ({exc}). Render the edition again.") from exc


def differing_files(before: Path, after: Path) -> list[str]:
    """Return which files of two renderings do not hold the same bytes."""
    return [name for name in RENDERED_FILES if _bytes_of(before / name) != _bytes_of(after / name)]


def _bytes_of(file: Path) -> bytes | None:
    try:
        return file.read_bytes()
    except OSError:
        return None


def compare(before: Told, after: Told) -> list[Change]:
    """Return what is not the same: the edition's lines, then the stories in their new order, then those gone."""
    changes = []
    lines = tuple(_changed_fields(before.fields, after.fields))
    if lines:
        changes.append(Change(id="", kind="changed", headline="", fields=lines))
    places = {story.id: place for place, story in enumerate(before.stories, start=1)}
    held = {story.id: story for story in before.stories}
    kept = _in_order([story.id for story in before.stories], [story.id for story in after.stories])
    for place, story in enumerate(after.stories, start=1):
        headline = story.fields.get("headline", "")
        if story.id not in held:
            changes.append(Change(id=story.id, kind="added", headline=headline, after=place))
            continue
        fields = tuple(_changed_fields(held[story.id].fields, story.fields))
        is_moved = story.id not in kept or any(one.field == "section" for one in fields)
        if fields or is_moved:
            kind = "moved" if is_moved else "changed"
            changes.append(
                Change(
                    id=story.id,
                    kind=kind,
                    headline=headline,
                    before=places[story.id],
                    after=place,
                    fields=fields,
                )
            )
    left = {story.id for story in after.stories}
    changes += [
        Change(
            id=story.id, kind="removed", headline=story.fields.get("headline", ""), before=places[story.id]
        )
        for story in before.stories
        if story.id not in left
    ]
    return changes


def marked(change: FieldChange) -> str:
    """Return a field's words as a person reads them: `the [-old-] {+new+} text`."""
    frames = {"=": "{}", "-": "[-{}-]", "+": "{{+{}+}}"}
    return "".join(frames[sign].format(text) for sign, text in change.words)


def _story(item: Item) -> StoryTold:
    image = item.image
    pictured = (image.caption, image.credit, image.alt, image.url or str(image.file or "")) if image else ()
    caption, credit, alt, picture = (one or "" for one in pictured or ("",) * 4)
    told = (item.section, item.headline, item.text, caption, credit, alt, picture, item.url or "")
    return StoryTold(id=item.story_id, fields=dict(zip(STORY_FIELDS, told, strict=True)))


def _changed_fields(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[FieldChange]:
    for field in dict.fromkeys([*before, *after]):
        old, new = before.get(field, ""), after.get(field, "")
        if old != new:
            yield FieldChange(field=field, before=old, after=new, words=_word_changes(old, new))


def _word_changes(before: str, after: str) -> tuple[tuple[str, str], ...]:
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    if len(old) * len(new) > _MOST_PAIRS:
        return tuple((sign, text) for sign, text in (("-", before), ("+", after)) if text)
    parts: list[tuple[str, str]] = []
    for tag, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            parts.append(("=", "".join(old[a:b])))
            continue
        parts += [("-", "".join(old[a:b]))] * (b > a) + [("+", "".join(new[c:d]))] * (d > c)
    return tuple(parts)


def _in_order(before: Sequence[str], after: Sequence[str]) -> set[str]:
    """Return the most that stand in the same order in both; the others were moved."""
    place = {one: number for number, one in enumerate(before)}
    best: list[tuple[str, ...]] = []
    for one in (one for one in after if one in place):
        earlier = [run for run in best if place[run[-1]] < place[one]]
        best.append((*(max(earlier, key=len) if earlier else ()), one))
    longest: tuple[str, ...] = max(best, key=len) if best else ()
    return set(longest)
