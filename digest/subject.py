"""Write an edition's subject and preheader by rule, out of words its stories already use."""

from __future__ import annotations

import re
from collections.abc import Sequence

SUBJECT_LIMIT = 50
PREHEADER_LEAST = 40
PREHEADER_LIMIT = 90
JOINER = " · "

_CLICKBAIT = re.compile(
    r"you won.?t believe|what happen(?:s|ed) next|will (?:shock|amaze|surprise) you|\bjaw.?dropping"
    r"|mind.?blowing|\bthis one (?:weird )?(?:trick|thing)|here.?s (?:why|what|how)\b|you need to know"
    r"|everything (?:you|we) know|\bmust.?see|goes viral|breaks the internet|du wirst nicht glauben"
    r"|vous n.allez pas (?:le )?croire|no (?:lo )?vas a creer",
    re.IGNORECASE,
)
_KICKER = re.compile(
    r"^(?:(?:exclusive|breaking(?: news)?|live(?: updates)?|watch|video|photos?|pictures|in pictures|opinion"
    r"|analysis|eilmeldung|exklusiv|liveticker|en direct|exclusif|en vivo|última hora|exclusiva)"
    r"\s*[:|–—-]\s+)+(?=\S)",
    re.IGNORECASE,
)
# Where a headline can end and still be a sentence: before a mark that opens a new part, or a word that does.
_MARK = re.compile(r"\s+[-–—|·/]\s+|[:;,.?!]\s+|[。、\uff0c\uff01\uff1f\uff1a\uff1b]|\s+(?=\()")
_WORD = re.compile(
    r"\s+(?=(?:after|as|amid|while|because|despite|following|nachdem|weil|während|après|alors que|malgré"
    r"|tras|después de|mientras|porque)\s)",
    re.IGNORECASE,
)
_DANGLING = frozenset(
    re.findall(
        r"\w+",
        """a an the of to in on at by for from with and or but as that its his her their is are was were be
        not no after over into than der die das den dem des ein eine einen und oder mit von zu im am auf für
        bei nach le la les un une du de d et ou à au aux en pour par sur el los las una y o del al con por
        para que""",
    )
)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\s]+")
_PAIRS = {"“": "”", "‘": "’", "«": "»", "„": "“", "「": "」", "(": ")", "[": "]"}


def write_subject(headlines: Sequence[str], *, title: str) -> str:
    """Return a subject of at most 50 characters from the first headline that is no clickbait.

    A longer headline ends where a clause ends, else after a word with an ellipsis. Without a headline it is
    the newsletter's title.
    """
    plain = [text for text in map(tidy, headlines) if text]
    honest = [text for text in plain if not _CLICKBAIT.search(text)] or plain
    if not honest:
        return _cut(tidy(title), SUBJECT_LIMIT)
    return _cut(_KICKER.sub("", honest[0]), SUBJECT_LIMIT)


def write_preheader(subject: str, headlines: Sequence[str], *, more: Sequence[str] = ()) -> str:
    """Return 40 to 90 characters that go on where the subject stops: the next headlines, then `more`.

    Shorter where the edition has no more to say than that.
    """
    preheader = ""
    said = subject
    for piece in map(tidy, (*headlines, *more)):
        if not piece or _is_said(piece, said):
            continue
        room = PREHEADER_LIMIT - len(preheader) - (len(JOINER) if preheader else 0)
        fitting = _cut(_KICKER.sub("", piece), room) if room >= 20 else ""
        if fitting and not (len(preheader) >= PREHEADER_LEAST and fitting.endswith("…")):
            preheader = preheader + JOINER + fitting if preheader else fitting
            said += " " + piece
        if len(preheader) >= PREHEADER_LEAST + 20:
            break
    return preheader


def tidy(text: str) -> str:
    """Reduce text to one line without control characters."""
    return _CONTROL.sub(" ", text).strip()


def _is_said(piece: str, said: str) -> bool:
    shorter, longer = sorted((piece.casefold(), said.casefold().rstrip("…")), key=len)
    if shorter in longer:
        return True
    words = _words(piece)
    return bool(words) and len(words & _words(said)) >= 0.7 * len(words)


def _words(text: str) -> set[str]:
    return {word for word in re.findall(r"\w+", text.casefold()) if word not in _DANGLING}


def _cut(text: str, limit: int) -> str:
    if len(text) <= limit:
        return text.rstrip(" .;,:") if not text.endswith("...") else text
    least = min(20, limit // 2)
    ends = sorted(
        {match.start() for pattern in (_MARK, _WORD) for match in pattern.finditer(text)}, reverse=True
    )
    for end in ends:
        part = text[:end].rstrip(" ,;:–—-")
        if least <= len(part) <= limit and _is_whole(part):
            return part
    return _cut_after_word(text, limit)


def _cut_after_word(text: str, limit: int) -> str:
    part = text[: limit - 1]
    if not text[limit - 1].isspace() and " " in part[limit // 2 :]:
        part = part[: part.rindex(" ")]
    words = part.rstrip(" ,;:–—-").split(" ")
    while len(words) > 1 and words[-1].strip("\"'“”‘’").casefold() in _DANGLING:
        words.pop()
    return " ".join(words).rstrip(" ,;:–—-") + "…"


def _is_whole(part: str) -> bool:
    if part.rsplit(" ", 1)[-1].casefold() in _DANGLING or part.count('"') % 2:
        return False
    opened = re.findall(r"(?<!\w)'(?=\w)", part)
    closed = re.findall(r"(?<=\w|[.,!?])'(?!\w)", part)
    return len(opened) == len(closed) and all(
        part.count(mark) <= part.count(closing) for mark, closing in _PAIRS.items()
    )
