"""Part a picture's caption from its credit, and strip the labels that stand before either."""

from __future__ import annotations

import re

from digest.extract.byline import is_name
from digest.extract.credit_words import (
    AGENCY,
    AGENCY_PATTERN,
    AUTHOR_LABEL,
    CAPITAL,
    LABEL,
    LABEL_PATTERN,
    NOTE,
    OWNER_TAIL,
    OWNER_WORD,
    SOCIAL,
    UNMARKED,
)

_MARKED = rf"(?:{LABEL_PATTERN}|(?:©|\([cC]\)|ⓒ)\s*)"
_LEADING = re.compile(rf"^[\s(\[|–—-]*{_MARKED}+", re.I)
_END = r".!?…。！？।۔؟"
_AFTER_END = rf"(?<=[{_END}”\"'’)\]）】|])"
_BOUNDARY = re.compile(
    rf"(?:(?<=^)|(?<=[\s{_END};,|/–—”\"'’)\]）】(\[（【-]))"
    rf"(?:{_MARKED}|(?-i:[A-Z]{{2,4}} (?:Photo|Images?)/{CAPITAL}))",
    re.I,
)
_PARENTHESIS = re.compile(r"[(\[（【]([^()\[\]（）【】]{2,160})[)\]）】]\s*[.。]?\s*$")
_SENTENCE = re.compile(r"[.!?]\s+\S+\s+\S+")
_VIA = re.compile(r"(?<=[.!?”\"'’)])\s*(?P<credit>[^.!?]{2,80}?\s(?:via|/)\s?[^.!?]{2,60})\.?$")
_SLASHED = re.compile(
    rf"{_AFTER_END}\s*[|–—-]?\s*(?P<credit>(?:[^.!?|]{{2,60}}\s?[/,|–—-]\s?)?{AGENCY_PATTERN}(?:\s?[/|"
    rf"]\s?[^.!?|]{{2,60}})?)\.?$",
    re.I,
)
_BAR = re.compile(r"\s[|•·‖]\s+(?P<credit>[^|•·‖]{3,80})$")
_TAIL = re.compile(rf"(?:(?<=[{_END}”\"'’)])\s+|\s/\s+)(?P<credit>[^{_END}]{{4,80}})$")
_UNMARKED_TAIL = re.compile(rf"{_AFTER_END}\s*(?P<credit>{UNMARKED.pattern}[^.!?:]{{2,80}})\.?$", re.I)
_HANGUL_TAIL = re.compile(
    r"(?<=[.。])\s*(?P<credit>[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]{2,8}(?:\s[\uac00-\ud7af]{2,4})?)$"
)
_TAKEN_BY = re.compile(
    r"(?:[＝=、]|(?<=[。.！!])\s*|\s)(?P<credit>[^。.！!＝=、]{2,30}?)\s*(?:撮影|提供|摄影?|攝影?|供图|供圖|촬영|제공)$"
)
_MORE = re.compile(r"\s+(?:more|mehr|vis mer|plus|más|leer más|lire la suite|\.\.\.)?\s*[>»›]+$", re.I)
_EDGES = " \t\n()[]（）【】|,;:：·•–—-/"
_COUNTER = re.compile(r"^\d{1,3}\s?(?:/|of|von|sur|de|di|av|из)\s?\d{1,3}[\s.:|–-]+(?=\D)", re.I)
_CAPTION_LABEL = re.compile(
    r"^(?:(?:image |photo )?caption|bild(?:unterschrift|text)?|légende|leyenda|didascalia|foto|photo|image)"
    r"\s*[:：,]\s+",
    re.I,
)


