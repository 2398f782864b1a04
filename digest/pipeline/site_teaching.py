"""Teach a site's rule: read one page, learn from a correction, keep the rule in its file."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from digest.errors import DigestError, SourceError, UsageError
from digest.extract.site_rules import SiteRule, SiteRules
from digest.extract.teaching import Correction, teach
from digest.ingest.documents import open_documents
from digest.ingest.fetch import Fetcher
from digest.model import Capture, Failure, Story
from digest.pipeline.reading import is_address
from digest.pipeline.site_files import load_site_rules
from digest.pipeline.site_text import rule_text


@dataclass(frozen=True, slots=True, kw_only=True)
class TaughtSite:
    """What was learned: the rule, its file with the text for it, and the story as it is read now."""

    path: Path
    text: str
    rule: SiteRule
    changed: tuple[str, ...]
    story: Story


def teach_site(
    argument: str,
    correction: Correction,
    *,
    folder: Path,
    make_fetcher: Callable[[], Fetcher],
    now: datetime,
) -> TaughtSite:
    """Learn from one page and write its site's rule into `folder`; nothing is written where it fails."""
    rules = load_site_rules(folder)
    capture = open_page(argument, make_fetcher=make_fetcher, now=now)
    taught = learn_rule(capture, correction, rules=rules, folder=folder)
    write_rule(taught)
    return taught


def learn_rule(capture: Capture, correction: Correction, *, rules: SiteRules, folder: Path) -> TaughtSite:
    """Learn from one page, and return what `write_rule` would write into `folder`."""
    taught = teach(capture, correction, rules=rules)
    path = Path(taught.rule.name) if taught.rule.name else _free_path(folder, taught.rule.site)
    existing = _read(path)
    changed = taught.changed if taught.rule.name else tuple(taught.rule.selectors)
    text = rule_text(taught.rule, changed=changed, existing=existing)
    return TaughtSite(path=path, text=text, rule=taught.rule, changed=taught.changed, story=taught.story)


def write_rule(taught: TaughtSite) -> None:
    """Write a rule that was learned into its file."""
    _write(taught.path, taught.text)


def open_page(argument: str, *, make_fetcher: Callable[[], Fetcher], now: datetime) -> Capture:
    """Return the one page that an argument names; raise SourceError or UsageError where it names none."""
    if is_address(argument):
        with make_fetcher() as fetcher:
            fetched = fetcher.fetch(argument, source=argument, now=now)
        if fetched.capture is None:
            raise SourceError(f"{argument} gave nothing new. Try again later.")
        return fetched.capture
    documents = list(open_documents([argument], now=now))
    if len(documents) != 1:
        raise UsageError(f"{argument} names {len(documents)} files. Name one page.")
    if isinstance(documents[0], Failure):
        raise SourceError(documents[0].message)
    return documents[0]


def _free_path(folder: Path, site: str) -> Path:
    """Return the file for a new rule: the site's own, also where that holds comments alone, else a numbered one."""
    names = [f"{site}.toml", *(f"{site}-{number}.toml" for number in range(2, 100))]
    for name in names:
        text = _read(folder / name)
        if text is None or not tomllib.loads(text):
            return folder / name
    raise DigestError(f"{folder} holds a hundred rules for {site}. Join some of them.")


def _read(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    except OSError as exc:
        raise DigestError(f"Cannot read {path} ({exc.strerror}).") from exc


def _write(path: Path, text: str) -> None:
    """Write the whole file or nothing: the next reading may start at any moment."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f".{path.name}.{os.getpid()}.part")
        part.write_text(text, encoding="utf-8", newline="\n")
        part.replace(path)
    except OSError as exc:
        raise DigestError(f"Cannot write {path} ({exc.strerror}). Check who may write there.") from exc
