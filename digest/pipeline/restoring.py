"""Put a backup in the store's place: the store is the old or the new one at any moment, and nothing is sent again."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import count
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import Engine, UpdateBase, make_url

from digest.config import Config
from digest.errors import StoreError
from digest.model import EditionName
from digest.pipeline.backing_up import copy_out, store_file
from digest.store.after_restore import (
    Left,
    as_sql,
    dropping,
    held_editions,
    holding,
    newest_sent,
    run_all,
    suppressed_readers,
    who_left,
)
from digest.store.backup_file import (
    SECRET,
    STORES,
    Manifest,
    read_backup,
    sync_file,
    sync_folder,
    work_folder,
)
from digest.store.database import open_database
from digest.store.leases import Lease
from digest.store.mailing import Mailing
from digest.store.postgres_copy import put_back
from digest.store.space import find_worker
from digest.store.sqlite_copy import COMPANIONS, check_sound, copy_store, is_usable, overwrite, replace_file
from digest.store.suppression import SuppressionList

ASIDE = ".before-restore"


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """What a restore did: when its backup was begun, where the store lies that was replaced, and what is held."""

    made_at: datetime
    aside: Path | None
    held: tuple[EditionName, ...]


def restore(config: Config, backup: Path, *, now: datetime, force: bool) -> Restored:
    """Put a backup in the place of the configured store, which is kept beside it.

    Raises StoreError, with nothing changed, where the file is no sound backup, where something is at work on the
    store, and, unless forced, where the store sent editions that the backup does not know.
    """
    url = config.store_url()
    engine_name = make_url(url).get_backend_name()
    place = store_file(url) if engine_name == "sqlite" else config.path("var/postgresql")
    with work_folder(place) as folder:
        manifest, parts = read_backup(backup, folder)
        if manifest.engine != engine_name:
            raise StoreError(
                f"{backup} is of a {manifest.engine} store, and store.url names a {engine_name} one."
            )
        secret = _Secret(config.path(config.site.secret_file), parts.get(SECRET))
        left = Left()
        is_there = engine_name == "postgresql" or is_usable(place)
        if is_there:
            left = _ask_the_old_store(url, manifest, secret, now=now, force=force)
        care = _Care(
            statements=holding(
                made_at=manifest.made_at, days=_days(config, manifest, now), left=left, now=now
            ),
            secret=secret,
            made_at=manifest.made_at,
            now=now,
        )
        put = _put_postgres if engine_name == "postgresql" else _put_sqlite
        aside = put(url, place, parts[STORES[engine_name]], care, folder)
    engine = open_database(url)
    held = held_editions(engine)
    engine.dispose()
    return Restored(made_at=manifest.made_at, aside=aside, held=tuple(held))


def _ask_the_old_store(url: str, manifest: Manifest, secret: _Secret, *, now: datetime, force: bool) -> Left:
    """Refuse where the store is in use or knows of newer editions; return whom it keeps off.

    One that another version made tells nothing: only who forces it replaces it.
    """
    try:
        engine = open_database(url)
    except StoreError:
        if force:
            return Left()
        raise
    try:
        _refuse_work(engine, now=now)
        newer = [
            f"{newsletter}/{day}"
            for newsletter, day in sorted(newest_sent(engine).items())
            if day > manifest.sent.get(newsletter, date.min)
        ]
        if newer and not force:
            raise StoreError(
                f"The store has sent {', '.join(newer)}, which the backup does not know. "
                "With --force it is restored all the same, and what may have been sent since is held."
            )
        return who_left(engine, with_hashes=not secret.changes)
    finally:
        engine.dispose()


def _refuse_work(engine: Engine, *, now: datetime) -> None:
    lease = Lease(engine, owner="")
    if lease.is_beating(pause=time.sleep):
        host = lease.holder().partition(":")[0]
        raise StoreError(
            f"'digest schedule' is at work on this store ({host}). Stop it, then restore; nothing was changed."
        )
    worker = find_worker(engine, now=now)
    if worker is not None:
        raise StoreError(f"The store is in use: {worker}. Let it end, then restore; nothing was changed.")


def _days(config: Config, manifest: Manifest, now: datetime) -> dict[str, tuple[date, date]]:
    """Return from which date to which each newsletter may have sent editions since the backup was begun."""
    found = {}
    for name, settings in config.newsletters.items():
        east = ZoneInfo("Pacific/Kiritimati") if settings.is_by_reader else ZoneInfo(settings.zone)
        oldest = manifest.made_at - timedelta(hours=settings.too_late_hours)
        first = oldest.astimezone(ZoneInfo(settings.zone)).date()
        found[name] = (first, now.astimezone(east).date())
    return found


class _Secret:
    """The secret that links and suppressions are made with, here and in the backup."""

    def __init__(self, place: Path, restored: Path | None) -> None:
        self._place = place
        self._restored = restored
        here = place.read_bytes().strip() if place.exists() else b""
        self._is_here = bool(here)
        self.changes = restored is not None and restored.read_bytes().strip() != here

    def read(self) -> bytes:
        """Return the secret that the restored store goes with."""
        return (self._restored or self._place).read_bytes().strip()

    def put(self) -> None:
        """Put the backup's secret in place; another one that is there is kept beside it."""
        if self._restored is None or not self.changes:
            return
        self._place.parent.mkdir(parents=True, exist_ok=True)
        if self._is_here:
            os.link(self._place, _free_name(self._place))
        draft = self._place.with_name(f".{self._place.name}.{os.getpid()}")
        draft.unlink(missing_ok=True)
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(self._restored.read_bytes())
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self._place)
        sync_folder(self._place.parent)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Care:
    """What a restored store is made safe with."""

    statements: list[UpdateBase]
    secret: _Secret
    made_at: datetime
    now: datetime

    def erase_again(self, engine: Engine) -> None:
        """Forget the readers who were erased after the backup was made, as the suppressions taken over tell."""
        mailing = Mailing(engine, secret=self.secret.read)
        hash_of = SuppressionList(self.secret.read).hash
        for newsletter, address in suppressed_readers(engine, hash_of=hash_of, since=self.made_at):
            mailing.erase(newsletter, address, now=self.now)


