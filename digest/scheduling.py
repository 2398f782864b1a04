"""Put the daemon together from a configuration, and give it a new plan when that changes.

What the daemon starts works by the configuration that the daemon has, also while somebody leaves a broken one
in its place.
"""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import BinaryIO

from digest.app import make_site_rules, now, open_stores
from digest.config import KEPT, Config, load_config
from digest.daemon import TICK_SECONDS, Daemon, Plan
from digest.errors import ConfigError, StoreError
from digest.model import EditionName
from digest.pipeline.marking import is_restored, marks_of, tell_restored
from digest.pipeline.noting import note_for_all, untold_of
from digest.pipeline.parts import Stores
from digest.pipeline.reader_hours import Timings
from digest.process import process_name
from digest.sent_marks import SentMarks
from digest.service.manners import Manners, answering_health
from digest.service.notify import Supervisor
from digest.signals import Signals
from digest.store.leases import Lease
from digest.store.telling import Told

log = logging.getLogger(__name__)
COMMAND = (sys.executable, "-m", "digest")


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """What the store and the marks beside it know of editions: the daemon's `Past`."""

    config: Config
    stores: Stores
    marks: SentMarks

    def set_hours(self, newsletter: str, *, since: date) -> Mapping[date, datetime]:
        """Return the moments that a person set for approved editions."""
        return self.stores.editions.set_hours(newsletter, since=since)

    def is_restored(self, name: EditionName) -> bool:
        """Say whether an edition went further than this store knows."""
        return is_restored(self.marks, self.stores.editions, self.stores.mailing, name)

    def tell_restored(self, name: EditionName) -> str:
        """Say that it is not sent again."""
        return tell_restored(self.config, name)


class Plans:
    """The plans of one configuration file: the first, and a new one whenever the file changed for the better."""

    def __init__(self, file: Path, stores: Stores) -> None:
        self._file = file
        self._stores = stores
        self._seen = _stamp(file)
        self.config, self._kept = self._read()

    def plan(self) -> Plan:
        """Return the plan by the configuration that was read last."""
        config, stores = self.config, self._stores
        return Plan(
            timings=Timings(config.newsletters, stores.mailing, now=now),
            start=_starter(config, self._kept),
            resends_doubts=config.smtp.in_doubt == "resend",
            asks_about_doubts=config.smtp.resolver == "postfix",
            reads_box=bool(config.bounces.kind),
            tidies=True,
        )

    def reload(self, is_asked: bool) -> Plan | None:
        """Return a new plan where the file changed or `is_asked`, else None.

        Raises ConfigError for a file that will not do, once for each state of it.
        """
        stamp = _stamp(self._file)
        if stamp == self._seen and not is_asked:
            return None
        self._seen = stamp
        config, kept = self._read()
        if config.store_url() != self.config.store_url():
            raise ConfigError(
                ["store.url has changed. Start 'digest schedule' anew to work on another store."]
            )
        self.config, self._kept = config, kept
        return self.plan()

    def _read(self) -> tuple[Config, BinaryIO | None]:
        """Read the file and the rules beside it: a broken rule is told now, and not at the hour of a run."""
        kept = _keep(self._file)
        config = load_config(self._file, kept=_place_of(kept) if kept else "")
        make_site_rules(config)
        return config, kept


def run_daemon(config_file: Path, signals: Signals, *, supervisor: Supervisor) -> None:
    """Make the daemon and run it until stopped; wait for a store that is away.

    Raises ConfigError where the configuration will not do.
    """
    config, manners = load_config(config_file), Manners(supervisor)
    stores = _wait_for_stores(config, signals, manners.beat)
    if stores is not None:
        daemon = make_daemon(config_file, stores, manners=manners, is_stopping=lambda: signals.is_stopping)
        address = config.service.health
        with answering_health(address, stores.engine, manners, now=now, is_at_work=lambda: daemon.is_at_work):
            daemon.run(signals)
    manners.stop()


def _wait_for_stores(config: Config, signals: Signals, beat: Callable[[], None]) -> Stores | None:
    """Open the stores as soon as that can be; None where the daemon is stopped before."""
    told = ""
    while not signals.is_stopping:
        beat()
        try:
            return open_stores(config)
        except StoreError as exc:
            if str(exc) != told:
                told = str(exc)
                log.error("waiting for the store: %s", exc)
        signals.wait(TICK_SECONDS)
    return None


def make_daemon(
    config_file: Path, stores: Stores, *, manners: Manners, is_stopping: Callable[[], bool]
) -> Daemon:
    """Make the daemon; each phase that it starts is this command again, in a process of its own."""
    plans = Plans(config_file.resolve(), stores)
    owner, told = process_name(), Told(stores.engine)

    def tell(newsletter: str, what: str, key: str, text: str) -> None:
        note_for_all(plans.config, told, newsletter=newsletter, what=what, key=key, text=text, now=now())

    def reload(is_asked: bool) -> Plan | None:
        with manners.reloading() if is_asked else nullcontext():
            return plans.reload(is_asked)

    def beat() -> None:
        manners.beat()
        if is_stopping():
            manners.stop()
        elif daemon.is_at_work:
            manners.status("At work: every newsletter at its hour.")
        else:
            manners.status("Waiting: another daemon is at work on this store.")

    daemon = Daemon(
        plan=plans.plan(),
        runs=stores.runs,
        waiting=stores.mailing,
        past=Memory(config=plans.config, stores=stores, marks=marks_of(plans.config)),
        lease=Lease(stores.engine, owner=owner),
        owner=owner,
        now=now,
        tell=tell,
        reload=reload,
        beat=beat,
        beat_seconds=manners.beat_seconds,
        has_untold=lambda moment: untold_of(plans.config).is_due(now=moment),
    )
    return daemon


def _stamp(file: Path) -> tuple[int, ...]:
    """Return what changes when a file does; empty where there is none."""
    try:
        found = file.stat()
    except OSError:
        return ()
    return (found.st_mtime_ns, found.st_size, found.st_ino)


def _keep(file: Path) -> BinaryIO | None:
    """Copy a file into memory; None where it cannot be read, or where the system keeps no files there."""
    if not hasattr(os, "memfd_create"):
        return None
    try:
        content = file.read_bytes()
    except OSError:  # told with its name where it is read for its content
        return None
    kept = os.fdopen(os.memfd_create("digest.toml"), "w+b")
    kept.write(content)
    kept.flush()
    return kept


def _place_of(kept: BinaryIO) -> str:
    return f"/dev/fd/{kept.fileno()}"


def _starter(config: Config, kept: BinaryIO | None) -> Callable[[Sequence[str]], subprocess.Popen[bytes]]:
    """Return what starts the command with the configuration as it is now, whatever becomes of its file."""
    options = ["--config", str(config.file)]
    environment = os.environ | {"DIGEST_UNNAMED": "1"}  # what they print becomes the log of a service

    def start(arguments: Sequence[str]) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [*COMMAND, *arguments, *options],
            env=environment | ({KEPT: _place_of(kept)} if kept else {}),
            pass_fds=[kept.fileno()] if kept else [],
            start_new_session=True,
        )

    return start
