from __future__ import annotations

import pytest

from digest.extract.page import read_page
from digest.extract.site_rules import NO_RULES, SiteRule, SiteRules, parse_selector, site_of
from tests.extract.reading import page

OPENING = "The harbor of Port Ellan reopened on Monday after a year of repairs, and the first boats came in at dawn."
CROWD = (
    "Some four hundred people stood on the quay and cheered as the ferry turned around the old lighthouse."
)
LETTER = "Our morning letter brings you all there is to know about the city each day at six, and it is free."
CLOSING = "The western quay is next, she said, and will stay open while divers inspect its foundations."
BUDGET = "The council votes on the budget of the next year on Tuesday evening, and the vote is expected to be close."
PAGE = f"""<!doctype html><html lang="en"><head><title>For search engines</title></head><body><main>
<h1>Quay news</h1><h2 class="headline">Harbor reopens</h2>
<p class="who">Reported by <b>Rosalind Thatch</b></p><p class="when">posted 24 November 2026</p>
<div class="shot"><img src="/boats.jpg" width="800" height="500" alt="boats">
<div class="words">Boats at dawn. <em class="owner">Ida Marsh</em></div></div>
<div class="text"><p>{OPENING}</p><p>{CROWD}</p><p class="letter">{LETTER}</p><p>{CLOSING}</p></div>
<div class="next"><p>{BUDGET}</p></div></main></body></html>"""


def rule(site: str = "courier.example", path: str = "", **fields: str | list[str]) -> SiteRule:
    selectors = {
        name: tuple(parse_selector(one) for one in ([css] if isinstance(css, str) else css))
        for name, css in fields.items()
    }
    return SiteRule(name=f"{site}.toml", site=site, path=path, selectors=selectors)


def rules(**fields: str | list[str]) -> SiteRules:
    return SiteRules(rules=(rule("courier.example", "", **fields),))


def test_each_field_that_a_rule_finds_is_taken() -> None:
    story = read_page(
        page(PAGE),
        rules=rules(
            title="h2.headline",
            body=".text > p",
            caption=".words",
            credit=".owner",
            authors=".who b",
            date=".when",
            drop=".letter",
        ),
    )

    assert story.title == "Harbor reopens"
    assert story.text.split("\n\n") == [OPENING, CROWD, CLOSING]
    assert story.authors == ("Rosalind Thatch",)
    assert story.published_at is not None
    assert story.published_at.date().isoformat() == "2026-11-24"
    assert story.lead_image is not None
    assert (story.lead_image.caption, story.lead_image.credit) == ("Boats at dawn.", "Ida Marsh")


def test_a_rule_that_finds_nothing_leaves_the_reading_as_it_is() -> None:
    gone = {
        name: f".gone-{name}" for name in ("title", "body", "caption", "credit", "authors", "date", "drop")
    }

    assert read_page(page(PAGE), rules=rules(**gone)) == read_page(page(PAGE))


def test_a_rule_for_the_element_around_the_text_leaves_labels_and_captions_out() -> None:
    markup = PAGE.replace(
        f"<p>{CROWD}</p>", f"<p>{CROWD}</p><p>Advertisement</p><figcaption>A boat.</figcaption>"
    )

    story = read_page(page(markup), rules=rules(body=".text", drop=".letter"))

    assert story.text.split("\n\n") == [OPENING, CROWD, CLOSING]


def test_an_element_named_by_itself_is_taken_as_it_stands() -> None:
    markup = PAGE.replace(f"<p>{CROWD}</p>", '<p class="odd">Advertisement</p>')

    assert "Advertisement" in read_page(page(markup), rules=rules(body=".text > p")).text


def test_dropping_all_of_the_story_still_gives_a_story() -> None:
    story = read_page(page(PAGE), rules=rules(drop="main"))

    assert OPENING in story.text


def test_the_first_of_several_selectors_that_matches_counts_and_all_of_drop() -> None:
    story = read_page(
        page(PAGE), rules=rules(title=[".gone", ".headline", "h1"], body=".text", drop=[".letter", ".gone"])
    )

    assert story.title == "Harbor reopens"
    assert LETTER not in story.text


def test_each_picture_gets_the_words_that_stand_with_it() -> None:
    shot = '<div class="shot"><img src="/{0}.jpg" width="800" height="500"><i class="w">{0} quay.</i></div>'
    bare = '<div class="shot"><img src="/bare.jpg" width="800" height="500"></div>'
    markup = PAGE.replace(
        f"<p>{CROWD}</p>", f"<p>{CROWD}</p>{shot.format('East')}{bare}{shot.format('West')}"
    )

    found = read_page(page(markup), rules=rules(caption=".w, .words", body=".text")).images

    captions = {(image.url or "").rpartition("/")[2]: image.caption for image in found}
    assert captions == {
        "boats.jpg": "Boats at dawn. Ida Marsh",
        "East.jpg": "East quay.",
        "bare.jpg": None,
    } | {"West.jpg": "West quay."}


def test_a_saved_page_is_known_by_the_address_it_gives_itself() -> None:
    link = '<link rel="canonical" href="https://www.courier.example/harbor">'
    saved = page(PAGE.replace("<title>", f"{link}<title>"), url=None)

    assert read_page(saved, rules=rules(title=".headline")).title == "Harbor reopens"
    assert (
        read_page(page(PAGE, url=None), rules=rules(title=".headline")).title == read_page(page(PAGE)).title
    )


def test_the_most_specific_rule_is_used() -> None:
    general, sub, news, deep = (
        rule("courier.example"),
        rule("city.courier.example"),
        rule(path="/news/*"),
        rule(path="/news/sport/*"),
    )
    known = SiteRules(rules=(general, deep, sub, news))

    assert known.find("https://courier.example/") is general
    assert known.find("https://WWW.Courier.example:8080/news/1") is news
    assert known.find("https://courier.example/news/sport/1") is deep
    assert known.find("https://blog.courier.example/news/1") is news
    assert known.find("https://city.courier.example/news/1") is sub
    assert known.find("https://mycourier.example/news/1") is None
    assert known.find(None) is None
    assert known.find("http://[") is None
    assert NO_RULES.find("https://courier.example/") is None


def test_hosts_are_compared_in_one_spelling() -> None:
    assert site_of("https://www.Bücher.example./x") == site_of("http://xn--bcher-kva.example")


@pytest.mark.parametrize("css", ["", "  ", "p >", "h1..x", "p::text", "[x=", "a|b", "x" * 501])
def test_what_is_no_selector_is_refused_with_a_phrase(css: str) -> None:
    with pytest.raises(ValueError, match=r"^is "):
        parse_selector(css)
