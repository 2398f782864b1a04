"""Read and check the configuration: one TOML file, overridden by `DIGEST_...` environment variables.

Every problem is reported together, each with its key (`ConfigError.problems`).
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from datetime import time
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    PrivateAttr,
    SecretStr,
    ValidationError,
    model_validator,
)
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, SettingsError

from digest.errors import AddressError, ConfigError
from digest.mailbox import parse_address, parse_mailbox
from digest.model import PictureUse
from digest.rights import letters_of

DEFAULT_STORE = "sqlite:///var/digest.db"
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def _check_address(value: str) -> str:
    try:
        parse_mailbox(value)
    except AddressError as exc:
        raise ValueError(str(exc)) from exc
    return value


def _check_optional_address(value: str) -> str:
    return _check_address(value) if value else value


def _check_zone(value: str) -> str:
    if value == "subscriber":
        raise ValueError("'subscriber' is not offered yet. Name one zone such as 'Europe/Berlin'")
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(
            f"{value!r} is not a time zone such as 'Europe/Berlin' or 'America/New_York'"
        ) from None
    return value


def _check_network(value: str) -> str:
    try:
        ip_network(value, strict=False)
    except ValueError:
        raise ValueError(f"{value!r} is not an address range such as '127.0.0.0/8'") from None
    return value


def _check_hour(value: str) -> str:
    try:
        time.fromisoformat(value)
    except ValueError:
        raise ValueError(f"{value!r} is not an hour such as '06:30'") from None
    if len(value) != 5:
        raise ValueError(f"{value!r} is not an hour such as '06:30'")
    return value


def _check_public_url(value: str) -> str:
    parts = urlsplit(value)
    plain = (
        value.isascii() and value.isprintable() and not any(character in value for character in " \"'<>?#@")
    )
    if value and not (plain and parts.scheme in ("https", "http") and parts.hostname):
        raise ValueError(f"{value!r} is not an address such as 'https://news.example.org', in ASCII")
    return value.rstrip("/")


def _check_phrases(values: tuple[str, ...]) -> tuple[str, ...]:
    if any(not value.strip() for value in values):
        raise ValueError("a word or phrase in this list is empty. Remove it, or write one")
    return values


def _check_section_limits(value: dict[str, int]) -> dict[str, int]:
    seen: dict[str, str] = {}
    for section in value:
        other = seen.setdefault(section.strip().casefold(), section)
        if other != section:
            raise ValueError(f"'{other}' and '{section}' are one section. Keep one of the lines")
    return value


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


def _refuse_signing(value: str) -> str:
    if value:
        raise ValueError("signing here is not offered yet. Leave it empty: the mail server signs")
    return value


Address = Annotated[str, AfterValidator(_check_address)]
OptionalAddress = Annotated[str, AfterValidator(_check_optional_address)]
Zone = Annotated[str, AfterValidator(_check_zone)]
Network = Annotated[str, AfterValidator(_check_network)]
Hour = Annotated[str, AfterValidator(_check_hour)]
Phrases = Annotated[tuple[str, ...], AfterValidator(_check_phrases)]
SectionLimits = Annotated[
    dict[str, Annotated[int, Field(ge=0, le=100)]], AfterValidator(_check_section_limits)
]
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
    """`[smtp.dkim]`."""

    domain: Annotated[str, AfterValidator(_refuse_signing)] = ""
    selector: str = ""
    key_file: str = ""


class SmtpSettings(Table):
    """`[smtp]`."""

    transport: Literal["smtp", "lmtp", "sendmail", "folder"] = "smtp"
    host: str = "127.0.0.1"
    port: int = Field(default=2525, ge=1, le=65535)
    security: Literal["none", "starttls", "tls"] = "none"
    username: str = ""
    password: SecretStr = SecretStr("")
    password_file: str = ""
    auth: Literal["auto", "plain", "login", "cram-md5"] = "auto"
    connections: int = Field(default=4, ge=1, le=64)
    rate_per_second: float = Field(default=0, ge=0, le=100_000)
    in_doubt: Literal["hold", "resend"] = "hold"
    return_path: Annotated[str, AfterValidator(_check_return_path)] = ""
    timeout_seconds: float = Field(default=60, gt=0, le=3600)
    ca_file: str = ""
    client_cert_file: str = ""
    client_key_file: str = ""
    path: str = "outbox/"
    resolver: Literal["none"] = "none"
    log_file: str = "/var/log/mail.log"
    dkim: DkimSettings = DkimSettings()


class SourceSettings(Table):
    """One `[[sources]]`: what a person reads from."""

    name: str = Field(min_length=1, pattern=r"^[\w.-]+$")
    kind: Literal["feed", "pages", "files"]
    url: str = ""
    urls: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    section: str = ""
    weight: float = Field(default=1.0, ge=0, le=10)

    @model_validator(mode="after")
    def _has_what_its_kind_needs(self) -> SourceSettings:
        needed = {"feed": "url", "pages": "urls", "files": "paths"}[self.kind]
        if not getattr(self, needed):
            raise ValueError(f"a source of kind '{self.kind}' needs the key '{needed}'")
        return self


class NewsletterSettings(Table):
    """One `[newsletters.NAME]`."""

    title: str = Field(default="The Daily Dose", min_length=1)
    sender: Address = Field(alias="from")
    send_at: Hour = "06:30"
    timezone: Zone = "America/New_York"
    days: tuple[Weekday, ...] = Field(default=WEEKDAYS, min_length=1)
    sources: tuple[str, ...] = ("*",)
    min_stories: int = Field(default=1, ge=1)
    max_stories: int = Field(default=12, ge=1, le=100)
    max_age_hours: float = Field(default=36, gt=0, le=100_000)
    sections: SectionLimits = Field(default_factory=dict)
    keywords: Phrases = ()
    avoid: Phrases = ()
    blurb_words: int = Field(default=60, ge=10, le=400)
    approval: Literal["auto", "manual"] = "auto"
    too_late_hours: float = Field(default=6, gt=0, le=48)
    readers: tuple[Address, ...] = ()
    editor: OptionalAddress = ""
    reply_to: OptionalAddress = ""
    template: str = Field(default="daily", pattern=r"^[\w-]+$")
    images: Literal["auto", "host", "attach", "link", "none"] = "auto"
    language: str = Field(default="en", pattern=r"^[a-z]{2,3}(-[A-Za-z]+)?$")
    theme: dict[str, str] = Field(default_factory=dict)
    share: bool = False
    tip_line: OptionalAddress = ""


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


class Config(BaseSettings):
    """The whole configuration."""

    model_config = SettingsConfigDict(
        extra="forbid", frozen=True, env_prefix="DIGEST_", env_nested_delimiter="__", env_ignore_empty=True
    )

    site: SiteSettings = SiteSettings()
    store: StoreSettings = StoreSettings()
    fetch: FetchSettings = FetchSettings()
    smtp: SmtpSettings = SmtpSettings()
    sources: tuple[SourceSettings, ...] = ()
    newsletters: dict[str, NewsletterSettings] = Field(default_factory=dict)
    summarizer: SummarizerSettings = SummarizerSettings()
    photo_rights: PhotoRightsSettings = PhotoRightsSettings()
    _project: Path = PrivateAttr(default=Path())
    _sites: Path = PrivateAttr(default=Path("sites"))

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Let the environment win over the file; nothing else takes part."""
        return env_settings, init_settings

    @model_validator(mode="after")
    def _names_agree(self) -> Config:
        names = [source.name for source in self.sources]
        problems = [
            f"sources: the name '{name}' is used twice"
            for name in sorted(set(names))
            if names.count(name) > 1
        ]
        for key, newsletter in self.newsletters.items():
            problems += [
                f"newsletters.{key}.sources: there is no source named '{wanted}'"
                for wanted in newsletter.sources
                if wanted != "*" and wanted not in names
            ]
        if problems:
            raise ValueError("; ".join(problems))
        return self

    @property
    def project(self) -> Path:
        """Return the folder that relative paths start at."""
        return self._project

    @property
    def sites(self) -> Path:
        """Return the folder of the rules for single sites."""
        return self._sites

    def path(self, value: str) -> Path:
        """Return a configured path, relative ones from the project folder."""
        return self.project / Path(value).expanduser()

    def store_url(self) -> str:
        """Return the store's address, SQLite's relative path made absolute.

        Raises ConfigError when `store.url_file` cannot be read.
        """
        url = self.store.url
        if self.store.url_file and url == DEFAULT_STORE:
            url = read_secret(self.path(self.store.url_file), key="store.url_file")
        prefix = "sqlite:///"
        if url.startswith(prefix) and not url.startswith(prefix + "/") and url != prefix + ":memory:":
            url = prefix + str(self.path(url.removeprefix(prefix)))
        return url

    def smtp_password(self) -> str:
        """Return the password from the environment or from `smtp.password_file`, else an empty string."""
        password = self.smtp.password.get_secret_value()
        if self.smtp.password_file and not password:
            return read_secret(self.path(self.smtp.password_file), key="smtp.password_file")
        return password

    def summarizer_key(self) -> str:
        """Return the model server's key from the environment or from `summarizer.key_file`, else an empty string."""
        key = self.summarizer.key.get_secret_value()
        if self.summarizer.key_file and not key:
            return read_secret(self.path(self.summarizer.key_file), key="summarizer.key_file")
        return key

    def newsletter(self, name: str) -> NewsletterSettings:
        """Return the newsletter `name`; raise ConfigError naming those there are."""
        if name not in self.newsletters:
            known = ", ".join(sorted(self.newsletters)) or "none is configured"
            raise ConfigError(
                [f"There is no newsletter named '{name}' (known: {known}). Check [newsletters.{name}]."]
            )
        return self.newsletters[name]

    def sources_of(self, newsletter: NewsletterSettings) -> tuple[SourceSettings, ...]:
        """Return the sources that a newsletter draws from, in the file's order."""
        return tuple(s for s in self.sources if "*" in newsletter.sources or s.name in newsletter.sources)


