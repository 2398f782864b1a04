"""The link to the preferences lets its reader choose everything, shows no address, and acts on POST alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from digest.model import Subscriber, SubscriberState
from tests.web.conftest import NOW, READER, Served, serving

OTHERS = """
[newsletters.weekly]
title = "The Weekly"
from = "The Weekly <weekly@dose.example>"
consent_text = "Send me The Weekly."

[newsletters.team]
title = "The Team"
from = "The Team <team@dose.example>"
sign_up = false
"""
SAVE = {"act": "save"}


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    with serving(tmp_path, more=OTHERS) as made:
        yield made


def reader_of(served: Served, newsletter: str) -> Subscriber:
    found = served.site.stores.mailing.find(newsletter, READER)
    assert found is not None
    return found


def test_the_page_shows_what_the_reader_gets_and_no_address(served: Served) -> None:
    link = served.link(served.add_reader(), "p")

    answer = served.ask(link)

    assert answer.found("//input[@name='newsletter']/@value") == ["daily", "weekly"]
    assert answer.found("//input[@name='newsletter'][@checked]/@value") == ["daily"]
    assert "Send me The Weekly." in answer.text
    assert READER not in answer.text
    assert answer.headers["cache-control"] == "no-store"


def test_all_is_saved_for_the_person_and_the_page_shows_it(served: Served) -> None:
    link = served.link(served.add_reader(), "p")
    fields = {
        "newsletter": ["daily", "weekly"],
        "time_zone": "Asia/Tokyo",
        "language": "de",
        "plain_text": "yes",
        **SAVE,
    }

    answer = served.fill(link, fields, X_Forwarded_For="192.0.2.7")
    again = served.fill(link, fields, X_Forwarded_For="192.0.2.7")

    assert (answer.status, answer.body) == (again.status, again.body)
    assert answer.found("//*[@role='status']//text()") == ["Gespeichert."]
    assert answer.found("//select[@name='time_zone']/option[@selected]/text()") == ["Asia/Tokyo"]
    assert answer.found("//input[@name='plain_text'][@checked]/@value") == ["yes"]
    for newsletter in ("daily", "weekly"):
        found = reader_of(served, newsletter)
        assert found.state is SubscriberState.ACTIVE
        assert (found.time_zone, found.language, found.plain_text) == ("Asia/Tokyo", "de", True)
    _, weekly = served.site.stores.mailing.held_on(READER)["subscriptions"]
    (consent,) = weekly["consents"]
    assert (consent["wording"], consent["came_from"]) == ("Send me The Weekly.", "192.0.2.7")


def test_what_is_not_ticked_is_left_and_ticked_again_comes_back(served: Served) -> None:
    link = served.link(served.add_reader(), "p")

    served.fill(link, SAVE)
    left = reader_of(served, "daily").state
    served.fill(link, {"newsletter": "daily", **SAVE})

    assert left is SubscriberState.LEFT
    assert reader_of(served, "daily").state is SubscriberState.ACTIVE
    assert served.is_reader()


def test_one_button_leaves_everything_even_what_is_not_offered(served: Served) -> None:
    link = served.link(served.add_reader(), "p")
    for newsletter in ("weekly", "team", "gone"):
        served.site.stores.mailing.add(newsletter, READER, consent="asked", now=NOW)

    answer = served.fill(link, {"newsletter": "daily", "act": "leave"})

    assert "None of our newsletters" in answer.text
    states = {name: reader_of(served, name).state for name in ("daily", "weekly", "team", "gone")}
    assert set(states.values()) == {SubscriberState.LEFT}


@pytest.mark.parametrize("newsletter", ["team", "nowhere", "", "../daily"])
def test_a_newsletter_that_is_not_offered_cannot_be_joined(served: Served, newsletter: str) -> None:
    link = served.link(served.add_reader(), "p")

    served.fill(link, {"newsletter": ["daily", newsletter], **SAVE})

    assert served.site.stores.mailing.find(newsletter, READER) is None
    assert served.is_reader()


def test_who_has_a_closed_newsletter_may_keep_or_leave_it(served: Served) -> None:
    link = served.link(served.add_reader(), "p")
    served.site.stores.mailing.add("team", READER, consent="asked", now=NOW)

    served.fill(link, {"newsletter": ["daily", "team"], **SAVE})
    kept = reader_of(served, "team").state
    served.fill(link, {"newsletter": ["daily"], **SAVE})

    assert kept is SubscriberState.ACTIVE
    assert reader_of(served, "team").state is SubscriberState.LEFT


@pytest.mark.parametrize(
    ("zone", "language"), [("Mars/Olympus", "xx"), ("../../etc/passwd", "en\r\nX: y"), ("\x00", "<b>")]
)
def test_a_zone_or_language_that_is_none_changes_nothing(served: Served, zone: str, language: str) -> None:
    link = served.link(served.add_reader(), "p")
    served.fill(link, {"newsletter": "daily", "time_zone": "Asia/Tokyo", "language": "fr", **SAVE})

    answer = served.fill(link, {"newsletter": "daily", "time_zone": zone, "language": language, **SAVE})

    assert answer.status == 200
    found = reader_of(served, "daily")
    assert (found.time_zone, found.language) == ("Asia/Tokyo", "fr")


def test_the_link_of_an_erased_reader_is_no_link(served: Served) -> None:
    link = served.link(served.add_reader(), "p")
    served.site.stores.mailing.erase("", READER, now=NOW)

    assert served.ask(link).status == 404
    assert served.fill(link, {"newsletter": "daily", **SAVE}).status == 404
    assert served.site.stores.mailing.count_active("daily") == 0


@pytest.mark.parametrize("fields", [{}, {"act": "other"}, {"newsletter": "daily"}])
def test_what_no_button_of_ours_sends_is_refused(served: Served, fields: dict[str, str]) -> None:
    link = served.link(served.add_reader(), "p")

    assert served.fill(link, fields).status == 400
    assert served.is_reader()
