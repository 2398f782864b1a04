"""What a use case that may fail in part says when it is done."""

from __future__ import annotations

from dataclasses import dataclass

from digest.model import Failure


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One sentence on what was done, and each thing that could not be."""

    sentence: str
    failures: tuple[Failure, ...] = ()
