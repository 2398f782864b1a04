"""Real mail servers for tests: aiosmtpd as a good one, and one of our own that misbehaves as told."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from base64 import b64decode
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

HOST = "127.0.0.1"


# --- a good server -------------------------------------------------------------------------------


@dataclass
class Mailbag:
    """What a good server has taken, and what it is to refuse: the reply by recipient."""

    port: int = 0
    messages: list[tuple[str, bytes]] = field(default_factory=list)
    senders: list[str] = field(default_factory=list)
    refusals: dict[str, str] = field(default_factory=dict)
    data_refusals: dict[str, str] = field(default_factory=dict)
    logins: list[str] = field(default_factory=list)
    sessions: set[Any] = field(default_factory=set)
    full_at: int = 0
    is_full: threading.Event = field(default_factory=threading.Event)

    def expect(self, count: int) -> threading.Event:
        """Return what is set when so many messages have been taken."""
        self.full_at = count
        self.is_full = threading.Event()
        return self.is_full

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.refusals:
            return self.refusals[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        recipient = envelope.rcpt_tos[0]
        if recipient in self.data_refusals:
            return self.data_refusals[recipient]
        self.sessions.add(session.peer)
        self.senders.append(str(envelope.mail_from))
        self.messages.append((recipient, envelope.original_content or b""))
        if self.full_at and len(self.messages) >= self.full_at:
            self.is_full.set()
        return "250 2.0.0 Kept"

    def authenticate(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: object
    ) -> AuthResult:
        assert isinstance(data, LoginPassword)
        is_right = (data.login, data.password) == (b"ada", "pässword".encode())
        self.logins.append(mechanism)
        return AuthResult(success=is_right, handled=False)


@dataclass
class TokenMailbag(Mailbag):
    """A server whose password is a token: `good` are those it takes. It answers a refusal as Gmail does, with a 334."""

    good: set[str] = field(default_factory=set)
    user: str = "ada@example.org"

    async def auth_XOAUTH2(self, server: SMTP, args: list[str]) -> AuthResult:
        return await self._judge(server, args, f"user={self.user}\x01auth=Bearer ", ends=b"")

    async def auth_OAUTHBEARER(self, server: SMTP, args: list[str]) -> AuthResult:
        start = f"n,a={self.user},\x01host={HOST}\x01port={self.port}\x01auth=Bearer "
        return await self._judge(server, args, start, ends=b"\x01")

    async def _judge(self, server: SMTP, args: list[str], start: str, *, ends: bytes) -> AuthResult:
        told = b64decode(args[1], validate=True).decode()
        token = told.removeprefix(start).removesuffix("\x01\x01")
        assert told == f"{start}{token}\x01\x01"
        self.logins.append(f"{args[0]} {token}")
        if token in self.good:
            return AuthResult(success=True, auth_data=self.user)
        answer = await server.challenge_auth('{"status":"401","schemes":"bearer"}')
        assert answer == ends
        return AuthResult(success=False, handled=False)


@contextmanager
def good_server(
    *,
    security: str = "none",
    certificate: trustme.LeafCert | None = None,
    with_auth: bool = False,
    mechanisms: Sequence[str] = ("LOGIN", "PLAIN"),
    bag: Mailbag | None = None,
    **options: Any,
) -> Iterator[Mailbag]:
    """Serve until the block ends."""
    bag = bag or Mailbag()
    bag.port = free_port()
    context = server_context(certificate) if certificate is not None else None
    if with_auth:
        excluded = {"LOGIN", "PLAIN"} - set(mechanisms)
        options |= {
            "authenticator": bag.authenticate,
            "auth_required": True,
            "auth_require_tls": False,
            "auth_exclude_mechanism": excluded,
        }
    controller = Controller(
        bag,
        hostname=HOST,
        port=bag.port,
        server_hostname="mx.example.org",
        ssl_context=context if security == "tls" else None,
        tls_context=context if security == "starttls" else None,
        **options,
    )
    controller.start()
    try:
        yield bag
    finally:
        controller.stop()


def server_context(certificate: trustme.LeafCert) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    return context


def write_authority(authority: trustme.CA, folder: Path) -> Path:
    path = folder / "authority.pem"
    authority.cert_pem.write_to_path(path)
    return path


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def wait_for_port(port: int, *, seconds: float = 20) -> None:
    """Wait until something listens there."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            socket.create_connection((HOST, port), timeout=1).close()
        except OSError:
            if time.monotonic() > deadline:
                raise
            threading.Event().wait(0.05)
        else:
            return


