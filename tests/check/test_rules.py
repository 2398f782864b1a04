"""The rules of reading, links, spam and mail programs: each tripped by a fault and quiet on its near miss."""

from __future__ import annotations

import ast
import json
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image as Pillow

from digest.check.colours import parse_colour
from digest.check.document import parse_document
from digest.check.preflight import check_html, check_rendered, check_saved
from digest.check.support import load_support
from digest.config import SmtpSettings
from digest.model import Edition, Finding, Rendered, Severity
from digest.pipeline.checking import stays_here
from digest.render.compose import render_edition
from tests.bench.client_support import measure_baseline
from tests.check.test_preflight import credited, hosted, lay_out, put
from tests.render.sample import TEMPLATE, make_edition, make_stub_pictures

ROOT = Path(__file__).resolve().parents[2]
FILLER = "word " * 60
DARK = "@media (prefers-color-scheme:dark)"


@pytest.fixture(scope="module")
def sound() -> tuple[Edition, Rendered]:
    edition = credited()
    return edition, lay_out(edition, hosted())


def styled(style: str, text: str = "Some words to read") -> str:
    return f'<p style="{style}">{text}</p>'


def link(href: str, text: str) -> str:
    return f'<a href="https://{href}">{text}</a>'


def image(address: str) -> str:
    return f'<img src="https://news.example/{address}" alt="" width="10">'


PLAIN_TABLE = "<table><tr><td>a</td></tr></table>"
DARK_PAGE = (
    f"<style>{DARK}{{.y{{background:#111}}}}</style><div class=y><p style='color:#333'>Words</p></div>"
)
FONT = "<style>@font-face{font-family:x;src:url(x.woff)}</style>"
HTML_FAULTS = [
    ("contrast", styled("color:#888888;background:#ffffff"), styled("color:#767676;background:#ffffff")),
    ("contrast", styled("color:#949494;background:#fff"), styled("color:#949494;background:#fff;font-size:24px")),
    ("contrast", "<div bgcolor='navy' style='color:#555'>Words</div>", styled("color:#eee;background:navy")),
    ("contrast", styled("color:rgb(0,0,0,20%)"), styled("color:rgba(0,0,0,.9)")),
    ("contrast", "<style>.x p{color:#999}</style><div class=x><p>Words</p></div>", "<style>.x>p{color:#999}</style>"),
    ("contrast", styled("background:linear-gradient(#fff,#eee)") + styled("color:#999;background:#fff"),
     styled("color:#fff;background:#fff url(https://news.example/a.jpg)")),
    ("contrast-dark", f"<style>{DARK}{{.x{{color:#555 !important;background:#111 !important}}}}</style>"
     "<p class=x>Words</p>", f"<style>{DARK}{{.x{{color:#ccc !important;background:#111 !important}}}}</style>"
     "<p class=x>Words</p>"),
    ("contrast-dark", DARK_PAGE, "<div class=y><p style='color:#333;background:#fff'>Words</p></div>"),
    ("text-size", styled("font-size:13px"), styled("font-size:14px")),
    ("text-size", styled("font:10pt/14px Georgia,serif"), styled("font:11pt/14px Georgia,serif")),
    ("text-size", "<p><small>Words</small></p>", "<p style='font-size:17px'><small>Words</small></p>"),
    ("hidden-text", styled("display:none", FILLER), styled("display:block", FILLER)),
    ("hidden-text", styled("color:#fff;background:#ffffff", FILLER), styled("display:none", "few words")),
    ("hidden-text", styled("font-size:0", FILLER), styled("font-size:0", "<b style='font-size:16px'>Words</b>")),
    ("table-role", PLAIN_TABLE, "<table><tr><th>a</th></tr></table>"),
    ("table-role", PLAIN_TABLE, '<table role="presentation"><tr><td>a</td></tr></table>'),
    ("link-words", link("a.example/", "Click here"), link("a.example/", "Here comes the sun")),
    ("link-words", link("a.example/", "Weiterlesen …"), link("a.example/", "Weiter bei der Post")),
    ("http-link", '<a href="http://a.example/">The Gazette</a>', '<a href="http://127.0.0.1:8000/">The Gazette</a>'),
    ("disguised-link", link("a.example/", "www.bank.example"), link("bank.example/x", "bank.example/x")),
    ("disguised-link", link("a.example/", "https://bank.example"), link("a.example/", "Bank.example raises rates")),
    ("exclamations", "<p>Hurry!!!</p>", "<p>Hurry! Now!</p>"),
    ("spam-words", "<p>A limited-time offer</p>", "<p>An offer for a limited audience</p>"),
    ("image-format", "<svg></svg>", image("a.jpg?x=.svg")),
    ("image-format", image("a.svg"), image("a.png")),
    ("client-support", styled("display:flex"), styled("display:block")),
    ("client-support", styled("width:clamp(1px,2px,3px)"), styled("width:100%")),
    ("client-support", "<picture></picture>", "<span>a</span>"),
    ("client-support", "<video></video>", "<em>a</em>"),
    ("client-support", "<style>p{margin:var(--gap)}</style>", "<style>p:hover{text-decoration:underline}</style>"),
    ("client-support", FONT, f"<style>{DARK}{{p{{margin:0}}}}</style>"),
    ("client-support", "<style>@import url(x.css);</style>", "<style>@media (max-width:480px){p{margin:0}}</style>"),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "fault", "near_miss"), HTML_FAULTS)
