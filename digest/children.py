"""The processes that the daemon starts: at most one for each newsletter, and a rest after one that failed."""

from __future__ import annotations

import logging
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from digest.model import Phase

log = logging.getLogger(__name__)
PAUSE = timedelta(minutes=5)
"""How long a newsletter rests after a child that failed: what refused it would refuse the next one as well."""
FAILED_CODES = frozenset({1, 2})
"""The exit codes of a command that could not do its work, as against one that did it with failures."""
GRACE_SECONDS = 5
BEAT_SECONDS = 10


@dataclass(frozen=True, slots=True)
class _Child:
    process: subprocess.Popen[bytes]
    phase: Phase


class Children:
    """The processes under way, by the newsletter that each is for."""

    def __init__(self) -> None:
        self._children: dict[str, _Child] = {}
        self._paused_until: dict[tuple[str, Phase], datetime] = {}

    def __len__(self) -> int:
        return len(self._children)

    def begin(
        self,
        newsletter: str,
        arguments: Sequence[str],
        *,
        start: Callable[[Sequence[str]], subprocess.Popen[bytes]],
        now: datetime,
        phase: Phase = Phase.WHOLE,
    ) -> bool:
        """Start a child, unless there is one for that newsletter or it rests; say whether it was started."""
        paused_until = self._paused_until.get((newsletter, phase), now)
        if newsletter in self._children or paused_until - PAUSE <= now < paused_until:
            return False
        log.info("starting newsletter=%s command='%s'", _named(newsletter), " ".join(arguments))
        self._children[newsletter] = _Child(start(arguments), phase)
        return True

    def is_preparing(self, newsletter: str) -> bool:
        """Say whether a newsletter's child fetches and drafts."""
        child = self._children.get(newsletter)
        return child is not None and child.phase is Phase.PREPARE

    def has_prepared(self) -> bool:
        """Say whether a child that fetched and drafted has ended and is not reaped yet."""
        return any(
            child.phase is Phase.PREPARE and child.process.poll() is not None
            for child in self._children.values()
        )

    def reap(self, now: datetime) -> None:
        """Let go of the children that ended; after one that failed, its newsletter rests a while."""
        for newsletter, child in list(self._children.items()):
            code = child.process.poll()
            if code is None:
                continue
            del self._children[newsletter]
            if code in FAILED_CODES:
                self._paused_until[newsletter, child.phase] = now + PAUSE
                log.warning(
                    "run failed newsletter=%s exit_code=%d pause_minutes=%d",
                    _named(newsletter),
                    code,
                    PAUSE.seconds // 60,
                )
            elif code < 0:
                log.warning("run broken off newsletter=%s signal=%d", _named(newsletter), -code)

    def end(self, newsletter: str) -> None:
        """End a newsletter's child, by force where it does not go when asked."""
        process = self._children.pop(newsletter).process
        process.terminate()
        try:
            process.wait(GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def drain(self, beat: Callable[[], None]) -> None:
        """End the children that fetch and draft, which lose nothing by it; wait for those that send."""
        for newsletter in [one for one in self._children if self.is_preparing(one)]:
            self.end(newsletter)
        for newsletter, child in list(self._children.items()):
            log.info("waiting for a run to end newsletter=%s", _named(newsletter))
            while child.process.poll() is None:
                beat()
                try:
                    child.process.wait(BEAT_SECONDS)
                except subprocess.TimeoutExpired:
                    continue
            del self._children[newsletter]


def _named(newsletter: str) -> str:
    """Return a name as a log's fact, in quotes where it has blanks: not all that is started is for a newsletter."""
    return f"'{newsletter}'" if " " in newsletter else newsletter
