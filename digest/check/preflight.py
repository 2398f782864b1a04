"""Check a rendering before it is sent: every rule of the HTML, then every rule of the message."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from digest.check import markup, message
from digest.check.document import Document, FindOwners, error, parse_document, warning
from digest.check.legibility import preview_of
from digest.model import (
    Edition,
    EditionName,
    Finding,
    Newsletter,
    PictureRuling,
    Rendered,
    Severity,
    StoryId,
)

_GRAVITY = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.INFO: 2}


def check_rendered(
    rendered: Rendered,
    edition: Edition | None,
    newsletter: Newsletter | None,
    *,
    readers: int = 0,
    is_local: bool = False,
    hosted_bytes: int = 0,
    rulings: Mapping[StoryId, PictureRuling] | None = None,
    find_owners: FindOwners | None = None,
) -> list[Finding]:
    """Return what is wrong with a rendering, the worst first.

    Without an edition or a newsletter, as for a folder of saved files, the rules that need one are left out;
    without `rulings` on its pictures, the rule about their rights. `is_local` is true where the message goes to
    a sink on this machine; `hosted_bytes` is what its hosted pictures weigh. With `find_owners`, what is wrong with
    a link or a picture names its story.
    """
    document = parse_document(rendered.html, find_owners=find_owners)
    if document is None:
        return [_empty()]
    sheet = message.Sheet(
        rendered=rendered,
        document=document,
        edition=edition,
        newsletter=newsletter,
        readers=readers,
        is_local=is_local,
        hosted_bytes=hosted_bytes,
        rulings=rulings or {},
    )
    findings = _of_markup(document)
    for rule in message.RULES:
        findings.extend(rule(sheet))
    return worst_first(findings)


def check_html(html: str) -> list[Finding]:
    """Return what is wrong with the HTML of an email alone, the worst first."""
    document = parse_document(html)
    if document is None:
        return [_empty()]
    findings = _of_markup(document)
    findings += [
        warning("third-party", host, f"Opening the email tells {host} about the reader.")
        for host in sorted(markup.loaded_hosts(document))
    ]
    return worst_first(findings)


def check_saved(html: str, *, text: str, subject: str) -> list[Finding]:
    """Return what is wrong with an email that was saved as files, the worst first."""
    document = parse_document(html)
    preheader = preview_of(document) if document else ""
    name = EditionName(newsletter="saved", date=date.min)
    return check_rendered(
        Rendered(name=name, subject=subject, preheader=preheader, html=html, text=text, mjml=""), None, None
    )


def _of_markup(document: Document) -> list[Finding]:
    return [finding for rule in markup.RULES for finding in rule(document)]


def _empty() -> Finding:
    return error("empty", "html", "There is no HTML to send. Render the edition again.")


def worst_first(findings: list[Finding]) -> list[Finding]:
    """Order by severity, keep the rules' order within one, and drop repetitions."""
    return sorted(dict.fromkeys(findings), key=lambda finding: _GRAVITY[finding.severity])
