"""What a real Postfix sends back is understood: its bounces stop readers, its receipts settle doubts."""

from __future__ import annotations

import smtplib
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from digest.deliver.links import Signer
from digest.deliver.maildir import open_maildir
from digest.deliver.message import bounce_key
from digest.model import Delivery, DeliveryState, EditionName, SubscriberState
from digest.pipeline.bouncing import Effect, Handled, Reading, read_box
from digest.store.database import open_database
from digest.store.mailing import Mailing
from tests.deliver.postfix import Postfix, postfix_server
from tests.deliver.servers import HOST

NOW = datetime(2026, 11, 24, 6, 30, tzinfo=UTC)
EDITION = EditionName(newsletter="daily", date=date(2026, 11, 24))
RETURN_PATH = "bounces+{delivery}@example.org"
ROUTES = "inline:{ {gone.example = error:5.1.1 nobody here}, {full.example = error:5.2.2 mailbox full} }"


@pytest.fixture
def mailing(tmp_path: Path) -> Iterator[Mailing]:
    engine = open_database(f"sqlite:///{tmp_path}/digest.db")
    yield Mailing(engine, secret=lambda: b"s" * 32)
    engine.dispose()


def doubtful(mailing: Mailing, *addresses: str) -> list[Delivery]:
    """Return deliveries that ended in doubt."""
    for address in addresses:
        mailing.add("daily", address, consent="asked", now=NOW)
    mailing.fill(EDITION, domain="example.org", now=NOW)
    taken = mailing.lease(EDITION, owner="me", limit=9, now=NOW, until=NOW)
    mailing.record([replace(one, state=DeliveryState.DOUBT, doubts=1) for one in taken], now=NOW)
    return list(taken)


def post(server: Postfix, delivery: Delivery, *, options: tuple[str, ...] = ()) -> None:
    letter = f"From: dose@example.org\r\nMessage-ID: {delivery.message_id}\r\nSubject: Ferry\r\n\r\nHello\r\n"
    with smtplib.SMTP(HOST, server.port, timeout=20) as line:
        sender = RETURN_PATH.replace("{delivery}", bounce_key(delivery))
        line.sendmail(sender, [delivery.address], letter.encode(), rcpt_options=options)


def read(server: Postfix, mailing: Mailing) -> dict[str, Handled]:
    reading = Reading(mailing=mailing, signer=Signer(b"s" * 32), return_path=RETURN_PATH, senders={})
    with open_maildir(server.maildir) as box:
        handled = read_box(box, reading, now=NOW + timedelta(minutes=5))
    return {one.message_ids[0] if one.message_ids else one.letter: one for one in handled}


def test_bounces_of_a_real_postfix_are_understood(mailing: Mailing) -> None:
    gone, full, fine = doubtful(mailing, "ada@gone.example", "bob@full.example", "eve@example.org")
    with postfix_server(transport_maps=ROUTES, smtpd_reject_unlisted_recipient="no") as server:
        post(server, gone)
        post(server, full)
        post(server, fine, options=("NOTIFY=SUCCESS,FAILURE",))
        server.wait_for(4)

        found = read(server, mailing)

        left = server.arrived()

    assert {one.message_id: found[one.message_id].effect for one in (gone, full, fine)} == {
        gone.message_id: Effect.STOPPED,
        full.message_id: Effect.COUNTED,
        fine.message_id: Effect.NOTED,
    }
    assert [str(found[one.message_id].report.status) for one in (gone, full)] == ["5.1.1", "5.2.2"]
    states = {one.address: one.state for one in mailing.list_deliveries(EDITION)}
    assert states == {
        "ada@gone.example": DeliveryState.FAILED,
        "bob@full.example": DeliveryState.FAILED,
        "eve@example.org": DeliveryState.SENT,
    }
    assert [str(one.state) for one in mailing.list_subscribers("daily")] == [
        SubscriberState.BOUNCED,
        SubscriberState.ACTIVE,
        SubscriberState.ACTIVE,
    ]
    assert [recipient for recipient, _ in left] == ["eve@example.org"]
