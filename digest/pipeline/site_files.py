"""Read the rules for single sites: the files of `sites/` beside the configuration, one rule a file."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError

from digest.config import Table, problem_of, read_toml
from digest.errors import ConfigError
from digest.extract.site_rules import FIELDS, Example, SiteRule, SiteRules, parse_selector, plain_host


def _as_list(value: object) -> object:
    return (value,) if isinstance(value, str) else value


def _check_selectors(value: tuple[str, ...]) -> tuple[str, ...]:
    for css in value:
        try:
            parse_selector(css)
        except ValueError as exc:
            raise ValueError(f"{css!r} {exc}") from None
    return value


def _check_site(value: str) -> str:
    host = plain_host(value)
    if not re.fullmatch(r"[\w.:-]+", host):
        raise ValueError(f"{value!r} is not a host such as 'example.org'")
    return host


def _check_path(value: str) -> str:
    if value and value[0] not in "/*":
        raise ValueError(f"{value!r} is not a path such as '/news/*'")
    return value


Selectors = Annotated[tuple[str, ...], BeforeValidator(_as_list), AfterValidator(_check_selectors)]


class ExampleTable(Table):
    """`[example]`: the page the rule was taught on."""

    url: str = ""
    found: dict[str, int] = Field(default_factory=dict)


class SiteTable(Table):
    """One file of `sites/`."""

    site: Annotated[str, AfterValidator(_check_site)]
    path: Annotated[str, AfterValidator(_check_path)] = ""
    title: Selectors = ()
    body: Selectors = ()
    caption: Selectors = ()
    credit: Selectors = ()
    authors: Selectors = ()
    date: Selectors = ()
    drop: Selectors = ()
    example: ExampleTable = ExampleTable()


def load_site_rules(folder: Path) -> SiteRules:
    """Read the rules of a folder, in the order of their files' names; without the folder there are none.

    Raises ConfigError with every problem at once, each naming its file and key. A file that names no selector
    is no rule.
    """
    rules: dict[tuple[str, str], SiteRule] = {}
    problems: list[str] = []
    for path in _files(folder):
        try:
            rule = read_rule(path)
        except ConfigError as exc:
            problems += exc.problems
            continue
        known = rules.setdefault((rule.site, rule.path), rule) if rule.selectors else rule
        if known is not rule:
            problems.append(
                f"{path}: site: {known.name} is for {rule.site}{rule.path} too. "
                "Join the two, or give one of them a path."
            )
    if problems:
        raise ConfigError(problems)
    return SiteRules(rules=tuple(rules.values()))


def read_rule(path: Path) -> SiteRule:
    """Read one file; raise ConfigError with all its problems."""
    data = read_toml(path)
    try:
        table = SiteTable(**{"site": path.stem, **data})
    except ValidationError as exc:
        raise ConfigError([problem_of(error, path) for error in exc.errors()]) from exc
    example = Example(url=table.example.url, found=table.example.found) if table.example.url else None
    return SiteRule(
        name=str(path),
        site=table.site,
        path=table.path,
        selectors={
            name: tuple(parse_selector(css) for css in getattr(table, name))
            for name in FIELDS
            if getattr(table, name)
        },
        example=example,
    )


def _files(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in folder.glob("*.toml") if not path.name.startswith("."))
    except OSError as exc:
        raise ConfigError([f"Cannot read {folder} ({(exc.strerror or str(exc)).lower()})."]) from exc
