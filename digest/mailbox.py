"""Read and compare mailboxes (`Name <address>`) strictly: what passes here can stand in a header and an envelope."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

import idna

from digest.errors import AddressError

LONGEST_ADDRESS = 254
LONGEST_LOCAL_PART = 64
LONGEST_NAME = 200

_LOCAL_PART = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_LINE_BREAKERS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailbox:
    """A name, which may be empty, and an address whose domain is in its ASCII form."""

    address: str
    name: str = ""


def parse_mailbox(text: str) -> Mailbox:
    """Read `Name <address>`, `"Name" <address>` or a bare address; raise AddressError for anything else."""
    text = text.strip()
    if not text.endswith(">"):
        return Mailbox(address=parse_address(text))
    name, _, address = text[:-1].rpartition("<")
    name = name.strip()
    if len(name) > 1 and name[0] == name[-1] == '"':
        name = re.sub(r"\\(.)", r"\1", name[1:-1])
    return Mailbox(address=parse_address(address), name=one_line(name)[:LONGEST_NAME])


def parse_address(text: str) -> str:
    """Return an address as it goes into envelopes: the local part as written, the domain in lower-case ASCII.

    Raises AddressError. Quoted local parts and addresses without a domain name are refused: nobody has
    them, and they are what header injection is made of.
    """
    stripped = unicodedata.normalize("NFC", text.strip())
    local, at, domain = stripped.rpartition("@")
    if not at:
        raise AddressError(
            f"{_shown(text)} is no email address: it has no '@'. Write it as name@example.org."
        )
    if not _is_local_part(local):
        raise AddressError(
            f"{_shown(text)} is no email address: {_shown(local)} cannot stand before the '@'. Check its spelling."
        )
    try:
        address = f"{local}@{_ascii_domain(domain)}"
    except ValueError:
        raise AddressError(
            f"{_shown(text)} is no email address: {_shown(domain)} is no domain. Check its spelling."
        ) from None
    if len(address.encode()) > LONGEST_ADDRESS:
        raise AddressError(f"{_shown(text)} is longer than the {LONGEST_ADDRESS} bytes an address may have.")
    return address


def address_key(text: str) -> str:
    """Return the form by which two addresses are the same reader's; raise AddressError for no address."""
    local, _, domain = parse_address(text).rpartition("@")
    return f"{unicodedata.normalize('NFC', local.casefold())}@{domain}"


def domain_of(mailbox: str) -> str:
    """Return the domain of a mailbox or address, in ASCII."""
    return parse_mailbox(mailbox).address.rpartition("@")[2]


def one_line(text: str) -> str:
    """Return text without line breaks and other controls: each run of them becomes a space."""
    return _LINE_BREAKERS.sub(" ", text).strip()


def _is_local_part(local: str) -> bool:
    if not local or len(local.encode("utf-8", "replace")) > LONGEST_LOCAL_PART:
        return False
    if local.isascii():
        return _LOCAL_PART.fullmatch(local) is not None
    plain = "".join(c if c.isascii() else "x" for c in local)
    beyond = [c for c in local if not c.isascii()]
    return _LOCAL_PART.fullmatch(plain) is not None and all(
        unicodedata.category(c)[0] in "LMN" for c in beyond
    )


def _ascii_domain(domain: str) -> str:
    """Return a domain in lower-case ASCII; raise ValueError (which IDNAError is) for none."""
    try:
        ascii_form = domain if domain.isascii() else idna.encode(domain, uts46=True).decode()
    except (UnicodeError, IndexError) as exc:
        raise ValueError(domain) from exc
    labels = ascii_form.lower().split(".")
    if len(ascii_form) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        raise ValueError(domain)
    if labels[-1].isdigit() or (len(labels) == 1 and labels[0] != "localhost"):
        raise ValueError(domain)
    return ".".join(labels)


def _shown(text: str) -> str:
    line = one_line(text)
    return f"'{line if len(line) <= 80 else line[:77] + '...'}'"
