"""Start a real Dovecot of its own for tests: LMTP alone, on a unix socket and a high port of loopback."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.conftest import needs
from tests.deliver.servers import HOST, free_port, wait_for_port

PROGRAM = Path("/usr/sbin/dovecot")
FULL = "full@example.org"
"""Whose mailbox holds nothing more: 552 after the message."""

_CONFIGURATION = """\
base_dir = {folder}/run
state_dir = {folder}/run
log_path = {folder}/log
protocols = lmtp
ssl = no
default_login_user = nobody
default_internal_user = nobody
default_internal_group = nogroup
mail_location = maildir:{folder}/mail/%u
first_valid_uid = 1
mail_plugins = quota
mailbox_list_index = no
plugin {{
  quota = maildir:Space
}}
passdb {{
  driver = passwd-file
  args = {folder}/readers
}}
userdb {{
  driver = passwd-file
  args = {folder}/readers
}}
service lmtp {{
  process_min_avail = 1
  unix_listener {folder}/lmtp {{
    mode = 0666
  }}
  inet_listener lmtp {{
    address = {host}
    port = {port}
  }}
}}
service stats {{
  unix_listener stats-writer {{
    mode = 0666
  }}
}}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dovecot:
    """A running server: its port, its socket, the folder of mailboxes by address, and its log."""

    port: int
    socket: Path
    mail: Path
    log_file: Path

    def arrived(self) -> list[tuple[str, bytes]]:
        """Return what was delivered: the mailbox's address, and the message as Dovecot wrote it."""
        return [(path.parent.parent.name, path.read_bytes()) for path in sorted(self.mail.glob("*/new/*"))]


@contextmanager
def dovecot_server(addresses: list[str]) -> Iterator[Dovecot]:
    """Run a server with these mailboxes until the block ends; whoever else is unknown there."""
    needs("Dovecot's LMTP, run as root,", os.geteuid() == 0 and Path("/usr/lib/dovecot/lmtp").exists())
    folder = Path(tempfile.mkdtemp(prefix="dose-dovecot-", dir="/tmp"))  # Dovecot's own users must reach it
    try:
        server = _lay_out(folder, addresses)
        with running(folder, server.port):
            yield server
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def running(folder: Path, port: int) -> Iterator[None]:
    """Run Dovecot by the configuration in a folder, from when it listens at a port until the block ends."""
    # -F: stay in front; what it says before it has its log is of no use here
    process = subprocess.Popen(
        [PROGRAM, "-F", "-c", folder / "dovecot.conf"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={"PATH": os.environ["PATH"]},
    )
    try:
        wait_for_port(port)
        yield
    finally:
        process.terminate()
        process.wait()


def make_mail_folder(folder: Path) -> tuple[Path, pwd.struct_passwd]:
    """Make what a server needs in its folder; return where the mailboxes lie, and whose they are."""
    folder.chmod(0o755)
    reader = pwd.getpwnam("nobody")
    mail = folder / "mail"
    mail.mkdir()
    os.chown(mail, reader.pw_uid, reader.pw_gid)
    (folder / "run").mkdir()
    return mail, reader


def _lay_out(folder: Path, addresses: list[str]) -> Dovecot:
    mail, reader = make_mail_folder(folder)
    port = free_port()
    (folder / "dovecot.conf").write_text(_CONFIGURATION.format(folder=folder, host=HOST, port=port))
    lines = [f"{address}::{reader.pw_uid}:{reader.pw_gid}::{mail}/{address}::" for address in addresses]
    lines.append(f"{FULL}::{reader.pw_uid}:{reader.pw_gid}::{mail}/{FULL}::userdb_quota_rule=*:bytes=10")
    (folder / "readers").write_text("\n".join(lines) + "\n")
    return Dovecot(port=port, socket=folder / "lmtp", mail=mail, log_file=folder / "log")
