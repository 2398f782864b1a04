"""Logging in with a token: where it comes from, and that one which expired is replaced."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from digest.app import make_transport
from digest.config import FileConfig, load_config
from digest.deliver.session import MailServer
from digest.deliver.smtp import SmtpTransport
from digest.deliver.token import TokenSource
from digest.errors import ConfigError, DeliveryError
from digest.model import DeliveryState as S
from tests.deliver.sample import carry_all, make_envelope
from tests.deliver.servers import TokenMailbag, bad_server, good_server

pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH:UserWarning")

BOTH = pytest.mark.parametrize("auth", ["xoauth2", "oauthbearer"])


def counting_command(folder: Path) -> str:
    """Return a command that prints another token each time: t1, t2 and so on."""
    script = folder / "token.py"
    script.write_text(
        f"from pathlib import Path\npath = Path({str(folder / 'count')!r})\n"
        "number = int(path.read_text()) + 1 if path.exists() else 1\n"
        "path.write_text(str(number))\nprint(f't{number}')\nprint('more')\n"
    )
    return f"'{sys.executable}' '{script}'"


def configured(folder: Path, port: int, **smtp: str) -> FileConfig:
    values = {"username": "ada@example.org", **smtp}
    lines = [f"{key} = {json.dumps(value)}" for key, value in values.items()]
    path = folder / "digest.toml"
    path.write_text("\n".join(["[smtp]", f"port = {port}", "timeout_seconds = 5", *lines]) + "\n")
    config = load_config(path, kind=FileConfig)
    assert isinstance(config, FileConfig)
    return config


@BOTH
def test_a_token_that_expired_is_asked_for_anew(tmp_path: Path, auth: str) -> None:
    with good_server(with_auth=True, bag=TokenMailbag(good={"t2"})) as bag:
        config = configured(tmp_path, bag.port, auth=auth, token_command=counting_command(tmp_path))
        outcomes = carry_all(make_transport(config), make_envelope())

    assert [one.state for one in outcomes] == [S.SENT]
    assert bag.logins == [f"{auth.upper()} t1", f"{auth.upper()} t2"]


def test_a_good_token_is_kept_for_all_connections(tmp_path: Path) -> None:
    tokens = TokenSource(command=counting_command(tmp_path))

    with good_server(with_auth=True, bag=TokenMailbag(good={"t1"})) as bag:
        server = MailServer(port=bag.port, username="ada@example.org", auth="xoauth2", token=tokens)
        for _ in range(3):
            carry_all(SmtpTransport(server), make_envelope())

    assert bag.logins == ["XOAUTH2 t1"] * 3


@BOTH
def test_a_token_is_read_from_a_file_each_time(tmp_path: Path, auth: str) -> None:
    file = tmp_path / "token"
    file.write_text("first\n")

    with good_server(with_auth=True, bag=TokenMailbag(good={"first", "second"})) as bag:
        config = configured(tmp_path, bag.port, auth=auth, token_file="token")
        carry_all(make_transport(config), make_envelope())
        file.write_text("second")
        carry_all(make_transport(config), make_envelope())

    assert bag.logins == [f"{auth.upper()} first", f"{auth.upper()} second"]


@BOTH
def test_a_token_that_stays_refused_is_told_once_and_never_shown(tmp_path: Path, auth: str) -> None:
    (tmp_path / "token").write_text("hush-hush\n")

    with good_server(with_auth=True, bag=TokenMailbag()) as bag:
        config = configured(tmp_path, bag.port, auth=auth, token_file="token")
        with pytest.raises(
            DeliveryError, match=r"refused the login of 'ada@example\.org': 535.*token"
        ) as caught:
            carry_all(make_transport(config), make_envelope())

    assert "hush" not in str(caught.value)
    assert len(bag.logins) == 1


@pytest.mark.parametrize(
    ("command", "told"),
    [
        ("/bin/false", "ended with 1: it said nothing"),
        ("/bin/true", "has no token on its first line"),
        ("/no/such/command", "cannot be run"),
        ("echo 'two words'", "has no token"),
        ("'unclosed", "cannot be run"),
        ("sh -c 'echo no network >&2; exit 3'", "ended with 3: no network"),
    ],
)
def test_a_command_that_gives_no_token_is_told(tmp_path: Path, command: str, told: str) -> None:
    with bad_server() as server:
        config = configured(tmp_path, server.port, auth="xoauth2", token_command=command)
        with pytest.raises(DeliveryError, match=r"smtp\.token_command: ") as caught:
            carry_all(make_transport(config), make_envelope())

    assert told in str(caught.value)
    assert server.connections == 0


def test_a_file_without_a_token_is_told(tmp_path: Path) -> None:
    (tmp_path / "empty").write_text("\n")

    for file, told in ((tmp_path / "none", "cannot read"), (tmp_path / "empty", "has no token")):
        with pytest.raises(DeliveryError, match=rf"smtp\.token_file: .*{told}|{told}"):
            TokenSource(file=file).get()


@pytest.mark.parametrize(
    "smtp",
    [
        {"auth": "xoauth2"},
        {"auth": "xoauth2", "token_command": "x", "token_file": "y"},
        {"auth": "oauthbearer", "token_command": "x", "username": ""},
        {"token_file": "y"},
    ],
)
def test_half_a_configuration_is_told(tmp_path: Path, smtp: dict[str, str]) -> None:
    with pytest.raises(ConfigError, match=r"token_command|token_file"):
        configured(tmp_path, 25, **smtp)
