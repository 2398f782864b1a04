"""The installed command delivers over real SMTP, each message once, and says what could not be."""

from __future__ import annotations

import json
import signal
import subprocess
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest
import trustme

from digest.app import open_config, open_stores
from digest.deliver.sink import Sink
from digest.model import SubscriberState
from tests.acceptance.conftest import COMMAND, Project, clean_environment, configuration, parsed, wait_for
from tests.deliver.servers import Mailbag, good_server, write_authority

READERS = ["ada@example.org", "grace@example.org"]


def secured(mailbag: Mailbag, security: str, authority: Path) -> str:
    """Return a configuration that sends over TLS and logs in."""
    smtp = f'security = "{security}"\nca_file = "{authority}"\nusername = "ada"\npassword_file = "secret"\n'
    return configuration(port=mailbag.port).replace("[fetch]", smtp + "[fetch]", 1)


def drafted(project: Project) -> None:
    project.run("fetch")
    project.run("draft", "daily")


def status(project: Project) -> dict[str, int]:
    counts = json.loads(project.run("outbox", "status", "latest", "--json").stdout)
    assert list(counts) == [
        *("edition", "queued", "leased", "inflight", "sent", "deferred", "failed", "doubt", "skipped")
    ]
    del counts["edition"]
    return {state: count for state, count in counts.items() if count}


@pytest.mark.parametrize("security", ["starttls", "tls"])
@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN"])
def test_tls_and_login(project: Project, security: str, mechanism: str) -> None:
    authority = trustme.CA()
    (project.folder / "secret").write_text("pässword\n", encoding="utf-8")
    file = write_authority(authority, project.folder)
    certificate = authority.issue_cert("127.0.0.1")
    with good_server(
        security=security, certificate=certificate, with_auth=True, mechanisms=[mechanism]
    ) as bag:
        project.configure(secured(bag, security, file))

        done = project.run("run", "daily")

    assert "sent to 2 readers" in done.stdout
    assert sorted(to for to, _ in bag.messages) == READERS
    assert set(bag.logins) == {mechanism}


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_certificate_that_nobody_vouches_for_is_refused(project: Project, security: str) -> None:
    ours, theirs = trustme.CA(), trustme.CA()
    (project.folder / "secret").write_text("pässword\n", encoding="utf-8")
    file = write_authority(ours, project.folder)
    with good_server(security=security, certificate=theirs.issue_cert("127.0.0.1")) as bag:
        project.configure(secured(bag, security, file))

        told = project.run("run", "daily", expect=1).stderr

    assert "certificate" in told
    assert bag.messages == []
    assert status(project) == {"queued": 2}


def test_a_wrong_password_is_told_and_not_shown(project: Project) -> None:
    authority = trustme.CA()
    (project.folder / "secret").write_text("wrong-hunter2\n", encoding="utf-8")
    file = write_authority(authority, project.folder)
    with good_server(security="tls", certificate=authority.issue_cert("127.0.0.1"), with_auth=True) as bag:
        project.configure(secured(bag, "tls", file))

        told = project.run("run", "daily", expect=1).stderr

    assert "password" in told
    assert "hunter2" not in told
    assert bag.messages == []


def test_a_dead_server_loses_nothing(project: Project, mailbox: Sink) -> None:
    project.configure(configuration(port=1))
    drafted(project)

    told = project.run("send", "latest", expect=1).stderr
    project.configure(configuration(port=mailbox.port))
    after = project.run("send", "latest")
    again = project.run("send", "latest")

    assert "127.0.0.1:1" in told
    assert "sent to 2 readers" in after.stdout
    assert "nothing was sent" in again.stdout
    assert sorted(to for to, _ in mailbox.messages) == READERS


