"""Sign what a transport carries, so that signing costs the send little: the private key works in processes of its own.

Signatures wait for one another like commits do: what the messages of one turn ask for goes to a process in one piece.
They are asked for while the messages before are still under way, or connections would wait for them by turns.
The first few are made here, since a test copy or a small team's digest ends before a process has begun; and so are
those that a process would be late for, because it is just starting.
"""

from __future__ import annotations

import contextlib
import socket
import struct
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from digest.deliver.dkim import DkimKey, Seal, seal
from digest.deliver.loop import Awaited, CurrentLoop, Loop, Readiness, Task
from digest.deliver.raw_signature import pack_key
from digest.deliver.signing_process import READY
from digest.model import Envelope, Outcome
from digest.ports import BeforeDot, Transport, always

MADE_HERE = 50
"""How many signatures are made here before processes are started."""
MOST_AT_ONCE = 8
ANSWER_SECONDS = 30.0


class SigningTransport:
    """A transport that signs each message before it carries it."""

    def __init__(self, inner: Transport, pool: SigningPool, *, now: Callable[[], datetime]) -> None:
        self._inner = inner
        self._pool = pool
        self._now = now
        self._is_open = False

    async def open(self) -> None:
        """Open the transport."""
        self._join()
        await self._inner.open()

    def prepare(self, envelope: Envelope, loop: Loop) -> Envelope:
        """Ask for a message's signatures, and return it as `send` of any transport with the same pool takes it."""
        sealed = seal(
            envelope.content,
            self._pool.keys,
            seconds=int(self._now().timestamp()),
            is_plain=envelope.is_plain,
        )
        return _Asking(
            content=envelope.content,
            sender=envelope.sender,
            recipient=envelope.recipient,
            is_plain=envelope.is_plain,
            sealed=sealed,
            asked=self._pool.ask(sealed.digests, loop),
        )

    async def send(self, envelope: Envelope, *, before_dot: BeforeDot = always) -> Outcome:
        """Sign and carry a message."""
        self._join()
        if not isinstance(envelope, _Asking):
            prepared = self.prepare(envelope, await CurrentLoop())
            assert isinstance(prepared, _Asking)
            envelope = prepared
        signed = Envelope(
            content=envelope.sealed.signed(await envelope.asked),
            sender=envelope.sender,
            recipient=envelope.recipient,
            is_plain=envelope.is_plain,
        )
        return await self._inner.send(signed, before_dot=before_dot)

    async def close(self) -> None:
        """Close the transport."""
        if self._is_open:
            self._is_open = False
            self._pool.leave()
        await self._inner.close()

    def _join(self) -> None:
        if not self._is_open:
            self._is_open = True
            self._pool.join()


class _Asked(Awaited):
    """The signatures of one message, once they are there: one task may rest on them."""

    __slots__ = ("_loop", "_signatures", "_task", "digests")

    def __init__(self, digests: Sequence[bytes], loop: Loop) -> None:
        self.digests = digests
        self._loop = loop
        self._signatures: Sequence[bytes] | None = None
        self._task: Task[Any] | None = None

    def begin(self, loop: Loop, task: Task[Any]) -> None:
        """Go on at once, or rest."""
        if self._signatures is None:
            self._task = task
        else:
            loop.resume(task, self._signatures)

    def answer(self, signatures: Sequence[bytes]) -> None:
        """Let whoever waits go on."""
        self._signatures = signatures
        if self._task is not None:
            self._loop.resume(self._task, signatures)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asking(Envelope):
    """A message whose signatures are asked for."""

    sealed: Seal
    asked: _Asked


@dataclass(slots=True, eq=False)
class _Idle(Awaited):
    """A process rests until there is something to sign."""

    pool: SigningPool

    def begin(self, loop: Loop, task: Task[Any]) -> None:
        """Be at hand."""
        self.pool.idle.append(task)


