"""Turn a saved email newsletter into the page that it carries."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.errors import MessageError
from email.message import Message
from email.utils import parseaddr

from digest.charset import decode, find_encoding
from digest.errors import SourceError
from digest.ingest.letter import clean_letter, page_of_text
from digest.ingest.mail_header import decode_words, header_text
from digest.moment import parse_moment

_FORWARDED = re.compile(r"^(?:\s*(?:fwd?|fw|wg|tr|rv|vs|vb|doorst)\s*:\s*)+", re.I)
_MACHINE = re.compile(r"[0-9a-f]{8,}|mc list|@|^\W*$|https?:", re.I)
_VIA = re.compile(r"\s+via\s+\S.*$", re.I)
_BOUNDARY = re.compile(rb"^--(\S[^\r\n]{0,200}?)[ \t]*$", re.M)
_STATEFUL = ("iso-2022", "hz", "utf-7")
_TAG = re.compile(r"<[^<>]{0,5000}>")
_MAX_DEPTH = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class _Parts:
    """The readable parts of one message: HTML and text."""

    pages: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()

    @property
    def length(self) -> int:
        """Return how much there is to read."""
        return max(len(_TAG.sub("", "".join(self.pages)).split()), len("".join(self.texts).split()))


def mail_body(content: bytes, *, subject: str) -> tuple[bytes, str]:
    """Return a newsletter as a page in UTF-8, with its content type.

    What the headers know (subject, date, sender) is put in front as a page's own metadata, since a mail's
    HTML seldom says it; the address of its "view in browser" link is the page's. The letter's footer (who
    gets it, how to leave, postal address) is left out. Of a forwarded message the forwarded one is read.
    Raises SourceError naming `subject` when there is nothing to read.
    """
    try:
        message, parts = _read(message_from_bytes(content.lstrip(b"\xef\xbb\xbf\r\n")), 0)
    except (MessageError, LookupError, ValueError, AttributeError, TypeError, RecursionError) as exc:
        raise SourceError(f"{subject} is not an email we can read. Save it again as .eml.") from exc
    if parts.pages:
        body, url = clean_letter("\n".join(parts.pages))
    else:
        body, url = page_of_text("\n\n".join(parts.texts))
    if not _TAG.sub("", body).strip():
        raise SourceError(f"{subject} is an email without a text or HTML part.")
    page = f"<!doctype html><html><head>{_head(message, url)}</head><body>{body}</body></html>"
    return page.encode("utf-8", "replace"), "text/html; charset=utf-8"


def _head(message: Message, url: str | None) -> str:
    title = _FORWARDED.sub("", header_text(message, "subject"))
    values = {"og:title": title, "og:site_name": _site(message), "article:published_time": _date(message)}
    tags = [
        f'<meta property="{name}" content="{html.escape(value)}">' for name, value in values.items() if value
    ]
    if url:
        tags.append(f'<link rel="canonical" href="{html.escape(url)}">')
    return f"<title>{html.escape(title)}</title>{''.join(tags)}"


def _site(message: Message) -> str:
    """Return the list's own name, else the sender's, else the domain it was sent from."""
    listed = header_text(message, "list-id").partition("<")[0].strip(" \"'")
    if 2 <= len(listed) <= 60 and not _MACHINE.search(listed):
        return listed
    name, address = parseaddr(header_text(message, "from", is_decoded=False))
    sender = _VIA.sub("", decode_words(name)).strip(" \"'")
    return sender if sender and "@" not in sender else address.rpartition("@")[2]


def _date(message: Message) -> str:
    """Return when the message was sent, else when the first server had it."""
    sent = parse_moment(header_text(message, "date"))
    if sent is None:
        received = header_text(message, "received", is_last=True)
        sent = parse_moment(received.rpartition(";")[2]) if ";" in received else None
    return sent.isoformat() if sent else ""


def _read(message: Message, depth: int) -> tuple[Message, _Parts]:
    """Return the message to read and its parts: of one that forwards another, whichever says more."""
    pages: list[str] = []
    texts: list[str] = []
    inner: list[Message] = []
    for part in _leaves(message, 0):
        kind = part.get_content_type()
        if kind == "message/rfc822":
            inner += [one for one in part.get_payload() if isinstance(one, Message)]
        elif part.get_content_disposition() == "attachment":
            continue
        elif kind == "text/html":
            pages.append(_text(part))
        elif kind == "text/plain" or part.get_content_maintype() == "multipart":
            texts.append(_text(part))
    best = (message, _Parts(pages=_filled(pages), texts=_filled(texts)))
    if depth < _MAX_DEPTH:
        for one in inner:
            found = _read(one, depth + 1)
            if found[1].length > best[1].length:
                best = found
    return best


def _leaves(message: Message, depth: int) -> Iterator[Message]:
    """Yield the parts that are no containers, and whole messages within as they are."""
    if message.get_content_maintype() == "multipart" and not message.is_multipart():
        message = _split(message)
    if message.get_content_maintype() != "multipart" or not message.is_multipart() or depth > _MAX_DEPTH:
        yield message
        return
    for part in message.get_payload():
        if isinstance(part, Message):
            yield from _leaves(part, depth + 1)


def _split(message: Message) -> Message:
    """Return a message whose boundary was lost, split at the line that looks like one."""
    body = message.get_payload(decode=True)
    found = _BOUNDARY.search(body) if isinstance(body, bytes) else None
    if found is None or not isinstance(body, bytes):
        return message
    head = b'Content-Type: multipart/mixed; boundary="' + found.group(1) + b'"\n\n'
    return message_from_bytes(head + body)


def _text(part: Message) -> str:
    """Return a part's text, by its declared charset where the bytes bear it out."""
    raw = part.get_payload(decode=True)
    content = raw if isinstance(raw, bytes) else b""
    declared = (part.get_content_charset() or "").lower()
    if declared.startswith(_STATEFUL):  # these look like ASCII
        return decode(content, declared)
    return decode(content, find_encoding(content, content_type=f"text/plain; charset={declared}"))


def _filled(values: list[str]) -> tuple[str, ...]:
    return tuple(value for value in values if _TAG.sub("", value).strip())
