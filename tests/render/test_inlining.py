"""Styles are written into the tags as premailer alone would write them, only sooner."""

from __future__ import annotations

import logging
from functools import partial

import pytest
from lxml import etree
from premailer import Premailer

from digest.render.compose import render_edition
from digest.render.markup import Press, inline
from tests.render.sample import TEMPLATE, make_edition, make_newsletter, make_stub_pictures

PAGE = """<!DOCTYPE html>
<html><head><style>/*inline*/{css}</style></head><body>
<h2 class="label top">One</h2><p class="label" style="color:#111111; margin:0">Two</p>
<table class="grid"><tr><td class="tell"><p>Three <a class="read" href="https://a.example/?a=1&amp;b=2">four</a></p></td>
<td class="thumb"><img src="cid:a.jpg" alt="A &gt; B" width="120"></td></tr></table>
</body></html>"""

SHEETS = {
    "plain": ".label{color:#123456;margin:0}.top{padding:1px 2px}.tell p{margin:8px 0 0}.thumb img{display:block}",
    "many selectors": ".label,.tell , .gone{font:700 14px/20px Arial, sans-serif}\n.tell .read{color:red}",
    "two kinds of tag": ".label{color:red}h2.label{color:blue}p{margin:0}.grid td{padding:0}",
    "order and weight": "p{color:red}.tell p{color:blue}.tell .read{color:green}.read{color:black}",
    "twice the same": ".label{margin:1px;margin:2px;margin-top:3px}",
    "important": ".label{color:red !important}.top{color:blue}",
    "comment": ".label{color:red}/* a comment */.top{color:blue}",
    "quotes": ".label{font-family:'Two Words', serif}",
    "an address": ".thumb img{background:url(https://a.example/x.png)}",
    "pseudo-classes": ".read:hover{color:red}.read{color:blue}",
    "media": "@media (max-width:480px){.label{color:red}}.label{color:blue}",
    "children": ".grid > tbody{color:red}.tell+.thumb{color:blue}.label~.grid{color:green}",
    "attributes": "[class~=label]{color:red}a[href]{color:blue}",
    "empty": "",
    "nothing told": ".label{}.top{;}",
}


def plainly_inlined(html: str) -> str:
    """Inline with premailer and nothing of ours."""
    return str(
        Premailer(
            html,
            keep_style_tags=True,
            strip_important=False,
            disable_link_rewrites=True,
            preserve_internal_links=True,
            disable_validation=True,
            align_floating_images=False,
            remove_unset_properties=False,
            disable_basic_attributes=["align", "valign", "bgcolor", "width", "height"],
            allow_network=False,
            cssutils_logging_level=logging.CRITICAL,
        ).transform(pretty_print=False)
    )


def styles(html: str) -> list[tuple[str, dict[str, str]]]:
    """Return every tag of a page with its attributes."""
    root = etree.fromstring(html, etree.HTMLParser())
    return [
        (str(one.tag), {str(name): str(value) for name, value in one.attrib.items()}) for one in root.iter()
    ]


@pytest.mark.parametrize("sheet", SHEETS.values(), ids=SHEETS)
def test_any_style_sheet_ends_up_in_the_same_tags(sheet: str) -> None:
    page = PAGE.replace("{css}", sheet)

    assert styles(inline(page)) == styles(plainly_inlined(page))


@pytest.mark.parametrize("language", ["en", "ar"])
def test_the_shipped_layout_is_the_same_to_the_byte(language: str) -> None:
    edition = make_edition(15, language=language)
    lay_out = partial(
        render_edition,
        edition,
        make_newsletter(language=language),
        template_folder=TEMPLATE,
        pictures=make_stub_pictures(edition),
    )

    assert lay_out().html == lay_out(press=Press(inline=plainly_inlined)).html


def test_one_edition_leaves_the_next_untouched() -> None:
    first, second = PAGE.replace("{css}", ".label{color:red}"), PAGE.replace("{css}", ".label{color:blue}")
    without = first.replace('class="label top"', 'class="other"')

    inline(without)

    assert 'style="color:red"' in inline(first)
    assert 'style="color:blue"' in inline(second)
    assert inline(first) == inline(first)
