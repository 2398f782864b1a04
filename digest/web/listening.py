"""Open a port and serve an application on it until interrupted."""

from __future__ import annotations

import socket
from contextlib import suppress

import uvicorn
from starlette.types import ASGIApp

from digest.errors import UsageError

WILDCARD = "0.0.0.0"  # noqa: S104  compared with, not bound to


def open_port(host: str, port: int) -> socket.socket:
    """Return a listening socket; port 0 picks one. Raises UsageError where that cannot be."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family)
    except OSError as exc:
        raise UsageError(
            f"Port {port} on {host} cannot be used ({exc.strerror or exc}). Name another with --port, or 0."
        ) from exc
    # Inherited by each connection; asyncio sets it only on sockets whose protocol was named. Without it every
    # answer on a connection kept open waits 40 ms for an acknowledgement.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def address_of(listener: socket.socket) -> str:
    """Return the address to type into a browser."""
    host, port = listener.getsockname()[:2]
    shown = {WILDCARD: "127.0.0.1", "::": "::1"}.get(host, host)
    return f"http://[{shown}]:{port}/" if ":" in shown else f"http://{shown}:{port}/"


def serve(application: ASGIApp, listener: socket.socket, *, grace_seconds: int | None = None) -> None:
    """Answer until SIGINT or SIGTERM; answers that go on for ever are cut off after a grace."""
    with suppress(KeyboardInterrupt):
        make_server(application, grace_seconds=grace_seconds).run(sockets=[listener])


def make_server(application: ASGIApp, *, grace_seconds: int | None = None) -> uvicorn.Server:
    """Make the server. No request is logged: paths hold readers' tokens."""
    settings = uvicorn.Config(
        application,
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        ws="none",
        timeout_graceful_shutdown=grace_seconds,
    )
    return uvicorn.Server(settings)
