"""Show the outbox as it drains, and let the editor pause, stop and resume a send. No reader is named."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse

from digest import app
from digest.errors import UsageError
from digest.model import DeliveryState, EditionName, Halt
from digest.store.tallies import Tallies
from digest.web.desk.place import PageNumber, Place
from digest.web.desk.room import Room
from digest.web.desk.wording import mask_address, mask_reply, say_ago, say_moment, zone_of
from digest.web.forms import Fields, read_fields

Form = Annotated[Fields, Depends(read_fields)]
ON_A_PAGE = 20
FAILURES_SHOWN = 100
RATE_OVER = timedelta(seconds=30)
UNSETTLED = (DeliveryState.QUEUED, DeliveryState.LEASED, DeliveryState.INFLIGHT, DeliveryState.DEFERRED)
AT_WORK = (DeliveryState.LEASED, DeliveryState.INFLIGHT)
TROUBLED = (DeliveryState.FAILED, DeliveryState.DEFERRED, DeliveryState.DOUBT)
WORDS = {
    DeliveryState.SENT: ("sent", "good"),
    DeliveryState.QUEUED: ("waiting", ""),
    DeliveryState.LEASED: ("taken by a sender", ""),
    DeliveryState.INFLIGHT: ("on the wire", ""),
    DeliveryState.DEFERRED: ("to be tried again", "warn"),
    DeliveryState.DOUBT: ("in doubt", "warn"),
    DeliveryState.FAILED: ("failed", "bad"),
    DeliveryState.SKIPPED: ("skipped", ""),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Send:
    """How one edition's send stands."""

    name: EditionName
    counts: dict[DeliveryState, int]
    halt: Halt | None

    @property
    def path(self) -> str:
        """Return the path of its page."""
        return Place(name=self.name).path.replace("/editions/", "/outbox/", 1)

    @property
    def total(self) -> int:
        """Return how many readers it has."""
        return sum(self.counts.values())

    @property
    def waiting(self) -> int:
        """Return how many are still to be settled."""
        return sum(self.counts.get(state, 0) for state in UNSETTLED)

    @property
    def is_at_work(self) -> bool:
        """Say whether a sender has some of it in hand."""
        return any(self.counts.get(state) for state in AT_WORK)

    @property
    def told(self) -> str:
        """Return how it stands, in a few words."""
        if self.halt is not None:
            return str(self.halt)
        if self.waiting:
            return "being sent" if self.is_at_work else "waiting for a sender"
        troubles = [
            f"{self.counts[state]:,} {WORDS[state][0]}"
            for state in (DeliveryState.FAILED, DeliveryState.DOUBT)
            if self.counts.get(state)
        ]
        return f"done, {', '.join(troubles)}" if troubles else "done"


def outbox_routes(room: Room) -> APIRouter:
    """Return the routes."""
    routes = APIRouter()

    @routes.get("/outbox/")
    def sends(page: PageNumber = 1) -> Response:
        return room.page("sends.html", here="/outbox/", **sends_page(room, page))

    @routes.get("/outbox/{newsletter}/{day}/")
    def outbox(request: Request, newsletter: str, day: str) -> Response:
        name = room.name_of(newsletter, day)
        told = TOLD.get(request.query_params.get("done", ""), "")
        return room.page("outbox.html", here="/outbox/", told=told, **outbox_page(room, name))

    @routes.post("/outbox/{newsletter}/{day}/")
    def steer(newsletter: str, day: str, form: Form) -> Response:
        name, do = room.name_of(newsletter, day), form.one("do")
        if do not in STEPS:
            raise UsageError(f"'{do}' is nothing that can be done to a send. Open the page again.")
        STEPS[do](room, name)
        send = Send(name=name, counts={}, halt=None)
        return RedirectResponse(f"{send.path}?done={do}", status_code=303)

    return routes


STEPS: dict[str, Callable[[Room, EditionName], object]] = {
    "pause": lambda room, name: room.stores.mailing.halt(name, Halt.PAUSED, now=app.now()),
    "stop": lambda room, name: room.stores.mailing.halt(name, Halt.STOPPED, now=app.now()),
    "resume": lambda room, name: room.stores.mailing.go_on(name, now=app.now()),
    "retry": lambda room, name: room.stores.mailing.retry(name, now=app.now()),
}
TOLD = {
    "pause": "Paused. Senders take no more; what is under way ends.",
    "stop": "Stopped. Who has not got the edition gets it no more, unless you resume.",
    "resume": "Resumed. A sender that waits goes on by itself.",
    "retry": "Queued anew. The next sender takes them.",
}


def sends_page(room: Room, page: int) -> dict[str, Any]:
    """Return what a page of the list of sends shows."""
    tallies, first = Tallies(room.stores.engine), (page - 1) * ON_A_PAGE
    names = tallies.sent_editions(limit=ON_A_PAGE + 1, offset=first)
    counts, sent_at = tallies.deliveries(names), tallies.sent_at(names)
    rows = [
        (
            Send(name=name, counts=counts[name], halt=room.stores.mailing.find_halt(name)),
            say_moment(sent_at[name], zone_of(room.config, name.newsletter)),
        )
        for name in names[:ON_A_PAGE]
    ]
    return {
        "rows": rows,
        "words": WORDS,
        "page": page,
        "has_more": len(names) > ON_A_PAGE,
        "poll": 2 if any(send.waiting for send, _ in rows) else 10,
    }


def outbox_page(room: Room, name: EditionName) -> dict[str, Any]:
    """Return what the page of one edition's outbox shows."""
    mailing, tallies, now = room.stores.mailing, Tallies(room.stores.engine), app.now()
    send = Send(name=name, counts=mailing.counts(name), halt=mailing.find_halt(name))
    rate = tallies.settled_since(name, now - RATE_OVER) / RATE_OVER.total_seconds() if send.waiting else 0.0
    return {
        "send": send,
        "counts": [(send.counts[state], *WORDS[state]) for state in WORDS],
        "settled": send.total - send.waiting,
        "rate": round(rate * 60),
        "minutes": max(1, round(send.waiting / rate / 60)) if rate else 0,
        "next_due": say_ago(mailing.next_due(name), now) if send.waiting else "",
        "troubles": troubles_of(room, name),
        "troubled": sum(send.counts[state] for state in TROUBLED),
        "may_retry": send.counts[DeliveryState.FAILED] + send.counts[DeliveryState.DEFERRED],
        "at": say_moment(now, zone_of(room.config, name.newsletter)),
        "poll": 1 if send.waiting else 5,
    }


def troubles_of(room: Room, name: EditionName) -> list[tuple[str, str, str, str]]:
    """Return what did not arrive: masked address, state in words, kind of it, the server's words."""
    found = room.stores.mailing.list_deliveries(name, states=TROUBLED, limit=FAILURES_SHOWN)
    return [
        (mask_address(one.address), *WORDS[one.state], mask_reply(one.reply, one.address)) for one in found
    ]
