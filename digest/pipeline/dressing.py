"""Dress an edition in its newsletter's layout: the folder, the sizes of its pictures, the logo."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from digest.assets import template_folder
from digest.errors import ConfigError, RenderError
from digest.model import Newsletter, Picture, Rendered
from digest.pipeline.parts import Parts
from digest.render.compose import picture_mode
from digest.render.figure import Frame
from digest.render.logo import prepare_logo
from digest.render.theme import load_theme


def layout_folder(newsletter: Newsletter, project: Path) -> Path:
    """Return the folder of a newsletter's layout; raise ConfigError where there is none of that name."""
    folder = template_folder(newsletter.template, project=project)
    if not folder.is_dir():
        places = f"in {project / 'templates'} or among the shipped ones"
        key = f"newsletters.{newsletter.name}.template"
        raise ConfigError([f"{key}: there is no layout '{newsletter.template}' {places}."])
    return folder


def frame_of(newsletter: Newsletter, project: Path) -> Frame:
    """Return how wide a newsletter's layout shows pictures."""
    return Frame.of(load_theme(layout_folder(newsletter, project), newsletter.theme))


def find_logo(newsletter: Newsletter, project: Path) -> Picture | None:
    """Return the picture that `theme.logo` names, None where it names none; raise ConfigError for a bad one."""
    key = f"newsletters.{newsletter.name}.theme.logo"
    named = load_theme(layout_folder(newsletter, project), newsletter.theme).get("logo")
    if not named:
        return None
    path = project / Path(named).expanduser()
    try:
        return prepare_logo(path.read_bytes(), name=str(path))
    except OSError as exc:
        raise ConfigError([f"{key}: cannot read {path} ({exc.strerror})."]) from exc
    except RenderError as exc:
        raise ConfigError([f"{key}: {exc}"]) from exc


def with_logo(parts: Parts) -> Newsletter:
    """Return the newsletter with its logo, which is kept among the pictures that `digest serve` shows."""
    newsletter = parts.newsletter
    logo = find_logo(newsletter, parts.config.project)
    if logo is None or picture_mode(newsletter) == "none":
        return newsletter
    parts.stores.pictures.save(f"logo {logo.name}", logo, now=parts.now())
    return replace(newsletter, logo=logo)


def attach_logo(rendered: Rendered, logo: Picture | None) -> Rendered:
    """Return a rendering that carries the logo, where its HTML takes it from the message."""
    if logo is None or f"cid:{logo.name}" not in rendered.html:
        return rendered
    return replace(rendered, pictures=(logo, *rendered.pictures))
