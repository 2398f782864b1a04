"""Hear the signals that a service is sent, without running anything in the middle of something else."""

from __future__ import annotations

import os
import select
import signal
from collections.abc import Callable
from types import FrameType, TracebackType

STOP = (signal.SIGTERM, signal.SIGINT)
RELOAD = signal.SIGHUP
Handler = Callable[[int, FrameType | None], object] | int | signal.Handlers | None


class Signals:
    """SIGTERM and SIGINT ask to stop, SIGHUP to read the configuration again. Listens within a `with` block."""

    def __init__(self) -> None:
        self.is_stopping = False
        self._is_reloading = False
        self._reader, self._writer = os.pipe()
        os.set_blocking(self._writer, False)
        os.set_blocking(self._reader, False)
        self._before: dict[signal.Signals, Handler] = {}

    def __enter__(self) -> Signals:
        for number in (*STOP, RELOAD):
            self._before[number] = signal.signal(number, self._take)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
        os.close(self._reader)
        os.close(self._writer)

    def wait(self, seconds: float) -> None:
        """Wait, but not past a signal."""
        if not self.is_stopping and select.select([self._reader], [], [], max(0.0, seconds))[0]:
            os.read(self._reader, 1024)

    def take_reload(self) -> bool:
        """Say whether a new configuration was asked for since this was last called."""
        asked, self._is_reloading = self._is_reloading, False
        return asked

    def stop(self) -> None:
        """Ask to stop, as a signal would."""
        self.is_stopping = True

    def _take(self, number: int, _frame: FrameType | None) -> None:
        if number == RELOAD:
            self._is_reloading = True
        else:
            self.is_stopping = True
        try:
            os.write(self._writer, b"!")
        except BlockingIOError:
            return  # the pipe is full of earlier signals: the waiter wakes all the same
