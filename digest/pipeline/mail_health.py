"""Look over what mail that comes back needs: a box that opens and gets it, and a name for the host that sends."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from ipaddress import ip_address

from digest.config import Config
from digest.deliver.domain import is_aligned
from digest.deliver.reverse_name import Hosts, judge_address
from digest.errors import DeliveryError, DigestError
from digest.mailbox import parse_mailbox
from digest.pipeline.verdict import Check, ok, problem, warning
from digest.ports import Box

ANSWER_SECONDS = 10.0
BOX = "box of bounces"
_WORD = re.compile(r"[+=_-]?\{delivery\}")


def check_box(config: Config, open_box: Callable[[Config], AbstractContextManager[Box]]) -> Iterator[Check]:
    """Open the box, where one is configured, and count what nobody has seen."""
    if not config.bounces.kind:
        return
    seconds = min(config.bounces.timeout_seconds, ANSWER_SECONDS)
    quick = config.bounces.model_copy(update={"timeout_seconds": seconds})
    try:
        with open_box(config.model_copy(update={"bounces": quick})) as box:
            count = len(box.letters())
    except DigestError as exc:
        yield problem(BOX, str(exc))
    else:
        yield ok(
            BOX, f"It opens: {count} letters that nobody has seen. 'digest bounces --dry-run' looks at them."
        )


def check_return_path(config: Config) -> Iterator[Check]:
    """Look whether what comes back comes to the box, as far as the names tell."""
    smtp, bounces = config.smtp, config.bounces
    if not bounces.kind:
        if smtp.return_path and smtp.resolver != "webhook":
            yield warning(
                BOX,
                f"Bounces go to {smtp.return_path}, and nobody reads them: who is gone is written to for ever. "
                "Set [bounces]; see 'digest help sending'.",
            )
        return
    if bounces.kind != "imap" or "@" not in bounces.username:
        return
    senders = _senders(config)
    back = [_WORD.sub("", smtp.return_path)] if smtp.return_path else senders
    owner = bounces.username.casefold()
    elsewhere = sorted({one for one in (*back, *senders) if one.casefold() != owner})
    if elsewhere:
        yield warning(
            BOX,
            f"Bounces and letters of who wants to leave go to {' and '.join(elsewhere)}, and the box is that of "
            f"{bounces.username}. Have them delivered there too (an alias), or set smtp.return_path to it.",
        )


def check_sending_host(config: Config, domains: Sequence[str], hosts: Hosts) -> Iterator[Check]:
    """Look up the name of the address that mail goes out from, where that is known: a provider's is its own matter."""
    if not domains:
        return
    try:
        for address in _sending_addresses(config, domains, hosts):
            trouble = judge_address(address, hosts)
            name = f"sending host {address}"
            yield warning(name, trouble) if trouble else ok(name, "Its name and its address agree (PTR).")
    except DeliveryError as exc:
        yield warning("sending host", str(exc))


def _sending_addresses(config: Config, domains: Sequence[str], hosts: Hosts) -> list[str]:
    """Return this machine's address where it sends by itself, those of a mail server that bears a sender's name."""
    smtp = config.smtp
    if smtp.transport == "sendmail" or (smtp.transport == "smtp" and _is_here(smtp.host)):
        own = hosts.own_address()
        return [own] if own is not None else []
    if smtp.transport == "smtp" and any(is_aligned(smtp.host, domain) for domain in domains):
        return [one for one in hosts.find_addresses(smtp.host) if ip_address(one).is_global]
    return []


def _senders(config: Config) -> list[str]:
    found = []
    for settings in config.newsletters.values():
        try:
            found.append(parse_mailbox(settings.sender).address)
        except DigestError:  # told by check_sender
            continue
    return found


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
