"""The tables of the configuration file: every key, its default, and what it may be."""

from __future__ import annotations

import re
from ipaddress import ip_network
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, model_validator

from digest.errors import AddressError
from digest.mailbox import parse_address, parse_mailbox
from digest.model import PictureUse
from digest.rights import letters_of

DEFAULT_STORE = "sqlite:///var/digest.db"

_HOST_NAME = re.compile(
    r"[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9])?(\.[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9])?)*"
)


def _check_address(value: str) -> str:
    try:
        parse_mailbox(value)
    except AddressError as exc:
        raise ValueError(str(exc)) from exc
    return value


def _check_optional_address(value: str) -> str:
    return _check_address(value) if value else value


def _check_network(value: str) -> str:
    try:
        ip_network(value, strict=False)
    except ValueError:
        raise ValueError(f"{value!r} is not an address range such as '127.0.0.0/8'") from None
    return value


def _check_public_url(value: str) -> str:
    parts = urlsplit(value)
    plain = (
        value.isascii() and value.isprintable() and not any(character in value for character in " \"'<>?#@")
    )
    if value and not (plain and parts.scheme in ("https", "http") and parts.hostname):
        raise ValueError(f"{value!r} is not an address such as 'https://news.example.org', in ASCII")
    return value.rstrip("/")


def _check_model_url(value: str) -> str:
    value = value.rstrip("/").removesuffix("/chat/completions")
    parts = urlsplit(value)
    is_plain = (
        value.isascii() and value.isprintable() and not any(character in value for character in " \"'<>?#@")
    )
    if value and not (is_plain and parts.scheme in ("https", "http") and parts.hostname):
        raise ValueError(
            f"{value!r} is not an address such as 'http://127.0.0.1:8080/v1'. A key goes into summarizer.key_file"
        )
    return value


def _check_return_path(value: str) -> str:
    if value:
        try:
            parse_address(value.replace("{delivery}", "0" * 16))
        except AddressError as exc:
            raise ValueError(str(exc)) from exc
    return value


def _check_host_name(value: str) -> str:
    if value and not _HOST_NAME.fullmatch(value):
        raise ValueError(f"{value!r} is not a name in the DNS such as 'example.org', in ASCII")
    return value.lower()


def _check_rates(value: dict[str, float]) -> dict[str, float]:
    return {_check_host_name(domain) if domain != "*" else domain: rate for domain, rate in value.items()}


Address = Annotated[str, AfterValidator(_check_address)]
OptionalAddress = Annotated[str, AfterValidator(_check_optional_address)]
Network = Annotated[str, AfterValidator(_check_network)]
HostName = Annotated[str, AfterValidator(_check_host_name)]
Rate = Annotated[float, Field(ge=0, le=100_000)]
PublicUrl = Annotated[str, AfterValidator(_check_public_url)]


