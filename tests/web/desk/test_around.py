"""The pages around an edition: the list and today's draft, readers and outbox without names, the manual."""

from __future__ import annotations

import re
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import update

from digest.assets import help_folder
from digest.edition import approve, hold, mark_sent
from digest.model import DeliveryState, EditionName, Halt, Rendered, RunState
from digest.store.sending import freeze_and_fill
from digest.store.tables import deliveries
from digest.web.desk.manual_text import read_manual_page
from digest.web.desk.reader_pages import weeks_until
from digest.web.desk.wording import mask_reply, say_ago
from tests.web.desk.conftest import Desk, OpenDesk
from tests.web.desk.pages import STORY, write_page

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
READERS = ("ada.long@example.org", "bert@example.net", "cleo@example.org")


def send(desk: Desk, day: int = 24) -> EditionName:
    """Send the edition, or a copy of it of another day, to READERS."""
    for one in READERS:
        desk.stores.mailing.add("daily", one, consent="asked", now=NOW)
    edition = desk.edition
    if day != 24:
        edition = replace(edition, name=replace(desk.name, date=desk.name.date.replace(day=day)), revision=1)
        desk.stores.editions.save(edition, what="drafted", now=NOW)
    approved = approve(edition)
    desk.stores.editions.save(approved, what="approved", now=NOW)
    freeze_and_fill(
        desk.stores.mailing,
        desk.stores.engine,
        mark_sent(approved),
        Rendered(name=edition.name, html="", text="", mjml="", subject="", preheader=""),
        domain="dose.example",
        now=datetime.now(UTC),
    )
    return edition.name


def settle(desk: Desk, reader: int, state: DeliveryState, reply: str = "") -> None:
    """Let the delivery to the reader of that number, from 0, end so."""
    with desk.stores.engine.begin() as connection:
        connection.execute(
            update(deliveries)
            .where(deliveries.c.subscriber_id == reader + 1)
            .values(state=str(state), reply=reply, changed_at=datetime.now(UTC))
        )


def words_of(desk: Desk, path: str) -> str:
    """Return what a page says."""
    return " ".join(str(desk.page(path).xpath("string(//main)")).split())


def wait_for(desk: Desk, path: str, words: str) -> str:
    """Ask for a page until it says something, and return what it says."""
    ends = time.monotonic() + 20
    while words not in (told := words_of(desk, path)):
        assert time.monotonic() < ends, told
    return told


def test_the_list_tells_of_each_edition_its_state_when_it_goes_and_who_has_it(desk: Desk) -> None:
    send(desk, day=23)
    settle(desk, 0, DeliveryState.SENT)
    desk.stores.editions.save(hold(desk.edition), what="held", now=NOW)

    page = desk.page("/editions/")
    rows = [
        " ".join(" ".join(row.itertext()).split())
        for row in page.xpath("//div[@data-region='editions']//tbody/tr")
    ]

    assert [row.split()[0] for row in rows] == ["daily/2026-11-24", "daily/2026-11-23"]
    assert rows[0].endswith(" held held 15 2")
    assert re.search(r" sent went out \w{3} \d{4}-\d\d-\d\d \d\d:\d\d 15 3 1 of 3$", rows[1])
    assert page.xpath("//a/@href[. = '/editions/daily/2026-11-24/']")
    assert page.xpath("//a/@href[. = '/outbox/daily/2026-11-23/']")


def test_the_list_is_filtered_and_paged(open_desk: OpenDesk) -> None:
    weekly = '[newsletters.weekly]\ntitle = "The Week"\nfrom = "The Week <dose@dose.example>"'
    with open_desk(more=weekly) as desk:
        for day in range(1, 23):
            name = replace(desk.name, newsletter="weekly", date=desk.name.date.replace(day=day))
            desk.stores.editions.save(replace(desk.edition, name=name, revision=1), what="drafted", now=NOW)
        first = desk.page("/editions/?newsletter=weekly")
        second = desk.page(str(first.xpath("string(//a[@rel='next']/@href)")))

        named = [page.xpath("//tbody/tr/th/a/text()") for page in (first, second)]

        assert len(named[0]) == 20
        assert named[1] == ["weekly/2026-11-02", "weekly/2026-11-01"]
        assert second.xpath("//a[@aria-current='true']/text()") == ["weekly"]
        assert not second.xpath("//a[@rel='next']")


