"""Part a picture's caption from its credit, and strip the labels that stand before either."""

from __future__ import annotations

import re

_LABEL = (
    r"(?:(?:photo(?:graph)?(?:y|s)?|foto(?:s|graf(?:[ií]a|ie|ías|o|in)?)?|fotoğraf|bild(?:er)?|"
    r"image(?:s)?|picture(?:s)?|"
    r"pic|illustration|grafik|graphic|cr[eé]dit(?:o|os|s)?|source|quelle|fuente|fonte|kaynak|zdroj|bron|"
    r"imagen|"
    r"screenshot|video|(?:image|photo|picture|foto|bild)[ -]?(?:credit|source|courtesy|quelle|nachweis|"
    r"rechte)s?|"
    r"(?:photo|photograph|image|picture|illustration|foto|fotografía) (?:by|von|de|por|di|courtesy)|"
    r"cr[eé]dits? (?:photo|image)s?|courtesy(?: of)?|copyright|rechte|agentur|"
    r"写真|撮影|提供|사진|출처|ảnh|фото)\s*(?:[:：=/]|\bby\b|©|(?<= of)|(?<= by)|(?<= von)|(?<= de)|(?<= por))\s*)"
)
LABEL = re.compile(_LABEL, re.I)
_LEADING = re.compile(rf"^[\s(\[|–—-]*(?:(?:{_LABEL})|(?:image|photo) source,\s*|©\s*)+", re.I)
_AGENCY = (
    r"(?:getty(?: images)?|reuters|afp|a\.?p\.?|ap photo|associated press|dpa|imago(?: images)?|"
    r"picture[ -]alliance|epa|ap images|"
    r"shutterstock|istock|alamy|keystone|apa|ansa|efe|bloomberg|xinhua|pa(?: wire| media| images)?|wenn|"
    r"mega|backgrid|splash(?: news)?|"
    r"rex(?: features)?|unsplash|pixabay|pexels|adobe ?stock|wikimedia(?: commons)?|nurphoto|anadolu|aa|"
    r"zuma(?: press)?|upi|"
    r"ddp|kna|epd|sid|action press|instagram|facebook|twitter|handout|tass|sipa|newscom|yonhap|jiji|"
    r"kyodo|spa|ntb|scanpix|čtk|ctk|"
    r"file photo|press association|wireimage|filmmagic|redux|contour|magnum|polaris|belga|anp|lusa|cp|"
    r"canadian press|aap)"
)
_AGENCY_RE = re.compile(rf"\b{_AGENCY}\b", re.I)
_PARENTHESIS = re.compile(r"[(\[（【]([^()\[\]（）]{2,160})[)\]）】]\s*\.?\s*$")
_TRAILING_LABEL = re.compile(
    rf"(?:^|[\s.!?;,|/–—”\"')\]…\-])(?P<credit>(?:{_LABEL}|©\s*|\(c\)\s*)[^:：©]{{2,140}})$", re.I
)
_VIA = re.compile(r"(?<=[.!?”\"'’)])\s*(?P<credit>[^.!?]{2,80}?\s(?:via|/)\s?[^.!?]{2,60})\.?$")
_SLASHED = re.compile(
    rf"(?<=[.!?”\"'’|)])\s*[|–—-]?\s*(?P<credit>(?:[^.!?|]{{2,60}}\s?[/,|–—-]\s?)?{_AGENCY}(?:\s?[/|"
    rf"]\s?[^.!?|]{{2,60}})?)\.?$",
    re.I,
)
_HANGUL_TAIL = re.compile(
    r"(?<=[.。])\s*(?P<credit>[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]{2,8}(?:\s[\uac00-\ud7af]{2,4})?)$"
)
_EDGES = " \t\n()[]（）【】|,;:·•–—-/"
_CAPTION_LABEL = re.compile(
    r"^(?:image caption|bild(?:unterschrift)?|caption|légende|leyenda|foto|photo|image)\s*[:：,]\s+", re.I
)


def split_credit(text: str) -> tuple[str | None, str | None]:
    """Part a caption as it stands under a picture into caption and credit; either may be None."""
    text = " ".join(text.split())
    if not text:
        return None, None
    if _LEADING.match(text) and len(text) < 100 and not re.search(r"[.!?]\s+\S+\s+\S+", text):
        return None, clean_credit(text)
    found = _PARENTHESIS.search(text)
    if found and found.start() == 0:
        return None, clean_credit(found.group(1))
    if found and (_is_credit(found.group(1)) or _is_signature(text[: found.start()], found.group(1))):
        return _parted(text[: found.start()], found.group(1))
    for pattern in (_TRAILING_LABEL, _SLASHED, _VIA, _HANGUL_TAIL):
        found = pattern.search(text)
        if found and found.start("credit") > 0 and _may_start(text, found):
            return _parted(text[: found.start("credit")], found.group("credit"))
    return clean_caption(text), None


def clean_credit(text: str | None) -> str | None:
    """Return a credit without labels and brackets: `Photo: Jane Doe` is `Jane Doe`."""
    text = " ".join((text or "").split())
    previous = None
    while text != previous:
        previous = text
        text = _LEADING.sub("", text).strip(_EDGES)
    if text.count("(") > text.count(")"):
        text += ")"
    if text.endswith(".") and not re.search(r"\b\w{1,3}\.$", text):
        text = text[:-1]
    return text if 1 < len(text) <= 200 else None


def clean_caption(text: str | None) -> str | None:
    """Return a caption on one line, without a label before it; None where nothing is left."""
    text = " ".join((text or "").split())
    text = _CAPTION_LABEL.sub("", text).strip(" \t|–—-·•")
    return text if len(text) > 1 and any(char.isalnum() for char in text) else None


def looks_like_credit(text: str) -> bool:
    """Say whether a short line is a credit: it starts with a label or names an agency."""
    text = text.strip()
    if not text or len(text) > 120:
        return False
    if _LEADING.match(text):
        return True
    return len(text.split()) <= 8 and bool(_AGENCY_RE.search(text)) and not text.endswith((".", "!", "?"))


def _may_start(text: str, found: re.Match[str]) -> bool:
    """Say whether a credit may start where it was found: at a mark or with a capital, and naming an owner."""
    position = found.start("credit")
    if text[position].islower() and text[:position].rstrip()[-1:] not in ".!?,;:|/–—-)”\"'":
        return False
    words = re.findall(r"[^\W\d_]+", _LEADING.sub("", found.group("credit")))
    lower = sum(word.islower() and len(word) > 2 and not _AGENCY_RE.fullmatch(word) for word in words)
    return len(words) <= 24 and (not lower or lower < len(words) / 2)


def _is_credit(text: str) -> bool:
    if LABEL.match(text) or "©" in text or " via " in text:
        return True
    return bool(_AGENCY_RE.search(text)) and len(text.split()) <= 14


def _is_signature(before: str, text: str) -> bool:
    """Say whether a parenthesis after a whole sentence is its photographer: `... the match. (Jo Bloggs/Agency)`."""
    if not before.rstrip().endswith((".", "!", "?", "…", "”", '"')) or text.endswith("."):
        return False
    words = text.split()
    return len(words) <= 6 and (
        ("/" in text) or (2 <= len(words) <= 4 and all(word[:1].isupper() for word in words))
    )


def _parted(caption: str, credit: str) -> tuple[str | None, str | None]:
    return clean_caption(caption.rstrip(" |–—-/([")), clean_credit(credit)
