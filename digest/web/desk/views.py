"""Gather what each view of an edition shows: frames, text, headers, message, inbox rows, two revisions compared."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email import policy
from email.parser import BytesParser
from typing import Any
from urllib.parse import urlencode

from digest import app
from digest.deliver.message import filled_for_viewing
from digest.mailbox import parse_mailbox
from digest.model import Edition, EditionName, Rendered
from digest.pipeline.comparing import Change, compare, told_by
from digest.pipeline.sending import sample_message
from digest.render.inbox_row import PROGRAMS, Program, Row, make_row, opening_text
from digest.render.lookalike import DARK, INVERTED, LIGHT
from digest.trimmed import trim
from digest.web.desk.place import Place
from digest.web.desk.room import Room
from digest.web.desk.seeing import LOOKED_AT, OFF, RTL

EMAIL, INBOX, TEXT, HEADERS, MESSAGE, REVISIONS = (
    *("email", "inbox", "text", "headers", "message", "revisions"),
)
VIEWS = {
    EMAIL: "Email",
    INBOX: "Inbox row",
    TEXT: "Text part",
    HEADERS: "Headers",
    MESSAGE: "Source",
    REVISIONS: "Revisions",
}
WIDTHS = {"": "Desktop", "375": "375 px", "320": "320 px"}
LAST = "last"
ROWS_SHOWN = 3
"""Messages in an inbox: this edition and those before it."""
_ENCODED = re.compile(r"(?:[A-Za-z0-9+/]{60,76}={0,2}\r?\n){6,}")

SAID = {
    LIGHT: "Approximation: as this browser draws it. Mail programs differ, Outlook on Windows most.",
    DARK: "Approximation: this layout’s own rules for the dark, as Apple Mail takes them.",
    INVERTED: "Approximation: the lightness of every colour is turned over and pictures are left as they are, as "
    "Gmail’s app on an iPhone does without asking the layout. Outlook’s programs turn some colours less.",
    "pictures": "Pictures off: none is fetched; alt texts and background colours stand in their places.",
    "styles": "Styles stripped: only those written in the tags are left, as Gmail’s app leaves them to readers with "
    "another provider’s address.",
    "way": "Right to left: the layout in Arabic. Stories stay in their language, so their full stops stand on the "
    "wrong side.",
    INBOX: "Approximation: cut by the widths of Arial’s letters, in lists of usual widths. Readers’ windows and letter "
    "sizes differ.",
    TEXT: "Approximation: a reader with a text-only program sees this, in a font and width of its own.",
    HEADERS: "Approximation: as a made-up reader would get them. Date and links are each message’s own; the signature "
    "and the path are added on the way.",
    MESSAGE: "Approximation: the message as a made-up reader would get it, its pictures shortened here.",
    REVISIONS: "Approximation: both as this browser draws them.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A link that chooses something, and whether it is chosen already."""

    label: str
    address: str
    is_chosen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """An email in a frame. `title` tells what it is, `caption` the same for those who see both."""

    key: str
    source: str
    title: str
    caption: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """Two revisions of an edition, and what became of its stories between them."""

    before: int
    after: int
    revisions: Sequence[Any]
    changes: Sequence[Change]


def views(room: Room, place: Place, edition: Edition, rendered: Rendered) -> dict[str, Any]:
    """Return what the pane of the email shows, as `seen`; what another view needs is not worked out."""
    view = place.get("view", EMAIL)
    view = view if view in VIEWS else EMAIL
    last = _last_before(room, edition.name)
    beside = last if place.get("beside") == LAST and view in (EMAIL, TEXT) else None
    compared = compare_revisions(room, place, edition) if view == REVISIONS else None
    seen = {
        "view": view,
        "views": _choices(place, "view", VIEWS, default=EMAIL),
        "said": _said(place, view),
        "groups": _groups(place) if view in (EMAIL, REVISIONS) else {},
        "beside": _beside(place) if last and view in (EMAIL, TEXT) else None,
        "width": place.get("width") if place.get("width") in WIDTHS else "",
        "frames": _frames(room, place, edition, view, beside, compared),
        "texts": _texts(room, edition, rendered, beside) if view == TEXT else (),
        "headers": headers_of(_message(room, rendered)) if view == HEADERS else (),
        "message": shortened(_message(room, rendered)) if view == MESSAGE else "",
        "inbox": inbox(room, edition, rendered) if view == INBOX else (),
        "compared": compared,
        "chosen": {key: value for key, value in place.chosen.items() if key not in ("before", "after")},
    }
    return {"seen": seen}


def headers_of(message: bytes) -> list[tuple[str, str]]:
    """Return a message's header fields in their order, decoded."""
    parsed = BytesParser(policy=policy.default).parsebytes(message, headersonly=True)
    return [(name, str(value)) for name, value in parsed.items()]


def shortened(message: bytes) -> str:
    """Return a message as text, each encoded picture cut to its first line."""

    def told(found: re.Match[str]) -> str:
        lines = found[0].splitlines()
        return f"{lines[0]}\n[{len(lines) - 1} more lines of base64]\n"

    return _ENCODED.sub(told, message.decode("ascii", "replace").replace("\r\n", "\n"))


