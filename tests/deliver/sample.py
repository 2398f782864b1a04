"""What the delivery tests send: one edition, one newsletter, a delivery to anyone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime

from digest.deliver.carry import carry
from digest.model import (
    Delivery,
    DeliveryState,
    EditionName,
    Envelope,
    Newsletter,
    Outcome,
    Picture,
    Rendered,
    SubscriberId,
)
from digest.ports import Transport

NOW = datetime(2026, 11, 24, 6, 30, tzinfo=UTC)
EDITION = EditionName(newsletter="daily", date=date(2026, 11, 24))
PICTURE = Picture(
    name="b2c4.png", content=bytes(range(256)) * 9, content_type="image/png", width=60, height=40
)


def make_newsletter(**changed: str) -> Newsletter:
    values = {"name": "daily", "title": "The Daily Dose", "sender": "The Daily Dose <dose@example.org>"}
    return Newsletter(**(values | changed))  # type: ignore[arg-type]  # only its text fields are changed here


def make_rendered(
    *,
    subject: str = "Night ferry saved",
    html: str = '<p>Hello @@NAME@@, <a href="@@UNSUBSCRIBE@@">leave</a></p>',
    text: str = "Hello @@NAME@@\nLeave: @@UNSUBSCRIBE@@\n",
    pictures: tuple[Picture, ...] = (),
) -> Rendered:
    return Rendered(
        name=EDITION, subject=subject, preheader="", html=html, text=text, mjml="", pictures=pictures
    )


def make_delivery(address: str = "ada@example.org", *, name: str = "Ada", number: int = 7) -> Delivery:
    return Delivery(
        edition=EDITION,
        subscriber_id=SubscriberId(number),
        address=address,
        name=name,
        state=DeliveryState.LEASED,
        message_id=f"<daily.2026-11-24.{number:08d}@example.org>",
        attempt=1,
        owner="me",
    )


def make_envelope(recipient: str = "ada@example.org", *, body: str = "Hello") -> Envelope:
    content = (
        f"From: dose@example.org\r\nTo: {recipient}\r\nMessage-ID: <1.{recipient}>\r\n"
        f"Subject: Test\r\n\r\n{body}\r\n"
    )
    return Envelope(content=content.encode(), sender="dose@example.org", recipient=recipient)


def carry_all(
    transport: Transport, *envelopes: Envelope, before_dot: Callable[[], bool] = lambda: True
) -> list[Outcome]:
    """Carry messages as a send does, with a plain function for the moment before the dot."""

    async def asked() -> bool:
        return before_dot()

    return carry(transport, envelopes, before_dot=asked)
