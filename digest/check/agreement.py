"""The rules about the two parts of a message: what the HTML tells, the text part tells too."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import unquote

from digest.check.document import Document, error, plain_words, warning
from digest.model import Edition, Finding, Item


def same_stories(document: Document, text: str, edition: Edition) -> Iterator[Finding]:
    """Want each story in both parts, with its headline, and with a blurb and a link where the HTML has them."""
    html, plain = squeezed(document.words), squeezed(text)
    hrefs = {unquote((link.get("href") or "").strip()) for link in document.every("a")}
    in_html = in_text = 0
    for item in edition.items:
        headline, where = squeezed(item.headline), _cut(item.headline)
        parts = {"HTML": headline in html, "text part": headline in plain}
        in_html, in_text = in_html + parts["HTML"], in_text + parts["text part"]
        missing = [name for name, is_there in parts.items() if not is_there]
        if missing:
            yield error(
                "missing-story",
                where,
                f"This story is not in the {' nor the '.join(missing)}.",
                story=item.story_id,
            )
            continue
        yield from _same_details(item, where, html=html, hrefs=hrefs, plain=plain, text=text)
    if in_html != in_text:
        yield error(
            "story-count",
            "text",
            f"The HTML tells {in_html} stories and the text part {in_text}. Mend the layout's text template.",
        )


def same_headings(document: Document, text: str) -> Iterator[Finding]:
    """Want each heading of the HTML in the text part: all that can be asked of saved files."""
    plain = squeezed(text)
    for heading in document.every("h1", "h2", "h3"):
        words = plain_words(str(heading.text_content()))
        if squeezed(words) not in plain:
            yield error("missing-story", _cut(words), "This heading is not in the text part.")


def squeezed(text: str) -> str:
    """Return only the letters and digits: layouts change case, break lines and mend spaces."""
    return "".join(filter(str.isalnum, text.casefold()))


def _same_details(
    item: Item, where: str, *, html: str, hrefs: set[str], plain: str, text: str
) -> Iterator[Finding]:
    blurb = squeezed(item.text)
    if blurb in html and blurb not in plain:
        yield warning(
            "text-blurb",
            where,
            "This story's blurb is in the HTML and not in the text part. Mend the template.",
            story=item.story_id,
        )
    url = item.url or ""
    if unquote(url) in hrefs and url not in text and unquote(url) not in text:
        yield warning(
            "text-link",
            where,
            "This story's link is in the HTML and not in the text part. Mend the template.",
            story=item.story_id,
        )


def _cut(headline: str) -> str:
    line = " ".join(headline.split())
    return line if len(line) <= 60 else line[:57] + "..."
