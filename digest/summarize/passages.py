"""Read a story into passages: its sentences with what choosing among them needs to know."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from digest.model import Sentence, Story
from digest.summarize.antecedents import STEM, find_antecedents
from digest.summarize.fitness import caption_words, fault_of, is_bullet, is_caption, is_credit, names_in
from digest.summarize.languages import Rules, language_of, rules_of
from digest.summarize.leaning import Lean, lean_of
from digest.summarize.quotes import has_lost_marks
from digest.summarize.sentences import split_sentences

MAX_CHARACTERS = 24_000
MAX_PASSAGES = 80
"""What of a story is read: what comes after it never made a better blurb, and time is bounded by it."""

PART_OF_LIST = "part of a list"
"""The fault of a sentence that goes on with the item of a list."""

_AGENCY = r"\((?:[A-Z]{2,9}|[A-Z][a-z]+|[a-z]{2,4})(?:[/ ,][\w ]+)?\)"
_PLACE = r"[A-ZÀ-Þ][\w'’.-]*(?:[ /][A-ZÀ-Þ][\w'’.-]*){0,3}"
_SHOUTED_PLACE = r"[A-ZÀ-Þ][A-ZÀ-Þ'’.-]{2,}(?:[ /][A-ZÀ-Þ'’.-]+){0,3}"
_TAIL = r"(?:, [\wÀ-ÿ.]+(?: [\wÀ-ÿ.]+){0,3}){0,2}"
_DATE = r"(?:[A-ZÀ-Þa-z][\wà-ÿ]{2,9}\.? \d{1,2}|\d{1,2}\.? (?:de )?[A-ZÀ-Þa-z][\wà-ÿ]{2,9})\.?(?:,? \d{4})?"
_DATELINE = re.compile(
    rf"(?:{_PLACE}{_TAIL} {_AGENCY} ?(?:[-–—]+|:|\.) ?|{_PLACE}, {_DATE} {_AGENCY} "
    rf"|{_SHOUTED_PLACE}{_TAIL}(?: ?[-–—]+ | ?: |—)"
    r"|\d{1,2}[:.]\d{2}(?: ?[ap]\.?m\.?| Uhr| h)?(?: [A-Z]{2,4})?(?: ?[-–—:|]+ | ))"
)
_LETTERS = re.compile(r"[^\W_]+")
_LETTER = re.compile(r"[^\W_]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A sentence of a story.

    `place` counts all its sentences; `words` is the length as `str.split` counts. `stems` are the bits of its
    different content words, `title_pairs` those of its pairs of neighbouring words that the title has too. Of each
    set of places in `needs`, as bits, a blurb must have one before this sentence.
    """

    sentence: Sentence
    place: int
    words: int
    fault: str
    lean: Lean
    needs: tuple[int, ...]
    stems: int
    title_pairs: int
    names: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A story as read.

    The sets of bits are words: the title's, those of two sentences or more, and those of four or more. Each
    size is at least 1.
    """

    passages: tuple[Passage, ...]
    title: int
    often: int
    central: int
    title_size: int
    title_pairs_size: int
    often_size: int
    central_size: int


def read_story(story: Story) -> Reading:
    """Read the part of a story that is material for its blurb."""
    text = _material(story)
    language = language_of(text, story.language)
    rules = rules_of(language)
    split = split_sentences(text, language=language)[:MAX_PASSAGES]
    sentences = [without_dateline(sentence, text) for sentence in split]
    stems = _Index()
    tokens = [_tokens(sentence.text, rules) for sentence in sentences]
    stem_bits = [stems.add(_content(words, rules)) for words in tokens]
    title_words = _tokens(story.title, rules)
    title = _content(title_words, rules)
    title_pairs = _Index()
    title_pairs_bits = title_pairs.add(pairwise(title_words))
    judged = _judge(story, split, sentences, tokens, title_words, language)
    needs = find_antecedents(
        [sentence.text for sentence in sentences], tokens, title=story.title, rules=rules
    )
    passages = tuple(
        Passage(
            sentence=sentence,
            place=place,
            words=len(sentence.text.split()),
            fault=judged[place][0],
            lean=judged[place][1],
            needs=needs[place],
            stems=stem_bits[place],
            title_pairs=title_pairs.known(pairwise(tokens[place])),
            names=names_in(sentence.text, rules=rules),
        )
        for place, sentence in enumerate(sentences)
    )
    return Reading(
        passages=passages,
        title=stems.known(title),
        often=stems.at_least(2),
        central=stems.at_least(4),
        title_size=len(set(title)) or 1,
        title_pairs_size=title_pairs_bits.bit_count() or 1,
        often_size=stems.at_least(2).bit_count() or 1,
        central_size=stems.at_least(4).bit_count() or 1,
    )


class _Index:
    """Give each different key a bit, and know which bits were given in two sentences or more, or four."""

    def __init__(self) -> None:
        self._bits: dict[object, int] = {}
        self._times = [0, 0, 0, 0]

    def add(self, keys: Iterable[object]) -> int:
        """Return the bits of one sentence's keys."""
        bits, found = self._bits, 0
        for key in keys:
            bit = bits.get(key)
            if bit is None:
                bits[key] = bit = 1 << len(bits)
            found |= bit
        once, twice, thrice, often = self._times
        self._times = [once | found, twice | once & found, thrice | twice & found, often | thrice & found]
        return found

    def known(self, keys: Iterable[object]) -> int:
        """Return the bits of those keys that have one."""
        found = 0
        for key in keys:
            found |= self._bits.get(key, 0)
        return found

    def at_least(self, count: int) -> int:
        """Return the bits that were given in so many sentences, 1 to 4."""
        return self._times[count - 1]


