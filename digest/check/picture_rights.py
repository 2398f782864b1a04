"""The rule about who owns the pictures: what is shown without knowing that it may be, and what was held back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from digest.check.document import Document, host_of, info, warning
from digest.model import Finding, Image, Item, Newsletter, PictureRuling, PictureUse, StoryId

RULE = "photo-rights"


def check_rights(
    document: Document, item: Item, ruling: PictureRuling, newsletter: Newsletter, *, where: str
) -> Iterator[Finding]:
    """Tell of one item's picture what its rights have to do with how it is shown."""
    image = item.image
    if image is None or newsletter.images == "none" or not (image.url or image.file):
        return
    source = _source(document, item, image)
    is_copied = source.startswith("cid:") or _is_ours(source, newsletter)
    if is_copied and ruling.use is not PictureUse.SHOW:
        yield warning(
            RULE,
            where,
            f"This picture is copied, though {_line(ruling)} says {ruling.use}.",
            story=item.story_id,
        )
    elif ruling.use is PictureUse.DROP:
        yield info(RULE, where, f"This picture is left out: {_line(ruling)} says drop.", story=item.story_id)
    elif not source:
        if ruling.use is PictureUse.LINK and not host_of(image.url or ""):
            message = "This picture is left out: it may only be linked, and has no address on the web"
            yield warning(RULE, where, f"{message}. {_advice(ruling)}", story=item.story_id)
    elif ruling.use is PictureUse.LINK and ruling.is_configured:
        yield info(
            RULE,
            where,
            f"This picture is linked and not copied: {_line(ruling)} says link.",
            story=item.story_id,
        )
    elif ruling.use is PictureUse.LINK:
        message = f"This picture is linked and not copied: {_reason(ruling)}. {_advice(ruling)}"
        yield warning(RULE, where, message, story=item.story_id)
    elif ruling.rule in ("default", "unknown"):
        yield warning(
            RULE,
            where,
            f"This picture is shown, and {_reason(ruling)}. {_advice(ruling)}",
            story=item.story_id,
        )


def linked_by_right(
    items: tuple[Item, ...], rulings: Mapping[StoryId, PictureRuling], newsletter: Newsletter
) -> set[str]:
    """Return the hosts whose pictures are linked because they may not be copied."""
    if newsletter.images in ("link", "none"):
        return set()
    return {
        host_of(item.image.url)
        for item in items
        if item.image is not None
        and item.image.url
        and item.story_id in rulings
        and rulings[item.story_id].use is PictureUse.LINK
    }


def _source(document: Document, item: Item, image: Image) -> str:
    """Return where the email takes an item's picture from, found by its address or alternative text; empty: nowhere."""
    alts = {" ".join(text.split()) for text in (image.alt, image.caption, item.headline) if text}
    for element in document.every("img"):
        source = element.get("src") or ""
        if source and (source == image.url or " ".join((element.get("alt") or "").split()) in alts):
            return source
    return ""


def _is_ours(source: str, newsletter: Newsletter) -> bool:
    return bool(newsletter.public_url) and source.startswith(f"{newsletter.public_url}/images/")


def _line(ruling: PictureRuling) -> str:
    if ruling.is_configured:
        return f"photo_rights.{_key(ruling.rule)}"
    return f"the default of photo_rights.{ruling.rule}"


def _key(name: str) -> str:
    return name if name.isascii() and name.replace("-", "").replace("_", "").isalnum() else f'"{name}"'


def _reason(ruling: PictureRuling) -> str:
    if ruling.rule == "unknown":
        return "nobody is credited for it"
    if ruling.rule == "outlet":
        return "only its outlet or photographer is credited"
    return f"[photo_rights] has no line for “{ruling.about}”"


def _advice(ruling: PictureRuling) -> str:
    if ruling.rule == "unknown":
        return "Add its credit with 'digest edit', or write photo_rights.unknown."
    return f'Write what you may do with it: {_key(ruling.about)} = "show", "link" or "drop".'
