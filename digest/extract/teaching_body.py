"""Choose the selector of a story's text from the words it starts and ends with."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from copy import deepcopy

from lxml.html import HtmlElement

from digest.extract.blocks import letters_of
from digest.extract.body import Body, body_in, is_paragraph
from digest.extract.page_words import PageWords, shared_ancestor
from digest.extract.selector_choice import BY_PLACE, ranked_selectors
from digest.extract.site_rules import Selector, parse_selector

_TRIES = 60
_MOST_PAIRS = 8
_AROUND = 2
"""So many elements around the smallest one that holds the whole text are tried too."""
_HEADINGS = ("h2", "h3", "h4", "h5", "h6")


def choose_body(
    words: PageWords,
    *,
    first: str,
    last: str,
    read_now: Sequence[str],
    title: str,
    dropped: Iterable[HtmlElement],
) -> Selector | str:
    """Return a selector whose text starts and ends with these words, or a sentence on why there is none.

    Where one end is not told it is that of `read_now`, the paragraphs read so far. `dropped` are elements that
    will be gone. Of the selectors that fit, the one that brings most paragraphs and least else is taken.
    """
    if not (first or last) or ((not first or not last) and not read_now):
        return "first: tell both how the text starts and how it ends, with first=... and last=..."
    pair = _ends(words, first or read_now[0], last or read_now[-1])
    if pair is None:
        return f"last: the words “{last[:80]}” stand nowhere after those that the text starts with."
    page = _without(words.root, dropped)
    fitting: list[tuple[bool, int, int, Selector]] = []
    nearest: Body | None = None
    for cost, css in _candidates(*pair)[:_TRIES]:
        selector = parse_selector(css)
        body = body_in(page, selector.find(page), title=title)
        if body is None or not body.paragraphs:
            continue
        nearest = nearest or body
        if _fits(body, first, last):
            fitting.append((cost >= BY_PLACE, -_worth(body), cost, selector))
    if fitting:
        return min(fitting, key=lambda item: item[:3])[3]
    return _apart(nearest, first)


def _ends(words: PageWords, first: str, last: str) -> tuple[HtmlElement, HtmlElement] | None:
    """Return the elements that hold the first and the last words and stand nearest to one another."""
    order = {element: place for place, element in enumerate(words.root.iter())}
    pairs = [
        (start, end)
        for start in words.holding(first)[:_MOST_PAIRS]
        for end in words.holding(last)[-_MOST_PAIRS:]
        if order[start] <= order[end]
    ]
    return min(pairs, key=lambda pair: words.length(shared_ancestor(*pair)), default=None)


def _candidates(start: HtmlElement, end: HtmlElement) -> list[tuple[int, str]]:
    costs: dict[str, int] = {}

    def add(cost: int, css: str) -> None:
        costs[css] = min(cost, costs.get(css, cost))

    shared = shared_ancestor(start, end)
    around = [item for item in shared.iterancestors() if item.tag not in ("body", "html")]
    for level, holder in enumerate([shared, *around[:_AROUND]]):
        for cost, css in ranked_selectors(holder):
            add(cost + 2 * level, css)
            add(cost + 2 * level + 2, f"{css} > p")
            add(cost + 2 * level + 3, f"{css} p")
    for cost, css in ranked_selectors(start):
        add(cost + 1, css)
    return sorted((cost, css) for css, cost in costs.items())


def _fits(body: Body, first: str, last: str) -> bool:
    return letters_of(body.paragraphs[0]).startswith(letters_of(first)) and letters_of(
        body.paragraphs[-1]
    ).endswith(letters_of(last))


def _worth(body: Body) -> int:
    """Return the words in paragraphs and subheads, less what else there is, which is most often no story."""
    worth = 0
    for block in body.blocks:
        words = len(block.text.split())
        is_story = is_paragraph(block) or block.tag in ("p", "li", "blockquote", *_HEADINGS)
        worth += words if is_story and block.link_share < 0.8 else -5 * words
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
    begins = letters_of(nearest.paragraphs[0]).startswith(letters_of(first))
    odd = nearest.paragraphs[-1] if begins else nearest.paragraphs[0]
    where, field = ("ends", "last") if begins else ("starts", "first")
    return (
        f"{field}: with the nearest selector the text {where} with “{odd[:80]}”. "
        "Name words of what is no story with drop=..., or give more words."
    )
