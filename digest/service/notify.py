"""Speak sd_notify(3) to what supervises the service: one datagram to the socket that NOTIFY_SOCKET names."""

from __future__ import annotations

import logging
import os
import socket
import time
from collections.abc import Mapping

log = logging.getLogger(__name__)


class Supervisor:
    """What started us, where it wants to know how we are; without one, nothing is said.

    `beat_seconds` is how often it wants a sign of life, half of what it waits for: None where it watches nothing.
    """

    def __init__(self, environ: Mapping[str, str] = os.environ) -> None:
        self._address = _address(environ.get("NOTIFY_SOCKET", ""))
        self.beat_seconds = _beat_seconds(environ) if self._address else None
        self._status = ""

    def ready(self) -> None:
        """Say that the service is up, or has read its configuration anew."""
        self._say("READY=1")

    def reloading(self) -> None:
        """Say that the configuration is read anew."""
        self._say(f"RELOADING=1\nMONOTONIC_USEC={time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000}")

    def stopping(self) -> None:
        """Say that the service ends, when its last sends have."""
        self._say("STOPPING=1")

    def alive(self) -> None:
        """Give the sign of life that keeps the watchdog quiet."""
        if self.beat_seconds is not None:
            self._say("WATCHDOG=1")

    def status(self, text: str) -> None:
        """Say in a line what the service is doing, where that has changed."""
        if text != self._status:
            self._status = text
            self._say(f"STATUS={text}")

    def _say(self, message: str) -> None:
        if not self._address:
            return
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as line:
                line.settimeout(1)
                line.sendto(message.encode(), self._address)
        except OSError as exc:
            log.debug("the supervisor cannot be told: %s", exc)


def _address(named: str) -> str:
    """Return the address of the socket: a path, or an abstract one, which systemd writes with '@' in front."""
    if named.startswith("@"):
        return "\0" + named[1:]
    return named if named.startswith("/") else ""


def _beat_seconds(environ: Mapping[str, str]) -> float | None:
    """Return half of the watchdog's patience, where it is meant for this process."""
    try:
        patience = int(environ.get("WATCHDOG_USEC", "0"))
        meant_for = int(environ.get("WATCHDOG_PID", os.getpid()))
    except ValueError:
        return None
    return patience / 2_000_000 if patience > 0 and meant_for == os.getpid() else None
