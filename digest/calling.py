"""Call an address that the operator wrote down: a webhook, a ping. One short request, bounded in time.

Addresses inside the network are called like any other, since the operator names them and no page or feed does;
for the same reason a redirect is not followed: it would be somebody else's wish.
"""

from __future__ import annotations

import http.client
import ssl
import threading
from urllib.parse import urlsplit

from digest import __version__
from digest.errors import CallError

SECONDS = 10.0
"""The longest that one call takes, however the server drips its answer."""


def call(url: str, *, body: bytes | None = None, content_type: str = "", seconds: float = SECONDS) -> None:
    """Send a GET, or a POST where there is a body; an answer of 200 to 299 is a success.

    Raises CallError, which names the server and never the whole address: its path is often a secret.
    """
    parts = urlsplit(url)
    connection: http.client.HTTPConnection
    if parts.scheme == "https":
        connection = http.client.HTTPSConnection(
            parts.hostname or "", parts.port, timeout=seconds, context=ssl.create_default_context()
        )
    else:
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=seconds)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    headers = {"User-Agent": f"daily-dose/{__version__}", "Connection": "close"}
    if body is not None:
        headers["Content-Type"] = content_type
    limit = threading.Timer(seconds, _break_off, [connection])
    limit.daemon = True
    limit.start()
    try:
        connection.request("GET" if body is None else "POST", target, body=body, headers=headers)
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException) as exc:
        cause = getattr(exc, "strerror", None) or str(exc) or type(exc).__name__
        raise CallError(f"{parts.hostname} did not answer ({str(cause).lower()}).") from exc
    finally:
        limit.cancel()
        connection.close()
    if not 200 <= status < 300:
        raise CallError(f"{parts.hostname} answered {status}. Check the address in the configuration.")


def _break_off(connection: http.client.HTTPConnection) -> None:
    """Wake a call that waits for a server which drips."""
    if connection.sock is not None:
        try:
            connection.sock.shutdown(2)
        except OSError:
            return  # it ended by itself meanwhile
