"""What holds for every text dump: a story or our own error, nothing invented, line ends and footers alike."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from digest.charset import find_encoding, repair_mojibake
from digest.errors import NoStoryError
from digest.extract.dump import explain_dump, read_dump
from digest.extract.dump_lines import clean_line
from digest.ingest.documents import open_document
from digest.model import Story
from tests.extract.reading import DATA, NOW, dump

QUICK = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
DUMPS = sorted((DATA / "dumps").glob("*.txt"))
SUBJECTS = ["The ferry", "A retired diver", "Nobody in Wick", "Mrs Oake", "Der Fährmann", "L'équipage"]
VERBS = [
    "left the pier with",
    "promised the mayor",
    "has counted",
    "zeichnete für",
    "a oublié",
    "will not sell",
]
OBJECTS = ["nine lobsters", "the old lamp", "the brass band", "sein Boot", "un parapluie", "a bell of 400 lb"]
CHROME = """
Menu|Home|Sign in|Subscribe|Most read|About us|Privacy Policy|Contact|Terms of Use|Careers|Advertise|Impressum
""".strip().split("|")
FOOTER = (
    """
About us|Contact us|Privacy Policy|Terms of Use|Careers|Advertise with us|Cookie settings|Sitemap|Accessibility
Facebook|Instagram|RSS|Back to top|Help|Impressum|Datenschutz|Mentions légales|Do not sell my data
""".strip()
    .replace("\n", "|")
    .split("|")
)
NAMES = ["Ida Crane", "Tómas Weld", "Merle Habicht", "Odo Marsh", "Bettina O'Dell"]
AROUND = [
    "Advertisement",
    "Share",
    "Photo: Ned Calloway/Wick Mail",
    "photo of the ferry at wick pier",
    "The band on the quay on Monday. (Foto: Jule Wessling)",
    "Read more: Berth fees rise for the third year in a row",
    "Sign up for our newsletter and get the news of the coast in your inbox.",
    "Source: MEGA",
    "Lesen Sie auch",
    "Comments (3)",
    "2 hours ago",
    "Itâ€™s the cook who says so, and nobody complains.",
    "© 2026 Wick Mail. All rights reserved.",
]


@st.composite
def sentences(draw: st.DrawFn) -> str:
    """Make a sentence of a story."""
    parts = (draw(st.sampled_from(words)) for words in (SUBJECTS, VERBS, OBJECTS))
    return " ".join(parts) + f", and {draw(st.integers(2, 90))} people watched from the quay."


@st.composite
def dumps(draw: st.DrawFn) -> str:
    """Make a page saved as text: menu, headline, byline, date, paragraphs with what stands between, footer."""
    lines = draw(st.lists(st.sampled_from(CHROME), max_size=8))
    lines += ["", draw(sentences()).rstrip("."), ""]
    lines += draw(
        st.sampled_from([[], [f"By {draw(st.sampled_from(NAMES))}"], [draw(st.sampled_from(NAMES))]])
    )
    lines += draw(st.sampled_from([[], ["March 5, 2026 at 7:45 p.m. ET"], ["Stand: 05.03.2026, 19:45 Uhr"]]))
    gap = draw(st.sampled_from([[""], [""], []]))
    for _ in range(draw(st.integers(1, 8))):
        lines += [*gap, " ".join(draw(st.lists(sentences(), min_size=2, max_size=4)))]
        lines += draw(st.lists(st.sampled_from(["", *AROUND]), max_size=3))
    return "\n".join([*lines, "", *draw(st.lists(st.sampled_from(FOOTER), max_size=5))])


def read(text: str | bytes) -> Story | None:
    """Return the story of a dump in whatever encoding, or None where there is none."""
    content = text.encode() if isinstance(text, str) else text
    try:
        return read_dump(replace(dump(content), encoding=find_encoding(content)))
    except NoStoryError as exc:
        assert str(exc).startswith("dump.txt holds no story")
        return None


def squeezed(text: str) -> str:
    """Return a text without spaces and invisible characters, in small letters."""
    return re.sub(r"\s", "", clean_line(text)).casefold()


@given(st.one_of(st.binary(max_size=600), st.text(max_size=600).map(str.encode), dumps().map(str.encode)))
@QUICK
def test_any_bytes_give_a_story_or_our_own_error(content: bytes) -> None:
    story = read(content)

    assert story is None or (story.text and story.title)


@given(dumps())
@QUICK
def test_every_paragraph_is_a_line_of_the_dump(text: str) -> None:
    story = read(text)

    lines = {clean_line(line) for line in repair_mojibake(text).splitlines()}
    assert story is None or set(story.text.split("\n\n")) <= lines


@given(st.one_of(dumps(), st.lists(st.one_of(sentences(), st.text(max_size=80))).map("\n\n".join)))
@QUICK
def test_nothing_is_invented(text: str) -> None:
    text = text.encode("utf-8", "replace").decode()
    story = read(text)
    if story is None:
        return

    known = squeezed(repair_mojibake(text))
    told = [story.title, story.site, story.section, *story.tags, *story.authors, story.description]
    told += [part for image in story.images for part in (image.alt, image.caption, image.credit)]
    told += [link.title for link in story.related]
    assert [value for value in told if value and squeezed(value) not in known] == []


@given(dumps(), st.sampled_from(["\r\n", "\r"]))
@QUICK
def test_line_ends_make_no_difference(text: str, end: str) -> None:
    assert read(text.replace("\n", end)) == read(text)


def test_misread_text_is_repaired_whatever_the_line_ends() -> None:
    lines = [
        "Itâ€™s the cook who says so, and nobody in town has ever complained of it.",
        "Łódź, 東京",
        *["x"] * 3,
    ]

    for end in ("\n", "\r\n", "\r"):
        assert repair_mojibake(end.join(lines)).split(end)[0].startswith("It’s the cook")


@given(dumps())
@QUICK
def test_each_line_of_text_is_explained_once(text: str) -> None:
    explained = explain_dump(text.encode())
    story = read(text)

    assert [line for _, line, _, _ in explained] == [
        line for line in map(clean_line, repair_mojibake(text).splitlines()) if line
    ]
    kept = [line for _, line, role, _ in explained if role in ("body", "subhead", "dek", "byline")]
    assert story is None or [line for line in story.text.split("\n\n") if line not in kept] == []


def test_a_name_between_headline_and_story_is_no_paragraph() -> None:
    body = "The ferry left the pier with nine lobsters, and 2 people watched from the quay."
    story = read(f"\n{body[:-1]}\n\nIda Crane\n\n{body} {body}\nAdvertisement\n\n{body} {body}\n\n")

    assert story is not None
    assert story.authors == ("Ida Crane",)
    assert "Ida Crane" not in story.text


@cache
def whole(stem: str) -> tuple[str, Story]:
    """Return the text of one of the written dumps, and its story."""
    capture = open_document(DATA / "dumps" / f"{stem}.txt", now=NOW, source="dump.txt")
    return capture.content.decode(capture.encoding or "utf-8"), read_dump(capture)


@pytest.mark.parametrize("count", (4, len(FOOTER)))
@pytest.mark.parametrize("stem", [path.stem for path in DUMPS])
def test_a_longer_footer_changes_neither_title_nor_text(stem: str, count: int) -> None:
    text, story = whole(stem)

    longer = read("\n".join([text, "", *FOOTER[:count]]))

    assert longer is not None
    assert (longer.title, longer.text, longer.authors) == (story.title, story.text, story.authors)
