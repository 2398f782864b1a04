"""Look a whole installation over before it is relied on: `digest doctor`. Nothing is sent."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from digest.assets import template_folder
from digest.config import Config, NewsletterSettings, SiteSettings
from digest.deliver.carry import try_out
from digest.deliver.domain import FindTxt, SigningKey, is_aligned, is_reserved, judge_domain, judge_own_key
from digest.deliver.reverse_name import Hosts
from digest.errors import ConfigError, DeliveryError, DigestError
from digest.mailbox import domain_of
from digest.model import Blurb, Edition, EditionName, Item, Newsletter, StoryId
from digest.pipeline.dressing import find_logo
from digest.pipeline.mail_health import check_box, check_return_path, check_sending_host
from digest.pipeline.parts import Stores
from digest.pipeline.site_files import load_site_rules
from digest.pipeline.verdict import Check, ok, problem, warning
from digest.ports import Box, Transport
from digest.render.compose import render_edition
from digest.store.database import check_writable

ANSWER_SECONDS = 10.0
"""The longest wait for a server; sending itself is more patient."""
MANY_READERS = 100
"""Above so many, preflight wants one-click unsubscribing, which needs a public address."""
MARK = b'name="generator" content="Daily Dose"'


@dataclass(frozen=True, slots=True, kw_only=True)
class Instruments:
    """What the checks are made with; `app` puts it together."""

    open_config: Callable[[], Config]
    open_stores: Callable[[Config], Stores]
    check_secret: Callable[[Config], object]
    newsletter_of: Callable[[Config, str], Newsletter]
    make_transport: Callable[[Config], Transport]
    look_up: FindTxt
    load_keys: Callable[[Config], Sequence[SigningKey]]
    open_box: Callable[[Config], AbstractContextManager[Box]]
    hosts: Hosts


def examine(instruments: Instruments) -> Iterator[Check]:
    """Make every check in turn; without a valid configuration there is only the first."""
    try:
        config = instruments.open_config()
    except ConfigError as exc:
        for told in exc.problems:
            yield problem("configuration", told)
        return
    yield from check_configuration(config)
    yield from check_site_rules(config)
    stores, check = _open_stores(config, instruments)
    yield check
    yield check_secret(config, instruments)
    for name, settings in config.newsletters.items():
        try:
            newsletter = instruments.newsletter_of(config, name)
        except ConfigError as exc:
            for told in exc.problems:
                yield problem(f"layout of {name}", told)
            continue
        yield check_layout(newsletter, config.project)
        yield check_sender(newsletter)
        if stores is not None:
            yield check_readers(name, settings, stores, has_public_url=bool(config.site.public_url))
    yield check_mail_server(config, instruments.make_transport)
    yield check_public_url(config.site.public_url)
    yield from check_model_server(config)
    yield from check_domains(config, instruments.look_up)
    yield from check_signing(config, instruments)
    yield from check_sending_host(config, _domains(config), instruments.hosts)
    yield from check_box(config, instruments.open_box)
    yield from check_return_path(config)


def check_configuration(config: Config) -> Iterator[Check]:
    """Tell what is configured, and what is still as the example has it."""
    name = "configuration"
    names = ", ".join(config.newsletters) or "none"
    yield ok(name, f"It is valid. Newsletters: {names}. Sources: {len(config.sources)}.")
    if not config.newsletters:
        yield warning(name, "No newsletter is configured. Add a [newsletters.NAME] table.")
    if not config.sources:
        yield warning(name, "No source is configured. Add a [[sources]] table.")
    if not config.site.postal_address.strip():
        yield problem(name, "There is no postal address, which the law asks for. Set site.postal_address.")
    elif config.site.postal_address == SiteSettings().postal_address:
        yield warning(name, "The postal address is still the example's. Set site.postal_address to yours.")


def check_site_rules(config: Config) -> Iterator[Check]:
    """Read the rules for single sites; without any there is nothing to say."""
    try:
        count = len(load_site_rules(config.sites).rules)
    except ConfigError as exc:
        for told in exc.problems:
            yield problem("site rules", told)
        return
    if count:
        yield ok("site rules", f"{count} in {config.sites}. 'digest read --check-sites' tries them.")


def check_secret(config: Config, instruments: Instruments) -> Check:
    """Read the secret that signs links, making it when needed, and look who else can."""
    path = config.path(config.site.secret_file)
    try:
        instruments.check_secret(config)
        mode = path.stat().st_mode & 0o077
    except OSError as exc:
        return problem("secret", f"Cannot look at {path} ({exc.strerror}). Check site.secret_file.")
    except DigestError as exc:
        return problem("secret", str(exc))
    if mode:
        return warning("secret", f"Others on this machine can use {path}. Type: chmod 600 {path}")
    return ok("secret", f"{path} signs the links.")


def check_layout(newsletter: Newsletter, project: Path) -> Check:
    """Render a tiny edition."""
    name = f"layout of {newsletter.name}"
    folder = template_folder(newsletter.template, project=project)
    if not folder.is_dir():
        return problem(
            name,
            f"There is no layout '{newsletter.template}' in {project / 'templates'} or among the shipped ones. "
            f"Check newsletters.{newsletter.name}.template.",
        )
    try:
        logo = find_logo(newsletter, project)
        render_edition(
            _tiny_edition(newsletter), replace(newsletter, logo=logo), template_folder=folder, pictures={}
        )
    except DigestError as exc:
        return problem(name, str(exc))
    return ok(name, f"'{newsletter.template}' renders.")


def check_sender(newsletter: Newsletter) -> Check:
    """Look whether mail can be sent in this name at all."""
    name = f"sender of {newsletter.name}"
    key = f"newsletters.{newsletter.name}.from"
    try:
        domain = domain_of(newsletter.sender)
    except DigestError as exc:
        return problem(name, f"{exc} It is {key}.")
    if is_reserved(domain):
        return warning(
            name,
            f"'{newsletter.sender}' is still the example's. Set {key} to an address that your account may send as.",
        )
    return ok(name, f"{newsletter.sender}.")


def check_readers(name: str, settings: NewsletterSettings, stores: Stores, *, has_public_url: bool) -> Check:
    """Count whom the newsletter goes to."""
    title = f"readers of {name}"
    try:
        count = stores.mailing.count_active(name)
    except DigestError as exc:
        return problem(title, str(exc))
    if not count and settings.readers:
        return ok(title, f"{len(settings.readers)} in the configuration.")
    if not count:
        return warning(
            title,
            f"There are none. Add some with 'digest subscribers add', or in newsletters.{name}.readers.",
        )
    if count > MANY_READERS and not has_public_url:
        return warning(
            title,
            f"{count} readers can leave by email only, and mailboxes want one click. "
            "Run 'digest serve' and set site.public_url.",
        )
    return ok(title, f"{count} active.")


def check_mail_server(config: Config, make_transport: Callable[[Config], Transport]) -> Check:
    """Connect and log in, and go again; for a folder, write a file that is gone at once."""
    name, smtp = "mail server", config.smtp
    quick = smtp.model_copy(update={"timeout_seconds": min(smtp.timeout_seconds, ANSWER_SECONDS)})
    try:
        try_out(make_transport(config.model_copy(update={"smtp": quick})))
        if smtp.transport == "folder":
            _try_folder(config.path(smtp.path))
    except DigestError as exc:
        return problem(name, str(exc))
    match smtp.transport:
        case "folder":
            return ok(name, f"Emails are written to {config.path(smtp.path)}; nothing is sent.")
        case "sendmail":
            return ok(name, "The sendmail command is there.")
    how = {"none": "without TLS", "starttls": "with STARTTLS", "tls": "with TLS"}[smtp.security]
    told = f"{smtp.host}:{smtp.port} answers {how}" + (
        f", '{smtp.username}' logged in." if smtp.username else "."
    )
    if smtp.transport == "smtp" and smtp.security == "none" and not _is_loopback(smtp.host):
        return warning(name, f'{told} Mail travels in the clear: set smtp.security to "starttls" or "tls".')
    return ok(name, told)


def check_public_url(public_url: str) -> Check:
    """Ask the public pages for their archive."""
    name = "public address"
    if not public_url:
        return ok(name, "None is set: pictures travel inside the message, and readers leave by email.")
    try:
        status, is_ours = _ask(f"{public_url}/archive/")
    except (httpx.HTTPError, httpx.InvalidURL) as exc:
        told = str(exc).rstrip(".") or type(exc).__name__
        return problem(
            name,
            f"{public_url} does not answer ({told}), and every email links to it. "
            "Start 'digest serve', or correct site.public_url.",
        )
    if status != 200 or not is_ours:
        return problem(
            name,
            f"{public_url}/archive/ answered {status}, not as 'digest serve' does. "
            "Correct site.public_url, or the web server that stands before it.",
        )
    host = urlsplit(public_url).hostname or ""
    if _is_loopback(host):
        return warning(
            name, f"{public_url} answers, but only on this machine. Set site.public_url for readers."
        )
    if not public_url.startswith("https://"):
        return warning(name, f"{public_url} answers, but one-click unsubscribing needs https (RFC 8058).")
    return ok(name, f"{public_url} answers.")


def check_model_server(config: Config) -> Iterator[Check]:
    """Ask a remote summarizer's server for its models; an extractive one needs none."""
    name, settings = "model server", config.summarizer
    if settings.kind != "remote":
        return
    try:
        key = config.summarizer_key()
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        answer = httpx.get(f"{settings.url}/models", headers=headers, timeout=ANSWER_SECONDS, trust_env=False)
    except ConfigError as exc:
        yield problem(name, str(exc))
    except (httpx.HTTPError, httpx.InvalidURL) as exc:
        told = str(exc).rstrip(".") or type(exc).__name__
        yield warning(name, f"{settings.url} does not answer ({told}). Blurbs are extracted until it does.")
    else:
        if answer.status_code in (401, 403):
            yield problem(name, f"{settings.url} does not accept the key. Check summarizer.key_file.")
        elif answer.status_code != 200 or settings.model not in answer.text:
            yield warning(name, f"{settings.url} lists no model '{settings.model}'. Check summarizer.model.")
        else:
            yield ok(name, f"{settings.url} answers, and has the model '{settings.model}'.")