def test_a_fault_is_found_and_its_near_miss_is_not(
    rule: str, fault: str, near_miss: str, sound: tuple[Edition, Rendered]
) -> None:
    assert told(rule, check_html(put(fault)(sound[1].html))) == [Severity.WARNING]
    assert told(rule, check_html(put(near_miss)(sound[1].html))) == []


def test_a_colour_that_was_drawn_with_is_still_known_by_its_name() -> None:
    Pillow.new("RGB", (1, 1), "navy")

    assert str(parse_colour("navy")) == str(parse_colour("#000080"))
    assert parse_colour("navyish") is None


LAYOUTS = sorted(folder.name for folder in TEMPLATE.parent.iterdir() if (folder / "email.mjml.j2").exists())


@pytest.mark.parametrize("language", ["en", "ar", "ja"])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_sample_edition_has_nothing_but_missing_credits_to_tell_of(layout: str, language: str) -> None:
    edition = make_edition(language=language)
    newsletter = replace(hosted(), language=language, template=layout)
    rendered = render_edition(
        edition, newsletter, template_folder=TEMPLATE.parent / layout, pictures=make_stub_pictures(edition)
    )

    found = check_rendered(rendered, edition, newsletter, readers=5000)

    assert [(f.rule, f.message) for f in found if f.rule != "picture-credit"] == []


def test_fifteen_stories_are_looked_over_in_a_tenth_of_a_second() -> None:
    edition = make_edition(15)
    rendered = lay_out(edition, hosted())

    seconds = []
    for _ in range(3):
        started = time.process_time()
        check_rendered(rendered, edition, hosted())
        seconds.append(time.process_time() - started)

    assert min(seconds) < 0.1


def told(rule: str, findings: list[Finding]) -> list[Severity]:
    return [finding.severity for finding in findings if finding.rule == rule][:1]


LINE_FAULTS = [
    ("capitals", "HARBOUR REOPENS TODAY", "NATO and the EU meet in Oslo"),
    ("exclamations", "Harbour reopens!!", "Harbour reopens!"),
    ("exclamations", "Harbour reopens?!", "Has the harbour reopened?"),
    ("currency", "Bread is $4, milk $3", "Bread is $4 now"),
    ("spam-words", "Bread is free!!", "Bread is free"),
]


