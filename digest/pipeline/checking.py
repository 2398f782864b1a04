"""Look an edition over before it is sent: its rendering, its pictures' rights and its editor's words."""

from __future__ import annotations

import re

from digest.check.links import is_loopback
from digest.check.preflight import check_rendered, worst_first
from digest.config import SmtpSettings
from digest.model import Edition, Finding, Rendered
from digest.pipeline.parts import Parts
from digest.pipeline.reviewing import Remark, as_findings, remarks_on_cuts, review
from digest.pipeline.rights import rule_pictures
from digest.render.costs import stories_of
from digest.trimmed import trim

RELAY_PORTS = (25, 465, 587)
"""Where a mail server on this machine takes messages for the world; on another port listens a sink."""


def review_edition(parts: Parts, edition: Edition) -> tuple[Remark, ...]:
    """Return what the editor should look at in an edition's words."""
    return review(edition, parts.stores.stories.find)


def check_edition(parts: Parts, edition: Edition, rendered: Rendered, *, readers: int) -> list[Finding]:
    """Return all findings on an edition as it was laid out, the worst first."""
    printed = trim(edition, rendered.cuts)
    findings = check_rendered(
        rendered,
        printed,
        parts.newsletter,
        readers=readers,
        is_local=stays_here(parts.config.smtp),
        hosted_bytes=_hosted_bytes(parts, rendered),
        rulings=rule_pictures(printed, parts.config),
        find_owners=lambda body: stories_of(body, printed),
    )
    remarks = (*remarks_on_cuts(rendered.cuts, edition), *review_edition(parts, printed))
    return worst_first(findings + as_findings(remarks, edition))


def _hosted_bytes(parts: Parts, rendered: Rendered) -> int:
    """Return what the pictures weigh that our own pages give out."""
    if not parts.newsletter.public_url:
        return 0
    address = re.escape(f"{parts.newsletter.public_url}/images/")
    names = set(re.findall(rf'src="{address}([^"/]+)"', rendered.html))
    found = map(parts.stores.pictures.find_by_name, names)
    return sum(len(picture.content) for picture in found if picture is not None)


def stays_here(smtp: SmtpSettings) -> bool:
    """Return whether messages go to a sink on this machine, as in a rehearsal."""
    return smtp.transport == "smtp" and is_loopback(smtp.host) and smtp.port not in RELAY_PORTS
