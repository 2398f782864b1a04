from __future__ import annotations

import pytest
from lxml.html import HtmlElement

from digest.errors import DigestError, SourceError, UsageError
from digest.extract.markup import parse_html
from digest.extract.page import read_page
from digest.extract.selector_choice import is_lasting, ranked_selectors
from digest.extract.site_rules import NO_RULES, SiteRules
from digest.extract.teaching import Correction, Taught, teach
from tests.extract.reading import dump, page
from tests.extract.test_site_rules import BUDGET, CLOSING, CROWD, LETTER, OPENING, PAGE, rule


def selectors(taught: Taught) -> dict[str, list[str]]:
    return {name: [one.css for one in found] for name, found in taught.rule.selectors.items()}


def test_a_correction_becomes_a_rule_that_reads_the_page_so() -> None:
    told = Correction(
        title="Harbor reopens",
        first="The harbor of Port Ellan",
        last="inspect its foundations.",
        caption="Boats at dawn.",
        credit="Ida Marsh",
        authors=("Rosalind Thatch",),
        date="2026-11-24",
        drop=("Our morning letter",),
    )

    taught = teach(page(PAGE), told, rules=NO_RULES)

    assert selectors(taught) == {
        "title": ["h2.headline"],
        "body": [".text"],
        "caption": [".words"],
        "credit": ["em.owner"],
        "authors": ["p.who > b"],
        "date": ["p.when"],
        "drop": ["p.letter"],
    }
    story = read_page(page(PAGE), rules=SiteRules(rules=(taught.rule,)))
    assert story == taught.story
    assert story.text.split("\n\n") == [OPENING, CROWD, CLOSING]
    assert taught.rule.example is not None
    assert taught.rule.example.url == "https://courier.example/news/1"
    assert set(taught.rule.example.found.values()) == {1}


def test_what_was_taught_on_one_page_holds_on_the_next() -> None:
    taught = teach(page(PAGE), Correction(title="Harbor reopens", last="its foundations."), rules=NO_RULES)
    other = PAGE.replace("Harbor reopens", "Council votes").replace("divers", "engineers")

    story = read_page(page(other), rules=SiteRules(rules=(taught.rule,)))

    assert story.title == "Council votes"
    assert BUDGET not in story.text
    assert "engineers" in story.text


def test_a_summary_in_the_header_is_joined_to_the_text() -> None:
    markup = PAGE.replace(
        '<p class="who">', '<header><p class="dek">A year of repairs is over.</p></header><p class="who">'
    )

    taught = teach(
        page(markup), Correction(first="A year of repairs", last="its foundations."), rules=NO_RULES
    )

    assert taught.story.text.split("\n\n") == ["A year of repairs is over.", OPENING, CROWD, LETTER, CLOSING]


def test_what_stands_around_the_text_in_its_element_is_left_out() -> None:
    promo = f'<div class="promo-box"><p>{BUDGET}</p></div>'
    markup = PAGE.replace(f"<p>{CLOSING}</p>", f"<p>{CLOSING}</p><h3>{CROWD}</h3>{promo}").replace(
        "<p>", '<p class="p">'
    )

    taught = teach(page(markup), Correction(first="The harbor", last="foundations."), rules=NO_RULES)

    assert taught.story.text.split("\n\n") == [OPENING, CROWD, LETTER, CLOSING]


def test_a_passage_without_a_class_of_its_own_is_dropped_by_its_words() -> None:
    markup = PAGE.replace(' class="letter"', "")

    taught = teach(page(markup), Correction(drop=("Our morning letter brings",)), rules=NO_RULES)

    assert selectors(taught)["drop"] == ['p:contains("Our morning letter brings")']
    assert LETTER not in taught.story.text


def test_a_rule_there_is_keeps_its_other_fields() -> None:
    known = SiteRules(rules=(rule(credit=".owner", title="h1", drop=".ads"),))

    taught = teach(page(PAGE), Correction(title="Harbor reopens", drop=("Our morning",)), rules=known)

    assert selectors(taught) == {"title": ["h2.headline"], "credit": [".owner"], "drop": [".ads", "p.letter"]}
    assert taught.changed == ("title", "drop")
    assert taught.rule.name == "courier.example.toml"