@pytest.mark.parametrize("field", ["subject", "preheader"])
@pytest.mark.parametrize(("rule", "fault", "near_miss"), LINE_FAULTS)
def test_a_line_that_looks_like_spam_is_found(
    rule: str, fault: str, near_miss: str, field: str, sound: tuple[Edition, Rendered]
) -> None:
    edition, rendered = sound

    def findings(line: str) -> list[Finding]:
        changed = replace(rendered, **{field: line})  # type: ignore[arg-type]
        return check_rendered(changed, edition, hosted())

    assert [(f.where, f.severity) for f in findings(fault) if f.rule == rule] == [(field, "warning")]
    assert told(rule, findings(near_miss)) == []


def test_a_finding_about_contrast_tells_the_text_both_colours_and_the_ratio() -> None:
    found = [f for f in check_html(styled("color:#888;background:#fff", "The tide")) if f.rule == "contrast"]

    assert [(f.where, f.message) for f in found] == [
        ("The tide", "#888888 on #ffffff has a contrast of 3.5; 4.5 is needed. Change a colour.")
    ]


def test_pictures_with_hardly_any_text_are_found() -> None:
    picture = '<img src="https://news.example/a.jpg" alt="A bell" width="600">'

    assert told("image-only", check_html(picture + "<p>Look!</p>")) == [Severity.WARNING]
    assert told("image-only", check_html(picture + f"<p>{FILLER}</p>")) == []
    assert told("image-only", check_html("<p>Look!</p>")) == []


def cut_text(headline: str) -> Callable[[str], str]:
    return lambda text: text.replace(headline, "")


@pytest.mark.parametrize(
    ("rule", "severity", "change"),
    [
        ("text-blurb", "warning", lambda text: re.sub(r"The bronze bell", "A bell", text)),
        ("text-link", "warning", lambda text: re.sub(r"https://the-gazette\S+", "", text)),
        ("missing-story", "error", lambda text: text.replace("Divers bring up", "Nobody brings up")),
        ("story-count", "error", lambda text: text.replace("Divers bring up", "Nobody brings up")),
    ],
)
def test_a_text_part_that_tells_less_than_the_html_is_found(
    rule: str, severity: str, change: Callable[[str], str], sound: tuple[Edition, Rendered]
) -> None:
    edition, rendered = sound
    lacking = replace(rendered, text=change(rendered.text))

    assert told(rule, check_rendered(lacking, edition, hosted())) == [Severity(severity)]
    assert told(rule, check_rendered(rendered, edition, hosted())) == []


def test_a_story_that_is_in_neither_part_is_no_difference_in_number(sound: tuple[Edition, Rendered]) -> None:
    edition, rendered = sound
    changed = replace(edition, items=(*edition.items, replace(edition.items[0], headline="Not laid out")))

    found = check_rendered(rendered, changed, hosted())

    assert [(f.rule, f.where) for f in found] == [("missing-story", "Not laid out")]


def test_saved_files_are_checked_with_their_text_and_subject(sound: tuple[Edition, Rendered]) -> None:
    rendered = sound[1]

    whole = check_saved(rendered.html, text=rendered.text, subject=rendered.subject)
    assert [f.rule for f in whole] == ["third-party"]
    lacking = check_saved(rendered.html, text=cut_text("Night trams")(rendered.text), subject="A" * 60)
    assert {f.rule for f in lacking} >= {"missing-story", "subject-length"}


@pytest.mark.parametrize(("is_local", "rule"), [(False, "one-click"), (True, "public-url")])
def test_a_sink_on_this_machine_asks_for_no_one_click(is_local: bool, rule: str) -> None:
    edition = credited()
    newsletter = replace(hosted(), public_url="")

    found = check_rendered(lay_out(edition, newsletter), edition, newsletter, readers=2000, is_local=is_local)

    assert [f.rule for f in found] == [rule]


