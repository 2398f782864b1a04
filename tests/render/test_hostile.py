"""Nothing that a story, a newsletter or an editor holds breaks out of its place."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from lxml import etree, html

from digest.model import SLOTS, AlsoIn, Edition, Image, Newsletter, Rendered, StoryId
from digest.render.clean import clean_line, safe_url
from digest.render.compose import render_edition
from tests.render.sample import TEMPLATE, make_edition, make_item, make_newsletter, make_stub_pictures

LAYOUTS = sorted(folder for folder in TEMPLATE.parent.iterdir() if (folder / "email.mjml.j2").is_file())

NASTY = (
    '" onerror="alert(1)',
    "' onmouseover='alert(1)",
    "<script>alert(1)</script>",
    "</td></tr></table><h1>owned",
    "</mj-raw></mj-column><mj-include path='/etc/passwd'/>",
    "<!-- x --><![CDATA[ y ]]>",
    "]]> --> <![endif]-->",
    "{{ page.theme }} {% raw %} {# no #}",
    "@@UNSUBSCRIBE@@ @@@NAME@@@ @@@@VIEW@@@@",
    "a\u00a0b\u200db\u00adc e\u0301 \\u{a0} \\ ` \\\" \\'",
    "nul\x00 bell\x07 esc\x1b[31m del\x7f c1\x85\x9b",
    "lone \ud800 non\uffff bom\ufeff tag\U000e0041",
    "turned \u202eright\u202c to \u2066left\u2069",
    "line\nline\r\nline\u2028line\u2029line\tend",
    "javascript:alert(1)",
    "&lt;b&gt; &amp;amp; &#60;i&#62; &nbsp; &",
    "<p>unclosed <b>bold <",
    "</style><style>*{display:none}",
    "👩‍👩‍👧‍👦 🇩🇪 ﷽ ｱ 漢字",
    "W" * 2000,
)


def hostile(value: str) -> tuple[Edition, Newsletter]:
    """Return an edition and a newsletter that hold the value in every field that is printed."""
    put = "x" + value
    items = tuple(
        make_item(
            index,
            section=f"{put}",
            headline=put,
            text=f"{put}\n\n{put}",
            site=put,
            authors=(put, put),
            image=Image(url="https://a.example/a.jpg", alt=put, caption=put, credit=put),
            also_in=(AlsoIn(story_id=StoryId("o"), site=put, title=put, url="https://o.example/"),),
        )
        for index in range(2)
    )
    edition = make_edition(items=items, title=put, subject=put, preheader=put, note=put)
    theme = {"why": put[:500], "footer": put[:500], "logo_alt": put[:500]}
    return edition, make_newsletter(title=put, site_name=put, postal_address=put, theme=theme)


def lay_out(edition: Edition, newsletter: Newsletter, *, layout: Path = TEMPLATE) -> Rendered:
    return render_edition(edition, newsletter, template_folder=layout, pictures=make_stub_pictures(edition))


def parsed(source: str) -> html.HtmlElement:
    return html.document_fromstring(source.encode("utf-8"), parser=html.HTMLParser(encoding="utf-8"))


def skeleton(source: str) -> list[tuple[str, tuple[tuple[str, str], ...]]]:
    """Return each element's tag with its attributes: their names, and the values of all but the spoken ones."""
    spoken = ("alt", "aria-label")
    root = parsed(source)
    return [
        (
            element.tag,
            tuple((name, "" if name in spoken else value) for name, value in element.attrib.items()),
        )
        for element in root.iter()
        if isinstance(element.tag, str)
    ]


Test = Callable[..., None]


def with_nasty(test: Test) -> Test:
    """Let hypothesis always try the strings of the list that hold no line break."""
    for value in NASTY:
        if len(re.split("[\n\u2028\u2029]", value)) == 1:
            test = example(value)(test)
    return test


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=60).map(lambda value: re.sub("[\n\r\u2028\u2029]", " ", value)))
@with_nasty
def test_no_text_breaks_out_of_any_field(value: str) -> None:
    made = lay_out(*hostile(value))

    assert skeleton(made.html) == skeleton(lay_out(*hostile("harmless")).html)


