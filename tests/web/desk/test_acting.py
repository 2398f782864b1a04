"""Approve, hold and schedule at the desk: errors are shown first, and each state says what can be done next."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import cast
from zoneinfo import ZoneInfo

import pytest
from lxml import html as lxml_html

from digest import app
from digest.config import NewsletterSettings
from digest.edition import approve, mark_sent
from digest.errors import EditionError
from digest.model import Edition, EditionState
from digest.pipeline.changing import approve_edition
from digest.web.desk.acting import read_moment
from digest.web.desk.standing import going_out, tell_next
from tests.render.sample import make_edition
from tests.web.conftest import Answer
from tests.web.desk.conftest import Desk, OpenDesk

NEW_YORK = "America/New_York"
HOUR = datetime(2026, 11, 24, 11, 30, tzinfo=UTC)
"""The sample newsletter's hour: 06:30 in New York."""
ERROR = '[site]\npostal_address = ""'


def act(desk: Desk, do: str, **fields: str) -> Answer:
    """Press one of the buttons on the newest revision, where no other is named."""
    return desk.post(
        f"{desk.path}state", **({"do": do, "revision": str(desk.edition.revision), "back": ""} | fields)
    )


def texts(page: lxml_html.HtmlElement, path: str) -> list[str]:
    found = cast("list[lxml_html.HtmlElement]", page.xpath(path))
    return [" ".join(one.text_content().split()) for one in found]


def buttons(desk: Desk) -> list[str]:
    return texts(desk.page(), "//div[@class='actions']//*[starts-with(@id, 'act-')]")


def next_step(page: lxml_html.HtmlElement) -> str:
    return texts(page, "//div[@data-region='next']")[0]


# --- words ---------------------------------------------------------------------------------------


def settings(**changes: object) -> NewsletterSettings:
    values: dict[str, object] = {"from": "dose@dose.example", "approval": "manual"}
    return NewsletterSettings(**(values | changes))  # type: ignore[arg-type]


DRAFT = make_edition(1)
HELD = replace(DRAFT, is_held=True)
APPROVED = approve(DRAFT)
AT_HOUR = f"today at 06:30 ({NEW_YORK})"


@pytest.mark.parametrize(
    ("edition", "hours", "rules", "told"),
    [
        (DRAFT, -1, {}, f"approve it, and it goes out {AT_HOUR}; else it stays, and you are told"),
        (DRAFT, -1, {"unapproved": "send"}, f"it goes out {AT_HOUR}, approved or not; hold it"),
        (DRAFT, -1, {"approval": "auto"}, f"drafted again and goes out {AT_HOUR}"),
        (DRAFT, 1, {}, "has passed: approve it, then 'digest send daily/2026-11-24' sends it"),
        (HELD, -1, {}, f"nothing sends it until you approve it; then it goes out {AT_HOUR}"),
        (HELD, 1, {}, "until you approve it; then 'digest send daily/2026-11-24' sends it"),
        (APPROVED, -1, {}, f"'digest schedule' sends it {AT_HOUR}, 'digest send daily/2026-11-24' at once"),
        (APPROVED, 30, {}, f"yesterday at 06:30 ({NEW_YORK}), has passed: 'digest send"),
        (
            APPROVED,
            -1,
            {"days": ("mon",)},
            "does not go out on Tuesdays: 'digest send daily/2026-11-24' sends",
        ),
        (mark_sent(APPROVED), 1, {}, "it changes no more"),
    ],
)
def test_each_state_says_in_a_sentence_what_can_be_done_next(
    edition: Edition, hours: int, rules: dict[str, object], told: str
) -> None:
    sentence = tell_next(edition, settings(**rules), now=HOUR + timedelta(hours=hours))

    assert told in sentence
    assert sentence.endswith(".")
    assert sentence.count(". ") == 0


def test_a_set_moment_is_told_in_the_newsletters_zone_whatever_its_days() -> None:
    set_at = replace(APPROVED, send_at=HOUR + timedelta(days=5, minutes=15))

    going = going_out(set_at, settings(days=("mon",)), now=HOUR)

    assert going.words == f"on Sunday 29 November 2026 at 06:45 ({NEW_YORK})"
    assert going.is_coming


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-25T07:15", datetime(2026, 11, 25, 12, 15, tzinfo=UTC)),
        ("2027-03-14T02:30", datetime(2027, 3, 14, 7, 0, tzinfo=UTC)),
        ("2026-11-01T01:30", datetime(2026, 11, 1, 5, 30, tzinfo=UTC)),
    ],
)
def test_a_local_time_is_a_moment_also_where_clocks_change(text: str, moment: datetime) -> None:
    assert read_moment(text, NEW_YORK).astimezone(UTC) == moment


@pytest.mark.parametrize("text", ["", "soon", "2026-11-25", "2026-11-25T07:15+00:00", "2026-02-30T07:15"])
def test_what_is_no_local_time_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(EditionError, match="2026-11-25T06:30"):
        read_moment(text, NEW_YORK)


# --- the buttons ---------------------------------------------------------------------------------


