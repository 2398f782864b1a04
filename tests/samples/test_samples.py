"""The sample stories are read as their authors meant them, and lead nowhere outside themselves."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from PIL import Image as Pillow

from digest.assets import sample_folder
from digest.extract.story import read_story, story_from_entry
from digest.ingest.documents import open_documents
from digest.ingest.feeds import read_feed
from digest.model import Capture, DocumentKind, Story

EXPECTED: dict[str, dict[str, Any]] = json.loads(
    (Path(__file__).parents[1] / "data" / "samples" / "expected.json").read_text(encoding="utf-8")
)
SAMPLES = sorted(path for path in sample_folder().iterdir() if path.suffix in (".html", ".xml", ".txt"))
PICTURES = sorted((sample_folder() / "pictures").iterdir())
NOW = datetime(2026, 11, 24, 11, 30, tzinfo=UTC)

VOCABULARIES = (
    "https://schema.org",
    "https://ogp.me/ns#",
    "http://www.w3.org/1999/xhtml",
    "http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd",
    "http://www.w3.org/2005/Atom",
    "http://purl.org/dc/elements/1.1/",
    "http://purl.org/rss/1.0/modules/content/",
    "http://search.yahoo.com/mrss/",
)
"""Names of formats. They look like addresses, and nobody follows them."""

HOST = re.compile(
    r"https?://([^/\s\"'<>?#]+)"
    r"|[\"'(]//([\w.-]+\.\w+)"
    r"|[\w.+-]+@([\w-]+(?:\.[\w-]+)+)"
    r"|\b(www\.[\w.-]+|[\w.-]+\.(?:com|org|net|io|co|tv|news|info))\b"
)


def stories() -> Iterator[tuple[str, Story]]:
    """Read every sample as the program does, each story under its name in the expected values."""
    for capture in open_documents(["sample:*.html", "sample:*.xml", "sample:*.txt"], now=NOW):
        assert isinstance(capture, Capture), capture
        assert capture.path is not None
        if capture.kind is DocumentKind.FEED:
            entries, failures = read_feed(capture)
            assert failures == []
            for number, entry in enumerate(entries, start=1):
                yield f"{capture.path.name}#{number}", story_from_entry(entry, capture)
        else:
            yield capture.path.name, read_story(capture)


@pytest.fixture(scope="module")
def read() -> dict[str, Story]:
    return dict(stories())


def blurb_material(story: Story) -> str:
    return story.text[: story.blurb_end].strip()


def test_there_are_seven_pages_three_feed_entries_and_a_dump(read: dict[str, Story]) -> None:
    assert set(read) == set(EXPECTED)

    assert len(read) == 11
    assert {story.section for story in read.values()} == {"City", "Science", "Culture"}


@pytest.mark.parametrize("name", EXPECTED)
@pytest.mark.parametrize("field", ["title", "site", "section", "url"])
def test_a_sample_is_read_with_what_its_page_says(name: str, field: str, read: dict[str, Story]) -> None:
    assert getattr(read[name], field) == EXPECTED[name][field]


@pytest.mark.parametrize("name", EXPECTED)
def test_a_sample_is_signed_by_its_authors_and_nobody_else(name: str, read: dict[str, Story]) -> None:
    assert list(read[name].authors) == EXPECTED[name]["authors"]


@pytest.mark.parametrize("name", EXPECTED)
def test_a_sample_keeps_its_outlets_own_hour_and_offset(name: str, read: dict[str, Story]) -> None:
    published_at = read[name].published_at

    assert published_at is not None
    assert published_at.isoformat() == EXPECTED[name]["published_at"]
    assert published_at < NOW


@pytest.mark.parametrize("name", EXPECTED)
@pytest.mark.parametrize("field", ["alt", "caption", "credit"])
def test_a_lead_image_has_its_words(name: str, field: str, read: dict[str, Story]) -> None:
    lead = read[name].lead_image

    assert lead is not None
    assert getattr(lead, field) == EXPECTED[name][field]


@pytest.mark.parametrize("name", EXPECTED)
def test_a_samples_pictures_are_found_beside_it(name: str, read: dict[str, Story]) -> None:
    files = [image.file for image in read[name].images if image.file is not None]

    assert [file.name for file in files] == EXPECTED[name]["pictures"]
    assert all(file.is_file() for file in files)


@pytest.mark.parametrize("name", EXPECTED)
def test_a_samples_text_is_the_story_from_its_first_words_to_its_last(
    name: str, read: dict[str, Story]
) -> None:
    """A standfirst may come before the first words: it is the story's own summary, and counts as its text."""
    text = blurb_material(read[name])

    first = text.split("\n\n")[:2]
    assert any(paragraph.startswith(EXPECTED[name]["starts"][:90]) for paragraph in first)
    assert first[0].startswith(EXPECTED[name]["starts"][:90]) or first[0] == read[name].description
    assert text.endswith(EXPECTED[name]["ends"])


@pytest.mark.parametrize("name", EXPECTED)
def test_nothing_around_a_sample_is_in_its_text(name: str, read: dict[str, Story]) -> None:
    text = blurb_material(read[name])

    assert [words for words in EXPECTED[name]["chrome"] if words in text] == []
    assert read[name].title not in text


def test_the_dump_tells_its_pictures_and_its_neighbors_apart(read: dict[str, Story]) -> None:
    story = read["dump.txt"]

    assert [image.credit for image in story.images] == [
        "HALYARD PICTURES",
        "HALYARD PICTURES",
        "D. FERRIS",
        "HALYARD PICTURES",
        "D. FERRIS",
    ]
    assert [link.title.split(",")[0] for link in story.related] == [
        "Oswin Dane Sells the Piano He Never Learned to Play",
        "Tilda Wray Confirms the Second Season of 'The Damp House' Will Have an Ending This Time",
    ]
    assert len(blurb_material(story).split("\n\n")) == 13
    assert len(story.text.split("\n\n")) == 16
    assert story.tags == ("Marlo Venn",)


def test_two_samples_tell_the_same_event_in_other_words(read: dict[str, Story]) -> None:
    first, second = read["night-ferry.html"].text, read["late-boat.html"].text
    told_by_both = ("Marigold", "412", "Hask", "$3.50", "$6.2 million", "Odile Brannock", "Harlan Pruett")

    shared = shingles(first) & shingles(second)

    assert all(fact in first and fact in second for fact in told_by_both)
    assert len(shared) / len(shingles(first)) < 0.05


def shingles(text: str) -> set[tuple[str, ...]]:
    words = re.findall(r"\w+", text.lower())
    return set(zip(words, words[1:], words[2:], words[3:], strict=False))


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_a_sample_names_no_host_that_could_exist(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for vocabulary in VOCABULARIES:
        text = re.sub(rf"{re.escape(vocabulary)}(?:/\w+)?(?=\")", "", text)

    hosts = {next(filter(None, found)) for found in HOST.findall(text)}

    assert [host for host in hosts if not host.endswith(".example")] == []


@pytest.mark.parametrize("path", PICTURES, ids=lambda path: path.name)
def test_a_picture_decodes_at_its_size_and_is_light(path: Path) -> None:
    with Pillow.open(path) as picture:
        picture.load()

        assert (picture.format, picture.mode, picture.size) == ("JPEG", "RGB", (1600, 1000))
    assert path.stat().st_size <= 150_000


def test_every_picture_is_shown_and_every_picture_shown_exists() -> None:
    shown = {
        name
        for path in SAMPLES
        for name in re.findall(r'"pictures/([\w-]+\.jpg)', path.read_text(encoding="utf-8"))
    }

    assert shown == {path.name for path in PICTURES}
