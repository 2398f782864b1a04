"""What all public pages share: the stores, the words of each language, the printing of a page."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

import jinja2
from fastapi import Request
from fastapi.responses import HTMLResponse

from digest import app
from digest.config import Config
from digest.model import Newsletter
from digest.pipeline.parts import Parts, Stores
from digest.pipeline.publishing import words_of
from digest.pipeline.signing_up import Post
from digest.web.origin import client_of

if TYPE_CHECKING:
    from digest.deliver.links import Signer
    from digest.render.wording import Wording

HERE = Path(__file__).parent


@dataclass(frozen=True, kw_only=True)
class Site:
    """One configured site, open."""

    config: Config
    stores: Stores
    signer: Signer

    @cached_property
    def base(self) -> str:
        """Return the path that the public address has, without its last slash: mostly none."""
        return urlsplit(self.config.site.public_url).path.rstrip("/")

    @cached_property
    def language(self) -> str:
        """Return the language of pages that belong to no newsletter: the one all newsletters have, else English."""
        languages = {settings.language for settings in self.config.newsletters.values()}
        return languages.pop() if len(languages) == 1 else "en"

    def address(self, request: Request) -> str:
        """Return the site's address without its last slash; without a public one, where it was asked."""
        return self.config.site.public_url or f"http://{request.headers['host']}"

    def find_newsletter(self, name: str) -> Newsletter | None:
        """Return a newsletter that is configured, or None."""
        return app.newsletter_of(self.config, name) if name in self.config.newsletters else None

    def offers(self, name: str) -> bool:
        """Say whether strangers may sign up: the newsletter allows it, and there is an address for the mailed link."""
        settings = self.config.newsletters.get(name)
        return settings is not None and settings.sign_up and bool(self.config.site.public_url)

    def subscribe_path(self, newsletter: Newsletter) -> str:
        """Return the path of a newsletter's sign-up page."""
        return f"{self.base}/subscribe/{quote(newsletter.name, safe='')}"

    def consent_wording(self, newsletter: Newsletter) -> str:
        """Return what a reader agrees to, word for word: the newsletter's own words, else ours in its language."""
        own = self.config.newsletters[newsletter.name].consent_text.strip()
        return own or self.words(newsletter.language).say("consent", title=newsletter.title)

    def client(self, request: Request) -> str:
        """Return the network address of whoever asks, or nothing where our proxy does not tell."""
        return client_of(request, self.config.site.trusted_proxies)

    @cached_property
    def languages(self) -> dict[str, str]:
        """Return the languages that pages can be in, each by its own name."""
        tags = sorted(path.stem for path in (HERE / "words").glob("*.toml"))
        return {tag: self.words(tag).locale.get_display_name() or tag for tag in tags}

    @cached_property
    def post(self) -> Post:
        """Return what letters to readers are sent with."""
        return Post(
            stores=self.stores,
            signer=self.signer,
            newsletters={name: app.newsletter_of(self.config, name) for name in self.config.newsletters},
            make_transport=lambda: app.make_transport(self.config),
            words=self.words,
        )

    def parts(self, newsletter: Newsletter) -> Parts:
        """Return what the use cases of a newsletter work with."""
        return app.parts_of(self.config, self.stores, newsletter.name)

    def words(self, language: str) -> Wording:
        """Return the words of a language."""
        return words_of(language, HERE / "words")

    def print(self, template: str, *, language: str | None = None, **values: object) -> str:
        """Return a template printed in a language, the site's where none is given."""
        words = self.words(language or self.language)
        return self._templates.get_template(template).render(site=self, words=words, **values)

    def page(
        self, template: str, *, language: str | None = None, status: int = 200, **values: object
    ) -> HTMLResponse:
        """Answer with a page."""
        return HTMLResponse(self.print(template, language=language, **values), status_code=status)

    def message(
        self, name: str, *, language: str | None = None, status: int = 200, **values: str
    ) -> HTMLResponse:
        """Answer with a page of one heading and one paragraph: the words `NAME_title` and `NAME_text`."""
        words = self.words(language or self.language)
        title, text = (words.say(f"{name}_{part}", **values) for part in ("title", "text"))
        return self.page("message.html", language=language, status=status, title=title, text=text)

    def left_all(self, language: str) -> HTMLResponse:
        """Answer that the reader gets nothing of ours any more."""
        words = self.words(language)
        title, text = words.say("left_title"), words.say("left_all_text")
        return self.page("message.html", language=language, title=title, text=text)

    @cached_property
    def _templates(self) -> jinja2.Environment:
        return jinja2.Environment(
            loader=jinja2.FileSystemLoader(HERE / "pages" / "public"),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )


def open_site(config: Config) -> Site:
    """Open the stores of a site, and the secret that signs its links."""
    return Site(config=config, stores=app.open_stores(config), signer=app.make_signer(config))
