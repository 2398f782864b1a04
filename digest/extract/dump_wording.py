"""Give a dump's lines the roles that their wording alone tells, whatever stands around them."""

from __future__ import annotations

import re

from digest.extract.credit import looks_like_credit
from digest.extract.dump_lines import Line
from digest.extract.phrases import (
    AD_LABEL,
    COMMENTS,
    ERROR_REPORT,
    LEGAL,
    PAYWALL,
    POINTER,
    RELATED_HEADING,
    RIGHTS,
    SHARE,
    is_sign_up,
)
from digest.extract.roles import Role, Ruled
from digest.extract.spoken_date import find_spoken_date

_BREADCRUMB = re.compile(r"^[^.!?]{1,60}(?:\s[>›»❯/]\s[^.!?>]{1,80}){1,6}$")
_BYLINE = re.compile(
    r"^\W*(?i:(?:(?:written|reported|story|words|text|posted|published|article|opinion|analysis|"
    r"live reporting|compiled)\s+)?by\b:?|"
    r"(?:(?:ein |eine )?(?:kommentar|gastbeitrag|analyse|interview|reportage|bericht|essay|text|kolumne|"
    r"protokoll)\s+)?von\b|"
    r"par|por|door|di|av|af|od|autor(?:in|en)?:?|author:?|auteur:?|autore:?|tekst:?|text(?:e|o)?:|"
    r"автор:?|redacción:?|كتب:|كتبت:|بقلم:?|تقرير:?)(?:\s+|(?<=:))"
    r"(?=[A-ZÀ-ÞÁČĎÉĚÍŇÓŘŠŤÚŮÝŽŁŚĆŻŹĄĘŃА-Я\u0621-\u064a]|dpa\b|afp\b|sda\b)"
)
_OWNER = re.compile(
    r"^\W*(?:©|\(c\)|copyright)\s*(?:(?:19|20)\d\d\b.{0,60}|.{2,60}\b(?:19|20)\d\d\W*)$", re.I
)
_CLOCK = re.compile(r"^\W*\d{1,2}[:.h]\d{2}\b.{0,14}$")
_ONLY_MARKS = re.compile(r"^\W+$")


def rule_by_wording(lines: list[Line]) -> list[Ruled]:
    """Return the lines with the roles that need no context; all others are chrome for now."""
    ruled = [Ruled(line) for line in lines]
    for position, item in enumerate(ruled):
        _rule(item)
        if _OWNER.match(item.line.text) and 2 * position > len(ruled):
            item.become(Role.LEGAL, "the owner and the year, in the dump's second half")
    return ruled


def _rule(item: Ruled) -> None:
    line, text = item.line, item.line.text
    lower = text.lower()
    if RIGHTS.search(lower) and line.words <= 120:
        item.become(Role.LEGAL, "copyright wording")
    elif _ONLY_MARKS.match(text):
        item.become(Role.CHROME, "marks without words")
    elif AD_LABEL.match(text):
        item.become(Role.AD, "the wording of an advertisement's label")
    elif COMMENTS.match(text):
        item.become(Role.COMMENTS, "the heading of comments")
    elif RELATED_HEADING.match(text) and line.words <= 9:
        item.become(Role.RELATED, "the heading of a list of other stories")
    elif line.words <= 40 and POINTER.match(text) and not (line.words > 25 and line.ends_sentence):
        item.become(Role.POINTER, "points to another story")
    elif SHARE.match(text) or _is_share_run(text):
        item.become(Role.SHARE, "a button or a link to share")
    elif line.words <= 60 and ERROR_REPORT.search(lower):
        item.become(Role.LEGAL, "asks for reports of errors")
    elif line.words <= 90 and LEGAL.search(lower) and not looks_like_credit(text):
        item.become(Role.LEGAL, "copyright or legal wording")
    elif is_sign_up(text):
        item.become(Role.SIGN_UP, "asks to sign up, or holds the consent for it")
    elif line.words <= 60 and PAYWALL.search(lower):
        item.become(Role.SIGN_UP, "says that the rest is for subscribers")
    elif _BYLINE.match(text) and line.words <= 25 and not line.ends_sentence:
        item.become(Role.BYLINE, "starts as a byline does")
    elif line.words <= 16 and looks_like_credit(text):
        item.become(Role.CREDIT, "the label or the name of a picture's owner")
    elif is_date_line(line):
        item.become(Role.DATE, "holds a date and little else")
    elif _BREADCRUMB.match(text) and line.words <= 16:
        item.become(Role.BREADCRUMB, "a path through the site's sections")
    elif len(text) > 1 and text == text[: len(text) // 2] * 2:
        item.become(Role.CHROME, "the same word twice: a logo with its description")


def is_date_line(line: Line) -> bool:
    """Say whether a line holds a date or a time and little else."""
    if line.words > 22 or not any(char.isdigit() for char in line.text):
        return False
    if _CLOCK.match(line.text):
        return True
    return (
        len(line.text) <= 140
        and (line.words <= 8 or not line.has_sentences)
        and find_spoken_date(line.text) is not None
        and (line.words <= 12 or not line.ends_sentence)
    )


def _is_share_run(text: str) -> bool:
    """Say whether share links ran together: `Link to FacebookShare to XShare to Email`."""
    found = re.findall(
        r"(?:share|link|save) (?:to|on|via) \w+|teilen|whatsapp|facebook|twitter|e-?mail|flipboard",
        text,
        re.I,
    )
    return len(found) >= 3 and sum(map(len, found)) > len(text) // 3