def read_secret(path: Path, *, key: str) -> str:
    """Return a secret file's first line; raise ConfigError naming the key."""
    try:
        return path.read_text(encoding="utf-8").partition("\n")[0].strip()
    except (OSError, UnicodeDecodeError) as exc:
        raise ConfigError([f"{key}: cannot read {path} ({_cause(exc)})."]) from exc


def find_config(explicit: Path | None, *, environ: Mapping[str, str] = os.environ) -> Path:
    """Return the configuration file: the one named, else `DIGEST_CONFIG`, `config/digest.toml`, `digest.toml`."""
    if explicit is not None:
        return explicit
    if environ.get("DIGEST_CONFIG"):
        return Path(environ["DIGEST_CONFIG"])
    for candidate in (Path("config/digest.toml"), Path("digest.toml")):
        if candidate.is_file():
            return candidate
    raise ConfigError(
        ["There is no config/digest.toml here. Type 'digest init' to write one, or name one with --config."]
    )


def project_folder(config_file: Path) -> Path:
    """Return the folder that relative paths start at: the one holding `config/`, else the file's own."""
    folder = config_file.resolve().parent
    return folder.parent if folder.name == "config" else folder


def sites_folder(config_file: Path) -> Path:
    """Return the folder of the rules for single sites: `sites/` beside the configuration file."""
    return config_file.parent / "sites"


