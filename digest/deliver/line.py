"""Speak SMTP over an open socket that does not block: commands, replies, each within its time."""

from __future__ import annotations

import contextlib
import select
import socket
import ssl
import time
from collections.abc import Iterable
from dataclasses import dataclass

from digest.deliver.loop import Readiness
from digest.mailbox import one_line

LONGEST_REPLY_LINE = 4096
MOST_REPLY_LINES = 128
SLOWEST_UPLOAD = 20_000
"""Bytes a second below which an upload counts as hung."""


class LineLost(Exception):
    """The server hung up, said nothing in time, or spoke no SMTP."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A server's answer: its code, and its words in one line."""

    code: int
    text: str

    def __str__(self) -> str:
        return f"{self.code} {self.text}".rstrip()


class Line:
    """An SMTP session after its greeting, TLS and login. `features` are EHLO's, by lower-case name."""

    def __init__(self, sock: socket.socket, features: dict[str, str], *, timeout_seconds: float) -> None:
        self.features = features
        self._socket = sock
        self._socket.setblocking(False)
        self._timeout = timeout_seconds
        self._heard = b""

    async def ask(self, command: str, *, timeout_seconds: float | None = None) -> Reply:
        """Send a command and return the reply; raise LineLost."""
        await self.put(command.encode() + b"\r\n")
        return await self.reply(timeout_seconds=timeout_seconds)

    async def put(self, content: bytes) -> None:
        """Send bytes; raise LineLost."""
        left = memoryview(content)
        deadline = time.monotonic() + self._timeout + len(content) / SLOWEST_UPLOAD
        try:
            while left:
                try:
                    left = left[self._socket.send(left) :]
                except ssl.SSLWantReadError:
                    await Readiness(self._socket, deadline)
                except (BlockingIOError, ssl.SSLWantWriteError):
                    await Readiness(self._socket, deadline, to_write=True)
        except OSError as exc:
            raise LineLost(f"the connection was lost ({_cause(exc)})") from exc

    async def reply(self, *, timeout_seconds: float | None = None) -> Reply:
        """Read one reply of one or more lines; raise LineLost."""
        deadline = time.monotonic() + (timeout_seconds or self._timeout)
        words = []
        for _ in range(MOST_REPLY_LINES):
            line = await self._read_line(deadline)
            code, mark, text = line[:3], line[3:4], line[4:]
            if not code.isdigit() or mark not in (b" ", b"-", b""):
                raise LineLost(f"the server answered what is no SMTP: {_text(line)[:80]!r}")
            words.append(_text(text))
            if mark != b"-":
                return Reply(code=int(code), text=" ".join(words)[:500])
        raise LineLost("the server's answer had no end")

    def has_spoken(self) -> bool:
        """Say whether the server said something unasked, or hung up."""
        if self._heard:
            return True
        if isinstance(self._socket, ssl.SSLSocket):
            return self._tls_has_spoken(self._socket)
        return _is_readable(self._socket)

    def hang_up(self) -> None:
        """Close without another word: what was begun and not ended, the server must not take."""
        with contextlib.suppress(OSError):
            self._socket.close()

    def _tls_has_spoken(self, sock: ssl.SSLSocket) -> bool:
        """Look past what TLS itself says (new session tickets): only data or an end counts."""
        if not sock.pending() and not _is_readable(sock):
            return False
        try:
            self._heard = sock.recv(LONGEST_REPLY_LINE)
        except ssl.SSLWantReadError:
            return False
        except OSError:
            return True
        return True

    async def _read_line(self, deadline: float) -> bytes:
        while b"\n" not in self._heard:
            if len(self._heard) > LONGEST_REPLY_LINE:
                raise LineLost("the server's answer had no end")
            heard = await self._hear(deadline)
            if not heard:
                raise LineLost("the server hung up")
            self._heard += heard
        line, _, self._heard = self._heard.partition(b"\n")
        return line.rstrip(b"\r")

    async def _hear(self, deadline: float) -> bytes:
        try:
            while True:
                try:
                    return self._socket.recv(LONGEST_REPLY_LINE)
                except ssl.SSLWantWriteError:
                    await Readiness(self._socket, deadline, to_write=True)
                except (BlockingIOError, ssl.SSLWantReadError):
                    await Readiness(self._socket, deadline)
        except TimeoutError:
            raise LineLost("the server did not answer in time") from None
        except OSError as exc:
            raise LineLost(f"the connection was lost ({_cause(exc)})") from exc


def stuffed(content: bytes) -> bytes:
    """Return a message ready for DATA but for the final dot: whole lines ended by CRLF, leading dots doubled."""
    content = whole_lines(content)
    if content.startswith(b"."):
        content = b"." + content
    return content.replace(b"\r\n.", b"\r\n..") if b"\r\n." in content else content


def whole_lines(content: bytes) -> bytes:
    """Return a message with each line, the last too, ended by CRLF."""
    breaks = content.count(b"\r\n")
    if content.count(b"\n") != breaks or content.count(b"\r") != breaks:
        content = b"\r\n".join(_lines(content))
    return content if content.endswith(b"\r\n") else content + b"\r\n"


def _lines(content: bytes) -> Iterable[bytes]:
    return content.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")


def _is_readable(sock: socket.socket) -> bool:
    poller = select.poll()
    poller.register(sock, select.POLLIN | select.POLLHUP | select.POLLERR)
    return bool(poller.poll(0))


def _text(raw: bytes) -> str:
    return one_line(raw.decode("utf-8", "replace"))


def _cause(exc: OSError) -> str:
    return (exc.strerror or str(exc) or type(exc).__name__).lower()
