"""Each rule of preflight, tripped by one email and quiet on another."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from digest.check.preflight import check_html, check_rendered
from digest.model import Edition, Finding, Image, Newsletter, Picture, Rendered, Severity
from digest.render.compose import render_edition
from tests.render.sample import TEMPLATE, make_edition, make_item, make_newsletter, make_stub_pictures

Change = Callable[[str], str]


def credited(stories: int = 3) -> Edition:
    image = Image(url="https://a.example/a.jpg", alt="A bell", credit="Ada Brandt")
    return make_edition(items=tuple(make_item(n, image=image) for n in range(stories)))


def lay_out(edition: Edition, newsletter: Newsletter) -> Rendered:
    return render_edition(edition, newsletter, template_folder=TEMPLATE, pictures=make_stub_pictures(edition))


def hosted() -> Newsletter:
    return make_newsletter(public_url="https://news.example")


def rules(findings: list[Finding]) -> set[str]:
    return {finding.rule for finding in findings}


def severities(findings: list[Finding], rule: str) -> set[Severity]:
    return {finding.severity for finding in findings if finding.rule == rule}


@pytest.mark.parametrize(
    "newsletter", [hosted(), make_newsletter(public_url="https://n.example", images="attach")]
)
def test_a_good_edition_has_no_findings(newsletter: Newsletter) -> None:
    edition = credited()

    assert check_rendered(lay_out(edition, newsletter), edition, newsletter, readers=5000) == []


def cut(text: str) -> Change:
    return lambda html: html.replace(text, "")


def put(text: str) -> Change:
    return lambda html: html.replace("</body>", f"{text}</body>")


LINK = '<a href="https://a.example/">a</a>'


@pytest.mark.parametrize(
    ("rule", "change", "severity"),
    [
        ("doctype", cut("<!DOCTYPE html>"), "error"),
        ("lang", cut(' lang="en"'), "error"),
        ("lang-in-body", cut(' lang="en"'), "warning"),
        ("dir", cut(' dir="ltr"'), "warning"),
        ("title", lambda html: html.replace("<title>", "<!--").replace("</title>", "-->"), "warning"),
        ("headings", put("<h1>another</h1>"), "warning"),
        ("headings", put("<h2>a</h2><h4>b</h4>"), "warning"),
        ("tokens", put("<p>@@FIRST_NAME@@</p>"), "error"),
        ("template-code", put("<p>{{ name }}</p>"), "warning"),
        ("template-code", put('<a href="https://a.example/{{ x }}">a</a>'), "error"),
        ("active-content", put("<script>1</script>"), "error"),
        ("active-content", put("<form></form>"), "error"),
        ("active-content", put('<p onclick="x()">a</p>'), "error"),
        ("script-link", put('<a href="java\nscript:x()">a</a>'), "error"),
        ("empty-link", put('<a href="">a</a>'), "error"),
        ("empty-link", put("<a>a</a>"), "error"),
        ("link-text", put('<a href="https://a.example/"> </a>'), "error"),
        ("image-alt", put('<img src="https://news.example/a.jpg" width="10">'), "error"),
        ("image-width", put('<img src="https://news.example/a.jpg" alt="" width="100%">'), "warning"),
        ("image-source", put('<img alt="" width="10">'), "error"),
        ("image-inline", put('<img src="data:image/png;base64,AAAA" alt="" width="10">'), "error"),
        ("image-format", put('<img src="https://news.example/a.webp?x=1" alt="" width="10">'), "warning"),
        ("image-format", put("<svg></svg>"), "warning"),
        ("unsubscribe", cut("@@UNSUBSCRIBE@@"), "error"),
        ("size", put("x" * 110_000), "error"),
        ("size", put("x" * 80_000), "warning"),
        ("third-party", put('<img src="https://tracker.example/p.gif" alt="" width="1">'), "warning"),
        ("third-party", put('<p style="background:url(https://tracker.example/p.gif)">a</p>'), "warning"),
    ],
)
def test_a_fault_of_the_html_is_found(rule: str, change: Change, severity: str) -> None:
    edition = credited()
    sound = lay_out(edition, hosted())
    faulty = replace(sound, html=change(sound.html))

    assert severities(check_html(faulty.html), rule) == {Severity(severity)}
    assert severities(check_rendered(faulty, edition, hosted()), rule) == {Severity(severity)}
    assert rule not in rules(check_html(sound.html)) or rule == "third-party"


@pytest.mark.parametrize(
    ("rule", "changes", "severity"),
    [
        ("subject", {"subject": " "}, "error"),
        ("subject-length", {"subject": "x" * 51}, "warning"),
        ("preheader", {"preheader": ""}, "warning"),
        ("preheader-length", {"preheader": "x" * 91}, "warning"),
        ("preheader-length", {"preheader": "x" * 10}, "warning"),
        ("text-part", {"text": " \n"}, "error"),
        ("text-unsubscribe", {"text": "only words"}, "error"),
        ("tokens", {"text": "unsubscribe @@WHO@@"}, "error"),
        ("missing-story", {"text": "unsubscribe"}, "error"),
        ("postal-address", {"text": "unsubscribe"}, "error"),
        ("attachment-missing", {"pictures": ()}, "error"),
        ("empty", {"html": "  "}, "error"),
    ],
)
def test_a_fault_of_the_message_is_found(rule: str, changes: dict[str, object], severity: str) -> None:
    edition, newsletter = credited(), make_newsletter(images="attach", public_url="https://n.example")
    sound = lay_out(edition, newsletter)

    findings = check_rendered(replace(sound, **changes), edition, newsletter)  # type: ignore[arg-type]

    assert severities(findings, rule) == {Severity(severity)}
    assert rule not in rules(check_rendered(sound, edition, newsletter))


def test_lines_are_measured_in_what_readers_see_as_characters() -> None:
    sound = lay_out(credited(), hosted())
    family = "👩‍👩‍👧‍👦" * 50

    found = rules(check_rendered(replace(sound, subject=family, preheader=family), None, None))

    assert not {"subject-length", "preheader-length"} & found


def test_a_preheader_that_repeats_the_subject_is_found() -> None:
    sound = lay_out(credited(), hosted())

    assert "preheader-repeats" in rules(check_rendered(replace(sound, preheader=sound.subject), None, None))


def test_pictures_that_weigh_too_much_or_are_not_shown_are_found() -> None:
    big = Picture(name="b.jpg", content=b"x" * 900_000, content_type="image/jpeg", width=1, height=1)
    sound = lay_out(credited(), hosted())

    found = rules(check_rendered(replace(sound, pictures=(big,)), None, None))

    assert {"picture-weight", "attachment-unused"} <= found


@pytest.mark.parametrize(
    ("readers", "rule", "severity"),
    [(0, "public-url", "warning"), (100, "public-url", "warning"), (101, "one-click", "error")],
)
def test_many_readers_need_one_click(readers: int, rule: str, severity: str) -> None:
    edition = credited()
    findings = check_rendered(
        lay_out(edition, make_newsletter()), edition, make_newsletter(), readers=readers
    )

    assert [(f.rule, f.severity) for f in findings] == [(rule, Severity(severity))]


def test_a_newsletter_without_a_postal_address_may_not_go_out() -> None:
    newsletter = make_newsletter(postal_address="", public_url="https://n.example")
    edition = credited()

    assert severities(
        check_rendered(lay_out(edition, newsletter), edition, newsletter), "postal-address"
    ) == {Severity.ERROR}


def test_a_picture_without_a_credit_is_named() -> None:
    edition = make_edition(items=(make_item(0, image=Image(url="https://a.example/a.jpg", alt="A bell")),))

    findings = check_rendered(lay_out(edition, hosted()), edition, hosted())

    assert [(f.rule, f.where) for f in findings] == [
        ("picture-credit", "Divers bring up the bell of a ferry lost in the storm of ..."[:57] + "...")
    ]


def test_a_link_that_no_story_gave_is_named() -> None:
    edition = credited()
    sound = lay_out(edition, hosted())
    findings = check_rendered(
        replace(sound, html=put('<a href="https://casino.example/">win</a>')(sound.html)), edition, hosted()
    )

    assert [(f.rule, f.where) for f in findings] == [("foreign-link", "win")]


def test_an_edition_without_stories_may_not_go_out() -> None:
    edition = make_edition(0)

    assert "no-stories" in rules(check_rendered(lay_out(edition, hosted()), edition, hosted()))


def test_the_worst_findings_come_first() -> None:
    found = [f.severity for f in check_html("<p>hello</p>")]

    assert found == sorted(found, key=["error", "warning", "info"].index)
    assert Severity.ERROR in found


@pytest.mark.parametrize("html", ["", "\x00", "<", "<!-- -->", "plain words", "<html></html>", "\ud800"])
def test_any_file_gets_findings_and_no_crash(html: str) -> None:
    assert check_html(html)


def test_a_saved_file_with_its_tokens_filled_is_sound() -> None:
    sound = lay_out(credited(), make_newsletter())
    filled = sound.html.replace("@@UNSUBSCRIBE@@", "mailto:dose@dose.example?subject=unsubscribe")

    assert check_html(filled) == []
