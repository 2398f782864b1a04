"""Find the paragraphs of a story in its page, from three opinions and what their blocks say of themselves."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from copy import deepcopy
from dataclasses import dataclass

from lxml.etree import strip_elements
from lxml.html import HtmlElement

from digest.extract.blocks import Block, letters_of, read_blocks
from digest.extract.byline import is_name
from digest.extract.credit import looks_like_credit
from digest.extract.dump_lines import count_words
from digest.extract.embedded import embedded_paragraphs
from digest.extract.phrases import RELATED_HEADING, is_boilerplate
from digest.extract.spoken_date import find_spoken_date
from digest.extract.structured import Structured, clean

_SENTENCE_END = re.compile(r"[.!?…。！？؟।:][\"”»’'“›)\]」』]{0,3}\s*$|[\"”»“」』]$")
_DEK_CLASS = re.compile(
    r"(?:^|[\s_-])(?:dek|deck|standfirst|stand-first|lead|lede|lead-?(?:text|in)|intro\w*|sub-?(?:title|"
    r"head|headline|heading)|"
    r"summary|abstract|teaser-?text|description|excerpt|vorspann|chapo|entradilla|sottotitolo|ingress|"
    r"perex|sapo)(?:$|[\s_-])",
    re.I,
)
_NEVER_TEXT = (
    "head", "script", "style", "iframe", "noscript", "aside", "footer", "nav", "menu", "button", "video", "audio",
    "canvas", "object", "embed", "input", "option", "select", "textarea", "label", "dialog", "picture", "link",
)  # fmt: skip
"""What the tool drops itself, but only after it has searched all of it."""
_HEADINGS = ("h2", "h3", "h4", "h5", "h6")
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """A story's paragraphs and the blocks they came from, in order; `above` are the lines over the first."""

    paragraphs: tuple[str, ...]
    blocks: tuple[Block, ...]
    above: tuple[str, ...] = ()


def find_body(root: HtmlElement, structured: Structured, *, title: str) -> Body:
    """Return the paragraphs of the story, in order."""
    blocks = read_blocks(root)
    by_density = _densest(blocks)
    by_publisher = _matching(blocks, _article_body(structured))
    lines: list[str] = []
    if _is_whole(blocks, by_publisher):
        chosen = by_publisher
    else:
        lines = _trafilatura_lines(root)
        chosen = _vote(blocks, _matching(blocks, lines), by_density, by_publisher)
    chosen = _with_gaps(blocks, chosen)
    chosen |= _dek(blocks, chosen, structured, title)
    captions = {letters_of(block.text) for block in blocks if block.is_caption}
    kept = [
        position
        for position in sorted(chosen)
        if not _is_refused(blocks, position, title=title, captions=captions)
    ]
    kept = _without_tail(blocks, _without_doubles(blocks, kept))
    unsigned = [position for position in kept[:2] if not _is_label(blocks[position].text)]
    above = _lines_above(blocks, kept[min(1, len(kept) - 1)], title) if kept else []
    kept = [*unsigned, *kept[2:]] or kept
    if not kept:
        lines = lines or embedded_paragraphs(root)
        return Body(paragraphs=tuple(line for line in lines if not is_boilerplate(line)), blocks=())
    return Body(
        paragraphs=tuple(blocks[position].text for position in kept),
        blocks=tuple(blocks[position] for position in kept),
        above=tuple(above),
    )


def body_in(root: HtmlElement, elements: Sequence[HtmlElement], *, title: str) -> Body | None:
    """Return the paragraphs in elements that are known to hold the text; None where they hold none.

    An element with one paragraph is taken as it stands; of a larger one labels, lists of links and what stands
    aside are left out, and captions and headlines of all.
    """
    if not elements:
        return None
    blocks = read_blocks(root)
    owners = {inner: element for element in elements for inner in element.iter()}
    held = [position for position, block in enumerate(blocks) if block.element in owners]
    counts = Counter(owners[blocks[position].element] for position in held)
    captions = {letters_of(block.text) for block in blocks if block.is_caption}
    sound = [
        position
        for position in held
        if not (blocks[position].is_caption or blocks[position].tag == "h1")
        and (
            counts[owners[blocks[position].element]] == 1
            or not _is_refused(blocks, position, title=title, captions=captions)
        )
    ]
    aside = [position for position in sound if blocks[position].is_outside]
    if 2 * _words(blocks, aside) < _words(blocks, sound):
        sound = [p for p in sound if counts[owners[blocks[p].element]] == 1 or not blocks[p].is_outside]
    kept = _without_tail(blocks, _without_doubles(blocks, sound))
    if not kept:
        lines = tuple(text for element in elements if (text := clean(element.text_content())))
        return Body(paragraphs=lines, blocks=()) if lines and not held else None
    return Body(
        paragraphs=tuple(blocks[position].text for position in kept),
        blocks=tuple(blocks[position] for position in kept),
        above=tuple(_lines_above(blocks, kept[min(1, len(kept) - 1)], title)),
    )


