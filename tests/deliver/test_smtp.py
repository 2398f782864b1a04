"""SMTP against real servers: what arrives, what is refused, and what a lost line leaves behind."""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path

import pytest
import trustme

from digest.deliver.carry import try_out
from digest.deliver.session import MailServer
from digest.deliver.smtp import SmtpTransport
from digest.errors import ConfigError, DeliveryError
from digest.model import DeliveryState as S
from digest.model import Envelope, Outcome
from tests.deliver.sample import carry_all, make_envelope
from tests.deliver.servers import (
    PIPELINES,
    SILENCE,
    Answer,
    bad_server,
    free_port,
    good_server,
    server_context,
    write_authority,
)

pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH:UserWarning")

RFC_2195_PROOF = "dGltIGI5MTNhNjAyYzdlZGE3YTQ5NWI0ZTZlNzMzNGQzODkw"


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


def send(
    server: MailServer, *envelopes: Envelope, before_dot: Callable[[], bool] = lambda: True
) -> list[Outcome]:
    return carry_all(SmtpTransport(server), *(envelopes or [make_envelope()]), before_dot=before_dot)


def at(port: int, **changed: object) -> MailServer:
    return MailServer(**({"port": port, "timeout_seconds": 5} | changed))  # type: ignore[arg-type]  # keywords of the tests


# --- what arrives --------------------------------------------------------------------------------


def test_messages_arrive_as_they_were_over_one_connection() -> None:
    first = make_envelope("a@example.org", body=".\r\n..\r\n.dots\r\nFrom me\r\n")
    second = make_envelope("b@example.org")

    with good_server() as bag:
        outcomes = send(at(bag.port), first, second)

    assert [one.state for one in outcomes] == [S.SENT, S.SENT]
    assert outcomes[0].reply == "250 2.0.0 Kept"
    assert bag.messages == [("a@example.org", first.content), ("b@example.org", second.content)]
    assert bag.senders == ["dose@example.org"] * 2
    assert len(bag.sessions) == 1


def test_bare_line_ends_are_made_whole_so_that_nothing_is_smuggled() -> None:
    hostile = b"Subject: x\r\n\r\nbody\n.\nMAIL FROM:<eve@example.org>\r.\r\nend"

    with bad_server() as server:
        send(at(server.port), Envelope(content=hostile, sender="a@example.org", recipient="b@example.org"))

    assert server.heard.count("MAIL") == 1
    assert server.taken == [b"Subject: x\r\n\r\nbody\r\n..\r\nMAIL FROM:<eve@example.org>\r\n..\r\nend\r\n"]


def test_starttls_is_verified_and_used(authority: trustme.CA, tmp_path: Path) -> None:
    certificate = authority.issue_cert("localhost")
    ca_file = write_authority(authority, tmp_path)

    with good_server(security="starttls", certificate=certificate, require_starttls=True) as bag:
        outcomes = send(at(bag.port, host="localhost", security="starttls", ca_file=ca_file))

    assert [one.state for one in outcomes] == [S.SENT]
    assert len(bag.messages) == 1


def test_tls_from_the_start_is_verified_and_used(authority: trustme.CA, tmp_path: Path) -> None:
    certificate = authority.issue_cert("localhost")
    ca_file = write_authority(authority, tmp_path)
    large = make_envelope(body="x" * 70 + "\r\n" + ("y" * 900 + "\r\n") * 1000)

    with good_server(security="tls", certificate=certificate) as bag:
        outcomes = send(
            at(bag.port, host="localhost", security="tls", ca_file=ca_file), make_envelope(), large
        )

    assert [one.state for one in outcomes] == [S.SENT, S.SENT]
    assert bag.messages[1][1] == large.content


@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN"])
@pytest.mark.parametrize("auth", ["auto", "named"])
def test_a_login_is_spoken_as_the_server_offers_it(mechanism: str, auth: str) -> None:
    chosen = mechanism.lower() if auth == "named" else "auto"

    with good_server(with_auth=True, mechanisms=[mechanism]) as bag:
        outcomes = send(at(bag.port, username="ada", password="pässword", auth=chosen))

    assert [one.state for one in outcomes] == [S.SENT]
    assert bag.logins == [mechanism]


def test_cram_md5_proves_the_password_without_sending_it() -> None:
    answers: dict[str, list[Answer]] = {
        "EHLO": ["250-mx\r\n250 AUTH CRAM-MD5"],
        "AUTH": ["334 PDE4OTYuNjk3MTcwOTUyQHBvc3RvZmZpY2UucmVzdG9uLm1jaS5uZXQ+"],
        RFC_2195_PROOF.upper(): ["235 Welcome"],
    }

    with bad_server(answers) as server:
        outcomes = send(at(server.port, username="tim", password="tanstaaftanstaaf", auth="cram-md5"))

    assert [one.state for one in outcomes] == [S.SENT]


