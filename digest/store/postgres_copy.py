"""Copy a PostgreSQL store with its own programs: pg_dump, pg_restore and psql."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import make_url

from digest.errors import StoreError

LIMIT_SECONDS = 6 * 3600


def dump_store(url: str, target: Path) -> None:
    """Dump a store into a file, custom format: one moment of it. Raises StoreError where that cannot be."""
    _run(
        "pg_dump",
        [*_place(url), "--format=custom", "--no-owner", "--no-privileges", f"--file={target}"],
        url,
    )
    check_dump(target)


def check_dump(path: Path) -> None:
    """Raise StoreError where a file is no dump that can be read to its end."""
    _run("pg_restore", ["--file=/dev/null", str(path)])


def put_back(url: str, dump: Path, *, before: Sequence[str], after: Sequence[str], folder: Path) -> None:
    """Put a dump in the place of a store, with statements run before and after it, all in one transaction.

    Raises StoreError where that cannot be: the store is then as it was.
    """
    first, script, more = folder / "before.sql", folder / "store.sql", folder / "after.sql"
    options = ["--clean", "--if-exists", "--no-owner", "--no-privileges"]
    _run("pg_restore", [*options, f"--file={script}", str(dump)])
    for file, statements in ((first, before), (more, after)):
        file.write_text("".join(f"{statement};\n" for statement in statements), encoding="utf-8")
    _run(
        "psql",
        [
            *_place(url),
            "--no-psqlrc",
            "--quiet",
            "--single-transaction",
            "--set=ON_ERROR_STOP=1",
            f"--file={first}",
            f"--file={script}",
            "--command=SET search_path TO DEFAULT",
            f"--file={more}",
        ],
        url,
    )


def _place(url: str) -> list[str]:
    """Return the options that name the database; its password travels in the environment."""
    parsed = make_url(url)
    facts: dict[str, object] = {
        "host": parsed.host,
        "port": parsed.port,
        "user": parsed.username,
        "dbname": parsed.database,
    }
    facts |= {key: value for key, value in parsed.query.items() if key != "password"}
    quoted = (
        f"{key}='" + str(value).replace("\\", "\\\\").replace("'", "\\'") + "'"
        for key, value in facts.items()
        if value
    )
    return ["--no-password", f"--dbname={' '.join(quoted)}"]


def _run(program: str, arguments: Sequence[str], url: str = "") -> None:
    found = shutil.which(program)
    if found is None:
        raise StoreError(
            f"PostgreSQL is backed up and restored by its own {program}, which is not on this machine. "
            "Install it (Debian: postgresql-client), or type this where it is."
        )
    environment = dict(os.environ)
    if url:
        parsed = make_url(url)
        password = parsed.password or parsed.query.get("password")
        environment |= {"PGPASSWORD": str(password)} if password else {}
    try:
        done = subprocess.run(
            [found, *arguments],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            timeout=LIMIT_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as exc:
        raise StoreError(f"{program} did not end within six hours. Nothing was changed.") from exc
    if done.returncode:
        lines = done.stderr.decode(errors="replace").strip().splitlines()
        cause = next((line for line in lines if "error" in line.lower()), lines[0] if lines else "")
        raise StoreError(
            f"{program} failed ({cause.strip() or f'exit code {done.returncode}'}). "
            "Nothing was changed; check store.url, the disk and the program's version."
        )