def test_refusals_are_told_apart(project: Project) -> None:
    with good_server() as bag:
        bag.refusals = {
            "ada@example.org": "550 5.7.1 Rejected by policy",
            "grace@example.org": "450 4.2.1 Busy",
        }
        project.configure(
            configuration(port=bag.port, newsletter="").replace('"grace', '"alan@example.org", "grace')
        )
        drafted(project)

        done = project.run("send", "latest", "--wait-seconds", "0", expect=3)
        counts = status(project)
        listed = project.run("outbox", "list", "latest").stdout
        bag.refusals = {}
        project.run("outbox", "retry", "latest")
        project.run("send", "latest")

    assert counts == {"sent": 1, "deferred": 1, "failed": 1}
    assert "5.7.1 Rejected by policy" in done.stderr
    assert "4.2.1 Busy" in listed
    assert Counter(to for to, _ in bag.messages) == Counter(
        {"alan@example.org": 1, **dict.fromkeys(READERS, 1)}
    )


def test_whom_the_server_does_not_know_gets_no_more_unless_it_knows_nobody(project: Project) -> None:
    with good_server() as bag:
        bag.refusals = dict.fromkeys(READERS, "550 5.1.1 No such user")
        project.configure(configuration(port=bag.port))
        drafted(project)
        project.run("send", "latest", "--wait-seconds", "0", expect=3)
        misled = states(project)
        del bag.refusals["grace@example.org"]
        project.run("outbox", "retry", "latest")
        project.run("send", "latest", "--wait-seconds", "0", expect=3)

    assert misled == {"ada@example.org": "active", "grace@example.org": "active"}
    assert states(project) == {"ada@example.org": "bounced", "grace@example.org": "active"}


def states(project: Project) -> dict[str, str]:
    lines = project.run("subscribers", "list", "--newsletter", "daily", "--json").stdout.splitlines()
    return {one["address"]: one["state"] for one in map(json.loads, lines)}


def test_a_test_copy_goes_to_that_address_alone(project: Project, mailbox: Sink) -> None:
    project.configure(configuration(port=mailbox.port, newsletter='approval = "manual"'))
    drafted(project)

    project.run("send", "latest", "--to", "me@example.org")

    ((recipient, content),) = mailbox.messages
    message = parsed(content)
    assert recipient == "me@example.org"
    assert str(message["Subject"]).startswith("[Test] ")
    assert message["List-Unsubscribe"] is None
    assert status(project) == {}
    assert "is no email address" in project.run("send", "latest", "--to", "nobody", expect=2).stderr


def test_a_dry_run_says_what_would_happen_and_changes_nothing(project: Project, mailbox: Sink) -> None:
    project.configure(configuration(port=mailbox.port))
    drafted(project)

    done = project.run("send", "latest", "--dry-run")

    assert "would go to 2 readers; nothing was sent" in done.stdout
    assert mailbox.messages == []
    assert "approved" in project.run("show", "latest").stdout


def test_a_message_is_complete(project: Project, mailbox: Sink) -> None:
    project.configure(configuration(port=mailbox.port))
    project.run("run", "daily")

    message = parsed(dict(mailbox.messages)["ada@example.org"])

    assert message["To"] == "ada@example.org"
    assert message["From"] == "The Daily Dose <dose@example.org>"
    for header in ("Date", "Message-ID", "List-Id", "List-Unsubscribe", "Auto-Submitted", "Feedback-ID"):
        assert message[header], header
    html = message.get_body(("html",))
    text = message.get_body(("plain",))
    assert html is not None
    assert text is not None
    shown = html.get_content()
    assert "@@" not in shown + text.get_content()
    named = {part["Content-ID"].strip("<>") for part in message.walk() if part["Content-ID"]}
    assert named
    assert all(f'src="cid:{name}"' in shown for name in named)
    assert shown.count("cid:") == len(named)
    ids = {str(parsed(content)["Message-ID"]) for _, content in mailbox.messages}
    assert len(ids) == 2


def test_the_folder_transport_writes_one_file_a_reader(project: Project) -> None:
    text = configuration().replace("port = 2525", 'transport = "folder"\npath = "mail/"')
    project.configure(text)
    project.run("run", "daily")

    files = sorted((project.folder / "mail").glob("*.eml"))

    assert sorted(str(parsed(file.read_bytes())["To"]) for file in files) == READERS


