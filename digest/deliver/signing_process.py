"""Sign digests for another process: the keys come first, then digests without end, over the socket at descriptor 0.

Run as `python -m digest.deliver.signing_process`. Keys never stand in a command line or a file of ours.
"""

from __future__ import annotations

import socket
import struct

from digest.deliver.raw_signature import DIGEST, PrivateKey, sign_digest, unpack_key

READY = b"!"
"""What is said once the keys are there."""


def main() -> None:
    """Sign until the other end closes."""
    with socket.socket(fileno=0) as line:
        try:
            keys = [unpack_key(_read(line, _number(line))) for _ in range(_number(line))]
            line.sendall(READY)
            while True:
                line.sendall(_signatures(line, keys))
        except (EOFError, ConnectionError):
            return


def _signatures(line: socket.socket, keys: list[PrivateKey]) -> bytes:
    digests = _read(line, _number(line) * len(keys) * DIGEST)
    return b"".join(
        sign_digest(keys[number % len(keys)], digests[number * DIGEST : (number + 1) * DIGEST])
        for number in range(len(digests) // DIGEST)
    )


def _number(line: socket.socket) -> int:
    return int(struct.unpack(">H", _read(line, 2))[0])


def _read(line: socket.socket, length: int) -> bytes:
    heard = b""
    while len(heard) < length:
        more = line.recv(length - len(heard))
        if not more:
            raise EOFError
        heard += more
    return heard


if __name__ == "__main__":
    main()
