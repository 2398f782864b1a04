"""The message: read back by the standard library's parser, it says what was put in, and nothing else."""

from __future__ import annotations

import re
from dataclasses import replace
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.policy import default
from email.utils import parseaddr

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.deliver.headers import mailbox_field, text_field
from digest.deliver.links import DeliveryLinks, Links, Purpose, Signer
from digest.deliver.message import (
    as_eml,
    bounce_key,
    build_message,
    envelope_maker,
    make_note,
    make_test_copy,
    personalize,
)
from digest.deliver.quoted import SOFT_BREAK, quoted_printable
from digest.mailbox import Mailbox, one_line
from digest.model import Newsletter, Rendered
from tests.deliver.sample import NOW, PICTURE, make_delivery, make_newsletter, make_rendered

SIGNER = Signer(b"k" * 32)
HOSTED = {"public_url": "https://news.example.org"}
anything = st.text(st.characters(codec="utf-8"))
"""Any text but lone surrogates, line breaks and NUL among it."""


def message_of(
    rendered: Rendered,
    newsletter: Newsletter | None = None,
    *,
    name: str = "Ada",
    address: str = "ada@example.org",
) -> bytes:
    newsletter = newsletter or make_newsletter()
    make = envelope_maker(
        build_message(rendered, newsletter), newsletter, Links(SIGNER, newsletter), now=lambda: NOW
    )
    return make(make_delivery(address, name=name)).content


def parse(content: bytes) -> EmailMessage:
    message = message_from_bytes(content, policy=default)
    assert isinstance(message, EmailMessage)
    return message


def part(message: EmailMessage, kind: str) -> str:
    body = message.get_body((kind,))
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n")


def header_block(content: bytes) -> list[str]:
    return content.partition(b"\r\n\r\n")[0].decode().split("\r\n")


# --- structure -----------------------------------------------------------------------------------


def test_the_message_is_text_beside_html_with_its_pictures() -> None:
    html = f'<p>@@NAME@@</p><img src="cid:{PICTURE.name}">'
    message = parse(message_of(make_rendered(html=html, pictures=(PICTURE, PICTURE))))

    kinds = [one.get_content_type() for one in message.walk()]
    picture = list(message.walk())[4]

    assert kinds == [
        "multipart/alternative",
        "text/plain",
        "multipart/related",
        "text/html",
        "image/png",
        "image/png",
    ]
    assert picture["Content-ID"] == f"<{PICTURE.name}>"
    assert picture.get_content_disposition() == "inline"
    assert picture.get_content() == PICTURE.content
    assert not any(one.defects for one in message.walk())


def test_without_pictures_there_is_no_related_part() -> None:
    message = parse(message_of(make_rendered()))

    assert [one.get_content_type() for one in message.walk()] == [
        "multipart/alternative",
        "text/plain",
        "text/html",
    ]


@pytest.mark.parametrize("text", ["Hello @@NAME@@\nLeave: @@UNSUBSCRIBE@@\n", "It ends in @@NAME@@", "end"])
def test_who_wants_plain_text_gets_the_text_alone_with_the_same_headers(text: str) -> None:
    newsletter = make_newsletter(**HOSTED)
    make = envelope_maker(
        build_message(make_rendered(text=text, pictures=(PICTURE,)), newsletter),
        newsletter,
        Links(SIGNER, newsletter),
        now=lambda: NOW,
    )
    envelope = make(replace(make_delivery(), plain_text=True))
    usual = parse(make(make_delivery()).content)
    message = parse(envelope.content)

    assert message.get_content_type() == "text/plain"
    assert not message.is_multipart()
    assert part(message, "plain").rstrip() == part(usual, "plain").rstrip()
    about_content = {"Content-Type", "Content-Transfer-Encoding"}
    assert dict(message.items()).items() - dict(usual.items()).items() == {
        (name, value) for name, value in message.items() if name in about_content
    }
    assert set(message.keys()) - set(usual.keys()) <= about_content
    assert envelope.is_plain
    assert envelope.content.endswith(b"\r\n")


def test_every_line_ends_with_crlf_and_is_short_and_ascii() -> None:
    rendered = make_rendered(html="é" * 5000 + "@@NAME@@" * 40, text="line\nlong " * 300, pictures=(PICTURE,))
    content = message_of(rendered, make_newsletter(**HOSTED), name="Ünïcodé " * 30)

    assert content.isascii()
    assert not re.search(rb"(?<!\r)\n|\r(?!\n)", content)
    assert content.endswith(b"\r\n")
    assert max(map(len, content.split(b"\r\n"))) <= 100
    assert b"\r\n." not in content
    assert b"\r\nFrom " not in content