@dataclass(slots=True, eq=False)
class SigningPool:
    """Keys, and the processes that sign with them while there are connections. Of one loop at a time."""

    keys: Sequence[DkimKey]
    processes: int = 2
    made_here: int = MADE_HERE
    idle: deque[Task[Any]] = field(default_factory=deque)
    _users: int = 0
    _ready: int = 0
    _signed: int = 0
    _asked: deque[_Asked] = field(default_factory=deque)
    _running: list[_Process] = field(default_factory=list)

    def ask(self, digests: Sequence[bytes], loop: Loop) -> _Asked:
        """Ask for the signatures of one message's digests, one for each key."""
        asked = _Asked(digests, loop)
        self._signed += 1
        if self._signed > self.made_here and not self._running:
            self._start(loop)
        if not self._ready:
            asked.answer(self.sign_here(digests))
            return asked
        self._asked.append(asked)
        if self.idle:
            loop.resume(self.idle.popleft())
        return asked

    def sign_here(self, digests: Sequence[bytes]) -> Sequence[bytes]:
        """Sign in this process."""
        return [key.sign(digest) for key, digest in zip(self.keys, digests, strict=True)]

    def join(self) -> None:
        """Note another connection."""
        self._users += 1

    def leave(self) -> None:
        """Note that a connection is closed; with the last one the processes end."""
        self._users -= 1
        if self._users == 0:
            for process in self._running:
                process.end()
            self._running.clear()
            self._asked.clear()
            self.idle.clear()
            self._signed = self._ready = 0

    def _start(self, loop: Loop) -> None:
        self._running += [_Process(self.keys) for _ in range(self.processes)]
        for process in self._running:
            loop.start(self._feed(process, loop))

    async def _feed(self, process: _Process, loop: Loop) -> None:
        """Give one process what is asked; where it ends before its time, sign here."""
        batch: list[_Asked] = []
        try:
            await process.ready()
            self._ready += 1
            while process.is_open:
                if not self._asked:
                    await _Idle(self)
                    continue
                share = -(-len(self._asked) // (1 + len(self.idle)))  # whoever is idle gets as much
                batch = [self._asked.popleft() for _ in range(min(share, MOST_AT_ONCE))]
                if self._asked and self.idle:
                    loop.resume(self.idle.popleft())
                for one, signatures in zip(
                    batch, await process.sign([one.digests for one in batch]), strict=True
                ):
                    one.answer(signatures)
        except OSError:
            self._give_up(process, batch)

    def _give_up(self, process: _Process, batch: Sequence[_Asked]) -> None:
        """Go on without a process that failed: when it was the last, everything is signed here."""
        process.end()
        if process not in self._running:
            return
        for one in batch:
            one.answer(self.sign_here(one.digests))
        self._running.remove(process)
        self._ready -= process.is_ready
        if not self._running:
            self.processes = 0
            while self._asked:
                one = self._asked.popleft()
                one.answer(self.sign_here(one.digests))


class _Process:
    """A process that signs; it ends when we do, since then its socket closes."""

    def __init__(self, keys: Sequence[DkimKey]) -> None:
        self._lengths = [key.length for key in keys]
        self._socket, theirs = socket.socketpair()
        with theirs:
            self._child = subprocess.Popen(
                [sys.executable, "-m", "digest.deliver.signing_process"],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                start_new_session=True,  # Ctrl-C is ours: what is under way is still signed
            )
        self.is_open = True
        self.is_ready = False
        packed = [pack_key(key.private) for key in keys]
        self._socket.sendall(
            struct.pack(">H", len(packed)) + b"".join(struct.pack(">H", len(one)) + one for one in packed)
        )
        self._socket.setblocking(False)

    async def ready(self) -> None:
        """Wait until the process has its keys; raise OSError where it ends before."""
        await self._read(len(READY))
        self.is_ready = True

    async def sign(self, asked: Sequence[Sequence[bytes]]) -> list[Sequence[bytes]]:
        """Return the signatures of some messages' digests; raise OSError where the process gives none."""
        self._socket.send(struct.pack(">H", len(asked)) + b"".join(map(b"".join, asked)))
        answer = memoryview(await self._read(len(asked) * sum(self._lengths)))
        signed: list[Sequence[bytes]] = []
        for _ in asked:
            signatures = []
            for length in self._lengths:
                signatures.append(bytes(answer[:length]))
                answer = answer[length:]
            signed.append(signatures)
        return signed

    def end(self) -> None:
        """Let the process end."""
        if self.is_open:
            self.is_open = False
            with contextlib.suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)
            self._socket.close()
            self._child.kill()  # it holds nothing, and one that hangs must not hold us
            self._child.wait()

    async def _read(self, length: int) -> bytes:
        deadline = time.monotonic() + ANSWER_SECONDS
        heard = b""
        while len(heard) < length:
            try:
                more = self._socket.recv(length - len(heard))
            except BlockingIOError:
                await Readiness(self._socket, deadline)
                continue
            if not more:
                raise ConnectionResetError
            heard += more
        return heard
