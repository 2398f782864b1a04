"""Read a page that was saved as text into a story."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, tzinfo

from digest.charset import decode, repair_mojibake
from digest.errors import NoStoryError
from digest.extract.canonical import story_id
from digest.extract.dump_byline import find_date, find_names
from digest.extract.dump_roles import Reading, read_roles
from digest.extract.dump_teasers import SUMMARY_RULE
from digest.extract.language import find_language
from digest.extract.phrases import RELATED_HEADING
from digest.extract.roles import Role, Ruled
from digest.model import Capture, Link, Story
from digest.moment import with_zone

MAX_CHARS = 3_000_000
_PATH = re.compile(r"\s*[>›»❯/]\s*")
_HOME = re.compile(
    r"(?:home(?:page)?|start(?:seite|pagina|sida)?|accueil|inicio|início|hjem|hem|etusivu|strona główna|"
    r"anasayfa|главная|головна|trang chủ|トップ|ホーム|홈|首頁|首页|الرئيسية)$",
    re.I,
)
_OWNER = re.compile(
    r"(?:©|copyright)\s*(?:copyright\s*)?(?:\d{4}(?:\s*[-–]\s*\d{4})?)?\s*(?:by\s+)?([^.,|©™®]{2,40})", re.I
)


def read_dump(capture: Capture, *, zone: tzinfo | None = None) -> Story:
    """Return the story of a text dump; raise NoStoryError with a sentence where it holds none."""
    reading = read_roles(repair_mojibake(decode(capture.content, capture.encoding)[:MAX_CHARS]))
    paragraphs, blurb_end = _paragraphs(reading)
    if not paragraphs:
        raise NoStoryError(
            f"{capture.source} holds no story: no paragraphs of text were found. Save another page."
        )
    ruled = reading.ruled
    top = reading.headline if reading.headline is not None else reading.first
    title = (
        _punctuated(ruled[:top], ruled[top].line.text)
        if reading.headline is not None
        else paragraphs[0][:120]
    )
    moment = find_date(ruled, top, reading.first, reading.end)
    published_at, assumed = with_zone(moment, zone or UTC) if moment else (None, False)
    authors = find_names(ruled, top, reading.first, reading.end)
    images = tuple(figure.image for figure in reading.figures)
    section, tags = _path(ruled[: reading.first], title)
    text = "\n\n".join(paragraphs)
    return Story(
        id=story_id(url=None, title=title, text=text),
        source=capture.source,
        title=title,
        text=text,
        description=next((item.line.text for item in ruled if item.role is Role.DEK), None),
        authors=authors,
        published_at=published_at,
        published_at_assumed=assumed,
        site=_site(ruled),
        section=section or capture.section or None,
        tags=tags,
        language=find_language(None, text),
        blurb_end=blurb_end,
        lead_image=images[0] if images else None,
        images=images,
        related=_related(ruled),
    )


def explain_dump(content: str | bytes, *, encoding: str | None = None) -> list[tuple[int, str, Role, str]]:
    """Return the number and text of each line of a dump that holds any, its role, and the rule that gave it.

    Roles are those that `read_dump` goes by: what is no part of its story's text is no BODY or SUBHEAD.
    """
    text = decode(content, encoding) if isinstance(content, bytes) else content
    reading = read_roles(repair_mojibake(text[:MAX_CHARS]))
    ruled = reading.ruled
    top = reading.headline if reading.headline is not None else reading.first
    find_date(ruled, top, reading.first, reading.end)
    find_names(ruled, top, reading.first, reading.end)
    kept = set(reading.story)
    for position, item in enumerate(ruled):
        if item.role in (Role.BODY, Role.SUBHEAD) and position not in kept:
            item.become(Role.CHROME, f"outside the story: {item.rule}")
    return [(item.line.number, item.line.text, item.role, item.rule) for item in ruled]


def _paragraphs(reading: Reading) -> tuple[list[str], int | None]:
    """Return the story's paragraphs, and from which offset on they are no material for a blurb.

    What follows both a sign-up form or a list of other stories, and is less than half of what came before, is
    an afterword.
    """
    ruled = reading.ruled
    kept = reading.story
    breaks = [p for p in range(reading.first, reading.end) if _is_break(ruled, p)]
    paragraphs = [ruled[p].line.text for p in kept]
    for at in breaks:
        before = [ruled[p].line for p in kept if p < at]
        after = [ruled[p].line for p in kept if p > at]
        if before and after and 2 * sum(line.words for line in after) < sum(line.words for line in before):
            return paragraphs, len("\n\n".join(line.text for line in before))
    return paragraphs, None


def _is_break(ruled: Sequence[Ruled], position: int) -> bool:
    item = ruled[position]
    if item.role is Role.SIGN_UP:
        return any(other.role is Role.RELATED for other in ruled[position : position + 12])
    return item.role is Role.RELATED and bool(RELATED_HEADING.match(item.line.text))


def _punctuated(above: Sequence[Ruled], title: str) -> str:
    """Return the title as a line above writes it with a colon, where the headline runs its kicker into it."""
    wanted = _letters(title)
    for item in above:
        text = item.line.text
        if ":" in text and text.count(":") > title.count(":") and _letters(text) == wanted:
            return text
    return title


def _letters(text: str) -> str:
    return "".join(char for char in text.casefold() if char.isalnum())


def _path(above: Sequence[Ruled], title: str) -> tuple[str | None, tuple[str, ...]]:
    """Return the section and the tag that a breadcrumb line names."""
    for item in reversed(above):
        if item.role is Role.BREADCRUMB:
            parts = [part.strip() for part in _PATH.split(item.line.text) if part.strip()]
            parts = [part for part in parts if part != title]
            if len(parts) > 1 and (len(parts) > 2 or _HOME.match(parts[0])):
                parts = parts[1:]
            if parts:
                return parts[0], tuple(parts[1:])
    return None, ()


def _site(ruled: Sequence[Ruled]) -> str | None:
    """Return the outlet's name: a logo's word that stands twice, else the owner of the copyright."""
    for item in ruled[:40]:
        text = item.line.text
        half = len(text) // 2
        if len(text) > 5 and len(text) % 2 == 0 and text[:half] == text[half:] and text[:half].strip():
            return text[:half].strip()
    for item in reversed(ruled):
        found = _OWNER.search(item.line.text) if item.role is Role.LEGAL else None
        if found and found.group(1).strip():
            return re.sub(r"\s+(?:19|20)\d\d$", "", found.group(1).strip())
    return None


def _related(ruled: Sequence[Ruled]) -> tuple[Link, ...]:
    """Return the titles of the other stories that the dump lists."""
    titles = [
        item.line.text
        for item in ruled
        if item.role is Role.RELATED
        and item.rule != SUMMARY_RULE
        and 3 <= item.line.words <= 40
        and not (item.line.words > 10 and item.line.text.endswith("."))
        and not RELATED_HEADING.match(item.line.text)
    ]
    return tuple(Link(title=title) for title in dict.fromkeys(titles))[:12]
