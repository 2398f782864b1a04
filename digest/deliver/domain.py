"""Judge what a sender's domain publishes in the DNS: SPF (RFC 7208), DKIM (RFC 6376), DMARC (RFC 7489)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

import dns.exception
import dns.resolver

from digest.errors import DeliveryError

TIMEOUT_SECONDS = 4.0

FindTxt = Callable[[str], Sequence[str]]
"""Return the TXT records of a name, none where it has none; raise DeliveryError where nobody answers."""


class SigningKey(Protocol):
    """A key of ours: where its public half is to be published, and what."""

    @property
    def name(self) -> str:
        """The name of the DNS record."""

    @property
    def record(self) -> str:
        """Its text."""


_RESERVED_ENDINGS = ("example", "test", "invalid", "localhost")
_RESERVED_DOMAINS = ("example.com", "example.net", "example.org")


def find_txt(name: str, *, resolver: dns.resolver.Resolver | None = None) -> list[str]:
    """Look up the TXT records of a name, the machine's own resolver asked where none is given.

    Raises DeliveryError where no answer comes within `TIMEOUT_SECONDS`.
    """
    return [
        b"".join(record.strings).decode("utf-8", "replace") for record in find_records(name, "TXT", resolver)
    ]


def find_records(name: str, kind: str, resolver: dns.resolver.Resolver | None) -> Sequence[Any]:
    """Look up the records of a kind; raise DeliveryError where no answer comes within `TIMEOUT_SECONDS`."""
    try:
        asked = resolver or dns.resolver.Resolver()
        return tuple(asked.resolve(name, kind, lifetime=TIMEOUT_SECONDS))
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return ()
    except (dns.exception.DNSException, OSError) as exc:
        raise DeliveryError(
            f"The DNS did not answer for {name} within {TIMEOUT_SECONDS:g} seconds. "
            "Look again where there is a network."
        ) from exc


def is_reserved(domain: str) -> bool:
    """Say whether a domain is one for examples and tests (RFC 2606), which nobody can send from."""
    return domain.rpartition(".")[2] in _RESERVED_ENDINGS or any(
        domain == reserved or domain.endswith(f".{reserved}") for reserved in _RESERVED_DOMAINS
    )


def judge_domain(domain: str, *, selector: str, look_up: FindTxt) -> dict[str, str | None]:
    """Return by standard what is amiss, None where it is sound. DKIM is looked at where its selector is known."""
    told = {
        "SPF": judge_spf(domain, look_up(domain)),
        "DMARC": judge_dmarc(domain, _dmarc_records(domain, look_up)),
    }
    if selector:
        name = f"{selector}._domainkey.{domain}"
        told["DKIM"] = judge_dkim(name, look_up(name))
    return told


def judge_spf(domain: str, records: Sequence[str]) -> str | None:
    """Say what is amiss with a domain's SPF record."""
    found = [record for record in records if record.lower().split(" ")[0] == "v=spf1"]
    if not found:
        return (
            f"{domain} has no SPF record, so mailboxes may take your mail for forged. Publish a TXT record there: "
            "'v=spf1 include:... ~all' with the name that your mail provider gives for it."
        )
    if len(found) > 1:
        return f"{domain} has {len(found)} SPF records, which counts as none. Join them into one."
    if found[0].lower().split()[-1] in ("+all", "all"):
        return f"The SPF record of {domain} lets everyone send in its name. End it with '~all' or '-all'."
    return None


def judge_dmarc(domain: str, records: Sequence[str]) -> str | None:
    """Say what is amiss with a domain's DMARC record."""
    if not records:
        return (
            f"{domain} has no DMARC record, which Gmail, Yahoo and Outlook ask of senders. Publish a TXT record at "
            f"_dmarc.{domain}: 'v=DMARC1; p=none', and 'rua=mailto:...' to be told of forgeries."
        )
    if len(records) > 1:
        return f"{domain} has {len(records)} DMARC records, which counts as none. Keep one of them."
    if _tags(records[0]).get("p", "").lower() not in ("none", "quarantine", "reject"):
        return f"The DMARC record of {domain} names no policy. Add 'p=none', 'p=quarantine' or 'p=reject'."
    return None


def judge_dkim(name: str, records: Sequence[str]) -> str | None:
    """Say what is amiss with a DKIM key's record."""
    keys = [tags["p"] for tags in map(_tags, records) if "p" in tags]
    if not keys:
        return (
            f"There is no DKIM key at {name}. Publish the TXT record that your mail provider shows for it, "
            "or correct smtp.dkim.selector."
        )
    if not keys[0]:
        return f"The DKIM key at {name} is revoked ('p=' is empty). Publish a new one."
    return None


def judge_own_key(name: str, record: str, published: Sequence[str]) -> str | None:
    """Say what is amiss with what is published of a key that we sign with."""
    ours = _tags(record)["p"]
    keys = [tags["p"] for tags in map(_tags, published) if "p" in tags]
    if ours in keys and len(keys) == 1:
        return None
    told = f"Publish there the TXT record '{record}'."
    if not keys:
        return f"There is no DKIM key at {name}, so no mailbox can check our signatures. {told}"
    if len(keys) > 1:
        return (
            f"There are {len(keys)} DKIM keys at {name}, and mailboxes take one at random. Keep ours. {told}"
        )
    if not keys[0]:
        return f"The DKIM key at {name} is revoked ('p=' is empty). {told}"
    return f"Another key than ours is published at {name}, so our signatures are taken for forged. {told}"


def is_aligned(sender: str, signer: str) -> bool:
    """Say whether a signature's domain counts for a sender's, as DMARC's relaxed alignment has it."""
    sender, signer = sender.lower(), signer.lower()
    return sender == signer or sender.endswith(f".{signer}") or signer.endswith(f".{sender}")


def _dmarc_records(domain: str, look_up: FindTxt) -> list[str]:
    """Return the DMARC records of a domain, else those of the nearest domain above it that has some."""
    labels = domain.split(".")
    for start in range(max(1, len(labels) - 1)):
        name = "_dmarc." + ".".join(labels[start:])
        found = [one for one in look_up(name) if one.replace(" ", "").lower().startswith("v=dmarc1")]
        if found:
            return found
    return []


def _tags(record: str) -> dict[str, str]:
    """Read `name=value; name=value`."""
    pairs = (part.partition("=") for part in record.split(";"))
    return {name.strip().lower(): "".join(value.split()) for name, equals, value in pairs if equals}