def test_breaks_of_lines_do_not_break_out_either() -> None:
    for value in NASTY:
        made = lay_out(*hostile(value))

        tags = {tag for tag, _ in skeleton(made.html)}
        assert tags <= {tag for tag, _ in skeleton(lay_out(*hostile("harmless")).html)}
        assert "\x00" not in made.html + made.text + made.subject
        assert not re.search(
            "[\x01-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", made.text + made.subject
        )


OPENERS = (
    "", '"', "'", "`", ">", '">', "'>", "-->", "]]>", "</p>", "</a>", "</h3>", "</td></tr></table>", "</title>",
    "</mj-text>", "</mj-raw></mj-column></mj-section>", "</style>", "&quot;", "&#34;", "\\", "\u00a0", "%22", "{{",
    "<!--", "<![CDATA[", "<",
)  # fmt: skip
PAYLOADS = (
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<svg/onload=alert(1)>", " onload=alert(1) x=",
    ' style="position:fixed" ', "<iframe src=//evil.example>", "<meta http-equiv=refresh content=0>",
    "<base href=//evil.example/>", "<link rel=stylesheet href=//evil.example/x.css>", "<style>*{display:none}</style>",
    "<mj-raw><b>bold</b></mj-raw>", "<mj-include path='/etc/passwd' />", "<mj-image src='//evil.example/x.gif' />",
    "javascript:alert(1)", "{{ 7 * 7 }}{% include 'x' %}", "@@UNSUBSCRIBE@@", "<!--[if mso]><h1>owned</h1><![endif]-->",
    "<o:p>&nbsp;</o:p>", "\\u{1f600}", "\u202e\u2066\u200f\u061c", "\x00\x08\x1b[2J", "e\u0301\u200d\u00ad\ufeff",
)  # fmt: skip
CORPUS = tuple(dict.fromkeys([*NASTY, *(opener + payload for opener in OPENERS for payload in PAYLOADS)]))
SHARES = 4
"""The first layout takes the whole corpus in so many tests; the others, which share its pieces, one share each."""


def test_the_corpus_has_more_than_500_strings() -> None:
    assert len(CORPUS) > 500


@pytest.mark.parametrize(
    ("layout", "share"),
    [*((TEMPLATE, share) for share in range(SHARES)), *((one, 0) for one in LAYOUTS if one != TEMPLATE)],
    ids=lambda value: value.name if isinstance(value, Path) else str(value),
)
def test_no_string_of_the_corpus_breaks_out_of_any_field(layout: Path, share: int) -> None:
    harmless = lay_out(*hostile("harmless"), layout=layout).html
    plain = skeleton(harmless)

    for value in CORPUS[share::SHARES]:
        made = lay_out(*hostile(value), layout=layout).html

        found = skeleton(made)
        assert set(found) <= set(plain), value
        assert found == plain or re.search("[\n\u2028\u2029]", value), value
        assert "\\u{" in value or "\\u{" not in made, value
        assert made.count("@@") == harmless.count("@@"), value


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda folder: folder.name)
def test_no_string_of_the_corpus_breaks_out_of_an_address(layout: Path) -> None:
    def names(tails: Sequence[str]) -> list[tuple[str, list[str]]]:
        made = lay_out(edition_linking(tails), make_newsletter(images="link"), layout=layout)
        return [(tag, [name for name, _ in told]) for tag, told in skeleton(made.html)]

    linked = [value for value in CORPUS if safe_url(f"https://a.example/{value}")]
    unlinked = [value for value in CORPUS if value not in linked]

    assert len(linked) > 400
    for values, like in ((linked, "harmless"), (unlinked, "\x00")):
        for first in range(0, len(values), 40):
            some = values[first : first + 40]
            assert names(some) == names([like] * len(some)), some


