"""The wheel holds all it needs: installed in an empty venv elsewhere, it runs init and demo."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

from tests.acceptance.conftest import clean_environment

CHECKOUT = Path(__file__).resolve().parents[2]


def call(*command: str | Path, cwd: Path) -> str:
    """Run a command outside the checkout; return what it printed."""
    environment = clean_environment() | {"PATH": os.defpath}
    done = subprocess.run(
        [str(part) for part in command], cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, (command, done.stdout, done.stderr)
    return done.stdout


def test_the_wheel_runs_init_and_demo_outside_the_checkout(tmp_path: Path) -> None:
    call(
        sys.executable,
        "-m",
        "build",
        "--wheel",
        "--no-isolation",
        "--outdir",
        tmp_path,
        CHECKOUT,
        cwd=tmp_path,
    )
    (wheel,) = tmp_path.glob("daily_dose-*.whl")
    call(sys.executable, "-m", "venv", tmp_path / "venv", cwd=tmp_path)
    pip: list[str | Path] = [
        tmp_path / "venv/bin/python",
        "-m",
        "pip",
        "install",
        "-qq",
        "--disable-pip-version-check",
    ]
    call(*pip, "--require-hashes", "-r", CHECKOUT / ".ci/requirements.txt", cwd=tmp_path)
    call(*pip, "--no-deps", wheel, cwd=tmp_path)
    digest = tmp_path / "venv/bin/digest"
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()

    written = call(digest, "init", "--templates", cwd=elsewhere).splitlines()
    demo = call(digest, "demo", cwd=elsewhere)
    ran = call(digest, "run", "daily", cwd=elsewhere)

    assert "config/digest.toml" in written
    assert "templates/daily/email.mjml.j2" in written
    assert "Sent to 3 readers" in demo
    assert "sent to 1 reader" in ran
    names = zipfile.ZipFile(wheel).namelist()
    assert not [name for name in names if name.startswith("tests/")]
    assert "digest/help/start.md" in names
    assert "digest/py.typed" in names
