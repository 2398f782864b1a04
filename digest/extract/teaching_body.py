"""Choose the selectors of a story's text from the words it starts and ends with."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from copy import deepcopy
from dataclasses import dataclass

from lxml.html import HtmlElement

from digest.extract.blocks import Block, letters_of
from digest.extract.body import Body, body_in, is_paragraph
from digest.extract.page_words import PageWords, shared_ancestor
from digest.extract.selected import value_of
from digest.extract.selector_choice import BY_PLACE, ranked_selectors
from digest.extract.site_rules import Selector, parse_selector

_TRIES = 40
_MOST_PAIRS = 8
_AROUND = 2
"""So many elements around the smallest one that holds the whole text are tried too."""
_SENTENCE_ENDS = ".!?…:。！？؟।\"”»’'“」』)"
_MOST_DROPS = 5
_SIMPLE = re.compile(r"^[\w.#-]+$")
_HEADINGS = ("h2", "h3", "h4", "h5", "h6")


@dataclass(frozen=True, slots=True, kw_only=True)
class BodyChoice:
    """The selector of the text, and those of what stands before and after it in the same element."""

    body: Selector
    drop: tuple[Selector, ...] = ()


def choose_body(
    words: PageWords,
    *,
    first: str,
    last: str,
    read_now: Sequence[str],
    title: str,
    dropped: Iterable[HtmlElement],
) -> list[BodyChoice] | str:
    """Return selectors whose text starts and ends with these words, or a sentence on why there are none.

    Where one end is not told it is that of `read_now`, the paragraphs read so far. `dropped` are elements that
    will be gone. What brings most paragraphs and least else comes first.
    """
    if not (first or last) or ((not first or not last) and not read_now):
        return "first: tell both how the text starts and how it ends, with first=... and last=..."
    first, last = first or read_now[0], last or read_now[-1]
    pair = _ends(words, first, last)
    if pair is None:
        return f"last: the words “{last[:80]}” stand nowhere after those that the text starts with."
    page = _without(words.root, dropped)
    fitting: list[tuple[bool, int, int, BodyChoice]] = []
    nearest: Body | None = None
    for cost, css in _candidates(*pair)[:_TRIES]:
        selector = parse_selector(css)
        body = body_in(page, selector.find(page), title=title)
        if body is None or not body.blocks:
            continue
        nearest = nearest or body
        inner = _between(body.blocks, first, last)
        drop = _drop_others(page, body.blocks, inner) if inner else None
        if drop is None:
            continue
        choices = [BodyChoice(body=selector, drop=drop), *_passing_over(page, css, drop, inner, title)]
        for extra, choice in enumerate(choices):
            fitting.append((cost >= BY_PLACE, -_worth(inner), cost + 3 * len(drop) + extra, choice))
    fitting.sort(key=lambda item: item[:3])
    return [choice for _, _, _, choice in fitting] or _apart(nearest, first)


def _passing_over(
    page: HtmlElement, css: str, drop: Sequence[Selector], inner: Sequence[Block], title: str
) -> list[BodyChoice]:
    """Return the choice that passes over what is no text rather than drop it, where it stands in one element.

    A byline is no text, but its names are still to be read.
    """
    if not drop or "," in css or any(not _SIMPLE.match(one.css) for one in drop):
        return []
    selector = parse_selector(f"{css} > *" + "".join(f":not({one.css})" for one in drop))
    body = body_in(page, selector.find(page), title=title)
    is_same = body is not None and [block.element for block in body.blocks] == [
        block.element for block in inner
    ]
    return [BodyChoice(body=selector)] if is_same else []


def _ends(words: PageWords, first: str, last: str) -> tuple[HtmlElement, HtmlElement] | None:
    """Return the elements that hold the first and the last words and stand nearest to one another."""
    order = {element: place for place, element in enumerate(words.root.iter())}
    starts, ends = words.holding(first), words.holding(last)
    starts = [one for one in starts if letters_of(value_of(one)).startswith(letters_of(first))] or starts
    ends = [one for one in ends if letters_of(value_of(one)).endswith(letters_of(last))] or ends
    pairs = [
        (start, end)
        for start in starts[:_MOST_PAIRS]
        for end in ends[-_MOST_PAIRS:]
        if order[start] <= order[end]
    ]
    return min(pairs, key=lambda pair: words.length(shared_ancestor(*pair)), default=None)


def _candidates(start: HtmlElement, end: HtmlElement) -> list[tuple[int, str]]:
    costs: dict[str, int] = {}

    def add(cost: int, css: str) -> None:
        costs[css] = min(cost, costs.get(css, cost))

    for cost, css in _holders(start, end):
        add(cost, css)
    for cost, css in ranked_selectors(start):
        add(cost + 1, css)
    follower = _next_text(start, end)
    if follower is not None:
        for its, alone in [pair for pair in ranked_selectors(start) if pair[0] < BY_PLACE][:3]:
            for cost, css in sorted(_holders(follower, end))[:8]:
                add(its + cost + 3, f"{alone}, {css}")
    return sorted((cost, css) for css, cost in costs.items())


def _holders(start: HtmlElement, end: HtmlElement) -> list[tuple[int, str]]:
    """Return selectors for what holds both, and for the paragraphs in it."""
    found = []
    shared = shared_ancestor(start, end)
    around = [item for item in shared.iterancestors() if item.tag not in ("body", "html")]
    for level, holder in enumerate([shared, *around[:_AROUND]]):
        for cost, css in ranked_selectors(holder):
            found += [
                (cost + 2 * level, css),
                (cost + 2 * level + 2, f"{css} > p"),
                (cost + 2 * level + 3, f"{css} p"),
            ]
    return found


def _next_text(start: HtmlElement, end: HtmlElement) -> HtmlElement | None:
    """Return the first paragraph after a summary that stands apart from the text, such as in its header."""
    beside = start.getparent()
    is_past = False
    for element in shared_ancestor(start, end).iter():
        is_past = is_past or element is start
        is_apart = is_past and element is not start and element.getparent() is not beside
        if is_apart and element.tag == "p" and len(element.text_content().split()) >= 15:
            return element
        if element is end:
            break
    return None


def _between(blocks: Sequence[Block], first: str, last: str) -> list[Block]:
    """Return the blocks from the one that starts with the first words to the one that ends with the last."""
    starts, ends = letters_of(first), letters_of(last)
    start = next((place for place, block in enumerate(blocks) if block.letters.startswith(starts)), None)
    stop = next(
        (place for place, block in reversed(list(enumerate(blocks))) if block.letters.endswith(ends)), None
    )
    return [] if start is None or stop is None or stop < start else list(blocks[start : stop + 1])


def _drop_others(
    page: HtmlElement, blocks: Sequence[Block], inner: Sequence[Block]
) -> tuple[Selector, ...] | None:
    """Return selectors that match what is not inner, and nothing that is; None where there are none."""
    kept = {element for block in inner for element in (block.element, *block.element.iterancestors())}
    others = [block.element for block in blocks if block not in inner]
    chosen: list[Selector] = []
    gone: set[HtmlElement] = set()
    for element in others:
        if element in gone:
            continue
        if element in kept or len(chosen) == _MOST_DROPS:
            return None
        found = _dropper(page, element, kept)
        if found is None:
            return None
        chosen.append(found)
        gone |= {inside for item in found.find(page) for inside in item.iter()}
    return tuple(chosen)


def _dropper(page: HtmlElement, element: HtmlElement, kept: set[HtmlElement]) -> Selector | None:
    costs: list[tuple[int, str]] = []
    for level, item in enumerate((element, *element.iterancestors())):
        if item in kept:
            break
        costs += [
            (cost + level, css)
            for cost, css in ranked_selectors(item)
            if ":nth-" not in css and cost < BY_PLACE
        ]
    for _, css in sorted(costs)[:20]:
        selector = parse_selector(css)
        found = selector.find(page)
        if kept.isdisjoint(found) and not any(next(one.iter("img", "h1"), None) is not None for one in found):
            return selector
    return None


def _worth(blocks: Iterable[Block]) -> int:
    """Return the words in paragraphs and subheads, less what else there is, which is most often no story."""
    worth = 0
    for block in blocks:
        words = len(block.text.split())
        is_told = block.tag in ("p", "li", "blockquote") and block.text[-1] in _SENTENCE_ENDS
        if block.link_share < 0.8 and (is_paragraph(block) or is_told or block.tag in _HEADINGS):
            worth += words
        elif block.tag not in ("li", "blockquote"):
            worth -= 5 * words
    return worth


def _without(root: HtmlElement, dropped: Iterable[HtmlElement]) -> HtmlElement:
    """Return a copy of the page without some elements."""
    places = {element: place for place, element in enumerate(root.iter())}
    gone = sorted((places[element] for element in dropped), reverse=True)
    copy = deepcopy(root)
    elements = list(copy.iter())
    for place in gone:
        if elements[place].getparent() is not None:
            elements[place].drop_tree()
    return copy


def _apart(nearest: Body | None, first: str) -> str:
    if nearest is None:
        return "first: nothing on the page holds both the first and the last words."
    begins = nearest.blocks[0].letters.startswith(letters_of(first))
    odd = nearest.paragraphs[-1] if begins else nearest.paragraphs[0]
    where, field = ("ends", "last") if begins else ("starts", "first")
    return (
        f"{field}: with the nearest selector the text {where} with “{odd[:80]}”. "
        "Name words of what is no story with drop=..., or give more words."
    )
