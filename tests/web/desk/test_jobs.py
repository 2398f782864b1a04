"""What takes long goes on in the background, one of a kind at a time, however much else is begun."""

from __future__ import annotations

import threading
from datetime import UTC, datetime

from digest.errors import SourceError
from digest.web.desk.jobs import KEPT, Done, Job, Jobs

NOW = datetime(2026, 11, 24, tzinfo=UTC)


def test_one_that_goes_on_is_not_forgotten_for_others() -> None:
    jobs, may_end = Jobs(), threading.Event()

    def work(_job: Job) -> Done:
        may_end.wait(10)
        return Done(sentence="")

    first = jobs.start("fetch first", "", work, now=NOW)
    others = [jobs.start(f"fetch {number}", "", work, now=NOW) for number in range(KEPT + 2)]
    again = jobs.start("fetch first", "", work, now=NOW)
    may_end.set()
    for one in (first, *others):
        one.wait(10)
    last = jobs.start("fetch last", "", work, now=NOW)

    assert again is first
    assert len(jobs.like("fetch ")) == KEPT
    assert jobs.like("fetch ")[0] is last


def test_one_that_fails_says_why() -> None:
    def work(_job: Job) -> Done:
        raise SourceError("The outlet is closed.")

    job = Jobs().start("fetch", "", work, now=NOW)
    job.wait(10)

    assert (job.is_running, job.outcome, job.problem) == (False, None, "The outlet is closed.")
