"""Find the encoding of a document and turn its bytes into text.

Precedence follows what browsers do (HTML Standard, "determining the character encoding"), with one exception:
bytes that are plainly UTF-8 are read as UTF-8 whatever was declared, since wrong declarations are common. A
declaration that the bytes contradict gives way to the next, and in the end to a guess.
"""

from __future__ import annotations

import codecs
import re

BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
WIDER = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "euc_kr": "cp949",
    "shift_jis": "cp932",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
}
"""Encodings that are declared, and the superset that pages really use (WHATWG Encoding Standard)."""

_REFUSED = {"utf-7", "idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "mbcs", "oem"}
_IN_HEADER = re.compile(r"charset\s*=\s*[\"']?([\w.:-]+)", re.I)
_IN_META = re.compile(rb"<meta[^>]{0,400}?charset\s*=\s*[\"']?\s*([\w.:-]+)", re.I)
_IN_XML = re.compile(rb"^\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([\w.:-]+)", re.I)
_LATIN = "cp1252"
_HEAD_BYTES = 8192
_GUESS_BYTES = 50_000
_GUESS_FROM = 20
_CONTROL = bytes([*range(0x09), *range(0x0E, 0x1C), 0x7F])
_FOREIGN = bytes(range(0x80, 0x100))


def find_encoding(content: bytes, *, content_type: str = "") -> str:
    """Return the name of a codec that reads `content`; decoding may still need replacement characters."""
    for bom, name in BOMS:
        if content.startswith(bom):
            return name
    wide = _find_wide(content[:512])
    if wide is not None:
        return wide
    if _is_utf8(content):
        return "utf-8"
    declared = _declared(content, content_type)
    foreign = _count_foreign(content)
    if len(declared) > 1:
        guess = _guess(content, foreign)
        if guess is not None:
            return guess
    for name in declared:
        if content.decode(name, errors="replace").count("\ufffd") <= foreign // 50:
            return name
    if _is_mostly_utf8(content):
        return "utf-8"
    return _guess(content, foreign) or next(iter(declared), _LATIN)


def _declared(content: bytes, content_type: str) -> list[str]:
    """Return the codecs that a header, a meta element and an XML declaration name.

    UTF ones are left out, since it is none, and the Latin one, which servers declare of all and any.
    """
    head = content[:_HEAD_BYTES]
    named = (_find(_IN_HEADER, content_type), _find_bytes(_IN_META, head), _find_bytes(_IN_XML, head))
    known = [name for name in map(_known, named) if name and name != _LATIN and not name.startswith("utf")]
    return list(dict.fromkeys(known))


def _count_foreign(content: bytes) -> int:
    return len(content) - len(content.translate(None, _FOREIGN))


def _guess(content: bytes, foreign: int) -> str | None:
    """Guess the codec of a text in another script than Latin, in which single marks are all there is to go by."""
    if foreign < _GUESS_FROM:
        return None
    text = [piece.rpartition(b">")[2] for piece in content.split(b"<")]
    sample = b"\n".join(piece for piece in text if not piece.isascii())[:_GUESS_BYTES]
    if _count_foreign(sample) < 0.3 * len(sample) or foreign < 0.02 * sum(map(len, text)):
        return None
    # It takes a third of a second to import, and few documents need it.
    import chardet  # noqa: PLC0415

    name = _known(chardet.detect(sample)["encoding"])
    return None if name is None or name.startswith("utf") else name


def decode(content: bytes, encoding: str | None = None) -> str:
    """Return the text of `content`, without a byte order mark and NUL; never raises."""
    name = encoding or find_encoding(content)
    try:
        text = content.decode(name, errors="replace")
    except (LookupError, ValueError):
        text = content.decode("utf-8", errors="replace")
    return text.removeprefix("\ufeff").replace("\x00", "")


_LINE = re.compile(r"[^\r\n]+")
_MOJIBAKE = re.compile("â€[\u0080-\uffff]|Ã[\u0080-\u00bf\u0152-\u2122]|Â[\u00a0-\u00bf]")


def repair_mojibake(text: str) -> str:
    """Undo UTF-8 that was once read as Windows-1252 (`Itâ€™s` is `It’s`), line by line, where that works."""
    if not _MOJIBAKE.search(text):
        return text
    return _LINE.sub(lambda line: _repaired(line[0]) if _MOJIBAKE.search(line[0]) else line[0], text)


def _repaired(line: str) -> str:
    raw = bytearray()
    for char in line:
        try:
            raw += char.encode("cp1252")
        except UnicodeEncodeError:
            if ord(char) > 0xFF:
                return line
            raw.append(ord(char))
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return line


def _find_wide(head: bytes) -> str | None:
    """Return the UTF-16 without a byte order mark that markup was written in: every other byte of it is NUL."""
    high, low = head[::2].count(0), head[1::2].count(0)
    if max(high, low) < max(len(head) // 6, 2):
        return None
    if low > 4 * high:
        return "utf-16-le"
    return "utf-16-be" if high > 4 * low else None


def _is_utf8(content: bytes) -> bool:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as exc:
        # A capture that was cut inside a character is UTF-8 all the same.
        return exc.start >= len(content) - 3 and exc.reason == "unexpected end of data"
    return True


def _is_mostly_utf8(content: bytes) -> bool:
    text = content.decode("utf-8", errors="replace")
    good = sum(1 for char in text if char >= "\x80" and char != "\ufffd")
    return good > 10 * text.count("\ufffd")


def _known(declared: str | None) -> str | None:
    if not declared:
        return None
    try:
        b"".decode(declared)  # refuses codecs that are no text encodings, as base64
        name = codecs.lookup(declared).name
    except (LookupError, ValueError):
        return None
    return None if name in _REFUSED else WIDER.get(name, name)


def _find(pattern: re.Pattern[str], text: str) -> str | None:
    found = pattern.search(text)
    return found.group(1) if found else None


def _find_bytes(pattern: re.Pattern[bytes], head: bytes) -> str | None:
    found = pattern.search(head)
    return found.group(1).decode("ascii", errors="replace") if found else None


def without_control(text: str) -> str:
    """Return text without the control characters that part no words: they steer terminals, and mean nothing."""
    raw = text.encode("utf-8", "surrogatepass")
    kept = raw.translate(None, _CONTROL)
    return text if len(kept) == len(raw) else kept.decode("utf-8", "surrogatepass")


def sound(text: str) -> str:
    """Replace lone surrogates, which JSON may hold and no file or mail can."""
    return text.encode("utf-8", "replace").decode("utf-8")