def test_error_findings_stop_a_send_unless_forced(project: Project, mailbox: Sink) -> None:
    project.configure(
        configuration(port=mailbox.port).replace("[fetch]", "[site]\npostal_address = ''\n[fetch]")
    )
    drafted(project)

    told = project.run("send", "latest", expect=1).stderr
    before = list(mailbox.messages)
    project.run("send", "latest", "--force")

    assert "--force" in told
    assert before == []
    assert len(mailbox.messages) == 2


def test_nobody_to_send_to_is_told(project: Project) -> None:
    project.configure(configuration().replace('readers = ["ada@example.org", "grace@example.org"]', ""))
    drafted(project)

    assert "has no readers" in project.run("send", "latest", expect=1).stderr


def test_readers_by_command_and_file(project: Project, mailbox: Sink) -> None:
    project.configure(configuration(port=mailbox.port))
    (project.folder / "readers.csv").write_text(
        "email;name\nalan@example.org;Alan\nnot an address;X\nADA@example.org;Ada\nalan@example.org;Twice\n",
        encoding="utf-8-sig",
    )
    drafted(project)

    dry = project.run("subscribers", "import", "readers.csv", "--dry-run", expect=3)
    project.run("subscribers", "import", "readers.csv", "--newsletter", "daily", expect=3)
    project.run("subscribers", "add", "edsger@example.org", "--name", "Edsger")
    project.run("subscribers", "remove", "alan@example.org")
    refused = project.run("subscribers", "import", "readers.csv", expect=3)
    project.run("send", "latest")
    listed = [json.loads(line) for line in project.run("subscribers", "list", "--json").stdout.splitlines()]

    assert "line 3" in dry.stderr
    assert "alan@example.org" in refused.stderr
    assert sorted(to.casefold() for to, _ in mailbox.messages) == sorted([*READERS, "edsger@example.org"])
    states = {one["address"].casefold(): one["state"] for one in listed}
    assert states["alan@example.org"] == "left"
    assert "readers.csv" in next(one["consent"] for one in listed if one["address"] == "ADA@example.org")
    assert "alan@example.org" in project.run("subscribers", "export").stdout
    assert "is no reader" in project.run("subscribers", "remove", "x@example.org", expect=2).stderr


def test_who_is_configured_and_left_does_not_get_it(project: Project, mailbox: Sink) -> None:
    project.configure(configuration(port=mailbox.port))
    project.run("subscribers", "add", "ada@example.org")
    project.run("subscribers", "remove", "ada@example.org")

    project.run("run", "daily")

    assert [to for to, _ in mailbox.messages] == ["grace@example.org"]


def test_killed_in_the_middle_the_next_send_goes_on(project: Project) -> None:
    """Kill the sender while it sends to 60 readers, then send again: nobody two, nobody none but those in doubt."""
    readers = [f"r{number}@example.org" for number in range(60)]
    with good_server() as bag:
        text = configuration(port=bag.port).replace(json.dumps(READERS), json.dumps(readers))
        project.configure(text)
        drafted(project)
        for wanted in (5, 20):
            sender = subprocess.Popen(
                [str(COMMAND), "send", "latest"],
                cwd=project.folder,
                env=clean_environment(),
                stdout=subprocess.DEVNULL,
            )
            wait_for(lambda: len(bag.messages) >= wanted or sender.poll() is not None)  # noqa: B023
            sender.send_signal(signal.SIGKILL)
            sender.wait()
            assert sum(status(project).values()) == 60
        project.run("send", "latest", expect=None)
        counts = status(project)
        doubtful = [
            json.loads(line)["address"]
            for line in project.run(
                "outbox", "list", "latest", "--json", "--state", "doubt"
            ).stdout.splitlines()
        ]

    got = Counter(to for to, _ in bag.messages)
    assert [to for to, count in got.items() if count > 1] == []
    assert [to for to in readers if to not in got and to not in doubtful] == []
    assert counts.get("sent", 0) + counts.get("doubt", 0) == 60
    assert len(doubtful) <= 8


