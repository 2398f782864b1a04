"""Make the edits that need more than the edition: sentences and pictures of a story, and stories left out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from digest.curate.admission import one_each
from digest.edition import find_item, find_left_out
from digest.errors import EditionError
from digest.items import captioned, make_item
from digest.model import (
    Candidate,
    Edit,
    Edition,
    EditKind,
    Image,
    Item,
    Ranked,
    Reason,
    Sentence,
    Story,
    StoryId,
)
from digest.pipeline.drafting import candidates_of
from digest.pipeline.parts import Parts
from digest.store.stories import Stories
from digest.summarize.languages import language_of
from digest.summarize.passages import without_dateline
from digest.summarize.sentences import split_sentences


def story_sentences(story: Story) -> list[Sentence]:
    """Return the sentences of a story that a blurb may be made of, as blurbs have them: without a dateline."""
    language = language_of(story.text[: story.blurb_end], story.language)
    return [without_dateline(one, story.text) for one in split_sentences(story.text, language=language)]


def story_pictures(story: Story) -> list[Image]:
    """Return the pictures of a story, its lead image first, each once."""
    pictures = [story.lead_image] if story.lead_image is not None else []
    for image in story.images:
        if all(_key(image) != _key(other) for other in pictures):
            pictures.append(image)
    return pictures


def blurb_numbers(item: Item, sentences: Sequence[Sentence]) -> set[int]:
    """Return which sentences of its story a blurb is made of, counted from 1.

    A blurb that was rewritten is made of none. A sentence that reads the same is the same, wherever it stands now.
    """
    if item.text != item.blurb.text:
        return set()
    told = {one.text for one in item.blurb.sentences}
    return {number for number, one in enumerate(sentences, start=1) if one.text in told}


def picture_number(item: Item, pictures: Sequence[Image]) -> int | None:
    """Return which picture of its story an item shows, counted from 1; None where it shows none of them."""
    if item.image is None:
        return None
    shown = _key(item.image)
    return next((number for number, one in enumerate(pictures, start=1) if _key(one) == shown), None)


def _key(image: Image) -> tuple[object, object]:
    return image.url, image.file


def numbered_edit(stories: Stories, edition: Edition, ref: str, numbers: Sequence[int]) -> Edit:
    """Return the edit that makes a blurb of these sentences of its story, counted from 1.

    Raises EditionError where the story has no such sentence.
    """
    if not numbers:
        return sentences_edit(stories, edition, ref, ())
    item = find_item(edition, ref)
    sentences = story_sentences(_story_of(stories, item))
    for number in numbers:
        if not 1 <= number <= len(sentences):
            raise EditionError(
                f"'{item.headline}' has no sentence {number}; it has {len(sentences)}. "
                f"'digest show {edition.name} --story {item.story_id[:8]}' lists them."
            )
    return sentences_edit(stories, edition, ref, [sentences[number - 1] for number in numbers])


def sentences_edit(stories: Stories, edition: Edition, ref: str, sentences: Sequence[Sentence]) -> Edit:
    """Return the edit that makes sentences of a story its blurb.

    Raises EditionError where one of them does not stand in the story as it says.
    """
    item = find_item(edition, ref)
    if sentences:
        story = _story_of(stories, item)
        for one in sentences:
            if (
                not one.text.strip()
                or not 0 <= one.start < one.end
                or story.text[one.start : one.end] != one.text
            ):
                raise EditionError(
                    f"'{item.headline}' does not have the sentence “{one.text[:60]}” there: the story was read again "
                    "since. Look at it again, then choose."
                )
    return Edit(kind=EditKind.SENTENCES, story_id=item.story_id, sentences=tuple(sentences))


def picture_edit(stories: Stories, edition: Edition, ref: str, number: int | None) -> Edit:
    """Return the edit that shows a picture of a story, counted from 1; with None, none.

    Raises EditionError where the story has no such picture.
    """
    item = find_item(edition, ref)
    if number is None:
        return Edit(kind=EditKind.PICTURE, story_id=item.story_id)
    story = _story_of(stories, item)
    pictures = story_pictures(story)
    if not 1 <= number <= len(pictures):
        raise EditionError(
            f"'{item.headline}' has no picture {number}; it has {len(pictures)}. "
            f"'digest show {edition.name} --story {item.story_id[:8]}' lists them."
        )
    image = captioned(pictures[number - 1], story.title)
    return Edit(kind=EditKind.PICTURE, story_id=item.story_id, image=image)


def include_edit(parts: Parts, edition: Edition, ref: str) -> Edit:
    """Return the edit that puts in a story that was left out, condensed now.

    Raises EditionError where it is not kept any more.
    """
    left_out = find_left_out(edition, ref)
    candidate = _candidate(parts, left_out.story_id, edition.made_at)
    if candidate is None:
        raise EditionError(
            f"'{left_out.title}' is not kept any more. Read it again with 'digest fetch', then draft the edition again."
        )
    (blurb,) = parts.make_summarizer().summarize_all([candidate.story], words=parts.settings.blurb_words)
    score = left_out.score or 0.0
    ranked = Ranked(
        story=candidate.story,
        section=candidate.section,
        score=score,
        reasons=(
            Reason(name="put in", value=score, detail=f"by the editor; left out before: {left_out.why}"),
        ),
        outlet=left_out.site,
    )
    item = make_item(ranked, blurb)
    return Edit(kind=EditKind.INCLUDE, story_id=item.story_id, item=item, left_out=left_out)


def _candidate(parts: Parts, story_id: StoryId, drafted_at: datetime) -> Candidate | None:
    """Return a story as the draft knew it, or None where it is not kept."""
    found = one_each(one for one in candidates_of(parts, drafted_at) if one.story.id == story_id)
    return found[0] if found else None


def _story_of(stories: Stories, item: Item) -> Story:
    story = stories.find(item.story_id)
    if story is None:
        raise EditionError(
            f"The story of '{item.headline}' is not kept any more, so there is nothing of it to choose from. "
            "Rewrite its words, or drop it."
        )
    return story
