"""`digest doctor` finds what would go wrong tomorrow, and says what to do about it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import trustme

from digest.deliver.sink import Sink
from tests.acceptance.conftest import Project, Site, configuration
from tests.deliver.servers import free_port, good_server, write_authority

FINE = {
    "configuration",
    "store",
    "secret",
    "layout of daily",
    "sender of daily",
    "readers of daily",
    "mail server",
    "public address",
}


def examine(project: Project, *, expect: int) -> dict[str, list[tuple[str, str]]]:
    """Return verdicts and sentences by check."""
    found: dict[str, list[tuple[str, str]]] = {}
    for line in project.run("doctor", "--json", expect=expect).stdout.splitlines():
        told = json.loads(line)
        assert list(told) == ["check", "verdict", "message"]
        assert told["message"].endswith((".", "'")) or "chmod" in told["message"]
        found.setdefault(told["check"], []).append((told["verdict"], told["message"]))
    return found


def test_a_sound_project_has_no_problem_and_the_examples_are_pointed_out(
    project: Project, mailbox: Sink
) -> None:
    project.configure(configuration(port=mailbox.port))

    found = examine(project, expect=0)

    assert set(found) == FINE
    assert found["mail server"] == [("ok", f"127.0.0.1:{mailbox.port} answers without TLS.")]
    assert found["store"][0][0] == found["layout of daily"][0][0] == "ok"
    assert [verdict for verdict, _ in found["configuration"]] == ["ok", "warning"]
    assert found["sender of daily"][0][0] == "warning"
    assert mailbox.messages == []


def test_a_line_for_people_begins_with_the_verdict(project: Project, mailbox: Sink) -> None:
    project.configure(configuration(port=mailbox.port))

    lines = project.run("doctor").stdout.splitlines()

    assert {line.split()[0] for line in lines} == {"ok", "warning"}


def test_what_digest_init_writes_has_no_problem(project: Project) -> None:
    project.run("init")

    found = examine(project, expect=0)

    assert "nothing is sent" in found["mail server"][0][1]


def test_a_wrong_configuration_is_told_problem_by_problem(project: Project) -> None:
    project.configure('[smtp]\nport = 0\n[newsletters.daily]\nfrom = "nobody"\nunknown = 1\n')

    found = examine(project, expect=1)

    assert list(found) == ["configuration"]
    assert [verdict for verdict, _ in found["configuration"]] == ["problem"] * 3


def test_a_missing_configuration_is_a_problem(project: Project) -> None:
    assert "digest init" in examine(project, expect=1)["configuration"][0][1]


def test_a_mail_server_that_is_not_there_is_a_problem(project: Project) -> None:
    project.configure(configuration(port=free_port()))

    verdict, message = examine(project, expect=1)["mail server"][0]

    assert verdict == "problem"
    assert "smtp.port" in message


def secured(port: int, security: str, *, more: str = "") -> str:
    return configuration(port=port).replace(
        "[smtp]", f'[smtp]\nhost = "localhost"\nsecurity = "{security}"\n{more}'
    )


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_a_certificate_is_verified(project: Project, tmp_path: Path, security: str) -> None:
    authority = trustme.CA()
    ca_file = f'ca_file = "{write_authority(authority, tmp_path)}"'
    with good_server(security=security, certificate=authority.issue_cert("localhost")) as right:
        project.configure(secured(right.port, security))
        untrusted = examine(project, expect=1)["mail server"][0]
        project.configure(secured(right.port, security, more=ca_file))
        trusted = examine(project, expect=0)["mail server"][0]
    with good_server(security=security, certificate=authority.issue_cert("other.example")) as wrong:
        project.configure(secured(wrong.port, security, more=ca_file))
        misnamed = examine(project, expect=1)["mail server"][0]

    assert trusted[0] == "ok"
    for verdict, message in (untrusted, misnamed):
        assert verdict == "problem"
        assert "certificate" in message


def test_the_login_is_tried(project: Project, tmp_path: Path) -> None:
    login = 'username = "ada"\npassword_file = "password"'
    with good_server(with_auth=True) as server:
        project.configure(secured(server.port, "none", more=login))
        missing = examine(project, expect=1)["mail server"][0]
        (project.folder / "password").write_text("wrong\n", encoding="utf-8")
        refused = examine(project, expect=1)["mail server"][0]
        (project.folder / "password").write_text("pässword\n", encoding="utf-8")
        taken = examine(project, expect=0)["mail server"][0]

    assert "smtp.password_file" in missing[1]
    assert "refused the login" in refused[1]
    assert taken == ("ok", f"localhost:{server.port} answers without TLS, 'ada' logged in.")
    assert server.messages == []


def test_a_folder_that_cannot_be_written_is_a_problem(project: Project) -> None:
    (project.folder / "outbox").write_text("a file", encoding="utf-8")
    project.configure(configuration().replace("[smtp]", '[smtp]\ntransport = "folder"'))

    assert "smtp.path" in examine(project, expect=1)["mail server"][0][1]


def test_a_store_that_is_none_is_a_problem_and_the_rest_is_looked_at(project: Project, mailbox: Sink) -> None:
    (project.folder / "var").mkdir()
    (project.folder / "var/digest.db").write_bytes(b"This is a letter to my aunt. " * 100)
    project.configure(configuration(port=mailbox.port))

    found = examine(project, expect=1)

    assert found["store"][0][0] == "problem"
    assert set(found) == FINE - {"readers of daily"}


def test_a_broken_or_missing_layout_is_a_problem(project: Project, mailbox: Sink) -> None:
    project.configure(configuration(port=mailbox.port, newsletter='template = "nowhere"'))
    missing = examine(project, expect=1)["layout of daily"][0]
    project.configure(configuration(port=mailbox.port))
    project.run("init", "--templates")
    template = project.folder / "templates/daily/email.mjml.j2"
    text = template.read_text(encoding="utf-8")
    template.write_text(text.replace("<mj-body", "{{ nonsense }}<mj-body", 1), encoding="utf-8")
    broken = examine(project, expect=1)["layout of daily"][0]

    assert "newsletters.daily.template" in missing[1]
    assert "email.mjml.j2, line" in broken[1]


def test_a_newsletter_without_readers_is_a_warning(project: Project, mailbox: Sink) -> None:
    text = configuration(port=mailbox.port).replace('readers = ["ada@example.org", "grace@example.org"]', "")
    project.configure(text)

    assert examine(project, expect=0)["readers of daily"][0][0] == "warning"


def test_a_secret_that_others_can_read_is_a_warning(project: Project, mailbox: Sink) -> None:
    project.configure(configuration(port=mailbox.port))
    project.run("doctor")
    (project.folder / "var/secret").chmod(0o644)
    loose = examine(project, expect=0)["secret"][0]
    (project.folder / "var/secret").write_text("short", encoding="utf-8")
    short = examine(project, expect=1)["secret"][0]

    assert loose[0] == "warning"
    assert "chmod 600" in loose[1]
    assert short[0] == "problem"


def test_a_public_address_has_to_be_ours(project: Project, mailbox: Sink, site: Site) -> None:
    def at(url: str) -> str:
        return f'[site]\npublic_url = "{url}"\n' + configuration(port=mailbox.port)

    project.configure(at(f"http://127.0.0.1:{free_port()}"))
    dead = examine(project, expect=1)["public address"][0]
    site.put("/archive/", "<p>Someone else's archive</p>")
    project.configure(at(site.url))
    foreign = examine(project, expect=1)["public address"][0]
    project.configure(at(site.url + "/elsewhere"))
    missing = examine(project, expect=1)["public address"][0]

    assert "digest serve" in dead[1]
    assert "answered 200" in foreign[1]
    assert "answered 404" in missing[1]
