"""Sources with their health, fetched from the desk; a corrected story becomes a site's rule and its test."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from digest.extract.teaching import Correction
from digest.model import Image, Story, StoryId
from digest.pipeline.site_checks import SiteState, check_sites
from digest.pipeline.site_files import load_site_rules
from digest.store.last_fetch import LastFetch
from digest.store.story_tallies import StoryTallies
from digest.web.desk.teaching_form import corrections_of, form_of
from tests.web.desk.conftest import SOURCE, Desk, OpenDesk
from tests.web.desk.pages import OTHER, PROMO, STORY, write_page
from tests.web.desk.test_around import wait_for, words_of

FEED = '[[sources]]\nname = "wire"\nkind = "feed"\nurl = "https://wire.example/feed.xml"'
NOW = datetime.now(UTC)


def story(
    number: int, *, caption: str | None = "A view.", url: str | None = "https://p.example/1.jpg"
) -> Story:
    image = Image(url=url, caption=caption)
    return Story(id=StoryId(f"w{number}"), source="wire", title=f"Wire {number}", text="x", lead_image=image)


def read_pages(desk: Desk) -> list[Story]:
    """Let the source read two pages of one site; return their stories."""
    write_page(desk.folder / "inbox")
    write_page(desk.folder / "inbox", OTHER, slug="tram")
    desk.post(f"/sources/{SOURCE}/")
    wait_for(desk, f"/sources/{SOURCE}/", "2 stories read, 2 of them new")
    found = StoryTallies(desk.stores.engine).newest(SOURCE, limit=50)
    return [next(one for one in found if one.title == title) for title in (STORY, OTHER)]


def fields_of(desk: Desk, path: str) -> dict[str, str | list[str]]:
    """Return what the form of a teaching page sends when nothing is changed in it."""
    (form,) = desk.page(path).xpath("//form[.//button[@id='try']]")
    fields: dict[str, str | list[str]] = {
        str(one.get("name")): str(one.get("value")) for one in form.xpath(".//input[not(@type='checkbox')]")
    }
    return fields | {"keep": [str(one) for one in form.xpath(".//input[@checked]/@value")]}


def test_a_sources_health_counts_captions_days_and_failures(open_desk: OpenDesk) -> None:
    with open_desk(more=FEED) as desk:
        now = datetime.now(UTC)
        stories, retry = desk.stores.stories, now + timedelta(hours=3, minutes=5)
        stories.save([story(1), story(2, caption=None)], source="wire", now=now, is_hand_picked=False)
        old = [story(3, url=None)]
        stories.save(old, source="wire", now=now - timedelta(days=20), is_hand_picked=False)
        stories.record_fetch(
            "wire",
            "https://wire.example/feed.xml",
            LastFetch(fetched_at=now, failures=4, last_error="It answered 503.", retry_at=retry),
        )

        (row,) = desk.page("/sources/").xpath("//tbody/tr[th/a = 'wire']")
        told = " ".join(" ".join(row.itertext()).split())
        (days,) = row.xpath(".//*[local-name() = 'svg']/@aria-label")
        page = words_of(desk, "/sources/wire/")

    assert told.endswith("feed just now 3 1 of 2 It answered 503. Asked again in 3 hours.")
    assert str(days).endswith(": 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2")
    assert "2 stories, 2 with a picture, 1 of 2 with its caption" in page
    assert "https://wire.example/feed.xml (configured) just now 4 It answered 503." in page


def test_a_source_is_fetched_at_once_and_its_failures_told(open_desk: OpenDesk) -> None:
    with open_desk(more=FEED.replace("https://wire.example", "http://127.0.0.1:1")) as desk:
        write_page(desk.folder / "inbox")

        desk.post("/sources/", do="fetch")
        told = wait_for(desk, "/sources/", "of them new")

        assert "1 stories read, 1 of them new" in told
        assert "wire : http://127.0.0.1:1/feed.xml leads to the private address" in told.replace(
            "wire:", "wire :"
        )
        assert desk.get("/sources/unknown/").status == 404


def test_a_story_without_its_advertisement_becomes_a_rule_that_others_are_read_by(desk: Desk) -> None:
    first, other = read_pages(desk)
    path = f"/sources/{SOURCE}/teach/{first.id}"
    assert PROMO in first.text and PROMO in other.text
    fields = fields_of(desk, path)
    kept = fields["keep"]
    assert isinstance(kept, list)

    tried = desk.post(path, **(fields | {"keep": kept[:-1]}))
    rule = tried.page.xpath("string(//pre[@class='file'])")
    nothing_yet = list(desk.config.sites.glob("*.toml"))
    (form,) = tried.page.xpath("//form[.//button[@id='write']]")
    sent: dict[str, str | list[str]] = {
        str(one.get("name")): str(one.get("value")) for one in form.xpath(".//input[@name != 'keep']")
    }
    written = desk.post(
        path, **sent, keep=[str(one) for one in form.xpath(".//input[@name = 'keep']/@value")]
    )

    assert tried.status == 200 and nothing_yet == []
    assert tomllib.loads(str(rule))["drop"] == ".promo-box"
    assert [str(one) for one in tried.page.xpath("//h3/text()[1]")] == [f"{STORY} ", OTHER]
    assert tried.page.xpath("count(//del)") == 2
    assert (written.status, written.headers["location"]) == (303, f"/sources/{SOURCE}/?told=taught")
    (file,) = desk.config.sites.glob("*.toml")
    assert (file.name, file.read_text(encoding="utf-8")) == ("quay.example.toml", str(rule))
    for one in (first, other):
        again = desk.stores.stories.find(one.id)
        assert again is not None and again.title == one.title
        assert PROMO not in again.text and "paragraph 5" in again.text


def test_the_rule_is_its_own_test(desk: Desk) -> None:
    first, _ = read_pages(desk)
    path = f"/sources/{SOURCE}/teach/{first.id}"
    fields = fields_of(desk, path)
    tried = desk.post(path, **(fields | {"keep": fields["keep"][:-1]}))
    mark = str(tried.page.xpath("string(//input[@name='mark']/@value)"))
    desk.post(path, **(fields | {"keep": fields["keep"][:-1], "do": "write", "mark": mark}))
    rules = load_site_rules(desk.config.sites)
    page = desk.folder / "inbox" / "harbor.html"

    def state() -> SiteState:
        (check,) = check_sites(rules, [str(page)], make_fetcher=lambda: pytest.fail("no network"), now=NOW)
        return check.state

    before = state()
    page.write_text(page.read_text(encoding="utf-8").replace("promo-box", "other-box"), encoding="utf-8")

    assert (before, state()) == (SiteState.FINE, SiteState.BROKEN)
    assert "quay.example.toml" in words_of(desk, "/sources/")


def test_a_rule_that_changed_since_it_was_shown_is_shown_again_and_not_written(desk: Desk) -> None:
    first, _ = read_pages(desk)
    path = f"/sources/{SOURCE}/teach/{first.id}"
    fields = fields_of(desk, path)

    answer = desk.post(path, **(fields | {"keep": fields["keep"][:-1], "do": "write", "mark": "old"}))

    assert answer.status == 200
    assert answer.page.xpath("//button[@id='write']")
    assert not list(desk.config.sites.glob("*.toml"))


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({}, "Nothing was corrected"),
        ({"title": "A headline that stands nowhere"}, "does not hold the words"),
        ({"date": "soon"}, "is not a date"),
    ],
)
def test_a_correction_that_gives_no_rule_is_told_with_what_was_typed(
    desk: Desk, changes: dict[str, str], told: str
) -> None:
    first, _ = read_pages(desk)
    path = f"/sources/{SOURCE}/teach/{first.id}"

    answer = desk.post(path, **(fields_of(desk, path) | changes))

    assert answer.status == 422
    assert told in answer.page.xpath("string(//*[@role='alert'])")
    for name, value in changes.items():
        assert answer.page.xpath(f"//input[@name='{name}']/@value") == [value]


def test_a_story_whose_page_is_gone_cannot_be_taught(desk: Desk) -> None:
    first, _ = read_pages(desk)
    (desk.folder / "inbox" / "harbor.html").unlink()

    answer = desk.get(f"/sources/{SOURCE}/teach/{first.id}")

    assert answer.status >= 400
    assert "holds the page of" in answer.text
    assert desk.get(f"/sources/{SOURCE}/teach/unknown").status == 404


def test_what_a_form_leaves_as_it_is_is_no_correction() -> None:
    blank = form_of(
        replace(story(1), text="One two three.\n\nFour five.\n\nSix seven.", authors=("A B", "C"))
    )

    def told(**changes: object) -> list[Correction]:
        return corrections_of(blank, replace(blank, **changes))  # type: ignore[arg-type]  # names are the form's

    assert told() == []
    assert told(authors="A B") == [Correction(authors=("A B",))]
    assert told(kept=frozenset({0, 2})) == [Correction(drop=("Four five.",))]
    assert told(kept=frozenset({0, 1})) == [Correction(drop=("Six seven.",)), Correction(last="Four five.")]
    assert told(kept=frozenset({1})) == [
        Correction(drop=("One two three.", "Six seven.")),
        Correction(first="Four five.", last="Four five."),
    ]
