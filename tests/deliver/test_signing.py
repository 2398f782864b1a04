"""A send that signs: every message once and signed, whatever becomes of the processes that sign."""

from __future__ import annotations

import os
import signal
from collections import deque
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import cast

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from digest.app import load_dkim_keys, make_transport
from digest.config import Config, FileConfig, load_config
from digest.deliver.carry import carry
from digest.deliver.dispatch import Counts, Plan, dispatch
from digest.deliver.dkim import DkimKey
from digest.deliver.ledger import Ledger
from digest.deliver.loop import Loop
from digest.deliver.raw_signature import DIGEST, pack_key, sign_digest, unpack_key
from digest.deliver.reverse_name import Hosts
from digest.deliver.session import MailServer
from digest.deliver.signing import SigningPool, SigningTransport
from digest.deliver.smtp import SmtpTransport
from digest.deliver.throttle import Throttle
from digest.deliver.worker import MOST_BYTES_AHEAD, Shop
from digest.errors import AddressError, ConfigError, DeliveryError
from digest.model import Delivery, Envelope, Outcome
from digest.model import DeliveryState as S
from digest.pipeline.health import Instruments, check_signing
from digest.pipeline.verdict import Check, Verdict
from digest.ports import BeforeDot, Outbox, Transport, always
from digest.store.mailing import Mailing
from tests.deliver.conftest import Fill
from tests.deliver.sample import EDITION, NOW, make_delivery, make_envelope
from tests.deliver.servers import Mailbag, bad_server, good_server
from tests.deliver.test_dispatch import make_message
from tests.deliver.test_dkim import holds, make_keys


def now() -> datetime:
    return NOW


def deliver(
    mailing: Mailing,
    bag: Mailbag,
    pool: SigningPool,
    *,
    message: Callable[[Delivery], Envelope] = make_message,
    connections: int = 4,
) -> Counts:
    return dispatch(
        mailing,
        EDITION,
        transport_factory=lambda: SigningTransport(
            SmtpTransport(MailServer(port=bag.port, timeout_seconds=5)), pool, now=now
        ),
        make_message=message,
        plan=Plan(connections=connections),
        clock=now,
    )


def children() -> set[str]:
    return set(Path(f"/proc/self/task/{os.getpid()}/children").read_text().split())


def test_everyone_gets_it_once_and_signed_and_no_process_is_left(fill: Fill) -> None:
    mailing, pool, before = fill(80), SigningPool(keys=make_keys(), made_here=10), children()

    with good_server() as bag:
        counts = deliver(mailing, bag, pool)

    assert counts[S.SENT] == 80
    assert len({recipient for recipient, _ in bag.messages}) == len(bag.messages) == 80
    assert all(holds(content, pool.keys) == [True, True] for _, content in bag.messages)
    assert children() <= before


def test_the_processes_that_sign_may_die(fill: Fill) -> None:
    mailing, pool, before = fill(60), SigningPool(keys=make_keys()[:1], made_here=0), children()
    killed: set[str] = set()

    class Killer(Mailbag):
        async def handle_DATA(self, *given: object) -> str:
            if len(self.messages) in (10, 30):
                for child in sorted(children() - before - killed)[:1]:
                    killed.add(child)
                    os.kill(int(child), signal.SIGKILL)
            return await super().handle_DATA(*given)  # type: ignore[arg-type]  # aiosmtpd's own three

    with good_server(bag=Killer()) as bag:
        counts = deliver(mailing, bag, pool)

    assert len(killed) == 2
    assert counts[S.SENT] == len(bag.messages) == 60
    assert all(holds(content, pool.keys) == [True] for _, content in bag.messages)


def test_messages_are_made_while_those_before_are_under_way_but_not_many(fill: Fill) -> None:
    mailing, pool = fill(40), SigningPool(keys=make_keys()[1:])
    made: list[str] = []
    seen: list[int] = []

    def message(delivery: Delivery) -> Envelope:
        made.append(delivery.address)
        return make_message(delivery)

    class Watching(Mailbag):
        async def handle_DATA(self, *given: object) -> str:
            seen.append(len(made) - len(self.messages))
            return await super().handle_DATA(*given)  # type: ignore[arg-type]  # aiosmtpd's own three

    with good_server(bag=Watching()) as bag:
        counts = deliver(mailing, bag, pool, message=message, connections=2)

    assert counts[S.SENT] == len(made) == len(set(made)) == 40
    assert max(seen) in (3, 4)  # two under way, as many prepared


