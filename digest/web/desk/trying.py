"""Try an edition before it goes out: send it to oneself, rehearse its send, save it as files and pictures."""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Callable, Mapping
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Request, Response
from fastapi.responses import PlainTextResponse

from digest import app
from digest.deliver.faulty import Fault
from digest.errors import AddressError, EditionError
from digest.mailbox import parse_mailbox
from digest.model import Edition, EditionName, Failure, Rendered
from digest.pipeline.sending import rendering_files, send_test
from digest.rehearsal import Rehearsal, rehearse
from digest.web.desk.editing import Form, answer_change
from digest.web.desk.jobs import Done, Job
from digest.web.desk.place import Place, RevisionNumber, place_of
from digest.web.desk.room import Room
from digest.web.desk.safety import COOKIE
from digest.web.desk.seeing import LOOKED_AT, edition_at
from digest.web.desk.snapshot import NO_BROWSER, draw, find_browser
from digest.web.desk.trials import PICTURE_WIDTHS, REHEARSAL, TEST, job_key, last_job
from digest.web.forms import Fields

AT_ONCE_SECONDS = 2.0
"""How long an answer waits for what is tried: mostly it is done by then."""
MOST_MADE_UP = 100_000
DOUBT = "doubt"
FILES = {
    "eml": ("message.eml", "message/rfc822"),
    "html": ("email.html", "text/html; charset=utf-8"),
    "txt": ("email.txt", "text/plain; charset=utf-8"),
}


def trying_routes(room: Room) -> APIRouter:
    """Return the routes."""
    routes = APIRouter()

    @routes.post("/editions/{newsletter}/{day}/test")
    def test(newsletter: str, day: str, form: Form) -> Response:
        place = _panel(room.name_of(newsletter, day), form)
        return answer_change(room, place, form, lambda: _begin_test(room, place.name, form))

    @routes.post("/editions/{newsletter}/{day}/rehearse")
    def rehearsal(newsletter: str, day: str, form: Form) -> Response:
        place = _panel(room.name_of(newsletter, day), form)
        return answer_change(room, place, form, lambda: _begin_rehearsal(room, place.name, form))

    @routes.get("/editions/{newsletter}/{day}/save/email.png")
    def picture(request: Request, newsletter: str, day: str, revision: RevisionNumber = None) -> Response:
        edition, asked = edition_at(room, newsletter, day, revision), request.query_params
        room.lay_out(edition)  # what cannot be is shown by its last rendering, which is no picture of it
        browser = find_browser()
        if browser is None:
            return PlainTextResponse(NO_BROWSER + "\n", status_code=501)
        width = asked.get("width", "")
        width = width if width in PICTURE_WIDTHS else next(iter(PICTURE_WIDTHS))
        seen = {key: asked[key] for key in LOOKED_AT if asked.get(key)}
        content = draw(_view_address(request, edition, seen), browser=browser, width=int(width))
        name = "-".join([_stem(edition), width, *seen.values()])
        return _download(content, "image/png", f"{name}.png")

    @routes.get("/editions/{newsletter}/{day}/save/email.{kind}")
    def file(newsletter: str, day: str, kind: str, revision: RevisionNumber = None) -> Response:
        edition = edition_at(room, newsletter, day, revision)
        if kind not in FILES:
            return PlainTextResponse("There is no such file.", status_code=404)
        name, media_type = FILES[kind]
        rendered = room.lay_out(edition)
        content = rendering_files(room.parts(newsletter), rendered)[name]
        content = _whole(content, rendered) if kind == "html" else content
        return _download(content, media_type, f"{_stem(edition)}.{kind}")

    return routes


def _panel(name: EditionName, form: Fields) -> Place:
    """Return the place that a form of the panel was sent from, the panel open."""
    place = place_of(name, form.one("back"))
    return Place(name=name, chosen={**place.chosen, "panel": "try"})


def _begin_test(room: Room, name: EditionName, form: Fields) -> None:
    address = form.one("address")
    try:
        parse_mailbox(address)
    except AddressError as exc:
        raise EditionError(str(exc)) from exc
    parts = room.parts(name.newsletter)

    def work(_job: Job) -> Done:
        report = send_test(parts, name, [address])
        return Done(sentence=report.sentence, failures=report.failures)

    _begin(room, name, TEST, work)


def _begin_rehearsal(room: Room, name: EditionName, form: Fields) -> None:
    parts = room.parts(name.newsletter)
    count, fault = form.one("readers").strip(), form.one("fault")
    if count and not (count.isascii() and count.isdigit() and 1 <= int(count) <= MOST_MADE_UP):
        raise EditionError(
            f"'{count}' is no number of readers. Write one from 1 to {MOST_MADE_UP:,}, or none."
        )
    if fault and fault not in list(Fault):
        raise EditionError(f"There is no fault '{fault}'. Choose one of the list.")

    def work(job: Job) -> Done:
        done = rehearse(
            parts,
            name,
            config_file=room.config.file,
            faults=[Fault(fault)] if fault else (),
            readers=int(count) if count else None,
            on_progress=lambda done, total: job.show("Rehearsing", done, total),
        )
        return tell_rehearsal(done)

    _begin(room, name, REHEARSAL, work)


def _begin(room: Room, name: EditionName, kind: str, work: Callable[[Job], Done]) -> None:
    last = last_job(room, name, kind)
    if last is not None and last.is_running:
        raise EditionError(f"A {kind} of {name} is under way. Wait for its end, then try again.")
    room.jobs.start(job_key(name, kind), f"{kind} of {name}", work, now=app.now()).wait(AT_ONCE_SECONDS)


def tell_rehearsal(done: Rehearsal) -> Done:
    """Say what a rehearsal showed, without an address of any reader."""
    states = Counter(one.state for one in done.listed)
    rest = ", ".join(f"{count} {'in doubt' if state == DOUBT else state}" for state, count in states.items())
    unsure = " Who is in doubt may be among those who got it." if states[DOUBT] else ""
    struck = ", ".join(f"{kind} {count} times" for kind, count in done.faults.items() if count)
    proof = "Proven" if done.is_proven else "Not proven"
    wrong = f"{len(done.problems)} are not as they should be; 'digest rehearse {done.edition}' names them."
    return Done(
        sentence=f"{proof}: {done.once} of {done.readers} readers got exactly one; listed with the reason: "
        f"{rest or 'nobody'}.{unsure} The server failed on purpose: {struck or 'not once'}. "
        f"It took {done.seconds:g} seconds.",
        failures=() if done.is_proven else (Failure(subject="Readers", message=wrong),),
    )


def _view_address(request: Request, edition: Edition, seen: Mapping[str, str]) -> str:
    """Return the address of a view as the browser beside the desk asks for it."""
    query = {"revision": str(edition.revision), **seen}
    token = request.cookies.get(COOKIE, "")
    query |= {"token": token} if token else {}
    return str(request.url.replace(path=f"{Place(name=edition.name).path}email.html", query=urlencode(query)))


def _whole(content: bytes, rendered: Rendered) -> bytes:
    """Return the email's HTML with its pictures in it, so that it is one file."""
    for picture in rendered.pictures:
        data = f"data:{picture.content_type};base64,{base64.b64encode(picture.content).decode()}"
        content = content.replace(f'src="pictures/{picture.name}"'.encode(), f'src="{data}"'.encode())
    return content


def _stem(edition: Edition) -> str:
    return f"{edition.name.newsletter}-{edition.name.date.isoformat()}"


def _download(content: bytes, media_type: str, name: str) -> Response:
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}"}
    return Response(content, media_type=media_type, headers=headers)
