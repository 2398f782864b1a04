"""The supervisor hears how we are, over a real datagram socket, by its path or its abstract name."""

from __future__ import annotations

import os
import socket
from pathlib import Path
from uuid import uuid4

import pytest

from digest.service.manners import Manners
from digest.service.notify import Supervisor


@pytest.mark.parametrize("is_abstract", [False, True])
def test_ready_alive_reload_and_stop_are_told_in_turn(is_abstract: bool, tmp_path: Path) -> None:
    name = f"@digest-{uuid4().hex}" if is_abstract else str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ear:
        ear.bind("\0" + name[1:] if is_abstract else name)
        ear.settimeout(5)
        manners = Manners(Supervisor({"NOTIFY_SOCKET": name, "WATCHDOG_USEC": "60000000"}))

        manners.beat()
        manners.beat()
        manners.status("At work.")
        manners.status("At work.")
        with manners.reloading():
            pass
        manners.stop()
        heard = [ear.recv(500).decode() for _ in range(7)]

    assert manners.beat_seconds == 30
    assert heard[:4] == ["READY=1", "WATCHDOG=1", "WATCHDOG=1", "STATUS=At work."]
    assert heard[4].startswith("RELOADING=1\nMONOTONIC_USEC=")
    assert heard[5:] == ["READY=1", "STOPPING=1"]


def test_a_watchdog_that_is_meant_for_another_process_gets_no_signs_of_life(tmp_path: Path) -> None:
    name = str(tmp_path / "notify")
    environ = {"NOTIFY_SOCKET": name, "WATCHDOG_USEC": "2000000", "WATCHDOG_PID": str(os.getpid() + 1)}
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ear:
        ear.bind(name)
        ear.setblocking(False)

        Supervisor(environ).alive()

        with pytest.raises(BlockingIOError):
            ear.recv(100)


@pytest.mark.parametrize("address", ["", "/nowhere/notify", "relative"])
def test_a_supervisor_that_is_not_there_stops_nothing(address: str) -> None:
    supervisor = Supervisor({"NOTIFY_SOCKET": address, "WATCHDOG_USEC": "nonsense"})

    supervisor.ready()
    supervisor.alive()

    assert supervisor.beat_seconds is None