def test_an_edition_is_approved_held_and_approved_again(desk: Desk) -> None:
    first = buttons(desk)
    approved = act(desk, "approve")
    second, edition = buttons(desk), desk.edition
    act(desk, "hold")
    third, held = buttons(desk), desk.edition
    act(desk, "approve")

    assert first == ["Hold", "Approve"]
    assert (approved.status, edition.state) == (303, EditionState.APPROVED)
    assert second == ["Hold"]
    assert held.is_held
    assert held.state is EditionState.DRAFT
    assert third == ["Approve"]
    assert desk.edition.state is EditionState.APPROVED
    assert not desk.edition.is_held
    revisions = desk.stores.editions.revisions(desk.name, since=1)
    assert [one.what for one in revisions] == ["approved it", "held it back", "approved it"]
    assert all(one.who for one in revisions)


def test_errors_of_preflight_are_shown_before_it_is_approved_all_the_same(open_desk: OpenDesk) -> None:
    with open_desk(more=ERROR) as desk:
        asked = act(desk, "approve", back="panel=schedule")
        before = desk.edition.state
        confirmed = act(desk, "approve", confirmed="yes", back="panel=schedule")
        after = desk.edition.state

    found = texts(asked.page, "//*[@data-region='asked']//li")
    assert asked.status == 200
    assert before is EditionState.DRAFT
    assert any("postal" in one.lower() for one in found)
    assert asked.found("//*[@data-region='asked']//li/a/@href")[0].startswith("/manual/preflight#")
    assert asked.found("//*[@data-region='asked']//input[@name='confirmed']/@value") == ["yes"]
    assert confirmed.status == 303
    assert confirmed.headers["location"].endswith("?panel=schedule")
    assert after is EditionState.APPROVED


def test_errors_are_not_asked_about_on_a_revision_that_the_editor_has_not_seen(open_desk: OpenDesk) -> None:
    with open_desk(more=ERROR) as desk:
        seen = str(desk.edition.revision)
        desk.edit("note", text="Written in another window")
        answer = act(desk, "approve", revision=seen)

    assert answer.status == 409
    assert answer.found("//input[@name='confirmed']") == []
    assert "was changed in the meantime" in answer.text


@pytest.mark.parametrize("zone", [NEW_YORK, "Asia/Tokyo"])
@pytest.mark.parametrize("at", ["9999-12-31T23:59", "0001-01-01T00:00"])
def test_an_hour_at_the_ends_of_the_calendar_is_refused(open_desk: OpenDesk, zone: str, at: str) -> None:
    with open_desk(newsletter=f'timezone = "{zone}"') as desk:
        answer = act(desk, "schedule", at=at)

        assert answer.status == 422
        assert desk.edition.send_at is None


def test_an_edition_that_someone_changed_meanwhile_is_not_approved_unseen(desk: Desk) -> None:
    seen = str(desk.edition.revision)
    desk.edit("note", text="Good evening.")

    refused = act(desk, "approve", revision=seen)

    assert refused.status == 409
    assert "changed in the meantime" in refused.text
    assert desk.edition.state is EditionState.DRAFT


def test_a_set_time_is_kept_shown_and_withdrawn(desk: Desk) -> None:
    local = (app.now() + timedelta(days=2)).astimezone(ZoneInfo(NEW_YORK)).replace(second=0, microsecond=0)
    answer = act(desk, "schedule", at=local.strftime("%Y-%m-%dT%H:%M"), back="panel=schedule")
    kept, page = desk.edition.send_at, desk.page(f"{desk.path}?panel=schedule")
    act(desk, "withdraw")

    assert answer.status == 303
    assert kept == local
    shown = texts(page, "//*[@data-region='schedule']")[0]
    assert f"Set by hand: on {local:%A} {local.day} {local:%B %Y} at {local:%H:%M} ({NEW_YORK})" in shown
    assert "once it is approved" in shown
    field = page.get_element_by_id("send-at")
    assert (field.get("type"), field.get("value")) == ("datetime-local", local.strftime("%Y-%m-%dT%H:%M"))
    assert f"{local:%A}" in next_step(page)
    assert desk.edition.send_at is None
    assert "Back to the newsletter" not in desk.get(f"{desk.path}?panel=schedule").text


@pytest.mark.parametrize(("at", "told"), [("2020-01-01T06:30", "has passed"), ("later", "no date and time")])
def test_a_time_that_cannot_be_is_refused_where_the_editor_is(desk: Desk, at: str, told: str) -> None:
    refused = act(desk, "schedule", at=at, back="panel=schedule")

    assert refused.status == 422
    assert told in texts(refused.page, "//*[@data-region='told']")[0]
    assert refused.page.get_element_by_id("send-at") is not None
    assert desk.edition.send_at is None


def test_a_sent_edition_can_only_be_tried(desk: Desk) -> None:
    editions, now = desk.stores.editions, app.now()
    sent = mark_sent(approve_edition(editions, desk.name, now=now))
    editions.save(sent, what="sent", now=now)

    page, refused = desk.page(f"{desk.path}?panel=schedule"), act(desk, "hold")

    assert texts(page, "//div[@class='actions']//a") == ["Try"]
    assert next_step(page).startswith("Sent:")
    assert page.xpath("//*[@id='send-at']") == []
    assert refused.status == 422
    assert "was sent" in refused.text


def test_what_no_button_sends_does_nothing(desk: Desk) -> None:
    refused = act(desk, "publish")

    assert refused.status == 422
    assert desk.edition.revision == 1
