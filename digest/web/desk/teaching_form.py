"""Read the form in which a story is corrected: what differs from how it is read now is the correction."""

from __future__ import annotations

from dataclasses import dataclass, replace

from digest.extract.teaching import Correction
from digest.model import Story
from digest.web.forms import Fields

EDGE_WORDS = 12
PASSAGE = 240
PARAGRAPHS_SHOWN = 150
"""So many paragraphs can be ticked; a form of ours has two hundred fields at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TeachingForm:
    """The form's fields as they are shown; `kept` are the places of the paragraphs that belong to the story."""

    title: str
    authors: str
    date: str
    first: str
    last: str
    caption: str
    credit: str
    paragraphs: tuple[str, ...]
    kept: frozenset[int]

    @property
    def edges(self) -> tuple[str, str]:
        """Return the words that the ticked paragraphs start and end with."""
        kept = [self.paragraphs[place] for place in sorted(self.kept)]
        return (_start(kept[0]), _end(kept[-1])) if kept else ("", "")


def form_of(story: Story) -> TeachingForm:
    """Return the form as it stands before anything is corrected."""
    paragraphs = tuple(one for one in story.text.split("\n\n") if one)[:PARAGRAPHS_SHOWN]
    image, date = story.lead_image, story.published_at
    return TeachingForm(
        title=story.title,
        authors=", ".join(story.authors),
        date=f"{date:%Y-%m-%dT%H:%M%z}" if date else "",
        first=_start(paragraphs[0]) if paragraphs else "",
        last=_end(story.text.split("\n\n")[-1]) if paragraphs else "",
        caption=(image.caption if image else None) or "",
        credit=(image.credit if image else None) or "",
        paragraphs=paragraphs,
        kept=frozenset(range(len(paragraphs))),
    )


def filled_in(blank: TeachingForm, fields: Fields) -> TeachingForm:
    """Return the form as it was sent."""
    ticked = {int(one) for one in fields.all("keep") if one.isascii() and one.isdigit()}

    def told(name: str, before: str) -> str:
        return " ".join(fields.one(name).split()) if name in fields.values else before

    return replace(
        blank,
        title=told("title", blank.title),
        authors=told("authors", blank.authors),
        date=told("date", blank.date),
        first=told("first", blank.first),
        last=told("last", blank.last),
        caption=told("caption", blank.caption),
        credit=told("credit", blank.credit),
        kept=frozenset(ticked & set(range(len(blank.paragraphs)))),
    )


def corrections_of(blank: TeachingForm, sent: TeachingForm) -> list[Correction]:
    """Return what is told by what differs, in the ways it may be told, the one that lasts longest first.

    A paragraph that is no part of the story is dropped by itself; where nothing sets it apart and it stands at an
    edge, the text is told by its start and end. Empty where nothing differs.
    """

    def told(name: str) -> str:
        words: str = getattr(sent, name)
        return words if words != " ".join(getattr(blank, name).split()) else ""

    authors = tuple(one.strip() for one in told("authors").split(",") if one.strip())
    plain = Correction(
        title=told("title"),
        first=told("first"),
        last=told("last"),
        caption=told("caption"),
        credit=told("credit"),
        authors=authors,
        date=told("date"),
    )
    gone = sorted(blank.kept - sent.kept)
    if not gone:
        return [] if plain == Correction() else [plain]
    dropped = replace(plain, drop=tuple(_passage(blank.paragraphs[place]) for place in gone))
    if not sent.kept:
        return [dropped]
    first, last = sent.edges
    inner = [place for place in gone if min(sent.kept) < place < max(sent.kept)]
    ends_there = _end(blank.paragraphs[-1]) == blank.last
    by_edges = replace(
        plain,
        first=plain.first or (first if 0 in gone else ""),
        last=plain.last or (last if ends_there and len(blank.paragraphs) - 1 in gone else ""),
        drop=tuple(_passage(blank.paragraphs[place]) for place in inner),
    )
    return [dropped] if by_edges in (plain, dropped) else [dropped, by_edges]


def _start(paragraph: str) -> str:
    return " ".join(paragraph.split()[:EDGE_WORDS])


def _end(paragraph: str) -> str:
    return " ".join(paragraph.split()[-EDGE_WORDS:])


def _passage(paragraph: str) -> str:
    """Return enough of a paragraph to know it by."""
    text = " ".join(paragraph.split())
    return text if len(text) <= PASSAGE else text[:PASSAGE].rpartition(" ")[0]