# --- what is refused -----------------------------------------------------------------------------


def test_each_recipient_has_an_outcome_and_one_refusal_costs_nobody_else() -> None:
    recipients = [
        "no@example.org",
        "later@example.org",
        "spam@example.org",
        "full@example.org",
        "yes@example.org",
    ]

    with good_server() as bag:
        bag.refusals = {
            "no@example.org": "550 5.1.1 No such user",
            "later@example.org": "451 4.7.1 Greylisted",
        }
        bag.data_refusals = {"spam@example.org": "554 5.7.1 Spam", "full@example.org": "452 4.2.2 Full"}
        outcomes = send(at(bag.port), *map(make_envelope, recipients))

    assert [one.state for one in outcomes] == [S.FAILED, S.DEFERRED, S.FAILED, S.DEFERRED, S.SENT]
    assert outcomes[0].reply == "550 5.1.1 No such user"
    assert [recipient for recipient, _ in bag.messages] == ["yes@example.org"]


def test_a_refused_sender_is_nobody_elses_fault() -> None:
    with (
        bad_server({"MAIL": ["553 Not yours"]}) as server,
        pytest.raises(DeliveryError, match=r"takes no mail from dose@example\.org: 553 Not yours.*'from'"),
    ):
        send(at(server.port))


def test_a_message_larger_than_the_server_takes_is_told_before_it_is_sent() -> None:
    with (
        good_server(data_size_limit=1000) as bag,
        pytest.raises(DeliveryError, match=r"takes at most 1,000"),
    ):
        send(at(bag.port), make_envelope(body="x" * 2000))

    assert bag.messages == []


def test_an_address_beyond_ascii_needs_a_server_that_takes_it() -> None:
    foreign, plain = make_envelope("用户@xn--r8jz45g.example"), make_envelope()

    with good_server(enable_SMTPUTF8=True) as able:
        arrived = send(at(able.port), foreign)
    with good_server(enable_SMTPUTF8=False) as unable:
        refused = send(at(unable.port), foreign, plain)

    assert [one.state for one in arrived] == [S.SENT]
    assert able.messages[0][0] == "用户@xn--r8jz45g.example"
    assert [one.state for one in refused] == [S.FAILED, S.SENT]


# --- servers that cannot be used -----------------------------------------------------------------


def test_a_server_that_is_not_there_is_named_with_host_and_port() -> None:
    port = free_port()

    with pytest.raises(
        DeliveryError, match=rf"127\.0\.0\.1:{port} \(connection refused\)\. Check smtp\.host"
    ):
        try_out(SmtpTransport(at(port)))


def test_a_host_that_does_not_exist_is_named() -> None:
    with pytest.raises(DeliveryError, match=r"There is no host named 'no-such-host\.invalid'"):
        try_out(SmtpTransport(at(25, host="no-such-host.invalid")))


def test_a_wrong_password_is_told_with_the_servers_words() -> None:
    with (
        good_server(with_auth=True) as bag,
        pytest.raises(DeliveryError, match=r"refused the login of 'ada': 535 .*app password"),
    ):
        try_out(SmtpTransport(at(bag.port, username="ada", password="wrong")))


def test_a_password_never_shows() -> None:
    server = at(25, username="ada", password="hunter2")

    assert "hunter2" not in repr(server)


def test_a_password_does_not_travel_in_the_clear_beyond_this_machine() -> None:
    own_address = _own_address()
    if own_address is None:
        pytest.skip("this machine has no address but loopback")
    listener = socket.create_server((own_address, 0))
    listener.close()

    with (
        bad_server({"EHLO": ["250-mx\r\n250 AUTH PLAIN LOGIN"]}, host=own_address) as server,
        pytest.raises(DeliveryError, match="in the clear"),
    ):
        try_out(SmtpTransport(at(server.port, host=own_address, username="ada", password="secret")))

    assert "AUTH" not in server.heard


def test_a_server_without_a_login_is_told() -> None:
    with good_server() as bag, pytest.raises(DeliveryError, match="offers no login we know"):
        try_out(SmtpTransport(at(bag.port, username="ada", password="x")))


