"""Signatures, as two verifiers that are not ours see them: dkimpy and opendkim."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import dkim
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.deliver.dkim import DkimKey, load_key, relaxed_body, sign
from digest.deliver.links import Links, Signer
from digest.deliver.message import build_message, envelope_maker
from digest.errors import ConfigError
from tests.conftest import needs
from tests.deliver.sample import NOW, PICTURE, make_delivery, make_newsletter, make_rendered

SECONDS = 1_790_000_000
PUBLIC = "https://dose.example.org"


@pytest.fixture(scope="module")
def keys() -> list[DkimKey]:
    return make_keys()


def make_keys() -> list[DkimKey]:
    own = rsa.generate_private_key(65537, 2048)
    return [
        DkimKey(domain="example.org", selector="s1", private=own),
        DkimKey(domain="example.org", selector="e1", private=Ed25519PrivateKey.generate()),
    ]


def make_content(name: str = "Ada", *, html: str = "<p>Hello @@NAME@@</p>", **changed: str) -> bytes:
    newsletter = make_newsletter(public_url=PUBLIC, reply_to="desk@example.org", **changed)
    template = build_message(make_rendered(html=html, pictures=(PICTURE,)), newsletter)
    links = Links(Signer(b"k" * 32), newsletter)
    return envelope_maker(template, newsletter, links, now=lambda: NOW)(make_delivery(name=name)).content


def holds(content: bytes, keys: Sequence[DkimKey]) -> list[bool]:
    """Ask dkimpy about each signature in turn."""
    records = {f"{key.name}.".encode(): key.record.encode() for key in keys}

    def does_hold(number: int) -> bool:
        try:
            return bool(dkim.DKIM(content).verify(number, dnsfunc=lambda name, timeout=5: records[name]))
        except dkim.ValidationError:
            return False

    return [does_hold(number) for number in range(len(keys))]


def opendkim_says(contents: Sequence[bytes], keys: Sequence[DkimKey], folder: Path) -> list[list[str]]:
    """Ask opendkim about the signatures of each message: pass or fail."""
    program = shutil.which("opendkim", path="/usr/sbin:/usr/bin")
    needs("opendkim", program)
    assert program is not None
    (folder / "keys").write_text("".join(f"{key.name} {key.record}\n" for key in keys))
    (folder / "conf").write_text(f"Mode v\nTestPublicKeys {folder}/keys\nSyslog no\nAlwaysAddARHeader yes\n")
    for number, content in enumerate(contents):
        (folder / f"{number}.eml").write_bytes(content)
    files = ",".join(str(folder / f"{number}.eml") for number in range(len(contents)))
    told = subprocess.run(
        [program, "-x", str(folder / "conf"), "-vv", "-t", files], capture_output=True, text=True, check=False
    ).stdout
    return [re.findall(r"dkim=(\w+)", answer) for answer in told.split("hname='Authentication-Results'")[1:]]


MESSAGES = {
    "an edition": make_content(),
    "a name with quotes, Unicode and spaces": make_content('Zoë  "Łucja"\t用户 ' * 4),
    "white space of all kinds": make_content(html="<p>  a \t b  \n\n\t\n x </p>   \n" * 9),
    "bare line ends": b"From: a@example.org\nSubject: x \n  folded\n\nbody  \n\nmore\t \n\n\n",
    "no body": b"From: a@example.org\r\nSubject: x\r\n\r\n",
    "no last line end": b"From: a@example.org\r\nSubject: x\r\n\r\nthe end ",
}


def test_signatures_hold_whatever_the_message(keys: list[DkimKey], tmp_path: Path) -> None:
    signed = [sign(content, keys, seconds=SECONDS) for content in MESSAGES.values()]

    assert [holds(content, keys) for content in signed] == [[True, True]] * len(MESSAGES)
    assert opendkim_says(signed, keys, tmp_path) == [["pass", "pass"]] * len(MESSAGES)


TAMPERED = {
    "body": (b"Hello", b"Hallo"),
    "subject": (b"Subject: Night ferry saved", b"Subject: Night ferry lost"),
    "a second From on top": (b"DKIM-Signature", b"From: eve@example.org\r\nDKIM-Signature"),
    "a second From below": (b"MIME-Version", b"From: eve@example.org\r\nMIME-Version"),
    "a second Subject": (b"DKIM-Signature", b"Subject: Prize\r\nDKIM-Signature"),
    "List-Unsubscribe renamed": (b"\r\nList-Unsubscribe: ", b"\r\nX-List-Unsubscribe: "),
    "one-click renamed": (b"\r\nList-Unsubscribe-Post: ", b"\r\nX-List-Unsubscribe-Post: "),
    "List-Unsubscribe changed": (b"List-Unsubscribe: <https://dose", b"List-Unsubscribe: <https://rose"),
    "the reader": (b"To: ", b"To: eve@example.org, "),
    "Reply-To": (b"Reply-To: desk", b"Reply-To: dusk"),
    "Date": (b"Date: Tue", b"Date: Wed"),
    "lines at the end": (b"_outer_", b"_other_"),
}


def test_what_was_changed_on_the_way_no_longer_holds(keys: list[DkimKey], tmp_path: Path) -> None:
    signed = sign(make_content(), keys, seconds=SECONDS)
    changed = [signed.replace(old, new, 1) for old, new in TAMPERED.values()]
    dropped = re.sub(rb"\r\nList-Unsubscribe: [^\r]*(\r\n [^\r]*)*", b"", signed)

    assert all(one != signed for one in [*changed, dropped])
    assert [holds(one, keys) for one in [*changed, dropped]] == [[False, False]] * (len(TAMPERED) + 1)
    assert opendkim_says([*changed, dropped], keys, tmp_path) == [["fail", "fail"]] * (len(TAMPERED) + 1)


def test_what_relays_do_to_white_space_and_the_order_of_fields_breaks_nothing(keys: list[DkimKey]) -> None:
    signed = sign(make_content(), keys, seconds=SECONDS)
    folded = signed.replace(b"Subject: Night ferry", b"SUBJECT:Night\r\n\t ferry  ").replace(
        b"</p>", b"</p>  ", 1
    )
    moved = b"Received: from here\r\n" + signed + b"\r\n\r\n"

    assert holds(folded, keys) == [True, True]
    assert holds(moved, keys) == [True, True]


def test_another_key_does_not_hold(keys: list[DkimKey]) -> None:
    signed = sign(make_content(), keys, seconds=SECONDS)

    assert holds(signed, make_keys()) == [False, False]


def test_what_is_signed_is_named_with_from_and_subject_once_more_than_they_are_there(
    keys: list[DkimKey],
) -> None:
    signed = sign(make_content(), keys[:1], seconds=SECONDS)
    found = re.search(rb"h=([^;]*);", signed)
    assert found is not None
    names = re.sub(rb"\s", b"", found[1]).decode().split(":")

    assert {name: names.count(name) for name in names} == {
        **{"from": 2, "to": 1, "subject": 2, "date": 1, "message-id": 1, "reply-to": 1, "list-id": 1},
        **{"list-unsubscribe": 1, "list-unsubscribe-post": 1, "mime-version": 1, "content-type": 1},
        "feedback-id": 1,
    }
    assert max(map(len, signed.partition(b"\r\nDate: ")[0].split(b"\r\n"))) <= 78


@settings(max_examples=60, deadline=None)
@given(
    html=st.text(st.sampled_from("a.=<\t \n@€\x00\r"), max_size=300),
    text=st.text(st.sampled_from("a.= \t\nF"), max_size=200),
    name=st.text(st.sampled_from("ab \t\"'é\n="), max_size=90),
    plain=st.booleans(),
)
def test_a_readers_copy_is_already_as_a_signer_wants_it(html: str, text: str, name: str, plain: bool) -> None:
    newsletter = make_newsletter()
    template = build_message(make_rendered(html=html + "@@NAME@@" + html, text=f"@@NAME@@{text}"), newsletter)
    make = envelope_maker(template, newsletter, Links(Signer(b"k" * 32), newsletter), now=lambda: NOW)
    envelope = make(replace(make_delivery(name=name), plain_text=plain))
    body = envelope.content.partition(b"\r\n\r\n")[2]

    assert envelope.is_plain
    assert relaxed_body(body) == body.rstrip(b"\r\n") + b"\r\n"


# --- keys ----------------------------------------------------------------------------------------


def write_key(
    path: Path, private: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, *, phrase: str = ""
) -> Path:
    guard: KeySerializationEncryption = BestAvailableEncryption(phrase.encode()) if phrase else NoEncryption()
    path.write_bytes(private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, guard))
    path.chmod(0o600)
    return path


def load(path: Path) -> DkimKey:
    return load_key(path, domain="example.org", selector="s1", key="smtp.dkim.key_file")


def test_a_key_made_by_openssl_is_read(tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    subprocess.run(["openssl", "genrsa", "-out", str(path), "2048"], check=True, capture_output=True)
    path.chmod(0o600)

    key = load(path)

    assert (key.algorithm, key.name) == ("rsa-sha256", "s1._domainkey.example.org")
    assert key.record.startswith("v=DKIM1; k=rsa; p=MII")
    assert "PRIVATE" not in repr(key)


def test_keys_that_will_not_do_are_told(tmp_path: Path, keys: list[DkimKey]) -> None:
    short = write_key(tmp_path / "short", rsa.generate_private_key(65537, 1024))
    curve = write_key(tmp_path / "curve", ec.generate_private_key(ec.SECP256R1()))
    assert isinstance(keys[0].private, rsa.RSAPrivateKey)
    locked = write_key(tmp_path / "locked", keys[0].private, phrase="secret")
    opened = write_key(tmp_path / "open", keys[0].private)
    opened.chmod(0o644)
    text = tmp_path / "text"
    text.write_text("no key")
    text.chmod(0o600)

    for path, told in (
        (short, "has 1024 bits, too few"),
        (curve, "of a kind that DKIM does not know"),
        (locked, "without a passphrase"),
        (opened, f"everyone on this machine can use {opened}. Type: chmod 600"),
        (text, "is no private key"),
        (tmp_path / "none", "no such file"),
    ):
        with pytest.raises(ConfigError, match=r"^smtp\.dkim\.key_file: ") as caught:
            load(path)
        assert told in str(caught.value)
