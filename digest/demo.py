"""The demo: the main job on the sample stories, in a folder of its own, through a real SMTP dialogue."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from digest import app
from digest.config import FileConfig, load_config
from digest.deliver.sink import open_sink
from digest.errors import DigestError
from digest.pipeline.drafting import draft
from digest.pipeline.reading import fetch_sources
from digest.pipeline.rendering import render
from digest.pipeline.sending import rendering_files, send_edition

DAY = date(2026, 11, 24)
NOW = datetime(2026, 11, 24, 11, 30, tzinfo=UTC)
WORK = "work"
CONFIG = """\
# The demo's own configuration, written anew by each 'digest demo'.
[smtp]
host = "127.0.0.1"
port = {port}

[[sources]]
name = "pages"
kind = "files"
paths = ["sample:*.html", "sample:*.txt"]

[[sources]]
name = "feed"
kind = "files"
paths = ["sample:*.xml"]

[newsletters.daily]
title = "The Daily Dose"
from = "The Daily Dose <dose@example.org>"
readers = ["ada@example.org", "grace@example.org", "edsger@example.org"]
max_stories = 15

[photo_rights]
"science department" = "show"
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoReport:
    """What the demo did."""

    edition: str
    subject: str
    read: int
    items: int
    sent: int


def run_demo(out: Path) -> DemoReport:
    """Make the sample edition under `out`, send it to a sink on loopback, and keep what arrived there.

    Touches nothing outside `out`, reads no other configuration, needs no network. Raises DigestError where
    `out` cannot be written, or not every reader got exactly one message.
    """
    with open_sink() as sink:
        config = load_config(_fresh_config(out, sink.port), kind=FileConfig)
        stores = app.open_stores(config)
        parts = app.parts_of(config, stores, "daily", clock=lambda: NOW)
        with parts.make_fetcher() as fetcher:
            fetched = fetch_sources(
                config.sources, config=config, stories=stores.stories, fetcher=fetcher, now=NOW
            )
        drafted = draft(parts, day=DAY)
        if drafted.edition is None:
            raise DigestError("The sample stories are missing. Install Daily Dose again.")
        send_edition(parts, drafted.edition.name, wait_seconds=0)
        rendered, _ = render(parts, drafted.edition)
        files = rendering_files(parts, rendered)
        stores.engine.dispose()
    reached = sorted(recipient for recipient, _ in sink.messages)
    if reached != sorted(parts.settings.readers):
        raise DigestError(
            f"The demo's mail server got messages for {', '.join(reached) or 'nobody'}. Report this."
        )
    files["message.eml"] = sink.messages[0][1]
    for name, content in files.items():
        _write(out / name, content)
    return DemoReport(
        edition=str(drafted.edition.name),
        subject=rendered.subject,
        read=fetched.read,
        items=len(drafted.edition.items),
        sent=len(reached),
    )


def _fresh_config(out: Path, port: int) -> Path:
    """Start the demo's working folder anew; it is marked by its own configuration, and nothing else is removed."""
    work = out / WORK
    path = work / "digest.toml"
    if path.is_file() and path.read_text(encoding="utf-8").startswith(CONFIG[:40]):
        shutil.rmtree(work)
    _write(path, CONFIG.format(port=port).encode())
    return path


def _write(path: Path, content: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    except OSError as exc:
        raise DigestError(f"Cannot write {path} ({exc.strerror}). Name another folder with --out.") from exc
