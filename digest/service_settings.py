"""The tables of the configuration file for what watches over the service: `[service]` and `[log]`."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator

from digest.settings import Table


def _check_listening(value: str) -> str:
    if value:
        listening_at(value)
    return value


def _check_called_url(value: str) -> str:
    try:
        parts = urlsplit(value)
        is_whole = parts.scheme in ("https", "http") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_whole = False
    is_plain = value.isascii() and value.isprintable() and not any(one in value for one in " \"'<>#@")
    if value and not (is_whole and is_plain):
        raise ValueError(
            "this is not an address such as 'https://hooks.example.org/digest', in ASCII and without '#' or '@'"
        )
    return value


def listening_at(value: str) -> tuple[str, int]:
    """Return the address and port of `127.0.0.1:9100`, `localhost:9100` or `[::1]:9100`; raise ValueError."""
    host, _, port = value.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    try:
        if host != "localhost":
            ip_address(host)
        if not (port.isascii() and port.isdigit() and 0 <= int(port) <= 65535):
            raise ValueError
    except ValueError:
        raise ValueError(
            f"{value!r} is not an address of this machine with a port, such as '127.0.0.1:9100'"
        ) from None
    return host, int(port)


CalledUrl = Annotated[str, AfterValidator(_check_called_url)]
"""An address that we call because the operator wrote it down: one inside the network is as good as any."""


class ServiceSettings(Table):
    """`[service]`: where `digest schedule` answers how it is; nowhere where that is empty."""

    health: Annotated[str, AfterValidator(_check_listening)] = ""


class LogSettings(Table):
    """`[log]`."""

    format: Literal["text", "json"] = "text"
