"""A mail server on loopback that misbehaves on purpose, and keeps count of what it took: for rehearsals.

It offers what good servers offer (PIPELINING, 8BITMIME, SMTPUTF8, SIZE, STARTTLS). A share of the readers meets a
fault, each once: a refusal for now, a refusal for good, a line that breaks before or after the final dot, a slow
answer. Some connections meet a certificate that cannot be trusted; and now and then the sender is to be killed.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum

from digest.mailbox import one_line

HOST = "127.0.0.1"
KILLS = 3
SLOW_SECONDS = 0.2
MOST_OF_A_KIND = 50
LONGEST_MESSAGE = 50_000_000

_OFFERS = ("sink.localhost", "PIPELINING", "8BITMIME", "SMTPUTF8", f"SIZE {LONGEST_MESSAGE}", "STARTTLS")


class Fault(StrEnum):
    """What can go wrong."""

    REFUSED_FOR_NOW = "4xx"
    REFUSED = "5xx"
    DROP_BEFORE_DOT = "drop-before-dot"
    DROP_AFTER_DOT = "drop-after-dot"
    SLOW = "slow"
    TLS = "tls"
    KILL = "kill"


_OF_READERS = (
    Fault.REFUSED_FOR_NOW,
    Fault.REFUSED,
    Fault.DROP_BEFORE_DOT,
    Fault.DROP_AFTER_DOT,
    Fault.SLOW,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """A message that the server took: for whom, and its Message-ID; `is_whole` says that its end was there."""

    recipient: str
    message_id: str
    is_whole: bool


@dataclass(slots=True, kw_only=True)
class FaultySink:
    """The server. `arrivals` is what it took, `happened` how often each fault struck.

    `kill` is set when the sender is to be killed; who does it clears it.
    """

    faults: Sequence[Fault]
    readers: int
    connections: int
    good: ssl.SSLContext
    bad: ssl.SSLContext
    port: int = 0
    arrivals: list[Arrival] = field(default_factory=list)
    happened: Counter[Fault] = field(default_factory=Counter)
    kill: threading.Event = field(default_factory=threading.Event)
    _fated: dict[str, Fault | None] = field(default_factory=dict)
    _connected: int = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Speak to one client until it goes, or is let down."""
        self._connected += 1
        is_bad = self._has_bad_certificate()
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError):
            await self._talk(reader, writer, is_bad=is_bad)
        writer.close()

    async def _talk(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, is_bad: bool
    ) -> None:
        recipient = ""
        _say(writer, "220 sink.localhost ready")
        while line := await reader.readline():
            command = line.decode("utf-8", "replace").strip()
            verb = command.upper()
            if verb.startswith("EHLO"):
                offers = _OFFERS
                _say(writer, *(f"250-{one}" for one in offers[:-1]), f"250 {offers[-1]}")
            elif verb == "STARTTLS":
                _say(writer, "220 Go on")
                await writer.drain()
                await self._start_tls(writer, is_bad=is_bad)
            elif verb.startswith("RCPT"):
                recipient = command.partition("<")[2].rpartition(">")[0]
                refusal = self._refusal(recipient)
                _say(writer, refusal or "250 OK")
                recipient = "" if refusal else recipient
            elif verb == "DATA" and not recipient:
                _say(writer, "503 No recipient")
            elif verb == "DATA":
                if not await self._take(reader, writer, recipient):
                    return
                recipient = ""
            elif verb == "QUIT":
                _say(writer, "221 Bye")
                return
            else:
                _say(writer, "250 OK")

    async def _start_tls(self, writer: asyncio.StreamWriter, *, is_bad: bool) -> None:
        if is_bad:
            self.happened[Fault.TLS] += 1
        await writer.start_tls(self.bad if is_bad else self.good)

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, recipient: str) -> bool:
        """Take a message, unless fate is against it; False where the line was broken."""
        _say(writer, "354 Go on")
        fault = self._strike(recipient)
        if fault is Fault.DROP_BEFORE_DOT:
            await reader.readexactly(2_000)
            writer.transport.abort()
            return False
        content = await reader.readuntil(b"\r\n.\r\n")
        self.arrivals.append(_arrival(recipient, content))
        self._kill_now_and_then()
        if fault is Fault.DROP_AFTER_DOT:
            writer.transport.abort()
            return False
        if fault is Fault.SLOW:
            await asyncio.sleep(SLOW_SECONDS)
        _say(writer, "250 2.0.0 Kept")
        return True

    def _refusal(self, recipient: str) -> str:
        if self._fate(recipient) is Fault.REFUSED:
            self.happened[Fault.REFUSED] += 1
            return "550 5.1.1 Rehearsed: no such reader"
        if self._fate(recipient) is Fault.REFUSED_FOR_NOW:
            self._strike(recipient)
            return "451 4.7.1 Rehearsed: try again later"
        return ""

    def _fate(self, recipient: str) -> Fault | None:
        """Return what a reader is to meet, dealt out in turn to every so many."""
        if recipient not in self._fated:
            kinds = [fault for fault in _OF_READERS if fault in self.faults]
            number = len(self._fated)
            every = max(1, min(10, self.readers // (2 * len(kinds)) if kinds else 1))
            every = max(every, self.readers // (MOST_OF_A_KIND * len(kinds)) if kinds else 1)
            is_met = kinds and number % every == every - 1
            self._fated[recipient] = kinds[number // every % len(kinds)] if is_met else None
        return self._fated[recipient]

    def _strike(self, recipient: str) -> Fault | None:
        """Return what a reader meets now; it is over then."""
        fault = self._fate(recipient)
        if fault is not None:
            self.happened[fault] += 1
            self._fated[recipient] = None
        return fault

    def _has_bad_certificate(self) -> bool:
        return Fault.TLS in self.faults and self._connected % 5 == (1 if self.connections == 1 else 2)

    def _kill_now_and_then(self) -> None:
        """Ask for a kill after each part of the readers, of as many parts as there are kills, and one."""
        if Fault.KILL not in self.faults or self.happened[Fault.KILL] >= KILLS:
            return
        if len(self.arrivals) >= self.readers * (self.happened[Fault.KILL] + 1) // (KILLS + 1):
            self.happened[Fault.KILL] += 1
            self.kill.set()


def _arrival(recipient: str, content: bytes) -> Arrival:
    head = content.partition(b"\r\n\r\n")[0]
    name = next((line for line in head.split(b"\r\n") if line.lower().startswith(b"message-id:")), b"")
    message_id = one_line(name.partition(b":")[2].decode("ascii", "replace"))
    is_whole = content.rstrip(b"\r\n.").endswith(b"--")
    return Arrival(recipient=recipient, message_id=message_id, is_whole=is_whole)


def _say(writer: asyncio.StreamWriter, *lines: str) -> None:
    writer.write("".join(f"{line}\r\n" for line in lines).encode())


@contextmanager
def open_faulty_sink(sink: FaultySink) -> Iterator[FaultySink]:
    """Serve on a free port of 127.0.0.1 until the block ends, in a thread of its own."""
    loop = asyncio.new_event_loop()
    server = loop.run_until_complete(asyncio.start_server(sink.serve, HOST, 0, limit=LONGEST_MESSAGE))
    sink.port = int(server.sockets[0].getsockname()[1])
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield sink
    finally:
        server.close()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        for task in asyncio.all_tasks(loop):
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError, OSError):
                loop.run_until_complete(task)
        loop.close()
