"""Take a mail provider's events at POST /hooks/delivery: JSON, with a secret that only the provider knows.

    Authorization: Bearer SECRET
    {"events": [{"event": "delivered", "message_id": "<...>", "address": "...", "reason": "..."}]}

Events are delivered, deferred, bounced and complained. Each names a delivery by its Message-ID, or, for bounced and
complained, a reader by address. A body of type message/rfc822 is a bounce, a complaint or a wish to leave as it came.
"""

from __future__ import annotations

import hmac
import json
from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from digest import app
from digest.mailbox import one_line
from digest.model import DeliveryEvent, EventKind
from digest.pipeline.bouncing import Effect, take_letter
from digest.web.site import Site

PATH = "/hooks/delivery"
MOST_EVENTS = 10_000
_Text = Annotated[str, Field(max_length=500)]


class _Event(BaseModel):
    """One event as it comes; whatever else a provider tells is left alone."""

    model_config = ConfigDict(extra="ignore")

    event: EventKind
    message_id: _Text = ""
    address: _Text = ""
    reason: Annotated[str, Field(max_length=5_000)] = ""


class _Events(BaseModel):
    model_config = ConfigDict(extra="ignore")

    events: Annotated[list[_Event], Field(max_length=MOST_EVENTS)]


def hook_routes(site: Site) -> APIRouter:
    """Return the route of a site whose configuration asks for a provider's events; else none."""
    routes = APIRouter()
    if site.config.smtp.resolver != "webhook":
        return routes
    secret = site.config.webhook_secret().encode()

    @routes.post(PATH)
    async def take(request: Request) -> Response:
        if not _is_told(request.headers.get("authorization", ""), secret):
            return JSONResponse({"error": "The secret is missing or wrong."}, status_code=401)
        content = await request.body()
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() == "message/rfc822":
            return await run_in_threadpool(lambda: _take_letter(site, content))
        try:
            events = parse_events(content)
        except ValueError as exc:
            return JSONResponse({"error": str(exc)}, status_code=400)
        taken = await run_in_threadpool(lambda: site.stores.mailing.take_events(events, now=app.now()))
        return JSONResponse({"taken": taken, "unknown": len(events) - taken})

    return routes


def _take_letter(site: Site, content: bytes) -> JSONResponse:
    """Act on a message that a mail server or provider passes on whole."""
    handled = take_letter(content, app.make_reading(site.config, site.stores), now=app.now())
    if handled.effect is Effect.WAITS:
        return JSONResponse({"error": "That delivery is under way. Try again later."}, status_code=503)
    taken = int(handled.effect is not Effect.ALONE)
    return JSONResponse({"taken": taken, "unknown": 1 - taken, "effect": handled.effect})


def parse_events(body: bytes) -> list[DeliveryEvent]:
    """Read the events of a request; raise ValueError with a sentence where they cannot be read."""
    try:
        found: Any = json.loads(body)
        events = _Events.model_validate({"events": found} if isinstance(found, list) else found).events
    except ValidationError as exc:
        first = exc.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise ValueError(f"{where or 'the body'}: {first['msg']}.") from None
    except (ValueError, RecursionError):
        raise ValueError("The body is no JSON.") from None
    return [
        DeliveryEvent(
            kind=one.event,
            message_id=f"<{one.message_id.strip(' <>')}>" if one.message_id.strip(" <>") else "",
            address=one.address.strip(),
            reason=one_line(one.reason)[:500],
        )
        for one in events
    ]


def _is_told(header: str, secret: bytes) -> bool:
    scheme, _, given = header.partition(" ")
    is_right = hmac.compare_digest(given.strip().encode("utf-8", "surrogateescape"), secret)
    return bool(secret) and scheme.casefold() == "bearer" and is_right