def test_the_first_page_is_the_newest_edition(desk: Desk) -> None:
    assert desk.get("/").headers["location"] == desk.path


def test_todays_edition_is_drafted_in_the_background_and_refused_once_it_is_approved(desk: Desk) -> None:
    write_page(desk.folder / "inbox")

    answer = desk.post("/editions/draft", newsletter="daily")
    told = wait_for(desk, "/editions/", "holds")

    assert (answer.status, answer.headers["location"]) == (303, "/editions/")
    today = desk.stores.editions.latest("daily")
    assert today is not None
    assert f"{today} holds" in told and "(1 new ones were read)" in told
    assert desk.stores.editions.revisions(today)[0].what.startswith("drafted")
    desk.stores.editions.save(approve(desk.stores.editions.get(today)), what="approved", now=NOW)
    desk.post("/editions/draft", newsletter="daily")
    assert "stays as it is" in wait_for(desk, "/editions/", "failed")
    assert not desk.page("/editions/").xpath("//form[@action='/editions/draft']")


def test_next_and_last_runs_are_told_without_addresses(desk: Desk) -> None:
    note = "550 refused ada@example.org"
    desk.stores.runs.finish("daily", desk.name.date, RunState.FAILED, now=NOW, note=note)

    told = " ".join(" ".join(desk.page("/editions/").itertext()).split())

    assert re.search(r"Next run: \w{3} \d{4}-\d\d-\d\d 06:30, in .* \(America/New_York\)", told)
    assert f"{desk.name.date} failed 550 refused a…@example.org" in told
    assert f"{desk.name} waits for approval" in told


def test_no_draft_is_made_of_a_newsletter_that_is_not_configured(desk: Desk) -> None:
    answer = desk.post("/editions/draft", newsletter="nightly")

    assert answer.status >= 400
    assert "There is no newsletter named" in answer.text


def test_readers_are_counted_and_never_named(desk: Desk) -> None:
    send(desk)
    desk.stores.mailing.remove("daily", READERS[1], now=datetime.now(UTC))

    answer = desk.get("/readers/")
    counts = {" ".join(one.text_content().split()) for one in answer.page.xpath("//ul[@class='counts']/li")}

    assert {"2 get it", "1 left"} <= counts
    assert not any(name in answer.text for reader in READERS for name in (reader, reader.partition("@")[0]))
    this_week = answer.page.xpath("//tbody/tr")[0]
    assert this_week.xpath("string(td[@data-label='Left'])") == "1"


def test_weeks_start_on_mondays_by_the_newsletters_clock() -> None:
    weeks = weeks_until(datetime(2026, 11, 23, 4, 30, tzinfo=UTC), ZoneInfo("America/New_York"))

    assert len(weeks) == 13
    assert weeks[-2] == datetime(2026, 11, 16, 5, 0, tzinfo=UTC)
    assert weeks[-1] - weeks[-2] == timedelta(days=7)


def test_an_outbox_is_counted_and_its_failures_told_with_masked_addresses(desk: Desk) -> None:
    name = send(desk)
    settle(desk, 0, DeliveryState.FAILED, f"550 5.1.1 <{READERS[0]}>: user ada.long unknown")
    settle(desk, 1, DeliveryState.SENT)

    answer = desk.get(f"/outbox/{name}/")
    told = " ".join(str(answer.page.xpath("string(//main)")).split())

    assert "2 of 3 settled" in told
    assert "Waiting for a sender" in told
    assert "550 5.1.1 <a…@example.org>: user a… unknown" in told
    assert "ada.long" not in answer.text
    assert [str(one) for one in answer.page.xpath("//main/@data-poll")] == ["1"]
    assert "done" not in words_of(desk, "/outbox/")


