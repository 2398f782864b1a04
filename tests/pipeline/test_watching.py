"""A watched file is read once, again when it has changed, and never half."""

from __future__ import annotations

import gzip
import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from digest.model import Story, StoryId
from digest.pipeline.watching import WatchedFile, is_later_state, keep_ids, settle
from digest.store.last_fetch import LastFetch
from tests.pipeline.reading import NOW, Reading, page, project

LATER = NOW + timedelta(days=1)
SOURCES = '[[sources]]\nname = "inbox"\nkind = "files"\npaths = ["inbox/*.html", "inbox/"]\n'
LONG_AGO = 1_700_000_000
DUMP = """Ferry waits for fog

By Rosalind Thatch
November 23, 2026

The ferry to Port Ellan waited four hours on Monday, since nobody could see the quay from the bridge.

"We could hear the gulls, and that was all," said Mira Oswin, the harbor master, who sent the crew to lunch.

The fog lifted at noon, and the ferry left with 212 passengers, eleven cars and one horse for the island fair.

{last}
"""


@pytest.fixture
def reading(tmp_path: Path) -> Iterator[Reading]:
    (tmp_path / "inbox").mkdir()
    with project(tmp_path, SOURCES) as made:
        yield made


def put(folder: Path, name: str, text: str | bytes, *, age: float = 0) -> Path:
    """Write a file into the inbox, changed so long after the first moment of the tests."""
    path = folder / "inbox" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    os.utime(path, (LONG_AGO + age, LONG_AGO + age))
    return path


def titles(reading: Reading) -> list[str]:
    return [story.title for story in reading.kept()]


def test_file_is_read_once_though_two_paths_name_it(reading: Reading, tmp_path: Path) -> None:
    put(tmp_path, "one.html", page("One"))
    put(tmp_path, "sub/two.html.gz", gzip.compress(page("Two").encode()))

    first, second = reading.fetch(), reading.fetch()

    assert (first.read, first.new, first.failures) == (2, 2, ())
    assert (second.read, second.new, second.failures, second.reached) == (0, 0, (), 1)


def feed(number: int, title: str) -> str:
    """Return a saved feed of one entry: read fast."""
    link = f"https://gazette.example/{number}"
    return (
        f"<rss version='2.0'><channel><title>The Gazette</title><item><title>{title}</title>"
        f"<link>{link}</link><description>The ferry left.</description></item></channel></rss>"
    )


def test_thousand_files_are_read_once_and_not_again(reading: Reading, tmp_path: Path) -> None:
    for number in range(1000):
        put(tmp_path, f"{number}.xml", feed(number, f"Trip {number}"))

    first, second = reading.fetch(), reading.fetch()
    put(tmp_path, "500.xml", feed(500, "Trip put right"), age=1)
    third = reading.fetch()

    assert (first.read, first.new) == (1000, 1000)
    assert (second.read, second.failures) == (0, ())
    assert (third.read, third.new) == (1, 0)
    assert "Trip put right" in titles(reading)


def test_new_file_is_read_beside_old_ones(reading: Reading, tmp_path: Path) -> None:
    put(tmp_path, "one.html", page("One"))
    reading.fetch()
    put(tmp_path, "two.html", page("Two"))

    assert reading.fetch().read == 1
    assert titles(reading) == ["One", "Two"]


def test_changed_file_updates_its_story(reading: Reading, tmp_path: Path) -> None:
    put(tmp_path, "ferry.txt", DUMP.format(last="Nobody was hurt, said the harbor master in the evening."))
    reading.fetch()
    (before,) = reading.kept()
    put(tmp_path, "ferry.txt", DUMP.format(last="One passenger lost a hat, said the harbor master."), age=5)

    report = reading.fetch(now=LATER)

    (after,) = reading.kept()
    assert (report.read, report.new) == (1, 0)
    assert after.id == before.id
    assert "lost a hat" in after.text


def test_file_that_holds_another_story_now_gives_a_new_one(reading: Reading, tmp_path: Path) -> None:
    put(tmp_path, "today.html", page("Choir sings"))
    reading.fetch()
    put(tmp_path, "today.html", DUMP.format(last="Nobody was hurt."), age=5)

    report = reading.fetch(now=LATER)

    assert (report.read, report.new) == (1, 1)
    assert len(reading.kept()) == 2


def test_vanished_file_is_no_failure_and_its_story_stays(reading: Reading, tmp_path: Path) -> None:
    file = put(tmp_path, "one.html", page("One"))
    reading.fetch()
    file.unlink()

    report = reading.fetch()

    assert (report.read, report.failures, report.reached) == (0, (), 1)
    assert titles(reading) == ["One"]


def test_named_file_that_vanished_is_no_failure_and_one_never_seen_is(tmp_path: Path) -> None:
    sources = SOURCES.replace('"inbox/*.html", "inbox/"', '"inbox/one.html", "inbox/typo.html", "gone/"')
    file = put(tmp_path, "one.html", page("One"))
    with project(tmp_path, sources) as reading:
        reading.fetch()
        file.unlink()

        failures = reading.fetch().failures

    assert len(failures) == 2
    assert all("There is no file" in failure.message for failure in failures)
    assert not any("one.html" in failure.message for failure in failures)


