"""A box is read without a trace: only what was handled is marked and moved, and what cannot be opened is told."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from digest.deliver.imap import ImapServer, open_imap
from digest.deliver.maildir import open_maildir
from digest.errors import DeliveryError
from tests.deliver.dovecot_imap import PASSWORD, USER, ImapDovecot, imap_dovecot
from tests.deliver.servers import HOST, bad_server, free_port

MOST = 10_000
LETTERS = [b"Subject: one\r\n\r\nA\r\n", b"Subject: two\r\n\r\nB\r\n", b"Subject: three\r\n\r\nC\r\n"]


# --- Maildir -------------------------------------------------------------------------------------


@pytest.fixture
def maildir(tmp_path: Path) -> Path:
    for name in ("tmp", "new", "cur"):
        (tmp_path / name).mkdir()
    (tmp_path / "new" / "1700000009.M1.mx").write_bytes(LETTERS[1])
    (tmp_path / "cur" / "900000000.M2.mx:2,F").write_bytes(LETTERS[0])
    (tmp_path / "cur" / "1700000001.M3.mx:2,RS").write_bytes(LETTERS[2])
    return tmp_path


def test_a_maildir_gives_the_unseen_oldest_first_and_changes_nothing(maildir: Path) -> None:
    before = sorted(path for path in maildir.rglob("*"))

    with open_maildir(maildir) as box:
        found = [box.read(letter, most=MOST) for letter in box.letters()]
        short = box.read("1700000009.M1.mx", most=5)

    assert (found, short) == ([LETTERS[0], LETTERS[1]], b"Subje")
    assert sorted(path for path in maildir.rglob("*")) == before


def test_a_handled_letter_is_moved_to_the_folder_handled(maildir: Path) -> None:
    with open_maildir(maildir) as box:
        box.letters()
        box.file_away(["900000000.M2.mx"])
        left = box.letters()

    assert left == ["1700000009.M1.mx"]
    assert (maildir / ".Handled" / "cur" / "900000000.M2.mx:2,FS").read_bytes() == LETTERS[0]
    assert (maildir / "new" / "1700000009.M1.mx").exists()


def test_without_room_for_a_folder_a_handled_letter_is_marked_as_seen(maildir: Path) -> None:
    (maildir / ".Handled").write_text("a file is in the way")

    with open_maildir(maildir) as box:
        box.file_away(box.letters()[1:])

    assert (maildir / "cur" / "1700000009.M1.mx:2,S").exists()
    assert not list((maildir / "new").iterdir())


def test_what_another_program_took_meanwhile_is_no_trouble(maildir: Path) -> None:
    with open_maildir(maildir) as box:
        letters = box.letters()
        (maildir / "new" / "1700000009.M1.mx").unlink()

        assert box.read(letters[1], most=MOST) is None
        box.file_away(letters)


def test_links_pipes_and_folders_in_a_maildir_are_not_followed(maildir: Path) -> None:
    (maildir / "new" / "1.link").symlink_to("/etc/passwd")
    os.mkfifo(maildir / "new" / "2.pipe")
    (maildir / "new" / "3.folder").mkdir()

    with open_maildir(maildir) as box:
        found = {letter: box.read(letter, most=MOST) for letter in box.letters()}

    assert [found[name] for name in ("1.link", "2.pipe", "3.folder")] == [b"", b"", b""]


def test_a_folder_that_is_no_maildir_is_told(tmp_path: Path) -> None:
    with pytest.raises(DeliveryError, match=r"no Maildir at .*bounces\.path"), open_maildir(tmp_path):
        pass


# --- IMAP ----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def dovecot() -> Iterator[ImapDovecot]:
    with imap_dovecot() as server:
        yield server


@pytest.fixture
def box(dovecot: ImapDovecot) -> ImapDovecot:
    """Return the server, with three letters in its box and nothing handled."""
    for path in [*dovecot.mail.glob("*/*M1P1*"), *dovecot.mail.glob(".Handled/*/*")]:
        path.unlink()
    for letter in LETTERS:
        dovecot.put(letter)
    return dovecot


def server_of(dovecot: ImapDovecot, *, security: str = "tls") -> ImapServer:
    return ImapServer(
        host=HOST,
        port=dovecot.tls_port if security == "tls" else dovecot.port,
        security=security,
        username=USER,
        password=PASSWORD,
        ca_file=dovecot.authority,
        timeout_seconds=10,
    )


@pytest.mark.parametrize("security", ["tls", "starttls", "none"])
def test_imap_peeks_and_moves_what_was_handled(box: ImapDovecot, security: str) -> None:
    with open_imap(server_of(box, security=security)) as opened:
        letters = opened.letters()
        found = [opened.read(letter, most=MOST) for letter in letters]
        short = opened.read(letters[0], most=5)
        opened.file_away(letters[1:2])
        left = opened.letters()

    assert (found, short) == (LETTERS, b"Subje")
    assert left == [letters[0], letters[2]]
    assert (box.unseen(), box.seen()) == ([LETTERS[0], LETTERS[2]], [])
    assert box.seen(".Handled") == [LETTERS[1]]


def test_a_box_that_is_only_looked_at_is_not_changed(box: ImapDovecot) -> None:
    with open_imap(server_of(box), is_read_only=True) as opened:
        assert [opened.read(letter, most=MOST) for letter in opened.letters()] == LETTERS

    assert box.unseen() == LETTERS


def test_a_letter_that_is_gone_is_none(box: ImapDovecot) -> None:
    with open_imap(server_of(box)) as opened:
        assert opened.read("4000000", most=MOST) is None


def test_the_folder_is_made_below_inbox_where_the_server_keeps_all_there() -> None:
    with imap_dovecot(prefix="INBOX.") as server:
        server.put(LETTERS[0])
        with open_imap(server_of(server)) as opened:
            opened.file_away(opened.letters())

        assert server.seen(".Handled") == [LETTERS[0]]


def test_without_move_a_handled_letter_is_marked_as_seen() -> None:
    with imap_dovecot(more="imap_capability = IMAP4rev1 AUTH=PLAIN") as server:
        for letter in LETTERS[:2]:
            server.put(letter)
        with open_imap(server_of(server)) as opened:
            opened.file_away(opened.letters()[:1])

        assert (server.seen(), server.unseen()) == ([LETTERS[0]], [LETTERS[1]])


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"password": "wrong"}, r"does not let 'bounces@news.example' in.*password_file"),
        ({"folder": "Nowhere"}, r"folder 'Nowhere'.*cannot be used"),
        ({"ca_file": None}, r"certificate of 127\.0\.0\.1.*cannot be trusted"),
        ({"port": 0}, r"cannot be used .*Check \[bounces\]"),
        ({"security": "tls", "port": -1}, r"cannot be used"),
    ],
)
def test_what_keeps_a_box_shut_is_told(box: ImapDovecot, changed: dict[str, object], told: str) -> None:
    if changed.get("port") == 0:
        changed = {"port": free_port()}
    elif changed.get("port") == -1:
        changed = {"security": "tls", "port": box.port}
    server = replace(server_of(box), **changed)  # type: ignore[arg-type]  # a table of fields

    with pytest.raises(DeliveryError, match=told), open_imap(server):
        pass


@pytest.mark.parametrize(
    "greeting", ["* OK ready", "* BYE go away", "no IMAP at all", "* PREAUTH", "* OK " + "x" * 9000]
)
def test_a_server_that_talks_nonsense_is_told(greeting: str) -> None:
    with bad_server({"GREETING": [greeting], "X": ["what?"]}) as server:
        imap = ImapServer(
            host=HOST, port=server.port, security="none", username="a", password="b", timeout_seconds=2
        )

        with pytest.raises(DeliveryError, match=r"cannot be used|does not let"), open_imap(imap):
            pass