def split_credit(text: str) -> tuple[str | None, str | None]:
    """Part a caption as it stands under a picture into caption and credit; either may be None."""
    text = _MORE.sub("", " ".join(text.split()))
    if not text:
        return None, None
    if NOTE.match(text):
        return clean_caption(text), None
    opened = _opened(text)
    if opened is not None:
        return opened
    found = _PARENTHESIS.search(text)
    if found and found.start() == 0:
        return None, clean_credit(found.group(1))
    if found and not NOTE.match(found.group(1)):
        inner, before = found.group(1), text[: found.start()]
        if _is_credit(inner) or _is_signature(before, inner):
            return _parted(before, inner)
    for found in _BOUNDARY.finditer(text):
        start = _whole_start(text, found.start())
        if start > 0 and _may_start(text, start):
            return _parted(text[:start], text[start:])
    for pattern in (_UNMARKED_TAIL, _SLASHED, _VIA, _BAR, _TAIL, _HANGUL_TAIL, _TAKEN_BY):
        found = pattern.search(text)
        if found is None or found.start("credit") == 0:
            continue
        credit = found.group("credit")
        if pattern is _BAR and not _is_barred(text[: found.start()], credit):
            continue
        if pattern is _TAIL and not _is_signed(text[: found.start()], credit):
            continue
        if pattern in (_HANGUL_TAIL, _TAKEN_BY) or _may_start(text, found.start("credit")):
            return _parted(
                text[: found.start()] if pattern is _TAKEN_BY else text[: found.start("credit")], credit
            )
    if _is_bare_owner(text):
        return None, clean_credit(text)
    return clean_caption(text), None


def clean_credit(text: str | None) -> str | None:
    """Return a credit without labels and brackets: `Photo: Jane Doe` is `Jane Doe`."""
    text = " ".join((text or "").split())
    previous = None
    while text != previous:
        previous = text
        text = AUTHOR_LABEL.sub("", _LEADING.sub("", text))
        unmarked = UNMARKED.match(text)
        if unmarked and may_own(text[unmarked.end() :]):
            text = text[unmarked.end() :]
        text = text.strip(_EDGES)
    for opening, closing in ("()", "[]", "（）"):
        if text.count(opening) > text.count(closing):
            text += closing
    if text.endswith((".", "。")) and not re.search(r"\b\w{1,3}\.$", text):
        text = text[:-1]
    return text if 1 < len(text) <= 200 else None


def clean_caption(text: str | None) -> str | None:
    """Return a caption on one line, without a label before it; None where nothing is left."""
    text = " ".join((text or "").split())
    text = _CAPTION_LABEL.sub("", _COUNTER.sub("", text)).strip(" \t|–—-·•/")
    return text if len(text) > 1 and any(char.isalnum() for char in text) else None


def looks_like_credit(text: str) -> bool:
    """Say whether a short line is a credit: it starts with a label or names an agency."""
    text = text.strip()
    if not text or len(text) > 120 or NOTE.match(text):
        return False
    found = _LEADING.match(text)
    if found:
        rest = text[found.end() :].strip(_EDGES)
        return not rest or may_own(rest) or bool(OWNER_WORD.search(found.group()))
    if text.endswith((".", "!", "?")) or len(text.split()) > 8:
        return False
    return bool(AGENCY.search(text))


def _opened(text: str) -> tuple[str | None, str | None] | None:
    """Part a text that begins with a label: the owner alone, or the owner and then the caption."""
    found = _LEADING.match(text)
    if found is None:
        return None
    rest = text[found.end() :].strip(_EDGES)
    if not rest:
        return None, None
    owner, _, told = _cut(rest)
    if told and len(owner.split()) <= 8 and may_own(owner) and len(told.split()) >= 4 and not may_own(told):
        return clean_caption(told), clean_credit(owner)
    if len(text) < 100 and not _SENTENCE.search(text) and (may_own(rest) or OWNER_WORD.search(found.group())):
        return None, clean_credit(text)
    return None


def _cut(text: str) -> tuple[str, str, str]:
    """Cut a text at its first bar, dash or end of a sentence."""
    found = re.search(r"\s+[|–—•·]\s+|(?<=\w\w[.!?])\s+", text)
    return (text[: found.start()], found.group(), text[found.end() :]) if found else (text, "", "")


