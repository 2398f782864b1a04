"""A finding about one story names it, also where two stories have the same headline."""

from __future__ import annotations

from dataclasses import replace

from digest.check.preflight import check_rendered
from digest.model import Edition, Finding, Image, StoryId
from digest.render.compose import render_edition
from digest.render.costs import stories_of
from tests.render.sample import TEMPLATE, make_edition, make_item, make_newsletter, make_stub_pictures

SECOND = StoryId("sample-01")


def edition_of(*changes: dict[str, object]) -> Edition:
    items = tuple(make_item(number, **some) for number, some in enumerate(changes))
    return make_edition(items=items, drafted=items)


def find(edition: Edition, old: str = "", new: str = "") -> list[Finding]:
    """Return the findings on an edition, one place of whose HTML reads otherwise."""
    newsletter = make_newsletter(public_url="https://news.example", images="attach")
    made = render_edition(edition, newsletter, template_folder=TEMPLATE, pictures=make_stub_pictures(edition))
    assert old in made.html
    made = replace(made, html=made.html.replace(old, new, 1) if old else made.html)
    return check_rendered(
        made, edition, newsletter, readers=1, find_owners=lambda body: stories_of(body, edition)
    )


def owners(findings: list[Finding], rule: str) -> list[StoryId | None]:
    return [finding.story_id for finding in findings if finding.rule == rule]


def test_what_an_edition_says_of_a_story_names_it_though_two_have_one_headline() -> None:
    edition = edition_of({}, {"headline": "The same"}, {"headline": "The same", "text": ""})

    assert owners(find(edition), "blurb") == ["sample-02"]


def test_what_is_wrong_with_a_link_or_a_picture_names_the_story_it_stands_in() -> None:
    image = Image(url="https://a.example/a.jpg", alt="A bell of bronze", credit="Ada Brandt")
    edition = edition_of({}, {"image": image, "url": "http://slow.example/1"}, {})

    assert set(owners(find(edition), "http-link")) == {SECOND}
    assert owners(find(edition, ' alt="A bell of bronze"'), "image-alt") == [SECOND]
    assert owners(find(edition, "</body>", '<a href="http://x.example/">x</a></body>'), "foreign-link") == [
        None
    ]


def test_a_picture_that_is_not_attached_names_its_story() -> None:
    edition = edition_of({}, {}, {})
    newsletter = make_newsletter(public_url="https://news.example", images="attach")
    made = render_edition(edition, newsletter, template_folder=TEMPLATE, pictures=make_stub_pictures(edition))
    lost, *others = made.pictures

    findings = check_rendered(
        replace(made, pictures=tuple(others)),
        edition,
        newsletter,
        find_owners=lambda body: stories_of(body, edition),
    )

    shown = next(one for one in findings if one.rule == "attachment-missing")
    assert (shown.where, shown.story_id) == (lost.name, edition.items[0].story_id)