# --- headers -------------------------------------------------------------------------------------


def test_the_headers_that_mailboxes_ask_for() -> None:
    newsletter = make_newsletter(**HOSTED, reply_to="Desk <desk@example.org>")
    message = parse(message_of(make_rendered(), newsletter))

    assert message["Date"] == "Tue, 24 Nov 2026 06:30:00 +0000"
    assert message["Message-ID"] == "<daily.2026-11-24.00000007@example.org>"
    assert parseaddr(message["From"]) == ("The Daily Dose", "dose@example.org")
    assert parseaddr(message["To"]) == ("Ada", "ada@example.org")
    assert parseaddr(message["Reply-To"]) == ("Desk", "desk@example.org")
    assert message["List-Id"] == '"The Daily Dose" <daily.example.org>'
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Precedence"] == "bulk"
    assert message["Feedback-ID"] == "2026-11-24:daily:digest:example.org"
    assert message["MIME-Version"] == "1.0"
    assert len({name.lower() for name in message}) == len(message.keys())


def test_one_click_is_offered_only_where_pages_are_hosted() -> None:
    hosted = parse(message_of(make_rendered(), make_newsletter(**HOSTED)))
    alone = parse(message_of(make_rendered()))

    found = re.fullmatch(
        r"<https://news\.example\.org/u/(\S+)>,\s+<mailto:dose@example\.org\?subject=unsubscribe%20(\S+)>",
        hosted["List-Unsubscribe"],
    )
    assert found is not None
    assert found[1] == found[2]
    assert hosted["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert alone["List-Unsubscribe"].startswith("<mailto:dose@example.org?subject=unsubscribe%20")
    assert "List-Unsubscribe-Post" not in alone


def test_the_links_in_the_body_are_those_of_the_header() -> None:
    message = parse(message_of(make_rendered(), make_newsletter(**HOSTED)))
    link = message["List-Unsubscribe"].partition(">")[0][1:]

    assert f"Leave: {link}\n" in part(message, "plain")
    assert f'href="{link}"' in part(message, "html")


def test_the_same_delivery_always_has_the_same_message_id() -> None:
    first, second = message_of(make_rendered()), message_of(make_rendered(subject="Another"))

    assert parse(first)["Message-ID"] == parse(second)["Message-ID"]


@given(subject=anything, name=anything)
def test_no_subject_and_no_name_makes_a_header_of_its_own(subject: str, name: str) -> None:
    content = message_of(make_rendered(subject=subject), name=name)
    plain = message_of(make_rendered(subject="x"), name="y")

    def names(lines: list[str]) -> list[str]:
        return [line.partition(":")[0] for line in lines if not line.startswith(" ")]

    assert names(header_block(content)) == names(header_block(plain))
    assert all(line.strip() for line in header_block(content))


@given(anything)
def test_a_subject_reads_back_as_it_was(subject: str) -> None:
    field = text_field("Subject", subject)
    value = field.decode("ascii").removesuffix("\r\n").partition(":")[2].replace("\r\n", "")

    assert str(make_header(decode_header(value))).strip() == one_line(subject)
    assert all(len(line) <= 76 for line in field.split(b"\r\n"))


@given(anything)
def test_a_name_reads_back_as_it_was_beside_its_address(name: str) -> None:
    name = one_line(name)[:200].strip()
    field = mailbox_field("To", Mailbox(address="ada@example.org", name=name))
    value = field.decode("ascii").removesuffix("\r\n").partition(":")[2].replace("\r\n", "")
    phrase, address = parseaddr(value)

    assert address == "ada@example.org"
    assert str(make_header(decode_header(phrase))) == name


def test_an_address_beyond_ascii_stands_in_utf8() -> None:
    content = message_of(make_rendered(), address="用户@xn--r8jz45g.example")

    assert 'To: "Ada" <用户@xn--r8jz45g.example>\r\n'.encode() in content


# --- bodies --------------------------------------------------------------------------------------


@given(text=anything, html=anything, name=anything)
def test_bodies_read_back_as_they_were(text: str, html: str, name: str) -> None:
    rendered = make_rendered(text=text + "|@@NAME@@|" + text, html=html + "<@@NAME@@>" + html)
    message = parse(message_of(rendered, name=name))
    escaped = one_line(name)
    for character, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;"), ("'", "&#x27;")):
        escaped = escaped.replace(character, entity)

    plain_parts = filled(text, one_line(name)), filled(html, escaped)
    assert part(message, "plain") == lines(plain_parts[0] + f"|{one_line(name)}|" + plain_parts[0])
    assert part(message, "html") == lines(plain_parts[1] + f"<{escaped}>" + plain_parts[1])


def filled(text: str, name: str) -> str:
    return text.replace("@@NAME@@", name)


def lines(text: str) -> str:
    return text.replace("\r\n", "\n")


@given(st.lists(anything))
def test_pieces_of_quoted_printable_join_into_the_whole(pieces: list[str]) -> None:
    from quopri import decodestring

    coded = SOFT_BREAK.join(quoted_printable(piece) for piece in pieces)

    assert decodestring(coded).replace(b"\r\n", b"\n").decode() == "".join(map(lines, pieces))
    assert all(len(line) <= 76 for line in coded.split(b"\r\n"))


@pytest.mark.parametrize(
    "name", ["<script>alert(1)</script>", '" onclick="x', "@@UNSUBSCRIBE@@", "a\r\n\r\nb"]
)
def test_a_name_cannot_break_out_of_the_html_nor_call_a_token(name: str) -> None:
    html = part(parse(message_of(make_rendered(), name=name)), "html")

    assert "<script" not in html
    assert '" onclick' not in html
    assert html.count("mailto:") == 1


def test_each_token_in_a_long_line_is_replaced_whole() -> None:
    html = "".join(f"<td>{'é' * count}@@NAME@@</td>" for count in range(120))

    shown = part(parse(message_of(make_rendered(html=html), name="Zoë")), "html")

    assert shown == html.replace("@@NAME@@", "Zoë")


# --- other copies --------------------------------------------------------------------------------


def test_a_test_copy_is_marked_and_its_unsubscribe_link_does_nothing() -> None:
    envelope = make_test_copy(
        make_rendered(),
        make_newsletter(**HOSTED),
        address="Me <me@example.org>",
        message_id="<t1@example.org>",
        now=NOW,
    )
    message = parse(envelope.content)

    assert (envelope.sender, envelope.recipient) == ("dose@example.org", "me@example.org")
    assert message["Subject"] == "[Test] Night ferry saved"
    assert "List-Unsubscribe" not in message
    assert "/u/" not in part(message, "html") + part(message, "plain")
    assert "mailto:" not in part(message, "html") + part(message, "plain")


def test_a_sample_is_whole_and_opens_nothing() -> None:
    message = parse(as_eml(make_rendered(pictures=(PICTURE,)), make_newsletter(**HOSTED), now=NOW))

    assert "https://news.example.org/u/sample" in message["List-Unsubscribe"]
    assert parseaddr(message["To"]) == ("Sample Reader", "reader@example.org")
    assert SIGNER.read(Purpose.UNSUBSCRIBE, "sample") is None


def test_a_note_is_a_plain_message() -> None:
    envelope = make_note(
        make_newsletter(),
        to="ed@example.org",
        subject="A quiet day\nX: y",
        text="Nothing.\n",
        message_id="<n@x>",
        now=NOW,
    )
    message = parse(envelope.content)

    assert message["Subject"] == "A quiet day X: y"
    assert message.get_content().strip() == "Nothing."


def test_a_return_path_names_the_delivery() -> None:
    newsletter, delivery = make_newsletter(), make_delivery()
    template = build_message(make_rendered(), newsletter)
    make = envelope_maker(
        template,
        newsletter,
        Links(SIGNER, newsletter),
        now=lambda: NOW,
        return_path="bounces+{delivery}@example.org",
    )

    assert make(delivery).sender == f"bounces+{bounce_key(delivery)}@example.org"


def test_a_template_is_built_once_for_all() -> None:
    template = build_message(make_rendered(), make_newsletter())
    links = DeliveryLinks(mailto="mailto:dose@example.org")

    first = personalize(template, make_delivery("a@example.org", name="A"), now=NOW, links=links)
    second = personalize(template, make_delivery("b@example.org", name="B"), now=NOW, links=links)

    assert (
        first.replace(b"a@example.org", b"b@example.org")
        .replace(b'"A"', b'"B"')
        .replace(b"\r\nA=", b"\r\nB=")
        == second
    )
    assert template.fixed.count(b"List-Id") == 1
