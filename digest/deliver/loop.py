"""Carry on many conversations in one thread: each is a coroutine that rests until its socket or its turn comes.

One thread and one selector carry twice what a thread a connection does, and all that waits for the outbox in one
turn is written in one commit. These coroutines may await only what this module, the ledger and the workers give.
"""

from __future__ import annotations

import contextlib
import selectors
import socket
import time
from collections import deque
from collections.abc import Callable, Coroutine, Generator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Generic, Protocol, TypeVar

Result = TypeVar("Result")
MOST_CALLS_AT_ONCE = 32
LONGEST_LINGER = 0.007
"""How long a turn waits for more of its like, in seconds: several commits, and less than a message takes on its way."""


class Rest(Protocol):
    """What a coroutine rests on. `begin` says to whom the loop's answer goes."""

    def begin(self, loop: Loop, task: Task[Any]) -> None:
        """Note that a task rests."""


class Task(Generic[Result]):
    """A coroutine under way. `error` is what it ended with; `result` what it gave."""

    def __init__(self, work: Coroutine[Rest, Any, Result]) -> None:
        self._work = work
        self.is_done = False
        self.error: BaseException | None = None
        self._result: list[Result] = []

    @property
    def result(self) -> Result:
        """Return what the work gave; raise what it ended with."""
        if self.error is not None:
            raise self.error
        return self._result[0]

    def step(self, loop: Loop, value: Any = None, error: BaseException | None = None) -> None:
        """Go on until the next rest."""
        try:
            rest = self._work.send(value) if error is None else self._work.throw(error)
        except StopIteration as stop:
            self._result.append(stop.value)
            self.is_done = True
        except BaseException as exc:
            self.error = exc
            self.is_done = True
            if not isinstance(exc, Exception):
                raise
        else:
            rest.begin(loop, self)


class Loop:
    """Run tasks, a turn at a time. `after_turn` is called when all that could go on has gone on.

    While `is_early` says that more will soon be there for it, that waits a little.
    """

    def __init__(
        self, after_turn: Callable[[], None] = lambda: None, is_early: Callable[[], bool] = lambda: False
    ) -> None:
        self._selector = selectors.DefaultSelector()
        self._after_turn = after_turn
        self._is_early = is_early
        self._ready: deque[tuple[Task[Any], Any, BaseException | None]] = deque()
        self._resting: dict[socket.socket, tuple[Task[Any], int, float]] = {}
        self._pausing: dict[Task[Any], float] = {}
        self._calls: ThreadPoolExecutor | None = None
        self._returned: deque[tuple[Task[Any], Future[Any]]] = deque()
        self._bell, self._ear = socket.socketpair()
        for end in (self._bell, self._ear):
            end.setblocking(False)
        self._selector.register(self._ear, selectors.EVENT_READ)

    def start(self, work: Coroutine[Rest, Any, Result]) -> Task[Result]:
        """Begin a piece of work; its first step is taken in the next turn."""
        task = Task(work)
        self._ready.append((task, None, None))
        return task

    def resume(self, task: Task[Any], value: Any = None, error: BaseException | None = None) -> None:
        """Let a task go on in this turn or the next."""
        self._ready.append((task, value, error))

    def turn(self, seconds: float) -> None:
        """Wait at most so long for something to happen, and let everyone concerned go on."""
        self._listen(0 if self._ready else min(seconds, self._until_due()))
        self._wake_late()
        self._go_on()
        if self._is_early():
            self._linger()
        self._after_turn()

    def run(self, work: Coroutine[Rest, Any, Result]) -> Result:
        """Do one piece of work to its end."""
        task = self.start(work)
        while not task.is_done:
            self.turn(60)
        return task.result

    def close(self) -> None:
        """Give back what the loop itself holds."""
        if self._calls is not None:
            self._calls.shutdown(wait=False, cancel_futures=True)
        self._selector.close()
        self._bell.close()
        self._ear.close()

    def rest_on(self, sock: socket.socket, events: int, deadline: float, task: Task[Any]) -> None:
        """Let a task rest until a socket is ready, or raise TimeoutError in it at `deadline`."""
        known = self._selector.get_map().get(sock.fileno())
        if known is None:
            self._selector.register(sock, events)
        elif known.fileobj is not sock:
            self._forget(known.fileobj)
            self._selector.register(sock, events)
        elif known.events != events:
            self._selector.modify(sock, events)
        self._resting[sock] = (task, events, deadline)

    def pause(self, until: float, task: Task[Any]) -> None:
        """Let a task rest until `time.monotonic()` says so."""
        self._pausing[task] = until

    def call(self, function: Callable[[], Any], task: Task[Any]) -> None:
        """Let a task rest until a function that blocks has returned, in a thread of its own."""
        if self._calls is None:
            self._calls = ThreadPoolExecutor(MOST_CALLS_AT_ONCE, thread_name_prefix="delivery")

        def tell(done: Future[Any]) -> None:
            self._returned.append((task, done))
            with contextlib.suppress(OSError):
                self._bell.send(b"!")

        self._calls.submit(function).add_done_callback(tell)

    def _linger(self) -> None:
        end = time.monotonic() + LONGEST_LINGER
        while (left := end - time.monotonic()) > 0 and self._is_early():
            self._listen(left)
            self._go_on()

    def _go_on(self) -> None:
        while self._ready:
            task, value, error = self._ready.popleft()
            task.step(self, value, error)

    def _listen(self, seconds: float) -> None:
        for key, events in self._selector.select(seconds):
            sock = key.fileobj
            if sock is self._ear:
                self._hear_calls()
                continue
            assert isinstance(sock, socket.socket)
            resting = self._resting.pop(sock, None)
            if resting is None:
                self._forget(sock)  # it speaks though nobody listens: whoever listens next will hear it
            elif events & resting[1]:
                self.resume(resting[0])
            else:
                self._resting[sock] = resting

    def _hear_calls(self) -> None:
        self._ear.recv(4096)
        while self._returned:
            task, done = self._returned.popleft()
            error = done.exception()
            self.resume(task, None if error else done.result(), error)

    def _until_due(self) -> float:
        moments = [deadline for _, _, deadline in self._resting.values()]
        moments += self._pausing.values()
        return max(0.0, min(moments) - time.monotonic()) if moments else float("inf")

    def _wake_late(self) -> None:
        now = time.monotonic()
        for sock in [sock for sock, (_, _, deadline) in self._resting.items() if deadline <= now]:
            task, _, _ = self._resting.pop(sock)
            self.resume(task, error=TimeoutError())
        for task in [task for task, until in self._pausing.items() if until <= now]:
            del self._pausing[task]
            self.resume(task)

    def _forget(self, known: Any) -> None:
        with contextlib.suppress(KeyError, ValueError, OSError):
            self._selector.unregister(known)


