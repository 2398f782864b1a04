"""Find a dump's headline, its dek, byline and date: what stands between the site's menu and the story."""

from __future__ import annotations

from collections.abc import Sequence

from digest.extract.credit import split_credit
from digest.extract.dump_lines import Line, content_words
from digest.extract.roles import Role, Ruled

_LOOK_BACK = 250


def find_headline(ruled: Sequence[Ruled], first: int, story: Sequence[int]) -> int | None:
    """Return the position of the headline above the paragraph at `first`; `story` are the story's lines."""
    told_of = content_words(" ".join(ruled[position].line.text for position in story)[:12_000])
    best, best_score = None, 0.6
    for position in range(max(0, first - _LOOK_BACK), first):
        score = _score(ruled, position, first, told_of)
        if score is not None and score > best_score:
            best, best_score = position, score
    if best is None:
        return None
    return max(p for p in range(best, first) if ruled[p].line.text == ruled[best].line.text)


def _score(ruled: Sequence[Ruled], position: int, first: int, story: frozenset[str]) -> float | None:
    item = ruled[position]
    line = item.line
    if item.role is not Role.CHROME and not (item.role is Role.RELATED and line.words >= 5):
        return None
    if not 2 <= line.words <= 45 or not any(char.isalpha() for char in line.text):
        return None
    if line.words > 6 and split_credit(line.text)[1]:
        return None
    words = content_words(line.text)
    told = len(words & story) / len(words) if words else 0.0
    score = 2.4 * told * min(1.0, len(words) / 3)
    score -= 0.7 * (line.words < 4)
    score += 0.9 * (line.words >= 4) + 0.5 * (line.words >= 6) - 0.06 * max(0, line.words - 22)
    score -= 1.3 * line.text.endswith((".", "。")) + 0.5 * line.text.endswith((",", ":"))
    score -= min(1.5, 0.035 * (first - position))
    score += 0.7 * (1 < line.repeats <= 3) - 0.8 * (line.repeats > 4)
    score -= 1.2 * _touches_credit(ruled, position)
    score += 0.6 * _is_followed(ruled, position, first)
    score -= 1.4 * any(other.role is Role.BYLINE for other in ruled[max(0, position - 6) : position])
    score += _after_label(ruled, position)
    score -= 0.9 * _is_under_headline(ruled, position, story)
    score -= 4.0 * _holds_next(ruled, position)
    return score


def _is_followed(ruled: Sequence[Ruled], position: int, first: int) -> bool:
    """Say whether a byline or a date comes soon after, as it does after a headline."""
    soon = ruled[position + 1 : min(first, position + 5)]
    return any(item.role in (Role.BYLINE, Role.DATE) for item in soon)


def _touches_credit(ruled: Sequence[Ruled], position: int) -> bool:
    """Say whether a picture's credit stands right above or below: a caption, and no headline."""
    line = ruled[position].line
    above = position > 0 and not line.blank_before and ruled[position - 1].role is Role.CREDIT
    below = position + 1 < len(ruled) and not line.blank_after and ruled[position + 1].role is Role.CREDIT
    return above or below


def _after_label(ruled: Sequence[Ruled], position: int) -> float:
    """Weigh the line above: a headline follows a section's name, a dek or a caption follows a headline."""
    if position == 0:
        return 0.0
    above, text = ruled[position - 1], ruled[position].line.text
    if len(text) > 15 and above.line.text != text and text in above.line.text:
        return 1.2  # a path of sections ends with the headline
    if above.line.words <= 3 or above.role in (Role.BREADCRUMB, Role.DATE, Role.SHARE):
        return 0.6
    return (
        -0.4 if above.role is Role.CHROME and 4 <= above.line.words <= 25 and above.line.repeats < 3 else 0.0
    )


def _holds_next(ruled: Sequence[Ruled], position: int) -> bool:
    """Say whether the line ends with the whole next one: a path of sections run together with the headline."""
    if position + 1 >= len(ruled):
        return False
    text, below = ruled[position].line.text, ruled[position + 1].line.text
    return len(below) > 15 and len(text) > len(below) and below in text


def _is_under_headline(ruled: Sequence[Ruled], position: int, story: frozenset[str]) -> bool:
    """Say whether the line just above would do as the headline, so that this one is its dek."""
    line = ruled[position].line
    for above in ruled[max(0, position - 2) : position]:
        words = content_words(above.line.text)
        if (
            above.role is Role.CHROME
            and 5 <= above.line.words <= min(30, line.words)
            and above.line.text.casefold() != line.text.casefold()
            and not above.line.text.endswith(".")
            and words
            and len(words & story) >= 0.5 * len(words)
        ):
            return True
    return False


def find_dek(ruled: Sequence[Ruled], headline: int, first: int) -> int | None:
    """Return the position of the sentence under the headline that sums the story up, where it has one."""
    for position in range(headline + 1, min(first, headline + 5)):
        item = ruled[position]
        if item.role is not Role.CHROME:
            continue
        if _is_dek(item.line, ruled[headline].line):
            return position
        if item.line.words >= 5:
            return None
    return None


def _is_dek(line: Line, headline: Line) -> bool:
    if line.text == headline.text or not 8 <= line.words <= 80:
        return False
    return line.ends_clause or line.words >= 12
