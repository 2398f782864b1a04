"""An outlet is one outlet, however it is spelled."""

from __future__ import annotations

import pytest

from digest.curate.outlets import outlets_of
from digest.model import Story, StoryId


def told(key: str, site: str | None, url: str | None = None, source: str = "wire") -> Story:
    return Story(id=StoryId(key), source=source, title=key, text="", site=site, url=url)


SPELLINGS = [
    told("a", "The Gazette", "https://gazette.example/a"),
    told("b", "gazette", "https://news.gazette.example/b"),
    told("c", "GAZETTE", None),
    told("d", "gazette.example", None),
    told("e", "www.gazette.example", "https://www.gazette.example/e"),
    told("f", None, "https://m.gazette.example/f"),
]


def test_all_spellings_of_an_outlet_have_one_key() -> None:
    outlets = outlets_of(SPELLINGS)

    assert len({outlet.key for outlet in outlets.values()}) == 1
    assert {outlet.name for outlet in outlets.values()} == {"The Gazette", "gazette", "GAZETTE"}


@pytest.mark.parametrize(
    ("site", "url", "name"),
    [
        (None, "https://www.courier.example/1", "courier.example"),
        ("Courier.example", "https://www.courier.example/1", "Courier.example"),
        (None, None, "wire"),
        (None, "https://[broken", "wire"),
        ("The", None, "The"),
        ("!!!", None, "!!!"),
    ],
)
def test_an_outlet_that_nobody_names_keeps_the_name_it_has(
    site: str | None, url: str | None, name: str
) -> None:
    (outlet,) = outlets_of([told("a", site, url)]).values()

    assert (outlet.name, bool(outlet.key)) == (name, True)


def test_outlets_on_one_host_keep_their_names_but_do_not_tell_an_event_beside_each_other() -> None:
    outlets = outlets_of(
        [
            told("a", "Gazette – World", "https://gazette.example/a"),
            told("b", "Gazette – City", "https://gazette.example/b"),
            told("c", "Courier", "https://courier.example/c"),
        ]
    )
    world, city, courier = (outlets[StoryId(key)] for key in "abc")

    assert world.key != city.key and world.is_also(city)
    assert not world.is_also(courier)
