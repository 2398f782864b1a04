"""Ask a model server that speaks the chat completions protocol, within time, and more than once where that may help.

The server is the one that its owner names in the configuration, so it may stand on this machine or network; it
is never redirected elsewhere, and the environment's proxies take no part.
"""

from __future__ import annotations

import asyncio
import json
import random
import re
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import httpx

from digest.errors import NoAnswerError
from digest.summarize.allowance import OVER_BUDGET, Allowance

ANSWER_TOKENS = 1024
"""Tokens that an answer may take: a blurb has some hundred, the rest is for models that think aloud first."""
MOST_BYTES = 1_000_000
LONGEST_PAUSE = 30.0
"""Seconds. A server that asks for more is not waited for."""
FIRST_PAUSE = 0.5
CHARACTERS_A_TOKEN = 3
RETRIED = frozenset([408, 409, 425, 429, 500, 502, 503, 504, 529])
LATE, UNREACHABLE, BUSY, BROKEN, ODD, CUT_OFF, REFUSED = (
    "late",
    "unreachable",
    "busy",
    "server error",
    "unreadable answer",
    "cut off",
    "refused",
)
TRANSIENT = frozenset([LATE, UNREACHABLE, BUSY, BROKEN, ODD, REFUSED, OVER_BUDGET])
"""Kinds of no answer after which the same request may well be answered another day."""

_SAYS_LENGTH = "length"
_EACH_STEP = 3600.0
"""Seconds. The limit that counts is that of the whole request."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelServer:
    """Where a model is, and how patiently it is asked. `url` is the part before `/chat/completions`."""

    url: str
    model: str
    key: str = field(default="", repr=False)
    timeout_seconds: float = 30.0
    retries: int = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reply:
    status: int
    retry_after: float | None
    body: bytes


class Chat:
    """A conversation partner of one run. Its methods belong to one event loop."""

    def __init__(self, server: ModelServer, allowance: Allowance) -> None:
        self._server, self._allowance = server, allowance
        headers = {"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "daily-dose"}
        if server.key:
            headers["Authorization"] = f"Bearer {server.key}"
        self._client = httpx.AsyncClient(headers=headers, timeout=_EACH_STEP, trust_env=False)
        self._options: dict[str, Any] = {"temperature": 0, "max_tokens": ANSWER_TOKENS}
        self._not_before = 0.0

    async def close(self) -> None:
        """Give back the connections."""
        await self._client.aclose()

    async def ask(self, messages: list[dict[str, str]]) -> str:
        """Return the answer's text; raise NoAnswerError where there is none."""
        tokens = sum(len(message["content"]) for message in messages) // CHARACTERS_A_TOKEN + ANSWER_TOKENS
        attempt = 0
        while True:
            await self._wait_until_welcome()
            self._allowance.take(tokens)
            try:
                reply = await self._post(messages)
                if reply.status == 200:
                    return self._read(reply.body, tokens)
                if self._adapts(reply):
                    continue
                raise _refusal(reply, self._server)
            except NoAnswerError as exc:
                pause = _pause(attempt, exc)
                if attempt >= self._server.retries or pause is None or pause > self._allowance.seconds_left():
                    raise
                self._not_before = max(self._not_before, time.monotonic() + pause)
            attempt += 1

    async def _wait_until_welcome(self) -> None:
        """Wait as long as the server asked for: every request of the run does, not only the one that was told."""
        left = self._not_before - time.monotonic()
        if left > 0:
            await asyncio.sleep(min(left, max(0.0, self._allowance.seconds_left())))

    async def _post(self, messages: list[dict[str, str]]) -> _Reply:
        limit = min(self._server.timeout_seconds, max(0.01, self._allowance.seconds_left()))
        payload = {"model": self._server.model, "messages": messages, "stream": False, **self._options}
        try:
            async with (
                asyncio.timeout(limit),
                self._client.stream("POST", f"{self._server.url}/chat/completions", json=payload) as response,
            ):
                body = bytearray()
                async for chunk in response.aiter_bytes():
                    body += chunk
                    if len(body) > MOST_BYTES:
                        raise NoAnswerError("The answer is larger than a megabyte.", kind=ODD)
                retry_after = _retry_after(response.headers.get("Retry-After", ""))
                return _Reply(status=response.status_code, retry_after=retry_after, body=bytes(body))
        except TimeoutError:
            if self._allowance.seconds_left() <= 0:
                raise NoAnswerError("The run's time was used up.", kind=OVER_BUDGET, ends_run=True) from None
            raise NoAnswerError(f"There was no answer within {limit:g} seconds.", kind=LATE) from None
        except (httpx.HTTPError, httpx.InvalidURL) as exc:
            cause = str(exc) or type(exc).__name__
            raise NoAnswerError(f"{self._server.url} cannot be reached ({cause}).", kind=UNREACHABLE) from exc

    def _adapts(self, reply: _Reply) -> bool:
        """Leave out an option that the server refuses by name, for the rest of the run; False where it names none."""
        if reply.status not in (400, 422):
            return False
        said = reply.body.decode("utf-8", "replace")
        if "max_completion_tokens" in said and "max_tokens" in self._options:
            self._options["max_completion_tokens"] = self._options.pop("max_tokens")
            return True
        named = next((name for name in self._options if re.search(rf"\b{name}\b", said)), None)
        if named is None:
            return False
        del self._options[named]
        return True

    def _read(self, body: bytes, tokens: int) -> str:
        try:
            answer = json.loads(body)
            choice = answer["choices"][0]
            content = choice["message"]["content"]
        except (ValueError, KeyError, IndexError, TypeError, RecursionError) as exc:
            raise NoAnswerError("The server's answer is not a chat completion.", kind=ODD) from exc
        usage = answer.get("usage")
        used = usage.get("total_tokens") if isinstance(usage, dict) else None
        if isinstance(used, int) and not isinstance(used, bool) and used >= 0:
            self._allowance.settle(tokens, used)
        if isinstance(content, list):
            content = "".join(part["text"] for part in content if isinstance(part, dict) and _is_text(part))
        if not isinstance(content, str):
            raise NoAnswerError("The server's answer holds no text.", kind=ODD)
        if choice.get("finish_reason") == _SAYS_LENGTH:
            raise NoAnswerError("The answer was cut off at the server's limit.", kind=CUT_OFF)
        return content


