"""Start a real Dovecot of its own for tests: IMAP, with STARTTLS on one port of loopback and TLS on another."""

from __future__ import annotations

import os
import pwd
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import trustme

from tests.conftest import needs
from tests.deliver.dovecot import make_mail_folder, running
from tests.deliver.servers import HOST, free_port, write_authority

USER = "bounces@news.example"
PASSWORD = "pässword of the box"

_CONFIGURATION = """\
base_dir = {folder}/run
state_dir = {folder}/run
log_path = {folder}/log
protocols = imap
ssl = yes
ssl_cert = <{folder}/server.pem
ssl_key = <{folder}/server.pem
default_login_user = nobody
default_internal_user = nobody
default_internal_group = nogroup
mail_location = maildir:{folder}/mail/%u
first_valid_uid = 1
auth_failure_delay = 0
service anvil {{
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
namespace inbox {{
  inbox = yes
  separator = .
  prefix = {prefix}
}}
passdb {{
  driver = passwd-file
  args = {folder}/readers
}}
userdb {{
  driver = passwd-file
  args = {folder}/readers
}}
service imap-login {{
  inet_listener imap {{
    address = {host}
    port = {port}
  }}
  inet_listener imaps {{
    address = {host}
    port = {tls_port}
    ssl = yes
  }}
}}
service stats {{
  unix_listener stats-writer {{
    mode = 0666
  }}
}}
{more}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImapDovecot:
    """A running server: its ports, the authority of its certificate, and the box as a Maildir."""

    port: int
    tls_port: int
    authority: Path
    mail: Path
    written: list[Path] = field(default_factory=list)

    def put(self, content: bytes) -> None:
        """Lay a letter into the box."""
        for name in ("", "tmp", "new", "cur"):
            folder = self.mail / name
            folder.mkdir(parents=True, exist_ok=True)
            self._give(folder)
        path = self.mail / "new" / f"{1_700_000_000 + len(self.written)}.M1P1.mx.example"
        path.write_bytes(content)
        self._give(path)
        self.written.append(path)

    def unseen(self, folder: str = "") -> list[bytes]:
        """Return the letters of a folder that nobody has seen, as its files have them."""
        return self._letters(folder, is_seen=False)

    def seen(self, folder: str = "") -> list[bytes]:
        """Return the letters of a folder that are marked as seen."""
        return self._letters(folder, is_seen=True)

    def _letters(self, folder: str, *, is_seen: bool) -> list[bytes]:
        files = [*(self.mail / folder / "new").glob("*"), *(self.mail / folder / "cur").glob("*")]
        return [one.read_bytes() for one in sorted(files) if ("S" in one.name.partition(":2,")[2]) is is_seen]

    def _give(self, path: Path) -> None:
        reader = pwd.getpwnam("nobody")
        os.chown(path, reader.pw_uid, reader.pw_gid)


@contextmanager
def imap_dovecot(*, prefix: str = "", more: str = "") -> Iterator[ImapDovecot]:
    """Run a server with one box, `USER`'s, until the block ends. `prefix` stands before its folders' names."""
    needs("Dovecot's IMAP, run as root,", os.geteuid() == 0 and Path("/usr/lib/dovecot/imap").exists())
    folder = Path(tempfile.mkdtemp(prefix="dose-imap-", dir="/tmp"))  # Dovecot's own users must reach it
    try:
        server = _lay_out(folder, prefix, more)
        with running(folder, server.port):
            yield server
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _lay_out(folder: Path, prefix: str, more: str) -> ImapDovecot:
    mail, reader = make_mail_folder(folder)
    authority = trustme.CA()
    authority.issue_cert(HOST).private_key_and_cert_chain_pem.write_to_path(folder / "server.pem")
    port, tls_port = free_port(), free_port()
    text = _CONFIGURATION.format(
        folder=folder, host=HOST, prefix=prefix, more=more, port=port, tls_port=tls_port
    )
    (folder / "dovecot.conf").write_text(text)
    line = f"{USER}:{{PLAIN}}{PASSWORD}:{reader.pw_uid}:{reader.pw_gid}::{mail}/{USER}::\n"
    (folder / "readers").write_text(line)
    path = write_authority(authority, folder)
    return ImapDovecot(port=port, tls_port=tls_port, authority=path, mail=mail / USER)
