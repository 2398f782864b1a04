"""What a use case that may fail in part says when it is done."""

from __future__ import annotations

from dataclasses import dataclass

from digest.model import Failure


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One sentence on what was done, and each thing that could not be.

    `is_finished` is false where the same command has to be typed again to finish the job.
    """

    sentence: str
    failures: tuple[Failure, ...] = ()
    is_finished: bool = True
