"""Build the message of an edition once, and make each reader's copy by joining bytes.

Quoted-printable breaks lines wherever they are full, so a token in encoded text may be cut in two. The text
is therefore parted at the tokens first, each part is encoded alone, and each reader's values are encoded
and put between the parts.
"""

from __future__ import annotations

import re
from base64 import encodebytes
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from functools import lru_cache
from hashlib import sha256
from html import escape
from typing import Protocol

from digest.deliver.headers import list_field, mailbox_field, text_field
from digest.deliver.links import DeliveryLinks, Links, make_links
from digest.deliver.quoted import SOFT_BREAK, quoted_printable
from digest.mailbox import Mailbox, domain_of, one_line, parse_address, parse_mailbox
from digest.model import SLOTS, Delivery, Envelope, Newsletter, Picture, Rendered

_SLOT = re.compile("(" + "|".join(map(re.escape, SLOTS)) + ")")
_SAMPLE_TOKEN = "sample"
_SAMPLE_NAME = "Sample Reader"
_SAMPLE_READER = "reader@example.org"


class Addressee(Protocol):
    """Whom a copy is for; a Delivery is one. `message_id` has its angle brackets."""

    @property
    def address(self) -> str:
        """The bare address."""

    @property
    def name(self) -> str:
        """The reader's name, or nothing."""

    @property
    def message_id(self) -> str:
        """The Message-ID, the same at every attempt."""

    @property
    def plain_text(self) -> bool:
        """Whether they want the text alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """Whom a single copy is for, where there is no delivery: a test, a sample, a note to the editor."""

    address: str
    message_id: str
    name: str = ""
    plain_text: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """A place in the body that each reader's value takes."""

    token: str
    is_html: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageTemplate:
    """A message but for what differs from reader to reader.

    `fixed` are the header fields that are the same for all, `body` begins with its own Content-Type; `plain` is
    the body of those who want the text alone.
    """

    subject: str
    fixed: bytes
    body: tuple[bytes | Slot, ...]
    plain: tuple[bytes | Slot, ...]
    is_test: bool = False


def build_message(rendered: Rendered, newsletter: Newsletter, *, is_test: bool = False) -> MessageTemplate:
    """Encode a rendering once for all readers.

    A test copy's subject is marked, and it carries no unsubscribe header.
    """
    return MessageTemplate(
        subject=f"[Test] {rendered.subject}" if is_test else rendered.subject,
        fixed=_fixed_fields(rendered, newsletter),
        body=_body(rendered),
        plain=tuple(_joined([_text_part("plain", b""), *_pieces(rendered.text, is_html=False), b"\r\n"])),
        is_test=is_test,
    )


def personalize(
    template: MessageTemplate, addressee: Addressee, *, now: datetime, links: DeliveryLinks
) -> bytes:
    """Return one reader's whole message, its lines ended by CRLF. The address has been through `parse_address`."""
    values = _values(addressee, links)
    parts = [
        _date_field(now.replace(microsecond=0)),
        mailbox_field("To", Mailbox(address=addressee.address, name=addressee.name)),
        b"Message-ID: %s\r\n" % addressee.message_id.encode("ascii"),
        text_field("Subject", _SLOT.sub(lambda found: values[found[0]], template.subject)),
        template.fixed,
    ]
    if not template.is_test:
        parts += _leaving_fields(links)
    body = template.plain if addressee.plain_text else template.body
    parts += [piece if isinstance(piece, bytes) else _filled(piece, values) for piece in body]
    return b"".join(parts)


@lru_cache(maxsize=16)
def _date_field(now: datetime) -> bytes:
    """Return the Date field of a second: many messages share it."""
    return text_field("Date", format_datetime(now))


def envelope_maker(
    template: MessageTemplate,
    newsletter: Newsletter,
    links: Links,
    *,
    now: Callable[[], datetime],
    return_path: str = "",
) -> Callable[[Delivery], Envelope]:
    """Return what turns a delivery into the message to send: `dispatch` takes it as `make_message`.

    `return_path` is the envelope's sender; `{delivery}` in it is replaced by a word of the delivery's own
    (VERP), which `bounce_key` gives again. Empty: the newsletter's address.
    """
    sender = parse_mailbox(newsletter.sender).address

    def make(delivery: Delivery) -> Envelope:
        content = personalize(
            template, delivery, now=now(), links=links.of(delivery.subscriber_id, delivery.edition)
        )
        path = (
            parse_address(return_path.replace("{delivery}", bounce_key(delivery))) if return_path else sender
        )
        return Envelope(content=content, sender=path, recipient=delivery.address, is_plain=True)

    return make