@pytest.mark.parametrize(
    ("reply", "masked"),
    [
        ("250 ok", "250 ok"),
        (
            "<ada@example.org>... relayed for ben@sub.example.net",
            "<a…@example.org>... relayed for b…@sub.example.net",
        ),
        ("User ADA over quota", "User a… over quota"),
        ("rcpt=ada+news@example.org;", "r…@example.org;"),
        ('"ada"@example.org', "a…@example.org"),
        ("bounces+ada=example.org@dose.example", "b…@dose.example"),
        ("Adamant refusal", "Adamant refusal"),
    ],
)
def test_a_servers_words_name_nobody(reply: str, masked: str) -> None:
    assert mask_reply(reply, "ada@example.org") == masked


def test_a_send_is_paused_resumed_stopped_and_tried_again(desk: Desk) -> None:
    name = send(desk)
    mailing, path = desk.stores.mailing, f"/outbox/{name}/"

    desk.post(path, do="pause")
    paused = (mailing.find_halt(name), words_of(desk, path))
    desk.post(path, do="resume")
    resumed = mailing.find_halt(name)
    settle(desk, 0, DeliveryState.FAILED, "550 no")
    desk.post(path, do="retry")
    tried = mailing.counts(name)[DeliveryState.QUEUED]
    desk.post(path, do="stop")
    stopped = (mailing.find_halt(name), mailing.counts(name)[DeliveryState.SKIPPED])

    assert paused[0] is Halt.PAUSED and "Paused" in paused[1]
    assert resumed is None
    assert tried == 3
    assert stopped == (Halt.STOPPED, 3)
    assert desk.post(path, do="explode").status == 404
    assert desk.get("/outbox/daily/2020-01-01/").status == 404


def test_the_manual_is_read_at_the_desk_with_its_pictures(desk: Desk) -> None:
    contents = desk.page("/manual/")
    email = desk.page("/manual/email")
    links = [str(one) for one in contents.xpath("//main//a/@href")]

    assert sorted(links) == sorted(f"/manual/{page.stem}" for page in help_folder().glob("*.md"))
    for source in email.xpath("//main//img/@src"):
        assert desk.get(f"/manual/{source}").headers["content-type"] == "image/png"
    assert email.xpath("//main//img/@alt")
    assert desk.page("/manual/preflight").xpath("//a[@href='/manual/rights']/code")
    assert [desk.get(f"/manual/{one}").status for one in ("nothing", "nothing.png", "..%2Fstart")] == [
        404,
        404,
        404,
    ]


def test_html_in_a_page_of_the_manual_is_shown_and_anchors_are_unique() -> None:
    text = "# A\n\n## Size\n\n<script>1</script>\n\n- `size`, `weight` (error): <b>no</b> `digest help a`\n\n## Size\n"

    page = read_manual_page(text, topics={"a"})

    assert "<script>" not in page.html and "<b>" not in page.html
    assert re.findall(r'id="([^"]*)"', page.html) == ["size-2", "size", "weight", "size-3"]
    assert '<a href="/manual/a"><code>digest help a</code></a>' in page.html


@pytest.mark.parametrize(
    ("before", "told"),
    [
        (timedelta(seconds=5), "just now"),
        (timedelta(minutes=1), "1 minute ago"),
        (timedelta(hours=5), "5 hours ago"),
        (timedelta(days=2, hours=3), "2 days ago"),
        (-timedelta(hours=2), "in 2 hours"),
    ],
)
def test_how_long_ago_is_said_in_the_largest_unit(before: timedelta, told: str) -> None:
    assert say_ago(NOW - before, NOW) == told
    assert say_ago(None, NOW) == "never"


def test_every_page_says_where_it_is(desk: Desk) -> None:
    for path in ("/editions/", "/sources/", "/readers/", "/outbox/", "/manual/"):
        assert desk.page(path).xpath("//header//a[@aria-current='page']/@href") == [path]
    assert STORY not in words_of(desk, "/sources/papers/")
