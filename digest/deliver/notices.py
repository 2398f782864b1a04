"""Read the notice in a message that a mail server sent: what it did with another message, to whom, and why.

Most are multipart/report with fields for machines (RFC 3464); older servers write to people alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from digest.deliver.bounce_codes import ENHANCED, find_code
from digest.deliver.mime import Part, parse_message

MOST_TEXT = 100_000
MOST_RECIPIENTS = 100

_STATUS_KINDS = ("message/delivery-status", "message/global-delivery-status")
_DAEMONS = re.compile(
    r"(?i)(?:^|[<\s\"])(?:mailer-daemon|mail-daemon|postmaster|mdaemon|double-bounce|mailerdaemon|mail-delivery|"
    r"maildaemon|microsoftexchange[0-9a-f]*)(?:@|\s*$|>)"
)
_BLOCKS = re.compile(r"\n[ \t]*\n")
_ORIGINAL = re.compile(
    r"(?im)^(?:[-=_*> ]{2,}.{0,60}\b(?:copy|original|below|returned|unsent|kopie|ursprüngliche\w*|unten|copie|"
    r"ci-dessous)\b.*|(?:return-path|received|message-id|dkim-signature|mime-version):.*)$"
)
_ID_FIELD = re.compile(r"(?im)^[> \t]*message-id:\s*(<[^<>\s]{3,450}>)")
_RETURN_PATH_FIELD = re.compile(r"(?im)^[> \t]*return-path:\s*(<[^<>\s]{3,320}>)")
_STILL_TRYING = re.compile(
    r"(?i)warning|delayed|still (?:be )?(?:trying|retried|retrying)|will be retried|verzögert|weitere versuche|retardé|"
    r"nouvelle tentative"
)
_SAID = re.compile(
    r"(?i)(?:\b(?:said|error|response|replied|reply|remote|host|smtp|server|antwort\w*|meldung|réponse|erreur|code)\b"
    r"[^\n]{0,120}?|^[ \t>]*|: )(?<![\d.])([45]\d\d)(?=[ -])",
    re.MULTILINE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What a server tells. `action` is failed, delayed or delivered; `words` are its own or another server's.

    `is_report` says that it is written for machines; else `text` is what it wrote to people. `returned_to` are
    addresses that the original names as its sender.
    """

    action: str
    status: str
    words: str
    readers: tuple[str, ...] = ()
    is_report: bool = True
    text: str = ""
    message_ids: tuple[str, ...] = ()
    returned_to: tuple[str, ...] = ()


def read_notice(message: Part, parts: list[Part]) -> Notice | None:
    """Return a server's notice, or None where the message is none."""
    told = next((part for part in parts if part.kind in _STATUS_KINDS), None)
    if told is not None and (message.kind == "multipart/report" or is_daemon(message)):
        return _read_fields(told)
    if is_daemon(message) or message.first("x-failed-recipients"):
        return _read_text(message, parts)
    return None


def is_daemon(message: Part) -> bool:
    """Say whether a message calls itself a mail server's own."""
    return _DAEMONS.search(message.first("from")) is not None


def _read_fields(told: Part) -> Notice | None:
    text = told.content()[:MOST_TEXT].replace(b"\r\n", b"\n").decode("utf-8", "replace")
    blocks = [
        parse_message(block.strip("\n").encode()) for block in _BLOCKS.split(text)[: MOST_RECIPIENTS + 1]
    ]
    found = [
        (_action(block), block) for block in blocks if block.first("final-recipient") or block.first("action")
    ]
    for wanted in ("failed", "delayed", "delivered"):
        chosen = [block for action, block in found if action == wanted]
        if chosen:
            words = " ".join(chosen[0].all("diagnostic-code")) or chosen[0].first("x-supplementary-info")
            named = [
                one
                for name in ("original-recipient", "final-recipient")
                for block in chosen
                for one in block.all(name)
            ]
            return Notice(
                action=wanted,
                status=_status(chosen[0]),
                words=words,
                readers=tuple(one.partition(";")[2] or one for one in named),
            )
    return None


def _action(block: Part) -> str:
    """Return what became of a recipient: as said, else as the status code has it."""
    said = re.split(r"[\s(;]", block.first("action").strip().lower())[0]
    if said in ("relayed", "expanded"):
        return "delivered"
    if said in ("failed", "delayed", "delivered"):
        return said
    return {"2": "delivered", "4": "delayed", "5": "failed"}.get(_status(block)[:1], "")


def _status(block: Part) -> str:
    found = ENHANCED.search(block.first("status"))
    return found[0] if found else find_code(" ".join(block.all("diagnostic-code")))


def _read_text(message: Part, parts: list[Part]) -> Notice | None:
    """Read what a server wrote to people; None where no code says what became of the message."""
    texts = [part.text()[:MOST_TEXT] for part in parts[:10] if part.kind == "text/plain"]
    whole = "\n".join(texts)[:MOST_TEXT]
    cut = _ORIGINAL.search(whole)
    said = whole[: cut.start()] if cut else whole
    code = next((found[0] for found in ENHANCED.finditer(said) if found[1] != "2"), "")
    if not code:
        basic = _SAID.search(said)
        code = basic[1] if basic else ""
    if not code:
        return None
    at = said.find(code)
    trying = code[0] == "4" and _STILL_TRYING.search(message.first("subject") + "\n" + said)
    return Notice(
        action="delayed" if trying else "failed",
        status=code,
        words=said[max(0, at - 200) : at + 400],
        is_report=False,
        text=whole,
        message_ids=tuple(_ID_FIELD.findall(whole)[:3]),
        returned_to=tuple(_RETURN_PATH_FIELD.findall(whole)[:3]),
    )
