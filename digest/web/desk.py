"""Serve an edition on this machine, as its readers will see it: desktop, phone, text, headers, source.

Only requests that name this server's own host are answered (DNS rebinding), and only from its own pages
(Origin). The email itself stands in a sandboxed frame whose policy allows its own pictures and styles, and
no script and no network but the hosts of pictures that readers' programs fetch from their outlets too.
"""

from __future__ import annotations

import webbrowser
from collections.abc import Awaitable, Callable
from pathlib import Path

import jinja2
from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse, PlainTextResponse, RedirectResponse

from digest import app
from digest.config import Config
from digest.errors import DigestError, UsageError
from digest.model import EditionName, Rendered
from digest.pipeline.parts import Parts
from digest.pipeline.rendering import html_for_viewing, render
from digest.pipeline.reviewing import remarks_on_cuts, review
from digest.pipeline.rights import linked_origins, report_pictures
from digest.pipeline.sending import sample_message
from digest.web.listening import address_of, open_port, serve

VIEWS = {
    "desktop": "Desktop",
    "phone": "Phone",
    "stories": "Stories",
    "text": "Text part",
    "headers": "Headers",
    "source": "HTML source",
}
EMAIL_POLICY = (
    "default-src 'none'; img-src 'self' data:{outlets}; style-src 'unsafe-inline'; "
    "sandbox allow-popups; frame-ancestors 'self'"
)
PAGE_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; frame-src 'self'; "
    "base-uri 'none'; form-action 'self'"
)


def serve_desk(
    config: Config, name: EditionName, *, port: int, open_browser: bool, announce: Callable[[str], None]
) -> None:
    """Serve until interrupted; the address is announced once the port is open.

    Raises UsageError when the port is taken.
    """
    with open_port("127.0.0.1", port) as listener:
        announce(address_of(listener))
        if open_browser:
            webbrowser.open(address_of(listener))
        serve(make_desk(config, name), listener)


def make_desk(config: Config, first: EditionName) -> FastAPI:
    """Build the desk's pages; `/` leads to the edition `first`."""
    stores = app.open_stores(config)
    pages = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent / "pages"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
    )
    desk = FastAPI(title="Daily Dose desk", docs_url=None, redoc_url=None, openapi_url=None)

    def parts_for(newsletter: str) -> Parts:
        return app.parts_of(config, stores, newsletter)

    def rendering(newsletter: str, day: str) -> Rendered:
        name = stores.editions.resolve(f"{newsletter}/{day}")
        return render(parts_for(newsletter), stores.editions.get(name))[0]

    @desk.middleware("http")
    async def guard(request: Request, answer: Callable[[Request], Awaitable[Response]]) -> Response:
        """Answer only requests for this host, from this host."""
        if not is_own_request(request):
            return PlainTextResponse("This desk answers its own address only.", status_code=403)
        response = await answer(request)
        response.headers.setdefault("Content-Security-Policy", PAGE_POLICY)
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["Cache-Control"] = "no-store"
        return response

    @desk.exception_handler(DigestError)
    async def tell(_request: Request, exc: Exception) -> Response:
        """Show an error as a page."""
        status = 404 if isinstance(exc, UsageError) else 500
        return HTMLResponse(pages.get_template("problem.html").render(message=str(exc)), status_code=status)

    @desk.get("/")
    def home() -> Response:
        return RedirectResponse(f"/editions/{first}/")

    @desk.get("/editions/{newsletter}/{day}/")
    def edition(newsletter: str, day: str, view: str = "desktop") -> Response:
        rendered = rendering(newsletter, day)
        parts = parts_for(newsletter)
        message = sample_message(parts, rendered)
        found = stores.editions.get(rendered.name)
        page = pages.get_template("desk.html").render(
            name=rendered.name,
            edition=found,
            remarks=remarks_on_cuts(rendered.cuts, found) + review(found, stores.stories.find),
            pictures={
                report.item.story_id: report for report in report_pictures(found, parts.newsletter, config)
            },
            sender=app.newsletter_of(config, newsletter).sender,
            rendered=rendered,
            views=VIEWS,
            view=view if view in VIEWS else "desktop",
            headers=message.partition(b"\r\n\r\n")[0].decode("utf-8", "replace").replace("\r\n", "\n"),
            kilobytes=f"{len(rendered.html.encode()) / 1000:.1f}",
        )
        return HTMLResponse(page)

    @desk.get("/editions/{newsletter}/{day}/email.html")
    def email(newsletter: str, day: str) -> Response:
        rendered = rendering(newsletter, day)
        letter = app.newsletter_of(config, newsletter)
        html = html_for_viewing(rendered, letter, base="/pictures/")
        linked = linked_origins(report_pictures(stores.editions.get(rendered.name), letter, config))
        policy = EMAIL_POLICY.format(outlets="".join(f" {origin}" for origin in linked))
        return HTMLResponse(html, headers={"Content-Security-Policy": policy})

    @desk.get("/editions/{newsletter}/{day}/message.eml")
    def message(newsletter: str, day: str) -> Response:
        content = sample_message(parts_for(newsletter), rendering(newsletter, day))
        return Response(content, media_type="message/rfc822")

    @desk.get("/pictures/{name}")
    def picture(name: str) -> Response:
        found = stores.pictures.find_by_name(name)
        if found is None:
            return PlainTextResponse("There is no such picture.", status_code=404)
        return Response(found.content, media_type=found.content_type)

    return desk


def is_own_request(request: Request) -> bool:
    """Say whether a request names this server and comes from its own pages, from none, or from the email's frame.

    That frame is sandboxed, so its pictures are asked for with the origin `null`: it may look, and do nothing.
    """
    server = request.scope.get("server") or ("127.0.0.1", 0)
    own = {f"{host}:{server[1]}" for host in ("127.0.0.1", "localhost")}
    if request.headers.get("host", "") not in own:
        return False
    origin = request.headers.get("origin")
    if origin == "null":
        return request.method in ("GET", "HEAD")
    return origin is None or origin.removeprefix("http://") in own
