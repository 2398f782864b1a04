"""A site with sent editions, behind a real HTTP server on loopback."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from http.client import HTTPConnection
from pathlib import Path
from typing import cast
from urllib.parse import urlencode

import pytest
from lxml import html as lxml_html

from digest.config import FileConfig, load_config
from digest.deliver.links import Links
from digest.edition import approve, mark_sent
from digest.model import EditionName, Picture, Subscriber
from digest.render.compose import render_edition
from digest.render.cropping import RULE
from digest.render.pictures import picture_sizes
from digest.store.pictures import picture_key
from digest.store.sending import freeze_and_fill
from digest.web.listening import make_server, open_port
from digest.web.public import make_public
from digest.web.site import Site, open_site
from tests.render.sample import TEMPLATE, make_edition, make_item

NOW = datetime(2026, 11, 24, 11, 30, tzinfo=UTC)
READER = "ada@example.org"
ADDRESS = "https://news.example"
ALL_SHOWN = 'default = "show"\nunknown = "show"'
CONFIG = """
[site]
public_url = "{public_url}"

[photo_rights]
{rights}

[newsletters.daily]
title = "The Daily Dose"
from = "The Daily Dose <dose@dose.example>"
{newsletter}
{more}
"""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server answered."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode("utf-8")

    @property
    def page(self) -> lxml_html.HtmlElement:
        return lxml_html.fromstring(self.body)

    def found(self, path: str) -> list[str]:
        """Return the strings at an XPath of the page."""
        return [str(one) for one in cast("list[object]", self.page.xpath(path))]


@dataclass(slots=True)
class Served:
    """A site, open and served."""

    site: Site
    port: int
    pictures: list[Picture] = field(default_factory=list)

    def ask(
        self, path: str, method: str = "GET", *, body: bytes | Iterator[bytes] | None = None, **headers: str
    ) -> Answer:
        """Make one request; `content_type` stands for Content-Type."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=10)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            connection.request(method, path, body=body, headers=named, encode_chunked=body is not None)
            response = connection.getresponse()
            told = {name.lower(): value for name, value in response.getheaders()}
            return Answer(response.status, told, response.read())
        finally:
            connection.close()

    def fill(self, path: str, fields: Mapping[str, str | Sequence[str]], **headers: str) -> Answer:
        """Post a form."""
        body = urlencode(fields, doseq=True).encode()
        return self.ask(
            path, "POST", body=body, **({"content_type": "application/x-www-form-urlencoded"} | headers)
        )

    def send(
        self, day: int = 24, *, images: str = "auto", subject: str = "A bell rises", has_pictures: bool = True
    ) -> EditionName:
        """Send an edition of five stories, as `digest send` freezes it; without pictures, none could be had."""
        name = EditionName(newsletter="daily", date=date(2026, 11, day))
        edition = make_edition(name=name, items=tuple(make_item(n) for n in range(5)), subject=subject)
        edition = replace(edition, drafted=edition.items)
        newsletter = self.site.find_newsletter("daily")
        assert newsletter is not None
        pictures = {
            item.story_id: Picture(
                name=f"{day:02d}{number:022x}.jpg",
                content=b"\xff\xd8" + bytes([number]) * 400,
                content_type="image/jpeg",
                width=1200,
                height=630,
            )
            for number, item in enumerate(edition.items)
            if item.image is not None and item.image.url
        }
        sizes = picture_sizes(edition)
        for item in edition.items:
            if item.image is not None and item.story_id in pictures:
                key = picture_key(item.image, sizes[item.story_id], rule=RULE)
                kept = pictures[item.story_id] if has_pictures else "The outlet does not answer."
                self.site.stores.pictures.save(key, kept, now=datetime.now(UTC))
        self.pictures = list(pictures.values())
        newsletter = replace(newsletter, images=images)
        rendered = render_edition(edition, newsletter, template_folder=TEMPLATE, pictures=pictures)
        stores = self.site.stores
        stores.editions.save(edition, what="drafted", now=NOW)
        approved = approve(edition)
        stores.editions.save(approved, what="approved", now=NOW)
        sent = mark_sent(approved)
        freeze_and_fill(stores.mailing, stores.engine, sent, rendered, domain="dose.example", now=NOW)
        return name

    def add_reader(self) -> Subscriber:
        """Add the one reader."""
        return self.site.stores.mailing.add("daily", READER, consent="asked", now=NOW)

    def is_reader(self) -> bool:
        """Say whether the reader still is one."""
        return bool(self.site.stores.mailing.count_active("daily"))

    def link(self, reader: Subscriber, kind: str = "u") -> str:
        """Return the path of a reader's link, as the email holds it."""
        newsletter = self.site.find_newsletter("daily")
        assert newsletter is not None
        name = EditionName(newsletter="daily", date=NOW.date())
        links = Links(self.site.signer, newsletter).of(reader.id, name)
        return (links.one_click if kind == "u" else links.preferences).removeprefix(ADDRESS)


@contextmanager
def serving(
    folder: Path,
    *,
    public_url: str = ADDRESS,
    newsletter: str = "",
    rights: str = ALL_SHOWN,
    more: str = "",
) -> Iterator[Served]:
    """Serve a site with that configuration until the block ends."""
    path = folder / "digest.toml"
    text = CONFIG.format(public_url=public_url, newsletter=newsletter, rights=rights, more=more)
    path.write_text(text, encoding="utf-8")
    opened = open_site(load_config(path, kind=FileConfig))
    with open_port("127.0.0.1", 0) as listener:
        server = make_server(make_public(opened))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        try:
            yield Served(site=opened, port=int(listener.getsockname()[1]))
        finally:
            server.should_exit = True
            thread.join(timeout=20)
            opened.stores.engine.dispose()


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    """Serve a site with one newsletter in English."""
    with serving(tmp_path) as made:
        yield made
