"""Split text into sentences that keep their offsets.

Quotations and brackets are found first, as a stack; a sentence does not end within one unless it is damaged.
A mark ends a sentence unless what stands before it is an abbreviation, an initial or an ordinal, or what
follows goes on in lower case. Paragraphs are never crossed. Nothing is changed: `text[start:end]` is the
sentence, letter for letter.
"""

from __future__ import annotations

import re

from digest.model import Sentence
from digest.summarize.languages import Rules, rules_of
from digest.summarize.quotes import has_turned_guillemets, paired_spans

_PARAGRAPH = re.compile(r"\s*\n\s*\n\s*")
_LINE = re.compile(r"\s*\n\s*")
_BULLET_LINE = re.compile(r"[ \t]*\n[ \t]*(?=[-*•‣▪–—·]\s|\d{1,2}[.)]\s)")
_FINISHED_LINE = re.compile(r"[.!?…。！？।॥።։។။؟۔:][\"'”’»)\]」』]*\s*$", re.MULTILINE)
_END = re.compile(r"(?:[.!?…؟۔‼⁉]+|[。！？｡।॥።։។။]+)(?:[ \u00a0\u202f]?»|[\"”’'“)\]」』）】›»«])*")
_NO_SPACE_NEEDED = frozenset("。！？｡।॥።։។။؟۔")
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_GLUED = re.compile(r"[^\W\d_][^\W\d_]+(?=[\s,'’])|[AI]\s")
_OPENING = frozenset("\"'“‘„«‹([¿¡「『（")
_QUOTES = frozenset("\"'“”’»«›」』")
_HOSTS = frozenset(["com", "net", "org", "io", "co", "uk", "tv"])
_BRANDS = frozenset(["yahoo", "jeopardy", "wham", "guess"])
_ROMAN = re.compile(r"[IVX]+$")
_JOINED_INITIALS = re.compile(r"[^\W\d_a-z]\.?-[^\W\d_a-z]$")
_DAMAGED = re.compile(r"[.!]\?$")


def split_sentences(text: str, *, language: str = "en") -> list[Sentence]:
    """Split a text into its sentences, in order, without the space around them."""
    rules = rules_of(language)
    found: list[Sentence] = []
    for start, end in _paragraphs(text):
        for first, last in _split(text, start, end, rules, language):
            found.append(Sentence(text=text[first:last], start=first, end=last))
    return found


def _paragraphs(text: str) -> list[tuple[int, int]]:
    """Return the paragraphs: parted by blank lines, or by lines where lines are what the text has."""
    breaks = [match.span() for match in _PARAGRAPH.finditer(text)]
    if "\n" in text:
        if not breaks and _has_one_paragraph_a_line(text):
            breaks = [match.span() for match in _LINE.finditer(text)]
        else:
            breaks = sorted(breaks + [match.span() for match in _BULLET_LINE.finditer(text)])
    spans, start = [], 0
    for first, last in breaks:
        if start < first:
            spans.append((start, first))
        start = max(start, last)
    if start < len(text):
        spans.append((start, len(text)))
    return spans


def _has_one_paragraph_a_line(text: str) -> bool:
    lines = [line for line in text.split("\n") if line.strip()]
    return len(_FINISHED_LINE.findall(text)) >= 0.6 * len(lines)


def _split(text: str, start: int, end: int, rules: Rules, language: str) -> list[tuple[int, int]]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if start == end:
        return []
    spans = paired_spans(text, start, end, language=language)
    sentences, first, at = [], start, 0
    turned = has_turned_guillemets(language)
    for match in _END.finditer(text, start, end):
        place, after = match.span()
        if turned and " »" in match.group():
            after = place + match.group().index(" »")
        while at < len(spans) and spans[at][1] < after:
            at += 1
        if at < len(spans) and spans[at][0] < place and after < spans[at][1]:
            continue
        marks = text[place:after]
        if after < end and not _ends_here(text, first, place, marks, end, rules):
            continue
        last = after if not _DAMAGED.match(marks) or after == end else after - 1
        sentences.append((first, last))
        first = after
        while first < end and text[first].isspace():
            first += 1
    if first < end:
        sentences.append((first, end))
    return sentences


