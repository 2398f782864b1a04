"""A layout's colours and fonts."""

from __future__ import annotations

from pathlib import Path

import pytest

from digest.errors import ConfigError, RenderError
from digest.render.compose import render_edition
from digest.render.theme import READABLE, contrast, load_theme
from tests.render.sample import TEMPLATE, make_edition, make_newsletter


@pytest.mark.parametrize("prefix", ["", "dark_"])
@pytest.mark.parametrize(
    ("front", "back"),
    [
        *[(front, "card") for front in ("ink", "text", "muted", "accent")],
        *[(front, "tint") for front in ("text", "muted", "accent")],
        ("muted", "paper"),
        ("accent_ink", "accent"),
    ],
)
def test_every_text_of_the_shipped_theme_can_be_read(prefix: str, front: str, back: str) -> None:
    theme = load_theme(TEMPLATE, {})

    assert contrast(theme[prefix + front], theme[prefix + back]) >= READABLE


@pytest.mark.parametrize("accent", ["#0b5c66", "#003b00", "#5a0099"])
def test_a_newsletter_chooses_its_accent_and_the_rest_follows(accent: str) -> None:
    theme = load_theme(TEMPLATE, {"accent": accent})

    assert contrast(theme["accent_ink"], theme["accent"]) >= READABLE
    assert contrast(theme["dark_accent"], theme["dark_card"]) >= READABLE
    assert contrast(theme["dark_accent"], theme["dark_tint"]) >= READABLE
    assert contrast(theme["dark_accent_ink"], theme["dark_accent"]) >= READABLE


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ({"accent": "#ffd000"}, r"theme\.accent: #ffd000 and card #ffffff have a contrast of 1\.5"),
        ({"card": "#777777"}, r"theme\.card: #777777 and text #33302d have a contrast of 2\.9"),
        ({"dark_muted": "#555555"}, r"theme\.dark_muted: #555555 and dark_card #1d1b19 have"),
        ({"accent_ink": "#b02a1c"}, r"theme\.accent_ink: #b02a1c and accent #b02a1b have a contrast of 1\.0"),
        ({"text": "#888888", "card": "#999999"}, r"theme\.text: #888888 and card #999999"),
    ],
)
def test_a_text_that_cannot_be_read_is_refused_with_both_colours_and_their_contrast(
    override: dict[str, str], message: str
) -> None:
    with pytest.raises(ConfigError, match=message):
        load_theme(TEMPLATE, override)


def test_the_accent_reaches_the_email() -> None:
    made = render_edition(
        make_edition(2),
        make_newsletter(theme={"accent": "#0b5c66", "serif": "Palatino, serif"}),
        template_folder=TEMPLATE,
        pictures={},
    )

    assert "#0b5c66" in made.html
    assert "Palatino" in made.html
    assert "#b02a1b" not in made.html


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ({"colour": "#ffffff"}, "theme.colour: the layout has no 'colour'"),
        ({"accent": "red"}, "'red' is not a colour"),
        ({"accent": "#fff;} body{display:none"}, "is not a colour"),
        ({"serif": "Georgia</style>"}, "not a list of fonts"),
        ({"other_width": "wide"}, "'wide' is not a width in pixels from 0 to 600"),
        ({"hero_width": "601"}, "'601' is not a width"),
        ({"why": "x" * 501}, "at most 500 characters"),
    ],
)
def test_a_wrong_value_is_named(override: dict[str, str], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        load_theme(TEMPLATE, override)


def test_a_missing_theme_is_named(tmp_path: Path) -> None:
    with pytest.raises(RenderError, match=r"theme\.toml cannot be read"):
        load_theme(tmp_path, {})


def test_contrast_runs_from_1_to_21() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#123456", "#123456") == pytest.approx(1)
