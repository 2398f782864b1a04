"""Lay an edition out as an email, once for all its readers."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from digest.errors import RenderError
from digest.model import Edition, Item, Newsletter, Picture, PictureUse, Rendered, StoryId
from digest.render.attach import choose_attached
from digest.render.layout import MJML, SUBJECT, TEXT, print_template
from digest.render.lineage import layout_chain
from digest.render.markup import MarkupError, Press, to_html
from digest.render.theme import load_theme
from digest.render.view import Links, Page, make_page
from digest.rights import way_of


def render_edition(
    edition: Edition,
    newsletter: Newsletter,
    *,
    template_folder: Path,
    pictures: Mapping[StoryId, Picture],
    uses: Mapping[StoryId, PictureUse] | None = None,
    links: Links | None = None,
    press: Press | None = None,
) -> Rendered:
    """Return the edition as HTML, text, MJML and subject, with the tokens of `SLOTS` left in for delivery.

    `pictures` are those prepared in the sizes of `picture_sizes`; a story without one is laid out without.
    `uses` says which pictures may only be linked, or are left out; without it all may be copied.
    `links` replaces the footer's tokens; `press` the two conversions, each called once.
    Raises RenderError naming the template's line, or the story that the layout cannot take.
    """
    press = press or Press()
    mode = picture_mode(newsletter)
    uses = uses or {}
    allowed = {s: p for s, p in pictures.items() if way_of(uses.get(s, PictureUse.SHOW), mode) == mode}
    shown = choose_attached(edition, allowed) if mode == "attach" else allowed
    theme = load_theme(template_folder, newsletter.theme)

    def page_of(some: Edition) -> Page:
        return make_page(
            some,
            newsletter,
            theme=theme,
            links=links or Links.of(newsletter),
            pictures=shown,
            mode=mode,
            uses=uses,
        )

    def mjml_of(some: Edition) -> str:
        return print_template(template_folder, MJML, page_of(some))

    page = page_of(edition)
    mjml = print_template(template_folder, MJML, page)
    try:
        html = to_html(mjml, press=press)
    except MarkupError as exc:
        if exc.tag and (place := _place_of(exc.tag, template_folder)):
            raise RenderError(
                f"{place} has <{exc.tag}>, which is no MJML tag. Mend its spelling there."
            ) from exc
        raise _with_culprits(exc, edition, mjml_of=mjml_of, press=press) from exc
    return Rendered(
        name=edition.name,
        subject=" ".join(print_template(template_folder, SUBJECT, page).split()),
        preheader=page.preheader,
        html=html,
        text=print_template(template_folder, TEXT, page).strip("\n") + "\n",
        mjml=mjml,
        pictures=_in_reading_order(edition, shown) if mode == "attach" else (),
    )


def picture_mode(newsletter: Newsletter) -> str:
    """Return how pictures are shown: host, attach, link or none. Without a public address none are hosted."""
    if newsletter.images == "auto":
        return "host" if newsletter.public_url else "attach"
    if newsletter.images == "host" and not newsletter.public_url:
        return "attach"
    return newsletter.images


def _place_of(tag: str, layout: Path) -> str | None:
    """Return the file and line of a layout, or of one it builds on, where a tag stands."""
    for folder in layout_chain(layout):
        for file in sorted(folder.glob("*.j2")):
            for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
                if re.search(rf"<{re.escape(tag)}(?![\w-])", line):
                    return f"{file}, line {number}"
    return None


def _in_reading_order(edition: Edition, shown: Mapping[StoryId, Picture]) -> tuple[Picture, ...]:
    by_name = {shown[i.story_id].name: shown[i.story_id] for i in edition.items if i.story_id in shown}
    return tuple(by_name.values())


def _with_culprits(
    exc: MarkupError, edition: Edition, *, mjml_of: Callable[[Edition], str], press: Press
) -> RenderError:
    """Name the stories that break the layout, found by laying out each alone, or the layout itself."""
    if not _is_sound(replace(edition, items=()), mjml_of=mjml_of, press=press):
        return RenderError(f"The layout is broken, whatever the stories: {exc}")
    bad: list[Item] = [
        item
        for item in edition.items
        if not _is_sound(replace(edition, items=(item,)), mjml_of=mjml_of, press=press)
    ]
    if not bad:
        return RenderError(str(exc))
    names = ", ".join(f"'{item.headline[:60]}' ({item.story_id})" for item in bad)
    return RenderError(
        f"The layout cannot take {names}: {exc} Rewrite or drop the story, or mend the layout."
    )


def _is_sound(edition: Edition, *, mjml_of: Callable[[Edition], str], press: Press) -> bool:
    try:
        to_html(mjml_of(edition), press=press)
    except RenderError:
        return False
    return True