def _judge(
    story: Story,
    split: list[Sentence],
    sentences: list[Sentence],
    tokens: list[list[str]],
    title: list[str],
    language: str,
) -> list[tuple[str, Lean]]:
    """Return each sentence's fault and how it leans; `split` are the sentences with their datelines."""
    rules = rules_of(language)
    is_damaged = has_lost_marks(" ".join(sentence.text for sentence in split))
    judged = []
    for place, fault in enumerate(_faults(story, sentences, tokens, title, language)):
        sentence = sentences[place]
        lean = lean_of(sentence.text, rules=rules, has_lost_marks=is_damaged, is_first=place == 0)
        judged.append((fault or _fault_of_entry(split[place], sentence, lean), lean))
    return judged


def _faults(
    story: Story, sentences: list[Sentence], tokens: list[list[str]], title: list[str], language: str
) -> list[str]:
    """Return each sentence's fault."""
    rules = rules_of(language)
    captions = [
        caption_words(image.caption) for image in (story.lead_image, *story.images) if image and image.caption
    ]
    faults: list[str] = []
    said: set[str] = set()
    for place, (sentence, words) in enumerate(zip(sentences, tokens, strict=True)):
        fault = fault_of(sentence.text, rules=rules, language=language)
        if not fault and is_caption(sentence.text, captions):
            fault = "caption"
        if not fault and words == title:
            fault = "the headline again"
        if not fault and sentence.text in said:
            fault = "said before"
        said.add(sentence.text)
        if place:
            before = sentences[place - 1]
            is_apart = "\n" in story.text[before.end : sentence.start]
            if not is_apart and is_credit(sentence.text):
                faults[-1] = faults[-1] or "caption"
            if not fault:
                fault = _fault_carried(before.text, faults[-1], is_apart=is_apart)
        faults.append(fault)
    return faults


def _fault_of_entry(whole: Sentence, sentence: Sentence, lean: Lean) -> str:
    """Return the fault of an entry of a live blog that points at one above or below it: their order is no story's."""
    is_entry = sentence is not whole and whole.text[0].isdigit()
    return "points at another entry" if is_entry and lean is not Lean.NONE else ""


def _fault_carried(before: str, fault: str, *, is_apart: bool) -> str:
    """Return what a sentence has from the one before: the item of a list and the turn of an interview go on."""
    if is_apart:
        is_heading = fault == "unfinished" and is_bullet(before) and before.count(" ") < 10
        return PART_OF_LIST if is_heading else ""
    if fault in ("list item", PART_OF_LIST):
        return PART_OF_LIST
    return fault if fault == "turn of an interview" else ""


def _material(story: Story) -> str:
    text = story.text if story.blurb_end is None else story.text[: story.blurb_end]
    if len(text) <= MAX_CHARACTERS:
        return text
    cut = text.rfind("\n\n", 0, MAX_CHARACTERS)
    return text[: cut if cut > 0 else MAX_CHARACTERS]


def without_dateline(sentence: Sentence, text: str) -> Sentence:
    """Return a sentence of a text without the place and the agency that it may open with."""
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
        return [word[:STEM] for word in _LETTERS.findall(text.lower())]
    return _LETTER.findall(text.lower())


def _content(tokens: list[str], rules: Rules) -> list[str]:
    """Return the words that carry meaning, as far as a list of usual first words can tell."""
    if not rules.has_spaces:
        return tokens
    return [token for token in tokens if len(token) > 2 and token not in rules.starters]
