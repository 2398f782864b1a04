"""Write a site's rule as TOML: into the text there is, whose comments and other keys stay."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from digest.extract.site_rules import FIELDS, SiteRule
from digest.pipeline.toml_text import toml_string

_HEADER = """\
# How pages of {site} are read; 'digest help sources' tells what each key does.
# 'digest read --check-sites' looks whether the selectors still match the example.
"""
_EXAMPLE = "example"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    """A key with its value, in lines `start` to `end`; `table` is empty before the first header."""

    table: str
    key: str
    start: int
    end: int


def rule_text(rule: SiteRule, *, changed: tuple[str, ...] = FIELDS, existing: str | None = None) -> str:
    """Return the file of a rule; of an existing text only the `changed` fields and the example are replaced.

    Where that text is written so that its lines cannot be told apart, it is written anew, with all its keys.
    """
    values = _values(rule)
    if existing is None:
        return _HEADER.format(site=rule.site) + _written(values)
    known = tomllib.loads(existing)
    wanted = {**known, **{key: value for key, value in values.items() if key in (*changed, _EXAMPLE)}}
    edited = _edited(existing, wanted, known)
    return edited if edited is not None else _HEADER.format(site=rule.site) + _written(wanted)


def _values(rule: SiteRule) -> dict[str, Any]:
    values: dict[str, Any] = {"site": rule.site}
    if rule.path:
        values["path"] = rule.path
    for name in FIELDS:
        styles = [selector.css for selector in rule.selectors.get(name, ())]
        if styles:
            values[name] = styles[0] if len(styles) == 1 else styles
    if rule.example:
        values[_EXAMPLE] = {"url": rule.example.url, "found": dict(rule.example.found)}
    return values


def _written(values: Mapping[str, Any]) -> str:
    lines = [f"{key} = {_literal(value)}" for key, value in values.items() if key != _EXAMPLE]
    if _EXAMPLE in values:
        lines += ["", f"[{_EXAMPLE}]"]
        lines += [f"{key} = {_literal(value)}" for key, value in values[_EXAMPLE].items()]
    return "\n".join(lines) + "\n"


def _literal(value: Any) -> str:
    match value:
        case dict():
            return "{ " + ", ".join(f"{key} = {_literal(item)}" for key, item in value.items()) + " }"
        case list():
            return "[" + ", ".join(_literal(item) for item in value) + "]"
        case str() if '"' in value and "'" not in value and value.isprintable():
            return f"'{value}'"
        case str():
            return toml_string(value)
        case _:
            return json.dumps(value, ensure_ascii=False)


def _edited(text: str, wanted: Mapping[str, Any], known: Mapping[str, Any]) -> str | None:
    """Return the text with the keys that differ set in place; None where that cannot be done faithfully."""
    changes = [
        ("", key, value) for key, value in wanted.items() if key != _EXAMPLE and known.get(key) != value
    ]
    changes += [
        (_EXAMPLE, key, value)
        for key, value in wanted.get(_EXAMPLE, {}).items()
        if known.get(_EXAMPLE, {}).get(key) != value
    ]
    lines = text.splitlines()
    for table, key, value in changes:
        if not _set(lines, table, key, value):
            return None
    edited = "\n".join(lines) + "\n"
    try:
        return edited if tomllib.loads(edited) == wanted else None
    except tomllib.TOMLDecodeError:
        return None


def _set(lines: list[str], table: str, key: str, value: Any) -> bool:
    entries, tables = _entries(lines)
    if entries is None:
        return False
    line = f"{key} = {_literal(value)}"
    for entry in entries:
        if (entry.table, entry.key) == (table, key):
            lines[entry.start : entry.end] = [line + _comment(lines[entry.start : entry.end])]
            return True
    inside = [entry.end for entry in entries if entry.table == table]
    if inside:
        lines.insert(max(inside), line)
    elif table in tables:
        lines.insert(tables[table] + 1, line)
    elif table:
        lines += ["", f"[{table}]", line]
    else:
        lines.insert(_top(lines, tables), line)
    return True


def _top(lines: list[str], tables: Mapping[str, int]) -> int:
    """Return where a first key goes: before the first table and the comments that stand right above it."""
    place = min(tables.values(), default=len(lines))
    while tables and place > 0 and lines[place - 1].lstrip().startswith("#"):
        place -= 1
    return place


def _entries(lines: list[str]) -> tuple[list[_Entry] | None, dict[str, int]]:
    """Return the keys of a text with the lines of each, and the lines of its table headers."""
    entries: list[_Entry] = []
    tables: dict[str, int] = {}
    table, place = "", 0
    while place < len(lines):
        line = lines[place].strip()
        if line.startswith("["):
            table = line.partition("]")[0].strip("[ \t\"'")
            tables[table] = place
        elif line and not line.startswith("#"):
            end = _end(lines, place)
            if end is None:
                return None, tables
            found = tomllib.loads("\n".join(lines[place:end]))
            entries += [_Entry(table=table, key=key, start=place, end=end) for key in found]
            place = end
            continue
        place += 1
    return entries, tables


def _end(lines: list[str], start: int) -> int | None:
    """Return the line after a key's value, which may go over several lines."""
    for end in range(start + 1, len(lines) + 1):
        try:
            tomllib.loads("\n".join(lines[start:end]))
        except tomllib.TOMLDecodeError:
            continue
        return end
    return None


def _comment(lines: list[str]) -> str:
    """Return the comment behind a value with the space before it; empty where there is none."""
    if len(lines) != 1:
        return ""
    value = tomllib.loads(lines[0])
    for place, character in enumerate(lines[0]):
        if character == "#":
            try:
                if tomllib.loads(lines[0][:place]) == value:
                    before = lines[0][:place]
                    return before[len(before.rstrip()) :] + lines[0][place:]
            except tomllib.TOMLDecodeError:
                continue
    return ""
