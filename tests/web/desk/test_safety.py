"""The desk answers its own pages here, and beyond this machine whoever has the token; a hostile story does nothing."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.client import HTTPConnection

import pytest
from playwright.sync_api import Browser

from digest.web.desk.serving import hosts_of, make_desk
from digest.web.listening import make_server, open_port
from tests.browser import blank
from tests.web.desk.conftest import Desk

HOSTILE = (
    '<script>parent.pwned=1</script><img src=x onerror="parent.pwned=2"><style>*{display:none}</style>'
    '<a href="javascript:parent.pwned=3">here</a><iframe src="http://evil.example/"></iframe>'
    '</textarea></form><form action="http://evil.example/"><base href="http://evil.example/">'
)
TOKEN = "a-token-of-this-test"


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:80", "127.0.0.1", "127.0.0.1:1", "", "localhost.evil"]
)
def test_a_request_by_another_name_is_refused(desk: Desk, host: str) -> None:
    assert desk.ask(desk.path, Host=host).status == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "https://127.0.0.1.evil.example"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_another_page_changes_nothing(desk: Desk, headers: dict[str, str]) -> None:
    body = f"do=pin&story={desk.edition.items[0].story_id}&revision=1&back=".encode()
    before = desk.edition.revision

    answer = desk.ask(
        f"{desk.path}edit", "POST", body=body, content_type="application/x-www-form-urlencoded", **headers
    )

    assert answer.status == 403
    assert desk.edition.revision == before


@pytest.mark.parametrize(
    "back", ["//evil.example/", "http://evil.example/", "x\r\nSet-Cookie: a=b", "story=//evil.example"]
)
def test_a_form_leads_back_to_the_desk_alone(desk: Desk, back: str) -> None:
    answer = desk.edit("pin", story=desk.edition.items[0].story_id, back=back)

    assert answer.status == 303
    assert answer.headers["location"].startswith(desk.path)
    assert "set-cookie" not in answer.headers


def test_pages_allow_their_own_script_alone_and_the_email_none(desk: Desk) -> None:
    page = desk.get(desk.path).headers["content-security-policy"]
    email = desk.get(f"{desk.path}email.html").headers["content-security-policy"]

    assert "script-src 'self'" in page
    assert "unsafe-inline" not in page
    assert "default-src 'none'" in email
    assert "sandbox" in email
    assert "script" not in email
    assert "frame-ancestors 'self'" in email


@contextmanager
def guarded(desk: Desk, host: str = "127.0.0.1") -> Iterator[int]:
    """Serve the desk once more, behind a token; yield the port."""
    application = make_desk(desk.config, desk.name, hosts=hosts_of(host), token=TOKEN)
    with open_port(host, 0) as listener:
        server = make_server(application, grace_seconds=1)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        yield int(listener.getsockname()[1])
        server.should_exit = True
        thread.join(timeout=20)


def ask(port: int, path: str, *, address: str = "127.0.0.1", **headers: str) -> tuple[int, dict[str, str]]:
    connection = HTTPConnection(address, port, timeout=20)
    connection.request("GET", path, headers=headers)
    response = connection.getresponse()
    response.read()
    connection.close()
    return response.status, {name.lower(): value for name, value in response.getheaders()}


def test_beyond_this_machine_nothing_is_answered_without_the_token(desk: Desk) -> None:
    with guarded(desk) as port:
        for path in (desk.path, "/static/desk.css", "/pictures/x", "/?token=wrong", "/?token="):
            assert ask(port, path)[0] == 401
        assert ask(port, desk.path, Cookie="desk=wrong")[0] == 401
        assert ask(port, desk.path, Cookie='desk="; =')[0] == 401

        status, headers = ask(port, f"{desk.path}?token={TOKEN}&view=text")

        assert status == 303
        assert headers["location"] == f"{desk.path}?view=text"
        assert "HttpOnly" in headers["set-cookie"]
        assert "SameSite=strict" in headers["set-cookie"]
        assert ask(port, desk.path, Cookie=f"desk={TOKEN}")[0] == 200


def test_a_desk_on_all_addresses_is_called_by_the_one_that_it_is_reached_at(desk: Desk) -> None:
    with guarded(desk, "0.0.0.0") as port:
        for address in ("127.0.0.1", "127.0.0.2"):
            assert ask(port, desk.path, address=address, Cookie=f"desk={TOKEN}")[0] == 200
        assert ask(port, desk.path, Host=f"localhost:{port}")[0] == 401
        for other in ("evil.example", "0.0.0.0", "127.0.0.3"):
            assert ask(port, desk.path, Host=f"{other}:{port}", Cookie=f"desk={TOKEN}")[0] == 403


def test_another_site_leads_to_the_desk_and_loads_nothing_of_it(desk: Desk) -> None:
    asked = [("", "navigate"), ("save/email.png", "no-cors"), ("live", "cors")]

    answers = [
        desk.ask(f"{desk.path}{path}", Sec_Fetch_Site="cross-site", Sec_Fetch_Mode=mode).status
        for path, mode in asked
    ]

    assert answers == [200, 403, 403]


@pytest.mark.parametrize(
    "path",
    [
        "nowhere",
        "editions/?page=x",
        "editions/?page=0",
        "outbox/?page=99999999999999999999",
        "editions/daily/2026-11-24/email.html?revision=99999999999999999999",
        "static/..%2froom.py",
        "static/%00.css",
    ],
)
def test_an_address_that_is_none_of_ours_is_answered_so(desk: Desk, path: str) -> None:
    assert desk.get(f"/{path}").status == 404


def test_a_form_of_another_kind_is_refused_on_a_page(desk: Desk) -> None:
    answer = desk.ask(f"{desk.path}edit", "POST", body=b"{}", content_type="application/json")

    assert answer.status == 415
    assert "no such form" in answer.text


@pytest.mark.browser
@pytest.mark.xdist_group("browser")
def test_a_hostile_story_does_nothing(desk: Desk, browser: Browser) -> None:
    edition = desk.edition
    first, second, *rest = edition.drafted
    hostile = replace(first, headline=f"Bad {HOSTILE}", text=HOSTILE, section=HOSTILE, site=HOSTILE)
    endless = replace(second, text="word " * 400_000)
    desk.stores.editions.save(
        replace(
            edition,
            items=(hostile, endless, *rest),
            drafted=(hostile, endless, *rest),
            revision=edition.revision + 1,
        ),
        what=HOSTILE,
        who=HOSTILE,
        now=edition.made_at,
    )
    asked: list[str] = []
    page = blank(browser, 1280)
    page.on("request", lambda request: asked.append(request.url))
    page.on("dialog", lambda dialog: asked.append(f"dialog {dialog.message}"))

    for view in ("", "?view=text", "?view=source", f"?story={second.story_id}"):
        page.goto(f"{desk.url}{desk.path}{view}")
        page.wait_for_load_state("networkidle") if not view else None

    assert page.evaluate("window.pwned") is None
    assert page.locator("h1").first.is_visible()
    assert [url for url in asked if not url.startswith((desk.url, "data:"))] == []
    page.close()
