"""Newsletters in the shapes that mail programs save give their story, without what is about the letter."""

from __future__ import annotations

import base64
import gzip
from email.message import EmailMessage
from pathlib import Path

import pytest

from digest.errors import SourceError
from digest.ingest.letter import clean_letter, page_of_text
from digest.ingest.mail import mail_body
from digest.ingest.mail_header import decode_words
from digest.model import Failure, Story
from tests.pipeline.reading import read

LETTERS = Path(__file__).resolve().parents[1] / "data" / "ingest" / "mail"
ENGLISH = (
    "The ferry to Port Ellan waited four hours on Monday, since nobody could see the quay from the bridge.",
    "“We could hear the gulls, and that was all,” said Mira Oswin, the harbor master, who sent the crew to lunch.",
    "The fog lifted at noon, and the ferry left with 212 passengers, eleven cars and one horse for the island fair.",
)
GERMAN = (
    "Die Fähre nach Görlsund lag am Montag vier Stunden still, weil von der Brücke aus niemand den Kai sah.",
    "„Wir hörten die Möwen, sonst nichts“, sagte die Hafenmeisterin Änne Öhlschläger, die die Mannschaft "
    "essen schickte.",
    "Mittags lichtete sich der Nebel, und die Fähre legte mit 212 Gästen, elf Autos und einem Pferd für das Fest ab.",
)
FOOTER = (
    "©",
    "subscri",
    "abmelden",
    "receiv",
    "E-Mail",
    "Street",
    "Hafenstraße",
    "browser",
    "Browser",
    "terms",
)


def story(path: Path) -> Story:
    (found,) = read(str(path))
    assert isinstance(found, Story), found
    return found


@pytest.mark.parametrize("name", ["alternative", "related", "text", "forwarded", "careless"])
def test_letter_gives_its_paragraphs_and_nothing_of_its_footer(name: str) -> None:
    wanted = GERMAN if name in ("related", "careless") else ENGLISH

    text = story(LETTERS / f"{name}.eml").text

    paragraphs = [paragraph for paragraph in text.split("\n\n") if paragraph != "Ferry waits for fog"]
    assert tuple(paragraphs) == wanted
    assert not [word for word in FOOTER if word in text]


@pytest.mark.parametrize(
    ("name", "title", "site", "sent_at", "url"),
    [
        (
            "alternative",
            "The ferry waits for fog – and gulls",
            "The Courier Daily",
            "2026-11-24T06:30:00-05:00",
            "https://courier.example/letters/2026-11-24",
        ),
        (
            "related",
            "Fähre wartet auf den Nebel",
            "Kurier Görlsund",
            "2026-11-24T06:30:00+01:00",
            "https://kurier.example/brief/77",
        ),
        (
            "text",
            "Ferry waits for fog",
            "courier.example",
            "2026-11-24T07:01:02+02:00",
            "https://courier.example/letters/2026-11-24",
        ),
        (
            "forwarded",
            "The ferry waits for fog – and gulls",
            "The Courier Daily",
            "2026-11-24T06:30:00-05:00",
            "https://courier.example/letters/2026-11-24",
        ),
        ("careless", "Fähre wartet auf den Nebel", "The Courier", None, "https://kurier.example/brief/77"),
    ],
)
def test_headers_say_what_a_letter_is(
    name: str, title: str, site: str, sent_at: str | None, url: str
) -> None:
    found = story(LETTERS / f"{name}.eml")

    assert (found.title, found.site, found.url) == (title, site, url)
    assert (found.published_at.isoformat() if found.published_at else None) == sent_at
    assert found.authors == ()


def test_picture_with_an_address_leads_and_one_within_the_mail_goes() -> None:
    shown, attached = story(LETTERS / "alternative.eml"), story(LETTERS / "related.eml")

    assert shown.lead_image is not None
    assert shown.lead_image.url == "https://img.courier.example/ferry.jpg"
    assert attached.images == ()


