"""How large the email of an edition is: kilobytes of HTML for 15 and 50 stories, all with pictures, in each layout."""

from __future__ import annotations

from digest.render.compose import render_edition
from tests.render.sample import LAYOUT_NAMES, LAYOUTS, make_edition, make_newsletter, make_stub_pictures

LIMITS = {
    f"{layout}_html_kb_{stories}_stories": most
    for layout in LAYOUT_NAMES
    for stories, most in ((15, 40.0), (50, 80.0))
}


def measure() -> dict[str, float]:
    """Render the sample edition in each layout and size."""
    sizes = {}
    for layout in LAYOUT_NAMES:
        for stories in (15, 50):
            edition = make_edition(stories)
            rendered = render_edition(
                edition,
                make_newsletter(),
                template_folder=LAYOUTS / layout,
                pictures=make_stub_pictures(edition, LAYOUTS / layout),
            )
            sizes[f"{layout}_html_kb_{stories}_stories"] = round(len(rendered.html.encode()) / 1000, 1)
    return sizes
