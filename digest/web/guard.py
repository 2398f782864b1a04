"""Stand before every public page: this site's own host alone, small requests, headers that forbid what we never do."""

from __future__ import annotations

from collections.abc import Collection
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from digest.web.hardening import hardened
from digest.web.origin import is_foreign

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
LARGEST_BODY = 16_384
"""Bytes of a request's body. A form of ours is far smaller."""
LARGEST_OF_A_HOOK = 4_000_000
HOOKS = "/hooks/"
"""Where programs post, that hold a secret: thousands of events at once."""
POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
}
UNLESS_SET = {"Content-Security-Policy": POLICY, "Cache-Control": "no-store"}


class Guard:
    """Wrap an application. HEAD reaches it as GET; the server leaves the body out.

    `base` is the path of the public address: requests come with it or without, as the proxy before us likes.
    """

    def __init__(self, application: ASGIApp, *, hosts: Collection[str], base: str = "") -> None:
        self._application = application
        self._base = base
        self._hosts = frozenset(host.casefold() for host in hosts) | LOOPBACK

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or refuse, one request (called by the server)."""
        if scope["type"] != "http":
            await self._application(scope, receive, send)
            return

        guarded = hardened(send, always=ALWAYS, unless_set=UNLESS_SET)
        refusal = self._refusal(scope, Headers(scope=scope))
        if refusal is not None:
            await refusal(scope, receive, guarded)
            return
        method = "GET" if scope["method"] == "HEAD" else scope["method"]
        scope = {**scope, "method": method, "root_path": self._base}
        await self._application(scope, _capped(receive, self._largest(scope)), guarded)

    def _largest(self, scope: Scope) -> int:
        path = scope["path"].removeprefix(self._base)
        return LARGEST_OF_A_HOOK if path.startswith(HOOKS) else LARGEST_BODY

    def _refusal(self, scope: Scope, headers: Headers) -> PlainTextResponse | None:
        if host_name(headers.get("host", "")) not in self._hosts:
            return PlainTextResponse("This is another site's address.\n", status_code=403)
        length = headers.get("content-length", "0")
        if length.isdigit() and int(length) > self._largest(scope):
            return PlainTextResponse("That is too much.\n", status_code=413)
        is_one_click = scope["path"].removeprefix(self._base).startswith("/u/")
        if scope["method"] not in ("GET", "HEAD") and not is_one_click and is_foreign(headers, self._hosts):
            return PlainTextResponse("Another site's page asked for this. Open ours.\n", status_code=403)
        return None


def host_name(netloc: str) -> str:
    """Return the host of `host:port` in lower case; nothing where it is malformed."""
    try:
        return (urlsplit(f"//{netloc}").hostname or "") if "@" not in netloc else ""
    except ValueError:
        return ""


def _capped(receive: Receive, largest: int) -> Receive:
    """Count what is received, since a chunked body announces no length."""
    taken = 0

    async def counted() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > largest:
            raise HTTPException(413)
        return message

    return counted
