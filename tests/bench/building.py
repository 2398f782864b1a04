"""How many readers' messages are built a second on one core: ours, EmailMessage's and django's, the same message.

Limits are seconds for a thousand messages of 15 stories, pictures hosted: 0.05 is 20,000 messages a second.
"""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from digest.deliver.links import Links, Signer
from digest.deliver.message import build_message, personalize
from digest.model import Delivery, SubscriberId
from digest.render.compose import render_edition
from tests.deliver.ordinary import ordinary_message
from tests.deliver.sample import make_delivery
from tests.render.sample import TEMPLATE, make_edition, make_newsletter

LIMITS = {"seconds_for_1000": 0.05}
PEERS = Path(__file__).resolve().parents[2] / ".venv" / "peers" / "bin" / "python"
NOW = datetime(2026, 11, 24, 6, 30, tzinfo=UTC)


def measure() -> dict[str, float]:
    """Build messages for 10,000 readers our way, and for fewer in the two others, in CPU seconds."""
    edition, newsletter = make_edition(15), make_newsletter(public_url="https://news.example")
    rendered = render_edition(edition, newsletter, template_folder=TEMPLATE, pictures={})
    links = Links(Signer(b"k" * 32), newsletter)
    template = build_message(rendered, newsletter)

    def ours(reader: Delivery) -> bytes:
        found = links.of(reader.subscriber_id, reader.edition)
        return personalize(template, reader, now=NOW, links=found)

    def ordinary(reader: Delivery) -> bytes:
        found = links.of(reader.subscriber_id, reader.edition)
        return ordinary_message(rendered, newsletter, reader, now=NOW, links=found)

    figures = {
        "seconds_for_1000": _seconds_for_1000(ours, 10_000),
        "seconds_for_1000_email_message": _seconds_for_1000(ordinary, 100),
        "seconds_for_1000_django": _django(rendered.subject, rendered.text, rendered.html),
    }
    return figures | {"messages_a_second": 1000 / figures["seconds_for_1000"]}


def _seconds_for_1000(build: Callable[[Delivery], bytes], count: int) -> float:
    readers = [
        replace(make_delivery(f"r{n}@example.org", name=f"Zoë {n}"), subscriber_id=SubscriberId(n))
        for n in range(count)
    ]
    build(readers[0])
    started = time.process_time()
    for reader in readers:
        build(reader)
    return (time.process_time() - started) / count * 1000


def _django(subject: str, text: str, html: str) -> float:
    """Run django in the peers' own environment."""
    done = subprocess.run(
        [str(PEERS), str(Path(__file__).with_name("building_peer.py"))],
        input=json.dumps({"subject": subject, "text": text, "html": html, "count": 100}),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return float(done.stdout)
