"""Text dumps of many shapes read as an editor would read them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from digest.errors import NoStoryError
from digest.extract.dump import explain_dump, read_dump
from digest.extract.roles import Role
from digest.model import Story
from tests.extract.reading import DATA, as_json, dump

DUMPS = [path for path in sorted((DATA / "dumps").glob("*.txt")) if not path.with_suffix(".toml").exists()]


@pytest.mark.parametrize("path", DUMPS, ids=lambda path: path.stem)
def test_dump_reads_as_its_golden(path: Path, golden: Callable[[str, str], None]) -> None:
    story = read_dump(dump(path.read_bytes()))

    golden(f"extract/dumps/{path.stem}.json", as_json(story))


@pytest.fixture
def seed(shared: Path) -> Story:
    return read_dump(dump((shared / "seeds" / "radaronline-page.txt").read_bytes()))


def test_seed_gives_its_headline_date_and_place(seed: Story) -> None:
    assert seed.title.startswith("Kim Basinger, 71, Rips Being 'Supervised'")
    assert seed.published_at == datetime(2025, 3, 5, 19, 45, tzinfo=timezone(timedelta(hours=-5)))
    assert seed.published_at is not None
    assert seed.published_at.isoformat() == "2025-03-05T19:45:00-05:00"
    assert not seed.published_at_assumed
    assert (seed.site, seed.section, seed.tags) == ("RadarOnline", "Celebrity", ("Kim Basinger",))
    assert seed.language == "en"


def test_seed_has_no_byline_and_none_is_invented(seed: Story) -> None:
    assert seed.authors == ()


def test_seed_gives_five_images_with_caption_and_credit(seed: Story) -> None:
    lead = seed.lead_image

    assert lead is not None
    assert lead.alt == "Photo of Kim Basinger"
    assert lead.credit == "MEGA"
    assert lead.caption == (
        "Kim Basinger agreed with Mikey Madison on not wanting directions while filming a sex scene."
    )
    assert lead.url is None
    assert [image.credit for image in seed.images] == ["MEGA", "MEGA", "MEGA", "MGM", "MEGA"]
    assert all(image.caption and image.alt for image in seed.images)


def test_seed_gives_its_paragraphs_and_nothing_around_them(seed: Story) -> None:
    paragraphs = seed.text.split("\n\n")

    assert len(paragraphs) == 17
    assert paragraphs[0].startswith("Kim Basinger is not interested")
    assert paragraphs[13].startswith("One person raged")
    for chrome in (
        "Article continues",
        "Sign Up",
        "Copyright",
        "READ MORE",
        "Source:",
        "Photo of",
        "Logo",
        "Never Miss",
    ):
        assert chrome not in seed.text


def test_seed_afterword_is_no_blurb_material(seed: Story) -> None:
    assert seed.blurb_end is not None
    assert seed.text[: seed.blurb_end].endswith('others called Baker "sleazy."')
    assert seed.text[seed.blurb_end :].lstrip().startswith("Madison beat out Demi Moore")


def test_seed_lists_its_related_stories(seed: Story) -> None:
    titles = [link.title for link in seed.related]

    assert len(titles) == 2
    assert titles[0].startswith("Meghan Markle in 'Sink or Swim Time'")
    assert titles[1].startswith("Goldie Hawn 'Embarrassed'")


def test_explaining_names_a_role_and_a_rule_for_every_line() -> None:
    text = (DATA / "dumps" / "inline_credits.txt").read_text(encoding="utf-8")

    lines = explain_dump(text)

    assert len(lines) == sum(bool(line.strip()) for line in text.splitlines())
    assert all(rule for _, _, _, rule in lines)
    roles = {line: role for _, line, role, _ in lines}
    assert roles["Dredging of Tolliver Harbor begins after two-year wait"] is Role.HEADLINE
    assert roles["By Rosalind Thatch, Harbor Reporter"] is Role.BYLINE
    assert roles["Advertisement"] is Role.AD
    assert roles["Read more: Berth fees rise for the third year in a row"] is Role.POINTER


def test_large_first_letter_is_joined_to_its_word() -> None:
    paragraph = "he ferry left the pier at noon, with the band on board and the mayor asleep below the deck."

    story = read_dump(
        dump(f"A boat goes out\n\nT\n{paragraph}\n\n{paragraph.replace('ferry', 'ship')} It came back.\n")
    )

    assert "The ferry left" in story.text


def test_text_misread_before_it_was_saved_is_repaired() -> None:
    sentence = "Itâ€™s the cook who says that the soup is never the same twice, and nobody in town complains."

    story = read_dump(dump(f"The soup of the day\n\n{sentence}\n\n{sentence} He is right.\n\n"))

    assert "It’s the cook" in story.text


@pytest.mark.parametrize("text", ["", "   \n\n", "Menu\nHome\nNews\nSport\n", "404\nPage not found\n"])
def test_dump_without_a_story_says_so(text: str) -> None:
    with pytest.raises(NoStoryError, match="holds no story"):
        read_dump(dump(text))
