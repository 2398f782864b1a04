"""Put the page of one edition together: the stories, the email in its frame, and the story that is being worked on."""

from __future__ import annotations

from typing import Any

from digest.edition import dropped_items
from digest.model import Edition, Item
from digest.pipeline.reviewing import remarks_on_cuts, review
from digest.web.desk.asked import Kept
from digest.web.desk.knowing import VERDICTS, know_item, list_left_out, sentence_at, weigh
from digest.web.desk.place import Place
from digest.web.desk.room import Room
from digest.web.desk.standing import standing
from digest.web.desk.trials import trials
from digest.web.desk.views import views
from digest.web.desk.writing import written


def edition_page(room: Room, place: Place, *, told: str = "", kept: Kept | None = None) -> dict[str, Any]:
    """Return what the page of an edition shows.

    `told` is a sentence for the editor above it, and `kept` what she asked for that could not be done.
    """
    edition = room.stores.editions.get(place.name)
    shown = room.show(edition)
    chosen = chosen_item(edition, place.get("story"))
    stories = room.stores.stories.find_all(item.story_id for item in edition.items)
    meter = weigh(shown.rendered, edition)
    remarks = remarks_on_cuts(shown.rendered.cuts, edition) + review(edition, stories.get)
    return {
        "place": place,
        "edition": edition,
        "shown": shown,
        "rendered": shown.rendered,
        "item": chosen,
        "dropped": dropped_items(edition),
        "costs": {cost.item.story_id: cost.size for cost in meter.costs},
        "kilobytes": meter.size / 1000,
        "remarks": remarks,
        "meter": meter,
        "known": know_item(room, edition, chosen, remarks),
        "verdicts": VERDICTS,
        "sentence_at": sentence_at,
        "left_out": list_left_out(edition, place),
        "told": told,
        "kept": kept or Kept(),
        **standing(room, edition),
        **trials(room, place),
        **views(room, place, edition, shown.rendered),
        **written(room, place, edition, chosen, stories.get(chosen.story_id) if chosen else None),
    }


def chosen_item(edition: Edition, story_id: str) -> Item | None:
    """Return the item that is worked on: the one named, else the first."""
    found = next((item for item in edition.items if item.story_id == story_id), None)
    return found or (edition.items[0] if edition.items else None)
