"""Read a page that was saved as text into a story."""

from __future__ import annotations

from datetime import tzinfo

from digest.charset import decode
from digest.errors import NoStoryError
from digest.extract.canonical import story_id
from digest.extract.language import find_language
from digest.model import Capture, Story


def read_dump(capture: Capture, *, zone: tzinfo | None = None) -> Story:
    """Return the story of a text dump; raise NoStoryError with a sentence where it holds none."""
    lines = [" ".join(line.split()) for line in decode(capture.content, capture.encoding).splitlines()]
    body = [line for line in lines if len(line.split()) >= 12]
    if not body:
        raise NoStoryError(f"{capture.source} holds no story: no paragraphs of text were found.")
    text = "\n\n".join(body)
    return Story(
        id=story_id(url=None, title=body[0], text=text),
        source=capture.source,
        title=body[0],
        text=text,
        language=find_language(None, text),
    )