def return_path_of(return_path: str) -> Callable[[Delivery], str | None]:
    """Return what tells a delivery's own envelope sender; None where it has none of its own."""

    def tell(delivery: Delivery) -> str | None:
        if "{delivery}" not in return_path:
            return None
        return return_path.replace("{delivery}", bounce_key(delivery))

    return tell


def bounce_key(delivery: Delivery) -> str:
    """Return the word that stands for a delivery in a bounce's address."""
    return bounce_key_of(delivery.message_id)


def bounce_key_of(message_id: str) -> str:
    """Return the word that stands for the delivery of a Message-ID: 16 characters, which nobody can guess."""
    return sha256(message_id.encode()).hexdigest()[:16]


def make_test_copy(
    rendered: Rendered, newsletter: Newsletter, *, address: str, message_id: str, now: datetime
) -> Envelope:
    """Return a copy marked [Test], to one address, whose unsubscribe link does nothing."""
    mailbox = parse_mailbox(address)
    template = build_message(rendered, newsletter, is_test=True)
    recipient = Recipient(address=mailbox.address, name=mailbox.name, message_id=message_id)
    inert = DeliveryLinks(mailto="#", preferences="#", view="#")
    return Envelope(
        content=personalize(template, recipient, now=now, links=inert),
        sender=parse_mailbox(newsletter.sender).address,
        recipient=mailbox.address,
    )


def filled_for_viewing(text: str, rendered: Rendered, newsletter: Newsletter, *, is_html: bool) -> str:
    """Return the HTML or text with a made-up reader's values in its slots, for looking at."""
    links = _sample_links(rendered, newsletter)
    values = _values(Recipient(address=_SAMPLE_READER, message_id="", name=_SAMPLE_NAME), links)
    return _SLOT.sub(lambda found: escape(values[found[0]]) if is_html else values[found[0]], text)


def as_eml(rendered: Rendered, newsletter: Newsletter, *, now: datetime) -> bytes:
    """Return the message as a made-up reader would get it, for looking at; its links open nothing."""
    sender = parse_mailbox(newsletter.sender).address
    recipient = Recipient(
        address=_SAMPLE_READER,
        name=_SAMPLE_NAME,
        message_id=f"<{rendered.name.date.isoformat()}.{_SAMPLE_TOKEN}@{domain_of(sender)}>",
    )
    links = _sample_links(rendered, newsletter)
    return personalize(build_message(rendered, newsletter), recipient, now=now, links=links)


def _sample_links(rendered: Rendered, newsletter: Newsletter) -> DeliveryLinks:
    sender = parse_mailbox(newsletter.sender).address
    return make_links(newsletter, sender, rendered.name, leave=_SAMPLE_TOKEN, prefer=_SAMPLE_TOKEN)


def _values(addressee: Addressee, links: DeliveryLinks) -> dict[str, str]:
    return {
        "@@NAME@@": one_line(addressee.name),
        "@@UNSUBSCRIBE@@": links.unsubscribe,
        "@@PREFERENCES@@": links.preferences,
        "@@VIEW@@": links.view,
    }


def make_note(
    newsletter: Newsletter, *, to: str, subject: str, text: str, message_id: str, now: datetime
) -> Envelope:
    """Return a plain message to the editor: of a quiet day, a failure, a draft to approve."""
    sender, mailbox = parse_mailbox(newsletter.sender), parse_mailbox(to)
    content = b"".join(
        [
            text_field("Date", format_datetime(now)),
            mailbox_field("From", sender),
            mailbox_field("To", mailbox),
            b"Message-ID: %s\r\n" % message_id.encode("ascii"),
            text_field("Subject", subject),
            b"Auto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n",
            _text_part("plain", quoted_printable(text)),
            b"\r\n",
        ]
    )
    return Envelope(content=content, sender=sender.address, recipient=mailbox.address)