@pytest.mark.parametrize(
    ("smtp", "is_local"),
    [
        ({"host": "127.0.0.1", "port": 2525}, True),
        ({"host": "::1", "port": 40001}, True),
        ({"host": "localhost", "port": 25}, False),
        ({"host": "127.0.0.1", "port": 587}, False),
        ({"host": "mail.example", "port": 2525}, False),
        ({"host": "127.0.0.1", "transport": "sendmail"}, False),
    ],
)
def test_a_mail_server_on_this_machine_is_no_sink(smtp: dict[str, object], is_local: bool) -> None:
    assert stays_here(SmtpSettings.model_validate(smtp)) is is_local


@pytest.mark.parametrize(("weight", "rules"), [(2_000_001, ["picture-weight"]), (2_000_000, [])])
def test_heavy_hosted_pictures_are_found(
    weight: int, rules: list[str], sound: tuple[Edition, Rendered]
) -> None:
    found = check_rendered(sound[1], sound[0], hosted(), hosted_bytes=weight)

    assert [f.rule for f in found] == rules


def test_the_data_says_where_it_is_from_and_what_the_smallest_mjml_lacks() -> None:
    text = (ROOT / "digest/check/clients.json").read_text(encoding="utf-8")
    support = load_support()

    assert "caniemail.com" in text and '"MIT' in text and re.search(r'"date": "20\d\d-\d\d-\d\d"', text)
    assert support.baseline == {
        name: frozenset(some) for name, some in measure_baseline(json.loads(text)["features"]).items()
    }


def test_hostile_styles_end_soon_and_trip_nothing() -> None:
    deep = "<div>" * 200 + "<p class=x>Words</p>" + "</div>" * 200
    nasty = (
        "<style>" + " ".join(["div"] * 19) + " .x{color:red}" + "a{" * 3000 + "}" * 5000
        + "@media(" * 500 + "b{c:url('" + "(" * 5000 + "</style>"
    )  # fmt: skip

    document = parse_document(
        nasty + deep + '<p style="a:b;:;;color:#12;font:;background:rgb(1);color:hsl(1,2%)">'
    )

    assert document is not None
    assert check_html(nasty + deep)


def named_in_manual() -> set[str]:
    text = (ROOT / "digest/help/preflight.md").read_text(encoding="utf-8")
    entries = re.findall(r"^- ((?:`[a-z-]+`(?: \([^)]*\))?(?:, )?)+)[ :]", text, re.MULTILINE)
    return {rule for entry in entries for rule in re.findall(r"`([a-z][a-z-]+)`", entry)}


def strings(paths: Iterator[Path]) -> Iterator[tuple[str, bool]]:
    """Yield each string constant, and whether it is the id in a call that makes a finding or a remark."""
    for path in paths:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value, False
            if not isinstance(node, ast.Call):
                continue
            name = getattr(node.func, "id", "")
            if name in ("error", "warning", "info") and isinstance(node.args[0], ast.Constant):
                yield str(node.args[0].value), True
            if name == "Remark":
                yield from ((str(ast.literal_eval(k.value)), True) for k in node.keywords if k.arg == "rule")


def test_each_rule_has_an_entry_in_the_manual_each_entry_a_rule_and_each_rule_a_test() -> None:
    manual = named_in_manual()
    folders = (ROOT / "digest/check", ROOT / "digest/pipeline")
    doctors = {ROOT / "digest/pipeline" / name for name in ("health.py", "mail_health.py", "verdict.py")}
    sources = [path for folder in folders for path in folder.glob("*.py") if path not in doctors]
    found = list(strings(iter(sources)))
    made = {text for text, is_id in found if is_id}
    written = {text for text, _ in found} | {"lang-in-body", "dir-in-body"}
    tests = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py"))

    assert made - manual == {"length"}, (
        "told at once to who wrote the line; preflight tells it by subject-length"
    )
    assert manual - written == set()
    assert {rule for rule in manual if f'"{rule}"' not in tests} == set()
    assert len(manual) > 50
