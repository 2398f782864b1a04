"""A message joined from encoded pieces decodes to the same bytes as one built in the ordinary way."""

from __future__ import annotations

from dataclasses import replace
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

import pytest

from digest.deliver.links import Links, Signer
from digest.deliver.message import build_message, personalize
from digest.model import SubscriberId
from digest.render.compose import render_edition
from tests.deliver.ordinary import ordinary_message
from tests.deliver.sample import NOW, make_delivery
from tests.render.sample import TEMPLATE, make_edition, make_newsletter, make_stub_pictures

COMPARED = ("Date", "To", "Message-ID", "Subject", "From", "MIME-Version")


def decoded(content: bytes) -> tuple[dict[str, str], list[tuple[str, str | None, bytes]]]:
    """Return the headers that both set, and each part's type, Content-ID and decoded bytes."""
    message = message_from_bytes(content, policy=default)
    assert isinstance(message, EmailMessage)
    parts = []
    for part in message.walk():
        payload = part.get_payload(decode=True) or b""
        assert isinstance(payload, bytes)
        if part.get_content_maintype() == "text":
            payload = payload.replace(b"\r\n", b"\n").rstrip(b"\n")
        parts.append((part.get_content_type(), part["Content-ID"], payload))
    return {name: str(message[name]) for name in COMPARED}, parts


@pytest.mark.parametrize("language", ["en", "ar"])
@pytest.mark.parametrize("hosted", [False, True])
@pytest.mark.parametrize("name", ["Ada", "Zoë O’Brien & <Söhne>", "", "李雷"])
def test_each_part_is_equal_to_the_ordinary_one_byte_for_byte(name: str, hosted: bool, language: str) -> None:
    newsletter = make_newsletter(public_url="https://news.example" if hosted else "", language=language)
    edition = make_edition(15, language=language)
    laid_out = render_edition(
        edition, newsletter, template_folder=TEMPLATE, pictures=make_stub_pictures(edition)
    )
    rendered = replace(
        laid_out,
        subject="Für @@NAME@@: ein Glockenschlag nach 95 Jahren, und was sonst noch geschah",
        html=laid_out.html.replace("</h1>", "</h1><p>Hello @@NAME@@.</p>", 1),
        text="Hello @@NAME@@.\n.\nFrom here on:\n" + laid_out.text,
    )
    reader = make_delivery("ada@example.org", name=name)
    links = Links(Signer(b"k" * 32), newsletter).of(SubscriberId(7), edition.name)

    joined = personalize(build_message(rendered, newsletter), reader, now=NOW, links=links)
    ordinary = ordinary_message(rendered, newsletter, reader, now=NOW, links=links)

    assert decoded(joined) == decoded(ordinary)
    assert bool(rendered.pictures) != hosted
