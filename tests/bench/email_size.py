"""How large the email of an edition is: kilobytes of HTML for 15 stories, all of them with pictures."""

from __future__ import annotations

from tests.render.sample import sample_html

LIMITS = {"html_kb_15_stories": 45.0}


def measure() -> dict[str, float]:
    """Render the sample edition of 15 stories."""
    return {"html_kb_15_stories": round(len(sample_html().encode()) / 1000, 1)}
