"""Take a picture's credit apart: photographers, agencies, and who passed the picture on."""

from __future__ import annotations

import re
from collections.abc import Iterator

from digest.extract.byline import is_name
from digest.extract.credit import clean_credit
from digest.extract.credit_words import AGENCY, CASELESS, LABEL, NOTE, OWNER_TAIL, UNMARKED
from digest.model import Credit

_VIA = re.compile(r"(?:^|\s+)(?:via|über|через|par l['’]intermédiaire d[eu])\s+", re.I)
_PARTS = re.compile(
    r"\s*(?:[/／|;,،、·•()（）\[\]©ⓒ＝=]|\s[–—-]+\s|\s[&+]\s|\b(?:and|und|et|y|e|og|och|ja|és|i|и|та|ve)\b(?=\s)|"
    r"\bfor\b(?=\s+\S)|\bfür\b(?=\s)|\bpour\b(?=\s)|\bpara\b(?=\s)|\bon\b(?=\s+[A-Z])|\.\s+(?=[^\W\d_]+\s?:))\s*"
)
_YEAR = re.compile(r"^(?:19|20)\d\d(?:\s?[-–]\s?(?:19|20)?\d\d)?\b\s*")
_NOISE = re.compile(
    r"^(?:file(?: (?:photo|picture|image))?|archiv\w{0,4}|archives?|arkiv\w*|"
    r"hand-?out|pool(?: photo)?|stringer|staff(?: photographer)?|freelance|contributor|collage|montage|screenshot|"
    r"illustration|symbol(?:bild|foto)|all rights reserved|alle rechte vorbehalten|tous droits réservés|courtesy|"
    r"supplied|photos?|fotos?|images?|image|video|text|x|zvg|gmbh|inc\.?|ltd\.?|llc)$",
    re.I,
)
_ORGANIZATION = re.compile(
    r"\b(?:the|club|museum|university|universität|universidad|université|police|polizei|policía|department|ministry|"
    r"ministerium|ministerio|ministère|office|court|agency|agencia|agência|agence|agenzia|agentur|press|presse|prensa|news|"
    r"media|times|post|journal|courier|gazette|tribune|magazine|zeitung|stadt\w*|gemeinde|verein|feuerwehr|land\w+amt|"
    r"city|council|county|school|college|institute|institut|foundation|stiftung|fundación|company|corp|group|"
    r"studios?|films?|pictures|records|entertainment|library|bibliothek|archives?|archiv|archivo|national|"
    r"united|european|europea|international|association|society|team|tv|fc)\b",
    re.I,
)
_CASELESS = re.compile(rf"^[{CASELESS}\s・.]+$")
_CASELESS_OWNER = re.compile(
    r"(?:社|新聞|新闻|通信|通讯|通訊|뉴스|일보|신문|통신|방송|局|網|网|图库|圖庫|庁|省|会|會|大学|大學|博物馆|委員会|위원회|캠프|측|제공|"
    r"وكالة|وكالات|وزارة|قناة|سانا)"
)
_REPORTER = re.compile(r"\s*(?:기자|記者|记者|撮影|摄影?|攝影?)$")
_STAFF = re.compile(
    r"^(?:.{2,12}(?:社|新闻|新聞|日报|日報))?(?:记者|記者)\s*|(?:\s+|^)(?:staff )?photographer$", re.I
)
_CANONICAL = {
    "ap": "AP", "a.p": "AP", "ap photo": "AP", "ap images": "AP", "associated press": "AP",
    "the associated press": "AP", "afp": "AFP", "agence france-presse": "AFP", "agence france presse": "AFP",
    "getty": "Getty Images", "getty images": "Getty Images", "reuters": "Reuters", "dpa": "dpa",
    "imago": "imago", "imago images": "imago", "epa": "EPA", "apa": "APA", "ansa": "ANSA", "efe": "EFE", "pa": "PA",
    "pa media": "PA", "pa wire": "PA", "pa images": "PA", "press association": "PA", "anadolu": "Anadolu",
    "anadolu agency": "Anadolu", "anadolu ajansı": "Anadolu", "aa": "Anadolu", "picture alliance": "picture alliance",
    "picture-alliance": "picture alliance", "istock": "iStock", "istockphoto": "iStock", "shutterstock": "Shutterstock",
    "adobe stock": "Adobe Stock", "adobestock": "Adobe Stock", "keystone": "Keystone", "keystone-sda": "Keystone",
    "scanpix": "Ritzau Scanpix", "ritzau scanpix": "Ritzau Scanpix", "čtk": "ČTK", "ctk": "ČTK", "tass": "TASS",
    "тасс": "TASS", "연합뉴스": "Yonhap", "連合ニュース": "Yonhap", "yonhap": "Yonhap", "新华社": "Xinhua",
    "新華社": "Xinhua", "xinhua": "Xinhua", "ロイター": "Reuters", "رويترز": "Reuters",
    "로이터": "Reuters", "路透社": "Reuters",
    "أ ف ب": "AFP", "فرانس برس": "AFP", "法新社": "AFP", "unsplash": "Unsplash", "alamy": "Alamy",
    "wikimedia": "Wikimedia Commons", "wikimedia commons": "Wikimedia Commons", "backgrid": "Backgrid",
}  # fmt: skip


