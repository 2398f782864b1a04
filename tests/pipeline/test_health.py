"""The checks that need another network than a test has: what they say is decided by what was found."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from digest.app import make_transport
from digest.config import Config, FileConfig, load_config
from digest.deliver.folder import FolderTransport
from digest.errors import DeliveryError
from digest.pipeline.health import Check, Verdict, check_domains, check_mail_server, check_public_url
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
