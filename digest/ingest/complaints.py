"""Say in one sentence why a fetch failed, what it was, and what to do about it."""

from __future__ import annotations

import ssl
from datetime import datetime

import httpx

from digest.errors import FetchError
from digest.ingest.addresses import HostNotFoundError
from digest.ingest.robots import Robots
from digest.ingest.transport import RefusedAddressMeantError


def shown(url: httpx.URL | str) -> str:
    """Return an address as we may print it: without a password, cut where it is very long."""
    text = str(url)
    try:
        address = httpx.URL(text)
        text = str(address.copy_with(userinfo=b"")) if address.userinfo else text
    except (httpx.InvalidURL, ValueError):
        text = text.encode("ascii", "backslashreplace").decode("ascii")
    text = "".join(char if char.isprintable() else "?" for char in text)
    return text if len(text) <= 300 else text[:297] + "..."


class AnsweredError(FetchError):
    """Report an answer other than success, by its status."""

    def __init__(self, message: str, *, status: int, retry_at: datetime | None = None) -> None:
        super().__init__(message, retry_at=retry_at)
        self.status = status


class RedirectError(FetchError):
    """Report redirects that lead nowhere: a circle, or too many."""


def explain_status(url: httpx.URL, code: int, *, retry_at: datetime | None) -> AnsweredError:
    """Return the error for an answer other than success."""
    if code in (429, 503):
        when = f" not before {retry_at:%Y-%m-%d %H:%M} UTC" if retry_at else " later"
        why = "asks for a pause" if code == 429 else "is out of service for now"
        return AnsweredError(
            f"{shown(url)} answered {code}: it {why}. Try again{when}.", status=code, retry_at=retry_at
        )
    advice = {
        401: "It wants a login. Save the page in a browser and read the file.",
        402: "It wants a subscription. Save the page in a browser and read the file.",
        403: "It refuses us. Set [fetch] user_agent, or save the page in a browser and read the file.",
        404: "There is no such page. Check the address.",
        410: "The page is gone for good. Remove it from the sources.",
        451: "The page is blocked for legal reasons.",
    }.get(code)
    if advice is None:
        advice = "The server failed. Try again later." if code >= 500 else "Check the address in a browser."
    return AnsweredError(f"{shown(url)} answered {code}. {advice}", status=code, retry_at=retry_at)


def explain_robots(url: httpx.URL, robots: Robots, *, limit: str) -> FetchError:
    """Return the error for a page that its site's robots.txt keeps from us, by its words or by its absence."""
    if isinstance(robots.problem, Exception):
        return explain_failure(url, robots.problem, limit=limit)
    if robots.problem is not None:
        return FetchError(
            f"{shown(url)} was not read: its site's robots.txt {robots.problem}, which means no for now. "
            "Try again later.",
            retry_at=robots.retry_at,
        )
    return FetchError(
        f"{shown(url)} was not read: its robots.txt asks us not to read it. "
        "Save the page in a browser and read the file; if the site is yours, set [fetch] robots = false."
    )


def explain_failure(url: httpx.URL, problem: Exception, *, limit: str) -> FetchError:
    """Return the error for a connection that failed; `limit` says in words how long we wait."""
    host, where = url.host, shown(url)
    causes = _causes(problem)
    if isinstance(problem, RefusedAddressMeantError):
        return FetchError(
            f"{where} leads to the private address {problem}, which is refused. "
            "If it is meant, add its range to [fetch] allow_private, or read it with --allow-private."
        )
    if any(isinstance(cause, HostNotFoundError) for cause in causes):
        return FetchError(f"There is no host named {host} (for {where}). Check the address and the network.")
    if isinstance(problem, httpx.TimeoutException):
        return FetchError(f"{where} did not answer in time (limit {limit}). Try again later.")
    if any(isinstance(cause, ssl.SSLError) for cause in causes) or "certificate" in str(problem).lower():
        return FetchError(f"{where} has no valid TLS certificate ({_short(problem)}). Check the address.")
    if isinstance(problem, httpx.ConnectError):
        return FetchError(
            f"Nothing answers at {host} for {where} ({_short(problem)}). Check the address and port."
        )
    return FetchError(f"The connection to {where} broke off ({_short(problem)}). Try again later.")


def _causes(problem: BaseException) -> list[BaseException]:
    found: list[BaseException] = []
    current: BaseException | None = problem
    while current is not None and len(found) < 10:
        found.append(current)
        current = current.__cause__ or current.__context__
    return found


def _short(problem: Exception) -> str:
    text = " ".join(str(problem).split()) or type(problem).__name__
    return text[:120]
