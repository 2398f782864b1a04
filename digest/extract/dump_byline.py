"""Read the authors, the date and the section that stand around a dump's headline."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from digest.extract.byline import clean_names, split_byline
from digest.extract.dump_lines import Line
from digest.extract.roles import Role, Ruled
from digest.extract.spoken_date import find_spoken_date

_PARTICLE = r"(?:de|da|di|del|della|der|den|van|von|zu|la|le|el|al|bin|y|e|dos|das|du|af|av|ter|O[’'])"
_NAME = re.compile(
    rf"^(?:(?:Dr|Prof|Mr|Mrs|Ms|Sir)\.?\s+)?[^\W\d_a-zß-ÿ][\w’'.-]*(?:\s+(?:{_PARTICLE}|[^\W\d_a-zß-ÿ][\w’'.-]*)){{1,4}}$"
)
_AGENCY = re.compile(
    r"^(?:the )?(?:associated press|ap|afp|reuters|dpa|apa|sda|ansa|efe|press association|pa|agencies|bbc news|kyodo news|jiji press|"
    r"bloomberg|xinhua|sid|kna|epd)(?:[/, ]+(?:\w+))?$",
    re.I,
)
_JOB = re.compile(
    r"\b(?:reporter|editor|correspondent|writer|journalist|news|desk|staff|columnist|contributor|author|photographer|producer|"
    r"redakteur\w*|reporter\w*|korrespondent\w*|redaktion|redactor\w*|journaliste|correspondant\w*|giornalista|senior|chief|special|"
    r"political|health|business|sports?|politics|deputy|assistant|follow|contact|min read)\b",
    re.I,
)
_DATE_PART = re.compile(
    r"\s*[|,•·–—-]?\s*(?:\w+,?\s+)?(?:\d{1,2}[./]\d{1,2}[./]\d{2,4}|\d{1,2}\.?\s+\w+\.?\s+\d{4}|\w+\.?\s+\d{1,2},\s+\d{4}).*$"
)
_UPDATED = re.compile(
    r"^\W*(?:(?:last )?updated?|modified|aktualisiert|zuletzt|sist oppdatert|oppdatert|mis à jour|actualizado|aggiornato|atualizado|"
    r"güncelleme|uppdaterad|opdateret|更新|수정)",
    re.I,
)
_PUBLISHED = re.compile(
    r"publi|posted|veröffentlicht|erstellt|stand|created|issued|first|pubblicato|gepubliceerd|opublikowano|yayın|giriş|입력|公開|配信",
    re.I,
)


def find_names(ruled: Sequence[Ruled], headline: int, first: int, end: int) -> tuple[str, ...]:
    """Return the authors named between the headline and the story, else just after the story."""
    top = range(max(0, headline - 3), min(len(ruled), first + 2))
    named = [
        name
        for position in top
        if ruled[position].role is Role.BYLINE
        for name in byline_names(ruled[position].line)
    ]
    if named:
        return clean_names(named)
    found: list[str] = []
    last = headline
    for position in range(headline + 1, first):
        item = ruled[position]
        if item.role not in (Role.CHROME, Role.CREDIT) or not _is_name(item.line):
            continue
        if found and position > last + 1:
            break
        found.append(item.line.text.strip(" ,|"))
        item.become(Role.BYLINE, "a name between the headline and the story")
        last = position
    if found:
        return clean_names(found)
    bottom = range(end, min(len(ruled), end + 3))
    return clean_names(
        name
        for position in bottom
        if ruled[position].role is Role.BYLINE
        for name in byline_names(ruled[position].line)
    )


def byline_names(line: Line) -> list[str]:
    """Return the names in a byline, without the jobs and the date that may follow them."""
    text = _DATE_PART.sub("", line.text)
    return [
        name for name in split_byline(text) if not _JOB.search(name) and not any(c.isdigit() for c in name)
    ]


def find_date(ruled: Sequence[Ruled], headline: int, first: int) -> datetime | None:
    """Return the date near the headline, that of publication before that of a change."""
    found: list[tuple[int, int, datetime]] = []
    for position in range(max(0, headline - 8), min(len(ruled), first + 4)):
        line = ruled[position].line
        if line.words > 30 or (position >= first and ruled[position].role is Role.BODY):
            continue
        text = line.text
        moment = find_spoken_date(text)
        if moment is None:
            continue
        if (
            moment.hour == moment.minute == 0
            and position + 1 < len(ruled)
            and ruled[position + 1].line.words <= 4
        ):
            moment = find_spoken_date(f"{text} {ruled[position + 1].line.text}") or moment
        if ruled[position].role is Role.CHROME:
            ruled[position].become(Role.DATE, "a date near the headline")
        rank = 2 if _UPDATED.search(text) else 0 if _PUBLISHED.search(text) else 1
        found.append((rank, abs(position - headline), moment))
    return min(found, key=lambda entry: entry[:2])[2] if found else None


def _is_name(line: Line) -> bool:
    text = line.text.strip(" ,|")
    if _AGENCY.match(text):
        return True
    return (
        2 <= line.words <= 4
        and len(text) <= 40
        and line.repeats <= 3
        and bool(_NAME.match(text))
        and not _JOB.search(text)
    )