@pytest.mark.parametrize("security", ["starttls", "tls"])
@pytest.mark.parametrize("flaw", ["another name", "another authority"])
def test_a_certificate_that_is_wrong_ends_it(
    authority: trustme.CA, tmp_path: Path, security: str, flaw: str
) -> None:
    name = "elsewhere.example" if flaw == "another name" else "localhost"
    trusted = authority if flaw == "another name" else trustme.CA()
    ca_file = write_authority(trusted, tmp_path)

    with (
        good_server(security=security, certificate=authority.issue_cert(name)) as bag,
        pytest.raises(
            DeliveryError, match=r"The certificate of localhost:\d+ cannot be trusted.*smtp\.ca_file"
        ),
    ):
        try_out(SmtpTransport(at(bag.port, host="localhost", security=security, ca_file=ca_file)))

    assert bag.messages == []


def test_old_tls_is_not_spoken(authority: trustme.CA, tmp_path: Path) -> None:
    import ssl
    import warnings

    context = server_context(authority.issue_cert("localhost"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    ca_file = write_authority(authority, tmp_path)

    with bad_server(context=context) as server, pytest.raises(DeliveryError):
        try_out(SmtpTransport(at(server.port, host="localhost", security="tls", ca_file=ca_file)))


def test_a_server_without_starttls_is_told() -> None:
    with good_server() as bag, pytest.raises(DeliveryError, match="does not offer STARTTLS"):
        try_out(SmtpTransport(at(bag.port, security="starttls")))


def test_tls_spoken_to_a_server_that_does_not_is_told() -> None:
    with good_server() as bag, pytest.raises(DeliveryError, match="does not speak TLS from the start"):
        try_out(SmtpTransport(at(bag.port, security="tls")))


def test_a_server_that_says_nothing_is_given_up_in_time() -> None:
    with (
        bad_server({"GREETING": [SILENCE]}) as server,
        pytest.raises(DeliveryError, match=rf"127\.0\.0\.1:{server.port} .*(did not answer|broke off)"),
    ):
        try_out(SmtpTransport(at(server.port, timeout_seconds=0.2)))


@pytest.mark.parametrize("greeting", ["554 Go away", "421 Too many connections", None, "what?"])
def test_a_server_that_will_not_have_us_is_told(greeting: Answer) -> None:
    with bad_server({"GREETING": [greeting]}) as server, pytest.raises(DeliveryError, match=str(server.port)):
        try_out(SmtpTransport(at(server.port)))


def test_a_file_for_tls_that_cannot_be_read_is_a_problem_of_the_configuration(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"smtp\.ca_file"):
        try_out(SmtpTransport(at(25, security="tls", ca_file=tmp_path / "none.pem")))


# --- lines that break ----------------------------------------------------------------------------

BROKEN: list[tuple[str, dict[str, list[Answer]], S]] = [
    ("hung up at MAIL", {"MAIL": [None]}, S.QUEUED),
    ("hung up at RCPT", {"RCPT": [None]}, S.QUEUED),
    ("hung up at DATA", {"DATA": [None]}, S.QUEUED),
    ("hung up in the message", {"BODY": [None]}, S.QUEUED),
    ("silent at RCPT", {"RCPT": [SILENCE]}, S.QUEUED),
    ("no SMTP at RCPT", {"RCPT": ["what?"]}, S.QUEUED),
    ("421 at RCPT", {"RCPT": ["421 Closing"]}, S.DEFERRED),
    ("354 at RCPT", {"RCPT": ["354 Too soon"]}, S.DEFERRED),
    ("250 at DATA", {"DATA": ["250 What"]}, S.DEFERRED),
    ("550 at DATA", {"DATA": ["550 No"]}, S.FAILED),
    ("552 in the message", {"BODY": ["552 Too big"]}, S.FAILED),
    ("452 in the message", {"BODY": ["452 Full"]}, S.DEFERRED),
    ("hung up after the dot", {"DOT": [None]}, S.DOUBT),
    ("silent after the dot", {"DOT": [SILENCE]}, S.DOUBT),
    ("no SMTP after the dot", {"DOT": ["what?"]}, S.DOUBT),
    ("354 after the dot", {"DOT": ["354 More"]}, S.DOUBT),
    ("451 after the dot", {"DOT": ["451 Later"]}, S.DEFERRED),
    ("554 after the dot", {"DOT": ["554 No"]}, S.FAILED),
    ("421 after the dot", {"DOT": ["421 Closing"]}, S.DEFERRED),
]


@pytest.mark.parametrize("pipelines", [False, True], ids=["one by one", "pipelined"])
@pytest.mark.parametrize(
    ("answers", "state"), [case[1:] for case in BROKEN], ids=[case[0] for case in BROKEN]
)
def test_a_line_lost_before_the_dot_did_nothing_and_after_it_leaves_doubt(
    answers: dict[str, list[Answer]], state: S, pipelines: bool
) -> None:
    given = {key: list(value) for key, value in answers.items()} | (
        {"EHLO": [PIPELINES]} if pipelines else {}
    )
    with bad_server(given) as server:
        envelope = make_envelope(body="x\r\n" * 10)
        outcome = send(
            at(server.port, timeout_seconds=0.1),
            envelope,
            before_dot=lambda: "BODY" not in answers or server.gone.wait(5),
        )[0]

    assert outcome.state is state
    assert outcome.reply
    if state is S.QUEUED:
        assert server.taken == []


def test_the_same_transport_goes_on_after_a_line_was_lost() -> None:
    answers: dict[str, list[Answer]] = {"DOT": [None, "250 Kept"], "RCPT": ["250 OK", None, "250 OK"]}

    with bad_server(answers) as server:
        outcomes = send(at(server.port), *[make_envelope(f"r{n}@example.org") for n in range(4)])

    assert [one.state for one in outcomes] == [S.DOUBT, S.QUEUED, S.SENT, S.SENT]


@pytest.mark.parametrize(
    "answers", [{"MAIL": ["250 OK", None, "250 OK"]}, {"MAIL": ["250 OK", "421 Enough", "250 OK"]}]
)
def test_a_server_that_closes_between_messages_costs_nothing(answers: dict[str, list[Answer]]) -> None:
    with bad_server({key: list(value) for key, value in answers.items()}) as server:
        outcomes = send(at(server.port), *[make_envelope(f"r{n}@example.org") for n in range(3)])

    assert [one.state for one in outcomes] == [S.SENT] * 3
    assert server.connections == 2


def test_a_session_is_reset_after_a_refusal() -> None:
    with bad_server({"RCPT": ["550 No", "250 OK"]}) as server:
        outcomes = send(at(server.port), make_envelope(), make_envelope())

    assert [one.state for one in outcomes] == [S.FAILED, S.SENT]
    assert server.heard.count("RSET") == 1
    assert server.connections == 1


# --- the held dot --------------------------------------------------------------------------------


def test_the_dot_is_sent_only_after_the_outbox_has_it_in_writing() -> None:
    with bad_server() as server:
        seen: list[int] = []

        def before_dot() -> bool:
            seen.append(len(server.taken))
            return True

        send(at(server.port), make_envelope(), before_dot=before_dot)

    assert seen == [0]
    assert len(server.taken) == 1


def test_without_the_leave_to_end_a_message_the_server_takes_nothing() -> None:
    with bad_server() as server:
        outcomes = send(at(server.port), before_dot=lambda: False)

    assert [one.state for one in outcomes] == [S.QUEUED]
    assert server.taken == []


def test_an_error_in_writing_it_down_withholds_the_dot() -> None:
    def fail() -> bool:
        raise ZeroDivisionError

    with bad_server() as server, pytest.raises(ZeroDivisionError):
        send(at(server.port), before_dot=fail)

    assert server.taken == []


def test_over_tls_too_a_server_that_hung_up_in_the_message_took_nothing(
    authority: trustme.CA, tmp_path: Path
) -> None:
    context = server_context(authority.issue_cert("localhost"))
    ca_file = write_authority(authority, tmp_path)
    secure = {"host": "localhost", "security": "tls", "ca_file": ca_file}

    with bad_server({"BODY": [None]}, context=context) as server:
        lost = send(at(server.port, **secure), before_dot=lambda: server.gone.wait(2))
    with bad_server({"BODY": ["552 Too big"]}, context=context) as server:
        refused = send(at(server.port, **secure), before_dot=lambda: server.gone.wait(2))
    with bad_server(context=context) as server:
        sent = send(at(server.port, **secure), make_envelope(), make_envelope())

    assert [one.state for one in lost] == [S.QUEUED]
    assert [one.state for one in refused] == [S.FAILED]
    assert [one.state for one in sent] == [S.SENT, S.SENT]


# --- LMTP ----------------------------------------------------------------------------------------


def test_lmtp_is_spoken_over_a_unix_socket(tmp_path: Path) -> None:
    path = tmp_path / "lmtp"

    with bad_server(unix_path=path) as server:
        outcomes = send(MailServer(protocol="lmtp", path=str(path), timeout_seconds=5))

    assert [one.state for one in outcomes] == [S.SENT]
    assert server.heard[:2] == ["GREETING", "LHLO"]


def _own_address() -> str | None:
    """Return an address of this machine that is not loopback, without sending anything."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return None
        address = str(probe.getsockname()[0])
    return None if address.startswith("127.") else address
