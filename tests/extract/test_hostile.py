"""Hostile pages and dumps end in bounded time, with a story or with our own error."""

from __future__ import annotations

import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from digest.errors import NoStoryError
from digest.extract.fragment import read_fragment
from digest.extract.markup import lighten
from digest.extract.story import read_story
from tests.extract.reading import dump, page

P = "<p>The ferry left the pier at noon with the band on board, and the mayor waved for a while.</p>"
PAGES = {
    "nested elements": "<div>" * 100_000 + P + "</div>" * 100_000,
    "a million nested elements": "<div>" * 1_000_000 + P,
    "links far down": "<div>" * 250 + f"<p><a href=/x>{P}</a></p>" * 8_000,
    "links farther down": "<section>" * 2_000 + f"<p><a href=/x>{P}</a></p>" * 5_000,
    "text at every level": f"<blockquote>{P}" * 2_000,
    "unclosed scripts": P + "<script>" * 700_000,
    "unclosed tags of styles": P + "<style " * 700_000,
    "unclosed comments": P + "<!--" * 1_200_000,
    "closed and unclosed scripts": P + "<script></script><style>" * 200_000,
    "unclosed elements": "<b>" * 50_000 + P,
    "one long word": "<p>" + "a" * 3_000_000 + "</p>" + P,
    "deep structured data": '<script type="application/ld+json">' + "[" * 100_000 + "</script>" + P,
    "broken structured data": '<script type="application/ld+json">{"@type":"NewsArticle","headline":</script>'
    + P,
    "brackets in a caption": "<figure><img src=/x.jpg><figcaption>"
    + "(" * 50_000
    + "</figcaption></figure>"
    + P,
    "labels in a caption": "<figure><img src=/x.jpg><figcaption>"
    + "Foto: " * 20_000
    + "</figcaption></figure>"
    + P,
    "an entity bomb": '<!DOCTYPE html [<!ENTITY a "aa"><!ENTITY b "&a;&a;&a;">]>' + P + "&b;",
    "NUL in text": P.replace("ferry", "fer\0ry"),
    "thousands of pictures": P
    + "<figure><img src=/a.jpg><figcaption>A (Photo: B)</figcaption></figure>" * 5_000
    + P,
}
DUMPS = {
    "one line": "word " * 300_000,
    "short lines": "Menu\n" * 50_000,
    "arrows": "a > " * 50_000,
    "digits": "1/2/3 " * 50_000,
    "names": "Jane Doe\n" * 30_000,
}


@pytest.mark.parametrize("name", PAGES)
def test_hostile_page_ends_soon(name: str) -> None:
    started = time.process_time()

    try:
        read_story(page(f"<html><body><h1>A title</h1>{PAGES[name]}</body></html>"))
    except NoStoryError as exc:
        assert str(exc).startswith("page.html holds no story")

    assert time.process_time() - started < 15


@pytest.mark.parametrize("name", DUMPS)
def test_hostile_dump_ends_soon(name: str) -> None:
    started = time.process_time()

    try:
        read_story(dump(DUMPS[name]))
    except NoStoryError as exc:
        assert str(exc).startswith("dump.txt holds no story")

    assert time.process_time() - started < 15


def test_text_in_a_table_alone_has_no_rules_around_it() -> None:
    story = read_story(
        page("<table><tr><td>&nbsp;</td><td><h1>The bridge is open again</h1></td></tr></table>")
    )

    assert story.text == "The bridge is open again"


@pytest.mark.parametrize("depth", [100, 260, 400, 1_900])
@pytest.mark.parametrize("tag", ["div", "span", "section"])
def test_text_is_read_however_deep_it_lies(depth: int, tag: str) -> None:
    inner = (
        f"<h1>A ferry leaves</h1>{P}<p>She came back at five, wet and content, the harbor master said.</p>"
    )

    story = read_story(page(f"<html><body>{f'<{tag}>' * depth}{inner}{f'</{tag}>' * depth}</body></html>"))

    assert story.title == "A ferry leaves"
    assert story.text.startswith("The ferry left the pier at noon")
    assert story.text.endswith("the harbor master said.")


@pytest.mark.parametrize("depth", [10, 400, 1_500])
def test_text_of_an_entry_is_read_however_deep_it_lies(depth: int) -> None:
    paragraphs, _ = read_fragment("<div>" * depth + P + "</div>" * depth, base=None)

    assert paragraphs == [P.removeprefix("<p>").removesuffix("</p>")]


def test_large_page_loses_its_scripts_and_keeps_its_structured_data() -> None:
    data = (
        '<script type="application/ld+json">{"@type": "NewsArticle", "headline": "A ferry leaves"}</script>'
    )
    script = "<SCRIPT>" + "var x = 1;" * 1_000 + "</SCRIPT >"

    light = lighten(script + data + "<!-- a > b -->" + P + "<style>p {}</style>" + P + "<svg")

    assert light == data + P + P + "<svg"


def test_picture_in_a_link_to_a_broken_address_is_no_trouble() -> None:
    story = read_story(
        page(f"<h1>A title</h1>{P}<a href='http://[x'><img src=/a.jpg width=300 height=250></a>{P}")
    )

    assert story.text


PARTS = """
<p> </p> <h1> </h1> <figure> <img&#32;src= <img&#32;alt='x'&#32;src='/a.jpg'> <figcaption>
<meta&#32;property= og:image&#32;content=
<script&#32;type="application/ld+json"> {"@type":"NewsArticle","author": [ } </script> <time&#32;datetime= 2025-13-45
<table><tr><td> &#x110000; &amp <!-- <base&#32;href='http://['> <a&#32;rel=author> By&#32; Photo:&#32; ©&#32;
"""
MARKUP = st.lists(
    st.one_of(
        st.sampled_from([part.replace("&#32;", " ") for part in PARTS.split()]),
        st.text(max_size=60),
    ),
    max_size=60,
)


@given(MARKUP)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_markup_gives_a_story_or_our_own_error(parts: list[str]) -> None:
    markup = "".join(parts).encode("utf-8", "surrogatepass").decode("utf-8", "replace")

    try:
        story = read_story(page(markup))
    except NoStoryError:
        return

    assert story.text


@given(
    st.lists(
        st.one_of(
            st.sampled_from(
                ["\n", "\n\n", "By Jane Doe", "Photo: X", "READ MORE ON News", "© 2025 X", "Comments (3)", P]
            ),
            st.text(max_size=80),
        ),
        max_size=60,
    )
)
@settings(max_examples=150, deadline=None)
def test_any_text_gives_a_story_or_our_own_error(parts: list[str]) -> None:
    text = "\n".join(parts).encode("utf-8", "replace").decode("utf-8")

    try:
        story = read_story(dump(text))
    except NoStoryError:
        return

    assert story.text
    assert story.blurb_end is None or 0 < story.blurb_end <= len(story.text)
