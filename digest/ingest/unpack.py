"""Unpack the body of an HTTP answer as it comes, never holding more than a limit."""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from typing import Protocol

GZIP = b"\x1f\x8b"
"""What gzip starts with."""
MAX_MEMBERS = 200
"""A file of thousands of tiny members would take hours to unpack."""


class BodyTooLargeError(Exception):
    """Report a body over the limit, before or after unpacking. Its text completes "ADDRESS ..."."""

    def __init__(self, max_bytes: int) -> None:
        super().__init__(
            f"is larger than {max_bytes / 1_000_000:g} MB. Raise [fetch] max_megabytes if it is meant"
        )


class DamagedBodyError(Exception):
    """Report a body that does not unpack. Its text completes "ADDRESS ..."."""


class CutShortError(DamagedBodyError):
    """Report gzip whose end is missing."""


class _Unpacker(Protocol):
    def decompress(self, data: bytes, max_length: int = 0, /) -> bytes: ...


def unpack_body(chunks: Iterable[bytes], *, coding: str, max_bytes: int) -> bytes:
    """Return the unpacked body; `coding` is its Content-Encoding header.

    Raises BodyTooLargeError as soon as more than `max_bytes` came or would be unpacked, and DamagedBodyError.
    """
    codings = [
        name.strip().lower() for name in coding.split(",") if name.strip().lower() not in ("", "identity")
    ]
    if len(codings) > 1 or (codings and codings[0] not in ("gzip", "x-gzip", "deflate")):
        raise DamagedBodyError(f"came packed as {coding!r}, which we did not ask for")
    packed = bytearray()
    for chunk in chunks:
        packed += chunk
        if len(packed) > max_bytes:
            raise BodyTooLargeError(max_bytes)
    if not codings:
        return bytes(packed)
    if codings[0] == "deflate":
        try:
            return _unpacked(zlib.decompressobj(), bytes(packed), max_bytes)
        except DamagedBodyError:
            return _unpacked(zlib.decompressobj(wbits=-15), bytes(packed), max_bytes)
    try:
        return gunzipped(bytes(packed), max_bytes=max_bytes, is_whole=False)
    except DamagedBodyError as exc:
        raise DamagedBodyError("came damaged: its packed body does not unpack") from exc


def gunzipped(packed: bytes, *, max_bytes: int, is_whole: bool = True) -> bytes:
    """Return what gzip holds, of each of its members where there are several (RFC 1952, section 2.2).

    What follows the last member is passed over, as gzip does. Raises BodyTooLargeError before more than
    `max_bytes` are made, DamagedBodyError, and CutShortError where the end is missing but `is_whole`.
    """
    body = b""
    for _ in range(MAX_MEMBERS):
        unpacker = zlib.decompressobj(wbits=31)
        try:
            body += unpacker.decompress(packed, max_bytes + 1 - len(body))
        except zlib.error as exc:
            raise DamagedBodyError("is damaged: it does not unpack") from exc
        if len(body) > max_bytes:
            raise BodyTooLargeError(max_bytes)
        if not unpacker.eof and is_whole:
            raise CutShortError("is gzip that was cut short")
        packed = unpacker.unused_data
        if not packed.startswith(GZIP):
            return body
    raise DamagedBodyError(f"is gzip of more than {MAX_MEMBERS} members")


def _unpacked(unpacker: _Unpacker, packed: bytes, max_bytes: int) -> bytes:
    try:
        body = unpacker.decompress(packed, max_bytes + 1)
    except zlib.error as exc:
        raise DamagedBodyError("came damaged: its packed body does not unpack") from exc
    if len(body) > max_bytes:
        raise BodyTooLargeError(max_bytes)
    return body
