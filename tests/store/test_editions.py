"""Editions keep every revision; two editors cannot overwrite each other."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import Engine, update

from digest.errors import EditionError, StaleEditionError, UnknownEditionError
from digest.model import (
    AlsoIn,
    Blurb,
    Edition,
    EditionName,
    EditionState,
    Item,
    Picture,
    Printed,
    Rendered,
    Sentence,
    Story,
    StoryId,
)
from digest.records import rendered_to_dict
from digest.store.editions import Editions, RevisionEntry, freeze, stale
from digest.store.mailing import Mailing
from digest.store.sending import freeze_and_fill
from digest.store.stories import Stories
from digest.store.tables import renderings

NOW = datetime(2026, 11, 24, 11, 30, tzinfo=UTC)
ITEM = Item(
    story_id=StoryId("a1"),
    section="City",
    headline="Harbor reopens",
    text="The harbor reopened on Monday.",
    blurb=Blurb(
        story_id=StoryId("a1"),
        text="The harbor reopened on Monday.",
        sentences=(Sentence(text="The harbor reopened on Monday.", start=0, end=30),),
    ),
    site="The Gazette",
    url="https://gazette.example/harbor",
    also_in=(AlsoIn(story_id=StoryId("b2"), site="The Courier", title="Harbor open", url=None),),
)


def edition(day: int = 24, newsletter: str = "daily") -> Edition:
    return Edition(
        name=EditionName(newsletter=newsletter, date=date(2026, 11, day)),
        title="The Daily Dose",
        subject="Harbor reopens",
        preheader="And more",
        items=(ITEM,),
        drafted=(ITEM,),
        made_at=NOW,
    )


def test_the_newest_revision_is_what_is_found(engine: Engine) -> None:
    editions = Editions(engine)
    editions.save(edition(), what="drafted", now=NOW)
    second = replace(edition(), revision=2, subject="Harbor reopens early")
    editions.save(second, what="subject", now=NOW)

    assert editions.get(edition().name) == second
    assert editions.find(edition(day=1).name) is None
    with pytest.raises(UnknownEditionError, match="daily/2026-11-01"):
        editions.get(edition(day=1).name)


def test_two_changes_of_the_same_revision_are_not_both_taken(engine: Engine) -> None:
    editions = Editions(engine)
    editions.save(edition(), what="drafted", now=NOW)
    editions.save(replace(edition(), revision=2, subject="one"), what="subject", now=NOW)

    with pytest.raises(EditionError, match="someone else"):
        editions.save(replace(edition(), revision=2, subject="two"), what="subject", now=NOW)

    assert editions.get(edition().name).subject == "one"


def test_a_change_that_came_too_late_tells_who_changed_what_and_when(engine: Engine) -> None:
    editions = Editions(engine)
    editions.save(edition(), what="drafted", now=NOW, who="ada")
    editions.save(replace(edition(), revision=2), what="moved 'Harbor reopens'", now=NOW, who="grace")

    with pytest.raises(StaleEditionError, match="grace moved 'Harbor reopens' at 11:30 UTC") as caught:
        editions.save(replace(edition(), revision=2), what="subject", now=NOW, who="ada")

    assert caught.value.newest == 2
    assert "ada" not in str(caught.value)


def test_the_history_of_an_edition_comes_newest_first(engine: Engine) -> None:
    editions = Editions(engine)
    later = NOW + timedelta(minutes=5)
    editions.save(edition(), what="drafted", now=NOW)
    editions.save(edition(day=23), what="drafted", now=NOW)
    editions.save(replace(edition(), revision=2), what="wrote the subject", now=later, who="ada")

    assert editions.revisions(edition().name) == [
        RevisionEntry(revision=2, saved_at=later, what="wrote the subject", who="ada"),
        RevisionEntry(revision=1, saved_at=NOW, what="drafted", who=""),
    ]
    assert [one.revision for one in editions.revisions(edition().name, since=1)] == [2]
    assert editions.revisions(edition(day=1).name) == []


def test_of_many_changes_the_latest_are_told_and_the_others_counted() -> None:
    entries = [
        RevisionEntry(revision=number, saved_at=NOW, what=f"change {number}", who="ada")
        for number in range(6, 1, -1)
    ]

    told = str(stale(edition().name, entries))

    assert "ada change 6 at 11:30 UTC; ada change 5 at 11:30 UTC; ada change 4" in told
    assert "and 2 changes before" in told and "change 3" not in told


def test_names_as_people_type_them(engine: Engine) -> None:
    editions = Editions(engine)
    for one in (edition(22), edition(23, "weekly"), edition(23)):
        editions.save(one, what="drafted", now=NOW)

    assert str(editions.resolve("daily/2026-11-22")) == "daily/2026-11-22"
    assert str(editions.resolve("daily/latest")) == "daily/2026-11-23"
    assert editions.resolve("latest").date == date(2026, 11, 23)
    assert str(editions.resolve("weekly/latest")) == "weekly/2026-11-23"
    for wrong in ("", "daily", "daily/yesterday", "2026-11-23", "daily/2026-11-01", "monthly/latest"):
        with pytest.raises(UnknownEditionError):
            editions.resolve(wrong)


def test_what_was_frozen_comes_back_and_is_printed(engine: Engine) -> None:
    editions = Editions(engine)
    editions.save(edition(), what="drafted", now=NOW)
    sent = replace(edition(), revision=2, state=EditionState.SENT)
    picture = Picture(name="p.jpg", content=b"\xff\xd8", content_type="image/jpeg", width=2, height=1)
    rendered = Rendered(
        name=sent.name, subject="s", preheader="p", html="<p>", text="t", mjml="<mjml>", pictures=(picture,)
    )

    with engine.begin() as connection:
        freeze(connection, sent, rendered, now=NOW)

    assert editions.rendering(sent.name) == rendered
    assert editions.rendering(edition(day=1).name) is None
    assert [entry.state for entry in editions.entries("daily")] == [EditionState.SENT]
    assert editions.printed("daily", texts_of=1) == [
        Printed(
            story_id=StoryId("a1"),
            title="Harbor reopens",
            url=ITEM.url,
            date=sent.name.date,
            blurb=ITEM.text,
            at=NOW,
        ),
        Printed(story_id=StoryId("b2"), title="Harbor open", url=None, date=sent.name.date, at=NOW),
    ]
    assert editions.printed("weekly", texts_of=7) == []


def test_what_was_printed_comes_with_its_text_as_it_was_then(engine: Engine) -> None:
    editions = Editions(engine)
    told = "The harbor reopened on Monday."
    story = Story(id=StoryId("a1"), source="gazette", title="Harbor reopens", text=told)
    for source in ("gazette", "wire"):
        Stories(engine).save([story], source=source, now=NOW, is_hand_picked=False)
    send(engine, edition(), now=NOW + timedelta(hours=2))
    edited = replace(story, text="The harbor closed again.")
    Stories(engine).save([edited], source="wire", now=NOW + timedelta(hours=9), is_hand_picked=False)

    latest = editions.printed("daily", texts_of=1)
    without = editions.printed("daily", texts_of=0)

    assert [(one.text, one.blurb, one.at) for one in latest] == [(told, ITEM.text, NOW), ("", "", NOW)]
    assert [(one.text, one.at) for one in without] == [("", None), ("", None)]


def test_texts_come_of_the_latest_editions_however_far_apart(engine: Engine) -> None:
    for month in range(1, 10):
        item = replace(ITEM, story_id=StoryId(f"m{month}"), also_in=())
        name = EditionName(newsletter="monthly", date=date(2026, month, 1))
        send(engine, replace(edition(), name=name, items=(item,), drafted=(item,)), now=NOW)

    found = Editions(engine).printed("monthly", texts_of=7)

    assert [one.date.month for one in found if one.blurb] == [3, 4, 5, 6, 7, 8, 9]
    assert len(found) == 9


def test_of_an_edition_sent_before_its_texts_were_kept_those_of_the_stories_are_told(engine: Engine) -> None:
    story = Story(id=StoryId("a1"), source="gazette", title="Harbor reopens", text="Now edited.")
    Stories(engine).save([story], source="gazette", now=NOW, is_hand_picked=False)
    send(engine, edition(), now=NOW + timedelta(hours=2))
    with engine.begin() as connection:
        connection.execute(update(renderings).values(body=rendered_to_dict(rendering())))

    found = Editions(engine).printed("daily", texts_of=7)

    assert [(one.text, one.blurb) for one in found] == [("Now edited.", ""), ("", "")]
    assert found[0].at == NOW + timedelta(hours=2)


def send(engine: Engine, drafted: Edition, *, now: datetime) -> None:
    """Save an edition and freeze it."""
    Editions(engine).save(drafted, what="drafted", now=drafted.made_at)
    with engine.begin() as connection:
        sent = replace(drafted, revision=2, state=EditionState.SENT)
        freeze(connection, sent, replace(rendering(), name=drafted.name), now=now)


def test_of_two_sends_at_once_one_freezes_and_the_other_goes_on(engine: Engine) -> None:
    mailing = Mailing(engine, secret=lambda: b"s" * 32)
    mailing.add("daily", "ada@example.org", consent="asked", now=NOW)
    Editions(engine).save(edition(), what="drafted", now=NOW)
    sent = replace(edition(), revision=2, state=EditionState.SENT)
    queued: list[int] = []
    start = threading.Barrier(4)

    def send() -> None:
        start.wait()
        queued.append(freeze_and_fill(mailing, engine, sent, rendering(), domain="dose.example", now=NOW))

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(queued) == [0, 0, 0, 1]
    assert len(mailing.list_deliveries(sent.name)) == 1


def test_an_edition_that_was_changed_meanwhile_is_not_frozen(engine: Engine) -> None:
    mailing = Mailing(engine, secret=lambda: b"s" * 32)
    Editions(engine).save(replace(edition(), revision=2), what="edited", now=NOW)
    sent = replace(edition(), revision=2, state=EditionState.SENT)

    with pytest.raises(EditionError, match="changed by someone else"):
        freeze_and_fill(mailing, engine, sent, rendering(), domain="dose.example", now=NOW)

    assert Editions(engine).rendering(sent.name) is None


def rendering() -> Rendered:
    return Rendered(
        name=edition().name, subject="Harbor", preheader="", html="<p>", text="", mjml="", pictures=()
    )