def test_packed_letter_is_read_alike(tmp_path: Path) -> None:
    packed = tmp_path / "letter.eml.gz"
    packed.write_bytes(gzip.compress((LETTERS / "alternative.eml").read_bytes()))

    assert story(packed).text == story(LETTERS / "alternative.eml").text


def page(**headers: str) -> str:
    """Return the page of a letter with these headers; an underscore stands for a dash."""
    lines = "".join(f"{name.replace('_', '-')}: {value}\n" for name, value in headers.items())
    return mail_body(f"{lines}\nThe ferry left at noon.\n".encode(), subject="x.eml")[0].decode()


@pytest.mark.parametrize(
    ("headers", "site"),
    [
        ({"From": "The Courier <a@courier.example>"}, "The Courier"),
        ({"From": '"Doe, Jane" <a@courier.example>'}, "Doe, Jane"),
        ({"From": "=?utf-8?Q?K=C3=B6lner=2C_Blatt?= <a@blatt.example>"}, "Kölner, Blatt"),
        ({"From": "a@courier.example"}, "courier.example"),
        ({"From": '"a@courier.example" <a@courier.example>'}, "courier.example"),
        ({"From": "Courier <a@b.example>", "List_Id": "Courier Daily <d.courier.example>"}, "Courier Daily"),
        ({"From": "Courier <a@b.example>", "List_ID": "<d.courier.example>"}, "Courier"),
        (
            {"From": "Courier <a@b.example>", "List_ID": "0a1b2c3d4e5f mc list <0a1b.lists.example>"},
            "Courier",
        ),
        ({"From": "The Courier via Posts <p@posts.example>"}, "The Courier"),
    ],
)
def test_list_or_sender_names_the_site(headers: dict[str, str], site: str) -> None:
    assert f'<meta property="og:site_name" content="{site}">' in page(**headers)


@pytest.mark.parametrize(
    ("date", "sent_at"),
    [
        ("Tue, 24 Nov 2026 06:30:00 -0500", "2026-11-24T06:30:00-05:00"),
        ("24 Nov 2026 06:30 +0100 (CET)", "2026-11-24T06:30:00+01:00"),
        ("2026-11-24T06:30:00Z", "2026-11-24T06:30:00+00:00"),
        ("yesterday", None),
        ("Tue, 24 Nov 2026 06:30:00 +9999", None),
        ("Tue, 24 Nov 2026 06:30:00 -99999999999", None),
        ("99999999999999999999 Nov 2026 06:30:00", None),
        ("", None),
    ],
)
def test_date_is_the_letters_own(date: str, sent_at: str | None) -> None:
    assert (f'content="{sent_at}"' in page(Date=date)) is (sent_at is not None)
    assert ("article:published_time" in page(Date=date)) is (sent_at is not None)


@pytest.mark.parametrize(
    ("subject", "title"),
    [
        ("Fwd: FW: Ferry waits", "Ferry waits"),
        ("WG: Fähre wartet", "Fähre wartet"),
        ("Forward march", "Forward march"),
        ('A <b> & a "c"', "A &lt;b&gt; &amp; a &quot;c&quot;"),
    ],
)
def test_title_is_the_subject_without_what_forwarding_put_before_it(subject: str, title: str) -> None:
    assert f"<title>{title}</title>" in page(Subject=subject)


@pytest.mark.parametrize(
    ("text", "decoded"),
    [
        ("plain", "plain"),
        ("=?utf-8?Q?F=C3=A4hre?=", "Fähre"),
        ("=?utf-8?q?F=C3=A4hre_wartet?= today", "Fähre wartet today"),
        ("=?utf-8?B?RsOkaHJl?=\t=?utf-8?B?IHdhcnRldA==?=", "Fähre wartet"),
        ("=?utf-8?Q?=C3?= =?utf-8?Q?=A4?=", "ä"),
        ("=?utf-8?Q?two words?=", "two words"),
        ("=?iso-8859-1*de?Q?F=E4hre?=", "Fähre"),
        ("=?windows-1252?Q?=80_5?=", "€ 5"),
        ("=?iso-2022-jp?B?GyRCRnxLXBsoQg==?=", "日本"),
        ("=?utf-8?B?!!!?=", ""),
        ("=?x-unknown?Q?F=E4hre?=", "Fähre"),
        ("=?utf-8?X?abc?=", "=?utf-8?X?abc?="),
    ],
)
def test_encoded_words_are_decoded_as_senders_really_write_them(text: str, decoded: str) -> None:
    assert decode_words(text) == decoded


