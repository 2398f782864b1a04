"""A desk over a store with a drafted edition of fifteen stories, behind a real HTTP server on loopback.

The store is made once and copied for each test. Stories are files' stories: their pictures lie on this disk.
"""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode

import pytest
from lxml import html as lxml_html
from playwright.sync_api import Browser

from digest import app
from digest.config import Config, FileConfig, load_config
from digest.model import Blurb, Edition, EditionName, Image, Item, LeftOut, Story, StoryId
from digest.pipeline.parts import Stores
from digest.pipeline.rendering import prepare_pictures
from digest.summarize.sentences import split_sentences
from digest.web.desk.serving import make_desk
from digest.web.listening import make_server, open_port
from tests.browser import open_browser
from tests.render.sample import draw_scene, make_edition, make_item
from tests.web.conftest import Answer

FORM = "application/x-www-form-urlencoded"
SOURCE = "papers"
CONFIG = """
[photo_rights]
default = "show"
unknown = "show"
{rights}

[[sources]]
name = "papers"
kind = "files"
paths = ["inbox/*.html"]

[newsletters.daily]
title = "The Daily Dose"
from = "The Daily Dose <dose@dose.example>"
approval = "manual"
max_stories = 15
{newsletter}
{more}
"""
MORE = (
    "The council will speak of it on Thursday evening. Nobody was hurt. A second report is due in spring, "
    "and the paper that told of it first has asked for the letters.\n\nReaders wrote in all week."
)


@dataclass(slots=True)
class Desk:
    """A desk, open and served. `stores` is a second look into what it keeps."""

    config: Config
    stores: Stores
    port: int
    name: EditionName

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def path(self) -> str:
        """Return the path of the edition's page."""
        return f"/editions/{self.name}/"

    @property
    def edition(self) -> Edition:
        """Return the edition as it is kept now."""
        return self.stores.editions.get(self.name)

    @property
    def folder(self) -> Path:
        return self.config.project

    def ask(self, path: str, method: str = "GET", *, body: bytes | None = None, **headers: str) -> Answer:
        """Make one request; `content_type` stands for Content-Type."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=20)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            connection.request(method, path, body=body, headers=named)
            response = connection.getresponse()
            told = {name.lower(): value for name, value in response.getheaders()}
            return Answer(response.status, told, response.read())
        finally:
            connection.close()

    def get(self, path: str) -> Answer:
        """Ask for a path."""
        return self.ask(path)

    def page(self, path: str = "") -> lxml_html.HtmlElement:
        """Return a page of the desk, the edition's own where none is named."""
        answer = self.get(path or self.path)
        assert answer.status == 200, answer.text
        return answer.page

    def post(self, path: str, **fields: str | list[str]) -> Answer:
        """Post a form; redirects are answers."""
        return self.ask(path, "POST", body=urlencode(fields, doseq=True).encode(), content_type=FORM)

    def edit(self, do: str, **fields: str | list[str]) -> Answer:
        """Post a change of the edition on the revision that is the newest, where none is named."""
        return self.post(
            f"{self.path}edit", **({"do": do, "revision": str(self.edition.revision), "back": ""} | fields)
        )


def make_stories(scenes: list[Path], *, count: int = 15) -> list[tuple[Story, Item]]:
    """Return stories with two pictures each, and the items that a draft makes of them."""
    made = []
    for number in range(count):
        sample = make_item(number)
        text = f"{sample.text}\n\n{MORE}"
        sentences = tuple(split_sentences(text))
        chosen = (sentences[0], *sentences[2:3])
        lead, other = (
            Image(
                url=f"https://outlet.example/{number}-{which}.jpg",
                alt=f"Scene {number} {which}",
                caption=f"A scene by the water, number {number}, view {which}.",
                credit="Ada Brandt",
                width=1600,
                height=1000,
                file=scenes[(number + which) % len(scenes)],
            )
            for which in (0, 1)
        )
        story = Story(
            id=sample.story_id,
            source=SOURCE,
            title=sample.headline,
            text=text,
            url=sample.url,
            site=sample.site,
            section=sample.section,
            lead_image=lead,
            images=(lead, other),
        )
        blurb = Blurb(
            story_id=story.id, text=" ".join(one.text for one in chosen), sentences=chosen, image=lead
        )
        item = replace(
            sample,
            text=blurb.text,
            blurb=blurb,
            image=lead,
            story_words=len(text.split()),
            score=20.0 - number,
        )
        made.append((story, item))
    return made


