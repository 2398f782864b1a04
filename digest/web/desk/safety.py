"""Stand before the desk's pages: this machine's browser alone, this desk's own pages alone.

Only requests that name this server's own host are answered (DNS rebinding), and only from its own pages (Origin,
Sec-Fetch-Site). Pages load nothing but their own style and script. An email stands in a frame whose policy allows its
own pictures and styles, no script, and no network but the hosts of pictures that readers' programs fetch from their
outlets too.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from fastapi import Request, Response
from fastapi.responses import PlainTextResponse

EMAIL_POLICY = (
    "default-src 'none'; img-src 'self' data:{outlets}; style-src 'unsafe-inline'; form-action 'none'; "
    "base-uri 'none'; sandbox allow-popups allow-same-origin; frame-ancestors 'self'"
)
PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; frame-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
LOOPBACK = ("127.0.0.1", "localhost")

Answer = Callable[[Request], Awaitable[Response]]


async def guard(request: Request, answer: Answer) -> Response:
    """Answer only requests for this host, from this host."""
    if not is_own_request(request):
        return PlainTextResponse("This desk answers its own address only.", status_code=403)
    response = await answer(request)
    response.headers.setdefault("Content-Security-Policy", PAGE_POLICY)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers.setdefault("Cache-Control", "no-store")
    return response


def is_own_request(request: Request) -> bool:
    """Say whether a request names this server and comes from its own pages, from none, or from the email's frame.

    An email's pictures may be asked for with the origin `null`: it may look, and do nothing.
    """
    server = request.scope.get("server") or ("127.0.0.1", 0)
    own = {f"{host}:{server[1]}" for host in LOOPBACK}
    if request.headers.get("host", "") not in own:
        return False
    is_reading = request.method in ("GET", "HEAD")
    if not is_reading and request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        return False
    origin = request.headers.get("origin")
    if origin == "null":
        return is_reading
    return origin is None or origin.removeprefix("http://") in own
