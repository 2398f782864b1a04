"""Sign messages by DKIM (RFC 6376, 8301, 8463): relaxed/relaxed, rsa-sha256, and ed25519-sha256 beside it.

A signature is over one SHA-256 digest, so what is dear, the private key's part, can be done elsewhere: `seal` says
what is to be signed, `Seal.fields` what the signatures make of it.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Literal

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from digest.deliver.line import whole_lines
from digest.deliver.raw_signature import PrivateKey, sign_digest
from digest.errors import ConfigError

FEWEST_BITS = 2048
"""RFC 8301 asks for 1024 of signers, the large mailboxes for 2048."""
SIGNED = (
    *("from", "to", "subject", "date", "message-id", "reply-to", "list-id", "list-unsubscribe"),
    *("list-unsubscribe-post", "mime-version", "content-type", "content-transfer-encoding", "feedback-id"),
)
"""The fields that are signed where they are there (RFC 8058, 4 wants both of List-Unsubscribe)."""
OVERSIGNED = ("from", "subject")
"""Named once more than they are there, so that nobody can add another (RFC 6376, 8.15)."""
_SPACE = re.compile(rb"[ \t]+")
_B64_LINE = 72

Algorithm = Literal["rsa-sha256", "ed25519-sha256"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DkimKey:
    """A private key and where its public half is published: at `selector`._domainkey.`domain`."""

    domain: str
    selector: str
    private: PrivateKey = field(repr=False)

    @property
    def algorithm(self) -> Algorithm:
        """Return the signature's `a=`."""
        return "rsa-sha256" if isinstance(self.private, RSAPrivateKey) else "ed25519-sha256"

    @property
    def length(self) -> int:
        """Return how many bytes a signature has."""
        return self.private.key_size // 8 if isinstance(self.private, RSAPrivateKey) else 64

    @property
    def name(self) -> str:
        """Return the name of the DNS record."""
        return f"{self.selector}._domainkey.{self.domain}"

    @property
    def record(self) -> str:
        """Return the TXT record to publish there."""
        if isinstance(self.private, RSAPrivateKey):
            kind = "rsa"
            public = self.private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        else:
            kind, public = "ed25519", self.private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        return f"v=DKIM1; k={kind}; p={b64encode(public).decode()}"

    def sign(self, digest: bytes) -> bytes:
        """Sign a SHA-256 digest."""
        return sign_digest(self.private, digest)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seal:
    """What is to be signed of a message: a field for each key, its `b=` still empty, and the digest under it."""

    content: bytes
    starts: tuple[bytes, ...]
    digests: tuple[bytes, ...]

    def signed(self, signatures: Sequence[bytes]) -> bytes:
        """Return the message with its signatures on top, one for each digest."""
        parts: list[bytes] = []
        for start, signature in zip(self.starts, signatures, strict=True):
            encoded = b64encode(signature)
            lines = [encoded[at : at + _B64_LINE] for at in range(0, len(encoded), _B64_LINE)]
            parts += [b"\r\n ".join([start, *lines]), b"\r\n"]
        return b"".join([*parts, self.content])


def load_key(path: Path, *, domain: str, selector: str, key: str) -> DkimKey:
    """Read a private key (PEM); raise ConfigError naming the configuration's `key` where it will not do."""
    try:
        pem, mode = path.read_bytes(), path.stat().st_mode
    except OSError as exc:
        told = (exc.strerror or str(exc)).lower()
        raise ConfigError(
            [f"{key}: cannot read {path} ({told}). 'digest help sending' says how to make it."]
        ) from exc
    if mode & 0o007:
        raise ConfigError([f"{key}: everyone on this machine can use {path}. Type: chmod 600 {path}"])
    return DkimKey(domain=domain, selector=selector, private=read_private(pem, told=f"{key}: {path}"))


