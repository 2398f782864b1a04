"""A real SMTP server on loopback that keeps what it is given: for the demo and for rehearsals."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from socket import AF_INET, SOCK_STREAM, socket

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

HOST = "127.0.0.1"


@dataclass(slots=True)
class Sink:
    """The server's port, and each accepted message with its recipient, in order of arrival."""

    port: int
    messages: list[tuple[str, bytes]] = field(default_factory=list)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Accept a message (called by aiosmtpd)."""
        content = envelope.original_content or b""
        self.messages += [(recipient, content) for recipient in envelope.rcpt_tos]
        return "250 2.0.0 Kept"


@contextmanager
def open_sink() -> Iterator[Sink]:
    """Serve on a free port of 127.0.0.1 until the block ends."""
    with socket(AF_INET, SOCK_STREAM) as probe:
        probe.bind((HOST, 0))
        port = int(probe.getsockname()[1])
    sink = Sink(port=port)
    controller = Controller(sink, hostname=HOST, port=port, server_hostname="sink.localhost")
    controller.start()
    try:
        yield sink
    finally:
        controller.stop()
