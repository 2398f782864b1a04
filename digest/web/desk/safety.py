"""Stand before the desk's pages: known hosts alone, this desk's own pages alone, and beyond this machine a token.

Only requests that name this server's own host are answered (DNS rebinding), and only from its own pages (Origin,
Sec-Fetch-Site). Pages load nothing but their own style and script. An email stands in a frame whose policy allows its
own pictures and styles, no script, and no network but the hosts of pictures that readers' programs fetch from their
outlets too.
"""

from __future__ import annotations

import hmac
from collections.abc import Collection
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qs, urlencode

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from digest.web.hardening import hardened

EMAIL_POLICY = (
    "default-src 'none'; img-src 'self' data:{outlets}; style-src 'unsafe-inline'; form-action 'none'; "
    "base-uri 'none'; sandbox allow-popups allow-same-origin; frame-ancestors 'self'"
)
PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; frame-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
LOOPBACK = ("127.0.0.1", "localhost")
COOKIE = "desk"
READING = ("GET", "HEAD")
ALWAYS = {"X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin"}
"""Under `no-referrer` a browser gives a form's origin as `null` (Fetch, 3.2), and forms would need the script."""
UNLESS_SET = {"Content-Security-Policy": PAGE_POLICY, "Cache-Control": "no-store"}


class Gate:
    """Wrap the desk. `hosts` are the names, without a port, that requests may call it by beside its own address.

    Where there is a `token`, it comes once in the address, as `?token=...`, and the browser keeps it as a cookie.
    """

    def __init__(self, application: ASGIApp, *, hosts: Collection[str] = LOOPBACK, token: str = "") -> None:
        self._application = application
        self._hosts = frozenset(host.casefold() for host in hosts)
        self._token = token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or refuse, one request (called by the server)."""
        if scope["type"] != "http":
            await self._application(scope, receive, send)
            return

        answer = self._refusal(scope, Headers(scope=scope)) or self._application
        await answer(scope, receive, hardened(send, always=ALWAYS, unless_set=UNLESS_SET))

    def _refusal(self, scope: Scope, headers: Headers) -> Response | None:
        """Return what is answered in place of a page, or None."""
        own = self._own(scope)
        if headers.get("host", "").casefold() not in own or not _is_ours(scope, headers, own):
            return PlainTextResponse("This desk answers its own address only.\n", status_code=403)
        if not self._token or self._is_known(_cookie(headers)):
            return None
        query = parse_qs(scope["query_string"].decode("latin-1"))
        if scope["method"] == "GET" and self._is_known(query.pop("token", [""])[0]):
            rest = urlencode(query, doseq=True)
            opened = RedirectResponse(scope["path"] + (f"?{rest}" if rest else ""), status_code=303)
            opened.set_cookie(COOKIE, self._token, httponly=True, samesite="strict")
            return opened
        return PlainTextResponse(
            "This desk asks for its token. Open the address that 'digest preview' printed.\n", status_code=401
        )

    def _own(self, scope: Scope) -> set[str]:
        """Return the names that a request may call this server by: one is the address that it came in at."""
        address, port = scope.get("server") or ("", 0)
        hosts = self._hosts | {f"[{address}]" if ":" in address else address}
        return {f"{host}:{port}" for host in hosts} | (hosts if port == 80 else set())

    def _is_known(self, token: str) -> bool:
        return hmac.compare_digest(token.encode(), self._token.encode())


def _is_ours(scope: Scope, headers: Headers, own: Collection[str]) -> bool:
    """Say whether a request comes from our own pages, from none, or from the email's frame, which may look alone.

    Another site may lead here, and load nothing of ours into its pages: some of it is work (a picture of a page).
    """
    is_reading = scope["method"] in READING
    if headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        return is_reading and headers.get("sec-fetch-mode") == "navigate"
    origin = headers.get("origin")
    if origin == "null":
        return is_reading
    return origin is None or origin.partition("://")[2].casefold() in own


def _cookie(headers: Headers) -> str:
    try:
        found = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
    except CookieError:
        return ""
    return found.value if found else ""
