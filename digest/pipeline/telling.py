"""Tell a newsletter's editor, by mail and by webhook, and ping what watches its runs.

The webhook gets JSON: {"newsletter", "date", "what", "message", "failures": [{"subject", "message"}]}, and no
reader's address.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Sequence
from datetime import date, datetime
from urllib.parse import urlsplit, urlunsplit

from digest.calling import call
from digest.config import Config
from digest.errors import CallError, DigestError
from digest.model import Failure, RunState
from digest.pipeline.noting import MAIL, PING, WEBHOOK, note_down, untold_of
from digest.pipeline.parts import Parts
from digest.pipeline.sending import tell_editor
from digest.pipeline.untold import Errand, Notice
from digest.store.telling import Told
from digest.unnamed import unnamed

log = logging.getLogger(__name__)
SETTLED = frozenset({RunState.DONE, RunState.QUIET, RunState.WAITING})
"""How a run ends that did all it could."""


def tell(
    parts: Parts,
    *,
    what: str,
    key: str,
    title: str,
    text: str,
    day: date | None = None,
    failures: Sequence[Failure] = (),
) -> None:
    """Tell something once, now; what cannot be told stays noted down for later. Nothing is raised."""
    notice = Notice(
        newsletter=parts.newsletter.name,
        what=what,
        key=key,
        subject=f"{parts.newsletter.title}: {title}",
        message=text,
        date=day.isoformat() if day else "",
        failures=tuple(failures),
    )
    path = note_down(parts.config, Told(parts.stores.engine), notice, now=parts.now())
    if path is not None:
        untold_of(parts.config).tell_one(path, lambda errand: _try_out(parts, errand), now=parts.now())


def tell_waiting(config: Config, parts_of: Callable[[str], Parts], *, now: datetime) -> None:
    """Tell all that was noted down and is due."""

    def try_out(errand: Errand) -> tuple[str, ...]:
        try:
            parts = parts_of(errand.notice.newsletter)
        except DigestError:  # the newsletter is gone, or its layout is broken: told where it is run
            return errand.ways
        return _try_out(parts, errand)

    untold_of(config).tell(try_out, now=now)


def ping(parts: Parts, state: RunState) -> None:
    """Tell what watches the newsletter's runs that one ended, and how. It never breaks a run."""
    if parts.settings.ping_url and state in SETTLED | {RunState.FAILED}:
        _call(ping_address(parts.settings.ping_url, is_ok=state in SETTLED), what=PING)


def ping_address(url: str, *, is_ok: bool) -> str:
    """Return what is called of a ping: its address, with `/fail` after its path where the run failed."""
    if is_ok:
        return url
    parts = urlsplit(url)
    return urlunsplit(parts._replace(path=parts.path.rstrip("/") + "/fail"))


def webhook_body(notice: Notice) -> bytes:
    """Return what the webhook is sent, addresses left out."""
    body = {
        "newsletter": notice.newsletter,
        "date": notice.date or None,
        "what": notice.what,
        "message": unnamed(notice.message),
        "failures": [
            {"subject": unnamed(one.subject), "message": unnamed(one.message)} for one in notice.failures
        ],
    }
    return json.dumps(body, ensure_ascii=False).encode()


def _try_out(parts: Parts, errand: Errand) -> tuple[str, ...]:
    """Go every way that is left; return those that failed. One that is configured no more is done."""
    left = []
    for way in errand.ways:
        if way == MAIL:
            is_done = tell_editor(
                parts,
                subject=errand.notice.subject,
                text=errand.notice.message,
                failures=errand.notice.failures,
            )
        elif way == WEBHOOK:
            url = parts.settings.editor_webhook
            is_done = not url or _call(url, what=WEBHOOK, body=webhook_body(errand.notice))
        else:
            url = parts.settings.ping_url
            is_done = not url or _call(ping_address(url, is_ok=False), what=PING)
        if not is_done:
            left.append(way)
    return tuple(left)


def _call(url: str, *, what: str, body: bytes | None = None) -> bool:
    try:
        call(url, body=body, content_type="application/json")
    except CallError as exc:
        log.warning("%s failed: %s", what, exc)
        return False
    return True
