"""An email rewritten as mail programs show it."""

from __future__ import annotations

import pytest
from lxml import html as lxml_html

from digest.render.lookalike import Sight, as_seen, turned_over

EMAIL = """<!DOCTYPE html>
<html><head><meta name="color-scheme" content="light dark">
<style>:root{color-scheme:light dark}
.card{background:#fff url(https://outlet.example/paper.png)}
@media (prefers-color-scheme: dark){.card{background:#111 !important}}
@media (prefers-color-scheme:light) and (max-width:480px){.big{color:#b02a1b}}
a:hover{color:red}</style></head>
<body bgcolor="#ffffff" background="https://outlet.example/wall.png" style="color:#000;font:14px Georgia,serif">
<div style="border-top:6px solid black;background:rgba(255,255,255,.5)">Say (prefers-color-scheme:dark) out loud.</div>
<a href="https://outlet.example/1"><img src="/pictures/1.jpg" srcset="/pictures/2.jpg 2x" alt="A boat" width="600"
 style="background:#f8f5f0 url(/x.png)"></a></body></html>"""


def test_rules_for_the_dark_hold_when_it_is_looked_at_in_the_dark_whatever_the_system_asks() -> None:
    dark, light = as_seen(EMAIL, Sight(look="dark")), as_seen(EMAIL, Sight())

    assert "@media (min-width:0){.card" in dark
    assert "@media (max-width:0) and (max-width:480px){.big" in dark
    assert "@media (max-width:0){.card" in light
    assert "@media (min-width:0) and (max-width:480px){.big" in light
    assert "root{color-scheme:dark}" in dark
    assert "root{color-scheme:light}" in light
    assert '<meta name="color-scheme" content="only dark">' in dark


def test_texts_that_speak_of_a_scheme_are_left_alone() -> None:
    assert "Say (prefers-color-scheme:dark) out loud." in as_seen(EMAIL, Sight(look="dark"))


def test_inversion_turns_every_colour_over_and_leaves_pictures_and_the_layouts_dark_rules_out() -> None:
    seen = as_seen(EMAIL, Sight(look="inverted"))

    assert 'bgcolor="#121212"' in seen
    assert 'style="color:#ffffff;font:14px Georgia,serif"' in seen
    assert "border-top:6px solid #ffffff;background:rgba(18,18,18,.5)" in seen
    assert ".card{background:#121212 url(https://outlet.example/paper.png)}" in seen
    assert "@media (max-width:0){.card" in seen
    assert 'src="/pictures/1.jpg"' in seen


@pytest.mark.parametrize(
    ("colour", "turned"),
    [
        ("#FFF", "#121212"),
        ("black", "#ffffff"),
        ("rgb(0, 0, 0)", "#ffffff"),
        ("rgba(0,0,0,0.25)", "rgba(255,255,255,0.25)"),
        ("hsl(0,100%,50%)", "#ff1212"),
        ("transparent", "transparent"),
        ("solid", "solid"),
    ],
)
def test_a_colour_keeps_its_hue(colour: str, turned: str) -> None:
    assert turned_over(colour) == turned


def test_with_its_pictures_off_no_address_of_one_is_left_and_alt_texts_and_colours_are() -> None:
    seen = as_seen(EMAIL, Sight(has_pictures=False))

    (picture,) = lxml_html.fromstring(seen).iter("img")
    assert (picture.get("src"), picture.get("srcset"), picture.get("alt")) == ("", None, "A boat")
    assert picture.get("style") == "background:#f8f5f0 none"
    assert ".jpg" not in seen
    assert ".png" not in seen


def test_styles_are_stripped_but_for_those_in_the_tags() -> None:
    seen = as_seen(EMAIL, Sight(has_styles=False))

    assert "<style" not in seen
    assert 'style="color:#000' in seen


def test_links_open_a_page_of_their_own() -> None:
    (link,) = lxml_html.fromstring(as_seen(EMAIL, Sight())).iter("a")

    assert (link.get("target"), link.get("rel")) == ("_blank", "noopener noreferrer")
