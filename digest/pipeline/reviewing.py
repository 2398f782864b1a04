"""Look over an edition's words for its editor: facts that no story bears out, and what is sensitive.

Only what an editor wrote is checked for facts: a headline, a blurb or a caption that was rewritten, and a
subject and a preheader that were set. Every blurb is looked over for what is sensitive. All of
it is told and nothing is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from digest.model import Cut, Edition, EditKind, Finding, Item, Severity, Story, StoryId
from digest.replaying import BY_HAND
from digest.subject.clusters import length
from digest.subject.write import PREHEADER_LIMIT, SUBJECT_LIMIT
from digest.summarize.facts import Fact, FactKind, Verdict, check_facts, unsupported
from digest.summarize.sensitivity import Sensitive, find_concerns

CHECKED = {"headline": "headline", "text": "blurb", "caption": "caption"}
"""The rewritten fields whose facts are checked, and what an editor calls them."""

LONGEST_LOOKED_OVER = 10_000
"""Characters of a field that are looked over. No blurb that an email can show is longer."""
_LONGEST_QUOTE = 80
_LONGEST_LINES = {"subject": SUBJECT_LIMIT, "preheader": PREHEADER_LIMIT}


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """One thing for the editor to look at.

    `rule` is `facts`, `sensitive`, `length` or `byte-budget`; `field` is headline, text, caption, subject,
    preheader or edition; `story_id` is None for the last three.
    """

    rule: str
    field: str
    message: str
    story_id: StoryId | None = None


def review(edition: Edition, find_story: Callable[[StoryId], Story | None]) -> tuple[Remark, ...]:
    """Return what the editor should look at: of the edition's lines first, then of each item in order."""
    stories = {item.story_id: find_story(item.story_id) for item in edition.items}
    remarks = [*_of_length(edition)]
    remarks += _of_lines(edition, [story for story in stories.values() if story is not None])
    for item in edition.items:
        remarks += _of_item(item, stories[item.story_id])
    return tuple(remarks)


def remarks_on_cuts(cuts: Iterable[Cut], edition: Edition) -> tuple[Remark, ...]:
    """Return what the byte budget took from stories as remarks; on the edition where it does not hold the story."""
    held = {item.story_id for item in edition.items}
    return tuple(
        Remark(rule="byte-budget", field="text", message=cut.why, story_id=cut.story_id)
        if cut.story_id in held
        else Remark(rule="byte-budget", field="edition", message=f"'{_cut(cut.headline, 60)}': {cut.why}")
        for cut in cuts
    )


def remarks_on(remarks: tuple[Remark, ...], story_id: StoryId | None) -> tuple[Remark, ...]:
    """Return the remarks on one item; with None, those on the edition's subject and preheader."""
    return tuple(remark for remark in remarks if remark.story_id == story_id)


def as_findings(remarks: tuple[Remark, ...], edition: Edition) -> list[Finding]:
    """Return remarks as preflight's warnings, each where it stands; it measures lengths by itself."""
    headlines = {item.story_id: _cut(item.headline, 60) for item in edition.items}
    return [
        Finding(
            rule=remark.rule,
            severity=Severity.WARNING,
            where=headlines[remark.story_id] if remark.story_id else remark.field,
            message=remark.message,
            story_id=remark.story_id,
        )
        for remark in remarks
        if remark.rule != "length"
    ]


def _of_length(edition: Edition) -> Iterator[Remark]:
    """Tell of a subject and a preheader that the editor set and mailboxes cut; both are kept as written."""
    lines = (
        (EditKind.SUBJECT, "subject", edition.subject),
        (EditKind.PREHEADER, "preheader", edition.preheader),
    )
    for kind, name, text in lines:
        if _is_set(edition, kind) and length(text) > _LONGEST_LINES[name]:
            message = (
                f"The {name} has {length(text)} characters; mailboxes show about {_LONGEST_LINES[name]}. "
                "It is kept as you wrote it."
            )
            yield Remark(rule="length", field=name, message=message)


def _of_lines(edition: Edition, stories: list[Story]) -> Iterator[Remark]:
    """Check a subject and a preheader that the editor set against all the edition's stories together."""
    if not stories:
        return
    together = replace(
        stories[0],
        title="\n".join(story.title for story in stories),
        text="\n\n".join(all_told(story, None).text for story in stories),
        language=edition.language,
    )
    lines = (
        (EditKind.SUBJECT, "subject", edition.subject),
        (EditKind.PREHEADER, "preheader", edition.preheader),
    )
    for kind, name, text in lines:
        if not _is_set(edition, kind):
            continue
        for fact in unsupported(check_facts(text, together)):
            message = f"No story of this edition has {_named(fact)}. The {name} says it. Check it."
            yield Remark(rule="facts", field=name, message=message)


