"""Send the mails that sign-ups are confirmed with: right after the form's answer, and again while any waits."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from digest import app
from digest.errors import DigestError
from digest.pipeline.signing_up import send_letters
from digest.web.site import Site

LOOK_EVERY_SECONDS = 60.0
ENDS_WITHIN_SECONDS = 5.0

log = logging.getLogger(__name__)


def post_due(site: Site) -> None:
    """Send what is due; what cannot be sent now stays written down."""
    try:
        send_letters(site.post, now=app.now)
    except DigestError as exc:
        log.error("mails to confirm sign-ups could not be sent: %s", exc)


@contextmanager
def posting(site: Site) -> Iterator[None]:
    """Look for mails that are due, at once and every minute, until the block ends."""
    ends = threading.Event()

    def work() -> None:
        while True:
            post_due(site)
            if ends.wait(LOOK_EVERY_SECONDS):
                return

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ends.set()
        thread.join(timeout=ENDS_WITHIN_SECONDS)
