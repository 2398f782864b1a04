"""Sign what a transport carries, so that signing costs the send little: the private key works in processes of its own.

Signatures wait for one another like commits do: what the messages of one turn ask for goes to a process in one piece.
The first few are made here, since a test copy or a small team's digest ends before a process has begun.
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

from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from digest.deliver.dkim import DkimKey, seal
from digest.deliver.loop import Awaited, Loop, Readiness, Task
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

    async def send(self, envelope: Envelope, *, before_dot: BeforeDot = always) -> Outcome:
        """Sign and carry a message."""
        self._join()
        sealed = seal(
            envelope.content,
            self._pool.keys,
            seconds=int(self._now().timestamp()),
            is_plain=envelope.is_plain,
        )
        signatures = await self._pool.sign(sealed.digests)
        signed = Envelope(
            content=sealed.signed(signatures),
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


@dataclass(slots=True, eq=False)
class _Asked(Awaited):
    """One message's digests, on whose signatures a task rests."""

    pool: SigningPool
    digests: Sequence[bytes]
    task: Task[Any] | None = None

    def begin(self, loop: Loop, task: Task[Any]) -> None:
        """Stand in line."""
        self.task = task
        self.pool.enqueue(self, loop)


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
    _signed: int = 0
    _asked: deque[_Asked] = field(default_factory=deque)
    _running: list[_Process] = field(default_factory=list)

    async def sign(self, digests: Sequence[bytes]) -> Sequence[bytes]:
        """Return the signatures of one message's digests, one for each key."""
        self._signed += 1
        if self._signed <= self.made_here or not self.processes:
            return self.sign_here(digests)
        signatures: Sequence[bytes] = await _Asked(self, digests)
        return signatures

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
            self.idle.clear()
            self._signed = 0

    def enqueue(self, asked: _Asked, loop: Loop) -> None:
        """Have something signed by whichever process is free first, the processes started if they are not."""
        self._asked.append(asked)
        if not self._running:
            self._running += [_Process(self.keys) for _ in range(self.processes)]
            for process in self._running:
                loop.start(self._feed(process, loop))
        elif self.idle:
            loop.resume(self.idle.popleft())

    async def _feed(self, process: _Process, loop: Loop) -> None:
        """Give one process what is asked; where it ends before its time, sign here."""
        while process.is_open:
            if not self._asked:
                await _Idle(self)
                continue
            share = -(-len(self._asked) // (1 + len(self.idle)))  # whoever is idle gets as much
            batch = [self._asked.popleft() for _ in range(min(share, MOST_AT_ONCE))]
            if self._asked and self.idle:
                loop.resume(self.idle.popleft())
            try:
                answers = await process.sign([one.digests for one in batch])
            except OSError:
                process.end()
                answers = [self.sign_here(one.digests) for one in batch]
            for one, signatures in zip(batch, answers, strict=True):
                assert one.task is not None
                loop.resume(one.task, signatures)
        self._give_up(process, loop)

    def _give_up(self, process: _Process, loop: Loop) -> None:
        """Go on without a process that failed: when it was the last, everything is signed here."""
        if process not in self._running:
            return
        self._running.remove(process)
        if not self._running:
            self.processes = 0
            while self._asked:
                one = self._asked.popleft()
                assert one.task is not None
                loop.resume(one.task, self.sign_here(one.digests))


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
        pems = [key.private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()) for key in keys]
        self._socket.sendall(
            struct.pack(">H", len(pems)) + b"".join(struct.pack(">H", len(pem)) + pem for pem in pems)
        )
        self._socket.setblocking(False)

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
