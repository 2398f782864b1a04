"""Build a reader's message in the ordinary way, with the standard library's EmailMessage."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from html import escape

from digest.deliver.links import DeliveryLinks
from digest.deliver.message import Addressee
from digest.mailbox import parse_mailbox
from digest.model import Newsletter, Rendered


def ordinary_message(
    rendered: Rendered, newsletter: Newsletter, addressee: Addressee, *, now: datetime, links: DeliveryLinks
) -> bytes:
    """Return the message whole, its tokens replaced and everything encoded anew, as for one reader alone."""
    values = {
        "@@NAME@@": addressee.name,
        "@@UNSUBSCRIBE@@": links.unsubscribe,
        "@@PREFERENCES@@": links.preferences,
        "@@VIEW@@": links.view,
    }
    sender = parse_mailbox(newsletter.sender)
    message = EmailMessage(policy=SMTP)
    message["Date"] = now
    message["To"] = Address(display_name=addressee.name, addr_spec=addressee.address)
    message["Message-ID"] = addressee.message_id
    message["Subject"] = _filled(rendered.subject, values)
    message["From"] = Address(display_name=sender.name, addr_spec=sender.address)
    message.set_content(_filled(rendered.text, values), cte="quoted-printable")
    escaped = {token: escape(value) for token, value in values.items()}
    message.add_alternative(_filled(rendered.html, escaped), subtype="html", cte="quoted-printable")
    page = message.get_payload()[-1]  # type: ignore[index]  # a multipart's payload is its parts
    assert isinstance(page, EmailMessage)
    for picture in rendered.pictures:
        kind, _, subtype = picture.content_type.partition("/")
        page.add_related(
            picture.content,
            kind,
            subtype,
            cid=f"<{picture.name}>",
            disposition="inline",
            filename=picture.name,
        )
    return message.as_bytes()


def _filled(text: str, values: Mapping[str, str]) -> str:
    for token, value in values.items():
        text = text.replace(token, value)
    return text
