"""What the desk tells an editor: why a story is in, what is not, facts, rights, bytes, and what preflight found."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from lxml import html as lxml_html

from digest.edition import find_item
from digest.model import Edition, Finding, LeftOut, Reason, Severity, StoryId
from digest.pipeline.fact_checking import check_item
from digest.web.desk.findings import group_findings
from digest.web.desk.knowing import parts_of_score
from digest.web.desk.place import Place
from tests.render.sample import make_edition, make_item
from tests.web.desk.conftest import Desk, OpenDesk, make_stories

FIRST = "sample-00"
CLAIM = " Mayor Ludmilla Brenn said so."
REASONS = (
    Reason(name="freshness", value=1.5, detail="told an hour ago"),
    Reason(name="variety", value=-0.5, detail="after 1 in Harbour City"),
)


def words(page: lxml_html.HtmlElement, selector: str) -> str:
    return " ".join(" ".join(one.text_content() for one in page.cssselect(selector)).split())


def claim(desk: Desk) -> None:
    """Let the first story's blurb say what its story does not."""
    text = desk.edition.items[0].text + CLAIM
    assert desk.edit("rewrite", story=FIRST, text=text).status == 303


def keep(desk: Desk, edition: Edition) -> None:
    desk.stores.editions.save(
        replace(edition, revision=edition.revision + 1), what="drafted", now=datetime.now(UTC)
    )


def test_parts_of_a_score_are_measured_by_the_largest_whatever_its_sign() -> None:
    item = make_item(0, reasons=REASONS, score=1.0)

    assert [(part.name, round(part.share, 2)) for part in parts_of_score(item)] == [
        ("freshness", 1.0),
        ("variety", 0.33),
    ]
    assert parts_of_score(make_item(0)) == ()


def test_a_page_tells_why_its_story_is_in(desk: Desk) -> None:
    items = tuple(replace(item, reasons=REASONS, score=1.0) for item in desk.edition.items)
    keep(desk, replace(desk.edition, items=items, drafted=items))

    shown = words(desk.page(), "#why")

    assert "score 1.00" in shown
    assert "freshnesstold an hour ago+1.50" in shown
    assert "-0.50" in shown
    assert "Ferry bell rises after 95 years, The Courier" in shown


def test_a_story_that_was_left_out_goes_in_with_one_click_and_is_the_chosen_one(desk: Desk) -> None:
    revision = str(desk.edition.revision)

    answer = desk.post(
        f"{desk.path}include", story="outside-1", revision=revision, back=f"story={FIRST}&view=text"
    )

    assert answer.status == 303
    assert answer.headers["location"] == f"{desk.path}?story=outside-1&view=text"
    item = find_item(desk.edition, "outside-1")
    assert item.text.startswith("Bridge number 1 got new lamps on Friday")
    assert "outside-1" not in {one.story_id for one in desk.edition.left_out}
    assert "by the editor; left out before: too old" in words(desk.page(answer.headers["location"]), "#why")


def test_a_story_put_in_from_an_old_page_is_refused_where_the_editor_was(desk: Desk) -> None:
    before = str(desk.edition.revision)
    claim(desk)

    answer = desk.post(f"{desk.path}include", story="outside-1", revision=before, back="story=sample-03")

    assert answer.status == 409
    assert "outside-1" not in {item.story_id for item in desk.edition.items}
    assert answer.found("//li[contains(@class, 'chosen')]/@data-story") == ["sample-03"]


def test_hundreds_that_were_left_out_are_listed_in_part_found_by_words_and_listed_whole(desk: Desk) -> None:
    more = tuple(
        LeftOut(story_id=StoryId(f"more-{n}"), title=f"Tram {n} is late", site="The Meridian", why="too old")
        for n in range(200)
    )
    keep(desk, replace(desk.edition, left_out=(*desk.edition.left_out, *more)))
    rows = ".left-out li"

    plain, all_of_them = desk.page(), desk.page(f"{desk.path}?out=all")
    found, nothing = (
        desk.page(f"{desk.path}?find=TRAM+17+meridian"),
        desk.page(f"{desk.path}?find=<i>zeppelin"),
    )

    assert len(plain.cssselect(rows)) == 20
    assert "203" in words(plain, "#left-out summary")
    assert "score 2.00" in words(plain, rows)
    assert len(all_of_them.cssselect(rows)) == 203
    assert next(one.text_content() for one in found.cssselect(".left-out .title")) == "Tram 17 is late"
    assert "12 of 203 fit" in words(found, "#left-out [role=status]")
    assert "0 of 203 fit" in words(nothing, "#left-out [role=status]")
    assert "open" in found.cssselect("#left-out")[0].attrib


