"""The manual's page of daily runs can be followed from an empty folder, and the examples of config/service hold."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import subprocess
from pathlib import Path

import pytest
from typer.main import get_command

from digest.assets import asset_folder
from digest.cli.main import make_app
from tests.acceptance.conftest import COMMAND, Project, clean_environment, wait_for
from tests.conftest import needs

PAGE = Path(__file__).resolve().parents[2] / "digest" / "help" / "daily.md"
SERVICE = asset_folder("config") / "service"
STORY = """<html lang="en"><head><title>Ferry bell rises</title></head><body><article><h1>Ferry bell rises</h1>
<p>Divers raised the bell of the ferry on Monday after ninety-five years at the bottom of the sound. It rang once on
the quay. The museum will show it from spring, said its keeper, Mara Holt, who had looked for it for a decade.</p>
</article></body></html>"""
LASTING = ("preview", "schedule")
UNITS = ("digest.service", "digest-run@.service", "digest-run@.timer")
AT_HOME = "/home/you/my-news", "/home/you/daily-dose/.venv/bin/digest"
INSTALLED = "/srv/my-news", "/srv/daily-dose/.venv/bin/digest"


def _steps() -> list[str]:
    """Return the page's command lines, in order, without what is said beside them."""
    lines = re.findall(
        r"^ {4,}((?:digest|cd|sudo|\d+ \d+) .*)$", PAGE.read_text(encoding="utf-8"), re.MULTILINE
    )
    return [re.split(r" {3,}", line)[0] for line in lines]


def test_the_page_is_followed_from_an_empty_folder_to_the_inbox(project: Project) -> None:
    here = project
    done = []
    for step in _steps():
        program, *arguments = shlex.split(step)
        if program == "cd":
            here = Project(here.folder / arguments[0])
        elif program == "digest" and arguments[0] in LASTING:
            _start_and_stop(here, arguments)
        elif program == "digest":
            if arguments[0] == "doctor":
                _name_a_source(here.folder)
            here.run(*arguments)
        elif program == "sudo" and arguments[0] == "cp":
            assert list(here.folder.glob(arguments[1])), arguments[1]
        done.append(program if program != "digest" else arguments[0])

    letters = [path.read_text(encoding="utf-8") for path in (here.folder / "outbox").glob("*.eml")]
    assert {"init", "doctor", "fetch", "draft", "preview", "send", "status", "run"} <= set(done)
    assert sorted("[Test]" in letter for letter in letters) == [False, True]


def _name_a_source(folder: Path) -> None:
    """Do what the page asks for in words: name a source of one's own in the configuration."""
    (folder / "inbox").mkdir()
    (folder / "inbox" / "bell.html").write_text(STORY, encoding="utf-8")
    file = folder / "config" / "digest.toml"
    source = '[[sources]]\nname = "own"\nkind = "files"\npaths = ["inbox/*.html"]\n\n'
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("[[sources]]\n", source + "[[sources]]\n", 1), encoding="utf-8")


def _start_and_stop(project: Project, arguments: list[str]) -> None:
    """Start a command that lasts on a port that is free, wait until it says something, and stop it."""
    arguments = ["0" if argument == "8765" else argument for argument in arguments]
    log = project.folder / "lasting.log"
    with log.open("wb") as out:
        started = subprocess.Popen(
            [str(COMMAND), *arguments], cwd=project.folder, env=clean_environment(), stdout=out, stderr=out
        )
    wait_for(lambda: log.stat().st_size > 0 or started.poll() is not None)
    started.send_signal(signal.SIGINT)
    assert started.wait(60) in (0, 130), log.read_text(encoding="utf-8")


def _command_lines() -> list[str]:
    """Return what the crontab line and the files of config/service start."""
    found = [line.partition("&& ")[2] for line in _steps() if AT_HOME[1] in line]
    for name in UNITS[:2]:
        text = (SERVICE / name).read_text(encoding="utf-8")
        found += re.findall(r"^ExecStart=(.*)$", text, re.MULTILINE)
    dockerfile = (SERVICE / "Dockerfile").read_text(encoding="utf-8")
    words = re.findall(r"^CMD \[(.*)\]$", dockerfile, re.MULTILINE)
    return [*found, "digest " + words[0].replace('"', "").replace(",", "")]


def test_every_command_and_option_of_the_examples_exists() -> None:
    commands = get_command(make_app()).commands  # type: ignore[attr-defined]
    lines = _command_lines()

    assert len(lines) == 4
    for line in lines:
        _, name, *words = shlex.split(line)
        known = {option for parameter in commands[name].params for option in parameter.opts}
        assert {word for word in words if word.startswith("--")} <= known, line


def test_systemd_finds_nothing_wrong_with_the_units(tmp_path: Path) -> None:
    needs("systemd-analyze", shutil.which("systemd-analyze"))
    for name in UNITS:
        text = (SERVICE / name).read_text(encoding="utf-8")
        text = text.replace(INSTALLED[1], str(COMMAND)).replace(INSTALLED[0], str(tmp_path))
        (tmp_path / name).write_text(text.replace("User=digest", "User=root"), encoding="utf-8")
    named = [name.replace("@", "@daily") for name in UNITS]
    for name, instance in zip(UNITS, named, strict=True):
        if name != instance:
            (tmp_path / instance).write_bytes((tmp_path / name).read_bytes())

    done = subprocess.run(
        ["systemd-analyze", "verify", *(str(tmp_path / name) for name in named)],
        capture_output=True,
        text=True,
        timeout=60,
        env=os.environ | {"SYSTEMD_UNIT_PATH": f"{tmp_path}:/lib/systemd/system"},
        check=False,
    )

    assert str(tmp_path) not in done.stderr
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("key", "value"), [("Type", "notify"), ("ExecReload", "/bin/kill -HUP $MAINPID"), ("KillMode", "mixed")]
)
def test_the_unit_says_how_the_daemon_is_told_and_ended(key: str, value: str) -> None:
    assert f"\n{key}={value}\n" in (SERVICE / "digest.service").read_text(encoding="utf-8")


def test_the_container_copies_what_is_there_and_answers_where_it_is_asked() -> None:
    root = PAGE.parents[2]
    text = (SERVICE / "Dockerfile").read_text(encoding="utf-8")
    address = re.findall(r"DIGEST_SERVICE__HEALTH=(\S+)", text)

    assert all((root / source).exists() for source in re.findall(r"^COPY (\S+) ", text, re.MULTILINE))
    assert f"http://{address[0]}/health" in text
