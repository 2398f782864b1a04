"""What a newsletter chooses of its look, through the installed command: layout, theme, logo, extra lines."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from PIL import Image as Pillow

from tests.acceptance.conftest import Project, configuration

CHOICE = 'approval = "manual"\nmax_stories = 15\ntemplate = "{layout}"\n{more}'


@pytest.fixture
def drafted(project: Project) -> Project:
    """Return a project with a drafted edition of the sample stories, the layouts written out, and a logo."""
    project.configure(configuration(newsletter=CHOICE.format(layout="daily", more="")))
    project.run("fetch")
    project.run("draft", "daily")
    project.run("init", "--templates")
    (project.folder / "art").mkdir()
    Pillow.new("RGB", (500, 100), "#b02a1b").save(project.folder / "art" / "logo.png")
    return project


def choose(project: Project, layout: str, more: str) -> None:
    project.configure(configuration(newsletter=CHOICE.format(layout=layout, more=more)))


def render(project: Project) -> tuple[str, Path]:
    project.run("render", "latest", "--out", "out")
    return (project.folder / "out" / "email.html").read_text(encoding="utf-8"), project.folder / "out"


def test_every_layout_that_init_wrote_renders_as_changed_there(drafted: Project) -> None:
    for layout in ("daily", "brief", "gazette"):
        parts = drafted.folder / "templates" / layout / "parts.mjml.j2"
        parts.write_text(
            parts.read_text(encoding="utf-8").replace("<h1", f'<p class="small">Own {layout}</p><h1', 1),
            encoding="utf-8",
        )
        choose(
            drafted,
            layout,
            'share = true\ntip_line = "tips@example.org"\ntheme = { logo = "art/logo.png", other_width = 100 }',
        )

        html, out = render(drafted)

        assert f"Own {layout}" in html
        assert "mailto:?subject=" in html
        assert "mailto:tips@example.org" in html
        (logo,) = re.findall(r'<h1[^>]*><img[^>]*src="(pictures/[^"]+\.png)"', html)
        assert (out / logo).is_file()
        assert 'width="100"' in html
        assert logo.removeprefix("pictures/") in (out / "message.eml").read_text(encoding="ascii")


def test_a_layout_of_ones_own_extends_a_shipped_one(drafted: Project) -> None:
    mine = drafted.folder / "templates" / "mine"
    mine.mkdir()
    (mine / "email.mjml.j2").write_text(
        '{% extends "gazette/email.mjml.j2" %}'
        "{% block note %}<tr><td>A word from our sponsor</td></tr>{% endblock %}"
    )
    choose(drafted, "mine", "")

    html, _ = render(drafted)

    assert "A word from our sponsor" in html
    assert "text-transform:uppercase" in html


@pytest.mark.parametrize(
    ("theme", "told"),
    [
        (
            'accent = "#ffd000"',
            "newsletters.daily.theme.accent: #ffd000 and card #ffffff have a contrast of 1.5 to 1",
        ),
        ('logo = "art/none.png"', "newsletters.daily.theme.logo: cannot read"),
        ('colour = "#ffffff"', "newsletters.daily.theme.colour: the layout has no 'colour'"),
    ],
)
def test_a_theme_that_cannot_be_is_refused_by_its_key(drafted: Project, theme: str, told: str) -> None:
    choose(drafted, "daily", f"theme = {{ {theme} }}")

    assert told in drafted.run("check", "latest", expect=2).stderr
    assert told in drafted.run("doctor", expect=None).stdout
