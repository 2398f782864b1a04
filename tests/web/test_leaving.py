"""A link in an email lets its reader leave by POST alone, and no answer tells whether anyone is a reader."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import text as sql

from tests.web.conftest import NOW, READER, Served, serving

ONE_CLICK = b"List-Unsubscribe=One-Click"
MULTIPART = (
    b'--xyz\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--xyz--\r\n'
)


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("kind", ["u", "p"])
def test_following_a_link_changes_nothing(served: Served, kind: str, method: str) -> None:
    link = served.link(served.add_reader(), kind)

    answer = served.ask(link, method)

    assert answer.status == 200
    assert served.is_reader()
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-robots-tag"] == "noindex"


def test_the_page_offers_a_button_that_unsubscribes(served: Served) -> None:
    link = served.link(served.add_reader())
    form = served.ask(link).page.forms[0]

    answer = served.ask(link, form.method)

    assert form.action is None
    assert answer.status == 200
    assert "The Daily Dose will not be sent to you any more" in answer.text
    assert not served.is_reader()


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (ONE_CLICK, "application/x-www-form-urlencoded"),
        (MULTIPART, "multipart/form-data; boundary=xyz"),
        (b"", "application/x-www-form-urlencoded"),
        (b"\xff\x00nonsense", "text/plain"),
    ],
)
def test_a_mailbox_unsubscribes_with_one_request(served: Served, body: bytes, content_type: str) -> None:
    """RFC 8058: no cookie, no login, no redirect."""
    link = served.link(served.add_reader())

    answer = served.ask(link, "POST", body=body, content_type=content_type)

    assert answer.status == 200
    assert "set-cookie" not in answer.headers
    assert not served.is_reader()


def test_leaving_twice_is_the_same_as_once(served: Served) -> None:
    link = served.link(served.add_reader())

    first, second = served.ask(link, "POST"), served.ask(link, "POST")

    assert (first.status, first.body) == (second.status, second.body)
    assert not served.is_reader()


def test_no_answer_tells_whether_someone_is_still_a_reader(served: Served) -> None:
    """Compare a reader with one who left and one who was erased."""
    mailing = served.site.stores.mailing
    link = served.link(served.add_reader())
    active = served.ask(link)
    mailing.remove("daily", READER, now=NOW)
    left, left_again = served.ask(link), served.ask(link, "POST")
    mailing.erase("daily", READER, now=NOW)
    erased, erased_again = served.ask(link), served.ask(link, "POST")

    assert active.body == left.body == erased.body
    assert left_again.body == erased_again.body
    assert READER not in active.text


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_link_that_is_not_ours_says_so_and_does_nothing(served: Served, method: str) -> None:
    link = served.link(served.add_reader())
    swapped = served.link(served.add_reader(), "p").replace("/p/", "/u/")
    forged = [link[:-1], link + "A", link.replace("/u/1.", "/u/2."), swapped, "/u/1", "/u/%00", "/u/1.%C3%A9"]

    answers = [served.ask(path, method) for path in forged]

    assert {answer.status for answer in answers} == {404}
    assert len({answer.body for answer in answers}) == 1
    assert "<form" not in answers[0].text
    assert served.is_reader()


def test_the_page_speaks_the_newsletters_language(tmp_path: Path) -> None:
    with serving(tmp_path, newsletter='language = "de"') as served:
        link = served.link(served.add_reader())

        assert "The Daily Dose abbestellen" in served.ask(link).text
        assert "Sie haben abbestellt" in served.ask(link, "POST").text
        assert '<html lang="de" dir="ltr">' in served.ask("/u/wrong").text


def test_the_page_is_set_from_right_to_left_where_the_language_is(tmp_path: Path) -> None:
    with serving(tmp_path, newsletter='language = "ar"') as served:
        assert '<html lang="ar" dir="rtl">' in served.ask(served.link(served.add_reader())).text


def test_our_own_trouble_is_a_page_that_asks_to_come_again(served: Served) -> None:
    link = served.link(served.add_reader())
    with served.site.stores.engine.begin() as connection:
        connection.execute(sql("ALTER TABLE subscribers RENAME TO elsewhere"))

    answer = served.ask(link, "POST")

    assert answer.status == 503
    assert answer.headers["retry-after"] == "60"
    assert "Please try again" in answer.text
    assert "subscribers" not in answer.text
