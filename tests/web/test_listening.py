"""A port is opened as asked, or a sentence says why not."""

from __future__ import annotations

import socket

import pytest

from digest.errors import UsageError
from digest.web.listening import address_of, open_port


def test_answers_are_sent_at_once() -> None:
    with (
        open_port("127.0.0.1", 0) as listener,
        socket.create_connection(listener.getsockname()),
        listener.accept()[0] as accepted,
    ):
        assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


@pytest.mark.parametrize(
    ("host", "shown"), [("127.0.0.1", "127.0.0.1"), ("0.0.0.0", "127.0.0.1"), ("localhost", "127.0.0.1")]
)
def test_the_address_can_be_typed_into_a_browser(host: str, shown: str) -> None:
    with open_port(host, 0) as listener:
        assert address_of(listener) == f"http://{shown}:{listener.getsockname()[1]}/"


def test_a_port_that_is_taken_is_told() -> None:
    with open_port("127.0.0.1", 0) as first, pytest.raises(UsageError, match="--port"):
        open_port("127.0.0.1", first.getsockname()[1])


@pytest.mark.parametrize("host", ["192.0.2.1", "no such host", "::z"])
def test_a_host_that_is_none_of_ours_is_told(host: str) -> None:
    with pytest.raises(UsageError, match="cannot be used"):
        open_port(host, 0)
