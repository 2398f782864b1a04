"""The command that looks an email over: an edition, or what was saved of one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from digest.cli.output import ConfigOption, JsonOption, note, report_failures, say, say_json
from digest.errors import ConfigError, UsageError

if TYPE_CHECKING:
    from digest.config import Config
    from digest.model import Finding


def add_commands(app: typer.Typer) -> None:
    """Add this module's commands."""
    app.command("check")(check)


def check(
    target: str = typer.Argument(
        ..., metavar="EDITION|DIR|FILE.html", help="An edition, or what 'digest render' wrote."
    ),
    online: bool = typer.Option(False, "--online", help="Ask of each link whether it still leads somewhere."),
    as_json: bool = JsonOption,
    config: Path | None = ConfigOption,
) -> None:
    """Look an email over before it is sent; exit 1 on an error finding. 'digest help preflight' has the rules."""
    from digest.model import Severity

    path = Path(target)
    is_saved = path.is_dir() or path.suffix in (".html", ".htm")
    html, findings = _check_saved(path) if is_saved else _check_edition(target, config)
    if online:
        findings = _with_dead_links(html, findings, _settings(config, is_needed=not is_saved))
    for finding in findings:
        if as_json:
            fields = ("rule", "severity", "where", "message")
            say_json({field: str(getattr(finding, field)) for field in fields})
        else:
            say(f"{finding.severity:<8} {finding.rule:<22} {finding.where}: {finding.message}")
    if not findings and not as_json:
        note("Nothing was found.")
    if any(finding.severity is Severity.ERROR for finding in findings):
        raise typer.Exit(1)


def _check_saved(path: Path) -> tuple[str, list[Finding]]:
    """Check a page alone, or the page, text part and subject of a folder; a part that is missing is empty."""
    from digest.check.preflight import check_html, check_saved

    file = path / "email.html" if path.is_dir() else path
    try:
        html = file.read_text(encoding="utf-8")
        if file is path:
            return html, check_html(html)
        parts = (path / "email.txt", path / "subject.txt")
        text, subject = (part.read_text(encoding="utf-8") if part.exists() else "" for part in parts)
        return html, check_saved(html, text=text, subject=subject)
    except (OSError, UnicodeDecodeError) as exc:
        raise UsageError(
            f"Cannot read {file} ({exc}). Name an edition, a folder that 'digest render' wrote, or a page."
        ) from exc


def _check_edition(target: str, config: Path | None) -> tuple[str, list[Finding]]:
    from digest.app import open_config, open_stores, parts_of
    from digest.pipeline.checking import check_edition
    from digest.pipeline.rendering import render
    from digest.pipeline.sending import count_readers

    settings = open_config(config)
    stores = open_stores(settings)
    edition = stores.editions.get(stores.editions.resolve(target))
    parts = parts_of(settings, stores, edition.name.newsletter)
    rendered, failures = render(parts, edition)
    report_failures(failures)
    return rendered.html, check_edition(parts, edition, rendered, readers=count_readers(parts))


def _settings(config: Path | None, *, is_needed: bool) -> Config | None:
    """Read the configuration; saved files are checked without one, too."""
    from digest.app import open_config
    from digest.config import find_config

    try:
        found = find_config(config)
    except ConfigError:
        if is_needed:
            raise
        return None
    return open_config(found)


def _with_dead_links(html: str, findings: list[Finding], config: Config | None) -> list[Finding]:
    from digest.app import make_fetcher, now
    from digest.check.preflight import worst_first
    from digest.pipeline.dead_links import find_dead_links

    return worst_first(findings + find_dead_links(html, lambda: make_fetcher(config), now=now()))
