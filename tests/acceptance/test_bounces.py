"""`digest bounces` reads a real box, stops whom no mail reaches, and leaves other people's letters alone."""

from __future__ import annotations

import json

import pytest

from digest.deliver.message import bounce_key_of
from digest.deliver.sink import Sink
from tests.acceptance.conftest import Project, configuration, parsed
from tests.conftest import DATA
from tests.deliver.dovecot_imap import PASSWORD, USER, imap_dovecot
from tests.deliver.servers import HOST

RETURN_PATH = 'return_path = "bounces+{delivery}@news.example"\n'
IN_FILES = "<daily.2026-11-24.a1b2c3d4e5f60718293a@news.example>"


def sent(project: Project, mailbox: Sink, more: str) -> dict[str, bytes]:
    """Send an edition to two readers; return by reader what bounces, and what leaves, as mail of theirs."""
    text = configuration(port=mailbox.port).replace("[smtp]\n", "[smtp]\n" + RETURN_PATH)
    project.configure(text + more)
    project.run("fetch")
    project.run("draft", "daily")
    project.run("send", "latest")
    bounce = (DATA / "deliver" / "reports" / "postfix-unknown-user.eml").read_bytes()
    letters: dict[str, bytes] = {}
    for _, content in mailbox.messages:
        message = parsed(content)
        message_id, reader = str(message["Message-ID"]), str(message["To"])
        letters[f"bounce {len(letters) // 2}"] = bounce.replace(
            IN_FILES.encode(), message_id.encode()
        ).replace(bounce_key_of(IN_FILES).encode(), bounce_key_of(message_id).encode())
        subject = str(message["List-Unsubscribe"]).partition("subject=unsubscribe%20")[2].partition(">")[0]
        letters[f"leave {len(letters) // 2}"] = (
            f"From: {reader}\nTo: dose@example.org\nSubject: unsubscribe {subject}\n\n".encode()
        )
    return letters


def states(project: Project) -> list[str]:
    lines = project.run("subscribers", "list", "--newsletter", "daily", "--json").stdout.splitlines()
    return sorted(json.loads(line)["state"] for line in lines)


def test_a_maildir_is_read_and_a_second_reading_finds_nothing(project: Project, mailbox: Sink) -> None:
    letters = sent(project, mailbox, '[bounces]\nkind = "maildir"\npath = "Maildir"\n')
    box = project.folder / "Maildir"
    for name in ("tmp", "new", "cur"):
        (box / name).mkdir(parents=True)
    for number, letter in enumerate(
        (letters["bounce 0"], letters["leave 1"], b"Subject: Hello\n\nYours, Ada\n")
    ):
        (box / "new" / f"{number}.M1.mx").write_bytes(letter)

    dry = project.run("bounces", "--dry-run").stdout
    logged = project.run("bounces", "--dry-run", DIGEST_UNNAMED="1")
    assert states(project) == ["active", "active"]
    told = [json.loads(line) for line in project.run("bounces", "--json").stdout.splitlines()]
    again = project.run("bounces").stdout

    assert "3 read: 2 found, 1 left alone" in dry
    assert "3 read: 2 found, 1 left alone" in logged.stdout
    assert "@" in dry
    assert "@" not in logged.stdout + logged.stderr
    assert [(one["kind"], one["effect"]) for one in told] == [
        ("bounced", "stopped"),
        ("leaving", "left"),
        ("other", "left alone"),
    ]
    assert again == ""
    assert states(project) == ["bounced", "left"]
    assert [path.name for path in (box / "new").iterdir()] == ["2.M1.mx"]


def test_an_imap_box_is_read(project: Project, mailbox: Sink) -> None:
    with imap_dovecot() as server:
        (project.folder / "box-password").write_text(PASSWORD + "\n", encoding="utf-8")
        letters = sent(
            project,
            mailbox,
            f'[bounces]\nkind = "imap"\nhost = "{HOST}"\nport = {server.tls_port}\nusername = "{USER}"\n'
            f'password_file = "box-password"\nca_file = "{server.authority}"\n',
        )
        for letter in (letters["bounce 0"], b"Subject: Hello\r\n\r\nYours, Ada\r\n"):
            server.put(letter)
        box = [line for line in project.run("doctor").stdout.splitlines() if "box of bounces" in line]
        told = project.run("bounces").stdout.splitlines()

        assert any("2 letters that nobody has seen" in line for line in box)
        assert told[0].startswith("stopped") and "5.1.1" in told[0]
        assert told[-1] == "2 read: 1 stopped, 1 left alone"
        assert (len(server.seen(".Handled")), len(server.unseen())) == (1, 1)
    assert states(project) == ["active", "bounced"]


@pytest.mark.parametrize(
    ("more", "code", "told"),
    [
        ("", 2, "no box is configured"),
        ('[bounces]\nkind = "maildir"\npath = "nowhere"\n', 1, "no Maildir at"),
    ],
)
def test_a_box_that_is_not_there_is_told(project: Project, more: str, code: int, told: str) -> None:
    project.configure(configuration(port=25) + more)

    assert told in project.run("bounces", expect=code).stderr
