"""From nothing to an email: init, demo, help, and what goes wrong before anything starts."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.acceptance.conftest import Project, configuration, parsed

EVERY_COMMAND = [
    "init",
    "demo",
    "read",
    "summarize",
    "fetch",
    "draft",
    "show",
    "rights",
    "edit",
    "approve",
    "render",
    "diff",
    "check",
]
EVERY_COMMAND += [
    "preview",
    "send",
    "rehearse",
    "bounces",
    "outbox",
    "subscribers",
    "sources",
    "run",
    "schedule",
    "status",
    "serve",
    "doctor",
    "tidy",
    "backup",
    "restore",
    "help",
]


def test_what_init_writes_runs_as_it_stands(project: Project) -> None:
    written = project.run("init", "news").stdout.splitlines()
    there = Project(project.folder / "news")

    assert [path for path in written if "/service/" not in path] == [
        "news/config/digest.toml",
        "news/config/sites/example.org.toml",
    ]
    assert "sent to 1 reader" in there.run("run", "daily").stdout
    assert "nothing was sent" in there.run("run", "daily").stdout
    assert len(list((there.folder / "outbox").glob("*.eml"))) == 1


def test_init_overwrites_nothing_and_says_so(project: Project) -> None:
    project.configure("# mine\n")

    done = project.run("init", "--templates")

    assert (project.folder / "config/digest.toml").read_text(encoding="utf-8") == "# mine\n"
    assert "templates/daily/email.mjml.j2" in done.stdout
    assert "config/digest.toml" not in done.stdout


def test_demo_writes_the_email_and_says_what_next(project: Project) -> None:
    done = project.run("demo", DIGEST_SMTP__HOST="192.0.2.1", DIGEST_CONFIG="/nowhere.toml")

    out = project.folder / "demo"
    assert len(done.stdout.splitlines()) <= 5
    for name in ("email.html", "email.txt", "email.mjml", "subject.txt", "message.eml"):
        assert (out / name).stat().st_size > 0, name
    assert [path.name for path in project.folder.iterdir()] == ["demo"]
    message = parsed((out / "message.eml").read_bytes())
    assert message["Subject"] == (out / "subject.txt").read_text(encoding="utf-8").strip()


def test_demo_twice_gives_the_same_email(project: Project) -> None:
    project.run("demo")
    first = (project.folder / "demo/email.html").read_bytes()
    project.run("demo")

    assert (project.folder / "demo/email.html").read_bytes() == first


def test_help_names_every_command(project: Project) -> None:
    listed = project.run("--help").stdout.partition("Commands:\n")[2].partition("\n\n")[0]

    assert sorted(line.split()[0] for line in listed.splitlines()) == sorted(EVERY_COMMAND)


def test_the_manual_has_its_pages(project: Project) -> None:
    contents = project.run("help").stdout

    for page in ("start", "sources", "editing", "email", "rights", "sending", "daily", "configuration"):
        assert page in contents
        assert project.run("help", page).stdout.startswith("# ")
    assert "has no page 'nonsense'" in project.run("help", "nonsense", expect=2).stderr


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["nonsense"], "No such command"),
        (["read"], "Missing argument"),
        (["read", "--nonsense", "x"], "No such option"),
        (["draft", "daily"], "There is no config/digest.toml here"),
        (["draft", "daily", "--config", "none.toml"], "Cannot read the configuration none.toml"),
    ],
)
def test_wrong_usage_is_one_sentence_and_exit_2(
    project: Project, arguments: list[str], sentence: str
) -> None:
    assert sentence in project.run(*arguments, expect=2).stderr


def test_every_problem_of_a_configuration_is_told_and_nothing_is_made(project: Project) -> None:
    project.configure(configuration(newsletter='send_at = "25:99"\nsnd = 1'))

    told = project.run("draft", "daily", expect=2).stderr

    assert "newsletters.daily.send_at" in told
    assert "newsletters.daily.snd" in told
    assert not (project.folder / "var").exists()


def test_an_unknown_newsletter_and_edition_are_exit_2(project: Project) -> None:
    project.configure(configuration())

    assert "known: daily" in project.run("draft", "weekly", expect=2).stderr
    assert "There is no edition yet" in project.run("show", "latest", expect=2).stderr
    assert "names no edition" in project.run("show", "tomorrow", expect=2).stderr
    assert "There is no edition daily/2026-11-24" in project.run("show", "daily/2026-11-24", expect=2).stderr
    assert "is not a date" in project.run("draft", "daily", "--date", "tomorrow", expect=2).stderr


def test_a_store_that_is_no_database_is_told(project: Project) -> None:
    project.configure(configuration())
    (project.folder / "var").mkdir()
    (project.folder / "var/digest.db").write_text(
        "this is a shopping list, not a database" * 50, encoding="utf-8"
    )

    assert "could not be used" in project.run("status", expect=1).stderr


def test_every_command_has_its_help(project: Project) -> None:
    for name in EVERY_COMMAND:
        assert project.run(name, "--help").stdout.strip(), name
    assert Path(project.folder, "var").exists() is False
