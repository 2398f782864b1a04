"""The rules about what an email looks like: contrast by day and by night, size of type, hidden text, pictures alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from digest.check.colours import contrast
from digest.check.document import Document, plain_words, warning
from digest.check.looks import Look, Page, Text, has_dark_scheme
from digest.model import Finding

SMALLEST = 14
LARGE, LARGE_BOLD = 24.0, 18.66
"""Sizes from which a lower contrast will do (WCAG 2.2, 1.4.3)."""
UNREADABLE = 1.1
HIDDEN_LETTERS = 40
PREVIEW_LETTERS = 250
FEWEST_LETTERS = 200
"""Letters under which an email with pictures is taken for one picture."""


def legibility(document: Document) -> Iterator[Finding]:
    """Want text that can be read, in the light scheme and in the dark one where the email has one."""
    page = Page(document)
    by_day = [text for text in page.texts() if _letters(text.words)]
    yield from _contrast(by_day, "contrast", "")
    if has_dark_scheme(document):
        by_night = [text for text in page.texts(is_dark=True) if _letters(text.words)]
        yield from _contrast(by_night, "contrast-dark", " in dark mode")
    yield from _sizes(by_day)
    yield from _hidden(by_day)
    letters = sum(_letters(text.words) for text in by_day if not _is_unseen(text.look))
    if letters < FEWEST_LETTERS and any(True for _ in document.every("img")):
        yield warning(
            "image-only",
            "html",
            f"There are pictures and only {letters} letters of text; filters take that for spam.",
        )


def preview_of(document: Document) -> str:
    """Return the hidden words at an email's start, which inboxes show after the subject."""
    words = []
    for text in Page(document).texts():
        if not _letters(text.words):
            continue
        if not text.look.is_hidden:
            break
        words.append(text.words)
    return plain_words(
        "".join(c for c in " ".join(words) if c.isprintable() and c not in "\u034f\u200c\u200b")
    )


def _contrast(told: Iterable[Text], rule: str, when: str) -> Iterator[Finding]:
    """Name each pair of colours that is hard to read, once, by the first text that has it."""
    seen: set[tuple[str, str, float]] = set()
    for text in told:
        look = text.look
        if _is_unseen(look) or look.is_over_picture:
            continue
        wanted = 3.0 if look.size >= LARGE or (look.is_bold and look.size >= LARGE_BOLD) else 4.5
        pair = (str(look.colour), str(look.background), wanted)
        ratio = contrast(look.colour, look.background)
        if ratio < wanted and pair not in seen:
            seen.add(pair)
            yield warning(
                rule,
                _where(text),
                f"{pair[0]} on {pair[1]} has a contrast of {ratio:.1f}{when}; {wanted:g} is needed. Change a colour.",
            )


def _sizes(told: Iterable[Text]) -> Iterator[Finding]:
    seen: set[float] = set()
    for text in told:
        size = text.look.size
        if size < SMALLEST and size not in seen and not _is_unseen(text.look):
            seen.add(size)
            yield warning(
                "text-size",
                _where(text),
                f"This text is set in {size:.3g} px; {SMALLEST} px is the least to be read.",
            )


def _hidden(told: Iterable[Text]) -> Iterator[Finding]:
    """Name text that readers do not see, other than the preview at the start."""
    is_start, letters, first = True, 0, ""
    for text in told:
        if not _is_unseen(text.look):
            is_start = False
            continue
        if is_start and text.look.is_hidden and _letters(text.words) <= PREVIEW_LETTERS:
            continue
        letters += _letters(text.words)
        first = first or _where(text)
    if letters >= HIDDEN_LETTERS:
        yield warning(
            "hidden-text",
            first,
            f"{letters} letters of text are hidden, as spam hides it. Show or remove them.",
        )


def _is_unseen(look: Look) -> bool:
    if look.is_hidden or look.size <= 2:
        return True
    return not look.is_over_picture and contrast(look.colour, look.background) < UNREADABLE


def _letters(words: str) -> int:
    return sum(map(str.isalnum, words))


def _where(text: Text) -> str:
    line = plain_words(text.words)
    return line if len(line) <= 60 else line[:57] + "..."
