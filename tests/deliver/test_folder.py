"""Delivery into a folder and through a command."""

from __future__ import annotations

from pathlib import Path

import pytest

from digest.deliver.carry import try_out
from digest.deliver.folder import FolderTransport, file_name
from digest.deliver.sendmail import SendmailTransport
from digest.errors import DeliveryError
from digest.model import DeliveryState as S
from tests.deliver.sample import carry_all, make_envelope


def test_each_message_is_a_file_and_a_repeat_replaces_it(tmp_path: Path) -> None:
    transport = FolderTransport(tmp_path / "out" / "box")
    envelopes = [make_envelope("ada@example.org"), make_envelope("grace@example.org")]

    outcomes = carry_all(transport, *envelopes, envelopes[0])

    assert [one.state for one in outcomes] == [S.SENT] * 3
    files = sorted((tmp_path / "out" / "box").iterdir())
    assert [file.name for file in files] == ["1.ada@example.org.eml", "1.grace@example.org.eml"]
    assert files[0].read_bytes() == envelopes[0].content


def test_a_message_that_may_not_end_leaves_no_file(tmp_path: Path) -> None:
    outcome = carry_all(FolderTransport(tmp_path), make_envelope(), before_dot=lambda: False)[0]

    assert outcome.state is S.QUEUED
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "message_id", ["../../etc/passwd@x", "/etc/passwd@x", "..@x", "a\0b@x", "con:aux@x", "x" * 500 + "@y"]
)
def test_no_message_id_leads_out_of_the_folder(message_id: str) -> None:
    name = file_name(f"Message-ID: <{message_id}>\r\n\r\n".encode())

    assert "/" not in name
    assert not name.startswith(".")
    assert len(name) < 200


def test_messages_without_an_id_are_told_apart_by_what_they_say() -> None:
    assert file_name(b"Subject: a\r\n\r\n") != file_name(b"Subject: b\r\n\r\n")


def test_a_folder_that_cannot_be_made_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(DeliveryError, match=r"Cannot write to the folder .*Check smtp\.path"):
        try_out(FolderTransport(tmp_path / "file" / "box"))


def make_command(folder: Path, script: str) -> str:
    path = folder / "sendmail"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return str(path)


def test_a_command_is_given_the_message_and_the_envelope(tmp_path: Path) -> None:
    command = make_command(tmp_path, f'printf "%s\\n" "$@" > {tmp_path}/arguments; cat > {tmp_path}/message')
    envelope = make_envelope("-oQ/tmp@example.org")

    outcome = carry_all(SendmailTransport(command), envelope)[0]

    assert outcome.state is S.SENT
    assert (tmp_path / "arguments").read_text().split("\n") == [
        "-i", "-f", "dose@example.org", "--", "-oQ/tmp@example.org", "",
    ]  # fmt: skip
    assert (tmp_path / "message").read_bytes() == envelope.content.replace(b"\r\n", b"\n")


@pytest.mark.parametrize(
    ("script", "state"),
    [
        ("exit 75", S.DEFERRED),
        ("exit 67", S.FAILED),
        ("exit 1", S.DEFERRED),
        ("kill -9 $$", S.DOUBT),
        ("sleep 5", S.DOUBT),
    ],
)
def test_an_exit_code_is_an_outcome(tmp_path: Path, script: str, state: S) -> None:
    command = make_command(tmp_path, f"cat > /dev/null; echo words >&2; exec 2>&- >&-; {script}")

    assert carry_all(SendmailTransport(command, timeout_seconds=0.5), make_envelope())[0].state is state


def test_a_command_is_not_run_before_the_outbox_has_it_in_writing(tmp_path: Path) -> None:
    command = make_command(tmp_path, f"touch {tmp_path}/ran")

    outcome = carry_all(SendmailTransport(command), make_envelope(), before_dot=lambda: False)[0]

    assert outcome.state is S.QUEUED
    assert not (tmp_path / "ran").exists()


def test_a_command_that_is_not_there_is_one_sentence() -> None:
    with pytest.raises(DeliveryError, match=r"no command '/no/such/sendmail'.*smtp\.path"):
        try_out(SendmailTransport("/no/such/sendmail"))