def may_own(text: str) -> bool:
    """Say whether a text may name an owner: few of its words, agencies aside, are in small letters."""
    bare = AGENCY.sub(" Agency ", LABEL.sub("", text))
    words = [word for word in re.split(r"[\s/|,;()]+", bare) if any(char.isalpha() for char in word)]
    lower = sum(word.islower() and len(word) > 2 and "." not in word[:-1] for word in words)
    return 0 < len(words) <= 24 and (not lower or lower < len(words) / 2)


def _may_start(text: str, position: int) -> bool:
    """Say whether a credit may start at a place: at a mark or with a capital, and naming an owner."""
    tail = text[position:]
    if len(tail) > 150 or re.search(rf"[{_END}]\s+\S+\s+[^\W\d_A-Z]\w+\s+\w+\s+\w+", tail):
        return False
    if text[position].islower() and text[:position].rstrip()[-1:] not in f"{_END};,:|/–—-)”\"'’(":
        return False
    return may_own(tail)


def _whole_start(text: str, start: int) -> int:
    """Return where a credit starts whose first word stands before the label: `AP Photo/Jane Doe`."""
    found = re.search(r"(?:^|(?<=[\s(]))(?:AP|EPA|AFP|PA|UPI)\s*$", text[:start])
    return found.start() if found else start


def _is_credit(text: str) -> bool:
    unmarked = UNMARKED.match(text)
    if LABEL.match(text) or (unmarked and may_own(text[unmarked.end() :])) or "©" in text or " via " in text:
        return True
    if "/" in text and len(text.split()) <= 8 and _is_slashed(text):
        return True
    return bool(AGENCY.search(text)) and len(text.split()) <= 14


def _is_barred(before: str, credit: str) -> bool:
    """Say whether what follows the one bar of a text is its owner."""
    if re.search(r"[|•·‖]", before) or len(before.split()) < 4:
        return False
    return (
        looks_like_credit(credit) or _is_slashed(credit) or (before.endswith(tuple(_END)) and is_name(credit))
    )


def _is_signed(before: str, credit: str) -> bool:
    """Say whether the last words of a text, after a whole sentence or a stroke, are its owner's name."""
    if len(before.split()) < 4 or ("/" in before and not before.endswith(tuple(_END))):
        return False
    return _is_slashed(credit) or (len(credit.split()) <= 4 and is_name(credit))


def _is_slashed(text: str) -> bool:
    """Say whether a text is owners parted by strokes: `Jane Doe/Agency`, all with capitals."""
    parts = [part.strip() for part in text.split("/")]
    return len(parts) in (2, 3) and all(
        0 < len(part.split()) <= 5 and re.match(CAPITAL, part) is not None and may_own(part) for part in parts
    )


def _is_bare_owner(text: str) -> bool:
    """Say whether a whole caption is but its owner: an agency, or a name and an agency."""
    if len(text) > 90 or text.endswith((".", "!", "?")) or SOCIAL.fullmatch(text) or not may_own(text):
        return False
    if " via " in text and len(text.split()) <= 10:
        return True
    if not _is_slashed(text):
        return bool(AGENCY.fullmatch(text))
    last = text.rsplit("/", 1)[-1].strip()
    first = text.split("/", 1)[0].strip()
    owners = bool(AGENCY.fullmatch(last) or AGENCY.fullmatch(first) or OWNER_TAIL.search(first))
    return owners or is_name(first)


def _is_signature(before: str, text: str) -> bool:
    """Say whether a parenthesis after a whole sentence is its photographer: `... the match. (Jo Bloggs/Agency)`."""
    if not before.rstrip().endswith((*_END, "”", '"')) or text.endswith("."):
        return False
    words = text.split()
    return len(words) <= 6 and (
        ("/" in text) or (2 <= len(words) <= 4 and all(word[:1].isupper() for word in words))
    )


def _parted(caption: str, credit: str) -> tuple[str | None, str | None]:
    return clean_caption(caption.rstrip(" |–—-/([（【＝=,")), clean_credit(credit)
