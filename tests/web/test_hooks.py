"""A provider's events over HTTP: only with the secret, doubts settled, readers stopped, the rest left alone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from digest.model import Delivery, SubscriberState
from digest.model import DeliveryState as S
from tests.conftest import DATA
from tests.web.conftest import NOW, READER, Answer, Served, serving

SECRET = "a secret of the provider"
HOOK = '[smtp]\nresolver = "webhook"\nwebhook_secret_file = "hook-secret"\n'


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Served]:
    (tmp_path / "hook-secret").write_text(SECRET + "\n")
    with serving(tmp_path, more=HOOK) as found:
        yield found


def in_doubt(site: Served) -> Delivery:
    """Send an edition to the one reader, whose delivery ends in doubt."""
    site.add_reader()
    name = site.send()
    mailing = site.site.stores.mailing
    leased = mailing.lease(name, owner="me", limit=1, now=NOW, until=NOW + timedelta(minutes=1))
    mailing.record([replace(leased[0], state=S.INFLIGHT)], now=NOW)
    mailing.sweep(name, now=NOW + timedelta(hours=1))
    return mailing.list_deliveries(name, [S.DOUBT])[0]


def post(site: Served, *events: dict[str, str], secret: str = SECRET) -> Answer:
    body = json.dumps({"events": list(events)}).encode()
    return site.ask("/hooks/delivery", "POST", body=body, authorization=f"Bearer {secret}")


def state_of(site: Served, delivery: Delivery) -> S:
    return site.site.stores.mailing.list_deliveries(delivery.edition)[0].state


@pytest.mark.parametrize(
    ("event", "state", "reader"),
    [
        ("delivered", S.SENT, SubscriberState.ACTIVE),
        ("deferred", S.SENT, SubscriberState.ACTIVE),
        ("bounced", S.FAILED, SubscriberState.BOUNCED),
        ("complained", S.SENT, SubscriberState.COMPLAINED),
    ],
)
def test_an_event_settles_a_doubt_and_stops_a_reader(
    site: Served, event: str, state: S, reader: SubscriberState
) -> None:
    doubt = in_doubt(site)

    answer = post(site, {"event": event, "message_id": doubt.message_id.strip("<>"), "reason": "550 gone"})

    assert (answer.status, json.loads(answer.text)) == (200, {"taken": 1, "unknown": 0})
    assert state_of(site, doubt) is state
    found = site.site.stores.mailing.find("daily", READER)
    assert found is not None
    assert found.state is reader


def test_what_is_settled_stays_and_events_may_be_repeated(site: Served) -> None:
    doubt = in_doubt(site)

    post(site, {"event": "delivered", "message_id": doubt.message_id})
    for _ in range(2):
        assert post(site, {"event": "bounced", "message_id": doubt.message_id}).status == 200

    assert state_of(site, doubt) is S.SENT


def test_an_address_alone_stops_a_reader_and_settles_nothing(site: Served) -> None:
    doubt = in_doubt(site)

    answer = post(
        site,
        {"event": "delivered", "address": READER},
        {"event": "complained", "address": READER.upper()},
        {"event": "bounced", "address": "stranger@example.org"},
    )

    assert json.loads(answer.text) == {"taken": 1, "unknown": 2}
    assert state_of(site, doubt) is S.DOUBT
    found = site.site.stores.mailing.find("daily", READER)
    assert found is not None
    assert found.state is SubscriberState.COMPLAINED


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer wrong", f"Basic {SECRET}", "Bearer \xe9"])
def test_without_the_secret_nothing_happens(site: Served, header: str) -> None:
    doubt = in_doubt(site)
    body = json.dumps([{"event": "delivered", "message_id": doubt.message_id}]).encode()

    assert site.ask("/hooks/delivery", "POST", body=body, authorization=header).status == 401
    assert state_of(site, doubt) is S.DOUBT


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"{", "no JSON"),
        (b"\xff\xfe", "no JSON"),
        (b"[" * 100_000, "no JSON"),
        (b"{}", "events"),
        (b'[{"event": "exploded"}]', "event"),
        (b'[{"event": "bounced", "address": 7}]', "address"),
        (json.dumps([{"event": "bounced"}] * 10_001).encode(), "10000"),
    ],
)
def test_what_cannot_be_read_is_told(site: Served, body: bytes, told: str) -> None:
    answer = site.ask("/hooks/delivery", "POST", body=body, authorization=f"Bearer {SECRET}")

    assert answer.status == 400
    assert told in answer.text


def test_too_much_is_refused(site: Served) -> None:
    answer = site.ask("/hooks/delivery", "POST", body=b" " * 4_000_001, authorization=f"Bearer {SECRET}")

    assert answer.status == 413


def test_without_the_resolver_there_is_no_such_place(tmp_path: Path) -> None:
    with serving(tmp_path) as site:
        assert post(site, {"event": "delivered", "message_id": "<a@b>"}).status == 404


def test_a_message_that_is_passed_on_whole_is_acted_on(site: Served) -> None:
    doubt = in_doubt(site)
    report = (DATA / "deliver" / "reports" / "ses-unknown.eml").read_bytes()
    ours = report.replace(b"<daily.2026-11-24.a1b2c3d4e5f60718293a@news.example>", doubt.message_id.encode())

    def post_letter(content: bytes, secret: str = SECRET) -> Answer:
        return site.ask(
            "/hooks/delivery",
            "POST",
            body=content,
            authorization=f"Bearer {secret}",
            content_type="Message/RFC822; charset=x",
        )

    assert post_letter(ours, "wrong").status == 401
    assert json.loads(post_letter(report).text) == {"taken": 0, "unknown": 1, "effect": "left alone"}
    assert json.loads(post_letter(ours).text) == {"taken": 1, "unknown": 0, "effect": "stopped"}
    assert json.loads(post_letter(ours).text)["effect"] == "known"
    assert state_of(site, doubt) is S.FAILED
    found = site.site.stores.mailing.find("daily", READER)
    assert found is not None
    assert found.state is SubscriberState.BOUNCED
