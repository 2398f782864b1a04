"""Look an edition over before it is sent: its rendering, its pictures' rights and its editor's words."""

from __future__ import annotations

from digest.check.preflight import check_rendered, worst_first
from digest.model import Edition, Finding, Rendered
from digest.pipeline.parts import Parts
from digest.pipeline.reviewing import Remark, as_findings, review
from digest.pipeline.rights import rule_pictures


def review_edition(parts: Parts, edition: Edition) -> tuple[Remark, ...]:
    """Return what the editor should look at in an edition's words."""
    return review(edition, parts.stores.stories.find)


def check_edition(parts: Parts, edition: Edition, rendered: Rendered, *, readers: int) -> list[Finding]:
    """Return all findings on an edition as it was laid out, the worst first."""
    findings = check_rendered(
        rendered, edition, parts.newsletter, readers=readers, rulings=rule_pictures(edition, parts.config)
    )
    return worst_first(findings + as_findings(review_edition(parts, edition), edition))
