"""Put headers on every answer: what browsers must not do with our pages."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.datastructures import MutableHeaders
from starlette.types import Message, Send


def hardened(send: Send, *, always: Mapping[str, str], unless_set: Mapping[str, str]) -> Send:
    """Return what sends an answer with headers that it always has, and others where it has none of its own."""

    async def guarded(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in always.items():
                headers[name] = value
            for name, value in unless_set.items():
                headers.setdefault(name, value)
        await send(message)

    return guarded
