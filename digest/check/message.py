"""The rules that look at the whole message: the edition it tells, its subject, text part, pictures and site."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from digest.check.agreement import same_headings, same_stories
from digest.check.document import Document, error, host_of, link_text, plain_words, warning
from digest.check.markup import loaded_hosts
from digest.check.picture_rights import check_rights, linked_by_right
from digest.check.spam import spam_in_line
from digest.model import SLOTS, Edition, Finding, Newsletter, PictureRuling, Rendered, StoryId
from digest.subject.clusters import length

LONGEST_SUBJECT = 50
PREHEADER = range(40, 91)
PICTURE_LIMIT = 1_000_000
HOSTED_LIMIT = 2_000_000
"""Bytes of pictures that a phone loads to show the email; attached ones weigh on the message itself."""
ONE_CLICK_FROM = 100
"""Readers above which an unsubscribe by mail alone will not do (RFC 8058 is what large providers ask of senders)."""

_TOKEN = re.compile(r"@@[A-Z][A-Z_]*@@")
_CID = re.compile(r"cid:([^\"'\s>]+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """All that is known of one email: the edition and newsletter may be missing, as for a saved file.

    `rulings` say by story what may be done with its picture, where that was asked. `is_local` is true where the
    message goes to a sink on this machine, and no further. `hosted_bytes` is what our own hosted pictures weigh.
    """

    rendered: Rendered
    document: Document
    edition: Edition | None
    newsletter: Newsletter | None
    readers: int
    is_local: bool = False
    hosted_bytes: int = 0
    rulings: Mapping[StoryId, PictureRuling] = field(default_factory=dict)


def subject(sheet: Sheet) -> Iterator[Finding]:
    """Want a subject that an inbox shows whole."""
    text = sheet.rendered.subject.strip()
    if not text:
        yield error("subject", "subject", "The subject is empty. Write one with 'digest edit'.")
    elif length(text) > LONGEST_SUBJECT:
        yield warning(
            "subject-length",
            "subject",
            f"The subject has {length(text)} characters; phones show about {LONGEST_SUBJECT}.",
        )
    yield from spam_in_line(text, "subject")


def preheader(sheet: Sheet) -> Iterator[Finding]:
    """Want a preheader of 40 to 90 characters that says something else than the subject."""
    text = sheet.rendered.preheader.strip()
    if not text:
        yield warning(
            "preheader", "preheader", "There is no preheader; inboxes show the first words of the email."
        )
    elif length(text) not in PREHEADER:
        yield warning(
            "preheader-length",
            "preheader",
            f"The preheader has {length(text)} characters; 40 to 90 are best.",
        )
    yield from spam_in_line(text, "preheader")
    if text and text.casefold() == sheet.rendered.subject.strip().casefold():
        yield warning(
            "preheader-repeats", "preheader", "The preheader repeats the subject. Say what else is inside."
        )


def text_part(sheet: Sheet) -> Iterator[Finding]:
    """Want a text part that tells every story and lets its reader leave."""
    text = sheet.rendered.text
    if not text.strip():
        yield error("text-part", "text", "There is no text part. Many readers and all filters want one.")
        return
    if "unsubscribe" not in text.lower():
        yield error("text-unsubscribe", "text", "The text part has no link to unsubscribe.")
    for token in sorted(set(_TOKEN.findall(text + sheet.rendered.subject)) - set(SLOTS)):
        yield error("tokens", "text", f"{token} is left in the text part or the subject.")


def every_story(sheet: Sheet) -> Iterator[Finding]:
    """Want both parts to tell the same stories."""
    text = sheet.rendered.text
    if sheet.edition is None:
        if text.strip():
            yield from same_headings(sheet.document, text)
        return
    yield from same_stories(sheet.document, text, sheet.edition)
    if not sheet.edition.items:
        yield error("no-stories", "edition", "The edition has no stories.")


def postal_address(sheet: Sheet) -> Iterator[Finding]:
    """Want the sender's postal address, which the law of many countries asks for."""
    if sheet.newsletter is None:
        return
    address = plain_words(sheet.newsletter.postal_address)
    if not address:
        yield error("postal-address", "footer", "There is no postal address. Set site.postal_address.")
    elif address not in sheet.document.words or address not in plain_words(sheet.rendered.text):
        yield error(
            "postal-address", "footer", "The postal address is not in both parts. Print it in the footer."
        )