def _is_text(part: dict[str, Any]) -> bool:
    return isinstance(part.get("text"), str)


def _retry_after(value: str) -> float | None:
    """Read how long a server asks to wait, in seconds (RFC 9110, 10.2.3: seconds or a date)."""
    if value.strip().isascii() and value.strip().isdigit():
        return float(value)
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, IndexError):
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())


class _Told(NoAnswerError):
    """No answer, by a server that said when to ask again. `again` is None where that is not worth while."""

    def __init__(
        self, message: str, *, kind: str, ends_run: bool, again: float | None, is_retried: bool
    ) -> None:
        super().__init__(message, kind=kind, ends_run=ends_run)
        self.again, self.is_retried = again, is_retried


def _refusal(reply: _Reply, server: ModelServer) -> NoAnswerError:
    status = reply.status
    if status in (401, 403):
        return NoAnswerError(
            f"{server.url} answered {status}: the key is missing or not accepted. Check summarizer.key_file.",
            kind=REFUSED,
            ends_run=True,
        )
    if status == 404:
        return NoAnswerError(
            f"{server.url} answered 404. Check summarizer.url and summarizer.model ({server.model}).",
            kind=REFUSED,
            ends_run=True,
        )
    if 300 <= status < 400:
        message = f"{server.url} answered {status}, and is not followed elsewhere. Check summarizer.url."
        return NoAnswerError(message, kind=REFUSED, ends_run=True)
    kind = BUSY if status in (429, 503, 529) else BROKEN if status >= 500 else REFUSED
    return _Told(
        f"{server.url} answered {status}.",
        kind=kind,
        ends_run=False,
        again=reply.retry_after,
        is_retried=status in RETRIED,
    )


def _pause(attempt: int, failure: NoAnswerError) -> float | None:
    """Return how long to wait before asking again, or None where that would not help.

    A late server is not asked again: that would double its load.
    """
    is_worth_it = failure.kind == UNREACHABLE or (isinstance(failure, _Told) and failure.is_retried)
    if not is_worth_it or failure.ends_run:
        return None
    again = failure.again if isinstance(failure, _Told) else None
    if again is not None:
        return again if again <= LONGEST_PAUSE else None
    return float(FIRST_PAUSE * 2**attempt * random.uniform(0.5, 1.5))
