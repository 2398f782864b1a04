"""A real HTTP server that takes webhooks and pings, and answers what a test wants."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(slots=True)
class Listener:
    """Where it listens, what it was called with (method, path, body), and how it answers."""

    url: str
    status: int = 200
    location: str = ""
    calls: list[tuple[str, str, bytes]] = field(default_factory=list)

    @property
    def told(self) -> list[dict[str, Any]]:
        """Return the JSON that it was sent."""
        return [json.loads(body) for _, _, body in self.calls if body]

    @property
    def paths(self) -> list[str]:
        """Return the paths that were fetched."""
        return [path for method, path, _ in self.calls if method == "GET"]


@contextmanager
def listening() -> Iterator[Listener]:
    """Listen on loopback."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._take()

        def do_POST(self) -> None:
            self._take()

        def _take(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            found.calls.append((self.command, self.path, body))
            self.send_response(found.status)
            if found.location:
                self.send_header("Location", found.location)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found = Listener(url=f"http://127.0.0.1:{server.server_address[1]}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield found
    finally:
        server.shutdown()
        server.server_close()
