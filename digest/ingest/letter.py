"""Take from a newsletter's body what is about the letter and not in it: how to view it, leave it, and who sent it."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence

from lxml import html as lxml_html
from lxml.etree import LxmlError
from lxml.html import HtmlElement

from digest.ingest.feed_text import join_address
from digest.ingest.letter_wording import ABOUT, LEAVE, OWNER, PLACE, VIEW

_BLOCKS = {
    "address", "article", "blockquote", "center", "dd", "div", "dl", "dt", "footer", "h1", "h2", "h3", "h4",
    "h5", "h6", "header", "li", "main", "ol", "p", "section", "table", "tbody", "td", "tfoot", "th", "tr", "ul",
}  # fmt: skip
_DROPPED = ("script", "style", "title", "meta", "link", "base", "template", "noscript")
_DECLARATION = re.compile(r"<\?xml[^>]{0,500}\?>", re.I)
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_REFERENCE = re.compile(r"&#(?:x0*([0-9a-f]{1,8})(?![0-9a-f])|0*(\d{1,10})(?!\d));?", re.I)
_HIDDEN = re.compile(r"display\s*:\s*none|mso-hide\s*:\s*all", re.I)
_LEAVE_ADDRESS = re.compile(r"unsub|opt-?out|list-manage\.com/profile|/preferences?\b", re.I)
_FEW_WORDS = 25
_FEW_CHARS = 600
_SHORT_LETTER = 40
_NAMES_BETWEEN = 3
_NAME_WORDS = 6
_POINTER_WORDS = 4
_MAX_CHARS = 3_000_000
_ADDRESS = re.compile(r"https?://[^\s<>()\[\]\"']{4,2000}")
_BRACKETED = re.compile(r"\s*[(<\[]\s*https?://[^\s<>()\[\]]{1,2000}\s*[)>\]]")
_RULE = re.compile(r"^[\s\-=*_~#+•·–—]{3,}$")
_MARK = re.compile(r"^[*#]{1,4}\s+|\s+\*{1,3}$")
_BULLET = re.compile(r"^\s*(?:[-*•·>=#]|\d{1,2}[.)]\s)")
_WRAPPED = range(50, 86)


def clean_letter(markup: str) -> tuple[str, str | None]:
    """Return the HTML of a letter without its notices, and the address of its "view in browser" link.

    Pictures that come in the mail itself (`cid:`) have no address to show them from, and go.
    """
    try:
        root = lxml_html.document_fromstring(_sound(_DECLARATION.sub("", markup[:_MAX_CHARS])))
    except (LxmlError, ValueError, AssertionError):
        return html.escape(markup[:_MAX_CHARS]), None
    _drop(list(root.iter(*_DROPPED)))
    _drop([one for one in root.iter() if _HIDDEN.search(str(one.get("style") or ""))])
    _drop([one for one in root.iter("img") if not _is_shown(one)])
    blocks = [block for block in _leaf_blocks(root) if _text(block)]
    texts = [_text(block) for block in blocks]
    url = next(
        (found for block, text in zip(blocks, texts, strict=True) if (found := _view_address(block, text))),
        None,
    )
    notices = _notices(
        texts, [_leads_out(block) for block in blocks], [_is_linked(block) for block in blocks]
    )
    _drop([blocks[position] for position in notices])
    body = root.find("body")
    parts = [lxml_html.tostring(one, encoding="unicode") for one in (body if body is not None else root)]
    lead = html.escape((body.text or "") if body is not None else "")
    return lead + "".join(parts), url


def page_of_text(text: str) -> tuple[str, str | None]:
    """Return HTML paragraphs of a letter that is plain text, likewise."""
    paragraphs = [paragraph for paragraph in _paragraphs(text[:_MAX_CHARS]) if not _RULE.match(paragraph)]
    url = None
    for position, paragraph in enumerate(paragraphs):
        near = " ".join(paragraphs[position : position + 2])
        if _is_short(paragraph) and VIEW.search(paragraph) and (found := _ADDRESS.search(near)):
            url = found[0].rstrip(".,;")
            break
    linked = [_is_bare_link(paragraph) for paragraph in paragraphs]
    leaving = [
        _is_short(paragraph, times=3)
        and bool(LEAVE.search(paragraph) or any(map(_LEAVE_ADDRESS.search, _ADDRESS.findall(paragraph))))
        for paragraph in paragraphs
    ]
    notices = set(_notices(paragraphs, leaving, linked))
    kept = [
        _MARK.sub("", _BRACKETED.sub("", paragraph))
        for position, paragraph in enumerate(paragraphs)
        if position not in notices and not linked[position]
    ]
    return "".join(f"<p>{html.escape(paragraph)}</p>" for paragraph in kept), url


def _sound(markup: str) -> str:
    """Return HTML without the characters, and references to them, that no tree of elements can hold."""

    def kept(found: re.Match[str]) -> str:
        number = int(found[1], 16) if found[1] else int(found[2])
        return "" if number > 0x10FFFF or _CONTROL.match(chr(number)) else found[0]

    return _REFERENCE.sub(kept, _CONTROL.sub("", markup))


def _notices(texts: Sequence[str], leaving: Sequence[bool], linked: Sequence[bool]) -> list[int]:
    """Return the positions of what is about the letter.

    Near the top that is single lines. Where the way out stands further down, the footer begins: with all that
    follows, and the lines above it that are of its kind.
    """
    words = [len(text.split()) for text in texts]
    total = sum(words)
    before = 0
    footer = len(texts)
    dropped: set[int] = set()
    for position, count in enumerate(words):
        if leaving[position]:
            if 2 * before >= total or (before >= _SHORT_LETTER and total - before - count <= 2 * before):
                footer = position
                break
            if count <= _FEW_WORDS:
                dropped.add(position)
        elif _is_short(texts[position]) and VIEW.search(texts[position]):
            dropped.add(position)
        before += count
    return sorted(dropped | set(range(_footer_top(texts, words, linked, footer), len(texts))))


def _footer_top(texts: Sequence[str], words: Sequence[int], linked: Sequence[bool], footer: int) -> int:
    """Return where a footer begins: above its first certain line, over lines of its kind and the names between."""
    has_footer = footer < len(texts)
    top = position = footer
    while position > 0 and top - position < _NAMES_BETWEEN:
        position -= 1
        if _is_footer_like(texts[position], words[position], linked[position], has_footer):
            top = position
        elif words[position] > _NAME_WORDS:
            break
    return top


def _is_footer_like(text: str, count: int, is_linked: bool, has_footer: bool) -> bool:
    if not has_footer:
        return _is_short(text) and bool(OWNER.match(text))
    if not _is_short(text, times=2):
        return False
    if ABOUT.search(text):
        return True
    return (is_linked and count <= 6) or (count <= 15 and bool(PLACE.search(text)))


def _leaf_blocks(root: HtmlElement) -> Iterator[HtmlElement]:
    """Yield the blocks that hold no other block, in order."""
    for element in root.iter():
        if isinstance(element.tag, str) and element.tag in _BLOCKS:
            inner = (
                one for one in element.iterdescendants() if isinstance(one.tag, str) and one.tag in _BLOCKS
            )
            if next(inner, None) is None:
                yield element


def _text(block: HtmlElement) -> str:
    return " ".join("".join(block.itertext(with_tail=False)).split())


def _leads_out(block: HtmlElement) -> bool:
    """Say whether a block offers the way out of the list."""
    text = _text(block)
    links = [(_text(link), str(link.get("href") or "")) for link in block.iter("a")]
    if any(LEAVE.search(name[:_FEW_CHARS]) or _LEAVE_ADDRESS.search(address) for name, address in links):
        return True
    return _is_short(text) and bool(LEAVE.search(text))


def _is_short(text: str, *, times: int = 1) -> bool:
    """Say whether a text may be a notice: some words, and none so long that it would be searched for ages."""
    return len(text) <= times * _FEW_CHARS and len(text.split()) <= times * _FEW_WORDS


def _is_linked(block: HtmlElement) -> bool:
    """Say whether all of a block's text is links."""
    inside = sum(len(_text(link)) for link in block.iter("a"))
    return inside > 0 and inside >= 0.8 * len(_text(block).replace(" ", ""))


