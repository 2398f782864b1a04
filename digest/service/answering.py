"""Answer `GET /health` and `GET /metrics` from a thread of the daemon, on one address."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from digest.errors import UsageError
from digest.service.vitals import Vitals, health_of, metrics_of

METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8"


@contextmanager
def answering(host: str, port: int, look: Callable[[], Vitals]) -> Iterator[int]:
    """Answer while the block runs; give the port, which port 0 picks. Raises UsageError where it is taken."""
    server_class = _Server6 if ":" in host else _Server
    try:
        server = server_class((host, port), _handler(look))
    except OSError as exc:
        raise UsageError(
            f"service.health: cannot listen at {host}, port {port} ({(exc.strerror or str(exc)).lower()})."
        ) from exc
    thread = Thread(target=server.serve_forever, name="health", kwargs={"poll_interval": 5.0}, daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        Thread(target=server.shutdown, daemon=True).start()
        server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 16


class _Server6(_Server):
    address_family = socket.AF_INET6


def _handler(look: Callable[[], Vitals]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = 10
        server_version = "daily-dose"
        sys_version = ""

        def do_GET(self) -> None:
            path = self.path.partition("?")[0]
            if path not in ("/health", "/metrics"):
                self._answer(HTTPStatus.NOT_FOUND, "text/plain; charset=utf-8", "/health or /metrics\n")
                return
            vitals = look()
            if path == "/metrics":
                self._answer(HTTPStatus.OK, METRICS_TYPE, metrics_of(vitals))
                return
            status = HTTPStatus.SERVICE_UNAVAILABLE if vitals.problems else HTTPStatus.OK
            self._answer(status, "application/json", json.dumps(health_of(vitals)) + "\n")

        do_HEAD = do_GET

        def log_message(self, *_: object) -> None:
            """Log nothing: a scrape every few seconds is no event."""

        def _answer(self, status: HTTPStatus, kind: str, text: str) -> None:
            body = text.encode()
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Cache-Control", "no-store")
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(body)

    return Handler
