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


def test_a_newsletter_chooses_its_accent_and_the_rest_follows() -> None:
    theme = load_theme(TEMPLATE, {"accent": "#ffd000"})

    assert contrast(theme["accent_ink"], theme["accent"]) >= READABLE
    assert contrast(theme["dark_accent"], theme["dark_card"]) >= READABLE
    assert contrast(theme["dark_accent_ink"], theme["dark_accent"]) >= READABLE


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
        ({"colour": "#ffffff"}, "has no 'colour'"),
        ({"accent": "red"}, "'red' is not a colour"),
        ({"accent": "#fff;} body{display:none"}, "is not a colour"),
        ({"serif": "Georgia</style>"}, "not a list of fonts"),
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
