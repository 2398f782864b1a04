"""Turn a saved email newsletter into the page or the text that it carries."""

from __future__ import annotations

import html
from datetime import datetime
from email import message_from_bytes
from email.errors import MessageError
from email.message import EmailMessage
from email.policy import default as modern
from email.utils import parsedate_to_datetime

from digest.errors import SourceError


def mail_body(content: bytes, *, subject: str) -> tuple[bytes, str]:
    """Return the HTML part of a message, else its text part, as UTF-8 bytes with their content type.

    What the headers know (subject, date, sender) is put in front as a page's own metadata, since a mail's
    HTML seldom says it. Raises SourceError naming `subject` when there is no part to read.
    """
    try:
        message = message_from_bytes(content, policy=modern)
        assert isinstance(message, EmailMessage)
        part = message.get_body(preferencelist=("html", "plain"))
        text = part.get_content() if part is not None else ""
    except (MessageError, LookupError, ValueError, AttributeError, TypeError, KeyError) as exc:
        raise SourceError(f"{subject} is not an email we can read. Save it again as .eml.") from exc
    if part is None or not isinstance(text, str) or not text.strip():
        raise SourceError(f"{subject} is an email without a text or HTML part.")
    title, sender, sent_at = _header(message, "subject"), _header(message, "from"), _date(message)
    if part.get_content_type() == "text/html":
        return (_meta(title, sender, sent_at) + text).encode("utf-8"), "text/html; charset=utf-8"
    lines = [title, sent_at.strftime("%d %B %Y %H:%M %z") if sent_at else "", text]
    return "\n\n".join(line for line in lines if line).encode("utf-8"), "text/plain; charset=utf-8"


def _meta(title: str, sender: str, sent_at: datetime | None) -> str:
    site = sender.partition("<")[0].strip().strip('"')
    values = {"title": title, "og:title": title, "og:site_name": site}
    if sent_at:
        values["article:published_time"] = sent_at.isoformat()
    tags = [
        f'<meta property="{name}" content="{html.escape(value)}">'
        for name, value in values.items()
        if value and name != "title"
    ]
    return f"<title>{html.escape(title)}</title>" + "".join(tags)


def _header(message: EmailMessage, name: str) -> str:
    return " ".join(str(message.get(name, "")).split())


def _date(message: EmailMessage) -> datetime | None:
    try:
        return parsedate_to_datetime(_header(message, "date"))
    except (ValueError, TypeError, IndexError):
        return None