def _view_address(block: HtmlElement, text: str) -> str | None:
    if not _is_short(text) or not VIEW.search(text):
        return None
    links = list(block.iter("a"))
    named = [link for link in links if VIEW.search(_text(link))]
    for link in named or links:
        address = join_address("", link.get("href") or "")
        if address and not _LEAVE_ADDRESS.search(address):
            return address
    return None


def _is_shown(image: HtmlElement) -> bool:
    return not str(image.get("src") or "").strip().lower().startswith("cid:")


def _drop(elements: Sequence[HtmlElement]) -> None:
    for element in elements:
        if element.getparent() is not None:
            element.drop_tree()


def _is_bare_link(paragraph: str) -> bool:
    """Say whether a paragraph is an address, with a few words to say where it leads at most."""
    return bool(_ADDRESS.search(paragraph)) and len(_ADDRESS.sub("", paragraph).split()) <= _POINTER_WORDS


def _paragraphs(text: str) -> Iterator[str]:
    """Yield the paragraphs of plain text: lines that a mail program wrapped are joined again."""
    current = ""
    last = ""
    for line in [*text.splitlines(), ""]:
        line = line.rstrip("\r\n")
        joins = (
            bool(current.strip())
            and bool(line.strip())
            and (last.endswith(" ") or len(last) in _WRAPPED)
            and not _BULLET.match(line)
            and not _RULE.match(last)
        )
        if joins:
            current = f"{current.rstrip()} {line.strip()}"
        else:
            if current.strip():
                yield " ".join(current.split())
            current = line
        last = line
