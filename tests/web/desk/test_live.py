"""A page is told of what changes: the edition from elsewhere, templates, the configuration; errors at their line."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection, HTTPResponse

from digest import app
from digest.assets import asset_folder
from digest.model import Edit, EditionState, EditKind
from digest.pipeline.changing import change
from tests.web.desk.conftest import Desk, OpenDesk


@contextmanager
def listening(desk: Desk) -> Iterator[Iterator[dict[str, int]]]:
    """Listen as a page does; yield what is told, each as it comes."""
    with closing(HTTPConnection("127.0.0.1", desk.port, timeout=20)) as connection:
        connection.request("GET", f"{desk.path}live")
        yield _events(connection.getresponse())


def _events(response: HTTPResponse) -> Iterator[dict[str, int]]:
    for line in iter(response.readline, b""):
        if line.startswith(b"data: "):
            yield json.loads(line.removeprefix(b"data: "))


def test_a_change_made_elsewhere_is_told_at_once(desk: Desk) -> None:
    item = desk.edition.items[1]
    with listening(desk) as told:
        before = next(told)
        change(
            desk.stores.editions,
            desk.name,
            [Edit(kind=EditKind.PIN, story_id=item.story_id)],
            now=app.now(),
        )
        after = next(told)

    assert after["revision"] == before["revision"] + 1


def test_a_changed_template_is_taken_up_and_one_that_breaks_is_shown_at_its_line(desk: Desk) -> None:
    own = desk.folder / "templates" / "daily"
    layout = own / "email.mjml.j2"
    shipped = (asset_folder("templates") / "daily" / "email.mjml.j2").read_text(encoding="utf-8")
    with listening(desk) as told:
        first = next(told)
        before = desk.get(f"{desk.path}email.html").text
        shutil.copytree(asset_folder("templates") / "daily", own)
        layout.write_text(shipped + "\n{% if page.nothing %}", encoding="utf-8")
        second = next(told)
        page = desk.page()
        behind = desk.get(f"{desk.path}email.html").text
        layout.write_text(shipped, encoding="utf-8")
        third = next(told)
        mended = desk.page()

    assert first["generation"] < second["generation"] < third["generation"]
    [banner] = page.xpath('//*[@data-region="broken"]')
    [line] = banner.xpath(".//mark")
    assert "email.mjml.j2, line" in banner.text_content()
    assert "{% if page.nothing %}" in line.text_content()
    assert behind == before
    assert "email.mjml.j2" not in mended.xpath('//*[@data-region="broken"]')[0].text_content()


def test_what_cannot_be_laid_out_is_neither_approved_nor_saved_by_its_last_rendering(desk: Desk) -> None:
    own = desk.folder / "templates" / "daily"
    with listening(desk) as told:
        next(told)
        desk.get(desk.path)
        shutil.copytree(asset_folder("templates") / "daily", own)
        (own / "email.mjml.j2").write_text("{% if page.nothing %}", encoding="utf-8")
        next(told)
        files = ("message.eml", "save/email.eml", "save/email.html", "save/email.png")
        saved = [desk.get(f"{desk.path}{file}") for file in files]
        approved = [
            desk.post(f"{desk.path}state", do="approve", revision="1", back="", **confirmed)
            for confirmed in ({}, {"confirmed": "yes"})
        ]

    assert [(one.status, "email.mjml.j2, line" in one.text) for one in saved] == [(500, True)] * 4
    assert [(one.status, "email.mjml.j2, line" in one.text) for one in approved] == [(422, True)] * 2
    assert desk.edition.state is EditionState.DRAFT


def test_a_configuration_that_cannot_be_used_is_told_and_the_one_before_stays(desk: Desk) -> None:
    file = desk.config.file
    good = file.read_text(encoding="utf-8")
    with listening(desk) as told:
        next(told)
        file.write_text(good + "\nbroken = = 1\n", encoding="utf-8")
        next(told)
        page = desk.page()
        file.write_text(good.replace("The Daily Dose", "The Evening Dose"), encoding="utf-8")
        next(told)
        mended = desk.get(f"{desk.path}message.eml").text
        quiet = desk.page()

    [banner] = page.xpath('//*[@data-region="trouble"]')
    assert "is not valid TOML" in banner.text_content()
    assert banner.xpath(".//mark")
    assert 'From: "The Evening Dose"' in mended
    assert not quiet.xpath('//*[@data-region="trouble"]')[0].text_content().strip()


def test_another_store_is_told_and_not_taken_up(open_desk: OpenDesk) -> None:
    with open_desk() as desk, listening(desk) as told:
        next(told)
        text = desk.config.file.read_text(encoding="utf-8")
        desk.config.file.write_text(f'[store]\nurl = "sqlite:///var/other.db"\n{text}', encoding="utf-8")
        next(told)

        assert "Start the desk again" in desk.page().text_content()
        assert not (desk.folder / "var" / "other.db").exists()
