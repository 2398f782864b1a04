"""Take a message apart leniently: what is broken in it costs what cannot be read, and nothing ever fails.

The standard library's parser is as deep as a message is nested, and some parameters make it fail (measured with
what `tests/deliver/test_reports.py` throws at this); here depth, number and length are bounded.
"""

from __future__ import annotations

import binascii
import quopri
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.errors import HeaderParseError
from email.header import decode_header

from digest.charset import decode
from digest.mailbox import one_line

MOST_BYTES = 2_000_000
"""What is looked at of a message: a report stands at its start, whatever it returns of the original."""
MOST_PARTS = 60
MOST_FIELDS = 500
DEEPEST = 6
LONGEST_VALUE = 10_000

_FIELD = re.compile(rb"([!-9;-~]{1,200})[ \t]*:[ \t]*(.*)", re.DOTALL)
_HEAD_END = re.compile(rb"\n[ \t]*\r?\n|\n\Z")
_FOLD = re.compile(r"\r?\n[ \t]+")
_PARAMETER = re.compile(r";\s*([\w*-]{1,60})\s*=\s*(?:\"((?:[^\"\\]|\\.){0,998})\"|([^\s;]{1,998}))")
_BARE_CR = re.compile(rb"\r(?!\n)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A message or a part of one: its fields in their order, names in lower case, and its body as it came."""

    fields: tuple[tuple[str, str], ...]
    body: bytes

    def all(self, name: str) -> list[str]:
        """Return the values of a field, raw, on one line each."""
        return [value for key, value in self.fields if key == name]

    def first(self, name: str) -> str:
        """Return a field's first value, or nothing."""
        return next(iter(self.all(name)), "")

    @property
    def kind(self) -> str:
        """Return the content type in lower case."""
        return self.first("content-type").partition(";")[0].strip().lower() or "text/plain"

    def parameter(self, name: str) -> str:
        """Return a parameter of the content type, or nothing."""
        found = (
            m for m in _PARAMETER.finditer(self.first("content-type")) if m[1].rstrip("*").lower() == name
        )
        return next((re.sub(r"\\(.)", r"\1", m[2]) if m[2] is not None else m[3] for m in found), "")

    def content(self) -> bytes:
        """Return the body without its transfer encoding."""
        match self.first("content-transfer-encoding").strip().lower():
            case "quoted-printable":
                return quopri.decodestring(self.body)
            case "base64":
                letters = re.sub(rb"[^A-Za-z0-9+/]", b"", self.body)
                whole = letters[:-1] if len(letters) % 4 == 1 else letters  # one letter more is no byte
                return binascii.a2b_base64(whole + b"=" * (-len(whole) % 4))
        return self.body

    def text(self) -> str:
        """Return the body as text, in the charset it names or in the likeliest."""
        return decode(self.content(), self.parameter("charset") or None)


def parse_message(content: bytes) -> Part:
    """Read a message, or a part, or a block of fields."""
    content = content[:MOST_BYTES]
    if b"\r" in content:
        content = _BARE_CR.sub(b"\n", content).replace(b"\r\n", b"\n")
    return _parse(content)


def leaves(part: Part, *, depth: int = 0) -> Iterator[Part]:
    """Yield the parts that hold no parts, in their order. A message inside is one: it is not opened."""
    queue = [(part, depth)]
    given = 0
    while queue and given < MOST_PARTS:
        one, level = queue.pop(0)
        boundary = one.parameter("boundary") if one.kind.startswith("multipart/") else ""
        if boundary and level < DEEPEST:
            queue[:0] = [(_parse(piece), level + 1) for piece in _pieces(one.body, boundary)]
            continue
        given += 1
        yield one


def words_of(value: str) -> str:
    """Return a field's value with its encoded words read."""
    try:
        pieces = decode_header(value[:LONGEST_VALUE])
    except (HeaderParseError, ValueError):
        return one_line(value)
    return one_line(
        "".join(text if isinstance(text, str) else _read(text, charset) for text, charset in pieces)
    )


def _read(text: bytes, charset: str | None) -> str:
    return decode(text, charset) if charset else text.decode("utf-8", "replace")


def _parse(content: bytes) -> Part:
    content = content.lstrip(b"\n") if content[:2] == b"\n\n" else content
    if content.startswith(b"\n"):
        return Part(fields=(), body=content[1:])
    end = _HEAD_END.search(content)
    head, body = (content[: end.start()], content[end.end() :]) if end else (content, b"")
    return Part(fields=tuple(_fields(head)), body=body)


def _fields(head: bytes) -> Iterator[tuple[str, str]]:
    lines: list[bytes] = []
    for line in head.split(b"\n")[: MOST_FIELDS * 4]:
        if line[:1] in (b" ", b"\t") and lines:
            lines[-1] += b"\n" + line
        elif len(lines) < MOST_FIELDS:
            lines.append(line)
    for line in lines:
        found = _FIELD.fullmatch(line)
        if found is not None:
            value = found[2][:LONGEST_VALUE].decode("utf-8", "replace")
            yield found[1].decode("ascii").lower(), _FOLD.sub(" ", value).strip()


def _pieces(body: bytes, boundary: str) -> list[bytes]:
    mark = b"--" + boundary.encode("utf-8", "replace")
    pieces: list[bytes] = []
    start: int | None = None
    for found in re.finditer(rb"(?m)^" + re.escape(mark) + rb"(--)?[ \t]*$", body):
        if start is not None:
            pieces.append(body[start : max(start, found.start() - 1)])
        start = found.end() + 1
        if found[1] or len(pieces) >= MOST_PARTS:
            start = None
            break
    if start is not None:
        pieces.append(body[start:])
    return pieces