def _is_set(edition: Edition, kind: EditKind) -> bool:
    texts = [edit.text for edit in edition.standing if edit.kind is kind]
    return bool(texts and (texts[-1] or "").strip())


def _of_item(item: Item, story: Story | None) -> Iterator[Remark]:
    rewritten = [(field, words_of(item, field)) for field in CHECKED if field in item.edited]
    if story is None:
        for field, _ in rewritten:
            message = (
                f"Its story is not kept any more, so the rewritten {CHECKED[field]} could not be checked."
            )
            yield Remark(rule="facts", field=field, message=message, story_id=item.story_id)
        return
    told = all_told(story, item)
    for field, text in rewritten:
        for fact in unsupported(check_facts(text, told)):
            message = _sentence(fact, told, CHECKED[field])
            yield Remark(rule="facts", field=field, message=message, story_id=item.story_id)
    yield from _gone_sentences(item, story)
    yield from _sensitive(item, story, rewritten)


def _gone_sentences(item: Item, story: Story) -> Iterator[Remark]:
    """Tell of sentences that the editor chose and that the story, read again since, does not have any more."""
    if item.blurb.method != BY_HAND or item.text != item.blurb.text:
        return
    for sentence in item.blurb.sentences:
        if sentence.text not in story.text:
            told = _cut(sentence.text, _LONGEST_QUOTE)
            message = f"The story has the sentence “{told}” no more, which you chose for the blurb. Check it."
            yield Remark(rule="facts", field="text", message=message, story_id=item.story_id)


def _sensitive(item: Item, story: Story, rewritten: list[tuple[str, str]]) -> Iterator[Remark]:
    """Mark a death once, a minor once by name, and a dropped hedge wherever it is dropped."""
    seen: set[tuple[str, str]] = set()
    for field, text in [("text", words_of(item, "text")), *(one for one in rewritten if one[0] != "text")]:
        for concern in find_concerns(text, story):
            by = {Sensitive.DEATH: "", Sensitive.MINOR_NAMED: concern.text}.get(concern.kind, field)
            if (concern.kind, by) not in seen:
                seen.add((concern.kind, by))
                message = (
                    concern.message
                    if field == "text"
                    else f"{CHECKED[field].capitalize()}: {concern.message}"
                )
                yield Remark(rule="sensitive", field=field, message=message, story_id=item.story_id)


def words_of(item: Item, field: str) -> str:
    """Return what an item says in a field, as much of it as is looked over."""
    return _all_words_of(item, field)[:LONGEST_LOOKED_OVER]


def _all_words_of(item: Item, field: str) -> str:
    """Return what an item says in a field of CHECKED."""
    match field:
        case "headline":
            return item.headline
        case "caption":
            return (item.image.caption if item.image else None) or ""
        case _:
            return item.text


def all_told(story: Story, item: Item | None) -> Story:
    """Return a story with all that it tells in its text: its description, and its pictures' words too."""
    pictures = [*([story.lead_image] if story.lead_image else []), *story.images]
    if item is not None and item.blurb.image is not None:
        pictures.append(item.blurb.image)
    more = [
        story.description,
        *(word for image in pictures for word in (image.caption, image.alt, image.credit)),
    ]
    more += [*story.authors, story.site, *story.tags]
    return replace(story, text="\n\n".join([story.text, *dict.fromkeys(one for one in more if one)]))


def _named(fact: Fact) -> str:
    text = _cut(fact.text, _LONGEST_QUOTE)
    return f"the {fact.kind} {text if fact.kind is FactKind.QUOTATION else f'“{text}”'}"


def _cut(text: str, length: int) -> str:
    line = " ".join(text.split())
    return line if len(line) <= length else line[: length - 3].rstrip() + "..."


def _sentence(fact: Fact, story: Story, where: str) -> str:
    if fact.verdict is Verdict.CONTRADICTED and fact.spans:
        start, end = fact.spans[0]
        other = " ".join(story.text[start : end + 20].split()).partition("\n")[0]
        return f"The {where} has {_named(fact)}; the story has “{other[:40].rsplit(' ', 1)[0]}”. Check it."
    return f"The story does not have {_named(fact)}, which the {where} says. Check it."