def inbox(
    room: Room, edition: Edition, rendered: Rendered
) -> list[tuple[Program, tuple[Row, ...], tuple[str, ...]]]:
    """Return for each program the rows of this edition and of those before it, and what is said of the first."""
    newsletter = room.parts(edition.name.newsletter).newsletter
    sender = parse_mailbox(newsletter.sender)
    earlier = room.stores.editions.entries(
        edition.name.newsletter, limit=ROWS_SHOWN - 1, before=edition.name.date
    )
    shown = [rendered, *(room.show(room.stores.editions.get(one.name)).rendered for one in earlier)]
    openings = [opening_text(one.html) for one in shown]
    made = []
    for program in PROGRAMS:
        rows = tuple(
            make_row(
                program,
                sender=sender.name or sender.address,
                subject=filled_for_viewing(one.subject, one, newsletter, is_html=False),
                preheader=one.preheader,
                opening=opening,
            )
            for one, opening in zip(shown, openings, strict=True)
        )
        made.append((program, rows, tuple(_told_of(rows[0]))))
    return made


def compare_revisions(room: Room, place: Place, edition: Edition) -> Compared:
    """Compare the two revisions that are chosen; where none is, the newest with the one before."""
    entries = room.stores.editions.revisions(edition.name)
    known = {str(one.revision) for one in entries}
    after = int(place.get("after")) if place.get("after") in known else edition.revision
    before = int(place.get("before")) if place.get("before") in known else max(1, after - 1)
    told = []
    for revision in (before, after):
        one = room.stores.editions.at_revision(edition.name, revision)
        told.append(told_by(trim(one, room.show(one).rendered.cuts)))
    return Compared(before=before, after=after, revisions=entries, changes=compare(*told))


def _told_of(row: Row) -> list[str]:
    told = []
    if row.is_cut:
        told.append(f"Cut: {', '.join(sorted(row.is_cut))}.")
    if row.runs_on:
        told.append(f"Behind the preheader stands the email’s own text: “{row.runs_on}”.")
    return told or ["Shown whole."]


def _last_before(room: Room, name: EditionName) -> EditionName | None:
    earlier = room.stores.editions.entries(name.newsletter, limit=1, before=name.date)
    return earlier[0].name if earlier else None


def _choices(place: Place, key: str, labels: Mapping[str, str], *, default: str = "") -> list[Choice]:
    """Return a link for each value; the default needs no place in the address."""
    chosen = place.get(key, default)
    if chosen not in labels:
        chosen = default
    return [
        Choice(
            label=label,
            address=place.at(**{key: "" if value == default else value}),
            is_chosen=value == chosen,
        )
        for value, label in labels.items()
    ]


def _toggle(place: Place, key: str, value: str, label: str) -> Choice:
    is_chosen = place.get(key) == value
    return Choice(label=label, address=place.at(**{key: "" if is_chosen else value}), is_chosen=is_chosen)


def _groups(place: Place) -> dict[str, list[Choice]]:
    looks = {LIGHT: "Light", DARK: "Dark", INVERTED: "Inverted"}
    return {
        "Width": _choices(place, "width", WIDTHS),
        "Colours": _choices(place, "look", looks, default=LIGHT),
        "Also": [
            _toggle(place, "pictures", OFF, "Pictures off"),
            _toggle(place, "styles", OFF, "Styles off"),
            _toggle(place, "way", RTL, "Right to left"),
        ],
    }


def _beside(place: Place) -> Choice:
    return _toggle(place, "beside", LAST, "Beside the last edition")


def _said(place: Place, view: str) -> list[str]:
    if view not in (EMAIL, REVISIONS):
        return [SAID[view]]
    look = place.get("look", LIGHT)
    said = [
        SAID[look if look in (DARK, INVERTED) else LIGHT] if view == EMAIL or look != LIGHT else SAID[view]
    ]
    ways = {"pictures": OFF, "styles": OFF, "way": RTL}
    return said + [SAID[key] for key, value in ways.items() if place.get(key) == value]


def _frames(
    room: Room,
    place: Place,
    edition: Edition,
    view: str,
    beside: EditionName | None,
    compared: Compared | None,
) -> list[Frame]:
    def frame(key: str, name: EditionName, revision: int, caption: str) -> Frame:
        told = {key: place.get(key) for key in LOOKED_AT if place.get(key)}
        query = urlencode({"revision": revision, **told, "of": room.generation})
        source = f"{Place(name=name).path}email.html?{query}"
        return Frame(key=key, source=source, title=f"The email, approximately: {caption}", caption=caption)

    if compared is not None:
        return [
            frame("before", edition.name, compared.before, f"Revision {compared.before}"),
            frame("after", edition.name, compared.after, f"Revision {compared.after}"),
        ]
    if view != EMAIL:
        return []
    frames = [frame("email", edition.name, edition.revision, f"This edition, {edition.name.date}")]
    if beside is not None:
        revision = room.stores.editions.get(beside).revision
        frames.append(frame("last", beside, revision, f"The last one, {beside.date}"))
    return frames


def _texts(
    room: Room, edition: Edition, rendered: Rendered, beside: EditionName | None
) -> list[tuple[str, str]]:
    shown = [(f"This edition, {edition.name.date}", rendered)]
    if beside is not None:
        last = room.show(room.stores.editions.get(beside)).rendered
        shown.append((f"The last one, {beside.date}", last))
    newsletter = app.newsletter_of(room.config, edition.name.newsletter)
    return [(label, filled_for_viewing(one.text, one, newsletter, is_html=False)) for label, one in shown]


def _message(room: Room, rendered: Rendered) -> bytes:
    return sample_message(room.parts(rendered.name.newsletter), rendered)