def _is_label(text: str) -> bool:
    """Say whether a first line is but a name, or a kicker such as "Stage": a word or two that end nothing."""
    return is_name(text) or (count_words(text) <= 2 and not _SENTENCE_END.search(text))


def _lines_above(blocks: Sequence[Block], first: int, title: str) -> list[str]:
    """Return the lines between the headline and the first paragraph, and that one where it is but a name."""
    found: list[str] = []
    wanted = letters_of(title)
    for position in range(first, max(-1, first - 16), -1):
        block = blocks[position]
        if block.letters == wanted or block.tag == "h1":
            dated = [other.text for other in blocks[max(0, position - 4) : position] if _is_dated(other.text)]
            return dated + found[::-1]
        if not block.is_caption:
            found.append(block.text)
    return []


def _is_dated(text: str) -> bool:
    return len(text) < 120 and find_spoken_date(text) is not None


def _trafilatura_lines(root: HtmlElement) -> list[str]:
    # It takes a quarter of a second and numpy to import, and neither dumps nor feeds need it.
    import trafilatura  # noqa: PLC0415

    page = deepcopy(root)
    strip_elements(page, *_NEVER_TEXT, with_tail=False)
    text = trafilatura.extract(
        page,
        favor_precision=True,
        fast=True,
        include_comments=False,
        include_tables=True,
        include_formatting=False,
    )
    lines = (line.strip().removeprefix("- ").strip("| ") for line in (text or "").split("\n"))
    return [line for line in lines if line]


def _article_body(structured: Structured) -> list[str]:
    """Return the lines of the publisher's own text in JSON-LD, the longest there is."""
    bodies = [node.get("articleBody") for node in structured.nodes]
    longest = max((body for body in bodies if isinstance(body, str)), key=len, default="")
    text = re.sub(r"<(?:br|/?p|/?div|/?h\d|/?li)\b[^>]*>", "\n", longest, flags=re.I)
    return [line for line in (clean(re.sub(r"<[^>]+>", " ", part)) for part in text.split("\n")) if line]


def _matching(blocks: Sequence[Block], lines: Sequence[str]) -> set[int]:
    """Return the positions of the blocks that `lines` hold, word for word or nearly."""
    if not lines:
        return set()
    letters_of_lines = [letters_of(line) for line in lines]
    exact = set(letters_of_lines)
    joined = "".join(letters_of_lines)
    shingles = set(_shingles(" ".join(lines)))
    found = set()
    for position, block in enumerate(blocks):
        letters = block.letters
        if letters in exact or (len(letters) > 24 and letters in joined):
            found.add(position)
        elif len(letters) >= 24:
            own = _shingles(block.text)
            if len(own) >= 5 and sum(map(shingles.__contains__, own)) >= 0.75 * len(own):
                found.add(position)
    return found


def _shingles(text: str) -> list[tuple[str, ...]]:
    words = _WORD.findall(text.casefold())
    return list(zip(words, words[1:], words[2:], strict=False))


def is_paragraph(block: Block) -> bool:
    """Say whether a block has the shape of a story's paragraph, and stands where one may."""
    if block.is_caption or block.is_outside or block.link_share > 0.5 or block.tag in ("h1", *_HEADINGS):
        return False
    words = count_words(block.text)
    return (
        words >= 8
        and (bool(_SENTENCE_END.search(block.text)) or words >= 25)
        and not is_boilerplate(block.text)
    )


def _densest(blocks: Sequence[Block]) -> set[int]:
    """Return the paragraphs under the element that holds the most of them, near ones counting more."""
    scores: Counter[HtmlElement] = Counter()
    paragraphs = [position for position, block in enumerate(blocks) if is_paragraph(block)]
    for position in paragraphs:
        words = min(count_words(blocks[position].text), 100)
        weight = 1.0
        ancestor = blocks[position].element.getparent()
        while ancestor is not None and weight > 0.1 and ancestor.tag not in ("body", "html"):
            scores[ancestor] += int(100 * words * weight)
            weight *= 0.65
            ancestor = ancestor.getparent()
    if not scores:
        return set(paragraphs)
    best = scores.most_common(1)[0][0]
    inside = set(best.iter())
    return {position for position in paragraphs if blocks[position].element in inside}


def _vote(
    blocks: Sequence[Block], by_tool: set[int], by_density: set[int], by_publisher: set[int]
) -> set[int]:
    """Choose among the opinions: the publisher's where it is whole, else the tool's unless it missed most."""
    tool, dense, published = (_words(blocks, found) for found in (by_tool, by_density, by_publisher))
    if published >= 60 and published >= 0.6 * max(tool, min(dense, 2 * tool)):
        return by_publisher
    if dense > 60 and tool < 0.5 * dense:
        return by_density | (by_tool if _words(blocks, by_tool & by_density) > 0.5 * tool else set())
    return by_tool


def _is_whole(blocks: Sequence[Block], by_publisher: set[int]) -> bool:
    """Say whether the publisher's text would be chosen whatever the others find: it is most of the page."""
    return _words(blocks, by_publisher) >= max(60, 0.6 * _words(blocks, range(len(blocks))))