class FileConfig(Config):
    """A configuration that the environment does not touch: the demo's."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        *_rest: object,
        **_more: object,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Take what the file says, alone."""
        return (init_settings,)


def load_config(path: Path, *, kind: type[Config] = Config) -> Config:
    """Read and check a configuration file.

    Raises ConfigError with every problem at once, each naming its key.
    """
    data = read_toml(path, called="the configuration ")
    problems = _literal_passwords(data, path)
    if kind is Config:
        problems += _unknown_variables(os.environ)
    try:
        config = kind(**data)
    except SettingsError as exc:
        raise ConfigError([f"A variable of the environment cannot be read: {exc}. Lists are JSON."]) from exc
    except ValidationError as exc:
        raise ConfigError(problems + [problem_of(error, path) for error in exc.errors()]) from exc
    if problems:
        raise ConfigError(problems)
    config._project = project_folder(path)
    config._sites = sites_folder(path)
    return config


def read_toml(path: Path, *, called: str = "") -> dict[str, Any]:
    """Read a TOML file; raise ConfigError with one sentence. `called` stands before its path where it is not there."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as exc:
        raise ConfigError([f"Cannot read {called}{path} ({_cause(exc)})."]) from exc
    except UnicodeDecodeError as exc:
        raise ConfigError([f"{path} is not written in UTF-8. Save it as UTF-8 text."]) from exc
    except tomllib.TOMLDecodeError as exc:
        raise ConfigError([f"{path} is not valid TOML: {exc}."]) from exc


def _unknown_variables(environ: Mapping[str, str]) -> list[str]:
    known = {*(name.upper() for name in Config.model_fields), "CONFIG", "DEBUG"}
    return [
        f"The environment variable {name} sets nothing we know. Check its spelling."
        for name in sorted(environ)
        if name.startswith("DIGEST_") and name.removeprefix("DIGEST_").partition("__")[0] not in known
    ]


def _literal_passwords(data: dict[str, Any], path: Path) -> list[str]:
    problems = []
    smtp = data.get("smtp")
    if isinstance(smtp, dict) and smtp.get("password"):
        problems.append(
            f"{path}: smtp.password: a password does not live in this file. "
            "Put it in a file named by smtp.password_file, or in DIGEST_SMTP__PASSWORD."
        )
    summarizer = data.get("summarizer")
    if isinstance(summarizer, dict) and summarizer.get("key"):
        problems.append(
            f"{path}: summarizer.key: a key does not live in this file. "
            "Put it in a file named by summarizer.key_file, or in DIGEST_SUMMARIZER__KEY."
        )
    store = data.get("store")
    url = store.get("url") if isinstance(store, dict) else None
    if isinstance(url, str) and (":" in url.partition("://")[2].rpartition("@")[0] or "password=" in url):
        problems.append(
            f"{path}: store.url: a password does not live in this file. "
            "Put the address in a file named by store.url_file, or in DIGEST_STORE__URL."
        )
    return problems


def problem_of(error: Any, path: Path) -> str:
    """Return one of pydantic's errors as a sentence that names the file and the key."""
    key = ".".join(str(part) for part in error["loc"])
    message = str(error["msg"]).removeprefix("Value error, ")
    match error["type"]:
        case "missing":
            message = "this key is missing."
        case "extra_forbidden":
            message = "there is no such key. Check its spelling."
        case _ if error["type"] != "value_error" and isinstance(error.get("input"), (str, int, float, bool)):
            message = f"{error['input']!r} will not do: {message[:1].lower()}{message[1:]}"
    if not message.endswith("."):
        message += "."
    return f"{path}: {key}: {message}" if key else f"{path}: {message}"


def _cause(exc: Exception) -> str:
    return exc.strerror.lower() if isinstance(exc, OSError) and exc.strerror else str(exc)
