"""Judge a remote model's text for a story: what may be printed, and why the rest may not."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from digest.model import Sentence, Story
from digest.summarize.extractive import CHARACTERS_A_WORD, CHARACTERS_A_WORD_UNSPACED
from digest.summarize.facts import Fact, FactKind, Verdict, check_facts, unsupported
from digest.summarize.languages import rules_of, short_tag
from digest.summarize.prompt import material_of, speaks_to_models
from digest.summarize.quotes import is_balanced
from digest.summarize.sensitivity import Sensitive, find_concerns
from digest.summarize.sentences import split_sentences
from digest.summarize.told import find_told

LEAST_SHARED = 0.5
"""Of a text's words, by their first letters, so many stand in its story; a translation shares names alone."""
STEM = 5
_GUESSED = ("en", "de", "fr", "es", "it", "pt", "nl", "sv", "pl", "tr")
_INVENTED = {
    FactKind.NAME: "invented a name",
    FactKind.NUMBER: "invented a number",
    FactKind.DATE: "invented a date",
    FactKind.QUOTATION: "changed a quotation",
}
_THOUGHTS = ("think", "thinking", "reasoning")
LONGEST_ANSWER = 2000
"""Characters beyond those of the words asked for: one that is longer is not looked at."""
_WRAPPED = {'"': '"', "“": "”", "„": "“", "«": "»"}
_MARKUP = re.compile(
    r"</?[A-Za-z!][^>]*>|&(?:[A-Za-z]{2,8}|#x?[\da-fA-F]+);|\*\*|__|```|`[^`]+`|!?\[[^\]]*\]\(|^\s{0,3}#{1,6}\s|^\s*[-*•‣▪]\s"
    r"|^\s*\d{1,2}[.)]\s|\{\{|\}\}|@@|<\||\|>",
    re.MULTILINE,
)
_ADDRESS = re.compile(
    r"\b[a-z][a-z\d+.-]{1,10}://|\bwww\.|\b(?:javascript|data|mailto|tel):\S|[\w.+-]+@[\w-]+\.\w|\b[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}/\S",
    re.IGNORECASE,
)
_HOST = re.compile(r"\b(?:[\w-]+\.)+[a-z]{2,12}\b", re.IGNORECASE)
_ENDED = re.compile(r"[.!?…‽。！？｡।॥؟۔][\"'”’»)\]」』›]*$")
_TALK = re.compile(
    r"\b(?:as an AI|language model|I(?:'|’)m sorry|I can(?:not|'t|’t) (?:help|assist|comply)"
    r"|(?:here is|here(?:'|’)s) (?:a|the|your)|word count|\d+ words\)"
    r"|(?:the|this) (?:story|article|text|passage) (?:says|states|reports|describes|discusses|is about)"
    r"|(?:previous|prior|above) instructions?)\b|^(?:summary|blurb|note|zusammenfassung|résumé|resumen)\s*:",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """The text of a blurb; or why there is none: in a few words, and in a sentence for the editor."""

    text: str = ""
    kind: str = ""
    why: str = ""


def judge_answer(
    answer: str, story: Story, *, words: int, sentences: int | None = None, told: str = ""
) -> Judgement:
    """Decide whether a model's answer may stand as the blurb of a story.

    It must be whole sentences within the limits, in the story's language and mostly its words, without markup or
    addresses, and say nothing that the story does not, nor what was `told` before.
    """
    answer = _unwrap(_without_thoughts(answer).strip())
    most = LONGEST_ANSWER + words * CHARACTERS_A_WORD
    if len(answer) > most:
        return Judgement(kind="too long", why=f"It has {len(answer)} characters.")
    text = " ".join(answer.split())
    for kind, why in (
        *_faults_of_form(answer, text, story),
        *_faults_of_length(text, story, words, sentences),
        *_faults_of_language(text, story),
    ):
        return Judgement(kind=kind, why=why)
    wrong = unsupported(check_facts(text, story))
    if wrong:
        return Judgement(kind=_INVENTED[wrong[0].kind], why=_say(wrong[0]))
    dropped = [one for one in find_concerns(text, story) if one.kind is Sensitive.HEDGE_DROPPED]
    if dropped:
        return Judgement(kind="dropped a doubt", why=dropped[0].message)
    repeated = _first_told(text, story, told) if told else ""
    if repeated:
        return Judgement(kind="told before", why=f"It says what was told before: “{repeated[:60]}”.")
    return Judgement(text=text)


def _first_told(text: str, story: Story, told: str) -> str:
    sentences = split_sentences(text, language=story.language)
    places = find_told(sentences, text, told, language=story.language)
    return sentences[min(places)].text if places else ""


def verbatim_sentences(text: str, story: Story) -> tuple[Sentence, ...]:
    """Return those of a text's sentences that stand in the story letter for letter, with their place there."""
    found = []
    for sentence in split_sentences(text, language=story.language):
        start = story.text.find(sentence.text)
        if start >= 0:
            found.append(Sentence(text=sentence.text, start=start, end=start + len(sentence.text)))
    return tuple(found)


def _without_thoughts(answer: str) -> str:
    """Leave out what some models think aloud before they answer."""
    begun = answer.lstrip()
    for tag in _THOUGHTS:
        if begun.startswith(f"<{tag}>"):
            return begun.partition(f"</{tag}>")[2]
    return answer


def _unwrap(answer: str) -> str:
    """Take off the quotation marks that some models put around all of their answer."""
    closing = _WRAPPED.get(answer[:1])
    inner = answer[1:-1]
    if closing and answer.endswith(closing) and closing not in inner and answer[0] not in inner:
        return inner.strip()
    return answer


def _faults_of_form(answer: str, text: str, story: Story) -> Iterable[tuple[str, str]]:
    told = f"{story.title}\n{story.text}"
    if not text:
        yield "empty answer", "The answer is empty."
    hidden = [
        c
        for c in answer
        if unicodedata.category(c) in ("Cc", "Cf", "Co", "Cs") and c not in "\n\r\t" and c not in told
    ]
    if hidden:
        yield "markup", f"It holds a character that nobody sees (U+{ord(hidden[0]):04X})."
    if match := _MARKUP.search(answer):
        yield "markup", f"It holds markup: “{match.group().strip()[:40]}”."
    if match := _ADDRESS.search(text):
        yield "link", f"It holds an address: “{match.group()[:40]}”."
    for match in _HOST.finditer(text):
        if match.group().lower() not in told.lower():
            yield "link", f"It names a site that the story does not: “{match.group()[:40]}”."
    if (match := _TALK.search(text)) and match.group().lower() not in told.lower():
        yield "talked to us", f"It speaks of its task: “{match.group()[:40]}”."
    if speaks_to_models(Story(id=story.id, source="", title="", text=text)):
        yield "talked to us", "It speaks to models."


def _faults_of_length(
    text: str, story: Story, words: int, sentences: int | None
) -> Iterable[tuple[str, str]]:
    count = len(text.split())
    is_spaced = rules_of(story.language).has_spaces
    characters = words * (CHARACTERS_A_WORD if is_spaced else CHARACTERS_A_WORD_UNSPACED)
    if count > words:
        yield "too long", f"It has {count} words, and {words} are the most."
    elif len(text) > characters:
        yield "too long", f"It has {len(text)} characters, and {characters} are the most."
    if not _ENDED.search(text):
        yield "cut off", f"It ends in the middle of a sentence: “…{text[-40:]}”."
    if not is_balanced(text, language=story.language):
        yield "cut off", "A quotation mark or bracket in it has no partner."
    found = len(split_sentences(text, language=story.language))
    if sentences is not None and found > sentences:
        yield "too long", f"It has {found} sentences, and {sentences} are the most."


def _faults_of_language(text: str, story: Story) -> Iterable[tuple[str, str]]:
    share = shared_words(text, story)
    if share >= LEAST_SHARED:
        return
    spoken, wanted = guess_language(text), guess_language(material_of(story)) or short_tag(story.language)
    if spoken and spoken != wanted:
        yield "another language", f"It is written in another language ({spoken}, and the story in {wanted})."
    elif _script(text) != _script(material_of(story)):
        yield "another language", "It is written in another script than the story."
    else:
        yield "strays from the story", f"Only {share:.0%} of its words are the story's."


def shared_words(text: str, story: Story) -> float:
    """Return which part of a text's words the story has, by their first letters; of unspaced text, of letter pairs."""
    told = f"{story.title}\n{material_of(story)}".casefold()
    if not rules_of(story.language).has_spaces:
        pairs = ["".join(pair) for pair in pairwise(text) if "".join(pair).isalpha()]
        return sum(pair.casefold() in told for pair in pairs) / len(pairs) if pairs else 1.0
    known = {word[:STEM] for word in _WORD.findall(told)}
    words = [word[:STEM] for word in _WORD.findall(text.casefold())]
    return sum(word in known for word in words) / len(words) if words else 1.0


def guess_language(text: str) -> str:
    """Return the language whose small words a text has most of, or an empty string where none stands out."""
    words = Counter(word.lower() for word in _WORD.findall(text[:4000]))
    scores = sorted(
        ((sum(words[word] for word in rules_of(tag).starters), tag) for tag in _GUESSED), reverse=True
    )
    best = scores[0] if scores else (0, "")
    return best[1] if best[0] >= 0.12 * sum(words.values()) and best[0] > 0 else ""


def _script(text: str) -> str:
    names = Counter(unicodedata.name(letter, "").split(" ")[0] for letter in text[:2000] if letter.isalpha())
    first = names.most_common(1)[0][0] if names else ""
    return "CJK" if first in ("HIRAGANA", "KATAKANA") else first


def _say(fact: Fact) -> str:
    if fact.kind is FactKind.QUOTATION:
        return f"The story does not quote {fact.text[:80]}."
    otherwise = " (it gives another)" if fact.verdict is Verdict.CONTRADICTED else ""
    return f"The story does not have the {fact.kind} “{fact.text[:60]}”{otherwise}."