def test_large_messages_are_not_made_ahead_by_the_dozen() -> None:
    made: list[Envelope] = []

    class Ready:
        """A transport that has nothing to prepare."""

        def prepare(self, envelope: Envelope, loop: Loop) -> Envelope:
            made.append(envelope)
            return envelope

    def message(delivery: Delivery) -> Envelope:
        return make_envelope(delivery.address, body="x" * (MOST_BYTES_AHEAD // 2))

    with closing(Loop()) as loop:
        shop = Shop(
            outbox=cast("Outbox", None),
            ledger=cast("Ledger", None),
            loop=loop,
            transport_factory=lambda: cast("Transport", None),
            make_message=message,
            clock=now,
            throttle=Throttle(connections=9),
            todo=deque(make_delivery(f"r{number}@example.org", number=number) for number in range(1, 9)),
            crew=8,
        )
        shop.prepare(make_delivery("r0@example.org", number=0), Ready())

    assert [envelope.recipient for envelope in made] == ["r0@example.org", "r1@example.org"]


def test_what_was_prepared_is_made_anew_when_the_last_connection_broke(fill: Fill) -> None:
    mailing, opened, carried = fill(9), count(1), list[tuple[int, str]]()

    class Frail:
        """A transport that marks what it prepares; the first breaks at its fourth message."""

        def __init__(self) -> None:
            self.number = next(opened)

        async def open(self) -> None: ...

        async def close(self) -> None: ...

        def prepare(self, envelope: Envelope, loop: Loop) -> Envelope:
            return replace(envelope, sender=f"by {self.number}")

        async def send(self, envelope: Envelope, *, before_dot: BeforeDot = always) -> Outcome:
            if self.number == 1 and len(carried) == 3:
                raise DeliveryError("The server went away.")
            carried.append((self.number, envelope.sender))
            await before_dot()
            return Outcome(state=S.SENT, reply="250 OK")

    counts = dispatch(
        mailing,
        EDITION,
        transport_factory=Frail,
        make_message=make_message,
        plan=Plan(connections=1, reconnect_seconds=0.01),
        clock=now,
    )

    assert counts[S.SENT] == 9
    assert carried == [(1, "by 1")] * 3 + [(2, "by 2")] * 6


def test_an_address_that_will_not_do_fails_alone(fill: Fill) -> None:
    mailing, pool = fill(10), SigningPool(keys=make_keys()[1:])

    def message(delivery: Delivery) -> Envelope:
        if delivery.address == "r5@example.org":
            raise AddressError("The address 'r5' has no domain.")
        return make_message(delivery)

    with good_server() as bag:
        counts = deliver(mailing, bag, pool, message=message)

    assert (counts[S.SENT], counts[S.FAILED], len(bag.messages)) == (9, 1, 9)


def test_a_key_that_was_handed_over_signs_alike() -> None:
    digest = bytes(range(DIGEST))

    for key in make_keys():
        assert sign_digest(unpack_key(pack_key(key.private)), digest) == key.sign(digest)


def test_a_few_messages_start_no_process(tmp_path: Path) -> None:
    pool, before = SigningPool(keys=make_keys()), children()
    seen: list[set[str]] = []

    with bad_server() as server:
        transport = SigningTransport(SmtpTransport(MailServer(port=server.port)), pool, now=now)

        async def look() -> bool:
            seen.append(children() - before)
            return True

        carry(transport, [make_envelope(), make_envelope()], before_dot=look)

    assert seen == [set(), set()]
    assert all(holds(content, pool.keys) == [True, True] for content in server.taken)


# --- as it is configured -------------------------------------------------------------------------


def write_keys(folder: Path, keys: list[DkimKey]) -> None:
    for key in keys:
        path = folder / f"{key.selector}.pem"
        path.write_bytes(key.private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        path.chmod(0o600)


def configured(folder: Path, domain: str = "dose.press") -> Config:
    (folder / "digest.toml").write_text(
        '[newsletters.daily]\nfrom = "Dose <dose@dose.press>"\n[smtp]\ntransport = "folder"\n'
        f'[smtp.dkim]\ndomain = "{domain}"\nselector = "s1"\nkey_file = "s1.pem"\n'
        'ed25519_selector = "e1"\ned25519_key_file = "e1.pem"\n'
    )
    return load_config(folder / "digest.toml", kind=FileConfig)


def test_what_is_configured_signs_even_a_single_message(tmp_path: Path) -> None:
    write_keys(tmp_path, make_keys())
    config = configured(tmp_path)

    carry(make_transport(config), [make_envelope()])

    (file,) = (tmp_path / "outbox").rglob("*.eml")
    assert holds(file.read_bytes(), load_dkim_keys(config)) == [True, True]


def test_a_key_in_the_others_place_is_told(tmp_path: Path) -> None:
    rsa, ed25519 = make_keys()
    assert isinstance(rsa.private, RSAPrivateKey)
    write_keys(tmp_path, [rsa, ed25519])
    (tmp_path / "s1.pem").write_bytes((tmp_path / "e1.pem").read_bytes())

    with pytest.raises(ConfigError, match=r"smtp\.dkim\.key_file: .* one for rsa-sha256 is wanted"):
        make_transport(configured(tmp_path))


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ('domain = "dose.press"', "signing needs 'selector' and 'key_file' too"),
        ('domain = "dose.press"\nselector = "s"\nkey_file = "k"\ned25519_selector = "e"', "go together"),
        (
            'domain = "dose.press"\nselector = "s"\nkey_file = "k"\ned25519_selector = "s"\ned25519_key_file = "e"',
            "another name",
        ),
        ('key_file = "k"', "needs 'domain' too"),
        ('domain = "dose press;"', "no name in the DNS|not a name in the DNS"),
    ],
)
def test_a_table_that_is_not_whole_is_told(tmp_path: Path, table: str, told: str) -> None:
    path = tmp_path / "digest.toml"
    path.write_text(f"[smtp.dkim]\n{table}\n")

    with pytest.raises(ConfigError, match=told):
        load_config(path, kind=FileConfig)


def examined(config: Config, zone: dict[str, list[str]] | None) -> list[Check]:
    def look_up(name: str) -> list[str]:
        if zone is None:
            raise DeliveryError(f"The DNS did not answer for {name}.")
        return zone.get(name, [])

    def unused(*_: object) -> object:
        raise AssertionError

    return list(
        check_signing(
            config,
            Instruments(
                **dict.fromkeys(
                    ("open_config", "open_stores", "check_secret", "newsletter_of", "open_box"), unused
                ),  # type: ignore[arg-type]
                make_transport=make_transport,
                look_up=look_up,
                load_keys=load_dkim_keys,
                hosts=Hosts(),
            ),
        )
    )


def test_the_doctor_tells_what_to_publish_and_whether_it_is_published(tmp_path: Path) -> None:
    write_keys(tmp_path, make_keys())
    config = configured(tmp_path)
    rsa, ed25519 = load_dkim_keys(config)
    spaced = rsa.record.replace("p=MII", "t=s; p=MII ").replace("k=rsa", "h=sha256; k=rsa")

    bare = examined(config, {})
    sound = examined(config, {rsa.name: [spaced], ed25519.name: [ed25519.record]})
    wrong = examined(config, {rsa.name: [make_keys()[0].record], ed25519.name: ["v=DKIM1; p="]})
    mute = examined(config, None)

    assert [check.verdict for check in bare + wrong + mute] == [Verdict.WARNING] * 6
    assert rsa.record in bare[0].message and rsa.name in bare[0].message
    assert [check.verdict for check in sound] == [Verdict.OK, Verdict.OK]
    assert "Another key than ours" in wrong[0].message and "revoked" in wrong[1].message
    assert rsa.record in mute[0].message


def test_the_doctor_tells_of_a_domain_that_dmarc_does_not_count_and_of_a_key_that_is_not_there(
    tmp_path: Path,
) -> None:
    write_keys(tmp_path, make_keys())
    foreign = examined(configured(tmp_path, "elsewhere.press"), {})
    below = examined(configured(tmp_path, "mail.dose.press"), {})
    (tmp_path / "s1.pem").unlink()
    missing = examined(configured(tmp_path), {})

    assert "which DMARC does not count" in foreign[0].message
    assert not any("DMARC" in check.message for check in below)
    assert [check.verdict for check in missing] == [Verdict.PROBLEM]