def test_each_fact_is_shown_with_what_the_story_says_of_it_and_where(desk: Desk) -> None:
    claim(desk)

    page = desk.page()
    missing = [" ".join(one.text_content().split()) for one in page.cssselect(".fact-list .missing")]
    said = page.xpath("//ul[@class='fact-list']/li[b='Aurelia']//mark/text()")

    assert missing == ["Mayor Ludmilla Brenn name, not in the story"]
    assert said == ["Aurelia"]
    (place,) = page.xpath("//ul[@class='fact-list']/li[b='Aurelia']//a/@href")
    (sentence,) = page.xpath(f"//label[input/@id='{str(place)[1:]}']")
    assert "Aurelia" in sentence.text_content()
    assert "1 not borne out" in words(page, "#facts summary")
    assert "does not have the name “Mayor Ludmilla Brenn”" in words(page, ".known > .found")


def test_an_excerpt_says_whether_the_story_or_a_caption_bears_a_fact_out() -> None:
    story, item = make_stories([Path("scene.jpg")], count=8)[7]

    (blurb, caption) = check_item(replace(item, edited=("caption",)), story)

    assert (blurb.is_rewritten, caption.is_rewritten) == (False, True)
    excerpts = [fact.excerpt for fact in blurb.facts if fact.excerpt is not None]
    assert {excerpt.place for excerpt in excerpts} == {"the story"}
    for excerpt in excerpts:
        whole = f"{excerpt.before}{excerpt.said}{excerpt.after}".strip("… ")
        assert whole in " ".join(story.text.split())
    seven = next(fact for fact in caption.facts if fact.text == "7")
    assert seven.excerpt is not None
    assert seven.excerpt.place == "the story’s description, captions or names"


def test_a_page_tells_whose_its_picture_is_and_what_may_be_done_with_it(open_desk: OpenDesk) -> None:
    credit = "Mara Holt/Halcyon Wire"
    with open_desk() as desk:
        assert desk.edit("rewrite", story=FIRST, credit=credit).status == 303
        shown = words(desk.page(), "#rights")

    assert "attached" in shown
    assert "default, for Halcyon Wire" in shown
    assert credit in shown


def test_the_meter_says_what_each_story_costs_and_sums_to_the_email(desk: Desk) -> None:
    page = desk.page()
    (meter,) = page.cssselect("#weight summary meter")
    costs = [
        float(one.text_content().removesuffix(" KB")) for one in page.cssselect("#weight tbody td.number")
    ]

    assert (meter.get("high"), meter.get("max")) == ("100000", "102000")
    assert len(costs) == 16
    assert abs(sum(costs) * 1000 - float(meter.get("value") or 0)) < 1000
    assert min(costs) > 0.3


def test_what_the_byte_budget_cut_is_told_at_the_meter(desk: Desk) -> None:
    keep(desk, replace(desk.edition, note="A long word. " * 6000))

    page = desk.page()

    assert "shortened" in words(page, "#weight .cuts") or "left out" in words(page, "#weight .cuts")


def test_findings_stand_under_the_place_that_they_concern() -> None:
    edition = make_edition(
        items=(make_item(0), make_item(1, headline="The same"), make_item(2, headline="The same"))
    )
    place = Place(name=edition.name)

    def finding(rule: str, where: str, story: str = "") -> Finding:
        return Finding(
            rule=rule,
            severity=Severity.WARNING,
            where=where,
            message=rule,
            story_id=StoryId(story) if story else None,
        )

    groups = group_findings(
        [
            finding("third-party", "x.example"),
            finding("blurb", "The same", "sample-02"),
            finding("http-link", "x"),
            finding("facts", "subject"),
            finding("blurb", "Gone", "no-such-story"),
            finding("sensitive", "The same", "sample-02"),
        ],
        edition,
        place,
    )

    assert [(group.key, group.words) for group in groups] == [
        ("subject", "1 warning"),
        ("story-sample-02", "sensitive, 2 warnings"),
        ("links", "1 warning"),
        ("pictures", "1 warning"),
        ("email", "1 warning"),
    ]


def test_preflight_has_a_page_of_its_own_that_leads_to_places_and_to_the_manual(desk: Desk) -> None:
    claim(desk)
    assert desk.edit("subject", text="THE BELL OF THE FERRY RISES").status == 303

    page = desk.page(f"{desk.path}findings?revision={desk.edition.revision}")
    (subject,) = page.cssselect('[data-place="subject"]')
    (story,) = page.cssselect(f'[data-place="story-{FIRST}"]')

    assert "capitals" in words(subject, "a")
    assert "Warning" in words(story, ".severity")
    assert story.cssselect("h2 a")[0].get("href") == f"{desk.path}?story={FIRST}#story"
    manual = story.cssselect(".found a")[0].get("href") or ""
    path, _, rule = manual.partition("#")
    assert desk.page(path).cssselect(f"#{rule}"), manual
    assert desk.page(f"{desk.path}findings?revision=1").cssselect(f'[data-place="story-{FIRST}"]') == []
