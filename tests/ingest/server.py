"""A real HTTP server on loopback whose answers a test writes."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Answer = Callable[[BaseHTTPRequestHandler], None]


@dataclass(slots=True)
class Site:
    """A running server: its address, the requests it got as (path, headers), and the connections they came on."""

    url: str
    requests: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    peers: set[tuple[str, int]] = field(default_factory=set)


def reply(status: int = 200, body: bytes = b"", **headers: str) -> Answer:
    """Answer with a status, a body and headers; an underscore in a name stands for a dash."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        if "Content_Length" not in headers:
            handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return answer


@contextmanager
def serve(
    answers: dict[str, Answer], *, host: str = "127.0.0.1", keeps_alive: bool = False
) -> Iterator[Site]:
    """Serve `answers` by path, 404 for the rest."""
    site = Site(url="")

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1" if keeps_alive else "HTTP/1.0"

        def do_GET(self) -> None:
            site.requests.append((self.path, dict(self.headers.items())))
            site.peers.add(self.client_address)
            answers.get(self.path, reply(404))(self)

        def log_message(self, *arguments: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer((host, 0), Handler)
    server.daemon_threads = True
    site.url = f"http://{host}:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
