"""Read what comes back by mail: bounces (RFC 3464), complaints (RFC 5965), wishes to leave, and what is none of these.

Nothing is believed here: a report only says which delivery it claims to be about. Whoever acts on it looks that
delivery up, by a word or Message-ID that only its reader's own mail held.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from digest.deliver.bounce_codes import find_code, judge_bounce
from digest.deliver.mime import Part, leaves, parse_message, words_of
from digest.deliver.notices import Notice, is_daemon, read_notice
from digest.errors import AddressError
from digest.mailbox import one_line, parse_address
from digest.model import BounceKind

PLAIN_WORDS = frozenset({"unsubscribe"})
LONGEST_REASON = 500

_TOKEN = re.compile(r"(?<![\w.-])\d{1,18}\.[A-Za-z0-9_-]{32}(?![\w-])")
_ADDRESS = re.compile(r"[^\s<>()\[\]\",;:]{1,64}@[^\s<>()\[\]\",;:]{1,253}")
_MESSAGE_ID = re.compile(r"<[^<>\s@]{1,200}@[^<>\s@]{1,250}>")
_FOR = re.compile(r"\bfor\s+<([^<>\s]{3,320})>")
_REPLY = re.compile(r"(?i)^(?:(?:re|aw|sv|fwd?|wg|tr|rép)\s*:\s*)+")
_AWAY = re.compile(
    r"(?i)^(?:automatic reply|auto(?:matic)?[- ]?repl|out of (?:the )?office|automatische antwort|abwesen|"
    r"réponse automatique|absence du bureau|respuesta automática)"
)
_ENVELOPE = ("delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "x-delivered-to", "x-rcpt-to")
_ABUSE = frozenset({"abuse", "fraud", "opt-out", "opt-out-list"})
_JMRP = "x-hmxmroriginalrecipient"
"""Where Microsoft's program for complaints names the reader, in the message that it returns."""


class ReportKind(StrEnum):
    """What a message is."""

    BOUNCED = "bounced"
    DELAYED = "delayed"
    DELIVERED = "delivered"
    COMPLAINED = "complained"
    LEAVING = "leaving"
    AUTOMATIC = "automatic"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a message says it is, and what it is about, in the order in which that is to be believed.

    `keys` are the words at the place of `{delivery}` in addresses, `originals` Message-IDs, `readers` addresses.
    `token` is an unsubscribe link's, unread; without one, who leaves is `sender`. `recipients` are whom it came to.
    """

    kind: ReportKind
    keys: tuple[str, ...] = ()
    originals: tuple[str, ...] = ()
    readers: tuple[str, ...] = ()
    bounce: BounceKind | None = None
    status: str = ""
    reason: str = ""
    token: str = ""
    sender: str = ""
    recipients: tuple[str, ...] = ()


def read_report(
    content: bytes, *, return_path: str = "", leaving_words: Collection[str] = PLAIN_WORDS
) -> Report:
    """Say what a message is. It may hold anything; what cannot be read is OTHER.

    `return_path` is `smtp.return_path`, with `{delivery}`. `leaving_words` are whole subjects, in lower case, by
    which somebody who has no link asks to leave.
    """
    message = parse_message(content)
    recipients = _recipients(message)
    words = _key_pattern(return_path)
    parts = list(leaves(message))
    for read in (_complaint, _bounce):
        found = read(message, parts, words)
        if found is not None:
            return _about(found, recipients, words)
    return _letter(message, recipients, leaving_words)


def _about(found: Report, recipients: tuple[str, ...], words: re.Pattern[str] | None) -> Report:
    """Put in whom the report came to; the address of a bounce says which delivery it is before all else."""
    keys = tuple(dict.fromkeys([*_keys(words, recipients), *found.keys]))
    return Report(
        kind=found.kind,
        keys=keys,
        originals=found.originals,
        readers=found.readers,
        bounce=found.bounce,
        status=found.status,
        reason=found.reason,
        recipients=recipients,
    )


def _bounce(message: Part, parts: list[Part], words: re.Pattern[str] | None) -> Report | None:
    notice = read_notice(message, parts)
    if notice is None:
        return None
    originals = _originals(message, parts, notice)
    returned = _returned(parts)
    senders = [*notice.returned_to, *(returned.all("return-path") if returned is not None else ())]
    keys = _keys(words, senders) or (_keys(words, [notice.text]) if not notice.is_report else [])
    if not notice.is_report and not keys and not originals and not _keys(words, _recipients(message)):
        return None
    bounce = judge_bounce(notice.status, notice.words) if notice.action == "failed" else None
    kinds = {"failed": ReportKind.BOUNCED, "delayed": ReportKind.DELAYED}
    return Report(
        kind=kinds.get(notice.action, ReportKind.DELIVERED),
        keys=tuple(keys),
        originals=originals,
        readers=_addresses(notice.readers) if notice.is_report else (),
        bounce=bounce,
        status=notice.status if notice.status[2:] != "0.0" else find_code(notice.words) or notice.status,
        reason=one_line(notice.words)[:LONGEST_REASON],
    )


def _complaint(message: Part, parts: list[Part], words: re.Pattern[str] | None) -> Report | None:
    """Read a complaint: a feedback report, or what Microsoft sends in its place."""
    told = next(
        (parse_message(part.content()) for part in parts if part.kind == "message/feedback-report"), None
    )
    original = _returned(parts)
    if told is not None:
        if told.first("feedback-type").lower() not in _ABUSE:
            return Report(kind=ReportKind.OTHER)
        readers = [*told.all("original-rcpt-to"), *told.all("removal-recipient")]
        senders = told.all("original-mail-from")
    elif original is not None and original.first(_JMRP) and message.kind.startswith("multipart/"):
        readers, senders = original.all(_JMRP), []
    else:
        return None
    if original is not None:
        senders = [*senders, *original.all("return-path")]
    return Report(
        kind=ReportKind.COMPLAINED,
        keys=tuple(_keys(words, senders)),
        originals=_ids([original.first("message-id")]) if original is not None else (),
        readers=_addresses(readers),
    )


def _letter(message: Part, recipients: tuple[str, ...], leaving_words: Collection[str]) -> Report:
    """Read what is no report: a wish to leave, an answer by a machine, or somebody's letter."""
    subject = words_of(message.first("subject"))
    sender = next(iter(_addresses([message.first("from")])), "")
    token = next((found[0] for text in (subject, *recipients) for found in [_find_token(text)] if found), "")
    if token:
        return Report(kind=ReportKind.LEAVING, token=token, sender=sender, recipients=recipients)
    if _is_automatic(message, subject) or is_daemon(message):
        return Report(kind=ReportKind.AUTOMATIC, sender=sender, recipients=recipients)
    plain = _REPLY.sub("", subject).strip(" .!\"'").casefold()
    if sender and plain in leaving_words:
        return Report(kind=ReportKind.LEAVING, sender=sender, recipients=recipients)
    return Report(kind=ReportKind.OTHER, sender=sender, recipients=recipients)