@pytest.mark.parametrize(
    "charset", ["utf-8", "iso-8859-1", "windows-1252", "iso-2022-jp", "koi8-r", "utf-16"]
)
@pytest.mark.parametrize("coding", ["quoted-printable", "base64"])
def test_letter_is_read_in_its_charset(charset: str, coding: str) -> None:
    text = {"iso-2022-jp": "フェリーは霧を待つ。", "koi8-r": "Паром ждёт тумана."}.get(
        charset, "Die Fähre wartet."
    )
    raw = text.encode(charset)
    body = base64.encodebytes(raw) if coding == "base64" else "".join(f"={byte:02X}" for byte in raw).encode()
    head = f"Subject: x\nContent-Type: text/plain; charset={charset}\nContent-Transfer-Encoding: {coding}\n\n"

    content, content_type = mail_body(head.encode() + body, subject="x.eml")

    assert f"<p>{text}</p>" in content.decode()
    assert content_type == "text/html; charset=utf-8"


def test_wrapped_text_is_joined_into_paragraphs() -> None:
    text = (
        "The ferry to Port Ellan waited four hours on Monday, since nobody\ncould see the quay.\n\n"
        "- gulls\n- a horse\n\nShort\nlines\nstay.\n\nflowed \ntext\n"
    )

    assert page_of_text(text)[0] == (
        "<p>The ferry to Port Ellan waited four hours on Monday, since nobody could see the quay.</p>"
        "<p>- gulls</p><p>- a horse</p><p>Short</p><p>lines</p><p>stay.</p><p>flowed text</p>"
    )


VIEWS = [
    "View this email in your browser", "View in browser", "Read online", "Web version", "View online",
    "Im Browser ansehen", "Newsletter online lesen", "Voir dans votre navigateur", "Version en ligne",
    "Ver en el navegador", "Visualizza nel tuo browser", "Ver no navegador", "Bekijk in je browser",
    "Visa i webbläsaren", "Zobacz w przeglądarce", "Открыть в браузере", "ブラウザで見る",
]  # fmt: skip
LEAVES = [
    "Unsubscribe", "Manage your preferences", "Abmelden", "Newsletter abbestellen", "Se désabonner",
    "Darse de baja", "Cancella iscrizione alla newsletter", "Cancelar inscrição", "Afmelden", "Avregistrera dig",
    "Meld deg av", "Wypisz się", "Отписаться", "配信停止はこちら", "إلغاء الاشتراك",
]  # fmt: skip


@pytest.mark.parametrize("words", VIEWS)
def test_letter_on_the_web_is_found_in_many_languages(words: str) -> None:
    link = f'<p>Trouble reading? <a href="https://courier.example/l/1">{words}</a></p>'

    body, url = clean_letter(f"<html><body>{link}<p>{ENGLISH[0]}</p></body></html>")

    assert url == "https://courier.example/l/1"
    assert words not in body


@pytest.mark.parametrize("words", LEAVES)
def test_footer_is_found_in_many_languages(words: str) -> None:
    story = "".join(f"<p>{paragraph}</p>" for paragraph in ENGLISH)
    footer = (
        f'<div>12 Quay Street, Springfield 97477</div><div><a href="https://c.example/x">{words}</a></div>'
    )

    body, _ = clean_letter(f"<html><body>{story}{footer}<p>The Courier</p></body></html>")

    assert ENGLISH[2] in body
    assert "Quay Street" not in body
    assert words not in body
    assert "The Courier" not in body


def test_way_out_above_the_story_takes_nothing_of_it_along() -> None:
    story = "".join(f"<p>{paragraph}</p>" for paragraph in ENGLISH)
    above = '<p><a href="https://c.example/unsub">Unsubscribe</a></p>'

    body, _ = clean_letter(f"<html><body>{above}{story}</body></html>")

    assert "Unsubscribe" not in body
    assert all(paragraph in body for paragraph in ENGLISH)


