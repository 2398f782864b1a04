"""A box is acted on where a letter is surely about a delivery or reader of ours; all else stays as it is, unseen."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from digest.deliver.links import Purpose, Signer
from digest.deliver.maildir import open_maildir
from digest.deliver.message import bounce_key_of
from digest.model import DeliveryState, EditionName, SubscriberState
from digest.pipeline.bouncing import Effect, Handled, Reading, read_box
from digest.store.database import open_database
from digest.store.mailing import Mailing
from tests.conftest import DATA
from tests.deliver.sample import EDITION, NOW

READER = "ada@mail.example"
IN_FILES = "<daily.2026-11-24.a1b2c3d4e5f60718293a@news.example>"
SECRET = b"a secret of the tests, long enough"


class House:
    """A store with one reader, who was sent one edition, and a Maildir."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        engine = open_database(f"sqlite:///{folder}/digest.db")
        stack.callback(engine.dispose)
        self.mailing = Mailing(engine, secret=lambda: SECRET)
        self.signer = Signer(SECRET)
        self.maildir = folder / "Maildir"
        for name in ("tmp", "new", "cur"):
            (self.maildir / name).mkdir(parents=True)
        self.reader = self.mailing.add("daily", READER, consent="asked", now=NOW)
        self.message_id = self.send()
        self.put_count = 0

    def send(self, edition: EditionName = EDITION, *, state: DeliveryState = DeliveryState.SENT) -> str:
        self.mailing.fill(edition, domain="news.example", now=NOW)
        taken = self.mailing.lease(edition, owner="me", limit=9, now=NOW, until=NOW)
        self.mailing.record([replace(one, state=state, doubts=1) for one in taken], now=NOW)
        return taken[0].message_id

    def put(self, content: bytes | str) -> str:
        """Lay a letter into the box, or a case of the files, its delivery made ours."""
        if isinstance(content, str):
            content = (DATA / "deliver" / "reports" / f"{content}.eml").read_bytes()
        for there, ours in (
            (IN_FILES, self.message_id),
            (bounce_key_of(IN_FILES), bounce_key_of(self.message_id)),
        ):
            content = content.replace(there.encode(), ours.encode())
        self.put_count += 1
        letter = f"{self.put_count}.M1.mx"
        (self.maildir / "new" / letter).write_bytes(content)
        return letter

    def read(
        self,
        *,
        return_path: str = "bounces+{delivery}@news.example",
        is_dry: bool = False,
        again: bool = False,
        days: int = 0,
    ) -> list[Handled]:
        reading = Reading(
            mailing=self.mailing,
            signer=self.signer,
            return_path=return_path,
            senders={"daily": frozenset({"dose@news.example"}), "weekly": frozenset({"week@news.example"})},
        )
        with open_maildir(self.maildir) as box:
            return read_box(box, reading, now=NOW + timedelta(days=days), is_dry=is_dry, again=again)

    def effect(self, content: bytes | str, *, return_path: str = "bounces+{delivery}@news.example") -> Effect:
        self.put(content)
        return self.read(return_path=return_path)[-1].effect

    def state(self, newsletter: str = "daily") -> SubscriberState:
        found = self.mailing.find(newsletter, READER)
        assert found is not None
        return found.state

    @property
    def unseen(self) -> list[str]:
        return sorted(path.name for path in (self.maildir / "new").iterdir())


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with ExitStack() as stack:
        yield House(tmp_path, stack)


@pytest.mark.parametrize(
    ("case", "effect", "state"),
    [
        ("postfix-unknown-user", Effect.STOPPED, SubscriberState.BOUNCED),
        ("qmail-no-name", Effect.STOPPED, SubscriberState.BOUNCED),
        ("exchange-german", Effect.STOPPED, SubscriberState.BOUNCED),
        ("postfix-mailbox-full", Effect.COUNTED, SubscriberState.ACTIVE),
        ("postfix-policy", Effect.COUNTED, SubscriberState.ACTIVE),
        ("postfix-delayed", Effect.NOTED, SubscriberState.ACTIVE),
        ("arf-yahoo", Effect.COMPLAINED, SubscriberState.COMPLAINED),
        ("arf-redacted", Effect.COMPLAINED, SubscriberState.COMPLAINED),
        ("microsoft-jmrp", Effect.COMPLAINED, SubscriberState.COMPLAINED),
        ("leave-by-word", Effect.LEFT, SubscriberState.LEFT),
    ],
)
def test_what_is_ours_is_acted_on_once_and_filed_away(
    house: House, case: str, effect: Effect, state: SubscriberState
) -> None:
    assert house.effect(case) is effect

    assert (house.state(), house.unseen) == (state, [])
    assert len(list((house.maildir / ".Handled" / "cur").iterdir())) == 1
    assert house.read() == []


