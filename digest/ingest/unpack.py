"""Unpack the body of an HTTP answer as it comes, never holding more than a limit."""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from typing import Protocol


class BodyTooLargeError(Exception):
    """Report a body over the limit, before or after unpacking. Its text completes "ADDRESS ..."."""

    def __init__(self, max_bytes: int) -> None:
        super().__init__(
            f"is larger than {max_bytes / 1_000_000:g} MB. Raise [fetch] max_megabytes if it is meant"
        )


class DamagedBodyError(Exception):
    """Report a body that does not unpack. Its text completes "ADDRESS ..."."""


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
    return _unpacked(zlib.decompressobj(wbits=31), bytes(packed), max_bytes)


def _unpacked(unpacker: _Unpacker, packed: bytes, max_bytes: int) -> bytes:
    try:
        body = unpacker.decompress(packed, max_bytes + 1)
    except zlib.error as exc:
        raise DamagedBodyError("came damaged: its packed body does not unpack") from exc
    if len(body) > max_bytes:
        raise BodyTooLargeError(max_bytes)
    return body
