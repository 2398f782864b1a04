"""Serve the public pages: pictures, archive, feeds, and the links of an email's foot."""

from __future__ import annotations

import logging
from collections.abc import Callable

from fastapi import FastAPI, Request, Response
from fastapi.responses import PlainTextResponse, RedirectResponse
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp

from digest.config import Config
from digest.errors import DigestError
from digest.web.archive import archive_routes
from digest.web.guard import Guard, host_name
from digest.web.hooks import hook_routes
from digest.web.leaving import leaving_routes
from digest.web.listening import WILDCARD, address_of, open_port, serve
from digest.web.posting import posting
from digest.web.preferences import preferences_routes
from digest.web.site import Site, open_site
from digest.web.subscribing import subscribing_routes

log = logging.getLogger(__name__)

ROBOTS = "User-agent: *\n" + "".join(f"Disallow: {{base}}/{kind}/\n" for kind in "upc")


def serve_public(config: Config, *, host: str, port: int, announce: Callable[[str], None]) -> None:
    """Serve until interrupted; the address is announced once the port is open.

    Raises UsageError when the port cannot be used, StoreError or ConfigError when the site cannot be opened.
    """
    site = open_site(config)
    with open_port(host, port) as listener:
        announce(address_of(listener))
        with posting(site):
            serve(make_public(site, hosts=() if host in (WILDCARD, "::") else (host,)), listener)


def make_public(site: Site, *, hosts: tuple[str, ...] = ()) -> ASGIApp:
    """Build the application; it answers to the public address's host, to `hosts`, and to this machine's own names."""
    public = FastAPI(
        title=site.config.site.name,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
    )
    _add_errors(public, site)
    _add_roots(public, site)
    public.include_router(archive_routes(site))
    public.include_router(hook_routes(site))
    for routes in (leaving_routes, subscribing_routes, preferences_routes):
        public.include_router(routes(site))
    own = host_name(site.config.site.public_url.partition("://")[2].partition("/")[0])
    return Guard(public, hosts=[name for name in (own, *hosts) if name], base=site.base)


def _add_roots(public: FastAPI, site: Site) -> None:
    @public.get("")
    @public.get("/")
    def root() -> Response:
        return RedirectResponse(f"{site.base}/archive/")

    @public.get("/robots.txt")
    def robots() -> Response:
        return PlainTextResponse(ROBOTS.format(base=site.base))

    @public.get("/favicon.ico")
    def icon() -> Response:
        return Response(status_code=204, headers={"Cache-Control": "public, max-age=86400"})


def _add_errors(public: FastAPI, site: Site) -> None:
    @public.exception_handler(HTTPException)
    async def refuse(_request: Request, exc: Exception) -> Response:
        assert isinstance(exc, HTTPException)
        name = "missing" if exc.status_code == 404 else "refused"
        response = site.message(name, status=exc.status_code)
        response.headers.update(exc.headers or {})
        return response

    @public.exception_handler(DigestError)
    async def fail(_request: Request, exc: Exception) -> Response:
        """Say that it is our trouble; the cause is for the log alone."""
        log.error("a page could not be served: %s", exc)
        response = site.message("trouble", status=503)
        response.headers["Retry-After"] = "60"
        return response