# --- a bad server --------------------------------------------------------------------------------

Answer = str | None
"""What a bad server says to a command; None: it hangs up without a word."""


@dataclass
class BadServer:
    """A server whose answers are set by command. `DOT` is the end of a message, `BODY` its first bytes.

    `answers[command]` is a list, an answer each time, its last for ever; SILENCE: it says nothing and keeps
    the line. `taken` are the messages that it heard to their end; `gone` says that it let go of a connection.
    """

    answers: dict[str, list[Answer]]
    port: int = 0
    taken: list[bytes] = field(default_factory=list)
    heard: list[str] = field(default_factory=list)
    connections: int = 0
    context: ssl.SSLContext | None = None
    gone: threading.Event = field(default_factory=threading.Event)

    def answer(self, command: str, default: str) -> Answer:
        self.heard.append(command)
        given = self.answers.get(command)
        if not given:
            return default
        return given.pop(0) if len(given) > 1 else given[0]


SILENCE = "silence"
AND_GOES = " (and goes)"
"""After an answer that ends so, it hangs up."""
PIPELINES = "250-mx.example.org\r\n250 PIPELINING"


@contextmanager
def bad_server(
    answers: dict[str, list[Answer]] | None = None,
    *,
    host: str = HOST,
    unix_path: Path | None = None,
    context: ssl.SSLContext | None = None,
) -> Iterator[BadServer]:
    """Serve each connection in a thread until the block ends."""
    listener = _unix_listener(unix_path) if unix_path else socket.create_server((host, 0))
    port = 0 if unix_path else int(listener.getsockname()[1])
    server = BadServer(answers=answers or {}, port=port, context=context)
    lines: list[socket.socket] = []

    def accept() -> None:
        while True:
            try:
                line, _ = listener.accept()
            except OSError:
                return
            server.connections += 1
            lines.append(line)
            threading.Thread(target=_serve, args=(server, line), daemon=True).start()

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        for line in lines:
            with suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)
            line.close()
        thread.join()


def _serve(server: BadServer, line: socket.socket) -> None:
    with suppress(OSError):
        if server.context is not None:
            line = server.context.wrap_socket(line, server_side=True)
        with line, line.makefile("rb") as heard:
            _talk(server, heard.readline, line.sendall)
    server.gone.set()


def _unix_listener(path: Path) -> socket.socket:
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path))
    listener.listen()
    return listener


def _talk(server: BadServer, listen: Callable[[], bytes], say: Callable[[bytes], None]) -> None:
    def told(command: str, default: str) -> bool:
        answer = server.answer(command, default)
        if answer is None:
            return False
        if answer != SILENCE:
            say(answer.removesuffix(AND_GOES).encode() + b"\r\n")
        return not answer.endswith(AND_GOES)

    if not told("GREETING", "220 mx.example.org"):
        return
    while command := listen().decode("utf-8", "replace").upper().split():
        verb = command[0]
        if command[-1] == "SMTPUTF8" and server.answers.get("MAIL SMTPUTF8"):
            verb = "MAIL SMTPUTF8"
        default = {"DATA": "354 Go on", "QUIT": "221 Bye"}.get(verb, "250 OK")
        if not told(verb, default) or verb == "QUIT":
            return
        if verb == "DATA" and not server.answers.get("DATA") and not _take(server, listen, told):
            return


def _take(server: BadServer, listen: Callable[[], bytes], told: Callable[[str, str], bool]) -> bool:
    lines = []
    if "BODY" in server.answers:
        listen()
        return told("BODY", "")
    while (line := listen()) != b".\r\n":
        if not line:
            return False
        lines.append(line)
    server.taken.append(b"".join(lines))
    return told("DOT", "250 Kept")
