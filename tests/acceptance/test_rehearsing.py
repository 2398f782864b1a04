"""`digest rehearse` sends for real to a server that misbehaves, proves what arrived, and touches nothing else."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.acceptance.conftest import Project, configuration

KINDS = ["4xx", "5xx", "drop-before-dot", "drop-after-dot", "slow", "tls", "kill"]


def rehearsed(project: Project, *arguments: str) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(project.run("rehearse", "latest", "--json", *arguments).stdout)
    return told


@pytest.fixture
def drafted(project: Project) -> Project:
    project.configure(configuration(port=9))
    project.run("fetch")
    project.run("draft", "daily")
    return project


@pytest.mark.slow
def test_with_every_fault_each_reader_gets_exactly_one_or_is_listed(drafted: Project) -> None:
    told = rehearsed(drafted, "--readers", "200")

    assert told["proven"]
    assert told["readers"] == 200
    assert list(told["faults"]) == KINDS
    assert all(told["faults"].values()), told["faults"]
    assert {one["state"] for one in told["listed"]} == {"failed", "doubt"}
    assert all(one["reply"] for one in told["listed"])
    assert told["once"] + sum(one["arrived"] == 0 for one in told["listed"]) == 200
    counts = json.loads(drafted.run("outbox", "status", "latest", "--json").stdout)
    assert sum(value for key, value in counts.items() if key != "edition") == 0


@pytest.mark.slow
def test_the_newsletters_own_readers_meet_one_fault_and_all_have_it(drafted: Project) -> None:
    done = drafted.run("rehearse", "latest", "--fault", "4xx")

    assert "rehearsed with 2 readers" in done.stdout
    assert "2 readers got exactly one; listed with the reason: nobody." in done.stdout
    assert "Proven" in done.stdout
    assert "4xx" in done.stdout
    assert "kill" not in done.stdout


@pytest.mark.slow
def test_what_would_send_twice_is_not_proven(drafted: Project) -> None:
    done = drafted.run(
        "rehearse", "latest", "--readers", "20", "--fault", "drop-after-dot", expect=1,
        DIGEST_SMTP__IN_DOUBT="resend",
    )  # fmt: skip

    assert "got it 2 times" in done.stdout
    assert "Not proven" in done.stdout


def test_a_fault_that_there_is_not_is_refused(drafted: Project) -> None:
    done = drafted.run("rehearse", "latest", "--fault", "meteor", expect=2)

    assert "drop-after-dot" in done.stderr
