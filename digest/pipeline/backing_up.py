"""Back the store up into one file while others write to it: with the secret and the configuration."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import make_url

from digest import __version__
from digest.config import Config
from digest.errors import StoreError
from digest.pipeline.parts import Stores
from digest.store.after_restore import newest_sent
from digest.store.backup_file import CONFIG, SECRET, STORES, is_backup, work_folder, write_backup
from digest.store.postgres_copy import dump_store
from digest.store.sqlite_copy import copy_store


@dataclass(frozen=True, slots=True, kw_only=True)
class BackedUp:
    """A backup that was written: its size in bytes, and the names of what is in it."""

    size: int
    parts: tuple[str, ...]


def back_up(config: Config, stores: Stores, target: Path, *, now: datetime) -> BackedUp:
    """Write a backup, one moment of the store; a file that is there is replaced where it is a backup too.

    Raises StoreError where that cannot be; an older backup of that name is then as it was.
    """
    if target.is_dir():
        raise StoreError(f"{target} is a folder. Name a file, such as {target / 'digest-backup.tar'}.")
    if target.exists() and target.stat().st_size and not is_backup(target):
        raise StoreError(f"{target} is there and is no backup. Name another file; it was not touched.")
    engine = stores.engine.dialect.name
    with work_folder(target) as folder:
        copy = folder / STORES[engine]
        sent = newest_sent(stores.engine)
        copy_out(config.store_url(), copy)
        parts = {STORES[engine]: copy, **_beside_the_store(config)}
        facts = {"engine": engine, "made_at": now.isoformat(), "version": __version__, "sent": sent}
        write_backup(target, folder, parts, facts)
    return BackedUp(size=target.stat().st_size, parts=tuple(parts))


def copy_out(url: str, target: Path) -> None:
    """Copy a store, of either engine, into a new file."""
    if make_url(url).get_backend_name() == "postgresql":
        dump_store(url, target)
    else:
        copy_store(store_file(url), target)


def store_file(url: str) -> Path:
    """Return SQLite's file; raise StoreError for a store in memory."""
    name = make_url(url).database
    if not name or name == ":memory:":
        raise StoreError("A store in memory cannot be backed up. Set store.url to a file.")
    return Path(name)


def _beside_the_store(config: Config) -> dict[str, Path]:
    """Return the secret and the configuration's files: TOML beside and below digest.toml. No other secret is taken."""
    found = {CONFIG + config.file.name: config.file}
    found |= {f"{CONFIG}sites/{one.name}": one for one in sorted(config.sites.glob("*.toml"))}
    secret = config.path(config.site.secret_file)
    if secret.exists():
        found[SECRET] = secret
    return found
