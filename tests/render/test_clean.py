"""Text and addresses made harmless."""

from __future__ import annotations

import pytest

from digest.render.clean import attribute, clean_line, clean_paragraphs, safe_url


@pytest.mark.parametrize(
    ("dirty", "clean"),
    [
        (None, ""),
        ("  two \n lines\t\r\n", "two lines"),
        ("nul\x00, bell\x07, delete\x7f", "nul, bell, delete"),
        ("\u202eturned\u202c", "turned"),
        ("keeps\u00a0NBSP and \u200dZWJ", "keeps\u00a0NBSP and \u200dZWJ"),
        ("@@NAME@@", "@\u2060@NAME@\u2060@"),
        ("@@@@", "@\u2060@\u2060@\u2060@"),
        ("mail@example.org", "mail@example.org"),
    ],
)
def test_a_line_is_clean(dirty: str | None, clean: str) -> None:
    assert clean_line(dirty) == clean


def test_a_blank_line_parts_paragraphs() -> None:
    assert clean_paragraphs("one\nstill one\n\n\ntwo\r\n\r\nthree\n\n") == ("one still one", "two", "three")


@pytest.mark.parametrize(
    ("url", "safe"),
    [
        ("https://example.org/a?b=c&d=e#f", "https://example.org/a?b=c&d=e#f"),
        (" HTTP://example.org ", "http://example.org"),
        ("https://bücher.example/straße?q=ä", "https://xn--bcher-kva.example/stra%C3%9Fe?q=%C3%A4"),
        ("https://example.org/100%25 sure", "https://example.org/100%25%20sure"),
        ("https://example.org:8443/", "https://example.org:8443/"),
        ("https://[::1]/x", "https://[::1]/x"),
        ("mailto:desk@example.org?subject=Hello there", "mailto:desk@example.org?subject=Hello%20there"),
        ("https://example.org/@@NAME@@", "https://example.org/%40%40NAME%40%40"),
        ("javascript:alert(1)", None),
        ("ftp://example.org/", None),
        ("https://user@example.org/", None),
        (None, None),
    ],
)
def test_only_web_and_mail_addresses_are_linked(url: str | None, safe: str | None) -> None:
    assert safe_url(url) == safe


def test_an_attribute_is_plain_ascii_without_quotes_or_backslashes() -> None:
    made = attribute("\"'<>&`\\ \u00a0\u200d\u00ad e\u0301\n\x00")

    assert made == "&#34;&#39;&lt;&gt;&amp;&#96;&#92; &#160;&#8205;&#173; e&#769; "