@pytest.mark.parametrize("command", [("run", "daily"), ("send", "latest")])
def test_a_secret_that_is_not_there_is_one_sentence_and_loses_nothing(
    project: Project, mailbox: Sink, command: tuple[str, str]
) -> None:
    text = configuration(port=mailbox.port)
    project.configure(text.replace("[fetch]", 'username = "ada"\npassword_file = "var/none"\n[fetch]', 1))
    drafted(project)

    told = project.run(*command, expect=2).stderr
    project.configure(text)
    project.run(*command)

    assert told.count("\n") == 1
    assert "smtp.password_file: cannot read" in told
    assert sorted(to for to, _ in mailbox.messages) == READERS


def test_a_dry_run_is_no_test(project: Project, mailbox: Sink) -> None:
    project.configure(configuration(port=mailbox.port))
    drafted(project)

    project.run("send", "latest", "--dry-run", "--to", "me@example.org", expect=2)

    assert mailbox.messages == []


def test_an_erased_reader_is_gone_and_stays_away(project: Project, mailbox: Sink) -> None:
    project.configure(configuration(port=mailbox.port))
    (project.folder / "readers.csv").write_text("email,name\nalan@example.org,Alan\n", encoding="utf-8")
    project.run("subscribers", "import", "readers.csv")

    project.run("subscribers", "erase", "alan@example.org")
    listed = project.run("subscribers", "list", "--json").stdout
    refused = project.run("subscribers", "import", "readers.csv", expect=3)

    assert "alan" not in listed.casefold()
    assert "0 added" in refused.stdout
    assert "is no reader" in project.run("subscribers", "erase", "alan@example.org", expect=2).stderr
    assert "is not pending" in project.run("subscribers", "confirm", "ada@example.org", expect=2).stderr


def test_a_person_asks_what_is_held_and_is_forgotten_everywhere(project: Project, mailbox: Sink) -> None:
    weekly = '[newsletters.weekly]\nfrom = "The Weekly <weekly@example.org>"\n'
    project.configure(configuration(port=mailbox.port) + weekly)
    (project.folder / "readers.csv").write_text("email,name\nalan@example.org,Alan\n", encoding="utf-8")
    words = ("--consent", "Yes, send me The Weekly.")
    imported = project.run("subscribers", "import", "readers.csv", "--newsletter", "weekly", *words, "--json")
    project.run("subscribers", "add", "alan@example.org", "--newsletter", "daily")

    held = json.loads(project.run("subscribers", "export", "--address", "Alan@example.org").stdout)
    project.run("subscribers", "erase", "alan@example.org")
    after = json.loads(project.run("subscribers", "export", "--address", "alan@example.org").stdout)

    assert json.loads(imported.stdout)["added"] == 1
    assert [one["newsletter"] for one in held["subscriptions"]] == ["weekly", "daily"]
    assert held["subscriptions"][0]["consents"][0]["wording"] == "Yes, send me The Weekly."
    assert after["subscriptions"] == []
    assert {one["newsletter"] for one in after["suppressions"]} == {"all", "daily", "weekly"}


def test_a_pending_reader_is_confirmed_by_the_editor(project: Project) -> None:
    project.configure(configuration())
    stores = open_stores(open_config(project.folder / "config/digest.toml"))
    now = datetime(2026, 11, 24, 11, 30, tzinfo=UTC)
    stores.mailing.add(
        "daily", "pat@example.org", name="Pat", consent="a form", now=now, state=SubscriberState.PENDING
    )

    project.run("subscribers", "confirm", "pat@example.org")

    (listed,) = (
        json.loads(line) for line in project.run("subscribers", "list", "--json").stdout.splitlines()
    )
    assert (listed["address"], listed["name"], listed["state"]) == ("pat@example.org", "Pat", "active")
