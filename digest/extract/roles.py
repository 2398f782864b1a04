"""Name what each line of a text dump is, and which rule said so."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from digest.extract.dump_lines import Line


class Role(StrEnum):
    """What a line of a dump is to its story."""

    CHROME = "chrome"
    BREADCRUMB = "breadcrumb"
    HEADLINE = "headline"
    DEK = "dek"
    BYLINE = "byline"
    DATE = "date"
    ALT = "alt"
    CREDIT = "credit"
    CAPTION = "caption"
    BODY = "body"
    SUBHEAD = "subhead"
    AD = "ad"
    POINTER = "pointer"
    RELATED = "related"
    SIGN_UP = "sign-up"
    SHARE = "share"
    COMMENTS = "comments"
    LEGAL = "legal"


@dataclass(slots=True)
class Ruled:
    """A line with its role so far; later layers may change it."""

    line: Line
    role: Role = Role.CHROME
    rule: str = "no rule makes it part of a story"

    def become(self, role: Role, rule: str) -> None:
        """Take a role, remembering the rule that gave it."""
        self.role, self.rule = role, rule
