"""The composition root: from a configuration to the parts that use cases need.

The only module that names adapters. Each function imports what it makes, so that a command pays only for
the parts it uses.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from digest import __version__
from digest.model import Newsletter
from digest.pipeline.parts import Parts, Stores

DEFAULT_FOLDER = "outbox/"

if TYPE_CHECKING:
    from digest.config import Config
    from digest.deliver.dkim import DkimKey
    from digest.deliver.links import Signer
    from digest.deliver.session import MailServer
    from digest.deliver.signing import SigningPool
    from digest.deliver.token import TokenSource
    from digest.extract.site_rules import SiteRules
    from digest.ingest.fetch import Fetcher
    from digest.pipeline.bouncing import Reading
    from digest.pipeline.health import Instruments
    from digest.ports import Box, Resolver, Summarizer, Transport


def now() -> datetime:
    """Return the time, in UTC."""
    return datetime.now(UTC)


def open_config(path: Path | None) -> Config:
    """Find, read and check the configuration; raise ConfigError with all its problems."""
    from digest.config import find_config, load_config

    return load_config(find_config(path))


def open_stores(config: Config, *, url: str = "") -> Stores:
    """Open the configured database, or the one at `url`, making it when needed."""
    from digest.deliver.links import site_secret
    from digest.store.database import open_database
    from digest.store.editions import Editions
    from digest.store.mailing import Mailing
    from digest.store.pictures import Pictures
    from digest.store.runs import Runs
    from digest.store.stories import Stories as Read

    engine = open_database(url or config.store_url())
    return Stores(
        engine=engine,
        stories=Read(engine),
        editions=Editions(engine),
        mailing=Mailing(engine, secret=lambda: site_secret(config.path(config.site.secret_file))),
        pictures=Pictures(engine),
        runs=Runs(engine),
    )


def make_fetcher(config: Config | None, *, allow_private: bool = False) -> Fetcher:
    """Make what fetches pages and feeds; without a configuration, with the defaults."""
    from digest.config import FetchSettings
    from digest.ingest.fetch import Fetcher as HttpFetcher

    settings = config.fetch if config else FetchSettings()
    public_url = config.site.public_url if config else ""
    agent = settings.user_agent or f"daily-dose/{__version__}" + (f" (+{public_url})" if public_url else "")
    return HttpFetcher(
        user_agent=agent,
        allow_private=("0.0.0.0/0", "::/0") if allow_private else settings.allow_private,
        timeout_seconds=settings.timeout_seconds,
        max_bytes=int(settings.max_megabytes * 1_000_000),
        respects_robots=settings.robots,
    )


def find_site_rules(config_file: Path | None) -> SiteRules:
    """Read the rules for single sites beside the configuration file; without a configuration there are none.

    Raises ConfigError with every problem in them.
    """
    from digest.config import find_config, sites_folder
    from digest.errors import ConfigError
    from digest.extract.site_rules import NO_RULES
    from digest.pipeline.site_files import load_site_rules

    try:
        found = find_config(config_file)
    except ConfigError:
        return NO_RULES
    return load_site_rules(sites_folder(found))


def make_site_rules(config: Config) -> SiteRules:
    """Read the rules for single sites that stand beside a configuration."""
    from digest.pipeline.site_files import load_site_rules

    return load_site_rules(config.sites)


def make_summarizer(config: Config | None = None) -> Summarizer:
    """Make the configured summarizer; without a configuration, the one that needs nothing but the story."""
    from digest.summarize.extractive import ExtractiveSummarizer

    extractive = ExtractiveSummarizer()
    if config is None or config.summarizer.kind == "extractive":
        return extractive
    from digest.summarize.allowance import Allowance
    from digest.summarize.chat import ModelServer
    from digest.summarize.remote import RemoteSummarizer

    settings = config.summarizer
    return RemoteSummarizer(
        ModelServer(
            url=settings.url,
            model=settings.model,
            key=config.summarizer_key(),
            timeout_seconds=settings.timeout_seconds,
            retries=settings.retries,
        ),
        Allowance(
            seconds=settings.budget_seconds, requests=settings.max_requests, tokens=settings.max_tokens
        ),
        extractive=extractive,
        at_once=settings.at_once,
    )


def newsletter_of(config: Config, name: str) -> Newsletter:
    """Return what composing and sending need to know of a newsletter."""
    settings = config.newsletter(name)
    return Newsletter(
        name=name,
        title=settings.title,
        sender=settings.sender,
        site_name=config.site.name,
        postal_address=config.site.postal_address,
        public_url=config.site.public_url,
        language=settings.language,
        timezone=settings.zone,
        template=settings.template,
        images=settings.images,
        reply_to=settings.reply_to,
        theme=theme_of(config, name),
        share=settings.share,
        tip_line=settings.tip_line,
    )


def theme_of(config: Config, name: str) -> dict[str, str]:
    """Return what a newsletter changes of its layout's theme; raise ConfigError where that cannot be or be read."""
    from digest.assets import template_folder
    from digest.render.theme import load_theme

    settings = config.newsletter(name)
    theme = {key: str(value) for key, value in settings.theme.items()}
    folder = template_folder(settings.template, project=config.project)
    if theme and folder.is_dir():
        load_theme(folder, theme, key=f"newsletters.{name}.theme")
    return theme