def check_domains(config: Config, look_up: FindTxt) -> Iterator[Check]:
    """Look up what each sender's domain publishes; without a network, say so once."""
    selector = "" if config.smtp.dkim.domain else config.smtp.dkim.selector  # our own keys: see check_signing
    for domain in _domains(config):
        name = f"domain {domain}"
        try:
            told = judge_domain(domain, selector=selector, look_up=look_up)
        except DeliveryError as exc:
            yield warning(name, str(exc))
            return
        for standard, trouble in told.items():
            yield warning(name, trouble) if trouble else ok(name, f"{standard} is published.")


def check_signing(config: Config, instruments: Instruments) -> Iterator[Check]:
    """Read the keys that messages are signed with, and compare them with what is published."""
    name, domain = "signing", config.smtp.dkim.domain
    if not domain:
        return
    try:
        keys = instruments.load_keys(config)
    except ConfigError as exc:
        for told in exc.problems:
            yield problem(name, told)
        return
    for sender in _domains(config):
        if not is_aligned(sender, domain):
            yield warning(
                name,
                f"Mail from {sender} is signed for {domain}, which DMARC does not count. "
                "Set smtp.dkim.domain to the domain that the newsletters are from.",
            )
    if is_reserved(domain):
        yield warning(name, f"smtp.dkim.domain = '{domain}' is an example's. Set it to your own domain.")
        return
    for key in keys:
        try:
            trouble = judge_own_key(key.name, key.record, instruments.look_up(key.name))
        except DeliveryError as exc:
            yield warning(name, f"{exc} It should publish at {key.name}: '{key.record}'.")
            continue
        yield warning(name, trouble) if trouble else ok(name, f"The key at {key.name} is published.")


