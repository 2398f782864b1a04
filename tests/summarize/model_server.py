"""A model server on loopback that answers as a test tells it to."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Answer:
    """What the server sends: a completion's text, or another body, status, headers; after waiting for an event."""

    text: str = ""
    status: int = 200
    body: bytes | None = None
    headers: dict[str, str] = field(default_factory=dict)
    finish: str = "stop"
    tokens: int | None = None
    after: threading.Event | None = None
    hangs_up: bool = False

    def content(self) -> bytes:
        if self.body is not None:
            return self.body
        answer: dict[str, Any] = {
            "object": "chat.completion",
            "choices": [
                {"message": {"role": "assistant", "content": self.text}, "finish_reason": self.finish}
            ],
        }
        if self.tokens is not None:
            answer["usage"] = {"total_tokens": self.tokens}
        return json.dumps(answer).encode()


@dataclass
class Model:
    """The server: its address, what it was asked, and how many requests were open at most."""

    url: str
    answer: Callable[[dict[str, Any]], Answer]
    asked: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    open_now: int = 0
    open_most: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)


@contextmanager
def open_model(answer: Callable[[dict[str, Any]], Answer]) -> Iterator[Model]:
    """Serve chat completions until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._send(Answer(body=json.dumps({"data": [{"id": "tiny"}]}).encode()))

        def do_POST(self) -> None:
            request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            with model.lock:
                model.asked.append({"path": self.path, **request})
                model.keys.append(self.headers.get("Authorization", ""))
                model.open_now += 1
                model.open_most = max(model.open_most, model.open_now)
            given = model.answer(request)
            try:
                self._send(given)
            except OSError:
                pass  # the client did not wait
            finally:
                with model.lock:
                    model.open_now -= 1

        def _send(self, given: Answer) -> None:
            if given.after is not None:
                given.after.wait(20)
            if given.hangs_up:
                self.close_connection = True
                return
            content = given.content()
            self.send_response(given.status)
            headers = {
                "Content-Type": "application/json",
                "Content-Length": str(len(content)),
                **given.headers,
            }
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    model = Model(url=f"http://127.0.0.1:{server.server_address[1]}/v1", answer=answer)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield model
    finally:
        server.shutdown()
        server.server_close()
