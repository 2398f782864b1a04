"""Sign a digest with a private key, and hand the key to another process: all that a process needs which only signs.

It imports as little as that takes, since such a process is started in the midst of a send.
"""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPrivateNumbers, RSAPublicNumbers
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.hashes import SHA256

PrivateKey = RSAPrivateKey | Ed25519PrivateKey

DIGEST = 32
"""Bytes of a SHA-256 digest."""


def sign_digest(private: PrivateKey, digest: bytes) -> bytes:
    """Sign a SHA-256 digest: by PKCS #1 v1.5 with RSA, as a message of its own with Ed25519 (RFC 8463, 3)."""
    if isinstance(private, RSAPrivateKey):
        return private.sign(digest, PKCS1v15(), Prehashed(SHA256()))
    return private.sign(digest)


def pack_key(private: PrivateKey) -> bytes:
    """Return a key as `unpack_key` reads it."""
    if isinstance(private, Ed25519PrivateKey):
        return private.private_bytes_raw().hex().encode()
    own = private.private_numbers()
    public = own.public_numbers
    numbers = (own.p, own.q, own.d, own.dmp1, own.dmq1, own.iqmp, public.e, public.n)
    return b" ".join(b"%x" % number for number in numbers)


def unpack_key(packed: bytes) -> PrivateKey:
    """Return the key that was packed. It is not tested again: that takes as long as many signatures."""
    words = packed.decode("ascii").split(" ")
    if len(words) == 1:
        return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(words[0]))
    p, q, d, dmp1, dmq1, iqmp, e, n = (int(word, 16) for word in words)
    numbers = RSAPrivateNumbers(p, q, d, dmp1, dmq1, iqmp, RSAPublicNumbers(e, n))
    return numbers.private_key(unsafe_skip_rsa_key_validation=True)
