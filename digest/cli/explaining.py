"""Print what each line of a text dump was taken for: as a table, aligned text or JSON Lines."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

import typer

from digest.cli.output import DONE_WITH_FAILURES, report_failures, say, say_json

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.console import Console

    from digest.ingest.fetch import Fetcher
    from digest.pipeline.explaining import ExplainedDump

_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_COLORS = {
    "headline": "bold green",
    "dek": "green",
    "body": "green",
    "subhead": "bold",
    "byline": "cyan",
    "date": "cyan",
    "breadcrumb": "cyan",
    "alt": "magenta",
    "caption": "magenta",
    "credit": "magenta",
    "related": "yellow",
    "pointer": "yellow",
    "comments": "red",
}
"""What a story is made of; all other roles are left out of it and shown dim."""


def print_explained(
    source: list[str], *, as_json: bool, make_fetcher: Callable[[], Fetcher], now: datetime
) -> None:
    """Explain the dumps that `source` names on stdout; exit 3 where some could not be read."""
    from digest.model import Failure
    from digest.pipeline.explaining import explain_arguments

    failures: list[Failure] = []
    count = 0
    for found in explain_arguments(source, make_fetcher=make_fetcher, now=now):
        if isinstance(found, Failure):
            failures.append(found)
            if as_json:
                say_json({"source": found.subject, "error": found.message})
            continue
        count += 1
        if as_json:
            _print_json(found)
        else:
            _print_text(found, is_first=count == 1, is_named=source != [found.source])
    report_failures(failures)
    if failures:
        raise typer.Exit(DONE_WITH_FAILURES)


def _print_json(dump: ExplainedDump) -> None:
    for line in dump.lines:
        say_json(
            {
                "source": dump.source,
                "line": line.number,
                "role": line.role,
                "rule": line.rule,
                "text": line.text,
            }
        )


def _print_text(dump: ExplainedDump, *, is_first: bool, is_named: bool) -> None:
    if not is_first:
        say()
    if is_named:
        say(_harmless(dump.source))
    if sys.stdout.isatty():
        from rich.console import Console

        print_table(dump, Console())
        return
    for row in aligned_rows(dump):
        say(row)


def aligned_rows(dump: ExplainedDump) -> Iterator[str]:
    """Yield a row a line with number, role, rule and the whole text, the first three padded to columns."""
    digits, role, rule = _widths(dump)
    for line in dump.lines:
        yield f"{line.number:>{digits}}  {line.role:<{role}}  {line.rule:<{rule}}  {_harmless(line.text)}"


def print_table(dump: ExplainedDump, console: Console) -> None:
    """Print the lines as wide as the terminal: texts are cut, long rules go on below, roles have colours."""
    from rich.table import Table
    from rich.text import Text

    digits, role, rule = _widths(dump)
    rule = min(rule, max(20, console.width * 2 // 5))
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(justify="right", width=digits)
    table.add_column(width=role)
    table.add_column(width=rule)
    table.add_column(
        width=max(10, console.width - digits - role - rule - 8), no_wrap=True, overflow="ellipsis"
    )
    for line in dump.lines:
        style = _COLORS.get(line.role, "dim")
        table.add_row(
            Text(str(line.number), style="dim"),
            Text(line.role, style=style),
            Text(line.rule),
            Text(_harmless(line.text), style="dim" if style == "dim" else ""),
        )
    console.print(table)


def _widths(dump: ExplainedDump) -> tuple[int, int, int]:
    """Return how wide the columns of numbers, roles and rules have to be."""
    return (
        max((len(str(line.number)) for line in dump.lines), default=1),
        max((len(line.role) for line in dump.lines), default=1),
        max((len(line.rule) for line in dump.lines), default=1),
    )


def _harmless(text: str) -> str:
    """Return a text without the characters that steer a terminal: it comes from somebody else's page."""
    return _CONTROL.sub("", text)