def make_signing_pool(config: Config) -> SigningPool | None:
    """Make what signs messages, where that is configured; raise ConfigError where a key will not do."""
    if not config.smtp.dkim.domain:
        return None
    keys = load_dkim_keys(config)
    from digest.deliver.signing import SigningPool as Pool

    return Pool(keys=keys, processes=config.smtp.dkim.signers)


def load_dkim_keys(config: Config) -> list[DkimKey]:
    """Read the configured keys, RSA first; raise ConfigError where one will not do."""
    from digest.errors import ConfigError

    try:
        from digest.deliver.dkim import load_key
    except ImportError as exc:
        raise ConfigError(
            ["smtp.dkim: signing needs the package cryptography. Type: pip install 'daily-dose[dkim]'"]
        ) from exc
    dkim = config.smtp.dkim
    named = [("key_file", dkim.selector, dkim.key_file, "rsa-sha256")]
    if dkim.ed25519_key_file:
        named.append(("ed25519_key_file", dkim.ed25519_selector, dkim.ed25519_key_file, "ed25519-sha256"))
    keys = []
    for name, selector, file, algorithm in named:
        key = load_key(config.path(file), domain=dkim.domain, selector=selector, key=f"smtp.dkim.{name}")
        if key.algorithm != algorithm:
            raise ConfigError(
                [
                    f"smtp.dkim.{name}: {config.path(file)} holds a key for {key.algorithm}, "
                    f"and one for {algorithm} is wanted here."
                ]
            )
        keys.append(key)
    return keys


def make_transports(config: Config, *, clock: Callable[[], datetime] = now) -> Callable[[], Transport]:
    """Return what makes connections to the configured mail server, or to what stands for it.

    They share what is dear: the keys, the processes that sign, the token of the login.
    """
    make_pool = cache(lambda: make_signing_pool(config))
    make_server = cache(lambda: _mail_server(config))

    def make() -> Transport:
        carrier, pool = _make_carrier(config, make_server), make_pool()
        if pool is None:
            return carrier
        from digest.deliver.signing import SigningTransport

        return SigningTransport(carrier, pool, now=clock)

    return make


def make_transport(config: Config) -> Transport:
    """Make one connection to the configured mail server."""
    return make_transports(config)()


def _make_carrier(config: Config, make_server: Callable[[], MailServer]) -> Transport:
    smtp = config.smtp
    match smtp.transport:
        case "folder":
            from digest.deliver.folder import FolderTransport

            return FolderTransport(config.path(smtp.path))
        case "sendmail":
            from digest.deliver.sendmail import SendmailTransport

            return SendmailTransport(smtp.path, timeout_seconds=smtp.timeout_seconds)
        case _:
            from digest.deliver.smtp import SmtpTransport

            return SmtpTransport(make_server())


def _mail_server(config: Config) -> MailServer:
    from digest.deliver.session import MailServer as Server

    smtp = config.smtp
    files = {
        name: config.path(value) if value else None
        for name, value in (
            ("ca_file", smtp.ca_file),
            ("client_cert_file", smtp.client_cert_file),
            ("client_key_file", smtp.client_key_file),
        )
    }
    is_lmtp = smtp.transport == "lmtp"
    return Server(
        host=smtp.host,
        port=smtp.port,
        protocol="lmtp" if is_lmtp else "smtp",
        path=str(config.path(smtp.path)) if is_lmtp and smtp.path != DEFAULT_FOLDER else "",
        security=smtp.security,
        username=smtp.username,
        password=config.smtp_password(),
        auth=smtp.auth,
        token=_token_source(config),
        timeout_seconds=smtp.timeout_seconds,
        **files,
    )


