"""Whatever is read as a page, dump, feed or mail gives a story or our own error, never another exception."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz.pieces import WORDS, as_bytes, first_inputs
from tests.fuzz.readers import READERS

QUICK = settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
SEEDS = {name: list(first_inputs(name)) for name in READERS}


@pytest.mark.parametrize("reader", READERS)
@given(data=st.data())
@QUICK
def test_anything_made_of_its_pieces_is_read_or_refused(reader: str, data: st.DataObject) -> None:
    parts = data.draw(st.lists(st.one_of(st.sampled_from(WORDS[reader]), st.text(max_size=40)), max_size=80))
    content = as_bytes("".join(parts))

    READERS[reader](content)


@pytest.mark.parametrize("reader", READERS)
@given(data=st.data())
@settings(QUICK, max_examples=30)
def test_damaged_samples_are_read_or_refused(reader: str, data: st.DataObject) -> None:
    content = bytearray(data.draw(st.sampled_from(SEEDS[reader])))
    for _ in range(data.draw(st.integers(1, 6))):
        place = data.draw(st.integers(0, len(content)))
        length = data.draw(st.integers(0, 200))
        filler = data.draw(st.one_of(st.binary(max_size=8), st.sampled_from(WORDS[reader]).map(as_bytes)))
        content[place : place + length] = filler

    READERS[reader](bytes(content))


@pytest.mark.parametrize("reader", READERS)
@given(content=st.binary(max_size=400))
@settings(QUICK, max_examples=40)
def test_any_bytes_are_read_or_refused(reader: str, content: bytes) -> None:
    READERS[reader](content)
