"""Prepared pictures are kept once, whoever made them first."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine

from digest.model import Picture
from digest.store.pictures import Pictures

NOW = datetime(2026, 11, 24, 11, 30, tzinfo=UTC)
PICTURE = Picture(name="a1.jpg", content=b"jpeg", content_type="image/jpeg", width=60, height=40)


def test_a_picture_takes_the_place_of_its_problem_and_a_problem_that_of_the_picture(engine: Engine) -> None:
    pictures = Pictures(engine)

    pictures.save("k", "404", now=NOW)
    assert pictures.find("k", problems_since=NOW) == "404"
    assert pictures.find("k", problems_since=NOW + timedelta(seconds=1)) is None
    pictures.save("k", PICTURE, now=NOW)
    assert pictures.find("k", problems_since=NOW) == pictures.find_by_name("a1.jpg") == PICTURE
    pictures.save("k", "410", now=NOW)
    assert pictures.find("k", problems_since=NOW) == "410"
    assert pictures.find_by_name("a1.jpg") is None


def test_one_picture_saved_by_many_at_once_is_kept(engine: Engine) -> None:
    pictures = Pictures(engine)

    with ThreadPoolExecutor(6) as pool:
        for done in [pool.submit(pictures.save, "k", PICTURE, now=NOW) for _ in range(60)]:
            done.result(timeout=60)

    assert pictures.find("k", problems_since=NOW) == PICTURE
