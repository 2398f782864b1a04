"""Print a layout's templates with Jinja: escaped, strict, and with errors that name the template's line."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

from jinja2 import (
    BaseLoader,
    Environment,
    StrictUndefined,
    TemplateError,
    TemplateNotFound,
    TemplateSyntaxError,
)

from digest.errors import RenderError
from digest.render.clean import attribute
from digest.render.compiled import CompiledTemplates
from digest.render.lineage import MJML, layout_chain, places_of
from digest.render.plaintext import fill
from digest.render.view import Page

__all__ = ["MJML", "SUBJECT", "TEXT", "environment", "is_escaped", "print_template"]

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
    chain = layout_chain(folder)
    try:
        return environment(chain).get_template(name).render(page=page, words=page.words, theme=page.theme)
    except TemplateNotFound as exc:
        raise RenderError(
            f"The layout {folder} has no {exc.name}. Copy the shipped one, or check `template`."
        ) from exc
    except TemplateSyntaxError as exc:
        where = f"{exc.filename or exc.name}, line {exc.lineno}"
        raise RenderError(f"{where}: {(exc.message or '').rstrip('.')}. Mend the template there.") from exc
    except UnicodeDecodeError as exc:
        raise RenderError(f"{folder / name} is not UTF-8 text ({exc}). Save it as UTF-8.") from exc
    except _RUNTIME_ERRORS as exc:
        raise RenderError(
            f"{_line_of(exc, chain) or folder / name}: {str(exc).rstrip('.')}. Mend the template there."
        ) from exc


@lru_cache(maxsize=8)
def environment(chain: tuple[Path, ...]) -> Environment:
    """Return Jinja's environment of a layout; compiled templates are kept until their files change."""
    made = Environment(
        loader=_LayoutLoader(chain),
        autoescape=is_escaped,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        bytecode_cache=CompiledTemplates(chain[0]),
    )
    made.filters["attribute"] = attribute
    made.filters["fill"] = fill
    return made


class _LayoutLoader(BaseLoader):
    """Find `parts.mjml.j2` in the layout or what it builds on, `daily/parts.mjml.j2` in the layout it names."""

    def __init__(self, chain: tuple[Path, ...]) -> None:
        self.chain = chain

    def get_source(self, environment: Environment, template: str) -> tuple[str, str, Callable[[], bool]]:
        path = self._find(template)
        if path is None:
            raise TemplateNotFound(template)
        written = path.stat().st_mtime_ns

        def is_current() -> bool:
            return self._find(template) == path and path.stat().st_mtime_ns == written

        return path.read_text(encoding="utf-8"), str(path), is_current

    def _find(self, template: str) -> Path | None:
        layout, _, name = template.rpartition("/")
        if ".." in layout:
            return None
        folders: tuple[Path, ...] = self.chain
        if layout:
            built_on = tuple(folder for folder in self.chain[1:] if folder.name == layout)
            folders = built_on or places_of(layout, self.chain[0])
        return next((folder / name for folder in folders if (folder / name).is_file()), None)


def is_escaped(name: str | None) -> bool:
    """Say whether a template's values are escaped: all are, but for the plain text (`.txt.j2`)."""
    return not (name or "").endswith(".txt.j2")


def _line_of(exc: BaseException, chain: tuple[Path, ...]) -> str | None:
    """Return the innermost template and line of a traceback: Jinja rewrites its frames to the template's."""
    for frame in reversed(traceback.extract_tb(exc.__traceback__)):
        if any(Path(frame.filename).is_relative_to(folder) for folder in chain):
            return f"{frame.filename}, line {frame.lineno}"
    return None
