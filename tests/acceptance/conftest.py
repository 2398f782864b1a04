"""What acceptance tests use: the installed command, a real HTTP server, a real SMTP server, a project."""

from __future__ import annotations

import contextlib
import io
import os
import pty
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from digest.deliver.sink import Sink, open_sink
from tests.acceptance.forking import Forks

COMMAND = Path(sys.executable).parent / "digest"
FORKS = Forks(Path(tempfile.mkdtemp(prefix="digest-forks-")))


@dataclass(slots=True)
class Site:
    """A web server on loopback: what it answers by path, and the paths it was asked for."""

    url: str
    pages: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def put(self, path: str, content: str | bytes, content_type: str = "text/html; charset=utf-8") -> str:
        """Serve content at a path; return its address."""
        self.pages[path] = (content_type, content if isinstance(content, bytes) else content.encode())
        return self.url + path


@pytest.fixture
def site() -> Iterator[Site]:
    """Serve pages over HTTP until the test ends."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found.asked.append(self.path)
            if self.path not in found.pages:
                self.send_error(404)
                return
            content_type, content = found.pages[self.path]
            tag = f'"{len(content)}"'
            self.send_response(304 if self.headers.get("If-None-Match") == tag else 200)
            self.send_header("Content-Type", content_type)
            self.send_header("ETag", tag)
            self.end_headers()
            if self.headers.get("If-None-Match") != tag:
                self.wfile.write(content)

        def log_message(self, *_arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found = Site(url=f"http://127.0.0.1:{server.server_address[1]}")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield found
    server.shutdown()
    server.server_close()


@pytest.fixture
def mailbox() -> Iterator[Sink]:
    """Serve SMTP on loopback until the test ends."""
    with open_sink() as sink:
        yield sink


@pytest.fixture(scope="session", autouse=True)
def _forks() -> Iterator[None]:
    yield
    FORKS.close()


def parsed(content: bytes) -> EmailMessage:
    """Read a message with the standard library's parser, which must find no defect in it."""
    message = message_from_bytes(content, policy=policy.default)
    assert isinstance(message, EmailMessage)
    assert [part.defects for part in message.walk() if part.defects] == []
    return message


@dataclass(frozen=True, slots=True)
class Project:
    """A folder with a configuration, and the installed command run in it."""

    folder: Path

    def configure(self, text: str) -> None:
        """Write the configuration."""
        (self.folder / "config").mkdir(exist_ok=True)
        (self.folder / "config" / "digest.toml").write_text(text, encoding="utf-8")

    def run(
        self, *arguments: str, expect: int | None = 0, stdin: str | None = None, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        """Run the command; fail where its exit code is not the expected one or a traceback shows.

        Where it needs no environment of its own, it is forked from a process that has imported everything.
        """
        if environment:
            done = self._run_installed(arguments, stdin, clean_environment() | environment)
        else:
            done = FORKS.run(
                arguments, folder=self.folder, environment=clean_environment(), stdin=stdin or "", timeout=120
            )
        assert "Traceback" not in done.stderr, done.stderr
        if expect is not None:
            assert done.returncode == expect, (done.returncode, done.stdout, done.stderr)
        return done

    def _run_installed(
        self, arguments: Sequence[str], stdin: str | None, environment: Mapping[str, str]
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(COMMAND), *arguments],
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=120,
            input=stdin,
            env=dict(environment),
            check=False,
        )


def clean_environment() -> dict[str, str]:
    """Return the environment without settings of our own."""
    return {key: value for key, value in os.environ.items() if not key.startswith("DIGEST_")}


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Return an empty project folder."""
    return Project(tmp_path)


def configuration(*, port: int = 2525, more: str = "", newsletter: str = "") -> str:
    """Return a configuration on the sample stories that sends to a server on loopback."""
    return f"""
[smtp]
port = {port}

[fetch]
allow_private = ["127.0.0.0/8"]

[newsletters.daily]
from = "The Daily Dose <dose@example.org>"
readers = ["ada@example.org", "grace@example.org"]
{newsletter}
{more or SAMPLES}
"""


SAMPLES = """
[[sources]]
name = "samples"
kind = "files"
paths = ["sample:*.html", "sample:*.txt", "sample:*.xml"]

[photo_rights]
"science department" = "show"
"""


def wait_for(condition: Callable[[], object], *, seconds: float = 60) -> None:
    """Wait until something outside this process has happened; fail where it does not."""
    pause = threading.Event()
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        pause.wait(0.02)


def show_on_terminal(
    arguments: Sequence[str], *, folder: Path, environment: Mapping[str, str], stream: str
) -> tuple[str, bytes]:
    """Run the command with one stream ("stdout" or "stderr") on a terminal; return what it shows, and the other.

    The terminal is read while the command runs: one that nobody reads fills up, and its writer waits.
    """
    terminal, its_end = pty.openpty()
    process = subprocess.Popen(
        [str(COMMAND), *arguments],
        cwd=folder,
        env=dict(environment),
        stdout=its_end if stream == "stdout" else subprocess.PIPE,
        stderr=its_end if stream == "stderr" else subprocess.PIPE,
    )
    os.close(its_end)
    shown = b""
    with process, io.FileIO(terminal) as screen:
        with contextlib.suppress(OSError):  # Linux says EIO at the end of a terminal's output
            while part := screen.read(65_536):
                shown += part
        other = process.stdout or process.stderr
        told = other.read() if other else b""
        assert process.wait(60) == 0, told
    return shown.decode().replace("\r\n", "\n"), told
