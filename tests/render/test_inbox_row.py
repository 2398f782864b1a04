"""Sender, subject and preheader, cut as mail programs cut them."""

from __future__ import annotations

from digest.render.inbox_row import DOTS, PROGRAMS, Row, cut, make_row, opening_text, width_of
from tests.browser import open_browser, show

SPACERS = "\u034f\u200c\u00a0" * 40
TEXT = "Market inspector suspended over “fixing” of the stall lottery; 412 passengers wait, WAGNER’s élan (no. 7)"


def row(
    key: str, *, subject: str = "Night ferry sails", preheader: str = "Also: bakers sing", blanks: str = ""
) -> Row:
    program = next(one for one in PROGRAMS if one.key == key)
    html = (
        f"<html><head><title>No</title><style>no</style></head><body><!-- no --><div style='display:none'>{preheader}"
        f"{blanks}</div><h1>The Daily Dose</h1><p>View <b>in</b> a browser</p></body></html>"
    )
    return make_row(
        program, sender="The Daily Dose", subject=subject, preheader=preheader, opening=opening_text(html)
    )


def test_widths_are_those_that_a_browser_measures() -> None:
    spans = {"plain": "font:14px Arial", "bold": "font:bold 14px Arial"}
    html = "".join(f"<p><span id={name} style='{style}'>{TEXT}</span>" for name, style in spans.items())
    with open_browser() as browser:
        page = show(browser, html, 1400)
        plain, bold = (
            page.evaluate(f"document.getElementById('{name}').getBoundingClientRect().width")
            for name in ("plain", "bold")
        )

    assert abs(width_of(TEXT, size=14) / plain - 1) < 0.03
    assert abs(width_of(TEXT, size=14, is_bold=True) / bold - 1) < 0.05


def test_a_text_is_cut_where_its_width_ends() -> None:
    shown = cut("i" * 40 + "W" * 40, 200, size=14)

    assert shown == "i" * 40 + "W" * 4 + DOTS
    assert width_of(shown, size=14) <= 200
    assert cut("short", 200, size=14) == "short"


def test_wide_letters_and_those_that_nobody_sees_are_counted_as_such() -> None:
    assert width_of("川", size=10) == 10
    assert width_of("\u200c\u034f", size=10) == 0


def test_the_emails_own_text_runs_on_behind_a_short_preheader() -> None:
    assert row("gmail").preview == ("Also: bakers sing The Daily Dose View in a browser",)
    assert row("gmail").runs_on == "The Daily Dose View in a browser"


def test_blanks_behind_the_preheader_keep_the_text_away() -> None:
    kept = row("gmail-phone", preheader="Also: bakers sing to a full house", blanks=SPACERS)

    assert kept.preview == ("Also: bakers sing to a full house",)
    assert kept.runs_on == ""
    assert kept.is_cut == frozenset()


def test_each_program_cuts_by_its_own_room() -> None:
    long = (
        "Three of sixty-four traders won a prized corner in seventeen of twenty monthly draws, an audit found"
    )
    cuts = {one.key: row(one.key, subject=long, preheader=long).is_cut for one in PROGRAMS}

    assert cuts["gmail"] == {"preheader"}
    assert cuts["gmail-phone"] == cuts["outlook"] == {"subject", "preheader"}
    assert len(row("apple", preheader=long).preview) == 2
    assert (
        row("apple", preheader=long).preview[0].split()
        == long.split()[: len(row("apple", preheader=long).preview[0].split())]
    )


def test_what_is_no_text_is_not_read() -> None:
    html = "<html><head><title>a</title></head><body><script>b</script>c<style>d</style> e<!-- f --><br>g</body></html>"

    assert opening_text(html) == "c e g"