def _find_token(text: str) -> re.Match[str] | None:
    """Find a token in a subject, or in an address such as `leave+TOKEN@example.org`."""
    return _TOKEN.search(text.partition("+")[2] if "@" in text and "+" in text else text)


def _is_automatic(message: Part, subject: str) -> bool:
    submitted = message.first("auto-submitted").partition(";")[0].strip().lower()
    precedence = message.first("precedence").strip().lower()
    return (
        submitted not in ("", "no")
        or precedence in ("auto_reply", "bulk", "junk", "list")
        or any(message.first(name) for name in ("x-autoreply", "x-autorespond", "x-autoresponder"))
        or message.parameter("report-type") == "disposition-notification"
        or _AWAY.match(subject) is not None
    )


def _recipients(message: Part) -> tuple[str, ...]:
    values = [value for name in (*_ENVELOPE, "to", "cc") for value in message.all(name)]
    values += [found[1] for value in message.all("received") for found in _FOR.finditer(value)]
    return _addresses(values)


def _key_pattern(return_path: str) -> re.Pattern[str] | None:
    """Return what finds the word at the place of `{delivery}`; None where no delivery has an address of its own."""
    before, mark, after = return_path.partition("{delivery}")
    if not mark:
        return None
    return re.compile(rf"(?i)(?<![\w.+-]){re.escape(before)}([\w-]{{1,64}}){re.escape(after)}(?![\w-])")


def _keys(words: re.Pattern[str] | None, texts: Collection[str]) -> list[str]:
    if words is None:
        return []
    return list(dict.fromkeys(found[1].lower() for text in texts for found in words.finditer(text)))[:10]


def _returned(parts: list[Part]) -> Part | None:
    """Return the message that a report returns, or its header alone."""
    kinds = (
        "message/rfc822",
        "text/rfc822-headers",
        "message/rfc822-headers",
        "message/global",
        "message/global-headers",
    )
    return next((parse_message(part.content()) for part in parts if part.kind in kinds), None)


def _originals(message: Part, parts: list[Part], notice: Notice) -> tuple[str, ...]:
    """Return the Message-IDs a bounce may be about: of what it returns, else of what it answers."""
    returned = _returned(parts)
    found = _ids([returned.first("message-id")]) if returned is not None else ()
    return (
        found or _ids(notice.message_ids) or _ids([*message.all("in-reply-to"), *message.all("references")])
    )


def _ids(texts: Collection[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(found[0] for text in texts for found in _MESSAGE_ID.finditer(text)))[:10]


def _addresses(values: Collection[str]) -> tuple[str, ...]:
    found = []
    for value in values:
        for match in _ADDRESS.finditer(value):
            try:
                found.append(parse_address(match[0].strip("'")))
            except AddressError:
                continue
    return tuple(dict.fromkeys(found))[:50]
