"""Feeds that a fuzzer broke: tags cut in two, characters that are none. Each is read or refused in a sentence."""

from __future__ import annotations

import pytest

from digest.ingest.feeds import read_feed
from digest.model import Capture, DocumentKind
from tests.extract.reading import NOW

BROKEN = (
    b"<?xml ><dc:crea<item>",
    b"<?xml ><atom:li<item>",
    b"<?l?><rhttp:<channel>",
    b'<s v="" xmlns:media="h"><item><title><l></<dc:<b></<a></<e></<media:c<item',
    b'<s e="" xmlns:media="/"><item><e></<description><media:d<me\xc4ia:c<item',
    b"><channel<item <link</item</link>",
    b'<n">&#x110000;<item>',
    b"<>&#xD800;<item>",
)


@pytest.mark.parametrize("content", BROKEN)
def test_broken_feed_is_read_or_refused_in_a_sentence(content: bytes) -> None:
    entries, failures = read_feed(
        Capture(source="feed.xml", kind=DocumentKind.FEED, content=content, fetched_at=NOW)
    )

    assert entries or failures
    assert all(failure.message.startswith("feed.xml ") for failure in failures)
