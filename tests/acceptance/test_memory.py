"""Reading many pages in one command takes no more memory than reading a few."""

from __future__ import annotations

from tests.bench.reading_memory import measure


def test_memory_does_not_grow_with_the_number_of_pages() -> None:
    found = measure(pages=200)

    assert found["peak_megabytes"] < 200
    assert found["growth_megabytes"] < 20
