"""What a check of an installation found, in a sentence to act on."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """What a check found."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing looked at: its name, the verdict, and a sentence to act on."""

    name: str
    verdict: Verdict
    message: str


def ok(name: str, message: str) -> Check:
    """Return that all is well."""
    return Check(name=name, verdict=Verdict.OK, message=message)


def warning(name: str, message: str) -> Check:
    """Return what should be looked at."""
    return Check(name=name, verdict=Verdict.WARNING, message=message)


def problem(name: str, message: str) -> Check:
    """Return what will not work."""
    return Check(name=name, verdict=Verdict.PROBLEM, message=" ".join(message.split()))
