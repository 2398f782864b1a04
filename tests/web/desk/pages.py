"""Saved pages of an invented site, each with an advertisement of its own that is read as part of the story."""

from __future__ import annotations

from pathlib import Path

STORY = "Harbor reopens after a year of work"
OTHER = "Night trams return to the north side"
PROMO = (
    "Readers of The Quay get the weekend paper and the crossword for half the price until the end of the month, "
    "and the archive with it."
)
PAGE = """<!doctype html>
<html lang="en">
<head><title>{title} | The Quay</title><link rel="canonical" href="https://quay.example/news/{slug}"></head>
<body>
<header><a href="/">The Quay</a></header>
<main><article>
<h1 class="headline">{title}</h1>
<p class="byline">By Ada Brandt</p>
<div class="text">{text}<div class="promo-box"><p>{promo}</p></div></div>
</article></main>
<footer>© The Quay</footer>
</body></html>
"""


def write_page(folder: Path, title: str = STORY, *, slug: str = "harbor") -> Path:
    """Save a page with a story of that title."""
    text = "".join(
        f"<p>{title}: paragraph {number} tells how the town went about it, whom it asked, and what it cost, in "
        "words enough to be a paragraph of its own.</p>"
        for number in range(1, 6)
    )
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{slug}.html"
    path.write_text(PAGE.format(title=title, slug=slug, text=text, promo=PROMO), encoding="utf-8")
    return path