def public_url(sheet: Sheet) -> Iterator[Finding]:
    """Say what a newsletter without public pages lacks; for many readers that is not enough."""
    if sheet.newsletter is None or sheet.newsletter.public_url:
        return
    if sheet.readers > ONE_CLICK_FROM and not sheet.is_local:
        yield error(
            "one-click",
            "site.public_url",
            f"{sheet.readers} readers, and no one-click unsubscribe: large providers refuse that. Set site.public_url.",
        )
    else:
        yield warning(
            "public-url",
            "site.public_url",
            "Unsubscribing goes by mail only. Set site.public_url for one click.",
        )


def third_party(sheet: Sheet) -> Iterator[Finding]:
    """Name the hosts that learn of each opening, and links that no story gave."""
    own = host_of(sheet.newsletter.public_url) if sheet.newsletter else ""
    held = (
        linked_by_right(sheet.edition.items, sheet.rulings, sheet.newsletter)
        if sheet.edition and sheet.newsletter
        else set()
    )
    for host in sorted(loaded_hosts(sheet.document) - {own}):
        advice = (
            "[photo_rights] lets its picture be linked only; drop it there to tell nobody."
            if host in held
            else 'Use images = "attach" or "host".'
        )
        yield warning("third-party", host, f"Opening the email tells {host} about the reader. {advice}")
    if sheet.edition is None:
        return
    known = {own} | {host_of(i.url or "") for i in sheet.edition.items}
    known |= {host_of(other.url or "") for i in sheet.edition.items for other in i.also_in}
    for link in sheet.document.every("a"):
        host = host_of(link.get("href") or "")
        if host and "@@" not in host and host not in known:
            yield warning(
                "foreign-link",
                link_text(link)[:60],
                f"This link goes to {host}, which no story came from.",
                story=sheet.document.owner(link),
            )


def attachments(sheet: Sheet) -> Iterator[Finding]:
    """Want each picture that is shown attached, each attached one shown, and all of them light."""
    named = set(_CID.findall(sheet.document.source))
    attached = {picture.name for picture in sheet.rendered.pictures}
    shown_by = {(image.get("src") or "")[4:]: image for image in sheet.document.every("img")}
    for name in sorted(named - attached):
        story = sheet.document.owner(shown_by[name]) if name in shown_by else None
        message = "The email shows this picture, but it is not attached."
        yield error("attachment-missing", name, message, story=story)
    for name in sorted(attached - named):
        yield warning("attachment-unused", name, "This picture is attached and not shown.")
    total = sum(-(-len(picture.content) // 3) * 4 for picture in sheet.rendered.pictures)
    if total > PICTURE_LIMIT * 1.03:
        yield warning(
            "picture-weight",
            "pictures",
            f"The pictures weigh {total:,} bytes; at most {PICTURE_LIMIT:,} is kind.",
        )
    if sheet.hosted_bytes > HOSTED_LIMIT:
        yield warning(
            "picture-weight",
            "pictures",
            f"The hosted pictures weigh {sheet.hosted_bytes:,} bytes; at most {HOSTED_LIMIT:,} is kind to phones.",
        )


def blurb(sheet: Sheet) -> Iterator[Finding]:
    """Name the stories that have a headline and nothing to say."""
    for item in sheet.edition.items if sheet.edition else ():
        if not item.text.strip():
            yield warning(
                "blurb",
                _where(item.headline),
                "This story has no blurb. Write one, or drop it.",
                story=item.story_id,
            )


def picture_credit(sheet: Sheet) -> Iterator[Finding]:
    """Name the stories whose picture has no credit: somebody took it. Where it was asked, the rights tell that."""
    alts = {image.get("alt") for image in sheet.document.every("img")}
    for item in sheet.edition.items if sheet.edition else ():
        image = item.image
        if item.story_id in sheet.rulings:
            continue
        if image is None or (image.credit or "").strip() or not (image.url or image.file):
            continue
        if {image.alt, image.caption, item.headline} & alts:
            yield warning(
                "picture-credit",
                _where(item.headline),
                "This story's picture has no credit. Add one, or drop it.",
                story=item.story_id,
            )


def photo_rights(sheet: Sheet) -> Iterator[Finding]:
    """Tell which pictures are shown without knowing that they may be, and which were held back."""
    if sheet.newsletter is None:
        return
    for item in sheet.edition.items if sheet.edition else ():
        ruling = sheet.rulings.get(item.story_id)
        if ruling is not None:
            where = _where(item.headline)
            yield from check_rights(sheet.document, item, ruling, sheet.newsletter, where=where)


def _where(headline: str) -> str:
    line = " ".join(headline.split())
    return line if len(line) <= 60 else line[:57] + "..."


RULES: tuple[Callable[[Sheet], Iterator[Finding]], ...] = (
    subject, preheader, text_part, every_story, blurb, postal_address, public_url, third_party, attachments,
    picture_credit, photo_rights,
)  # fmt: skip