def edition_linking(tails: Sequence[str]) -> Edition:
    """Return an edition whose every story, picture and other outlet has an address with one of these ends."""
    urls = [f"https://a.example/{tail}" for tail in tails]
    items = tuple(
        make_item(
            number % 15,
            story_id=StoryId(str(number)),
            section="News",
            url=url,
            image=Image(url=url, alt="a"),
            also_in=(AlsoIn(story_id=StoryId("o"), site="Other", title="t", url=url),),
        )
        for number, url in enumerate(urls)
    )
    return make_edition(items=items)


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=60))
@example("\r\x1b 0")
@example("a\u00a0b\u200db\u00adc e\u0301 \\u{a0} \\ 👩‍👩‍👧‍👦 \"'&<>")
def test_a_headline_is_read_as_it_was_written(value: str) -> None:
    edition = make_edition(items=(make_item(0, headline="x" + value),))

    root = parsed(lay_out(edition, make_newsletter()).html)

    (headline,) = root.iter("h3")
    assert headline.text_content() == clean_line("x" + value)


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=60))
@example("a\u00a0b\u200db\u00adc e\u0301 \\u{a0} \\ 👩‍👩‍👧‍👦 \"'&<>`")
def test_an_alt_text_is_read_as_it_was_written(value: str) -> None:
    image = Image(url="https://a.example/a.jpg", alt="x" + value)
    edition = make_edition(items=(make_item(0, image=image),))

    root = parsed(lay_out(edition, make_newsletter()).html)

    (picture,) = root.iter("img")
    assert picture.get("alt") == clean_line("x" + value)


def test_a_story_cannot_name_a_readers_token() -> None:
    for token in (*SLOTS, "@@@NAME@@@", "@@@@NAME@@@@", "@@X@@"):
        made = lay_out(*hostile(token))
        for part in (made.html, made.text, made.subject, made.preheader):
            assert set(re.findall(r"@@\w+@@", part)) <= {"@@UNSUBSCRIBE@@"}
            assert part.count("@@UNSUBSCRIBE@@") <= 1


def test_a_letter_that_passes_a_story_on_holds_no_more_than_its_headline_and_address() -> None:
    for value in NASTY:
        edition, newsletter = hostile(value)
        made = lay_out(edition, replace(newsletter, share=True))

        letters = [link.get("href") or "" for link in parsed(made.html).iter("a")]
        letters = [link for link in letters if link.startswith("mailto:?")]
        assert len(letters) == len(edition.items)
        assert all(
            re.fullmatch(r"mailto:\?subject=[\w.~%-]+&body=[\w.~%-]+", link, re.ASCII) for link in letters
        )


BAD_URLS = (
    "javascript:alert(1)",
    " java\tscript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "vbscript:x",
    "data:text/html,<script>",
    "file:///etc/passwd",
    "//evil.example/x",
    "/relative",
    "https://",
    "https://user:secret@evil.example/",
    "https://bank.example@evil.example/",
    "https://[::1",
    "https://a.example:99999/",
    "https://ex\x00ample.example/",
    "https://a.example/" + "x" * 5000,
    "mailto:nobody",
    "https://a b.example/",
    "",
)


def test_no_address_of_another_kind_is_linked() -> None:
    for url in BAD_URLS:
        item = make_item(
            1,
            url=url,
            image=Image(url=url, alt="a"),
            also_in=(AlsoIn(story_id=StoryId("o"), site="Other", title="t", url=url),),
        )
        edition = make_edition(items=(make_item(0), item), note="")
        made = lay_out(edition, make_newsletter(images="link"))

        root = html.document_fromstring(made.html)
        story = make_item(0).url or ""
        links = {link.get("href") or "" for link in root.iter("a")}
        assert safe_url(url) is None
        assert all(
            link in ("@@UNSUBSCRIBE@@", story)
            or link.startswith(("https://the-courier", "https://northern-post"))
            for link in links
        ), (url, links)
        assert len(list(root.iter("img"))) == 1
        assert made.text.count("://") == 3


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=80))
@example('"><script>')
@example("@@NAME@@")
@example("\\u{a0}\u00a0 '\"<>`{}|^")
def test_whatever_follows_the_host_stays_in_the_address(tail: str) -> None:
    url = safe_url(f"https://a.example/{tail}")

    if url is not None:
        assert re.fullmatch(r"https://a\.example/[A-Za-z0-9%/:=&?~!$*()+,;@#\[\]._-]*", url)
        assert "@@" not in url


def test_a_hostile_language_tag_is_not_printed() -> None:
    for language in ('ar" onload="x', "en_US", "<b>", "x" * 500, "", "ar-\x00"):
        edition = make_edition(items=(make_item(0), make_item(1, language=language)))

        made = lay_out(edition, make_newsletter())

        assert {element.get("lang", "en") for element in parsed(made.html).iter(etree.Element)} == {"en"}


def test_an_unknown_edition_language_is_laid_out_in_english() -> None:
    made = lay_out(replace(make_edition(1), language='tlh" x="'), make_newsletter())

    assert html.document_fromstring(made.html).get("lang") == "en"