class Awaited:
    """A rest that can be awaited."""

    __slots__ = ()

    def __await__(self) -> Generator[Any, Any, Any]:
        return (yield self)


class Readiness(Awaited):
    """Rest until a socket can be read or written; raises TimeoutError at `deadline` (`time.monotonic()`)."""

    __slots__ = ("_deadline", "_events", "_socket")

    def __init__(self, sock: socket.socket, deadline: float, *, to_write: bool = False) -> None:
        self._socket = sock
        self._deadline = deadline
        self._events = selectors.EVENT_WRITE if to_write else selectors.EVENT_READ

    def begin(self, loop: Loop, task: Task[Any]) -> None:
        """Rest on the socket."""
        loop.rest_on(self._socket, self._events, self._deadline, task)


class Pause(Awaited):
    """Rest until `time.monotonic()` is at a moment."""

    __slots__ = ("_until",)

    def __init__(self, until: float) -> None:
        self._until = until

    def begin(self, loop: Loop, task: Task[Any]) -> None:
        """Rest until then."""
        loop.pause(self._until, task)


class Call(Awaited):
    """Rest until a function that blocks has returned; gives what it returns, raises what it raises."""

    __slots__ = ("_function",)

    def __init__(self, function: Callable[[], object]) -> None:
        self._function = function

    def begin(self, loop: Loop, task: Task[Any]) -> None:
        """Call it in a thread."""
        loop.call(self._function, task)


class CurrentLoop(Awaited):
    """Give the loop that runs this, at once."""

    __slots__ = ()

    def begin(self, loop: Loop, task: Task[Any]) -> None:
        """Go on."""
        loop.resume(task, loop)


def run_alone(work: Coroutine[Rest, Any, Result]) -> Result:
    """Do one piece of work in a loop of its own."""
    loop = Loop()
    try:
        return loop.run(work)
    finally:
        loop.close()
