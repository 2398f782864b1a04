"""How large the email of an edition is: kilobytes of HTML for 15 stories, all of them with pictures."""

from __future__ import annotations

from digest.render.compose import render_edition
from tests.render.sample import TEMPLATE, make_edition, make_newsletter, make_stub_pictures

LIMITS = {"html_kb_15_stories": 45.0}


def measure() -> dict[str, float]:
    """Render the sample edition of 15 stories."""
    edition = make_edition(15)
    rendered = render_edition(
        edition, make_newsletter(), template_folder=TEMPLATE, pictures=make_stub_pictures(edition)
    )
    return {"html_kb_15_stories": round(len(rendered.html.encode()) / 1000, 1)}
