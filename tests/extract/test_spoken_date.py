"""Dates as people write them are read in many languages."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.extract.spoken_date import find_spoken_date


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("March 5 2025, Published 7:45 p.m. ET", "2025-03-05T19:45:00-05:00"),
        ("Updated 3:04 PM EDT, April 5, 2023", "2023-04-05T15:04:00-04:00"),
        ("Wed 28 Aug 2024 12.00 BST", "2024-08-28T12:00:00+01:00"),
        ("Published: 10:15 GMT, 28 April 2024", "2024-04-28T10:15:00+00:00"),
        ("5. März 2025, 19:45 Uhr", "2025-03-05T19:45:00"),
        ("Am 30.06.2025 um 15:59 Uhr", "2025-06-30T15:59:00"),
        ("25.4.24", "2024-04-25T00:00:00"),
        ("Publié le 30 août 2023 à 14h52, modifié le 31 août 2023", "2023-08-30T14:52:00"),
        ("12 de octubre de 2024", "2024-10-12T00:00:00"),
        ("17 Şubat 2025 10:11", "2025-02-17T10:11:00"),
        ("2025年1月13日 5時07分", "2025-01-13T05:07:00"),
        ("Опубликовано 14 мая 2025", "2025-05-14T00:00:00"),
        ("2 minute readApril 25, 20232:26 PM GMT+2Last Updated", "2023-04-25T14:26:00+02:00"),
        ("TRAVELAPR 28, 2024 10:00 AM UTC-4", "2024-04-28T10:00:00-04:00"),
        ("Stardate 4523.3", None),
        ("31 February 2024", None),
        ("no date at all", None),
    ],
)
def test_date_is_read(text: str, expected: str | None) -> None:
    found = find_spoken_date(text)

    assert (found.isoformat() if found else None) == expected


@given(st.text(max_size=400))
def test_any_text_is_read_without_an_error(text: str) -> None:
    find_spoken_date(text)
