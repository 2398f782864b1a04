"""Find the whole phrases of a headline that may stand for it: never less true than the headline itself.

A headline can start after a label or a circumstance, and end where a clause or a phrase of place and time
begins. What may be left out carries no doubt, denial, condition or voice; and where a headline counts or
denies ("first", "no"), what it counts in stays.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import IntEnum
from itertools import pairwise

from digest.subject.cleaning import bare_end
from digest.subject.clusters import length
from digest.subject.news import is_news
from digest.subject.wording import Words, has_any, is_unspaced, split_words

LEAST = 15
LEAST_PHRASE = 24
"""Characters of a clause, or of less than a clause, that are worth being a subject; in unspaced scripts, a half."""
NEWS_WITHIN = 18
"""A label or circumstance that is longer than this keeps the news out of the first 35 characters."""


class Level(IntEnum):
    """How good a phrase is: the whole headline, a clause of it, less a phrase, or a label that tells no news."""

    WHOLE = 0
    CLAUSE = 1
    PHRASE = 2
    LABEL = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrase:
    """A whole phrase out of a headline."""

    text: str
    level: Level


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cut:
    """A place where a text may end: what stands before it, what is left out, and which word or mark parts them."""

    kept: str
    rest: str
    opener: str
    kind: str


_MARK = re.compile(
    r"\s*—\s*|\s+[-–|·•/]+\s+|\s*[:;؛]\s+|[.?!؟।][\"”’»)]*\s+|,\s+|،\s*|\s+(?=\()|[。！？；]|：|、|，|\u3000+"
)
_CLOSED = re.compile(r"[.?!؟।。！？]")
_WORD = re.compile(r"\S+")
_LIKE = ("as", "alors", "wie")
_NAMED_AS = re.compile(r"\S+ (?:[\"“‘']|an? )")
_PAIRS = ("“”", "«»", "「」", "『』", "()", "[]", "（）", "【】", "‹›")
_TITLE_CASED = 0.7


def find_phrases(headline: str, words: Words, *, limit: int) -> list[Phrase]:
    """Return the phrases of at most `limit` characters that may stand for a headline, best first."""
    found: list[Phrase] = []
    for body, level in _starts(headline, words):
        bare = bare_end(body)
        if length(bare) <= limit:
            found.append(Phrase(text=bare, level=level))
        for cut in _cuts(body, words):
            if phrase := _phrase(cut, max(level, Level.CLAUSE), words, limit):
                found.append(phrase)
    return sorted(found, key=lambda phrase: (phrase.level, -len(phrase.text)))


def _phrase(cut: _Cut, level: Level, words: Words, limit: int) -> Phrase | None:
    kept = bare_end(cut.kept)
    least = LEAST_PHRASE if cut.kind == "place" else LEAST
    if is_unspaced(kept):
        least //= 2
    if not least <= length(kept) <= limit or not is_whole(kept, words) or _loses(cut, words):
        return None
    if not _has_subject(kept, words) or (cut.kind == "place" and _needs_place(cut, words)):
        return None
    if is_news(kept, words):
        return Phrase(text=kept, level=Level.PHRASE if cut.kind == "place" else level)
    is_label = cut.kind == "mark" and cut.opener not in ",،、" and length(kept) >= least + 5
    if is_label and not _may_speak(kept, words) and not _is_quoted(kept):
        return Phrase(text=kept, level=Level.LABEL)
    return None


def _has_subject(kept: str, words: Words) -> bool:
    """Say whether a phrase is more than a circumstance, and does not end with a "says" whose words are gone."""
    said = split_words(kept, words.language)
    if not said or said[-1] in words.said:
        return False
    return "," in kept or said[0] not in words.lead_ins | words.conditions | words.follow | {
        "according",
        "laut",
    }


# --- where a headline may start ------------------------------------------------------------------


def _starts(headline: str, words: Words) -> Iterator[tuple[str, Level]]:
    label = next((cut for cut in _marks(headline, words) if cut.opener in ":：;|-–—!?"), None)
    if label and _is_droppable(label, words):
        is_long = length(label.kept) > NEWS_WITHIN
        yield headline, Level.LABEL if is_long else Level.WHOLE
        yield _capitalised(label.rest, headline), Level.CLAUSE
        return
    circumstance = next((cut for cut in _marks(headline, words) if cut.opener == ","), None)
    if circumstance and _is_circumstance(circumstance, words):
        is_long = length(circumstance.kept) > NEWS_WITHIN
        yield headline, Level.PHRASE if is_long else Level.WHOLE
        yield _capitalised(circumstance.rest, headline), Level.CLAUSE
        return
    yield headline, Level.WHOLE


def _is_droppable(label: _Cut, words: Words) -> bool:
    """Say whether what stands before a colon or dash is a mere label, and the news behind it nobody's claim."""
    first = split_words(label.rest, words.language)[:1]
    if not words.verbs or not first or first[0] in words.questions or label.rest[0] in "\"“„«'‘":
        return False
    if _is_quoted(label.kept):
        return is_news(label.rest, words)
    if _may_speak(label.kept, words) or is_news(label.kept, words) or not is_news(label.rest, words):
        return False
    return not _has_weight(label.kept, words)


