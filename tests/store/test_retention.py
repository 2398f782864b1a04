"""What is kept no longer goes, on both engines; what something still needs stays, however old."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, Table, func, insert, select

from digest.model import (
    AlsoIn,
    Blurb,
    DeliveryState,
    Edition,
    EditionName,
    EditionState,
    Halt,
    Image,
    Item,
    Picture,
    Rendered,
    RunState,
    Story,
    StoryId,
)
from digest.store.database import open_database
from digest.store.editions import Editions
from digest.store.last_fetch import LastFetch
from digest.store.mailing import Mailing
from digest.store.pictures import Pictures
from digest.store.retention import Limits, Needed, open_editions, remove_all
from digest.store.runs import Runs
from digest.store.sending import freeze_and_fill
from digest.store.space import compact, find_worker, measure
from digest.store.stories import Stories
from digest.store.tables import bounces, consents, deliveries, letters, printed, revisions, suppressions

NOW = datetime(2026, 11, 24, 6, 30, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=400)
BEFORE = NOW - timedelta(days=90)
ALL = Limits(stories=BEFORE, pictures=BEFORE, renderings=BEFORE, records=BEFORE, compared=7)
SHOWN, UNSHOWN = "a" * 24 + ".jpg", "b" * 24 + ".jpg"


def story(name: str, *, at: datetime | None = LONG_AGO) -> Story:
    image = Image(url=f"https://gazette.example/{name}.jpg")
    return Story(
        id=StoryId(name),
        source="gazette",
        title=f"Of {name}",
        text="A text.",
        published_at=at,
        lead_image=image,
    )


def edition(name: str, day: date, *, newsletter: str = "daily") -> Edition:
    blurb = Blurb(story_id=StoryId(name), text="", sentences=())
    item = Item(story_id=StoryId(name), section="", headline=name, text="", blurb=blurb, site="", url=None)
    item = replace(item, also_in=(AlsoIn(story_id=StoryId(f"{name}-also"), site="", title="", url=None),))
    return Edition(
        name=EditionName(newsletter=newsletter, date=day),
        title="The Daily Dose",
        subject=name,
        preheader="",
        items=(item,),
        drafted=(item,),
        made_at=LONG_AGO,
    )


def make_mailing(engine: Engine) -> Mailing:
    mailing = Mailing(engine, secret=lambda: b"a secret of the tests, long enough")
    mailing.ensure_readers("daily", ["ada@example.org", "grace@example.org"], now=LONG_AGO)
    return mailing


def send(engine: Engine, mailing: Mailing, one: Edition, *, html: str = "") -> EditionName:
    """Save an edition in two revisions, send it, and settle its deliveries, long ago."""
    Editions(engine).save(one, what="drafted", now=LONG_AGO)
    sent = replace(one, revision=2, state=EditionState.SENT)
    rendered = Rendered(name=one.name, subject="", preheader="", html=html, text="", mjml="")
    freeze_and_fill(mailing, engine, sent, rendered, domain="example.org", now=LONG_AGO)
    settle(mailing, one.name, DeliveryState.SENT)
    return one.name


def settle(mailing: Mailing, name: EditionName, state: DeliveryState) -> None:
    taken = mailing.lease(name, owner="me", limit=9, now=LONG_AGO, until=LONG_AGO + timedelta(minutes=5))
    flying = [replace(one, state=DeliveryState.INFLIGHT) for one in taken]
    mailing.record(flying, now=LONG_AGO)
    mailing.record([replace(one, state=state) for one in flying], now=LONG_AGO)


def tidy(
    engine: Engine,
    limits: Limits = ALL,
    *,
    keys: Collection[str] = (),
    dry_run: bool = False,
    has_box: bool = False,
) -> dict[str, int]:
    needed = Needed(
        sources={"gazette"},
        is_followed=lambda _source, address: address == "https://gazette.example/feed",
        has_box=has_box,
    )
    counts = remove_all(
        engine,
        limits,
        needed,
        unsent=open_editions(engine),
        keys=lambda: keys,
        now=NOW,
        dry_run=dry_run,
    )
    return {kind: count for kind, count in counts.items() if count}


def rows(connection: Connection, table: Table) -> int:
    return connection.scalar(select(func.count()).select_from(table)) or 0


def test_old_stories_go_and_those_of_unsent_and_compared_editions_stay(engine: Engine) -> None:
    mailing, stories = make_mailing(engine), Stories(engine)
    names = ["old", "draft", "draft-also", "printed", "printed-also", "long-printed", "long-printed-also"]
    stories.save([story(name) for name in names], source="gazette", now=LONG_AGO, is_hand_picked=False)
    stories.save([story("new", at=NOW)], source="gazette", now=NOW, is_hand_picked=False)
    Editions(engine).save(edition("draft", date(2025, 10, 1)), what="drafted", now=LONG_AGO)
    send(engine, mailing, edition("long-printed", date(2025, 10, 2)))
    send(engine, mailing, edition("printed", date(2025, 10, 3)))

    removed = tidy(engine, replace(ALL, renderings=None, records=None, compared=1))

    assert removed == {"stories": 3}
    kept = {one.story.id for one in stories.of_sources(["gazette"], since=LONG_AGO)}
    assert kept == {"draft", "draft-also", "printed", "printed-also", "new"}
    with engine.connect() as connection:
        assert rows(connection, printed) == 4


def test_a_story_that_would_come_back_as_new_loses_its_text_alone_once(engine: Engine) -> None:
    stories = Stories(engine)
    stories.save([story("undated", at=None)], source="gazette", now=LONG_AGO, is_hand_picked=False)
    stories.save([story("named")], source="gazette", now=LONG_AGO, is_hand_picked=True)

    assert tidy(engine) == {"texts of stories": 2}
    assert tidy(engine) == {}

    (first, second) = stories.of_sources(["gazette"], since=LONG_AGO)
    assert (first.seen_at, first.story.text, first.story.lead_image) == (LONG_AGO, "", None)
    assert {first.story.title, second.story.title} == {"Of undated", "Of named"}


def test_renderings_go_but_not_of_unsettled_or_compared_editions(engine: Engine) -> None:
    mailing, editions = make_mailing(engine), Editions(engine)
    old, doubtful, last = (
        send(engine, mailing, edition(f"s{day}", date(2025, 10, day))) for day in range(1, 4)
    )
    mailing.resolve(doubtful, address="ada@example.org", state=DeliveryState.SENT, now=LONG_AGO)
    with engine.begin() as connection:
        connection.execute(
            deliveries.update().where(deliveries.c.date == doubtful.date).values(state="doubt")
        )

    assert tidy(engine, replace(ALL, records=None, compared=1)) == {"renderings": 1}

    assert [editions.rendering(name) is not None for name in (old, doubtful, last)] == [False, True, True]


def test_pictures_that_a_page_or_a_key_still_needs_stay(engine: Engine) -> None:
    mailing, pictures = make_mailing(engine), Pictures(engine)
    send(
        engine, mailing, edition("s", date(2025, 10, 1)), html=f'<img src="https://x.example/images/{SHOWN}">'
    )
    for key, name in (("shown", SHOWN), ("unshown", UNSHOWN), ("needed", "c" * 24 + ".png")):
        made = Picture(name=name, content=b"x", content_type="image/jpeg", width=1, height=1)
        pictures.save(key, made, now=LONG_AGO)
    pictures.save("a problem", "404", now=LONG_AGO)
    pictures.save("a new problem", "404", now=NOW)

    removed = tidy(engine, replace(ALL, renderings=None, records=None), keys={"needed"})

    assert removed == {"pictures": 2}
    assert set(pictures.find_all(["shown", "unshown", "needed", "a new problem"], problems_since=NOW)) == {
        "shown",
        "needed",
        "a new problem",
    }


def test_records_go_once_settled_and_consents_and_suppressions_never(engine: Engine) -> None:
    mailing, runs = make_mailing(engine), Runs(engine)
    first = send(engine, mailing, edition("s1", date(2025, 10, 1)))
    second = send(engine, mailing, edition("s2", date(2025, 10, 2)))
    with engine.begin() as connection:
        connection.execute(
            deliveries.update().where(deliveries.c.date == second.date).values(state="deferred")
        )
        connection.execute(
            insert(bounces).values(
                subscriber_id=1, newsletter="daily", date=first.date, kind="soft", told_at=LONG_AGO
            )
        )
    mailing.halt(first, Halt.PAUSED, now=LONG_AGO)
    mailing.halt(second, Halt.PAUSED, now=LONG_AGO)
    for name in (first, second):
        runs.finish("daily", name.date, RunState.DONE, now=LONG_AGO)
    mailing.remove("daily", "grace@example.org", now=LONG_AGO)
    with engine.connect() as connection:
        before = rows(connection, consents), rows(connection, suppressions)

    removed = tidy(engine, replace(ALL, renderings=None, stories=None))

    assert removed == {"deliveries": 2, "revisions": 2, "runs": 1, "bounces": 1, "halts": 1}
    assert Editions(engine).get(first).state is EditionState.SENT
    assert sum(mailing.counts(second).values()) == 2
    assert mailing.find_halt(second) is Halt.PAUSED
    with engine.connect() as connection:
        assert (rows(connection, consents), rows(connection, suppressions)) == before
        assert rows(connection, revisions) == 2
    assert before[0] > 0
    assert before[1] > 0


def test_fetches_of_what_is_followed_no_more_are_forgotten(engine: Engine) -> None:
    stories = Stories(engine)
    fetched = LastFetch(fetched_at=LONG_AGO)
    stories.record_fetches(
        "gazette",
        {
            "https://gazette.example/feed": fetched,
            "https://gazette.example/old": fetched,
            "https://gazette.example/new": LastFetch(fetched_at=NOW),
        },
    )
    stories.record_fetch("closed", "https://closed.example/feed", LastFetch(fetched_at=NOW))
    with engine.begin() as connection:
        connection.execute(insert(letters).values(box="box", letter="1"))

    assert tidy(engine, has_box=True) == {"addresses no longer followed": 2}
    assert tidy(engine) == {"letters known": 1}

    assert set(stories.last_fetches("gazette")) == {
        "https://gazette.example/feed",
        "https://gazette.example/new",
    }


def test_a_dry_run_counts_the_same_and_removes_nothing(engine: Engine) -> None:
    mailing = make_mailing(engine)
    Stories(engine).save([story("old")], source="gazette", now=LONG_AGO, is_hand_picked=False)
    send(engine, mailing, edition("s1", date(2025, 10, 1)))

    would = tidy(engine, replace(ALL, compared=0), dry_run=True)

    assert tidy(engine, replace(ALL, compared=0)) == would
    assert would == {"stories": 1, "renderings": 1, "deliveries": 2, "revisions": 1}


def test_for_ever_removes_nothing(engine: Engine) -> None:
    Stories(engine).save([story("old")], source="gazette", now=LONG_AGO, is_hand_picked=False)
    send(engine, make_mailing(engine), edition("s1", date(2025, 10, 1)))

    assert tidy(engine, Limits(compared=7)) == {}


@pytest.fixture
def wasteful(tmp_path: Path) -> Engine:
    """Return a SQLite store with a file that is mostly free."""
    engine = open_database(f"sqlite:///{tmp_path}/digest.db")
    made = Picture(name=UNSHOWN, content=b"x" * 100_000, content_type="image/jpeg", width=1, height=1)
    for number in range(30):
        Pictures(engine).save(f"k{number}", made, now=LONG_AGO)
    tidy(engine)
    return engine


def test_a_file_that_is_mostly_free_is_made_smaller(wasteful: Engine) -> None:
    before = measure(wasteful)
    compact(wasteful)
    after = measure(wasteful)

    assert before is not None and after is not None
    assert before.is_wasted
    assert after.size < before.size / 3
    assert not after.is_wasted


def test_a_send_under_way_is_found(engine: Engine) -> None:
    mailing, one = make_mailing(engine), edition("s1", date(2026, 11, 24))
    mailing.fill(one.name, domain="example.org", now=NOW)
    assert find_worker(engine, now=NOW) is None

    mailing.lease(one.name, owner="somebody", limit=1, now=NOW, until=NOW + timedelta(minutes=5))

    assert find_worker(engine, now=NOW) == "daily/2026-11-24 is at work"
    assert find_worker(engine, now=NOW + timedelta(minutes=6)) is None
