"""A whole send through Postfix and through Dovecot's LMTP: everyone's mailbox holds it once, signed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
import trustme

from digest.deliver.dispatch import Counts, Plan, dispatch, utc_now
from digest.deliver.session import MailServer
from digest.deliver.signing import SigningPool, SigningTransport
from digest.deliver.smtp import SmtpTransport
from digest.model import DeliveryState as S
from digest.store.database import open_database
from digest.store.mailing import Mailing
from tests.deliver.dovecot import FULL, dovecot_server
from tests.deliver.postfix import REFUSED, postfix_server
from tests.deliver.sample import EDITION, NOW
from tests.deliver.servers import write_authority
from tests.deliver.test_dispatch import make_message
from tests.deliver.test_dkim import make_keys, opendkim_says

READERS = [f"r{number}@example.org" for number in range(40)]
Send = Callable[[Sequence[str], MailServer], tuple[Mailing, Counts]]


@pytest.fixture
def pool() -> SigningPool:
    return SigningPool(keys=make_keys(), made_here=10)


@pytest.fixture
def send(tmp_path: Path, pool: SigningPool) -> Iterator[Send]:
    """Return what fills an outbox with addresses and sends it, signed."""
    engine = open_database(f"sqlite:///{tmp_path}/digest.db")

    def sent(addresses: Sequence[str], server: MailServer) -> tuple[Mailing, Counts]:
        mailing = Mailing(engine, secret=lambda: b"s" * 32)
        mailing.ensure_readers("daily", addresses, now=NOW)
        mailing.fill(EDITION, domain="example.org", now=NOW)
        counts = dispatch(
            mailing,
            EDITION,
            transport_factory=lambda: SigningTransport(SmtpTransport(server), pool, now=utc_now),
            make_message=make_message,
            plan=Plan(connections=4, wait_seconds=0),
        )
        return mailing, counts

    yield sent
    engine.dispose()


def failed(mailing: Mailing) -> dict[str, str]:
    return {one.address: one.reply[:9] for one in mailing.list_deliveries(EDITION, [S.FAILED])}


@pytest.mark.parametrize("security", ["none", "starttls"])
def test_a_send_through_postfix_arrives_once_and_its_signatures_hold(
    send: Send, pool: SigningPool, tmp_path: Path, security: str
) -> None:
    stranger = f"{REFUSED}1@example.org"
    authority, files = trustme.CA(), tmp_path / "tls"
    files.mkdir()
    certificate = authority.issue_cert("localhost")
    certificate.private_key_and_cert_chain_pem.write_to_path(files / "server.pem")
    secured = {"smtpd_tls_chain_files": str(files / "server.pem"), "smtpd_tls_security_level": "encrypt"}

    with postfix_server(**(secured if security == "starttls" else {})) as postfix:
        server = MailServer(
            host="localhost" if security == "starttls" else "127.0.0.1",
            port=postfix.port,
            security="starttls" if security == "starttls" else "none",
            ca_file=write_authority(authority, tmp_path),
            timeout_seconds=10,
        )
        mailing, counts = send([*READERS, stranger], server)
        arrived = postfix.wait_for(len(READERS))
        log = postfix.log_file.read_text()

    assert (counts[S.SENT], counts[S.FAILED]) == (len(READERS), 1)
    assert Counter(recipient for recipient, _ in arrived) == Counter(READERS)
    assert failed(mailing) == {stranger: "550 5.1.1"}
    assert log.count("status=sent") == len(READERS)
    signed = opendkim_says([content for _, content in arrived], pool.keys, tmp_path)
    assert signed == [["pass", "pass"]] * len(READERS)


@pytest.mark.parametrize("way", ["port", "socket"])
def test_a_send_through_dovecots_lmtp_arrives_once_and_full_or_unknown_mailboxes_cost_nobody_else(
    send: Send, pool: SigningPool, tmp_path: Path, way: str
) -> None:
    with dovecot_server(READERS) as dovecot:
        server = MailServer(
            protocol="lmtp",
            port=dovecot.port,
            path=str(dovecot.socket) if way == "socket" else "",
            timeout_seconds=10,
        )
        mailing, counts = send([*READERS, "unknown@example.org", FULL], server)
        arrived = dovecot.arrived()

    assert (counts[S.SENT], counts[S.FAILED]) == (len(READERS), 2)
    assert Counter(recipient for recipient, _ in arrived) == Counter(READERS)
    assert failed(mailing) == {"unknown@example.org": "550 5.1.1", FULL: "552 5.2.2"}
    assert opendkim_says([arrived[0][1]], pool.keys, tmp_path) == [["pass", "pass"]]