def _token_source(config: Config) -> TokenSource | None:
    from digest.deliver.token import TokenSource as Tokens

    smtp = config.smtp
    if not (smtp.token_command or smtp.token_file):
        return None
    return Tokens(command=smtp.token_command, file=config.path(smtp.token_file) if smtp.token_file else None)


def make_resolver(config: Config) -> Resolver | None:
    """Make what finds out what became of deliveries in doubt; None where only events or a person can tell."""
    if config.smtp.resolver != "postfix":
        return None
    from digest.deliver.message import return_path_of
    from digest.deliver.postfix_log import PostfixLog

    return PostfixLog(config.path(config.smtp.log_file), return_path=return_path_of(config.smtp.return_path))


def make_signer(config: Config) -> Signer:
    """Make what signs and reads the tokens of readers' links; the secret is made on first use."""
    from digest.deliver.links import Signer as LinkSigner
    from digest.deliver.links import site_secret

    return LinkSigner(site_secret(config.path(config.site.secret_file)))


def open_box(config: Config, *, is_read_only: bool = False) -> AbstractContextManager[Box]:
    """Open the mailbox that bounces come to.

    Raises DeliveryError where it cannot be opened, ConfigError where none is configured.
    """
    from digest.errors import ConfigError

    settings = config.bounces
    if settings.kind == "maildir":
        from digest.deliver.maildir import open_maildir

        return open_maildir(config.path(settings.path))
    if settings.kind != "imap":
        raise ConfigError(
            [
                'bounces.kind: no box is configured. Set it to "maildir" or "imap"; see \'digest help sending\'.'
            ]
        )
    from digest.deliver.imap import ImapServer, open_imap

    server = ImapServer(
        host=settings.host,
        port=settings.port,
        security=settings.security,
        username=settings.username,
        password=config.bounces_password(),
        folder=settings.folder,
        ca_file=config.path(settings.ca_file) if settings.ca_file else None,
        timeout_seconds=settings.timeout_seconds,
    )
    return open_imap(server, is_read_only=is_read_only)


def make_reading(config: Config, stores: Stores) -> Reading:
    """Put together what letters of that box are judged with."""
    from digest.deliver.reports import PLAIN_WORDS
    from digest.mailbox import address_key, parse_mailbox
    from digest.pipeline.bouncing import Reading as BoxReading
    from digest.render.wording import find_wording

    newsletters = config.newsletters
    spoken = {find_wording(one.language).say("unsubscribe").casefold() for one in newsletters.values()}
    return BoxReading(
        mailing=stores.mailing,
        signer=make_signer(config),
        return_path=config.smtp.return_path,
        senders={
            name: frozenset(
                address_key(parse_mailbox(one).address) for one in (settings.sender, settings.reply_to) if one
            )
            for name, settings in newsletters.items()
        },
        leaving_words=PLAIN_WORDS | spoken,
    )


def parts_of(config: Config, stores: Stores, name: str, *, clock: Callable[[], datetime] = now) -> Parts:
    """Put together what the use cases of a newsletter work with."""
    from digest.process import process_name

    return Parts(
        config=config,
        newsletter=newsletter_of(config, name),
        settings=config.newsletter(name),
        stores=stores,
        make_summarizer=lambda: make_summarizer(config),
        make_fetcher=lambda: make_fetcher(config),
        make_site_rules=lambda: make_site_rules(config),
        make_transport=make_transports(config, clock=clock),
        make_resolver=lambda: make_resolver(config),
        now=clock,
        owner=process_name(),
    )


def stage_of(config: Config, newsletter: str, *, store: str) -> Parts:
    """Put a newsletter's parts together around another store: for rehearsals."""
    return parts_of(config, open_stores(config, url=store), newsletter)


def make_instruments(config_file: Path | None) -> Instruments:
    """Make what `digest doctor` looks an installation over with."""
    from digest.deliver.domain import find_txt
    from digest.deliver.reverse_name import Hosts
    from digest.pipeline.health import Instruments as DoctorsBag

    return DoctorsBag(
        open_config=lambda: open_config(config_file),
        open_stores=open_stores,
        check_secret=make_signer,
        newsletter_of=newsletter_of,
        make_transport=make_transport,
        look_up=find_txt,
        load_keys=load_dkim_keys,
        open_box=lambda config: open_box(config, is_read_only=True),
        hosts=Hosts(),
    )