@pytest.mark.parametrize(
    "case",
    [
        "postfix-wrong-key",
        "forged-unknown-delivery",
        "address-alone",
        "arf-not-spam",
        "arf-auth-failure",
        "away-german",
        "away-to-verp",
        "leave-cut-token",
        "leave-by-subject",
        "leave-in-a-sentence",
        "letter",
        "letter-forwards-a-bounce",
        "letter-quotes-a-bounce",
        "read-receipt",
        "qmail-foreign",
        "broken-status",
    ],
)
def test_what_is_not_ours_changes_nothing_and_is_looked_at_once(house: House, case: str) -> None:
    letter = house.put(case)

    assert [one.effect for one in house.read()] == [Effect.ALONE]
    assert house.read() == []
    assert [one.effect for one in house.read(again=True)] == [Effect.ALONE]

    assert (house.state(), house.unseen) == (SubscriberState.ACTIVE, [letter])
    assert house.mailing.list_deliveries(EDITION)[0].state is DeliveryState.SENT


def test_a_bounce_that_only_its_address_tells_is_found_by_it(house: House) -> None:
    bare = (
        (DATA / "deliver" / "reports" / "postfix-unknown-user.eml")
        .read_bytes()
        .replace(b"Message-ID: ", b"X-Was: ")
    )

    assert house.effect(bare) is Effect.STOPPED


def test_without_verp_a_readers_address_counts_while_a_delivery_is_new(house: House) -> None:
    house.put("address-alone")

    assert [one.effect for one in house.read(return_path="", days=8)] == [Effect.ALONE]
    assert [one.effect for one in house.read(return_path="", again=True)] == [Effect.STOPPED]


def test_the_same_report_twice_counts_once(house: House) -> None:
    for _ in range(3):
        house.put("postfix-mailbox-full")

    assert [one.effect for one in house.read()] == [Effect.COUNTED, Effect.KNOWN, Effect.KNOWN]
    assert house.state() is SubscriberState.ACTIVE


@pytest.mark.parametrize("case", ["postfix-delayed", "postfix-delivered", "arf-yahoo"])
def test_a_doubt_is_settled_as_sent_by_a_report_about_itself_alone(house: House, case: str) -> None:
    tomorrow = replace(EDITION, date=EDITION.date + timedelta(days=1))
    first, second = house.message_id, house.send(tomorrow, state=DeliveryState.DOUBT)
    house.put(case)
    house.read()
    assert house.mailing.list_deliveries(tomorrow)[0].state is DeliveryState.DOUBT

    house.message_id = second
    house.put(case)
    house.read()

    assert first != second
    assert house.mailing.list_deliveries(tomorrow)[0].state is DeliveryState.SENT


def test_a_letter_with_a_valid_token_is_obeyed_whoever_wrote_it(house: House) -> None:
    token = house.signer.sign(Purpose.UNSUBSCRIBE, str(house.reader.id))
    other = house.signer.sign(Purpose.PREFERENCES, str(house.reader.id))
    letter = "From: grandchild@home.example\nTo: dose@news.example\nSubject: unsubscribe {}\n\n"

    assert house.effect(letter.format(other).encode()) is Effect.ALONE
    assert house.effect(letter.format(token).encode()) is Effect.LEFT
    assert house.state() is SubscriberState.LEFT


def test_the_word_alone_leaves_the_newsletter_that_was_written_to(house: House) -> None:
    house.mailing.add("weekly", READER, consent="asked", now=NOW)
    letter = "From: {}\nTo: {}\nSubject: unsubscribe\n\n"

    assert house.effect(letter.format("stranger@x.example", "week@news.example").encode()) is Effect.ALONE
    assert house.effect(letter.format(READER, "week@news.example").encode()) is Effect.LEFT
    assert (house.state("weekly"), house.state("daily")) == (SubscriberState.LEFT, SubscriberState.ACTIVE)
    assert house.effect(letter.format(READER, "bounces@news.example").encode()) is Effect.LEFT
    assert house.state("daily") is SubscriberState.LEFT


def test_a_dry_run_tells_and_changes_nothing(house: House) -> None:
    for case in ("postfix-unknown-user", "leave-by-word", "letter"):
        house.put(case)
    before = house.unseen

    for _ in range(2):
        assert [one.effect for one in house.read(is_dry=True)] == [Effect.FOUND, Effect.FOUND, Effect.ALONE]

    assert (house.unseen, house.state()) == (before, SubscriberState.ACTIVE)
    assert len(house.read()) == 3


def test_a_letter_that_has_left_the_box_is_forgotten(house: House) -> None:
    letter = house.put("letter")
    house.read()
    (house.maildir / "new" / letter).unlink()
    house.read()
    house.put_count = 0
    house.put("postfix-unknown-user")

    assert [one.effect for one in house.read()] == [Effect.STOPPED]


def test_a_bounce_that_is_faster_than_its_sender_settles_the_doubt_in_the_end(house: House) -> None:
    tomorrow = replace(EDITION, date=EDITION.date + timedelta(days=1))
    house.message_id = house.send(tomorrow, state=DeliveryState.INFLIGHT)
    letter = house.put("postfix-policy")

    assert [one.effect for one in house.read()] == [Effect.WAITS]
    assert house.unseen == [letter]
    house.mailing.sweep(tomorrow, now=NOW + timedelta(hours=1))

    assert [one.effect for one in house.read()] == [Effect.COUNTED]
    assert house.mailing.list_deliveries(tomorrow)[0].state is DeliveryState.FAILED
