"""A value of the model survives being written down."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.errors import StoreError
from digest.model import (
    AlsoIn,
    Blurb,
    Edit,
    Edition,
    EditionName,
    EditionState,
    EditKind,
    Image,
    Item,
    LeftOut,
    Link,
    Picture,
    Reason,
    Rendered,
    Sentence,
    Story,
    StoryId,
)
from digest.records import (
    edition_from_dict,
    edition_to_dict,
    rendered_from_dict,
    rendered_to_dict,
    story_from_dict,
    story_to_dict,
)

texts = st.text(max_size=30)
ids = st.builds(StoryId, texts)
moments = st.builds(
    lambda seconds, minutes: datetime.fromtimestamp(seconds, timezone(timedelta(minutes=minutes))),
    st.integers(0, 4_000_000_000) | st.floats(0, 4e9),
    st.integers(-720, 720),
)
numbers = st.floats(allow_nan=False, allow_infinity=False)
paths = st.sampled_from(["a.jpg", "folder/b c.png", "/abs/ü.webp"]).map(Path)


def some(strategy: st.SearchStrategy[object]) -> st.SearchStrategy[tuple[object, ...]]:
    return st.lists(strategy, max_size=3).map(tuple)


images = st.builds(
    Image,
    url=st.none() | texts,
    alt=st.none() | texts,
    caption=st.none() | texts,
    credit=st.none() | texts,
    width=st.none() | st.integers(0, 9000),
    height=st.none() | st.integers(0, 9000),
    file=st.none() | paths,
)
stories = st.builds(
    Story,
    id=ids,
    source=texts,
    title=texts,
    text=texts,
    url=st.none() | texts,
    authors=some(texts),
    published_at=st.none() | moments,
    published_at_assumed=st.booleans(),
    blurb_end=st.none() | st.integers(0, 99),
    lead_image=st.none() | images,
    images=some(images),
    related=some(st.builds(Link, title=texts, url=st.none() | texts)),
)
sentences = st.builds(Sentence, text=texts, start=st.integers(0, 99), end=st.integers(0, 99))
blurbs = st.builds(
    Blurb, story_id=ids, text=texts, sentences=some(sentences), image=st.none() | images, method=texts
)
items = st.builds(
    Item,
    story_id=ids,
    section=texts,
    headline=texts,
    text=texts,
    blurb=blurbs,
    site=texts,
    url=st.none() | texts,
    image=st.none() | images,
    published_at=st.none() | moments,
    also_in=some(st.builds(AlsoIn, story_id=ids, site=texts, title=texts, url=st.none() | texts)),
    score=numbers,
    reasons=some(st.builds(Reason, name=texts, value=numbers, detail=texts)),
    is_pinned=st.booleans(),
    edited=some(texts),
)
edits = st.builds(
    Edit,
    kind=st.sampled_from(EditKind),
    story_id=st.none() | ids,
    section=st.none() | texts,
    position=st.none() | st.integers(0, 30),
    field=st.none() | texts,
    text=st.none() | texts,
)
editions = st.builds(
    Edition,
    name=st.builds(EditionName, newsletter=texts, date=st.dates(date(1990, 1, 1), date(2090, 1, 1))),
    title=texts,
    subject=texts,
    preheader=texts,
    items=some(items),
    drafted=some(items),
    made_at=moments,
    state=st.sampled_from(EditionState),
    revision=st.integers(1, 99),
    edits=some(edits),
    left_out=some(st.builds(LeftOut, story_id=ids, title=texts, site=texts, why=texts, score=numbers)),
)
rendereds = st.builds(
    Rendered,
    name=st.builds(EditionName, newsletter=texts, date=st.dates(date(1990, 1, 1), date(2090, 1, 1))),
    subject=texts,
    preheader=texts,
    html=texts,
    text=texts,
    mjml=texts,
    pictures=some(
        st.builds(
            Picture,
            name=texts,
            content=st.binary(max_size=20),
            content_type=texts,
            width=st.integers(0, 99),
            height=st.integers(0, 99),
        )
    ),
)


@given(stories)
@settings(max_examples=60, deadline=None)
def test_a_story_survives_being_written_as_json(story: Story) -> None:
    written = json.loads(json.dumps(story_to_dict(story)))

    read = story_from_dict(written)

    assert read == story
    if story.published_at is not None and read.published_at is not None:
        assert read.published_at.utcoffset() == story.published_at.utcoffset()


@given(editions)
@settings(max_examples=40, deadline=None)
def test_an_edition_survives_being_written_as_json(edition: Edition) -> None:
    assert edition_from_dict(json.loads(json.dumps(edition_to_dict(edition)))) == edition


@given(rendereds)
@settings(max_examples=30, deadline=None)
def test_a_rendering_survives_being_written_as_json(rendered: Rendered) -> None:
    assert rendered_from_dict(json.loads(json.dumps(rendered_to_dict(rendered)))) == rendered


def test_a_record_of_an_older_or_newer_version_can_be_read() -> None:
    record = {
        "id": "s1",
        "source": "gazette",
        "title": "T",
        "text": "Body.",
        "mood": "written by a later version",
    }

    assert story_from_dict(record) == Story(id=StoryId("s1"), source="gazette", title="T", text="Body.")


@pytest.mark.parametrize(
    "record", [{}, {"id": "s1"}, {"id": "s1", "source": "x", "title": "t", "text": "", "images": 3}]
)
def test_a_record_that_does_not_fit_says_so(record: dict[str, object]) -> None:
    with pytest.raises(StoreError, match="stored story cannot be read"):
        story_from_dict(record)
