"""What all pages of the desk share: configuration and stores, renderings already made, the printing of a page."""

from __future__ import annotations

import re
import threading
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jinja2
from fastapi.responses import HTMLResponse

from digest import app
from digest.config import Config
from digest.errors import ConfigError, RenderError
from digest.model import Edition, EditionName, EditionState, Rendered
from digest.pipeline.parts import Parts, Stores
from digest.pipeline.rendering import lay_out_anew, render
from digest.web.desk.jobs import Jobs

PAGES = Path(__file__).parent.parent / "pages" / "desk"
RENDERINGS_KEPT = 12
LINES_AROUND = 3
_PLACE = re.compile(r"(?P<file>\S[^\n:]*?)(?:, line | is not valid TOML: .*?\(at line )(?P<line>\d+)")
ROOMS = (
    ("/editions/", "Editions"),
    ("/sources/", "Sources"),
    ("/readers/", "Readers"),
    ("/outbox/", "Outbox"),
    ("/manual/", "Manual"),
)
"""The desk's pages beside those of single editions: path and label."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """Why something cannot be used, and the lines of the file around the place: number, text, whether it is the one."""

    message: str
    lines: tuple[tuple[int, str, bool], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """An edition as it is laid out. `trouble` says why it cannot be now: then it is the last rendering that could."""

    rendered: Rendered
    trouble: Trouble | None = None


class Room:
    """One configured site, open at the desk. Safe to use from several threads."""

    rooms = ROOMS

    def __init__(self, config: Config) -> None:
        self.config = config
        self.stores: Stores = app.open_stores(config)
        self.jobs = Jobs()
        self.trouble: Trouble | None = None
        """Why the configuration as it stands now cannot be used; the one before is in use meanwhile."""
        self._pages = jinja2.Environment(
            loader=jinja2.FileSystemLoader(PAGES),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._renderings: OrderedDict[tuple[EditionName, int, int, str], Rendered] = OrderedDict()
        self._last_good: dict[tuple[EditionName, str], Rendered] = {}
        self._generation = 0
        self._lock = threading.Lock()

    def parts(self, newsletter: str) -> Parts:
        """Return what the use cases of a newsletter work with."""
        return app.parts_of(self.config, self.stores, newsletter)

    def name_of(self, newsletter: str, day: str) -> EditionName:
        """Return the name of an edition that is kept; raise UnknownEditionError where there is none."""
        return self.stores.editions.resolve(f"{newsletter}/{day}")

    def show(self, edition: Edition) -> Shown:
        """Lay an edition out, or say why that cannot be with the last rendering that could.

        Raises RenderError or ConfigError where there is no such rendering yet.
        """
        try:
            return Shown(rendered=self.lay_out(edition))
        except (RenderError, ConfigError) as exc:
            last = self._last_good.get((edition.name, edition.language))
            if last is None:
                raise
            return Shown(rendered=last, trouble=trouble_of(exc))

    def lay_out(self, edition: Edition) -> Rendered:
        """Lay an edition out, or return what was. Raises RenderError or ConfigError where that cannot be.

        One that was sent is laid out as it was sent, its revisions before that as they stand.
        """
        with self._lock:
            key = (edition.name, edition.revision, self._generation, edition.language)
            known = self._renderings.get(key)
            if known is not None:
                self._renderings.move_to_end(key)
                return known
            lay_out = render if edition.state is EditionState.SENT else lay_out_anew
            made = lay_out(self.parts(edition.name.newsletter), edition)[0]
            self._last_good[edition.name, edition.language] = self._renderings[key] = made
            while len(self._renderings) > RENDERINGS_KEPT:
                self._renderings.popitem(last=False)
            return made

    def refresh(self, config: Config | None = None, *, trouble: Trouble | None = None) -> None:
        """Forget what was laid out, since a template or the configuration has changed, or cannot be used."""
        with self._lock:
            self._generation += 1
            self.trouble = trouble
            if config is not None:
                self.config = config

    @property
    def generation(self) -> int:
        """Return how often what pages are made of has changed."""
        return self._generation

    def page(self, template: str, *, status: int = 200, **shown: Any) -> HTMLResponse:
        """Print a page of the desk."""
        text = self._pages.get_template(template).render(room=self, **shown)
        return HTMLResponse(text, status_code=status)


def trouble_of(exc: RenderError | ConfigError) -> Trouble:
    """Return what is wrong; where the message names a file and a line of it, with the lines around it."""
    message = str(exc)
    found = _PLACE.search(message)
    if found is None:
        return Trouble(message=message)
    try:
        lines = Path(found["file"]).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return Trouble(message=message)
    number = int(found["line"])
    first = max(1, number - LINES_AROUND)
    around = enumerate(lines[first - 1 : number + LINES_AROUND], start=first)
    return Trouble(message=message, lines=tuple((at, text, at == number) for at, text in around))