def _is_circumstance(cut: _Cut, words: Words) -> bool:
    said = split_words(cut.kept, words.language)
    told = split_words(cut.rest, words.language)
    if not said or said[0] not in words.lead_ins or not 2 <= len(said) <= 12 or len(told) < 3:
        return False
    if told[0] in words.pronouns | words.dangling - words.articles or told[0].endswith("ing"):
        return False
    return is_news(cut.rest, words) and not _has_weight(cut.kept, words)


def _has_weight(text: str, words: Words) -> bool:
    return has_any(text, words.conditions | words.doubts | words.said, words)


def _capitalised(text: str, headline: str) -> str:
    first = next((letter for letter in headline if letter.isalpha()), "")
    return text[:1].upper() + text[1:] if first.isupper() else text


def _is_quoted(text: str) -> bool:
    return text[:1] in "\"“„«'‘" and text[-1:] in "\"”“»'’"


def _may_speak(text: str, words: Words) -> bool:
    """Say whether a short text may name whose claim it is: a name, an office, somebody who warns."""
    said = split_words(text, words.language)
    if len(said) <= 8 and not (words.speakers | words.said).isdisjoint(said):
        return True
    return len(said) <= 4 and all(
        part[:1].isupper()
        or part[:1].isdigit()
        or part in ("de", "da", "di", "der", "van", "von", "of", "del", "&")
        for part in text.split()
    )


# --- where it may end ----------------------------------------------------------------------------


def _cuts(text: str, words: Words) -> Iterator[_Cut]:
    yield from _marks(text, words)
    tokens = list(_WORD.finditer(text))
    for before, token in pairwise(tokens):
        opener = _bare(token.group(), words)
        kept, rest = text[: before.end()], text[token.start() :]
        last = _bare(before.group(), words)
        cut = _Cut(kept=kept, rest=rest, opener=opener, kind="follow")
        if opener in words.follow and last not in words.follow_not:
            is_span = last in words.units and words.spanning.isdisjoint(split_words(kept)[-4:-1])
            if not is_span and not (opener in words.place and _has_verb_behind(text, token, words)):
                yield cut
        elif opener == "and" and [*split_words(rest), ""][1] in words.verbs:
            yield replace(cut, kind="mark")
        elif opener in words.place and last not in words.place_not and _is_adjunct(text, token, words):
            yield replace(cut, kind="place")


def _marks(text: str, words: Words) -> Iterator[_Cut]:
    for match in _MARK.finditer(text):
        mark = match.group().strip()
        opener = mark[:1] or " "
        kept, rest = text[: match.start()], text[match.end() :]
        if opener == "." and _is_abbreviation(kept, words):
            continue
        if _CLOSED.match(mark):
            kept += mark
        if kept and rest:
            yield _Cut(kept=kept, rest=rest, opener=opener, kind="mark")


def _is_abbreviation(kept: str, words: Words) -> bool:
    last = kept.rsplit(" ", 1)[-1]
    return last[-1:].isdigit() or len(last) < 2 or last.casefold().lstrip("(“\"'") in words.abbreviations


def _is_adjunct(text: str, token: re.Match[str], words: Words) -> bool:
    """Say whether a preposition opens a phrase of place, time or means rather than an idiom ("on hold")."""
    parts = _phrase_behind(text, token)
    if not parts:
        return False
    if _has_verb_behind(text, token, words):
        return False
    first = parts[0].lstrip("\"“„«'‘")
    named = first[:1].isdigit() or (
        first[:1].isupper() and not is_title_cased(text) and words.language != "de"
    )
    bare = split_words(first, words.language)
    return named or (bool(bare) and bare[0] in words.articles)


def _phrase_behind(text: str, token: re.Match[str]) -> list[str]:
    return re.split(r"[,;:–—|?!.]\s|\s[-–—]\s", text[token.end() :])[0].split()


