"""Measure how long a story takes to condense, on one core after start-up."""

from __future__ import annotations

import time
from dataclasses import replace

from digest.summarize.extractive import ExtractiveSummarizer
from tests.summarize.test_blurbs import SAMPLES

LIMITS = {"milliseconds_a_story": 3.3}
PARAGRAPHS = 5
"""Sample stories that are joined to one of about 400 words, as long as news is."""


def measure() -> dict[str, float]:
    """Condense the sample stories, several joined to one."""
    stories = [one.story for one in SAMPLES if one.story.language == "en" and len(one.story.text) > 200]
    joined = [
        replace(story, text="\n\n".join(other.text for other in (stories + stories)[at : at + PARAGRAPHS]))
        for at, story in enumerate(stories)
    ]
    summarizer = ExtractiveSummarizer()
    summarizer.summarize(joined[0], words=60)
    started = time.process_time()
    for _ in range(4):
        for story in joined:
            summarizer.summarize(story, words=60)
    seconds = (time.process_time() - started) / (4 * len(joined))
    words = sum(len(story.text.split()) for story in joined) / len(joined)
    return {"milliseconds_a_story": 1000 * seconds, "stories_a_second": 1 / seconds, "words_a_story": words}
