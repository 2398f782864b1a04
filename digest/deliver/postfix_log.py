"""Read in a Postfix's log what became of deliveries in doubt.

Postfix logs a recipient (`client=`) before it lets content come, the Message-ID when it has read the header
(`message-id=`), and `from=... (queue active)` once it has taken a message; only that last line says that it did. A
session that broke off in the middle of its message says `lost connection after DATA`. So a delivery was never
taken where the log covers all the time since it was in flight, holds no such last line for it, and none of the
sessions that could still be in its middle is open: a sender that was merely stopped keeps its session open.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from digest.deliver.log_files import LogFile, log_lines
from digest.mailbox import one_line
from digest.model import Delivery, DeliveryState, Outcome

LOOK_BEFORE = timedelta(minutes=10)
"""How long before it was in flight a delivery's session may have begun its message."""
NEVER_SEEN = "the mail server's log shows that it never had the whole message"
NOT_YET = "the mail server's log does not tell yet"

_LINE = re.compile(r"/(smtpd|cleanup|qmgr)\[(\d+)\]: (.*)")
_FIRST_WORD = re.compile(r"(\w+): (.*)")
_MESSAGE_ID = re.compile(r"(?:resent-)?message-id=(\S+)")
_ACTIVE = re.compile(r"from=<(.*?)>, .*\(queue active\)")
_REFUSED = re.compile(r"(?:milter-)?reject: .*?: (5\.\d+\.\d+ .*?)(?:; from=|$)")
_REFUSED_FOR_NOW = re.compile(r"(?:milter-)?reject: ")
_ENDED = ("disconnect from ", "lost connection after ", "timeout after ", "connect from ")
_CUT = re.compile(r"(?:lost connection|timeout) after (?:DATA|BDAT) \(")


class PostfixLog:
    """Resolve doubts by the log of a Postfix on this machine.

    `return_path` is the delivery's envelope sender, where each has one of its own; else None.
    """

    def __init__(self, log_file: Path, *, return_path: Callable[[Delivery], str | None]) -> None:
        self._log = LogFile(log_file)
        self._return_path = return_path

    def resolve(self, doubts: Sequence[Delivery], *, now: datetime) -> Mapping[str, Outcome]:
        """Return outcomes by Message-ID; of deliveries that are left out, the log can never tell.

        SENT: it was taken; FAILED: it was refused; QUEUED: it was never taken; DOUBT: ask again soon.
        """
        moments = [one.lease_until for one in doubts if one.lease_until is not None]
        if not moments:
            return {}
        covered_since, lines = log_lines(self._log, since=min(moments) - LOOK_BEFORE, now=now)
        told = _Told.of(doubts, self._return_path)
        last = None
        for moment, line in lines:
            last = max(moment, last or moment)
            told.hear(moment, line)
        return {
            one.message_id: outcome
            for one in doubts
            if (outcome := told.verdict(one, covered_since=covered_since, last=last)) is not None
        }


@dataclass(slots=True, kw_only=True)
class _Told:
    """What the log has told so far of messages that are wanted: their queue ids, by Message-ID.

    `at` is what each session (smtpd's process) is at: the queue id and when it began. `cut` are the queue ids
    of messages that broke off in their middle; `known` those whose Message-ID has been told, `nameless` those that
    have begun and were not named yet. `is_blind`: a message was taken whose Message-ID this log does not tell.
    """

    senders: dict[str, str]
    queue_ids: dict[str, set[str]]
    wanted: dict[str, str] = field(default_factory=dict)
    at: dict[str, tuple[str, datetime]] = field(default_factory=dict)
    known: set[str] = field(default_factory=set)
    nameless: set[str] = field(default_factory=set)
    is_blind: bool = False
    cut: set[str] = field(default_factory=set)
    taken: dict[str, str] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, doubts: Iterable[Delivery], return_path: Callable[[Delivery], str | None]) -> _Told:
        senders = {path: one.message_id for one in doubts if (path := return_path(one)) is not None}
        return cls(senders=senders, queue_ids={one.message_id: set() for one in doubts})

    def hear(self, moment: datetime, line: str) -> None:
        found = _LINE.search(line)
        if found is None:
            return
        service, process, words = found.groups()
        if service == "smtpd":
            self._hear_session(moment, process, words)
            return
        parted = _FIRST_WORD.match(words)
        if parted is None:
            return
        queue_id, words = parted.groups()
        if service == "qmgr":
            self._hear_queue(queue_id, words)
        elif identity := _MESSAGE_ID.match(words):
            self.known.add(queue_id)
            self.nameless.discard(queue_id)
            if identity[1] in self.queue_ids:
                self.wanted[queue_id] = identity[1]
                self.queue_ids[identity[1]].add(queue_id)
        elif queue_id in self.wanted and (refusal := _REFUSED.match(words)):
            self.refused[self.wanted[queue_id]] = one_line(refusal[1])
        elif _REFUSED_FOR_NOW.match(words):
            self.cut.add(queue_id)

    def verdict(
        self, delivery: Delivery, *, covered_since: datetime | None, last: datetime | None
    ) -> Outcome | None:
        name, since = delivery.message_id, delivery.lease_until
        if name in self.taken:
            reply = f"the mail server's log shows that it took it ({self.taken[name]})"
            return Outcome(state=DeliveryState.SENT, reply=reply)
        if name in self.refused:
            return Outcome(state=DeliveryState.FAILED, reply=self.refused[name])
        if self.is_blind or since is None or covered_since is None or covered_since > since:
            return None
        if last is None or last < since.replace(microsecond=0):
            return Outcome(state=DeliveryState.DOUBT, reply=NOT_YET)
        doubtful_since = delivery.settled_at or since
        may_hold = any(
            begun <= doubtful_since and (queue_id in self.queue_ids[name] or queue_id not in self.known)
            for queue_id, begun in self.at.values()
        )
        if may_hold or self.queue_ids[name] - self.cut:
            return Outcome(state=DeliveryState.DOUBT, reply=NOT_YET)
        return Outcome(state=DeliveryState.QUEUED, reply=NEVER_SEEN)

    def _hear_session(self, moment: datetime, process: str, words: str) -> None:
        if words.startswith(_ENDED):
            ended = self.at.get(process)
            if ended is not None and _CUT.match(words):
                self.cut.add(ended[0])
            self.at.pop(process, None)
            return
        parted = _FIRST_WORD.match(words)
        if parted is not None and parted[2].startswith("client="):
            queue_id = parted[1]
            self._forget(queue_id)
            self.nameless.add(queue_id)
            self.at[process] = (queue_id, moment)

    def _hear_queue(self, queue_id: str, words: str) -> None:
        active = _ACTIVE.match(words)
        if active is None:
            return
        name = self.wanted.get(queue_id) or self.senders.get(active[1])
        if name is not None:
            self.taken[name] = queue_id
        elif queue_id in self.nameless:
            self.is_blind = True

    def _forget(self, queue_id: str) -> None:
        """Begin anew with a queue id: short ones come again."""
        self.known.discard(queue_id)
        self.cut.discard(queue_id)
        name = self.wanted.pop(queue_id, None)
        if name is not None:
            self.queue_ids[name].discard(queue_id)
