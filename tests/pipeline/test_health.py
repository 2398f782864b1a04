"""The checks that need another network than a test has: what they say is decided by what was found."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from digest.app import make_transport, open_box
from digest.config import Config, FileConfig, load_config
from digest.deliver.folder import FolderTransport
from digest.deliver.reverse_name import Hosts
from digest.errors import DeliveryError
from digest.pipeline.health import check_domains, check_mail_server, check_public_url
from digest.pipeline.mail_health import check_box, check_return_path, check_sending_host
from digest.pipeline.verdict import Check, Verdict
from digest.ports import Transport

ONE = '[newsletters.daily]\nfrom = "Dose <dose@dose.press>"\n'
TWO = (
    ONE + '[newsletters.more]\nfrom = "More <more@dose.press>"\n[newsletters.test]\nfrom = "a@example.org"\n'
)


def configured(folder: Path, text: str) -> Config:
    path = folder / "digest.toml"
    path.write_text(text, encoding="utf-8")
    return load_config(path, kind=FileConfig)


def test_each_senders_domain_is_looked_up_once(tmp_path: Path) -> None:
    config = configured(tmp_path, TWO + '[smtp.dkim]\nselector = "s1"\n')
    zone = {"dose.press": ["v=spf1 -all"], "s1._domainkey.dose.press": ["v=DKIM1; p=AA"]}

    checks = list(check_domains(config, lambda name: zone.get(name, [])))

    assert {check.name for check in checks} == {"domain dose.press"}
    assert [check.verdict for check in checks] == [Verdict.OK, Verdict.WARNING, Verdict.OK]
    assert checks[0] == Check(name="domain dose.press", verdict=Verdict.OK, message="SPF is published.")


def test_without_a_network_the_domain_is_one_warning_that_says_so(tmp_path: Path) -> None:
    def look_up(name: str) -> list[str]:
        raise DeliveryError(f"The DNS did not answer for {name}. Look again where there is a network.")

    text = TWO.replace("more@dose.press", "more@elsewhere.press")

    (check,) = check_domains(configured(tmp_path, text), look_up)

    assert check.verdict is Verdict.WARNING
    assert "network" in check.message


class Calm(FolderTransport):
    """A transport that opens, whatever the configuration names."""

    async def open(self) -> None:
        """Be ready."""


def test_mail_that_would_travel_in_the_clear_is_a_warning(tmp_path: Path) -> None:
    text = ONE + '[smtp]\nhost = "smtp.example.org"\nport = 587\nsecurity = "{}"\n'

    clear, secure = (
        check_mail_server(configured(tmp_path, text.format(security)), lambda _: Calm(tmp_path))
        for security in ("none", "starttls")
    )

    assert clear.verdict is Verdict.WARNING
    assert "smtp.security" in clear.message
    assert secure.verdict is Verdict.OK


def test_a_server_that_says_nothing_is_not_waited_for_as_long_as_in_sending(tmp_path: Path) -> None:
    waits: list[float] = []

    def make(config: Config) -> Transport:
        waits.append(config.smtp.timeout_seconds)
        return make_transport(config)

    with socket.create_server(("127.0.0.1", 0)) as deaf:
        port = deaf.getsockname()[1]
        config = configured(tmp_path, f"{ONE}[smtp]\nport = {port}\ntimeout_seconds = 0.2\n")
        silent = check_mail_server(config, make)
    patient = configured(tmp_path, f"{ONE}[smtp]\nport = {port}\ntimeout_seconds = 600\n")
    check_mail_server(patient, make)

    assert silent.verdict is Verdict.PROBLEM
    assert "timed out" in silent.message
    assert waits == [0.2, 10.0]


def test_without_a_public_address_nothing_is_asked() -> None:
    assert check_public_url("").verdict is Verdict.OK


@pytest.mark.parametrize("url", ["http://[", "https://127.0.0.1:1", "http://127.0.0.1:1"])
def test_a_public_address_that_does_not_answer_is_a_problem(url: str) -> None:
    check = check_public_url(url)

    assert check.verdict is Verdict.PROBLEM
    assert "digest serve" in check.message


BOX = '[bounces]\nkind = "imap"\nhost = "imap.dose.press"\nusername = "{}"\npassword_file = "secret"\n'


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ("", None),
        ('[smtp]\nreturn_path = "back+{delivery}@dose.press"\n', "nobody reads them"),
        (BOX.format("dose@dose.press"), None),
        (BOX.format("back@dose.press"), "go to dose@dose.press, and the box is that of back@dose.press"),
        (BOX.format("dose@dose.press") + '[smtp]\nreturn_path = "Dose+{delivery}@dose.press"\n', None),
        (
            BOX.format("dose@dose.press") + '[smtp]\nreturn_path = "back+{delivery}@dose.press"\n',
            "go to back@dose.press, and",
        ),
        (BOX.format("an account"), None),
        ('[bounces]\nkind = "maildir"\npath = "Maildir"\n', None),
        (
            '[smtp]\nreturn_path = "back@dose.press"\nresolver = "webhook"\nwebhook_secret_file = "s"\n',
            None,
        ),
    ],
)
def test_a_box_that_bounces_do_not_come_to_is_a_warning(tmp_path: Path, more: str, told: str | None) -> None:
    checks = list(check_return_path(configured(tmp_path, ONE + more)))

    assert [check.verdict for check in checks] == ([Verdict.WARNING] if told else [])
    assert not told or told in checks[0].message


def test_a_box_is_opened_and_one_that_is_not_there_is_a_problem(tmp_path: Path) -> None:
    config = configured(tmp_path, ONE + '[bounces]\nkind = "maildir"\npath = "Maildir"\n')

    (missing,) = check_box(config, open_box)
    for name in ("new", "cur"):
        (tmp_path / "Maildir" / name).mkdir(parents=True)
    (tmp_path / "Maildir" / "new" / "1.M1.mx").write_bytes(b"Subject: a\n\n")
    (there,) = check_box(config, open_box)

    assert (missing.verdict, there.verdict) == (Verdict.PROBLEM, Verdict.OK)
    assert "bounces.path" in missing.message
    assert "1 letters" in there.message
    assert list(check_box(configured(tmp_path, ONE), open_box)) == []


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1", {"sending host 203.0.113.9": Verdict.WARNING}),
        ("localhost", {"sending host 203.0.113.9": Verdict.WARNING}),
        (
            "mail.dose.press",
            {"sending host 9.9.9.9": Verdict.OK, "sending host 2620:fe::fe": Verdict.WARNING},
        ),
        ("smtp.provider.example", {}),
    ],
)
def test_the_sending_host_is_looked_up_where_it_is_ours(
    tmp_path: Path, host: str, expected: dict[str, Verdict]
) -> None:
    addresses = {"mail.dose.press": ["9.9.9.9", "10.0.0.1", "2620:fe::fe"]}
    hosts = Hosts(
        find_names=lambda address: ["mail.dose.press"] if address == "9.9.9.9" else [],
        find_addresses=lambda name: addresses.get(name, []),
        own_address=lambda: "203.0.113.9",
    )
    config = configured(tmp_path, f'{ONE}[smtp]\nhost = "{host}"\n')

    checks = list(check_sending_host(config, ["dose.press"], hosts))

    assert {check.name: check.verdict for check in checks} == expected
    assert list(check_sending_host(config, [], hosts)) == []
    unknown = Hosts(own_address=lambda: None)
    assert (
        host.endswith(("press", "example")) or list(check_sending_host(config, ["dose.press"], unknown)) == []
    )
