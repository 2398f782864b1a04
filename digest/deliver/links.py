"""Make each reader's links: tokens signed for one purpose, and the addresses that carry them."""

from __future__ import annotations

import hmac
import os
import re
import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from urllib.parse import quote

from digest.errors import ConfigError
from digest.mailbox import parse_mailbox
from digest.model import EditionName, Newsletter, SubscriberId

_TOKEN = re.compile(r"([A-Za-z0-9_-]{1,120})\.([A-Za-z0-9_-]{32})")
_SHORTEST_SECRET = 32


class Purpose(StrEnum):
    """What a token allows. One made for one purpose opens nothing else."""

    UNSUBSCRIBE = "unsubscribe"
    CONFIRM = "confirm"
    PREFERENCES = "preferences"


class Signer:
    """Sign and read tokens with HMAC-SHA256."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def sign(self, purpose: Purpose, subject: str) -> str:
        """Return a token for a subject made of letters, digits, `_` and `-`."""
        return f"{subject}.{self._seal(purpose, subject)}"

    def read(self, purpose: Purpose, token: str) -> str | None:
        """Return the subject of a token that we signed for that purpose, else None."""
        found = _TOKEN.fullmatch(token.strip())
        if found is None:
            return None
        subject, seal = found.groups()
        return subject if hmac.compare_digest(seal, self._seal(purpose, subject)) else None

    def read_subscriber(self, purpose: Purpose, token: str) -> SubscriberId | None:
        """Return whom a token speaks for, or None where it is not ours or not for that purpose."""
        subject = self.read(purpose, token)
        return SubscriberId(int(subject)) if subject is not None and subject.isdigit() else None

    def _seal(self, purpose: Purpose, subject: str) -> str:
        digest = hmac.digest(self._secret, f"{purpose}\0{subject}".encode(), sha256)
        return urlsafe_b64encode(digest[:24]).decode()


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryLinks:
    """The links of one delivery. `one_click`, `preferences` and `view` are empty without public pages."""

    mailto: str
    one_click: str = ""
    preferences: str = ""
    view: str = ""

    @property
    def unsubscribe(self) -> str:
        """Return the link for people: the page where there is one."""
        return self.one_click or self.mailto


class Links:
    """Make the links of a newsletter's deliveries, and read the tokens that come back."""

    def __init__(self, signer: Signer, newsletter: Newsletter) -> None:
        self._signer = signer
        self._newsletter = newsletter
        self._address = parse_mailbox(newsletter.sender).address

    def of(self, subscriber: SubscriberId, edition: EditionName) -> DeliveryLinks:
        """Return the links of one reader's copy of an edition."""
        leave = self._signer.sign(Purpose.UNSUBSCRIBE, str(subscriber))
        prefer = self._signer.sign(Purpose.PREFERENCES, str(subscriber))
        return make_links(self._newsletter, self._address, edition, leave=leave, prefer=prefer)

    def subscriber_of(self, token: str, purpose: Purpose = Purpose.UNSUBSCRIBE) -> SubscriberId | None:
        """Return whom a token speaks for, or None where it is not ours or not for that purpose."""
        return self._signer.read_subscriber(purpose, token)


def make_links(
    newsletter: Newsletter, address: str, edition: EditionName, *, leave: str, prefer: str
) -> DeliveryLinks:
    """Put tokens into addresses: `PUBLIC_URL/u/TOKEN` and `mailto:ADDRESS?subject=unsubscribe%20TOKEN`."""
    mailto = f"mailto:{_quoted(address, '@+')}?subject=unsubscribe%20{leave}"
    base = newsletter.public_url.rstrip("/")
    if not base:
        return DeliveryLinks(mailto=mailto)
    return DeliveryLinks(
        mailto=mailto,
        one_click=f"{base}/u/{leave}",
        preferences=f"{base}/p/{prefer}",
        view=f"{base}/archive/{_quoted(edition.newsletter)}/{edition.date.isoformat()}",
    )


@lru_cache(maxsize=64)
def _quoted(text: str, safe: str = "") -> str:
    """Percent-encode what is the same in thousands of messages."""
    return quote(text, safe=safe)


def site_secret(path: Path) -> bytes:
    """Return the secret that signs links, making it on first use: 64 hexadecimal digits, mode 0600.

    Two processes that make it at once end up with the same one. Raises ConfigError.
    """
    try:
        if not path.exists():
            _make_secret(path)
        secret = path.read_bytes().strip()
    except OSError as exc:
        raise ConfigError(
            [f"site.secret_file: cannot read or make {path} ({exc.strerror}). Check the path."]
        ) from exc
    if len(secret) < _SHORTEST_SECRET:
        raise ConfigError(
            [
                f"site.secret_file: {path} holds less than {_SHORTEST_SECRET} characters. Delete it to have one made."
            ]
        )
    return secret


def _make_secret(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_hex(32).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        _publish(draft, path)
    finally:
        draft.unlink(missing_ok=True)


def _publish(draft: Path, path: Path) -> None:
    """Give the draft its name unless another process was first; a link never replaces a file."""
    try:
        os.link(draft, path)
    except FileExistsError:
        return
    except OSError:  # a file system without hard links
        if not path.exists():
            draft.rename(path)
