"""`digest outbox pause`, `resume` and `stop`: what they say, and that a send obeys them."""

from __future__ import annotations

import json

from digest.deliver.sink import Sink
from tests.acceptance.conftest import Project, configuration


def test_a_send_is_paused_resumed_and_stopped_by_hand(project: Project, mailbox: Sink) -> None:
    project.configure(configuration(port=mailbox.port))
    project.run("fetch")
    project.run("draft", "daily")

    assert "paused" in project.run("outbox", "pause", "latest").stdout
    refused = project.run("send", "latest", expect=1).stderr
    assert "is paused" in refused
    assert "digest outbox resume" in refused
    assert mailbox.messages == []

    assert "resumed" in project.run("outbox", "resume", "latest").stdout
    project.run("send", "latest")
    assert len(mailbox.messages) == 2
    assert "stopped, 0 skipped" in project.run("outbox", "stop", "latest").stdout
    assert "(stopped)" in project.run("outbox", "status", "latest").stdout
    assert json.loads(project.run("outbox", "status", "latest", "--json").stdout)["sent"] == 2
    project.run("outbox", "resume", "latest")
    assert "neither paused nor stopped" in project.run("outbox", "resume", "latest", expect=2).stderr
