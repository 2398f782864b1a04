"""A sender in a process of its own, for tests that kill it.

`python -m tests.deliver.sender STORE_URL PORT [LOG_FILE]`: with a log, doubts are looked up in it as Postfix's.
"""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta
from pathlib import Path

from digest.deliver.dispatch import Plan, dispatch, utc_now
from digest.deliver.links import Links, Signer
from digest.deliver.message import build_message, envelope_maker
from digest.deliver.postfix_log import PostfixLog
from digest.deliver.session import MailServer
from digest.deliver.smtp import SmtpTransport
from digest.store.database import open_database
from digest.store.mailing import Mailing
from tests.deliver.sample import EDITION, make_newsletter, make_rendered

CONNECTIONS = 4


def main(url: str, port: int, log_file: str = "") -> None:
    newsletter = make_newsletter()
    resolver = PostfixLog(Path(log_file), return_path=lambda delivery: None) if log_file else None
    dispatch(
        Mailing(open_database(url), secret=lambda: b"s" * 32),
        EDITION,
        transport_factory=lambda: SmtpTransport(MailServer(port=port, timeout_seconds=5)),
        make_message=envelope_maker(
            build_message(make_rendered(html="<p>Hello @@NAME@@</p>" * 500), newsletter),
            newsletter,
            Links(Signer(b"k" * 32), newsletter),
            now=utc_now,
        ),
        plan=Plan(connections=CONNECTIONS, lease=timedelta(seconds=1), resolver=resolver),
    )


def start_sender(
    url: str, port: int, log_file: Path | None = None, *, largest_file: int = 0
) -> subprocess.Popen[bytes]:
    """Start a sender in a process of its own; with `largest_file`, no file may grow beyond so many bytes."""
    command = [sys.executable, "-m", "tests.deliver.sender", url, str(port)]
    if largest_file:
        command = ["prlimit", f"--fsize={largest_file}", *command]
    return subprocess.Popen(command + ([str(log_file)] if log_file else []))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), *sys.argv[3:])