def read_private(pem: bytes, *, told: str) -> PrivateKey:
    """Read a PEM that signs as DKIM wants it; raise ConfigError, which begins with `told`."""
    try:
        private = load_pem_private_key(pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as exc:
        raise ConfigError(
            [f"{told} is no private key without a passphrase, in PEM. Make one with: openssl genrsa 2048"]
        ) from exc
    if isinstance(private, Ed25519PrivateKey):
        return private
    if not isinstance(private, RSAPrivateKey):
        raise ConfigError(
            [f"{told} is of a kind that DKIM does not know. Make an RSA key: openssl genrsa 2048"]
        )
    if private.key_size < FEWEST_BITS:
        raise ConfigError(
            [f"{told} has {private.key_size} bits, too few for mailboxes. Make one with: openssl genrsa 2048"]
        )
    return private


def sign(content: bytes, keys: Sequence[DkimKey], *, seconds: int) -> bytes:
    """Return a message with a signature of each key on top. `seconds` is the time, since 1970."""
    sealed = seal(content, keys, seconds=seconds)
    return sealed.signed([key.sign(digest) for key, digest in zip(keys, sealed.digests, strict=True)])


def seal(content: bytes, keys: Sequence[DkimKey], *, seconds: int, is_plain: bool = False) -> Seal:
    """Say what is to be signed of a message. `is_plain` is what an envelope promises."""
    if not is_plain:
        content = whole_lines(content)
    end = content.find(b"\r\n\r\n") + 2
    header, body = (content, memoryview(b"")) if end < 2 else (content[:end], memoryview(content)[end + 2 :])
    names, lines = _signed_fields(header)
    is_ready = is_plain and len(body) > 4 and not content.endswith(b"\r\n\r\n")
    body_hash = b64encode(sha256(body if is_ready else relaxed_body(bytes(body))).digest())
    starts, digests = [], []
    for key in keys:
        start, relaxed = _start(key.algorithm, key.domain, key.selector, names, seconds)
        starts.append(b"%s%s;\r\n b=" % (start, body_hash))
        digests.append(sha256(b"%s%s%s; b=" % (lines, relaxed, body_hash)).digest())
    return Seal(content=content, starts=tuple(starts), digests=tuple(digests))


def relaxed_body(body: bytes) -> bytes:
    """Return a body as the `relaxed` form has it (RFC 6376, 3.4.4), by plain searches: fast."""
    if b"\t" in body:
        body = body.replace(b"\t", b" ")
    while b"  " in body:
        body = body.replace(b"  ", b" ")
    body = body.replace(b" \r\n", b"\r\n").rstrip(b" \r\n")
    return body + b"\r\n" if body else b""


def _signed_fields(header: bytes) -> tuple[str, bytes]:
    """Return what `h=` names, and the fields in their relaxed form."""
    fields = [_relaxed_field(line) for line in _unfolded(header).split(b"\r\n")]
    names, places = _choice(tuple(name for name, _ in fields))
    return names, b"".join([fields[place][1] for place in places])


@lru_cache(maxsize=16)
def _choice(found: tuple[str, ...]) -> tuple[str, tuple[int, ...]]:
    """Return what `h=` names of a header's fields, and their places; of those that repeat, the last first."""
    names: list[str] = []
    places: list[int] = []
    for name in SIGNED:
        its = [place for place, one in enumerate(found) if one == name]
        names += [name] * (len(its) + (name in OVERSIGNED))
        places += reversed(its)
    return ":".join(names), tuple(places)


def _unfolded(header: bytes) -> bytes:
    return header.replace(b"\r\n ", b" ").replace(b"\r\n\t", b"\t")


@lru_cache(maxsize=256)
def _relaxed_field(unfolded: bytes) -> tuple[str, bytes]:
    """Return a field's name and its relaxed form (RFC 6376, 3.4.2). Most fields are the same in all messages."""
    name, _, value = unfolded.partition(b":")
    name = name.strip().lower()
    return name.decode("ascii", "replace"), b"%s:%s\r\n" % (name, _SPACE.sub(b" ", value).strip(b" "))


@lru_cache(maxsize=16)
def _start(algorithm: Algorithm, domain: str, selector: str, names: str, seconds: int) -> tuple[bytes, bytes]:
    """Return the signature's field up to its `bh=`, as it is sent and relaxed: the messages of a second share it."""
    start = b"DKIM-Signature: v=1; a=%s; c=relaxed/relaxed; d=%s;\r\n s=%s; t=%d;\r\n h=%s;\r\n bh=" % (
        algorithm.encode(),
        domain.encode("idna"),
        selector.encode("ascii"),
        seconds,
        names.replace(":list-id", ":\r\n  list-id").replace(":mime-", ":\r\n  mime-").encode(),
    )
    return start, _relaxed_field(_unfolded(start))[1].removesuffix(b"\r\n")
