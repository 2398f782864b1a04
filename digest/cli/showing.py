"""Print an edition: for a person to read, or as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from digest.cli.output import say

if TYPE_CHECKING:
    from digest.model import Edition, Item, LeftOut
    from digest.pipeline.reviewing import Remark


def edition_record(edition: Edition, remarks: tuple[Remark, ...] = ()) -> dict[str, Any]:
    """Return an edition as JSON holds it; `remarks` are what its editor should look at."""
    from digest.cli.reading import image_record, sentence_records
    from digest.edition import dropped_items
    from digest.pipeline.reviewing import remarks_on

    return {
        "edition": str(edition.name),
        "state": str(edition.state),
        "revision": edition.revision,
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

    say(f"{edition.name}  {edition.state}, revision {edition.revision}")
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
        say(f"\nLeft out ({len(left_out)}), with the score where it was weighed")
    for one in left_out:
        score = f"{one.score:5.2f}" if one.score is not None else "    -"
        say(f"{score}  {one.title or one.story_id[:8]} ({one.site})")
        say(f"       {one.why}")


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
