"""Write header fields as bytes: folded, encoded (RFC 2047), and never more than the one field asked for."""

from __future__ import annotations

import re
from base64 import b64encode
from functools import lru_cache

from digest.mailbox import LONGEST_NAME, Mailbox, one_line

LINE = 76
_PLAIN_IN_Q = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!*+-/")
_Q = [chr(byte) if byte in _PLAIN_IN_Q else "_" if byte == 32 else f"={byte:02X}" for byte in range(256)]
"""Each byte as the Q encoding writes it (RFC 2047, 4.2)."""
_OVERHEAD = len("=?utf-8?q??=")
_LONGEST_QUOTED = 60


@lru_cache(maxsize=256)
def text_field(label: str, value: str) -> bytes:
    """Return `Label: value` with its line end: as it is where ASCII and short lines allow, else in encoded words."""
    value = one_line(value)
    folded = _fold(f"{label}:", value)
    return folded if folded is not None else _encoded_field(label, value)


def mailbox_field(label: str, mailbox: Mailbox) -> bytes:
    """Return `Label: "name" <address>`. An address beyond ASCII stays in UTF-8 (RFC 6532)."""
    name, address = one_line(mailbox.name)[:LONGEST_NAME], mailbox.address.encode()
    if not name:
        return b"%s: %s\r\n" % (label.encode(), address)
    if _is_plain(name) and len(name) <= _LONGEST_QUOTED:
        escaped = re.sub(r'(["\\])', r"\\\1", name)
        phrase = f'{label}: "{escaped}"'.encode()
    else:
        phrase = _encoded_field(label, name).removesuffix(b"\r\n")
    last = len(phrase) - phrase.rfind(b"\n") - 1
    glue = b" " if last + len(address) + 3 <= LINE else b"\r\n "
    return phrase + glue + b"<%s>\r\n" % address


def list_field(label: str, values: list[str]) -> bytes:
    """Return `Label: <a>, <b>`, each on a line of its own. The values are ASCII without spaces: addresses of pages."""
    return f"{label}: {(',' + chr(13) + chr(10) + ' ').join(f'<{value}>' for value in values)}\r\n".encode(
        "ascii"
    )


def _is_plain(value: str) -> bool:
    """Say whether a value needs no encoding: printable ASCII that nobody takes for an encoded word."""
    return value.isascii() and value.isprintable() and "=?" not in value


def _fold(start: str, value: str) -> bytes | None:
    if not _is_plain(value):
        return None
    lines, line = [], start + " "
    for word in re.findall(r" *[^ ]+", value):
        if len(line) + len(word) > LINE and line.strip() != start:
            lines.append(line)
            line = word
        else:
            line += word
    lines.append(line)
    if max(map(len, lines)) > LINE:
        return None
    return ("\r\n".join(lines) + "\r\n").encode("ascii")


def _encoded_field(label: str, value: str) -> bytes:
    raw = value.encode("utf-8", "replace")
    q_length = sum(map(len, map(_Q.__getitem__, raw)))
    words = _words_q if q_length <= len(raw) * 4 // 3 else _words_b
    first = LINE - len(label) - 2 - _OVERHEAD
    return f"{label}: ".encode() + b"\r\n ".join(words(value, first, LINE - 1 - _OVERHEAD)) + b"\r\n"


def _words_q(value: str, room: int, next_room: int) -> list[bytes]:
    words, word = [], ""
    for character in value:
        code = ord(character)
        piece = _Q[code] if code < 128 else "".join(map(_Q.__getitem__, character.encode("utf-8", "replace")))
        if len(word) + len(piece) > room:
            words.append(word)
            word, room = "", next_room
        word += piece
    return [f"=?utf-8?q?{one}?=".encode() for one in [*words, word]]


def _words_b(value: str, room: int, next_room: int) -> list[bytes]:
    words, word = [], b""
    for character in value:
        piece = character.encode("utf-8", "replace")
        if len(word) + len(piece) > room // 4 * 3:
            words.append(word)
            word, room = b"", next_room
        word += piece
    return [b"=?utf-8?b?" + b64encode(one) + b"?=" for one in [*words, word]]