def _has_verb_behind(text: str, token: re.Match[str], words: Words) -> bool:
    """Say whether German puts the verb, or a part of it, behind a phrase."""
    parts = _phrase_behind(text, token)
    return words.language == "de" and (not parts or parts[-1][:1].islower())


def is_title_cased(text: str) -> bool:
    """Say whether a headline writes most words with a capital."""
    long = [word for word in text.split()[1:] if len(word) > 3 and word[0].isalpha()]
    return len(long) > 3 and sum(word[0].isupper() for word in long) > _TITLE_CASED * len(long)


def _bare(token: str, words: Words) -> str:
    return (split_words(token, words.language) or [""])[-1 if words.language in ("fr", "it") else 0]


def _needs_place(cut: _Cut, words: Words) -> bool:
    """Say whether a phrase of place is needed: "first in years", "in line with", "forced to study in"."""
    part = re.split(r"[:;.?!–—|]\s", cut.kept)[-1]
    if has_any(part, words.scope, words) or (cut.opener == "from" and has_any(part, words.blocking, words)):
        return True
    said = split_words(part, words.language)
    if len(said) < 2:
        return True
    last = part.rsplit(" ", 1)[-1]
    is_named = words.language != "de" and (last[:1].isupper() or last[:1].isdigit())
    if said[-2] in words.place and not is_named:
        return True
    if words.language != "en":
        return False
    is_participle = said[-1] in words.verbs | words.irregular or said[-1].endswith("ed")
    earlier = [word for word in said[:-1] if word in words.verbs | words.irregular]
    helped = {"is", "are", "was", "were", "be", "been", "has", "have", "who", "which", "that"}
    return said[-2] == "to" or (is_participle and bool(earlier) and helped.isdisjoint(said))


def _loses(cut: _Cut, words: Words) -> bool:
    """Say whether the part left out holds what the kept part is not true, or not fair, without."""
    first, *others = re.split(r"\s*[,;:–—|،]\s+|\s+-\s+|[.?!]\s+", cut.rest)
    if _has_voice(cut, words) or (cut.kind != "mark" and has_any(first, words.conditions, words)):
        return True
    if any(
        not words.conditions.isdisjoint(split_words(part, words.language)[:3]) for part in (first, *others)
    ):
        return True
    if cut.kind != "follow":
        others = [first, *others]
    elif cut.opener in _LIKE and (has_any(first, words.said, words) or _NAMED_AS.match(first)):
        return True
    return any(has_any(part, words.doubts | words.negations | words.said, words) for part in others)


def _has_voice(cut: _Cut, words: Words) -> bool:
    """Say whether the part left out ends with whose claim it is, behind a colon, comma or dash."""
    if is_unspaced(cut.rest):
        return False
    told = [(one.opener, one.rest) for one in _marks(cut.rest, words)]
    if cut.kind == "mark":
        told.append((cut.opener, cut.rest))
    return any(_is_voice(opener, rest, words) for opener, rest in told)


def find_voice(text: str, words: Words) -> str:
    """Return the end of a headline that says whose claim it is, with the mark before it; or an empty string."""
    if is_unspaced(text):
        return ""
    for cut in _marks(text, words):
        if _is_voice(cut.opener, cut.rest, words):
            return text[len(cut.kept) :]
    return ""


def _is_voice(opener: str, rest: str, words: Words) -> bool:
    if opener not in ":：,-–—" or "?" in rest:
        return False
    said = split_words(rest, words.language)
    if len(said) <= 8 and not (words.said | words.speakers).isdisjoint(said[-3:] + said[:3]):
        return opener in ":：" or not words.said.isdisjoint(said) or len(said) <= 3
    return opener in ":：" and _may_speak(rest, words) and not is_news(rest, words)


def is_whole(text: str, words: Words) -> bool:
    """Say whether a phrase ends as one: no quotation or bracket left open, no word that wants another."""
    last = split_words(text.rsplit(" ", 1)[-1], words.language)
    if (last and last[-1] in words.dangling) or text.count('"') % 2:
        return False
    if text.count("„") > text.count("“") + text.count("”"):
        return False
    pairs = _PAIRS if "„" not in text else _PAIRS[1:]
    if any(text.count(pair[0]) != text.count(pair[1]) for pair in pairs):
        return False
    opened = re.findall(r"(?<![\w.])['‘](?=\w)", text)
    closed = re.findall(r"(?<=[\w.,!?])['’](?!\w)", text)
    return len(opened) <= len(closed)