def test_a_subdomain_starts_from_its_parent_sites_rule() -> None:
    known = SiteRules(rules=(rule(credit=".owner"),))

    taught = teach(
        page(PAGE, url="https://city.courier.example/1"), Correction(title="Harbor reopens"), rules=known
    )

    assert (taught.rule.name, taught.rule.site) == ("", "city.courier.example")
    assert selectors(taught) == {"title": ["h2.headline"], "credit": [".owner"]}


@pytest.mark.parametrize(
    ("told", "error", "sentence"),
    [
        (
            Correction(title="No such words"),
            UsageError,
            "title: the page does not hold the words “No such words”",
        ),
        (Correction(first="No such", last="Nor these"), UsageError, "last: the page does not hold"),
        (Correction(drop=("Nowhere to be seen",)), UsageError, "drop: the page does not hold"),
        (Correction(authors=("Mira Nobody",)), UsageError, "author: the page does not hold"),
        (Correction(date="yesterday week"), UsageError, "date: “yesterday week” is not a date"),
        (Correction(date="2019-01-01"), UsageError, "date: the page does not hold"),
        (Correction(title="The harbor of Port"), SourceError, "title: no element holds just these words"),
        (
            Correction(first="The western quay", last="first boats came in at dawn."),
            SourceError,
            "stand nowhere after",
        ),
    ],
)
def test_what_cannot_be_learned_is_said(told: Correction, error: type[DigestError], sentence: str) -> None:
    with pytest.raises(error, match=sentence) as caught:
        teach(page(PAGE), told, rules=NO_RULES)

    assert "\n" not in str(caught.value) or told.first


def test_a_caption_without_a_picture_cannot_be_learned() -> None:
    markup = PAGE.replace("<img", "<span").replace('alt="boats">', "></span>")

    with pytest.raises(SourceError, match="no picture of the story stands with them"):
        teach(page(markup), Correction(caption="Boats at dawn."), rules=NO_RULES)


def test_a_page_without_an_address_and_a_dump_cannot_be_taught() -> None:
    with pytest.raises(UsageError, match="does not say which address"):
        teach(page(PAGE, url=None), Correction(title="Harbor reopens"), rules=NO_RULES)
    with pytest.raises(UsageError, match="not a page"):
        teach(dump("Harbor reopens"), Correction(title="Harbor reopens"), rules=NO_RULES)


@pytest.mark.parametrize(
    "name", ["headline", "article-body", "c-article__title", "storyText", "td-post-content"]
)
def test_names_that_people_write_last(name: str) -> None:
    assert is_lasting(name)


@pytest.mark.parametrize(
    "name",
    [
        "css-1a2b3c",
        "sc-bdVaJa",
        "Headline__3xYz1",
        "Letter_box__nlGop",
        "post-12345",
        "mt-4",
        "text-lg",
        "bdVaJa",
        "c_jQ",
        "x:y",
        "",
    ],
)
def test_names_that_machines_make_do_not(name: str) -> None:
    assert not is_lasting(name)


def test_generated_names_are_passed_over_for_what_has_a_meaning() -> None:
    markup = '<main><div class="css-1a2b3c"><p class="sc-bdVaJa story-lead" itemprop="headline">Words</p></div></main>'
    (element,) = (item for item in _tree(markup).iter("p"))

    assert [css for _, css in ranked_selectors(element)][:2] == ['p[itemprop="headline"]', "p.story-lead"]


def _tree(markup: str) -> HtmlElement:
    root = parse_html(markup)
    assert root is not None
    return root


def test_a_passage_dropped_twice_is_written_once() -> None:
    known = SiteRules(rules=(rule(drop="p.letter"),))

    taught = teach(page(PAGE), Correction(drop=("Our morning",)), rules=known)

    assert selectors(taught)["drop"] == ["p.letter"]
