"""Name this process as an owner of leases, so that another on this machine can tell whether it still lives.

Name also the person it works for.
"""

from __future__ import annotations

import getpass
import os
import secrets
import socket
from hashlib import sha256
from pathlib import Path

_PROC = Path("/proc")


def process_name() -> str:
    """Return the name of this process, always the same, of at most 90 characters: `host:pid:started:machine`.

    Where /proc tells them, it holds the moment the process started and a mark of this boot and process namespace:
    together they name one process for ever.
    """
    host = socket.gethostname().replace(":", "-")[:40]
    return f"{host}:{os.getpid()}:{_started(os.getpid()) or '-'}:{_machine() or '-'}"


def own_name() -> str:
    """Return a name for one of several owners in this process, a new one at each call, of at most 100 characters."""
    return f"{process_name()}:{secrets.token_hex(4)}"


def login_name() -> str:
    """Return who is logged in here, as an edition's history tells it; empty where that is not known."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user may have no entry, nor any of the variables
        return ""


def is_dead(owner: str) -> bool:
    """Say whether an owner's process is known to have ended. Of another machine or boot, nothing is known."""
    found = _process_here(owner)
    return found is not None and _started(found[0]) != found[1]


def is_alive(owner: str) -> bool:
    """Say whether an owner's process is known to be at work on this machine."""
    found = _process_here(owner)
    return found is not None and _started(found[0]) == found[1]


def _process_here(owner: str) -> tuple[int, str] | None:
    """Return the number and start of an owner's process, or None where it is not one of this machine and boot."""
    parts = owner.split(":")
    if len(parts) not in (4, 5) or "-" in parts[2:4] or not parts[1].isdigit() or parts[3] != _machine():
        return None
    return int(parts[1]), parts[2]


def _started(pid: int) -> str:
    """Return when a process started, in the kernel's ticks since boot; empty where there is none, or it is a zombie."""
    try:
        fields = (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return ""
    return "" if fields[0] in "ZX" else fields[19]


def _machine() -> str:
    """Return a mark of this boot and process namespace; empty where /proc does not tell."""
    try:
        boot = (_PROC / "sys/kernel/random/boot_id").read_text()
        namespace = (_PROC / "self/ns/pid").readlink()
    except OSError:
        return ""
    return sha256(f"{boot}{namespace}".encode()).hexdigest()[:16]
