"""Teach a site's rule and check all of them: what `digest read --teach` and `--check-sites` do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from digest.cli.output import DONE_WITH_FAILURES, note, say, say_json
from digest.errors import UsageError

if TYPE_CHECKING:
    from digest.extract.teaching import Correction
    from digest.ingest.fetch import Fetcher
    from digest.pipeline.site_checks import SiteCheck

FIELDS = ("title", "first", "last", "caption", "credit", "author", "date", "drop")


def parse_correction(told: Sequence[str]) -> Correction:
    """Return what `--teach` was given as FIELD=WORDS; raise UsageError where it is something else."""
    from digest.extract.teaching import Correction

    correction = Correction()
    told_once: set[str] = set()
    for one in told:
        field, mark, words = one.partition("=")
        field, words = field.strip().lower(), " ".join(words.split())
        if not mark or field not in FIELDS:
            raise UsageError(
                f"--teach takes FIELD=WORDS such as title='The headline'; '{one}' is not. "
                f"Fields: {', '.join(FIELDS)}."
            )
        if not any(character.isalnum() for character in words):
            raise UsageError(f"--teach {field}= has no words. Give them as the page shows them.")
        if field in told_once:
            raise UsageError(f"--teach {field}= is given twice. Give it once.")
        match field:
            case "author":
                correction = replace(correction, authors=(*correction.authors, words))
            case "drop":
                correction = replace(correction, drop=(*correction.drop, words))
            case _:
                told_once.add(field)
                correction = replace(correction, **{field: words})  # type: ignore[arg-type]  # all others are str
    return correction


def teach_rule(
    source: Sequence[str],
    told: Sequence[str],
    *,
    as_json: bool,
    config: Path | None,
    make_fetcher: Callable[[], Fetcher],
    now: datetime,
) -> None:
    """Learn from one page, write the rule and print it."""
    from digest.config import find_config, sites_folder
    from digest.pipeline.site_teaching import teach_site

    correction = parse_correction(told)
    if len(source) != 1:
        raise UsageError("--teach learns from one page. Name one file or address.")
    taught = teach_site(
        source[0], correction, folder=sites_folder(find_config(config)), make_fetcher=make_fetcher, now=now
    )
    if as_json:
        selectors = {name: [one.css for one in taught.rule.selectors[name]] for name in taught.changed}
        say_json(
            {
                "file": str(taught.path),
                "site": taught.rule.site,
                "changed": selectors,
                "found": dict(taught.rule.example.found) if taught.rule.example else {},
            }
        )
        return
    say(taught.text.rstrip())
    note(f"Written to {taught.path}. The page now reads as you told; try another page of {taught.rule.site}.")


def check_rules(
    source: Sequence[str],
    *,
    as_json: bool,
    config: Path | None,
    make_fetcher: Callable[[], Fetcher],
    now: datetime,
) -> None:
    """Print a line a rule; exit 1 where one no longer matches, 3 where one could not be checked."""
    from digest.config import find_config, sites_folder
    from digest.pipeline.site_checks import SiteState, check_sites
    from digest.pipeline.site_files import load_site_rules

    folder = sites_folder(find_config(config))
    rules = load_site_rules(folder)
    if not rules.rules:
        note(f"There is no rule in {folder}. Make one with: digest read PAGE --teach title='The headline'")
    states = set()
    for check in check_sites(rules, source if rules.rules else (), make_fetcher=make_fetcher, now=now):
        states.add(check.state)
        if as_json:
            say_json(check_record(check))
        else:
            say(f"{check.state:<9} {check.rule or check.page}: {check.message}")
    if SiteState.BROKEN in states:
        raise typer.Exit(1)
    if SiteState.UNCHECKED in states:
        raise typer.Exit(DONE_WITH_FAILURES)


def check_record(check: SiteCheck) -> dict[str, object]:
    """Return a check as `digest read --check-sites --json` prints it."""
    return {
        "rule": check.rule or None,
        "site": check.site or None,
        "page": check.page or None,
        "state": check.state,
        "message": check.message,
        "fields": [
            {
                "name": field.name,
                "selectors": list(field.selectors),
                "found": field.found,
                "taught": field.taught,
                "broken": field.is_broken,
            }
            for field in check.fields
        ],
    }
