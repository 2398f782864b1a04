"""Read the authors and the date that stand around a dump's headline."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from digest.extract.byline import JOB, clean_names, is_name, split_byline
from digest.extract.credit import looks_like_credit
from digest.extract.dump_lines import Line
from digest.extract.roles import Role, Ruled
from digest.extract.spoken_date import find_spoken_date

_AGENCY = re.compile(
    r"^(?:the )?(?:associated press|ap|afp|reuters|dpa|apa|sda|ansa|efe|press association|pa|agencies|"
    r"bbc news|"
    r"kyodo news|jiji press|bloomberg|xinhua|sid|kna|epd|deutsche presse-agentur|"
    r"agence france-presse)(?:[/, ]+\w+)?$",
    re.I,
)
_DATE_PART = re.compile(
    r"\s*[|,•·–—/-]?\s*(?:\b(?:on|am|vom|le|el|den|published|updated|stand|posted|"
    r"(?:mon|tue|wed|thu|fri|sat|sun)\w*)\b:?,?\s*)*"
    r"(?:\d{1,2}[./-]\d{1,2}[./-]\d{2,4}|\d{4}-\d\d-\d\d|\d{1,2}\.?\s+\w+\.?\s+\d{4}|"
    r"\w+\.?\s+\d{1,2},?\s+\d{4}|"
    r"\d+ (?:sec|min|hour|day|week|month|year)\w* ago).*$",
    re.I,
)
_AGE = re.compile(
    r"\b(?:\d+|an?|one) (?:sec|min|hr|hour|day|week|month|year)\w* ago\b|"
    r"\b(?:vor|il y a|hace|há|for) \d+ (?:s|m|h|t|d|j)\w*",
    re.I,
)
_UPDATED = re.compile(
    r"^\W*(?:(?:last )?updated?|modified|aktualisiert|zuletzt|sist oppdatert|oppdatert|mis à jour|"
    r"actualizado|"
    r"aggiornato|atualizado|güncelleme|uppdaterad|opdateret|更新|수정)",
    re.I,
)
_PUBLISHED = re.compile(
    r"publi|posted|veröffentlicht|erstellt|stand|created|issued|first|pubblicato|gepubliceerd|"
    r"opublikowano|yayın|"
    r"giriş|입력|公開|配信",
    re.I,
)
_CAMEL = re.compile(r"(?<=[a-zß-ÿ])(?=[A-Z][a-z])")
_UNSIGNED = (Role.CHROME, Role.SUBHEAD, Role.CREDIT, Role.DATE)
_LOOK_BACK = 8


def head_of(ruled: Sequence[Ruled], headline: int, first: int, end: int) -> list[int]:
    """Return the positions from above the headline to the second paragraph of the story."""
    positions = []
    paragraphs = 0
    for position in range(max(0, headline - _LOOK_BACK), min(end, max(first, headline) + 40, len(ruled))):
        item = ruled[position]
        if position >= first and item.role is Role.BODY and item.line.words >= 12 and item.line.is_alone:
            paragraphs += 1
            if paragraphs == 2:
                break
        positions.append(position)
    return positions


def find_names(ruled: Sequence[Ruled], headline: int, first: int, end: int) -> tuple[str, ...]:
    """Return the authors named between the headline and the story, else just after the story."""
    head = head_of(ruled, headline, first, end)
    named = [name for p in head if ruled[p].role is Role.BYLINE for name in byline_names(ruled[p].line.text)]
    if clean_names(named):
        return clean_names(named)
    runs = _runs_of_names(ruled, [p for p in head if p > headline])
    dated = [run for run in runs if _is_dated(ruled, run)]
    for run in (dated or runs)[:1]:
        for position in run:
            if ruled[position].role is not Role.DATE:
                ruled[position].become(Role.BYLINE, "a name between the headline and the story")
        return clean_names([leading_name(ruled[position].line) or "" for position in run])
    return _names_below(ruled, first, end)


def _runs_of_names(ruled: Sequence[Ruled], head: Sequence[int]) -> list[list[int]]:
    """Return the lines under the headline that are names or begin with one, those next to each other together."""
    runs: list[list[int]] = []
    for position in head:
        if ruled[position].role not in _UNSIGNED or leading_name(ruled[position].line) is None:
            continue
        if runs and position == runs[-1][-1] + 1:
            runs[-1].append(position)
        else:
            runs.append([position])
    return runs


def _is_dated(ruled: Sequence[Ruled], run: Sequence[int]) -> bool:
    """Say whether a date stands in one of these lines, or within two of them."""
    near = ruled[max(0, run[0] - 2) : run[-1] + 3]
    return any(item.role is Role.DATE or _AGE.search(item.line.text) for item in near)


def leading_name(line: Line) -> str | None:
    """Return the name that a line is, or starts with before a job or a date; None where it is none."""
    text = _CAMEL.sub(" ", _DATE_PART.sub("", re.sub(r"^by(?=[A-Z])", "", line.text))).strip(" ,|•·-–")
    if len(line.text) > 90 or line.repeats > 3:
        return None
    if _AGENCY.match(text):
        return text
    job = JOB.search(text)
    if job and job.start() > 0:
        words = text[: job.start()].strip(" ,|•·-–").split()
        text = " ".join(words[:2] if len(words) == 3 else words)
    return text if is_name(text) and not looks_like_credit(text) else None


def _names_below(ruled: Sequence[Ruled], first: int, end: int) -> tuple[str, ...]:
    """Return the names that sign a story at its end; one that the story speaks of is a topic, and no author."""
    for position in range(end, min(len(ruled), end + 4)):
        line = ruled[position].line
        if ruled[position].role is Role.BYLINE:
            return clean_names(byline_names(line.text))
        if position == end and is_name(line.text) and line.repeats <= 3:
            surname = line.text.split()[-1]
            if not any(surname in item.line.text for item in ruled[first:end]):
                return clean_names([line.text])
    return ()


def byline_names(text: str) -> list[str]:
    """Return the names in a byline, without the jobs, places and date that may follow them.

    Beside a person the agency is left out.
    """
    names: list[str] = []
    for part in split_byline(_DATE_PART.sub("", text)):
        name = re.sub(
            r"\s*\d+$|\s+(?:(?:for|für|pour|para|mit|with|in|at|from|aus)\s.*|follow.*|folgen)$",
            "",
            part,
            flags=re.I,
        ).strip()
        if names and re.match(r"(?:in|aus|from|à|en)\s", name):
            break
        if name and not JOB.search(name) and not any(c.isdigit() for c in name):
            names.append(name)
    people = [name for name in names if is_name(name) and not _AGENCY.match(name)]
    return people or names


def find_date(ruled: Sequence[Ruled], headline: int, first: int, end: int) -> datetime | None:
    """Return the date near the headline, that of publication before that of a change."""
    found: list[tuple[int, int, datetime]] = []
    for position in head_of(ruled, headline, first, end):
        item = ruled[position]
        text = item.line.text
        if item.line.words > 30 or item.role in (Role.BODY, Role.DEK, Role.CAPTION, Role.HEADLINE):
            continue
        moment = find_spoken_date(text)
        if moment is None:
            continue
        if (
            moment.hour == moment.minute == 0
            and position + 1 < len(ruled)
            and ruled[position + 1].line.words <= 4
        ):
            moment = find_spoken_date(f"{text} {ruled[position + 1].line.text}") or moment
        rank = 2 if _UPDATED.search(text) else 0 if _PUBLISHED.search(text) else 1
        rank += 3 * (item.role not in (Role.DATE, Role.BYLINE))
        if item.role is Role.CHROME:
            item.become(Role.DATE, "a date near the headline")
        found.append((rank, abs(position - headline), moment))
    if found:
        return min(found, key=lambda entry: entry[:2])[2]
    below = [find_spoken_date(item.line.text) for item in ruled[end : end + 12] if item.role is Role.DATE]
    dates = [moment for moment in below if moment is not None]
    return dates[0] if len(dates) == 1 else None
