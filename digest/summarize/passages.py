"""Read a story into passages: its sentences with what choosing among them needs to know."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from digest.model import Sentence, Story
from digest.summarize.fitness import Lean, caption_words, fault_of, is_caption, lean_of, names_in
from digest.summarize.languages import Rules, rules_of
from digest.summarize.sentences import split_sentences

MAX_CHARACTERS = 24_000
MAX_PASSAGES = 80
"""What of a story is read: what comes after it never made a better blurb, and time is bounded by it."""

_AGENCY = r"\((?:[A-Z]{2,9}|[A-Z][a-z]+|dpa|afp|epd|sid|AFP|AP|Reuters)(?:[/ ,][\w ]+)?\)"
_PLACE = r"[A-ZÀ-Þ][\w'’.-]*(?:[ /][A-ZÀ-Þ][\w'’.-]*){0,3}"
_SHOUTED_PLACE = r"[A-ZÀ-Þ][A-ZÀ-Þ'’.-]{2,}(?:[ /][A-ZÀ-Þ'’.-]+){0,3}"
_TAIL = r"(?:, [\wÀ-ÿ.]+(?: [\wÀ-ÿ.]+){0,3}){0,2}"
_DATELINE = re.compile(
    rf"(?:{_PLACE}{_TAIL} {_AGENCY} ?(?:[-–—]+|:|\.) ?|{_SHOUTED_PLACE}{_TAIL}(?: ?[-–—]+ | ?: |—)"
    r"|\d{1,2}[:.]\d{2}(?: ?[ap]\.?m\.?| Uhr| h)?(?: [A-Z]{2,4})?(?: ?[-–—:|]+ | ))"
)
_LETTERS = re.compile(r"[^\W_]+")
_LETTER = re.compile(r"[^\W_]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A sentence of a story.

    `place` counts all its sentences; `words` is the length as `str.split` counts. `stems` and `pairs` are
    sets of bits: its different content words, and its pairs of neighbouring words.
    """

    sentence: Sentence
    place: int
    words: int
    fault: str
    lean: Lean
    stems: int
    pairs: int
    names: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A story as read. The sets of bits: the title's words and pairs, and those the story says again.

    `often` are the words of two sentences or more, `central` those of four or more, `repeated` the pairs of
    two or more.
    """

    passages: tuple[Passage, ...]
    title: int
    title_pairs: int
    often: int
    central: int
    repeated: int
    all_stems: int
    title_size: int


def read_story(story: Story) -> Reading:
    """Read the part of a story that is material for its blurb."""
    rules = rules_of(story.language)
    text = _material(story)
    sentences = [
        _without_dateline(sentence, text)
        for sentence in split_sentences(text, language=story.language)[:MAX_PASSAGES]
    ]
    stems, pairs = _Index(), _Index()
    tokens = [_tokens(sentence.text, rules) for sentence in sentences]
    stem_bits = [stems.add(_content(words, rules)) for words in tokens]
    pair_bits = [pairs.add(pairwise(words)) for words in tokens]
    title_words = _tokens(story.title, rules)
    title = _content(title_words, rules)
    judged = _judge(story, sentences, tokens, title_words, rules)
    passages = tuple(
        Passage(
            sentence=sentence,
            place=place,
            words=len(sentence.text.split()),
            fault=fault,
            lean=lean_of(sentence.text, rules=rules),
            stems=stem_bits[place],
            pairs=pair_bits[place],
            names=names_in(sentence.text, rules=rules),
        )
        for place, (sentence, fault) in enumerate(zip(sentences, judged, strict=True))
    )
    return Reading(
        passages=passages,
        title=stems.known(title),
        title_pairs=pairs.known(pairwise(title_words)),
        often=stems.at_least(2),
        central=stems.at_least(4),
        repeated=pairs.at_least(2),
        all_stems=stems.at_least(1),
        title_size=len(set(title)),
    )


class _Index:
    """Give each different key a bit, and count in how many sentences it is."""

    def __init__(self) -> None:
        self._bits: dict[object, int] = {}
        self._counts: dict[int, int] = {}

    def add(self, keys: Iterable[object]) -> int:
        found = 0
        for key in set(keys):
            bit = self._bits.setdefault(key, len(self._bits))
            self._counts[bit] = self._counts.get(bit, 0) + 1
            found |= 1 << bit
        return found

    def known(self, keys: Iterable[object]) -> int:
        found = 0
        for key in set(keys):
            if key in self._bits:
                found |= 1 << self._bits[key]
        return found

    def at_least(self, count: int) -> int:
        found = 0
        for bit, times in self._counts.items():
            if times >= count:
                found |= 1 << bit
        return found


def _judge(
    story: Story,
    sentences: list[Sentence],
    tokens: list[list[str]],
    title: list[str],
    rules: Rules,
) -> list[str]:
    """Return each sentence's fault."""
    captions = [
        caption_words(image.caption) for image in (story.lead_image, *story.images) if image and image.caption
    ]
    faults = []
    for sentence, words in zip(sentences, tokens, strict=True):
        fault = fault_of(sentence.text, rules=rules, language=story.language)
        if not fault and is_caption(sentence.text, captions):
            fault = "caption"
        if not fault and words == title:
            fault = "the headline again"
        faults.append(fault)
    return faults


def _material(story: Story) -> str:
    text = story.text if story.blurb_end is None else story.text[: story.blurb_end]
    if len(text) <= MAX_CHARACTERS:
        return text
    cut = text.rfind("\n\n", 0, MAX_CHARACTERS)
    return text[: cut if cut > 0 else MAX_CHARACTERS]


def _without_dateline(sentence: Sentence, text: str) -> Sentence:
    match = _DATELINE.match(sentence.text)
    if match is None or match.end() >= len(sentence.text) - 10:
        return sentence
    start = sentence.start + match.end()
    while text[start].isspace():
        start += 1
    return Sentence(text=text[start : sentence.end], start=start, end=sentence.end)


def _tokens(text: str, rules: Rules) -> list[str]:
    """Return the words cut to their first letters, as a stemmer for any language; ideographs one by one."""
    if rules.has_spaces:
        return [word[:6] for word in _LETTERS.findall(text.lower())]
    return _LETTER.findall(text.lower())


def _content(tokens: list[str], rules: Rules) -> list[str]:
    """Return the words that carry meaning, as far as a list of usual first words can tell."""
    if not rules.has_spaces:
        return tokens
    return [token for token in tokens if len(token) > 2 and token not in rules.starters]
