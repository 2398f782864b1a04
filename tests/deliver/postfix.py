"""Start a real Postfix of its own for tests: on a high port of loopback, delivering into one Maildir.

It runs as root only (its master changes users), with its own configuration, queue, log and mailbox in one folder.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email import message_from_bytes, policy
from pathlib import Path

from tests.conftest import needs
from tests.deliver.servers import HOST, free_port, wait_for_port

DAEMONS = Path("/usr/lib/postfix/sbin")
REFUSED = "nobody-"
"""Whose address begins so, Postfix refuses at RCPT: 550 5.1.1."""

_QUEUES = (
    "active",
    "bounce",
    "corrupt",
    "defer",
    "deferred",
    "flush",
    "hold",
    "incoming",
    "private",
    "saved",
    "trace",
)
_MASTER = """\
{host}:{port} inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
virtual unix - n n - - virtual
lmtp unix - - n - - lmtp
smtp unix - - n - - smtp
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
tlsmgr unix - - n 1000? 1 tlsmgr
postlog unix-dgram n - n - 1 postlogd
"""
_READERS = """\
if !/^{refused}/
/^(.*)@example\\.org$/ all/
endif
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Postfix:
    """A running server: its port, its configuration, queue and log, and the Maildir of all that arrived."""

    port: int
    config_dir: Path
    queue: Path
    log_file: Path
    maildir: Path

    def arrived(self) -> list[tuple[str, bytes]]:
        """Return what was delivered: the recipient, and the message as Postfix wrote it, its own fields on top."""
        found = []
        for path in sorted((self.maildir / "new").glob("*")):
            content = path.read_bytes()
            top = message_from_bytes(content.partition(b"\n\n")[0], policy=policy.default)
            found.append((str(top["Delivered-To"]), content))
        return found

    def count(self) -> int:
        """Return how many messages were delivered."""
        return sum(1 for _ in (self.maildir / "new").glob("*"))

    def wait_for(self, count: int, *, seconds: float = 30) -> list[tuple[str, bytes]]:
        """Wait until so many have arrived and the queue is empty; return them, or what there is in time."""
        deadline = time.monotonic() + seconds
        while (
            sum(1 for _ in (self.maildir / "new").glob("*")) < count or self.queued()
        ) and time.monotonic() < deadline:
            threading.Event().wait(0.05)
        return self.arrived()

    def queued(self) -> list[Path]:
        """Return the queue's files: what was accepted and not yet delivered."""
        folders = ("maildrop", "incoming", "active", "deferred", "hold")
        return [path for name in folders for path in (self.queue / name).rglob("*") if path.is_file()]

    def command(self, *arguments: str) -> None:
        """Run `postfix`, `postsuper` or `postqueue` on this instance: the first argument is which."""
        subprocess.run([f"/usr/sbin/{arguments[0]}", "-c", str(self.config_dir), *arguments[1:]], check=True)


@contextmanager
def postfix_server(**settings: str) -> Iterator[Postfix]:
    """Run a server until the block ends; `settings` go into main.cf over what stands there.

    Everyone at example.org has a mailbox, except those whose address begins with `REFUSED`.
    """
    needs("Postfix, run as root,", os.geteuid() == 0 and (DAEMONS / "master").exists())
    folder = Path(tempfile.mkdtemp(prefix="dose-postfix-", dir="/tmp"))  # Postfix's own users must reach it
    try:
        server = _lay_out(folder, settings)
        process = subprocess.Popen([DAEMONS / "master", "-c", server.config_dir, "-s"])  # -s: stay in front
        try:
            wait_for_port(server.port)
            yield server
        finally:
            process.terminate()
            process.wait()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _lay_out(folder: Path, settings: dict[str, str]) -> Postfix:
    """Write an instance's files and folders."""
    folder.chmod(0o755)
    config, queue, data, mail = (folder / name for name in ("etc", "queue", "data", "mail"))
    for path in (config, queue, data, mail):
        path.mkdir()
    reader = pwd.getpwnam("nobody")
    shutil.chown(data, "postfix", "postfix")
    shutil.chown(mail, "nobody")
    _make_queue(queue)
    server = Postfix(
        port=free_port(),
        config_dir=config,
        queue=queue,
        log_file=folder / "mail.log",
        maildir=mail / "all",
    )
    main = {
        "compatibility_level": "3.6",
        "queue_directory": str(queue),
        "data_directory": str(data),
        "maillog_file": str(server.log_file),
        "maillog_file_prefixes": str(folder),
        "myhostname": "mx.example.org",
        "mydestination": "",
        "mynetworks": "127.0.0.0/8",
        "inet_interfaces": HOST,
        "inet_protocols": "ipv4",
        "disable_dns_lookups": "yes",
        "smtpd_peername_lookup": "no",
        "smtpd_client_connection_count_limit": "0",
        "in_flow_delay": "0",  # or it takes a message a second from each session, once mail waits in its queue
        "alias_maps": "",
        "alias_database": "",
        "virtual_mailbox_domains": "example.org",
        "virtual_mailbox_base": str(mail),
        "virtual_mailbox_maps": f"regexp:{config / 'readers'}",
        "virtual_minimum_uid": "1",
        "virtual_uid_maps": f"static:{reader.pw_uid}",
        "virtual_gid_maps": f"static:{reader.pw_gid}",
    } | settings
    (config / "main.cf").write_text("".join(f"{key} = {value}\n" for key, value in main.items()))
    hour_ago = time.time() - 3600  # Postfix waits two seconds for a younger file to be written to its end
    os.utime(config / "main.cf", (hour_ago, hour_ago))
    (config / "master.cf").write_text(_MASTER.format(host=HOST, port=server.port))
    (config / "readers").write_text(_READERS.format(refused=REFUSED))
    return server


def _make_queue(queue: Path) -> None:
    """Make the queue's folders as `postfix check` would, in a hundredth of its time."""
    for name in _QUEUES:
        (queue / name).mkdir(mode=0o700)
        shutil.chown(queue / name, "postfix")
    (queue / "pid").mkdir(mode=0o755)
    for name, mode in (("public", 0o710), ("maildrop", 0o730)):
        (queue / name).mkdir()
        (queue / name).chmod(mode)
        shutil.chown(queue / name, "postfix", "postdrop")
