"""Start a real PostgreSQL server for tests: on a unix socket alone, in a folder of its own."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROLE = "digest"


def find_binaries() -> Path | None:
    """Return the folder with initdb and pg_ctl, or None: Debian keeps it out of PATH."""
    found = shutil.which("initdb")
    folders = [Path(found).parent] if found else sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    return next((folder for folder in reversed(folders) if (folder / "initdb").exists()), None)


@contextmanager
def postgres_server(binaries: Path) -> Iterator[Path]:
    """Run a server until the block ends; give the folder of its socket.

    The server refuses to run as root, so root starts it as `postgres` or `nobody`. Commits are not forced to
    the disk: tests end the sender, never the machine.
    """
    folder = Path(tempfile.mkdtemp(prefix="dose-pg-", dir="/tmp"))  # a socket's path may have 107 bytes
    prefix = _other_user(folder) if os.geteuid() == 0 else []
    data = folder / "data"
    options = f"-c listen_addresses='' -c unix_socket_directories={folder} -c fsync=off"

    def run(program: str, *arguments: str) -> None:
        subprocess.run(
            [*prefix, str(binaries / program), *arguments], check=True, cwd=folder, stdout=subprocess.DEVNULL
        )

    try:
        run("initdb", "-D", str(data), "-U", ROLE, "-A", "trust", "-E", "UTF8", "--no-sync")
        run("pg_ctl", "-D", str(data), "-l", str(folder / "log"), "-w", "-o", options, "start")
        try:
            yield folder
        finally:
            run("pg_ctl", "-D", str(data), "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def database_url(folder: Path, name: str) -> str:
    """Return the address of a database of that server."""
    return f"postgresql+psycopg://{ROLE}@/{name}?host={folder}"


def make_database(folder: Path, name: str) -> str:
    """Make an empty database and return its address."""
    import psycopg

    with psycopg.connect(host=str(folder), user=ROLE, dbname="postgres", autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"'.encode())
    return database_url(folder, name)


def _other_user(folder: Path) -> list[str]:
    names = {entry.pw_name for entry in pwd.getpwall()}
    name = "postgres" if "postgres" in names else "nobody"
    os.chown(folder, pwd.getpwnam(name).pw_uid, pwd.getpwnam(name).pw_gid)
    return ["runuser", "-u", name, "--"]
