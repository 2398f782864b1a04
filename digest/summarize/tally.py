"""Say in a line how many blurbs a remote model made, and why the others are extracted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from digest.model import Blurb


def tell_methods(blurbs: Iterable[Blurb]) -> str:
    """Return "12 remote, 2 fell back: 1 invented a number, 1 late"; empty where no remote model was wanted."""
    remote, reasons = 0, Counter[str]()
    for blurb in blurbs:
        remote += blurb.method.startswith("remote/")
        reasons[blurb.fell_back] += bool(blurb.fell_back)
    fell_back = [(kind, count) for kind, count in reasons.most_common() if count]
    if not remote and not fell_back:
        return ""
    line = f"{remote} remote"
    if fell_back:
        told = ", ".join(f"{count} {kind}" for kind, count in fell_back)
        line += f", {sum(count for _, count in fell_back)} fell back: {told}"
    return line