def parse_credit(text: str | None) -> Credit:
    """Return who a credit names: `Jane Doe/AP via Getty Images` names a photographer, an agency and a way.

    Of an owner whose name could be a person's, two to five capitalised words make a photographer.
    """
    whole = clean_credit(text)
    if not whole:
        return Credit()
    owners, *ways = _VIA.split(whole)
    photographers: list[str] = []
    agencies: list[str] = []
    for part, is_labelled in _parts(owners):
        person, agency = _told_apart(part, is_labelled)
        _add(photographers, person)
        _add(agencies, agency)
    via = None
    for way in ways:
        named = [agency for part, _ in _parts(way) for agency in (_told_apart(part, False)[1] or part,)]
        via = named[0] if named else via
    return Credit(photographers=tuple(photographers), agencies=tuple(agencies), via=via)


def _parts(text: str) -> Iterator[tuple[str, bool]]:
    """Yield the names in a credit, each with whether a label of a picture's maker stands before it."""
    labelled = False
    for piece in _PARTS.split(_spelled(text)):
        piece = _YEAR.sub("", piece.strip(" .:：\t–—-"))
        label = LABEL.match(piece) or UNMARKED.match(piece)
        cleaned = (clean_credit(piece) or "") if label else piece
        if not cleaned or _NOISE.match(cleaned) or NOTE.match(cleaned):
            labelled = labelled or bool(_NOISE.match(piece) and piece.lower().startswith(("photo", "foto")))
            continue
        if re.match(r"^[^\W\d_]+\s?:", cleaned):
            continue
        yield cleaned, bool(label) or labelled
        labelled = False


def _spelled(text: str) -> str:
    """Keep names whole that hold a mark: `AP Photo/Jane Doe` parts after the agency."""
    text = re.sub(r"\bAP Photo/", "AP Photo / ", text)
    return re.sub(r"picture alliance ?/ ?", "picture alliance / ", text)


def _told_apart(part: str, is_labelled: bool) -> tuple[str | None, str | None]:
    """Return a part of a credit as a person, as an agency, or as both where they stand side by side."""
    known = AGENCY.fullmatch(part.removesuffix(".com")) or part.casefold() in _CANONICAL
    if known:
        return None, _canonical(part.removesuffix(".com"))
    for found in AGENCY.finditer(part):
        rest = (part[: found.start()] + part[found.end() :]).strip(" .-")
        if (found.start() == 0 or found.end() == len(part)) and is_name(rest):
            return rest, _canonical(found.group())
    if _CASELESS.match(part):
        return _told_apart_caseless(part, is_labelled)
    person = _STAFF.sub("", part)
    if person.startswith("@"):
        return person, None
    is_person = is_name(person) and not OWNER_TAIL.search(person)
    if is_person and (is_labelled or not _ORGANIZATION.search(person)):
        return person, None
    return None, part if any(char.isalpha() for char in part) else None


def _told_apart_caseless(part: str, is_labelled: bool) -> tuple[str | None, str | None]:
    person = _STAFF.sub("", _REPORTER.sub("", part)).strip()
    was_reporter = person != part
    words = person.split()
    if not was_reporter and _CASELESS_OWNER.search(person):
        return None, _canonical(part)
    is_short = len(words) in (2, 3, 4) or (
        len(words) == 1 and re.match(r"^[\u3040-\u9fff\uac00-\ud7af]{2,6}$", person)
    )
    return (person, None) if was_reporter or is_labelled or is_short else (None, part)


def _canonical(agency: str) -> str:
    return _CANONICAL.get(agency.casefold().strip(" ."), agency)


def _add(names: list[str], name: str | None) -> None:
    if name and name.casefold() not in {known.casefold() for known in names}:
        names.append(name)
