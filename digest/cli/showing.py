"""Print an edition, a story of it or its history: for a person to read, or as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from digest.cli.output import say
from digest.errors import ConfigError, RenderError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from digest.model import Edition, EditionName, Item, LeftOut, Story
    from digest.pipeline.parts import Parts
    from digest.pipeline.reviewing import Remark
    from digest.store.editions import RevisionEntry


def remarks_of(edition: Edition, parts: Parts) -> tuple[Remark, ...]:
    """Return what the editor should look at; of one that cannot be laid out, all but what would be cut."""
    from digest.pipeline.reviewing import remarks_on_cuts, review
    from digest.pipeline.trimming import find_cuts

    remarks = review(edition, parts.stores.stories.find)
    try:
        cuts = find_cuts(parts, edition)
    except (RenderError, ConfigError):
        return remarks
    return remarks_on_cuts(cuts, edition) + remarks


def edition_record(edition: Edition, remarks: tuple[Remark, ...] = ()) -> dict[str, Any]:
    """Return an edition as JSON holds it; `remarks` are what its editor should look at."""
    from digest.cli.reading import image_record, sentence_records
    from digest.edition import dropped_items
    from digest.pipeline.reviewing import remarks_on

    return {
        "edition": str(edition.name),
        "state": str(edition.state),
        "revision": edition.revision,
        "is_held": edition.is_held,
        "send_at": edition.send_at.isoformat() if edition.send_at is not None else None,
        "title": edition.title,
        "subject": edition.subject,
        "preheader": edition.preheader,
        "note": edition.note,
        "remarks": _remark_records(remarks_on(remarks, None)),
        "items": [
            {
                "id": item.story_id,
                "section": item.section,
                "headline": item.headline,
                "text": item.text,
                "sentences": sentence_records(item.blurb, item.language),
                "method": item.blurb.method,
                "fell_back": item.blurb.fell_back,
                "image": image_record(item.image),
                "url": item.url,
                "site": item.site,
                "is_pinned": item.is_pinned,
                "edited": list(item.edited),
                "remarks": _remark_records(remarks_on(remarks, item.story_id)),
                "follows": _follows_record(item),
                "also_in": [{"site": a.site, "title": a.title, "url": a.url} for a in item.also_in],
                "score": round(item.score, 2),
                "reasons": [
                    {"name": r.name, "value": round(r.value, 2), "detail": r.detail} for r in item.reasons
                ],
            }
            for item in edition.items
        ],
        "dropped": [{"id": item.story_id, "headline": item.headline} for item in dropped_items(edition)],
        "left_out": left_out_records(edition.left_out),
    }


def print_edition(edition: Edition, remarks: tuple[Remark, ...] = (), *, why: bool = False) -> None:
    """Print an edition for a person to read; what the editor should look at stands beside it, after a mark."""
    from digest.edition import dropped_items
    from digest.pipeline.reviewing import remarks_on

    held = ", held" if edition.is_held else ""
    when = f", to go out at {edition.send_at:%Y-%m-%d %H:%M %Z}" if edition.send_at is not None else ""
    say(f"{edition.name}  {edition.state}{held}, revision {edition.revision}{when}")
    say(f"Subject:   {edition.subject}")
    say(f"Preheader: {edition.preheader}")
    if edition.note:
        say(f"Note:      {edition.note}")
    for remark in remarks_on(remarks, None):
        say(f"  !  {remark.message}")
    place = 0
    for section, items in edition.sections:
        say(f"\n{section}")
        for item in items:
            place += 1
            _print_item(place, item, why)
            for remark in remarks_on(remarks, item.story_id):
                say(f"     !  {remark.message}")
    dropped = dropped_items(edition)
    if dropped:
        say("\nDropped (--restore brings one back)")
    for item in dropped:
        say(f"  -  {item.headline}  ({item.story_id[:8]})")
    if why:
        print_left_out(edition.left_out)


def _follows_record(item: Item) -> dict[str, str] | None:
    return (
        {"title": item.follows.title, "date": item.follows.date.isoformat()}
        if item.follows is not None
        else None
    )


def _print_item(place: int, item: Item, why: bool) -> None:
    pinned = " [pinned]" if item.is_pinned else ""
    say(f"{place:>3}. {item.headline}{pinned}")
    if item.follows is not None:
        say(f"     Update to “{item.follows.title}” of {item.follows.date.isoformat()}")
    also = f", also in {', '.join(other.site for other in item.also_in)}" if item.also_in else ""
    remote = f" [{item.blurb.method}]" if item.blurb.method.startswith("remote/") else ""
    say(f"     {item.site}{also}  ({item.story_id[:8]}){remote}")
    say(f"     {item.text or f'(No blurb. {item.blurb.note})'}")
    if item.image and (item.image.caption or item.image.credit):
        credit = f"({item.image.credit})" if item.image.credit else ""
        say("     Picture: " + " ".join(part for part in (item.image.caption, credit) if part))
    if why:
        _print_reasons(item)


def _print_reasons(item: Item) -> None:
    """Print a score and its parts, a line each; the parts add up to the score."""
    say(f"     Score {item.score:.2f}:")
    width = max((len(reason.name) for reason in item.reasons), default=0)
    for reason in item.reasons:
        say(f"       {reason.value:+.2f}  {reason.name:<{width}}  {reason.detail}".rstrip())
    if item.blurb.fell_back:
        say(f"     Blurb: extracted; remote: {item.blurb.fell_back}. {item.blurb.note}")


def print_left_out(left_out: tuple[LeftOut, ...]) -> None:
    """Print what is not in an edition: the score of each story that was weighed, and why it is left out."""
    if left_out:
        say(f"\nLeft out ({len(left_out)}), with the score where it was weighed (--include puts one in)")
    for place, one in enumerate(left_out, start=1):
        score = f"{one.score:5.2f}" if one.score is not None else "    -"
        say(f"{place:>3}. {score}  {one.title or 'Without a headline'} ({one.site})  ({one.story_id[:8]})")
        say(f"            {one.why}")


def _remark_records(remarks: tuple[Remark, ...]) -> list[dict[str, str]]:
    return [{"rule": one.rule, "field": one.field, "message": one.message} for one in remarks]


def left_out_records(left_out: tuple[LeftOut, ...]) -> list[dict[str, Any]]:
    """Return what is not in an edition as JSON holds it."""
    return [
        {
            "id": one.story_id,
            "title": one.title,
            "site": one.site,
            "why": one.why,
            "score": None if one.score is None else round(one.score, 2),
        }
        for one in left_out
    ]


def print_revisions(entries: Iterable[RevisionEntry]) -> None:
    """Print who changed what and when, the newest first."""
    for one in entries:
        who = one.who or "-"
        say(f"{one.revision:>4}  {one.saved_at:%Y-%m-%d %H:%M} UTC  {who:<12}  {one.what}")


def revision_records(name: EditionName, entries: Iterable[RevisionEntry]) -> dict[str, Any]:
    """Return an edition's history as JSON holds it."""
    revisions = [
        {"revision": one.revision, "saved_at": one.saved_at.isoformat(), "who": one.who, "what": one.what}
        for one in entries
    ]
    return {"edition": str(name), "revisions": revisions}


