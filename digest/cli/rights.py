"""Tell of each picture of an edition who is credited, and what may therefore be done with it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from digest.cli.output import ConfigOption, EditionArgument, JsonOption, note, say, say_json

if TYPE_CHECKING:
    from digest.model import EditionName
    from digest.pipeline.rights import PictureReport


def add_commands(app: typer.Typer) -> None:
    """Add this module's command."""
    app.command("rights")(rights)


def rights(
    edition: str = EditionArgument, as_json: bool = JsonOption, config: Path | None = ConfigOption
) -> None:
    """Tell each picture's credit, and what [photo_rights] lets be done with it."""
    from digest.app import newsletter_of, open_config, open_stores
    from digest.pipeline.rights import report_pictures

    settings = open_config(config)
    editions = open_stores(settings).editions
    found = editions.get(editions.resolve(edition))
    places = {item.story_id: place for place, item in enumerate(found.items, start=1)}
    reports = report_pictures(found, newsletter_of(settings, found.name.newsletter), settings)
    for report in reports:
        place = places[report.item.story_id]
        if as_json:
            say_json(picture_record(found.name, place, report))
        else:
            _print_picture(place, report)
    if not as_json:
        note(f"{len(reports)} of {len(found.items)} stories have a picture. 'digest help rights' explains.")


def picture_record(name: EditionName, place: int, report: PictureReport) -> dict[str, Any]:
    """Return what is known of a picture's rights as JSON holds it."""
    image, ruling = report.image, report.ruling
    return {
        "edition": str(name),
        "place": place,
        "id": report.item.story_id,
        "headline": report.item.headline,
        "url": image.url,
        "file": str(image.file) if image.file else None,
        "caption": image.caption,
        "credit": image.credit,
        "photographers": list(ruling.credit.photographers),
        "agencies": list(ruling.credit.agencies),
        "via": ruling.credit.via,
        "decision": str(ruling.use),
        "rule": f"photo_rights.{ruling.rule}",
        "is_configured": ruling.is_configured,
        "about": ruling.about or None,
        "shown": report.shown,
    }


def _print_picture(place: int, report: PictureReport) -> None:
    image, ruling = report.image, report.ruling
    is_default = "" if ruling.is_configured else ", not written: its default"
    about = f" for {ruling.about}" if ruling.about and ruling.about != ruling.rule else ""
    say(f"{place:>3}. {report.item.headline}")
    say(f"     Picture:  {image.url or image.file or 'no address'}")
    say(f"     Caption:  {image.caption or 'none'}")
    say(f"     Credit:   {image.credit or 'none'}" + _parsed(report))
    say(f"     Decision: {ruling.use}, {report.shown} (photo_rights.{ruling.rule}{about}{is_default})")


def _parsed(report: PictureReport) -> str:
    credit = report.ruling.credit
    parts = [
        ("photographer", ", ".join(credit.photographers)),
        ("agency or owner", ", ".join(credit.agencies)),
        ("via", credit.via or ""),
    ]
    told = "; ".join(f"{label} {names}" for label, names in parts if names)
    return f" ({told})" if told else ""
