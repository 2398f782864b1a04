"""Read and check the configuration: one TOML file, overridden by `DIGEST_...` environment variables.

Every problem is reported together, each with its key (`ConfigError.problems`). `settings` has the tables.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import Field, PrivateAttr, ValidationError, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, SettingsError

from digest.errors import ConfigError
from digest.newsletter_settings import NewsletterSettings
from digest.service_settings import LogSettings, ServiceSettings
from digest.settings import (
    DEFAULT_STORE,
    BouncesSettings,
    FetchSettings,
    KeepSettings,
    PhotoRightsSettings,
    SiteSettings,
    SmtpSettings,
    SourceSettings,
    StoreSettings,
    SummarizerSettings,
    Table,
)

__all__ = [
    "BouncesSettings",
    "Config",
    "FetchSettings",
    "FileConfig",
    "KeepSettings",
    "NewsletterSettings",
    "SiteSettings",
    "SmtpSettings",
    "SourceSettings",
    "Table",
    "find_config",
    "load_config",
    "problem_of",
    "project_folder",
    "read_secret",
    "read_toml",
    "sites_folder",
]


KEPT = "DIGEST_KEPT"
"""The variable that tells what the daemon starts where its copy of the configuration is."""


class Config(BaseSettings):
    """The whole configuration."""

    model_config = SettingsConfigDict(
        extra="forbid", frozen=True, env_prefix="DIGEST_", env_nested_delimiter="__", env_ignore_empty=True
    )

    site: SiteSettings = SiteSettings()
    store: StoreSettings = StoreSettings()
    fetch: FetchSettings = FetchSettings()
    smtp: SmtpSettings = SmtpSettings()
    bounces: BouncesSettings = BouncesSettings()
    keep: KeepSettings = KeepSettings()
    sources: tuple[SourceSettings, ...] = ()
    newsletters: dict[str, NewsletterSettings] = Field(default_factory=dict)
    summarizer: SummarizerSettings = SummarizerSettings()
    photo_rights: PhotoRightsSettings = PhotoRightsSettings()
    service: ServiceSettings = ServiceSettings()
    log: LogSettings = LogSettings()
    _project: Path = PrivateAttr(default=Path())
    _sites: Path = PrivateAttr(default=Path("sites"))
    _file: Path = PrivateAttr(default=Path("digest.toml"))

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
        known: dict[str, str] = {}
        for key, newsletter in self.newsletters.items():
            other = known.setdefault(key.casefold(), key)
            if other != key:
                problems.append(
                    f"newsletters.{key}: there is [newsletters.{other}] too, and mailboxes take the two for one. "
                    "Give one of them another name"
                )
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

    @property
    def file(self) -> Path:
        """Return the file that the configuration was read from."""
        return self._file

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

    def bounces_password(self) -> str:
        """Return the password of the box that bounces come to, or an empty string."""
        password = self.bounces.password.get_secret_value()
        if self.bounces.password_file and not password:
            return read_secret(self.path(self.bounces.password_file), key="bounces.password_file")
        return password

    def webhook_secret(self) -> str:
        """Return the secret of the mail provider's events, or an empty string."""
        secret = self.smtp.webhook_secret.get_secret_value()
        if self.smtp.webhook_secret_file and not secret:
            return read_secret(self.path(self.smtp.webhook_secret_file), key="smtp.webhook_secret_file")
        return secret

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


def load_config(path: Path, *, kind: type[Config] = Config, kept: str = "") -> Config:
    """Read and check a configuration file, or the copy of it that the daemon `kept` for what it starts.

    Raises ConfigError with every problem at once, each naming its key.
    """
    kept = kept or (os.environ.get(KEPT, "") if kind is Config else "")
    data = read_toml(Path(kept) if kept else path, called="the configuration ")
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
    config._file = path
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
    known = {*(name.upper() for name in Config.model_fields), "CONFIG", "DEBUG", "KEPT", "UNNAMED"}
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
    if isinstance(smtp, dict) and smtp.get("webhook_secret"):
        problems.append(
            f"{path}: smtp.webhook_secret: a secret does not live in this file. "
            "Put it in a file named by smtp.webhook_secret_file, or in DIGEST_SMTP__WEBHOOK_SECRET."
        )
    bounces = data.get("bounces")
    if isinstance(bounces, dict) and bounces.get("password"):
        problems.append(
            f"{path}: bounces.password: a password does not live in this file. "
            "Put it in a file named by bounces.password_file, or in DIGEST_BOUNCES__PASSWORD."
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
