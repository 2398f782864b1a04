"""Run the command in a process of its own without the second that starting Python and importing takes.

A server imports all that commands import, and for each one forks: the child takes over the folder, environment and
streams it is given, and runs what the installed script runs. `python -m tests.acceptance.forking SOCKET` serves.
"""

from __future__ import annotations

import atexit
import contextlib
import io
import json
import os
import pkgutil
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path

import digest
from digest.cli.main import main as run_command

STREAMS = 3
NOT_IMPORTED = ("__main__", "signing_process")


class Forks:
    """A server of forks, started when first asked."""

    def __init__(self, folder: Path) -> None:
        self._address = folder / "forks"
        self._server: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()

    def run(
        self,
        arguments: Sequence[str],
        *,
        folder: Path,
        environment: Mapping[str, str],
        stdin: str,
        timeout: float,
    ) -> subprocess.CompletedProcess[str]:
        """Run the command to its end; raise TimeoutExpired, the command killed, where that takes too long."""
        with self._connect() as line, contextlib.ExitStack() as files:
            given, out, err = (files.enter_context(_unnamed_file()) for _ in range(STREAMS))
            given.write(stdin.encode())
            given.seek(0)
            order = {"arguments": list(arguments), "folder": str(folder), "environment": dict(environment)}
            content = json.dumps(order).encode()
            socket.send_fds(line, [b"%10d" % len(content)], [file.fileno() for file in (given, out, err)])
            line.sendall(content)
            child = int(line.recv(16))
            line.settimeout(timeout)
            try:
                code = int(line.recv(16))
            except TimeoutError:
                os.kill(child, signal.SIGKILL)
                raise subprocess.TimeoutExpired(list(arguments), timeout) from None
            told = [Path(f"/proc/self/fd/{file.fileno()}").read_text(encoding="utf-8") for file in (out, err)]
        return subprocess.CompletedProcess(list(arguments), code, *told)

    def close(self) -> None:
        """End the server."""
        if self._server is not None:
            self._server.terminate()
            self._server.wait()
        shutil.rmtree(self._address.parent, ignore_errors=True)

    def _connect(self) -> socket.socket:
        with self._lock:
            if self._server is None:
                self._server = subprocess.Popen([sys.executable, "-m", __name__, str(self._address)])
        deadline = time.monotonic() + 60
        while True:
            line = socket.socket(socket.AF_UNIX)
            try:
                line.connect(str(self._address))
            except (FileNotFoundError, ConnectionRefusedError):
                line.close()
                assert time.monotonic() < deadline, "the server of forks did not start"
                threading.Event().wait(0.05)
            else:
                return line


def _unnamed_file() -> io.FileIO:
    return io.FileIO(os.memfd_create("stream"), "r+")


def serve(address: Path) -> None:
    """Import everything, then fork for each command that is asked for, until killed."""
    for module in pkgutil.walk_packages(digest.__path__, "digest."):
        if not module.name.endswith(NOT_IMPORTED) and ".migrations." not in module.name:
            import_module(module.name)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(address))
        server.listen(16)
        while True:
            line, _ = server.accept()
            if os.fork() == 0:
                server.close()
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                _look_after(line)
            line.close()


def _look_after(line: socket.socket) -> None:
    """Fork the command, say its number, wait for its end, say its code."""
    size, streams, _, _ = socket.recv_fds(line, 10, STREAMS)
    content = b""
    while len(content) < int(size):
        content += line.recv(65_536)
    child = os.fork()
    if child == 0:
        line.close()
        _become(streams, **json.loads(content))
    line.sendall(b"%d" % child)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    line.sendall(b"%d" % code)
    os._exit(0)


def _become(
    streams: Sequence[int], *, arguments: list[str], folder: str, environment: Mapping[str, str]
) -> None:
    """Be the command."""
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    time.tzset()
    sys.argv = ["digest", *arguments]
    sys.stdin = os.fdopen(0, encoding="utf-8", closefd=False)
    sys.stdout = os.fdopen(1, "w", encoding="utf-8", closefd=False)
    sys.stderr = os.fdopen(2, "w", encoding="utf-8", closefd=False, buffering=1)
    code = 1
    try:
        run_command()
    except SystemExit as exc:
        code = exc.code if isinstance(exc.code, int) else 1
    finally:
        atexit._run_exitfuncs()
        for written in (sys.stdout, sys.stderr):
            with contextlib.suppress(OSError):
                written.flush()
        os._exit(code)


if __name__ == "__main__":
    serve(Path(sys.argv[1]))