def _domains(config: Config) -> list[str]:
    found = []
    for settings in config.newsletters.values():
        try:
            domain = domain_of(settings.sender)
        except DigestError:  # told by check_sender
            continue
        if not is_reserved(domain) and domain not in found:
            found.append(domain)
    return found


def _open_stores(config: Config, instruments: Instruments) -> tuple[Stores | None, Check]:
    try:
        stores = instruments.open_stores(config)
        check_writable(stores.engine)
    except DigestError as exc:
        return None, problem("store", str(exc))
    return stores, ok("store", f"{stores.engine.url.render_as_string()} opens and can be written.")


def _try_folder(path: Path) -> None:
    try:
        with tempfile.TemporaryFile(dir=path) as file:
            file.write(b"x")
    except OSError as exc:
        raise DeliveryError(
            f"Cannot write to the folder {path} ({(exc.strerror or str(exc)).lower()}). Check smtp.path."
        ) from exc


def _ask(url: str) -> tuple[int, bool]:
    """Return the status, and whether the page is one of ours; only its start is read."""
    with httpx.stream("GET", url, timeout=ANSWER_SECONDS, follow_redirects=True) as response:
        return response.status_code, MARK in next(response.iter_bytes(16_384), b"")


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _tiny_edition(newsletter: Newsletter) -> Edition:
    def item(number: int) -> Item:
        story = StoryId(f"check{number}")
        text = "A sentence to see how the layout takes it."
        return Item(
            story_id=story,
            section="News",
            headline=f"Headline {number}",
            text=text,
            blurb=Blurb(story_id=story, text=text, sentences=()),
            site="The Example",
            url="https://example.org/",
        )

    items = (item(1), item(2))
    made_at = datetime(2026, 1, 5, tzinfo=UTC)
    return Edition(
        name=EditionName(newsletter=newsletter.name, date=made_at.date()),
        title=newsletter.title,
        subject="A check",
        preheader="Of the layout",
        items=items,
        drafted=items,
        made_at=made_at,
        language=newsletter.language,
    )