class Table(BaseModel):
    """A table of the file: unknown keys are errors, values never change."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True, defer_build=True)


class SiteSettings(Table):
    """`[site]`."""

    name: str = "Daily Dose"
    public_url: PublicUrl = ""
    postal_address: str = "1 Example Street, Springfield"
    secret_file: str = "var/secret"
    trusted_proxies: tuple[Network, ...] = ("127.0.0.0/8", "::1/128")


class StoreSettings(Table):
    """`[store]`."""

    url: str = DEFAULT_STORE
    url_file: str = ""


class FetchSettings(Table):
    """`[fetch]`."""

    allow_private: tuple[Network, ...] = ()
    user_agent: str = ""
    timeout_seconds: float = Field(default=20.0, gt=0, le=3600)
    max_megabytes: float = Field(default=10.0, gt=0, le=1000)
    robots: bool = True


class DkimSettings(Table):
    """`[smtp.dkim]`. A selector without a domain only tells the doctor which key the mail server signs with."""

    domain: HostName = ""
    selector: HostName = ""
    key_file: str = ""
    ed25519_selector: HostName = ""
    ed25519_key_file: str = ""
    signers: int = Field(default=2, ge=0, le=64)

    @model_validator(mode="after")
    def _has_keys(self) -> DkimSettings:
        if self.domain and not (self.selector and self.key_file):
            raise ValueError(
                "signing needs 'selector' and 'key_file' too: an RSA key, which every mailbox reads"
            )
        if bool(self.ed25519_selector) != bool(self.ed25519_key_file):
            raise ValueError("'ed25519_selector' and 'ed25519_key_file' go together")
        if (self.key_file or self.ed25519_key_file) and not self.domain:
            raise ValueError("a key needs 'domain' too: where its public half is published")
        if self.ed25519_selector and self.ed25519_selector == self.selector:
            raise ValueError(
                "'ed25519_selector' must be another name than 'selector': each key has a record of its own"
            )
        return self


class SmtpSettings(Table):
    """`[smtp]`."""

    transport: Literal["smtp", "lmtp", "sendmail", "folder"] = "smtp"
    host: str = "127.0.0.1"
    port: int = Field(default=2525, ge=1, le=65535)
    security: Literal["none", "starttls", "tls"] = "none"
    username: str = ""
    password: SecretStr = SecretStr("")
    password_file: str = ""
    auth: Literal["auto", "plain", "login", "cram-md5", "xoauth2", "oauthbearer"] = "auto"
    token_command: str = ""
    token_file: str = ""
    connections: int = Field(default=4, ge=1, le=64)
    rate_per_second: Rate = 0
    domain_rates: Annotated[dict[str, Rate], AfterValidator(_check_rates)] = Field(default_factory=dict)
    in_doubt: Literal["hold", "resend"] = "hold"
    return_path: Annotated[str, AfterValidator(_check_return_path)] = ""
    timeout_seconds: float = Field(default=60, gt=0, le=3600)
    ca_file: str = ""
    client_cert_file: str = ""
    client_key_file: str = ""
    path: str = "outbox/"
    resolver: Literal["none", "postfix", "webhook"] = "none"
    log_file: str = "/var/log/mail.log"
    webhook_secret: SecretStr = SecretStr("")
    webhook_secret_file: str = ""
    dkim: DkimSettings = DkimSettings()

    @model_validator(mode="after")
    def _has_a_token(self) -> SmtpSettings:
        sources = [name for name in ("token_command", "token_file") if getattr(self, name)]
        if self.auth in ("xoauth2", "oauthbearer"):
            if not self.username or len(sources) != 1:
                raise ValueError(
                    f'auth = "{self.auth}" needs username, and token_command or token_file, one of them'
                )
        elif sources:
            raise ValueError(f'{sources[0]} needs auth = "xoauth2" or "oauthbearer"')
        return self

    @model_validator(mode="after")
    def _has_whom_to_ask(self) -> SmtpSettings:
        if self.resolver == "postfix" and self.transport not in ("smtp", "sendmail"):
            raise ValueError(
                'resolver = "postfix" needs transport = "smtp" or "sendmail", through a Postfix here'
            )
        if self.resolver == "webhook" and not (
            self.webhook_secret_file or self.webhook_secret.get_secret_value()
        ):
            raise ValueError(
                'resolver = "webhook" needs webhook_secret_file, or DIGEST_SMTP__WEBHOOK_SECRET: what the provider '
                "sends with each event"
            )
        return self


class KeepSettings(Table):
    """`[keep]`: how many days things are kept that nothing needs any more; 0: for ever."""

    stories_days: int = Field(default=90, ge=0, le=36_500)
    pictures_days: int = Field(default=90, ge=0, le=36_500)
    renderings_days: int = Field(default=0, ge=0, le=36_500)
    logs_days: int = Field(default=365, ge=0, le=36_500)


class BouncesSettings(Table):
    """`[bounces]`: the mailbox that bounces, complaints and wishes to leave come to; without a kind, none is read."""

    kind: Literal["", "maildir", "imap"] = ""
    path: str = ""
    host: HostName = ""
    port: int = Field(default=993, ge=1, le=65535)
    security: Literal["tls", "starttls", "none"] = "tls"
    username: str = ""
    password: SecretStr = SecretStr("")
    password_file: str = ""
    folder: str = Field(
        default="INBOX", min_length=1, max_length=200, pattern=r'^[^"\\%*\x00-\x1f\x7f-\U0010ffff]+$'
    )
    ca_file: str = ""
    timeout_seconds: float = Field(default=60, gt=0, le=3600)

    @model_validator(mode="after")
    def _has_what_its_kind_needs(self) -> BouncesSettings:
        if self.kind == "maildir" and not self.path:
            raise ValueError("a box of kind 'maildir' needs the key 'path'")
        if self.kind != "imap":
            return self
        missing = [name for name in ("host", "username") if not getattr(self, name)]
        if not (self.password_file or self.password.get_secret_value()):
            missing.append("password_file")
        if missing:
            raise ValueError(f"a box of kind 'imap' needs {', '.join(repr(name) for name in missing)} too")
        if self.security == "none" and self.host != "localhost" and not self.host.startswith("127."):
            raise ValueError(
                "security = 'none' sends the password in the clear: only to this machine, 127.0.0.1"
            )
        return self


class SourceSettings(Table):
    """One `[[sources]]`: what a person reads from."""

    name: str = Field(min_length=1, pattern=r"^[\w.-]+$")
    kind: Literal["feed", "pages", "files"]
    url: str = ""
    urls: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    section: str = ""
    weight: float = Field(default=1.0, ge=0, le=10)
    silent_days: float | None = Field(default=None, ge=0, le=1000)

    @model_validator(mode="after")
    def _has_what_its_kind_needs(self) -> SourceSettings:
        needed = {"feed": "url", "pages": "urls", "files": "paths"}[self.kind]
        if not getattr(self, needed):
            raise ValueError(f"a source of kind '{self.kind}' needs the key '{needed}'")
        return self


class PhotoRightsSettings(BaseModel):
    """`[photo_rights]`: every key but these is the name of an agency, owner or photographer."""

    model_config = ConfigDict(extra="allow", frozen=True, defer_build=True)
    __pydantic_extra__: dict[str, PictureUse] = Field(init=False)

    own: tuple[str, ...] = ()
    outlet: PictureUse | None = None
    default: PictureUse | None = None
    unknown: PictureUse | None = None

    @model_validator(mode="after")
    def _names_are_told_apart(self) -> PhotoRightsSettings:
        seen: dict[str, str] = {}
        for name in self.names:
            letters = letters_of(name)
            if not letters:
                raise ValueError(f"'{name}' is no name. Write a name as credits print it")
            if letters in seen:
                raise ValueError(f"'{seen[letters]}' and '{name}' are one name. Keep one of the lines")
            seen[letters] = name
        return self

    @property
    def names(self) -> dict[str, PictureUse]:
        """Return the lines that are about names, as they are written."""
        return dict(self.__pydantic_extra__ or {})


class SummarizerSettings(Table):
    """`[summarizer]`. `url`, `model` and what follows are of a remote one; limits are of one run."""

    kind: Literal["extractive", "remote"] = "extractive"
    url: Annotated[str, AfterValidator(_check_model_url)] = ""
    model: str = Field(default="", pattern=r"^\S*$", max_length=200)
    key: SecretStr = SecretStr("")
    key_file: str = ""
    timeout_seconds: float = Field(default=30, gt=0, le=600)
    retries: int = Field(default=2, ge=0, le=5)
    at_once: int = Field(default=4, ge=1, le=32)
    budget_seconds: float = Field(default=180, gt=0, le=7200)
    max_requests: int = Field(default=100, ge=1, le=100_000)
    max_tokens: int = Field(default=200_000, ge=1000, le=1_000_000_000)

    @model_validator(mode="after")
    def _has_a_server(self) -> SummarizerSettings:
        missing = [name for name in ("url", "model") if not getattr(self, name)]
        if self.kind == "remote" and missing:
            keys = " and ".join(f"'{name}'" for name in missing)
            raise ValueError(f"a summarizer of kind 'remote' needs the key{'s' * (len(missing) > 1)} {keys}")
        return self
