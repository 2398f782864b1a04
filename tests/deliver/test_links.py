"""Links: a token opens what it was signed for, for whom it was signed, and nothing else."""

from __future__ import annotations

import stat
from multiprocessing import get_context
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.deliver.links import Links, Purpose, Signer, site_secret
from digest.errors import ConfigError
from digest.model import SubscriberId
from tests.deliver.sample import EDITION, make_newsletter

SIGNER = Signer(b"k" * 32)


def test_a_token_speaks_for_its_reader_and_purpose_alone() -> None:
    links = Links(SIGNER, make_newsletter(public_url="https://news.example.org"))
    made = links.of(SubscriberId(12), EDITION)
    token = made.one_click.rpartition("/")[2]

    assert made.one_click == f"https://news.example.org/u/{token}"
    assert made.unsubscribe == made.one_click
    assert made.mailto == f"mailto:dose@example.org?subject=unsubscribe%20{token}"
    assert made.view == "https://news.example.org/archive/daily/2026-11-24"
    assert links.subscriber_of(token) == 12
    assert links.subscriber_of(token, Purpose.PREFERENCES) is None
    assert links.subscriber_of(made.preferences.rpartition("/")[2], Purpose.PREFERENCES) == 12


def test_without_pages_the_link_is_a_mail() -> None:
    made = Links(SIGNER, make_newsletter()).of(SubscriberId(12), EDITION)

    assert (made.one_click, made.preferences, made.view) == ("", "", "")
    assert made.unsubscribe.startswith("mailto:dose@example.org?subject=unsubscribe%20")


@given(st.text(), st.integers(0, 60))
def test_a_token_that_was_touched_opens_nothing(garbage: str, at: int) -> None:
    token = SIGNER.sign(Purpose.UNSUBSCRIBE, "12")
    touched = token[:at] + garbage + token[at + 1 :]

    assert SIGNER.read(Purpose.UNSUBSCRIBE, garbage) is None
    if touched.strip() != token:
        assert SIGNER.read(Purpose.UNSUBSCRIBE, touched) is None


def test_another_sites_token_opens_nothing() -> None:
    token = Signer(b"x" * 32).sign(Purpose.UNSUBSCRIBE, "12")

    assert SIGNER.read(Purpose.UNSUBSCRIBE, token) is None


def test_the_secret_is_made_once_and_is_ours_alone(tmp_path: Path) -> None:
    path = tmp_path / "var" / "secret"

    first, second = site_secret(path), site_secret(path)

    assert first == second
    assert len(first) == 64
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [one.name for one in path.parent.iterdir()] == ["secret"]


def test_processes_that_make_it_at_once_agree(tmp_path: Path) -> None:
    with get_context("spawn").Pool(4) as pool:
        secrets = pool.map(site_secret, [tmp_path / "secret"] * 16)

    assert len(set(secrets)) == 1


def test_a_secret_that_is_too_short_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.write_text("short\n")

    with pytest.raises(ConfigError, match=r"site\.secret_file"):
        site_secret(path)


def test_a_secret_that_cannot_be_made_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(ConfigError, match=r"site\.secret_file: cannot read or make"):
        site_secret(tmp_path / "file" / "secret")