def test_file_that_cannot_be_read_is_told_once_at_each_fetch(reading: Reading, tmp_path: Path) -> None:
    put(tmp_path, "paper.html", b"%PDF-1.7")
    put(tmp_path, "good.html", page("Good"))

    first, second = reading.fetch(), reading.fetch()

    assert (first.read, second.read) == (1, 0)
    for report in (first, second):
        (failure,) = report.failures
        assert failure.subject == "inbox"
        assert "paper.html: it is a PDF" in failure.message


def test_source_whose_every_file_fails_was_not_reached(reading: Reading, tmp_path: Path) -> None:
    put(tmp_path, "paper.html", b"%PDF-1.7")
    assert reading.fetch().reached == 0

    put(tmp_path, "good.html", page("Good"))
    assert reading.fetch().reached == 1
    assert reading.fetch().reached == 1


def test_file_without_a_story_is_named(reading: Reading, tmp_path: Path) -> None:
    put(tmp_path, "menu.html", "<html><body><nav>Home</nav></body></html>")

    (failure,) = reading.fetch().failures

    assert failure.subject == "inbox, inbox/menu.html"
    assert "no story" in failure.message


def test_failed_file_is_read_once_it_was_put_right(reading: Reading, tmp_path: Path) -> None:
    put(tmp_path, "one.html", b"%PDF-1.7")
    reading.fetch()
    put(tmp_path, "one.html", page("One"))

    report = reading.fetch()

    assert (report.read, report.failures) == (1, ())


def test_empty_inbox_is_no_failure(reading: Reading) -> None:
    report = reading.fetch()

    assert (report.read, report.failures, report.reached) == (0, (), 1)


def test_link_to_itself_costs_only_itself(reading: Reading, tmp_path: Path) -> None:
    (tmp_path / "inbox/loop.html").symlink_to("loop.html")
    put(tmp_path, "one.html", page("One"))

    report = reading.fetch()

    assert report.read == 1
    assert [failure.subject for failure in report.failures] == ["inbox"]


def test_mark_and_names_are_kept_as_the_files_fetch_record(reading: Reading, tmp_path: Path) -> None:
    put(tmp_path, "one.html", page("One"))

    reading.fetch()

    (story,) = reading.kept()
    size = (tmp_path / "inbox/one.html").stat().st_size
    assert reading.stories.last_fetches("inbox") == {
        "inbox/one.html": LastFetch(
            etag=f"{LONG_AGO * 1_000_000_000}:{size}", last_modified=story.id, fetched_at=NOW
        )
    }


def seen(path: Path) -> WatchedFile:
    found = path.stat()
    return WatchedFile(
        path=path, address=path.name, mark=f"{found.st_mtime_ns}:{found.st_size}", changed=found.st_mtime
    )


def test_file_that_was_just_written_is_waited_for_and_read(tmp_path: Path) -> None:
    young, old = seen(put(tmp_path, "a.html", "x", age=100)), seen(put(tmp_path, "b.html", "x"))
    waited: list[float] = []

    ready, unsettled = settle([young, old], pause=waited.append, clock=lambda: LONG_AGO + 100.25)

    assert waited == [0.75]
    assert (ready, unsettled) == ([young, old], [])


def test_file_still_being_written_is_left_to_the_next_fetch(tmp_path: Path) -> None:
    young, gone = seen(put(tmp_path, "a.html", "half", age=100)), seen(put(tmp_path, "b.html", "x", age=100))

    def write_on(_seconds: float) -> None:
        put(tmp_path, "a.html", "half and more", age=101)
        gone.path.unlink()

    ready, unsettled = settle([young, gone], pause=write_on, clock=lambda: LONG_AGO + 100.5)

    assert (ready, unsettled) == ([], [young])


def test_old_files_and_ones_of_the_future_cost_no_long_wait(tmp_path: Path) -> None:
    old, future = seen(put(tmp_path, "a.html", "x")), seen(put(tmp_path, "b.html", "x", age=10_000))
    waited: list[float] = []

    settle([old], pause=waited.append, clock=lambda: LONG_AGO + 60)
    assert waited == []
    settle([old, future], pause=waited.append, clock=lambda: LONG_AGO + 60)
    assert waited == [1.0]


def told(name: str, text: str, *, url: str | None = None) -> Story:
    return Story(id=StoryId(name), source="inbox", title=name, text=text, url=url)


TEXT = "the ferry to port ellan waited four hours since nobody could see the quay"


@pytest.mark.parametrize(
    ("text", "is_later"),
    [
        (TEXT, True),
        (TEXT[:40], True),
        (TEXT + " and much more was said about it by many people on the island in the evening", True),
        ("a choir of forty sang in the ropewalk and nobody could see the quay", False),
        ("", False),
    ],
)
def test_later_state_of_a_story_is_known_by_its_words(text: str, is_later: bool) -> None:
    assert is_later_state(told("new", text), of=told("old", TEXT)) is is_later


def test_stories_keep_their_ids_one_each() -> None:
    before = [told("a", TEXT), told("b", "quite another text about the choir that sang")]

    found = [
        told("new", TEXT + " today"),
        told("again", TEXT + " too"),
        told("b", "quite another text about the choir that sang"),
        told("web", TEXT, url="https://a.example/"),
    ]

    assert [story.id for story in keep_ids(found, before)] == ["a", "again", "b", "web"]
