"""Find a dump's headline, by weights learned from labelled dumps, and its dek."""

from __future__ import annotations

import math
from collections.abc import Sequence

from digest.extract.credit import split_credit
from digest.extract.dump_features import Features
from digest.extract.dump_lines import Line, content_words
from digest.extract.roles import Role, Ruled

_LOOK_BACK = 250
_NEVER = (Role.AD, Role.CREDIT, Role.DATE, Role.SHARE, Role.SIGN_UP, Role.LEGAL, Role.COMMENTS)
_SIGNED = (Role.BYLINE, Role.DATE)
_LENGTHS = (2, 3, 5, 9, 14, 20, 28)
_MOST_WORDS = 45


def measure_headlines(ruled: Sequence[Ruled], first: int, story: Sequence[int]) -> dict[int, Features]:
    """Return the measures of each line that may be the headline, by position.

    `first` is the story's first paragraph, `story` the positions of its lines.
    """
    told_of = content_words(" ".join(ruled[position].line.text for position in story)[:12_000])
    found: dict[int, Features] = {}
    for position in range(max(0, first - _LOOK_BACK), min(first + 1, len(ruled))):
        item = ruled[position]
        if _may_be_headline(item.line) and item.role not in _NEVER:
            found[position] = (
                _wording(item, told_of)
                | _neighbours(ruled, position, told_of)
                | _place(ruled, position, first)
            )
    _compare(found, ruled, first)
    return found


def _may_be_headline(line: Line) -> bool:
    """Say whether a line is short enough, and no paragraph."""
    is_paragraph = line.words > 12 and line.ends_sentence and line.has_sentences
    return line.words <= _MOST_WORDS and not is_paragraph and any(map(str.isalpha, line.text))


def _wording(item: Ruled, told_of: set[str]) -> Features:
    line, text = item.line, item.line.text
    words = content_words(text)
    told = len(words & told_of) / len(words) if words else 0.0
    held: dict[str, float | bool] = {
        "told": told,
        "told words": told * min(1.0, len(words) / 4),
        "telling words": min(len(words), 10) / 10,
        "all told": told == 1 and len(words) >= 3,
        "nothing told": told == 0,
        f"length {sum(line.words > limit for limit in _LENGTHS)}": True,
        f"worded {item.role}": True,
        "ends with a stop": text.endswith((".", "。")),
        "ends openly": text.endswith((",", ":", ";")),
        "asks or calls": text.endswith(("?", "!", "？")),
        "starts with a quotation": text[:1] in "\"“„«»‘'「",
        "capitals": text.isupper(),
        "starts small": text[:1].islower(),
        "holds a colon": ": " in text or " : " in text,
        "title case": line.is_title_case,
        "ends with a credit": line.words > 4 and bool(split_credit(text)[1]),
        "repeated": 1 < line.repeats <= 3,
        "often repeated": line.repeats > 3,
        "alone": line.is_alone,
        "blank before": line.blank_before,
        "blank after": line.blank_after,
    }
    return {name: float(value) for name, value in held.items() if value}


def _neighbours(ruled: Sequence[Ruled], position: int, told_of: set[str]) -> Features:
    """Measure the lines just above and below, and the bylines and dates within five."""
    line = ruled[position].line
    found: Features = {}
    for step in (-5, -4, -3, -2, -1, 1, 2, 3, 4, 5):
        at = position + step
        if 0 <= at < len(ruled) and ruled[at].role in _SIGNED:
            found[f"signed {step:+}"] = 1.0
            found["signed soon" if step > 0 else "signed before"] = 1.0
    if position + 1 < len(ruled):
        below = ruled[position + 1].line
        is_sentence = below.words >= 8 and (below.ends_clause or below.words >= 12)
        found["above a dek"] = float(is_sentence and below.words > line.words)
        found["above a short line"] = float(below.words <= 3)
        found["holds the next"] = float(len(below.text) > 15 and below.text in line.text != below.text)
        found["next told"] = _share_told(below, told_of, at_least=4)
        found |= {
            f"above {role}": 1.0 for role in (Role.CREDIT, Role.SHARE) if ruled[position + 1].role is role
        }
    if position:
        above = ruled[position - 1].line
        found["under a short line"] = float(above.words <= 3)
        found["held by the last"] = float(len(line.text) > 15 and line.text in above.text != line.text)
        found["last told"] = _share_told(above, told_of, at_least=3)
        found["under a headline"] = float(
            found["last told"] >= 0.5 and not above.text.endswith(".") and above.words <= line.words + 2
        )
        roles = (Role.BREADCRUMB, Role.SHARE, Role.CREDIT)
        found |= {f"under {role}": 1.0 for role in roles if ruled[position - 1].role is role}
    return found


def _share_told(line: Line, told_of: set[str], *, at_least: int) -> float:
    words = content_words(line.text)
    return len(words & told_of) / len(words) if len(words) >= at_least else 0.0


def _place(ruled: Sequence[Ruled], position: int, first: int) -> Features:
    """Measure how far from the story a line stands, and the bylines and dates around it."""
    signed = sum(item.role in _SIGNED for item in ruled[position + 1 : first])
    return {
        "distance": math.log1p(first - position),
        "is the first paragraph": float(first == position),
        "far": float(first - position > 30),
        "signed between": min(4, signed) / 4,
        "unsigned above": float(
            not any(item.role in _SIGNED for item in ruled[max(0, position - 39) : position])
        ),
    }


def _compare(found: dict[int, Features], ruled: Sequence[Ruled], first: int) -> None:
    """Add how each line stands beside the others that may be the headline."""
    most = max((features.get("told words", 0.0) for features in found.values()), default=0.0)
    strong = [position for position, features in found.items() if features.get("told words", 0.0) >= 0.7]
    for position, features in found.items():
        text = ruled[position].line.text
        features["told less"] = most - features.get("told words", 0.0)
        features["strong above"] = min(3, sum(other < position for other in strong)) / 3
        features["strong below"] = min(3, sum(other > position for other in strong)) / 3
        features["first strong"] = float(strong[:1] == [position])
        features["last strong"] = float(strong[-1:] == [position])
        features["within a longer line"] = float(
            len(text) > 15
            and any(text in item.line.text != text for item in ruled[max(0, position - 60) : first + 1])
        )


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