def _words(blocks: Sequence[Block], found: Iterable[int]) -> int:
    return sum(count_words(blocks[position].text) for position in found)


def _with_gaps(blocks: Sequence[Block], chosen: set[int]) -> set[int]:
    """Add paragraphs and subheads that stand among the chosen ones, as children of the same element."""
    if not chosen:
        return chosen
    parents = Counter(blocks[position].element.getparent() for position in chosen)
    places = Counter(_place(blocks[position]) for position in chosen)
    first, last = min(chosen), max(chosen)
    added = set()
    for position in range(first, last + 1):
        block = blocks[position]
        if position in chosen or not (parents[block.element.getparent()] >= 2 or places[_place(block)] >= 3):
            continue
        is_subhead = block.tag in _HEADINGS and block.link_share < 0.3 and not block.is_outside
        if is_paragraph(block) or is_subhead or _is_linked_sentence(block):
            added.add(position)
    return chosen | added | _above(blocks, chosen)


def _place(block: Block) -> tuple[object, ...]:
    """Return how an element stands in its page: what it is, within what, beside whom that stands."""
    parent = block.element.getparent()
    if parent is None:
        return (block.element,)
    beside = parent.getparent()
    names = ((element.tag, element.get("class")) for element in (block.element, parent))
    return (*names, beside)


def _is_linked_sentence(block: Block) -> bool:
    """Say whether a paragraph is a sentence of which much, but not all, is a link."""
    return (
        block.tag == "p"
        and not (block.is_caption or block.is_outside)
        and block.link_share <= 0.85
        and count_words(block.text) >= 8
        and bool(_SENTENCE_END.search(block.text))
        and not is_boilerplate(block.text)
    )


def _above(blocks: Sequence[Block], chosen: set[int]) -> set[int]:
    """Return the paragraphs just above the chosen ones that stand beside an element around them."""
    first = min(chosen)
    around = set(blocks[first].element.iterancestors())
    found: set[int] = set()
    for position in range(first - 1, max(-1, first - 12), -1):
        block = blocks[position]
        if block.tag == "h1":
            break
        parent = block.element.getparent()
        if (
            block.tag == "p"
            and parent in around
            and parent.tag not in ("body", "html")
            and is_paragraph(block)
        ):
            found.add(position)
    return found


def _dek(blocks: Sequence[Block], chosen: set[int], structured: Structured, title: str) -> set[int]:
    """Return the block that sums the story up above its first paragraph, where the page shows one."""
    first = min(chosen) if chosen else len(blocks)
    told = letters_of(structured.meta("og:description", "description", "twitter:description") or "")
    node = letters_of(clean(structured.article_value("description", "alternativeHeadline")))
    for position in range(first - 1, max(-1, first - 25), -1):
        block = blocks[position]
        letters = block.letters
        if letters == letters_of(title) and letters:
            return set()
        words = count_words(block.text)
        if block.is_caption or block.link_share > 0.4 or not 6 <= words <= 120 or is_boilerplate(block.text):
            continue
        described = any(
            text and (letters.startswith(text[:60]) or text.startswith(letters[:60])) for text in (told, node)
        )
        named = bool(
            _DEK_CLASS.search(f"{block.element.get('class') or ''} {block.element.get('itemprop') or ''}")
        )
        if described or (named and not block.is_outside):
            return {position}
    return set()


def _is_refused(blocks: Sequence[Block], position: int, *, title: str, captions: set[str]) -> bool:
    """Say whether a chosen block is no part of the text: the title, a caption, a pointer, a list of links."""
    block = blocks[position]
    letters = block.letters
    if letters == letters_of(title) or (block.is_caption and block.tag != "p") or letters in captions:
        return True
    if is_boilerplate(block.text) or (count_words(block.text) <= 10 and looks_like_credit(block.text)):
        return True
    if block.link_share > 0.85 and count_words(block.text) <= 30:
        return True
    return block.tag in _HEADINGS and bool(RELATED_HEADING.match(block.text))


def _without_doubles(blocks: Sequence[Block], kept: Sequence[int]) -> list[int]:
    """Drop what the text says twice: a pull quote, a paragraph shown again for narrow screens."""
    letters = {position: blocks[position].letters for position in kept}
    found: list[int] = []
    said = ""
    everything = "\n".join(letters.values())
    for position in kept:
        own = letters[position]
        if len(own) >= 30 and (
            own in said or (everything.count(own) > 1 and not _is_longest(own, letters.values()))
        ):
            continue
        said += "\n" + own
        found.append(position)
    return found


def _is_longest(own: str, others: Iterable[str]) -> bool:
    return not any(own in other and len(own) < len(other) for other in others)


def _without_tail(blocks: Sequence[Block], kept: list[int]) -> list[int]:
    """Drop a heading that nothing follows."""
    while kept and blocks[kept[-1]].tag in _HEADINGS:
        kept.pop()
    return kept
