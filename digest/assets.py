"""Find the layouts, example configurations, manual and sample stories that ship with the package."""

from __future__ import annotations

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent


def asset_folder(name: str) -> Path:
    """Return the folder `templates` or `config`: in the wheel's `_data`, else beside the package in a checkout."""
    shipped = PACKAGE / "_data" / name
    return shipped if shipped.is_dir() else PACKAGE.parent / name


def sample_folder() -> Path:
    """Return the folder of the sample stories."""
    return PACKAGE / "samples"


def help_folder() -> Path:
    """Return the folder of the manual's pages."""
    return PACKAGE / "help"


def template_folder(name: str, *, project: Path) -> Path:
    """Return the folder of the layout `name`: the project's own copy in `templates/`, else the shipped one."""
    own = project / "templates" / name
    return own if own.is_dir() else asset_folder("templates") / name
