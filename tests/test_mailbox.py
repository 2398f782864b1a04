"""Addresses: what passes can stand in a header and an envelope; what does not is told in a sentence."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.errors import AddressError
from digest.mailbox import Mailbox, address_key, domain_of, one_line, parse_address, parse_mailbox


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("ada@example.org", "ada@example.org"),
        ("  Ada.Lovelace+dose@Example.ORG ", "Ada.Lovelace+dose@example.org"),
        ("o'hara@example.org", "o'hara@example.org"),
        ("ada@bücher.example", "ada@xn--bcher-kva.example"),
        ("ada@faß.example", "ada@xn--fa-hia.example"),
        ("用户@例え.example", "用户@xn--r8jz45g.example"),
        ("jose\u0301@example.org", "josé@example.org"),
        ("root@localhost", "root@localhost"),
    ],
)
def test_an_address_is_kept_and_its_domain_is_made_ascii(text: str, address: str) -> None:
    assert parse_address(text) == address


@pytest.mark.parametrize(
    "text",
    [
        "", "ada", "@example.org", "ada@", "ada@@example.org", "a@b@example.org", "ada@example", "ada@.org",
        "ada@example..org", "ada@-example.org", "ada@exa_mple.org", "ada@1.2.3.4", "ada@[127.0.0.1]",
        ".ada@example.org", "ada.@example.org", "a..b@example.org", '"a b"@example.org', "a b@example.org",
        "ada@exam ple.org", "ada\r\nBcc: eve@example.org@example.org", "ada@example.org\nX: y", "ada\0@example.org",
        "ada<eve@example.org", "ada,eve@example.org", "a" * 65 + "@example.org", "a@" + "b" * 64 + ".org",
        "a@" + "b." * 130 + "org", "ad\u202ea@example.org", "ada@exa\u2028mple.org", "ada@example.org>",
    ],
)  # fmt: skip
def test_what_is_no_address_is_refused_in_one_line(text: str) -> None:
    with pytest.raises(AddressError) as caught:
        parse_address(text)

    assert "\n" not in str(caught.value)
    assert "\r" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "mailbox"),
    [
        ("ada@example.org", Mailbox(address="ada@example.org")),
        ("<ada@example.org>", Mailbox(address="ada@example.org")),
        ("Ada Lovelace <ada@example.org>", Mailbox(address="ada@example.org", name="Ada Lovelace")),
        (
            '"Lovelace, \\"Ada\\"" <ada@example.org>',
            Mailbox(address="ada@example.org", name='Lovelace, "Ada"'),
        ),
        ("A < B <ada@example.org>", Mailbox(address="ada@example.org", name="A < B")),
        ("Áda\r\nBcc: x <ada@example.org>", Mailbox(address="ada@example.org", name="Áda Bcc: x")),
    ],
)
def test_a_mailbox_is_a_name_and_an_address(text: str, mailbox: Mailbox) -> None:
    assert parse_mailbox(text) == mailbox


def test_the_same_reader_has_the_same_key() -> None:
    assert address_key("Ada@EXAMPLE.org") == address_key(" ada@example.org")
    assert address_key("STRASSE@bücher.example") == address_key("straße@xn--bcher-kva.EXAMPLE")
    assert domain_of("Ada <ada@Bücher.example>") == "xn--bcher-kva.example"


@given(st.text())
def test_whatever_passes_holds_nothing_that_breaks_a_line_or_an_envelope(text: str) -> None:
    for candidate in (text, f"{text}@example.org", f"ada@{text}", f"{text} <ada@example.org>"):
        try:
            mailbox = parse_mailbox(candidate)
        except AddressError:
            continue
        assert not set('\r\n\0 <>,"') & set(mailbox.address)
        assert mailbox.name == one_line(mailbox.name)
        assert parse_address(mailbox.address) == mailbox.address
        assert address_key(mailbox.address) == address_key(address_key(mailbox.address))