def test_story_about_leaving_lists_is_a_story() -> None:
    told = (
        "Readers who want to unsubscribe from the ferry's text messages wrote four hundred letters to the harbor "
        "master, who said on Tuesday that she had never heard of these messages and would like to unsubscribe too."
    )

    body, url = clean_letter(f"<p>{ENGLISH[0]}</p><p>{told}</p><p>{ENGLISH[1]}</p>")

    assert told in body
    assert ENGLISH[1] in body
    assert url is None


def test_what_a_letter_hides_is_left_out() -> None:
    body, _ = clean_letter(
        '<?xml version="1.0" encoding="utf-8"?><div style="DISPLAY : none">preview</div><p>Seen.</p>'
        "<style>p{}</style><!--[if mso]><p>old</p><![endif]-->"
    )

    assert "Seen." in body
    assert "preview" not in body
    assert "p{}" not in body


@pytest.mark.parametrize("number", [0, 1, 11, 12, 14, 31, 0xD800, 0xFFFE, 0xFFFF, 0x110000, 149])
def test_characters_that_no_tree_can_hold_go(number: int) -> None:
    for written in (f"&#{number};", f"&#x{number:X};", f"&#{number:040}", chr(min(number, 0xFFFF))):
        body, _ = clean_letter(f"<p>One.</p><script>x</script>a{written} b<img src='cid:x'>c {written}d")

        assert "One." in body
        assert "c " in body


def test_forwarded_letter_counts_only_where_it_says_more_than_the_note_on_it() -> None:
    outer = EmailMessage()
    outer["Subject"] = "My own long letter"
    outer.set_content(" ".join(ENGLISH))
    inner = EmailMessage()
    inner["Subject"] = "Receipt"
    inner.set_content("Thank you.")
    outer.add_attachment(inner)

    assert b"<title>My own long letter</title>" in mail_body(outer.as_bytes(), subject="x.eml")[0]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n\n\n",
        b"Subject: only a subject\n\n",
        b"Content-Type: multipart/mixed; boundary=x\n\n--x\nContent-Type: image/png\n\nAAAA",
        b"Content-Type: text/html\n\n<html><body><img src='cid:a'></body></html>",
        b"".join(b"Content-Type: multipart/mixed; boundary=x%d\n\n--x%d\n" % (n, n) for n in range(2000)),
        b"Content-Type: message/rfc822\n\n" * 2000,
    ],
)
def test_mail_without_a_text_is_one_sentence(content: bytes) -> None:
    with pytest.raises(SourceError, match=r"^x\.eml is .*\.$"):
        mail_body(content, subject="x.eml")


@pytest.mark.parametrize(
    "content",
    [
        b"From x\nno headers at all\nThe ferry left.",
        b"Content-Type: text/plain\nContent-Transfer-Encoding: base64\n\nVGhlIGZlcnJ5IGxlZnQ",
        b"Content-Type: text/plain; charset=\nContent-Transfer-Encoding: x-odd\n\nThe ferry left.",
        b"Content-Type: ;;;\n\nThe ferry left.",
        b"\xef\xbb\xbfSubject: x\r\n\r\nThe ferry left.",
        b"Content-Type: multipart/alternative\n\nThe ferry left.",
        b"Content-Type: text/html; charset=utf-8\n\n<p>The ferry left.",
    ],
)
def test_bad_mime_costs_no_word(content: bytes) -> None:
    assert b"The ferry left" in mail_body(content, subject="x.eml")[0]


def test_folder_of_letters_is_read_with_each_failure_in_its_place(tmp_path: Path) -> None:
    (tmp_path / "1.eml").write_bytes((LETTERS / "text.eml").read_bytes())
    (tmp_path / "2.eml").write_bytes(b"Subject: x\n\n")

    first, second = read(str(tmp_path))

    assert isinstance(first, Story)
    assert isinstance(second, Failure)
    assert "without a text" in second.message