def _put_sqlite(url: str, place: Path, new: Path, care: _Care, folder: Path) -> Path | None:
    """Make the new store ready beside the old one, then put it in place in one step."""
    check_sound(new)
    engine = open_database(f"sqlite:///{new}")
    run_all(engine, care.statements)
    care.erase_again(engine)
    engine.dispose()
    ready = folder / "ready"
    copy_store(new, ready)
    aside: Path | None = None
    if is_usable(place):
        aside = _free_name(place)
        draft = folder / "aside"
        copy_store(place, draft)
        draft.chmod(0o600)
        draft.replace(aside)
        sync_folder(place.parent)
        care.secret.put()
        overwrite(place, ready)
        return aside
    if place.exists():
        aside = _set_aside(place)
    care.secret.put()
    replace_file(place, ready)
    return aside


def _put_postgres(url: str, place: Path, new: Path, care: _Care, folder: Path) -> Path | None:
    """Set the old store aside as a dump, then put the new one in place in one transaction."""
    aside, draft = _free_name(place), folder / "aside"
    copy_out(url, draft)
    sync_file(draft)
    draft.chmod(0o600)
    draft.replace(aside)
    sync_folder(aside.parent)
    care.secret.put()
    put_back(url, new, before=dropping(), after=as_sql(care.statements), folder=folder)
    engine = open_database(url)
    care.erase_again(engine)
    engine.dispose()
    return aside


def _set_aside(place: Path) -> Path:
    """Copy a store that cannot be read as it is, with its companions; it stays in place until the new one takes it."""
    aside = _free_name(place)
    for ending in ("", *COMPANIONS):
        old = place.with_name(place.name + ending)
        if old.exists():
            copy = aside.with_name(aside.name + ending)
            copy.write_bytes(old.read_bytes())
            sync_file(copy)
    sync_folder(place.parent)
    return aside


def _free_name(place: Path) -> Path:
    """Return the first name for what is replaced that is not taken: an earlier restore's stays too."""
    names = (f"{place.name}{ASIDE}{f'.{number}' if number > 1 else ''}" for number in count(1))
    return next(path for name in names if not (path := place.with_name(name)).exists())
