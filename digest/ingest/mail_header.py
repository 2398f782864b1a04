"""Read the headers of mail as they are really written: folded, encoded in words, or raw in any charset."""

from __future__ import annotations

import binascii
import quopri
import re
from base64 import b64decode
from email.message import Message

from digest.charset import decode, find_encoding, sound

_WORD = re.compile(r"=\?([^?\s]{1,40})\?([bq])\?([^?]{0,2000})\?=", re.I)
_BETWEEN = re.compile(r"(\?=)\s+(?==\?[^?\s]{1,40}\?[bq]\?)", re.I)
_MAX_CHARS = 4000
_STATEFUL = ("iso-2022", "hz", "utf-7")


def header_text(message: Message, name: str, *, is_decoded: bool = True, is_last: bool = False) -> str:
    """Return a header on one line, its encoded words (RFC 2047) decoded unless told otherwise; empty for none.

    Of several, the first counts, or the last.
    """
    values = [str(value) for key, value in message.raw_items() if key.lower() == name]
    value = values[-1 if is_last else 0] if values else ""
    raw = value[:_MAX_CHARS].encode("utf-8", "surrogateescape")
    text = sound(" ".join(decode(raw, find_encoding(raw)).split()))
    return decode_words(text) if is_decoded else text


def decode_words(text: str) -> str:
    """Return text with its encoded words decoded; words that cannot be stay as they are.

    Neighbours of one charset are joined before they are decoded: many senders cut them inside a character.
    """
    text = _BETWEEN.sub(r"\1", text)
    pieces: list[str] = []
    pending: list[tuple[str, bytes]] = []
    at = 0
    for found in _WORD.finditer(text):
        if found.start() > at:
            pieces += [_decoded(pending), text[at : found.start()]]
            pending = []
        charset = found.group(1).partition("*")[0].lower()
        content = _bytes(found.group(2).lower(), found.group(3))
        if pending and pending[-1][0] != charset:
            pieces.append(_decoded(pending))
            pending = []
        pending.append((charset, content))
        at = found.end()
    return " ".join("".join([*pieces, _decoded(pending), text[at:]]).split())


def _bytes(coding: str, text: str) -> bytes:
    if coding == "q":
        return quopri.decodestring(text.encode("utf-8", "replace"), header=True)
    try:
        return b64decode(text.encode("ascii", "ignore") + b"==")
    except (binascii.Error, ValueError):
        return text.encode("utf-8", "replace")


def _decoded(words: list[tuple[str, bytes]]) -> str:
    if not words:
        return ""
    charset, content = words[0][0], b"".join(one for _, one in words)
    if charset.startswith(_STATEFUL):
        return decode(content, charset)
    return decode(content, find_encoding(content, content_type=f"text/plain; charset={charset}"))
