"""Write text as quoted-printable (RFC 2045, 6.7) in pieces that may be put one after the other."""

from __future__ import annotations

import re

SOFT_BREAK = b"=\r\n"
"""Ends a line that the reader does not see end: what stands between two pieces."""

_LINE = 75
_ADDRESS = re.compile(r"[A-Za-z0-9][!-~]*")
_PRINTABLE = re.compile(rb"[\t\x20-\x7e]*")
_LOOSE_SPACE = re.compile(rb"(?<= ) |\t")
_UNSAFE = re.compile(rb"[^\t\x20-\x3c\x3e-\x7e]")


def quoted_printable(text: str) -> bytes:
    """Return a piece whose every line, the last one too, has room for a soft break.

    No line starts with a dot or with `From `, and no white space follows white space, so that neither SMTP nor a
    mailbox file nor DKIM's relaxed form has to change it.
    """
    if _ADDRESS.fullmatch(text):
        coded = text.replace("=", "=3D")
        if len(coded) <= _LINE:
            return coded.encode("ascii")
    raw = text.replace("\r\n", "\n").encode("utf-8", "replace")
    return b"\r\n".join(_coded(line) for line in raw.split(b"\n"))


def _coded(line: bytes) -> bytes:
    coded = line.replace(b"=", b"=3D")
    if not _PRINTABLE.fullmatch(line):
        coded = _UNSAFE.sub(lambda found: b"=%02X" % found[0][0], line)
    if b"  " in coded or b"\t" in coded:
        coded = _LOOSE_SPACE.sub(lambda found: b"=%02X" % found[0][0], coded)
    if coded.endswith(b" "):
        coded = coded[:-1] + b"=20"
    lines: list[bytes] = []
    while True:
        if coded.startswith((b".", b"From ")):
            coded = b"=%02X" % coded[0] + coded[1:]
        if len(coded) <= _LINE:
            return SOFT_BREAK.join([*lines, coded])
        cut = _LINE
        if b"=" in coded[cut - 2 : cut]:
            cut = coded.rindex(b"=", cut - 2, cut)
        lines.append(coded[:cut])
        coded = coded[cut:]
