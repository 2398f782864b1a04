"""Owners of leases: dead only where that is certain."""

from __future__ import annotations

import subprocess
import sys

import pytest

from digest.process import is_alive, is_dead, own_name, process_name

OTHER = "from digest.process import own_name; print(own_name(), flush=True); input()"


def test_a_name_is_new_each_time_and_fits_its_column() -> None:
    assert own_name() != own_name()
    assert len(own_name()) <= 100


def test_a_process_is_dead_when_it_has_ended_and_not_before() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", OTHER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        name = other.stdout.readline().strip()
        assert is_alive(name)
        assert not is_dead(name)
        other.kill()
        other.wait()

    assert is_dead(name)
    assert not is_alive(name)
    assert not is_dead(own_name())
    assert is_alive(own_name())


def test_a_process_has_one_name_of_its_own() -> None:
    assert process_name() == process_name()
    assert is_alive(process_name())
    assert own_name().startswith(f"{process_name()}:")


def test_another_process_with_the_same_number_is_not_the_owner() -> None:
    host, pid, started, machine, mark = own_name().rsplit(":", 4)

    assert is_dead(f"{host}:{pid}:{int(started) - 1}:{machine}:{mark}")


@pytest.mark.parametrize(
    "owner", ["", "me", "host:1:2:0123456789abcdef:aa", "host:99999999:-:-:aa", "a:b:c:d:e"]
)
def test_of_owners_elsewhere_nothing_is_known(owner: str) -> None:
    assert not is_dead(owner)
    assert not is_alive(owner)
