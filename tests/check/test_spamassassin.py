"""The sample edition as SpamAssassin sees it: nothing of what we write counts against it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from digest.deliver.message import as_eml
from digest.render.compose import render_edition
from tests.check.test_rules import LAYOUTS
from tests.conftest import needs
from tests.render.sample import TEMPLATE, make_edition, make_newsletter, make_pictures

SPAMASSASSIN = shutil.which("spamassassin")
NOW = datetime(2026, 11, 24, 11, 30, tzinfo=UTC)


def scores(message: bytes, home: Path) -> dict[str, float]:
    """Return the points of each rule that fires, without asking the network (-L)."""
    needs("SpamAssassin", SPAMASSASSIN)
    done = subprocess.run(
        [str(SPAMASSASSIN), "-t", "-L"],
        input=message,
        stdout=subprocess.PIPE,
        check=True,
        timeout=120,
        env=os.environ | {"HOME": str(home)},
    )
    details = done.stdout.decode("utf-8", "replace").rpartition("Content analysis details:")[2]
    assert details, "SpamAssassin gave no details"
    return {
        name: float(points)
        for points, name in re.findall(r"^ *(-?\d+\.\d) ([A-Z]\w+)", details, re.MULTILINE)
    }


@pytest.mark.parametrize(
    ("layout", "images"), [*((layout, "host") for layout in LAYOUTS), ("daily", "attach")]
)
def test_no_rule_with_a_positive_score_fires_on_the_sample_edition(
    layout: str, images: str, tmp_path: Path
) -> None:
    edition, folder = make_edition(), TEMPLATE.parent / layout
    newsletter = make_newsletter(public_url="https://news.example", images=images, template=layout)
    pictures = make_pictures(edition)
    rendered = render_edition(edition, newsletter, template_folder=folder, pictures=pictures)

    found = scores(as_eml(rendered, newsletter, now=NOW), tmp_path)

    assert {name: points for name, points in found.items() if points > 0} == {}


def test_a_message_that_is_spam_is_told(tmp_path: Path) -> None:
    spam = (
        b"From: a@b.example\r\nTo: c@d.example\r\nSubject: FREE VIAGRA!!! ACT NOW\r\n"
        b"Date: Tue, 24 Nov 2026 11:30:00 +0000\r\nMessage-ID: <a@b.example>\r\nMIME-Version: 1.0\r\n"
        b"Content-Type: text/html\r\n\r\n<html><body><img src='http://b.example/a.gif'></body></html>\r\n"
    )

    assert max(scores(spam, tmp_path).values()) > 0
