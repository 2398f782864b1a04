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


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchReport:
    """What a fetch brought: stories read, how many of them new, and what could not be done.

    `reached` counts the addresses and paths that answered, also those with nothing new. `notices` are what the
    editor should know though nothing failed: an address that has moved for good.
    """

    read: int = 0
    new: int = 0
    reached: int = 0
    failures: tuple[Failure, ...] = ()
    notices: tuple[Failure, ...] = ()

    def __add__(self, other: FetchReport) -> FetchReport:
        return FetchReport(
            read=self.read + other.read,
            new=self.new + other.new,
            reached=self.reached + other.reached,
            failures=self.failures + other.failures,
            notices=self.notices + other.notices,
        )
