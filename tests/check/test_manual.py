"""Each rule of preflight has an entry in the manual, at an anchor that its findings can lead to."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from digest.assets import PACKAGE, help_folder
from digest.web.desk.findings import LINKS, PICTURES, TOLD_BEFORE
from digest.web.desk.manual_text import read_manual_page

MAKERS = {"error", "warning", "info", "make"}
COMPUTED = {
    ("legibility.py", "rule"): {"contrast", "contrast-dark"},
    ("markup.py", "name"): {"lang", "dir"},
    ("markup.py", "f'{name}-in-body'"): {"lang-in-body", "dir-in-body"},
    ("picture_rights.py", "RULE"): {"photo-rights"},
}
"""The rules whose ids are not written where their findings are made."""


def made_in(file: Path) -> Iterator[str]:
    """Yield the ids of the rules whose findings a module makes."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
            continue
        if node.func.id == "Remark":
            yield from (
                str(one.value.value)
                for one in node.keywords
                if one.arg == "rule" and isinstance(one.value, ast.Constant)
            )
        elif node.func.id in MAKERS and node.args:
            first = node.args[0]
            if isinstance(first, ast.Constant):
                yield str(first.value)
            else:
                yield from COMPUTED[file.name, ast.unparse(first)]


def rules() -> set[str]:
    files = [
        *(PACKAGE / "check").glob("*.py"),
        PACKAGE / "pipeline" / "reviewing.py",
        PACKAGE / "pipeline" / "dead_links.py",
    ]
    return {rule for file in files for rule in made_in(file)} - {"length"}


def test_every_rule_has_an_entry_of_its_own_and_every_entry_a_rule() -> None:
    page = read_manual_page((help_folder() / "preflight.md").read_text(encoding="utf-8"), topics=())
    entries = re.findall(r'<code id="([a-z-]+)"', str(page.html))

    assert len(rules()) > 50
    assert set(entries) == rules()
    assert len(entries) == len(set(entries))


def test_the_places_that_the_desk_gives_rules_name_rules_that_exist() -> None:
    assert rules() >= LINKS | PICTURES | TOLD_BEFORE
