"""Write an edition's subject and preheader by rule, out of words its stories already use.

The leading headline is preferred. One that can only be cut with an ellipsis loses against a later one that can
stand whole, and clickbait against every honest one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from digest.subject.cleaning import bare_end, clean_headline, honest
from digest.subject.clusters import head, length
from digest.subject.cutting import Level, find_phrases, find_voice, is_title_cased, is_whole
from digest.subject.wording import Words, has_any, is_unspaced, split_words, words_of

SUBJECT_LIMIT = 50
PREHEADER_LEAST = 40
PREHEADER_LIMIT = 90
CONSIDERED = 5
"""Headlines that may become the subject; those after them are too far down the edition to be its news."""
LONGEST = 400
"""Characters of a headline that are looked at."""
JOINER = " · "
_SHORTEST_PIECE = 20
_QUOTES = (("“", "”"), ("„", "“"), ("«", "»"), ("「", "」"), ("‘", "’"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Headline:
    """A headline, its language and the outlet whose name may stand at its end."""

    text: str
    language: str = "en"
    outlet: str = ""


def write_subject(headlines: Sequence[Headline], *, title: str) -> str:
    """Return a subject of at most 50 characters out of the first headlines.

    It is a whole one, or a whole phrase of one; else its first words and an ellipsis. Where there is no honest
    headline it is the newsletter's title.
    """
    cleaned = [(one, words_of(one.language)) for one in map(_cleaned, headlines[:CONSIDERED]) if one.text]
    for most in (Level.PHRASE, Level.LABEL):
        for headline, words in cleaned:
            phrases = find_phrases(headline.text, words, limit=SUBJECT_LIMIT)
            if phrases and phrases[0].level <= most:
                return phrases[0].text
    shortened = (_shortened(headline.text, words, SUBJECT_LIMIT) for headline, words in cleaned)
    first = next((text for text in shortened if text), "")
    return first or _fitting_title(title, [one.text for one in headlines])


def write_preheader(subject: str, headlines: Sequence[Headline], *, more: Sequence[Headline] = ()) -> str:
    """Return 40 to 90 characters that go on where the subject stops: the next headlines, then `more`.

    Shorter where the edition has no more to say than that.
    """
    preheader, said = "", subject
    for piece in _pieces((*headlines, *more)):
        if len(preheader) and length(preheader) >= PREHEADER_LEAST + 20:
            break
        room = PREHEADER_LIMIT - length(preheader) - (len(JOINER) if preheader else 0)
        fitting = "" if room < _SHORTEST_PIECE or _is_said(piece.text, said) else _fitting(piece, room)
        if fitting and not _is_said(fitting, said):
            preheader = preheader + JOINER + fitting if preheader else fitting
            said += " " + piece.text
    if not preheader:
        shortened = (
            _shortened(piece.text, words_of(piece.language), PREHEADER_LIMIT)
            for piece in _pieces((*headlines, *more))
            if not _is_said(piece.text, said)
        )
        return next((text for text in shortened if text), "")
    return preheader


def _cleaned(headline: Headline) -> Headline:
    text = clean_headline(headline.text[:LONGEST], outlet=headline.outlet)
    return Headline(text=honest(text), language=headline.language)


def _pieces(headlines: Sequence[Headline]) -> Iterator[Headline]:
    for headline in headlines:
        if (piece := _cleaned(headline)).text:
            yield piece


def _fitting(piece: Headline, room: int) -> str:
    phrases = find_phrases(piece.text, words_of(piece.language), limit=room)
    return phrases[0].text if phrases else ""


def _fitting_title(title: str, headlines: Sequence[str]) -> str:
    for text in (title, *headlines):
        if plain := clean_headline(text[:LONGEST]):
            return plain if length(plain) <= SUBJECT_LIMIT else head(plain, SUBJECT_LIMIT - 1).rstrip() + "…"
    return ""


def _is_said(piece: str, said: str) -> bool:
    shorter, longer = sorted((piece.casefold(), said.casefold().rstrip("…")), key=len)
    if shorter in longer:
        return True
    words = _content(piece)
    return bool(words) and len(words & _content(said)) >= 0.7 * len(words)


def _content(text: str) -> set[str]:
    return {word for word in split_words(text) if len(word) > 2}


# --- the last resort -----------------------------------------------------------------------------


def _shortened(text: str, words: Words, limit: int) -> str:
    """Return a text's first words, an ellipsis and whose claim it is; nothing where it is not fair so."""
    voice = bare_end(find_voice(text, words))
    if length(voice) > limit // 2:
        voice = ""
    kept = _kept(text, words, limit - length(voice))
    if voice and has_any(alone := _kept(text, words, limit), words.doubts, words):
        voice, kept = "", alone
    if has_any(text[len(kept) : len(text) - len(voice)], words.doubts, words):
        return ""
    ended = bare_end(kept) + "…" + _open_quote(kept)
    return f"{ended} {voice[1:].lstrip()}" if voice[:1] == "," else ended + voice


def _kept(text: str, words: Words, limit: int) -> str:
    part = head(text, limit - 2)
    return _unspaced_end(part) if is_unspaced(text) else _word_end(part, text, words)


def _open_quote(text: str) -> str:
    """Return the mark that closes a quotation a text leaves open, or nothing."""
    if text.count('"') % 2:
        return '"'
    return next((end for start, end in _QUOTES if text.count(start) > text.count(end)), "")


def _unspaced_end(part: str) -> str:
    """Return a text of a script without spaces up to where a word is likely to end: kana before an ideograph."""
    for place in range(len(part) - 1, len(part) // 2, -1):
        if "ぁ" <= part[place - 1] <= "ん" and not "ぁ" <= part[place] <= "ん":
            return part[:place]
    return part


def _word_end(part: str, text: str, words: Words) -> str:
    """Return a text up to a word's end, outside of quotations, names and numbers where that leaves enough."""
    if " " not in part:
        return part
    rest = text[len(part) :]
    tokens = part.split(" ")
    if rest[:1] != " ":
        rest = tokens.pop() + rest
    following = [*tokens[1:], *rest.split(" ", 1)[:1]]
    counts = range(len(tokens), max(len(tokens) // 2, 1), -1)
    for is_enough in (is_whole, _is_ended):
        for count in counts:
            kept = " ".join(tokens[:count])
            if not _is_ended(kept, words):
                continue
            if is_enough(kept, words) and not _goes_on(tokens[count - 1], following[count - 1], text, words):
                return kept
    return " ".join(tokens)


def _is_ended(text: str, words: Words) -> bool:
    last = (split_words(text, words.language) or [""])[-1]
    return last not in words.dangling | words.said


def _goes_on(last: str, following: str, text: str, words: Words) -> bool:
    """Say whether two words may be one name, or a number and what it counts."""
    if any(letter.isdigit() for letter in last):
        return True
    is_name = last[:1].isupper() and following[:1].isupper() and words.language != "de"
    return is_name and last[-1:] not in ",;:" and not is_title_cased(text)