def _ends_here(text: str, first: int, place: int, marks: str, end: int, rules: Rules) -> bool:
    after = following = place + len(marks)
    while following < end and text[following].isspace():
        following += 1
    if following == end:
        return True
    next_letter = text[following]
    is_glued = following == after
    if is_glued and marks[0] in _NO_SPACE_NEEDED:
        return _ends_without_space(text, first, marks, next_letter)
    if marks[-1] in ")）" and text[first] not in "(（" and not next_letter.isupper():
        return False
    is_turned = next_letter == "»" and text[following + 1 : following + 2].isalnum()
    if (
        (next_letter in ",;:)]”’»…?!" and not is_turned)
        or text[place - 1] == ","
        or _goes_on_small(text, following)
    ):
        return False
    token = _token_before(text, first, place)
    next_word = _next_word(text, following, end)
    if is_glued and not _is_glued_sentence(text, after, marks, token, next_word, rules):
        return False
    if marks[0] != ".":
        return not _is_cried_out(text, following, end, marks, token, rules)
    if marks.startswith(".."):
        return next_letter in _OPENING or next_letter.isupper() or next_letter.isdigit()
    if not token:
        return True
    return not _is_abbreviated(text, first, token, place, following, next_word, rules)


def _goes_on_small(text: str, at: int) -> bool:
    """Say whether what follows, perhaps behind a dash, is in small letters: no sentence starts so."""
    if text[at] in "—–-":
        at += 2 if text[at + 1 : at + 2].isspace() else 1
    if not text[at : at + 1].islower():
        return False
    return not (text[at + 1 : at + 2].isupper() and text[at] in "ei")


def _ends_without_space(text: str, first: int, marks: str, next_letter: str) -> bool:
    """Decide where the script needs no space: a quotation that opens the sentence is followed by who spoke."""
    if marks[-1] in "）)":
        return text[first] in "（("
    if marks[-1] in "」』":
        return not ("ぁ" <= next_letter <= "ん")
    return marks[-1] != "”" or text[first] not in "“‘"


def _token_before(text: str, first: int, place: int) -> str:
    start = place
    while start > first and not text[start - 1].isspace() and place - start < 40:
        start -= 1
    return text[start:place].lstrip("\"'“‘„«([¿¡—–-")


def _next_word(text: str, at: int, end: int) -> str:
    while at < end and text[at] in _OPENING:
        at += 1
    match = _WORD.match(text, at, end)
    return match.group().lower() if match else ""


def _is_glued_sentence(text: str, after: int, marks: str, token: str, next_word: str, rules: Rules) -> bool:
    if not text[after].isupper() or next_word in _HOSTS:
        return False
    if marks[-1] in _QUOTES or marks in (".?", "!?"):
        return True
    if len(token) < 2 or not token.isalpha() or not _GLUED.match(text, after):
        return False
    return (token.islower() and len(token) > 2) or next_word in rules.starters


def _is_cried_out(text: str, following: int, end: int, marks: str, token: str, rules: Rules) -> bool:
    """Say whether a question or cry goes on: a brand's mark, or a quotation with its speaker behind it."""
    if token.lower() in _BRANDS and marks == "!":
        return True
    if marks[-1] not in _QUOTES or not rules.speech:
        return False
    words = text[following : min(end, following + 60)].split()[:4]
    return bool(words) and any(word.strip(".,;:") in rules.speech for word in words[1:])


def _is_abbreviated(
    text: str, first: int, token: str, place: int, following: int, next_word: str, rules: Rules
) -> bool:
    small = token.lower().replace("’", "'").rpartition("'")[2] if "'" in token[:3] else token.lower()
    starts = next_word in rules.starters
    next_letter = text[following]
    if token.isdigit():
        if place - len(token) == first:
            return True
        return rules.has_ordinals and len(token) <= 2 and not starts
    if rules.has_ordinals and _ROMAN.match(token):
        return not starts
    if small in rules.closings:
        return not (next_letter.isupper() or next_letter in _OPENING)
    if small in rules.numbered and next_letter.isdigit():
        return True
    if small in rules.titles or small.endswith("str"):
        return True
    if small in rules.endings or (len(small) > 2 and "." in small and _is_dotted(small)):
        return not (starts or next_letter in _OPENING)
    if _JOINED_INITIALS.match(token):
        return True
    if len(token) == 1 and token.isalpha():
        is_followed = len(next_word) == 1 and text[following + 1 : following + 2] == "."
        return not starts or is_followed or text[max(first, place - 3) : place - 1].endswith(". ")
    return False


def _is_dotted(token: str) -> bool:
    return all(len(part) <= 2 and part.isalpha() for part in token.split("."))
