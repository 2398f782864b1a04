"""Gather what the panel shows in which an edition is tried: what can be tried, and how that goes or went."""

from __future__ import annotations

from typing import Any

from digest.deliver.faulty import Fault
from digest.mailbox import parse_mailbox
from digest.model import EditionName
from digest.pipeline.sending import count_readers
from digest.render.lookalike import LOOKS
from digest.web.desk.jobs import Job
from digest.web.desk.place import Place
from digest.web.desk.room import Room
from digest.web.desk.seeing import LOOKED_AT
from digest.web.desk.snapshot import NO_BROWSER, find_browser

TEST, REHEARSAL = "test", "rehearsal"
PICTURE_WIDTHS = {"700": "Desktop", "375": "375 px", "320": "320 px"}


def trials(room: Room, place: Place) -> dict[str, Any]:
    """Return what the panel for trying shows; nothing is looked up while it is closed."""
    if place.get("panel") != "try":
        return {"trial": None}
    parts = room.parts(place.name.newsletter)
    return {
        "trial": {
            "editor": parse_mailbox(parts.settings.editor).address if parts.settings.editor else "",
            "readers": count_readers(parts),
            "faults": [str(fault) for fault in Fault],
            "test": last_job(room, place.name, TEST),
            "rehearsal": last_job(room, place.name, REHEARSAL),
            "widths": PICTURE_WIDTHS,
            "looks": LOOKS,
            "also": {key: place.get(key) for key in LOOKED_AT if key != "look" and place.get(key)},
            "no_picture": "" if find_browser() else NO_BROWSER,
        }
    }


def last_job(room: Room, name: EditionName, kind: str) -> Job | None:
    """Return the last of what was tried of a kind."""
    return next(iter(room.jobs.like(job_key(name, kind))), None)


def job_key(name: EditionName, kind: str) -> str:
    """Return what a job of a kind is called."""
    return f"{kind} {name}"