def print_story(item: Item, story: Story | None) -> None:
    """Print a story's sentences and pictures with their numbers; a star marks those that are shown."""
    record = story_choice_record(item, story)
    say(f"{item.headline}  ({item.story_id[:8]})")
    if story is None:
        say("The story is not kept any more.")
    for title, kind in (("Sentences", "sentences"), ("Pictures", "pictures")):
        if record[kind]:
            say(f"\n{title} (* is shown)")
        for one in record[kind]:
            credit = f" ({one['credit']})" if one.get("credit") else ""
            words = one.get("text") or one.get("caption") or one.get("alt") or one.get("url") or "no words"
            say(f"{'*' if one['is_shown'] else ' '}{one['number']:>3}  {words}{credit}")


def story_choice_record(item: Item, story: Story | None) -> dict[str, Any]:
    """Return what can be chosen of a story as JSON holds it; nothing where it is not kept any more."""
    from digest.cli.reading import image_record
    from digest.pipeline.choices import blurb_numbers, picture_number, story_pictures, story_sentences

    sentences = story_sentences(story) if story is not None else []
    pictures = story_pictures(story) if story is not None else []
    in_blurb, shown = blurb_numbers(item, sentences), picture_number(item, pictures)
    return {
        "id": item.story_id,
        "headline": item.headline,
        "sentences": [
            {
                "number": number,
                "text": one.text,
                "start": one.start,
                "end": one.end,
                "is_shown": number in in_blurb,
            }
            for number, one in enumerate(sentences, start=1)
        ],
        "pictures": [
            {"number": number, **(image_record(one) or {}), "is_shown": number == shown}
            for number, one in enumerate(pictures, start=1)
        ],
    }
