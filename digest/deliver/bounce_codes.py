"""Judge why a message came back: by its enhanced status code (RFC 3463), else by the server's words."""

from __future__ import annotations

import re

from digest.model import BounceKind

ENHANCED = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?!\.?\d)")
_BASIC = re.compile(r"(?<![\d.])([45]\d\d)(?=[ -])")

_NOBODY = frozenset({"1.0", "1.1", "1.2", "1.3", "1.6", "1.10", "2.1", "4.4", "4.310"})
"""Subject and detail of a 5: no such mailbox or domain, moved, or disabled."""
_OF_THE_SENDER = frozenset({"1.7", "1.8"})
_VAGUE = frozenset({"0.0", "5.0", "3.0", "2.0", "4.1"})
"""What servers say of anything: their words tell more."""

_FULL = re.compile(
    r"(?i)quota|mailbox (?:is )?full|full mailbox|postfach (?:ist )?voll|boîte (?:\S+ )*pleine|exceeded"
)
_RULE = re.compile(
    r"(?i)\bspam|blacklist|blocklist|blocked|\bpolicy|\bpolicies|reputation|\bDMARC\b|\bSPF\b|\bDKIM\b|spamhaus|relay|"
    r"not authori[sz]ed|denied by|richtlinie|stratégie|listed (?:at|in|by)"
)
_GONE = re.compile(
    r"(?i)(?:user|recipient|mailbox|account|address|e-?mail)\b[^.;\n]{0,60}?(?:unknown|not found|not exist|unavailable|"
    r"disabled|inactive|invalid|doesn.t have|not have|suspended|no longer|discontinued|not listed|rejected)|"
    r"(?:unknown|no such|invalid|inactive|no)\s+(?:local\s+)?(?:user|recipient|mailbox|account|address)|does not exist|"
    r"doesn.t have a|no mailbox (?:here|by)|address rejected|"
    r"(?:host|domain)(?: name)? not found|nxdomain|name or service not known|no mx\b|"
    r"empfänger\S* (?:\S+ ){0,3}(?:unbekannt|nicht gefunden)|(?:benutzer|postfach|adresse)\S* (?:\S+ ){0,4}"
    r"(?:unbekannt|existiert nicht|nicht gefunden|nicht vorhanden)|unbekannter (?:empfänger|benutzer)|"
    r"(?:utilisateur|destinataire|adresse|boîte)\S* (?:\S+ ){0,4}(?:inconnue?|introuvable|n.existe pas)"
)


def find_code(text: str) -> str:
    """Return the first status code of a 4 or 5 in a server's words: an enhanced one before a plain one; or nothing."""
    for found in ENHANCED.finditer(text):
        if found[1] != "2" and (found[2], found[3]) != ("0", "0"):
            return found[0]
    basic = _BASIC.search(text)
    return basic[1] if basic else next((found[0] for found in ENHANCED.finditer(text) if found[1] != "2"), "")


def judge_bounce(status: str, words: str) -> BounceKind:
    """Say what a failure tells of the reader. What can be read in two ways is the mildest of them.

    `status` is the code that was reported, `words` the server's own answer.
    """
    code = status
    found = ENHANCED.fullmatch(status)
    if found is None or found[2] == "0":
        code = find_code(words) or status
        found = ENHANCED.fullmatch(code)
    detail = f"{found[2]}.{found[3]}" if found else ""
    if detail.startswith("7.") or detail in _OF_THE_SENDER or detail.startswith("6."):
        return BounceKind.REFUSED
    if code.startswith("4"):
        return BounceKind.SOFT
    if detail in _NOBODY:
        return BounceKind.HARD
    if detail and detail not in _VAGUE:
        return BounceKind.SOFT
    if _FULL.search(words):
        return BounceKind.SOFT
    if _RULE.search(words):
        return BounceKind.REFUSED
    return BounceKind.HARD if _GONE.search(words) else BounceKind.SOFT