def make_left_out() -> list[tuple[Story, LeftOut]]:
    """Return stories that are kept and were not chosen."""
    whys = ("the edition is full", "too old", "told by another outlet already")
    return [
        (
            Story(
                id=StoryId(f"outside-{number}"),
                source=SOURCE,
                title=f"Bridge number {number} gets new lamps",
                text=f"Bridge number {number} got new lamps on Friday, the town said. The old ones had failed twice. "
                f"They will be lit from dusk until two in the morning.\n\n{MORE}",
                site="Quay Radio",
                section="Harbour City",
            ),
            LeftOut(
                story_id=StoryId(f"outside-{number}"),
                title=f"Bridge number {number} gets new lamps",
                site="Quay Radio",
                why=why,
                score=2.0 - number,
            ),
        )
        for number, why in enumerate(whys)
    ]


@pytest.fixture(scope="session")
def desk_project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a project with a drafted edition whose pictures are ready in both sizes."""
    return make_project(tmp_path_factory.mktemp("desk"))


def make_project(folder: Path) -> Path:
    """Make a project in a folder with a drafted edition of fifteen stories."""
    scenes = []
    for number in range(4):
        scenes.append(folder / f"scene-{number}.jpg")
        scenes[-1].write_bytes(draw_scene(number, size=(1280, 800)))
    project = folder / "project"
    config = _configured(project)
    stores = app.open_stores(config)
    now = datetime.now(UTC)
    made, left_out = make_stories(scenes), make_left_out()
    stories = [story for story, _ in made] + [story for story, _ in left_out]
    stores.stories.save(stories, source=SOURCE, now=now, is_hand_picked=True)
    items = tuple(item for _, item in made)
    told = tuple(one for _, one in left_out)
    edition = make_edition(items=items, drafted=items, left_out=told, note="", made_at=now)
    stores.editions.save(edition, what="drafted", now=now)
    parts = app.parts_of(config, stores, "daily")
    prepare_pictures(parts, edition)
    stores.engine.dispose()
    return project


def _configured(project: Path, *, newsletter: str = "", more: str = "", rights: str = "") -> Config:
    path = project / "config" / "digest.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(CONFIG.format(newsletter=newsletter, more=more, rights=rights), encoding="utf-8")
    return load_config(path, kind=FileConfig)


@contextmanager
def serving_desk(
    project: Path, folder: Path, *, newsletter: str = "", more: str = "", rights: str = ""
) -> Iterator[Desk]:
    """Serve a desk over a copy of a project, with more lines of configuration, until the block ends."""
    shutil.copytree(project, folder)
    config = _configured(folder, newsletter=newsletter, more=more, rights=rights)
    stores = app.open_stores(config)
    name = stores.editions.resolve("latest")
    with open_port("127.0.0.1", 0) as listener:
        server = make_server(make_desk(config, name), grace_seconds=1)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        try:
            yield Desk(config=config, stores=stores, port=int(listener.getsockname()[1]), name=name)
        finally:
            server.should_exit = True
            thread.join(timeout=20)
            stores.engine.dispose()


OpenDesk = Callable[..., AbstractContextManager[Desk]]


@pytest.fixture
def open_desk(desk_project: Path, tmp_path: Path) -> OpenDesk:
    """Return what serves a desk with more lines of configuration: `with open_desk(more="...") as desk`."""
    return lambda **more: serving_desk(desk_project, tmp_path / "desk", **more)


@pytest.fixture
def desk(open_desk: OpenDesk) -> Iterator[Desk]:
    """Serve a desk."""
    with open_desk() as made:
        yield made


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Start a browser, one for all tests of the desk."""
    with open_browser() as opened:
        yield opened
