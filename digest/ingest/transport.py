"""Carry httpx requests over connections to checked addresses, or through a configured proxy."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from ipaddress import ip_address

import httpcore
import httpx

from digest.ingest.addresses import AllowedNetworks, CheckedBackend, Deadline, RefusedAddressError

_MEANING: tuple[tuple[type[Exception], type[httpx.TransportError]], ...] = (
    (httpcore.ConnectTimeout, httpx.ConnectTimeout),
    (httpcore.TimeoutException, httpx.ReadTimeout),
    (httpcore.ConnectError, httpx.ConnectError),
    (httpcore.NetworkError, httpx.ReadError),
    (httpcore.ProxyError, httpx.ProxyError),
    (httpcore.ProtocolError, httpx.RemoteProtocolError),
    (httpcore.UnsupportedProtocol, httpx.UnsupportedProtocol),
)
"""httpcore's errors and httpx's for them, the particular before the general."""


class CheckedTransport(httpx.BaseTransport):
    """Send requests over a pool whose connections go to checked addresses alone."""

    def __init__(self, allowed: AllowedNetworks, deadline: Deadline) -> None:
        self._pool = httpcore.ConnectionPool(
            ssl_context=httpx.create_ssl_context(),
            max_connections=100,
            max_keepalive_connections=20,
            keepalive_expiry=15.0,
            http1=True,
            http2=True,
            network_backend=CheckedBackend(allowed, deadline),
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request and return its answer, the body still to be read."""
        with _translated():
            answer = self._pool.handle_request(
                httpcore.Request(
                    method=request.method,
                    url=httpcore.URL(
                        scheme=request.url.raw_scheme,
                        host=request.url.raw_host,
                        port=request.url.port,
                        target=request.url.raw_path,
                    ),
                    headers=request.headers.raw,
                    content=request.content,
                    extensions=request.extensions,
                )
            )
        return httpx.Response(
            status_code=answer.status,
            headers=answer.headers,
            stream=_Body(answer),
            extensions=answer.extensions,
        )

    def close(self) -> None:
        """Close the pool's connections."""
        self._pool.close()


class _Body(httpx.SyncByteStream):
    def __init__(self, answer: httpcore.Response) -> None:
        self._answer = answer

    def __iter__(self) -> Iterator[bytes]:
        with _translated():
            yield from self._answer.iter_stream()

    def close(self) -> None:
        self._answer.close()


class ProxyTransport(httpx.BaseTransport):
    """Send requests through a proxy that the environment names.

    The proxy resolves names, so only literal addresses can be checked here.
    """

    def __init__(self, proxy: str, allowed: AllowedNetworks) -> None:
        self._allowed = allowed
        self._inner = httpx.HTTPTransport(proxy=proxy, trust_env=False)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request by way of the proxy."""
        host = request.url.host
        with contextlib.suppress(ValueError):
            if not self._allowed.allows(str(ip_address(host))):
                raise RefusedAddressMeantError(host)
        if host == "localhost" or host.endswith(".localhost"):
            raise RefusedAddressMeantError(host)
        return self._inner.handle_request(request)

    def close(self) -> None:
        """Close the connections to the proxy."""
        self._inner.close()


class RefusedAddressMeantError(httpx.ConnectError):
    """Report an address that is refused, in httpx's words. Its text is the address."""


def make_transports(
    allowed: AllowedNetworks, deadline: Deadline, *, environ: Mapping[str, str]
) -> tuple[CheckedTransport, dict[str, httpx.BaseTransport | None]]:
    """Return the direct transport and, by httpx mount pattern, what the environment's proxies ask for."""
    direct = CheckedTransport(allowed, deadline)
    mounts: dict[str, httpx.BaseTransport | None] = {}
    for scheme in ("http", "https", "all"):
        proxy = environ.get(f"{scheme}_proxy") or environ.get(f"{scheme}_proxy".upper(), "")
        if scheme == "http" and "REQUEST_METHOD" in environ:
            proxy = ""  # a CGI's HTTP_PROXY is the caller's Proxy header (CVE-2016-5385)
        if proxy:
            mounts[f"{scheme}://"] = ProxyTransport(proxy if "://" in proxy else f"http://{proxy}", allowed)
    if mounts:
        excepted = environ.get("no_proxy") or environ.get("NO_PROXY", "")
        for host in [part.strip() for part in excepted.split(",") if part.strip()] + [
            "localhost",
            "127.0.0.1",
        ]:
            if host == "*":
                return direct, {}
            mounts[f"all://*{host}" if host.startswith(".") else f"all://{host.removeprefix('*')}"] = direct
    return direct, mounts


@contextlib.contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except RefusedAddressError as exc:
        raise RefusedAddressMeantError(str(exc)) from exc
    except tuple(theirs for theirs, _ in _MEANING) as exc:
        ours = next(ours for theirs, ours in _MEANING if isinstance(exc, theirs))
        raise ours(str(exc)) from exc
