"""Print a layout's templates with Jinja: escaped, strict, and with errors that name the template's line."""

from __future__ import annotations

import traceback
from functools import lru_cache
from pathlib import Path

from jinja2 import (
    Environment,
    FileSystemLoader,
    StrictUndefined,
    TemplateError,
    TemplateNotFound,
    TemplateSyntaxError,
)

from digest.errors import RenderError
from digest.render.clean import attribute
from digest.render.plaintext import fill
from digest.render.view import Page

MJML = "email.mjml.j2"
TEXT = "email.txt.j2"
SUBJECT = "subject.txt.j2"

# What a template's own expressions may raise while it is printed.
_RUNTIME_ERRORS = (
    TemplateError,
    ArithmeticError,
    AttributeError,
    LookupError,
    TypeError,
    ValueError,
    RenderError,
)


def print_template(folder: Path, name: str, page: Page) -> str:
    """Return a layout's template printed with an edition; raise RenderError naming file and line."""
    try:
        return environment(folder).get_template(name).render(page=page, words=page.words, theme=page.theme)
    except TemplateNotFound as exc:
        raise RenderError(
            f"The layout {folder} has no {exc.name}. Copy the shipped one, or check `template`."
        ) from exc
    except TemplateSyntaxError as exc:
        where = f"{exc.filename or exc.name}, line {exc.lineno}"
        raise RenderError(f"{where}: {exc.message}. Mend the template there.") from exc
    except UnicodeDecodeError as exc:
        raise RenderError(f"{folder / name} is not UTF-8 text ({exc}). Save it as UTF-8.") from exc
    except _RUNTIME_ERRORS as exc:
        raise RenderError(
            f"{_line_of(exc, folder) or folder / name}: {exc}. Mend the template there."
        ) from exc


@lru_cache(maxsize=8)
def environment(folder: Path) -> Environment:
    """Return Jinja's environment of a layout; compiled templates are kept until their files change."""
    made = Environment(
        loader=FileSystemLoader(folder),
        autoescape=is_escaped,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["attribute"] = attribute
    made.filters["fill"] = fill
    return made


def is_escaped(name: str | None) -> bool:
    """Say whether a template's values are escaped: all are, but for the plain text (`.txt.j2`)."""
    return not (name or "").endswith(".txt.j2")


def _line_of(exc: BaseException, folder: Path) -> str | None:
    """Return the innermost template and line of a traceback: Jinja rewrites its frames to the template's."""
    for frame in reversed(traceback.extract_tb(exc.__traceback__)):
        if Path(frame.filename).is_relative_to(folder):
            return f"{frame.filename}, line {frame.lineno}"
    return None