def _fixed_fields(rendered: Rendered, newsletter: Newsletter) -> bytes:
    sender = parse_mailbox(newsletter.sender)
    domain = domain_of(sender.address)
    word = re.sub(r"[^a-z0-9-]+", "-", newsletter.name.lower()).strip("-") or "newsletter"
    fields = [mailbox_field("From", sender)]
    if newsletter.reply_to:
        fields.append(mailbox_field("Reply-To", parse_mailbox(newsletter.reply_to)))
    fields += [
        mailbox_field("List-Id", Mailbox(address=f"{word}.{domain}", name=newsletter.title)),
        text_field("Feedback-ID", f"{rendered.name.date.isoformat()}:{word}:digest:{domain}"),
        b"Auto-Submitted: auto-generated\r\nPrecedence: bulk\r\nMIME-Version: 1.0\r\n",
    ]
    return b"".join(fields)


def _leaving_fields(links: DeliveryLinks) -> list[bytes]:
    if not links.one_click:
        return [list_field("List-Unsubscribe", [links.mailto])]
    return [
        list_field("List-Unsubscribe", [links.one_click, links.mailto]),
        b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n",
    ]


def _filled(slot: Slot, values: Mapping[str, str]) -> bytes:
    value = values[slot.token]
    return SOFT_BREAK + quoted_printable(escape(value) if slot.is_html else value) + SOFT_BREAK


def _body(rendered: Rendered) -> tuple[bytes | Slot, ...]:
    """Return the pieces of multipart/alternative: the text, and the HTML with its pictures.

    The boundaries hold `=_`, which neither quoted-printable nor base64 ever writes.
    """
    mark = sha256(
        f"{rendered.name}\0{rendered.text}\0{rendered.html}".encode("utf-8", "replace")
    ).hexdigest()[:24]
    outer, inner = f"=_outer_{mark}".encode(), f"=_inner_{mark}".encode()
    pieces: list[bytes | Slot] = [
        b'Content-Type: multipart/alternative;\r\n boundary="%s"\r\n\r\n--%s\r\n' % (outer, outer),
        _text_part("plain", b""),
        *_pieces(rendered.text, is_html=False),
        b"\r\n--%s\r\n" % outer,
    ]
    if not rendered.pictures:
        pieces += [_text_part("html", b""), *_pieces(rendered.html, is_html=True)]
    else:
        start = b'Content-Type: multipart/related; type="text/html";\r\n boundary="%s"\r\n\r\n--%s\r\n'
        pieces += [start % (inner, inner), _text_part("html", b""), *_pieces(rendered.html, is_html=True)]
        pieces += [b"\r\n--%s\r\n%s" % (inner, _picture_part(picture)) for picture in rendered.pictures]
        pieces.append(b"--%s--\r\n" % inner)
    pieces.append(b"\r\n--%s--\r\n" % outer)
    return tuple(_joined(pieces))


def _pieces(text: str, *, is_html: bool) -> list[bytes | Slot]:
    """Part a text at its tokens and encode what lies between them."""
    return [
        Slot(token=part, is_html=is_html) if part in SLOTS else quoted_printable(part)
        for part in _SLOT.split(text)
    ]


def _joined(pieces: list[bytes | Slot]) -> list[bytes | Slot]:
    joined: list[bytes | Slot] = []
    for piece in pieces:
        if isinstance(piece, bytes) and joined and isinstance(joined[-1], bytes):
            joined[-1] += piece
        else:
            joined.append(piece)
    return joined


def _text_part(kind: str, content: bytes) -> bytes:
    return (
        b"Content-Type: text/%s; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
        % kind.encode()
        + content
    )


def _picture_part(picture: Picture) -> bytes:
    """Return a picture's part; base64 ends its last line, so the boundary may follow at once."""
    name = re.sub(r"[^A-Za-z0-9._-]", "_", picture.name).encode()
    kind = picture.content_type if re.fullmatch(r"image/[a-z0-9.+-]+", picture.content_type) else "image/jpeg"
    return (
        b"Content-Type: %s\r\nContent-Transfer-Encoding: base64\r\nContent-ID: <%s>\r\n"
        b'Content-Disposition: inline; filename="%s"\r\n\r\n%s'
        % (kind.encode(), name, name, encodebytes(picture.content).replace(b"\n", b"\r\n"))
    )
