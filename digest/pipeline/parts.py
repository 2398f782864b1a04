"""What the use cases of one newsletter work with; `app` puts it together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from digest.config import Config, NewsletterSettings
    from digest.extract.site_rules import SiteRules
    from digest.ingest.fetch import Fetcher
    from digest.model import Newsletter
    from digest.ports import Resolver, Summarizer, Transport
    from digest.store.editions import Editions
    from digest.store.mailing import Mailing
    from digest.store.pictures import Pictures
    from digest.store.runs import Runs
    from digest.store.stories import Stories


@dataclass(frozen=True, slots=True, kw_only=True)
class Stores:
    """What one database keeps, by subject."""

    engine: Engine
    stories: Stories
    editions: Editions
    mailing: Mailing
    pictures: Pictures
    runs: Runs


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """A newsletter with its stores, and what makes the adapters when they are needed.

    `owner` names this process as a holder of leases.
    """

    config: Config
    newsletter: Newsletter
    settings: NewsletterSettings
    stores: Stores
    make_summarizer: Callable[[], Summarizer]
    make_fetcher: Callable[[], Fetcher]
    make_site_rules: Callable[[], SiteRules]
    make_transport: Callable[[], Transport]
    make_resolver: Callable[[], Resolver | None]
    now: Callable[[], datetime]
    owner: str
