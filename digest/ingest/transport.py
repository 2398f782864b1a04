"""Carry httpx requests over connections to checked addresses, or through a configured proxy."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping

import httpcore
import httpx

from digest.errors import ConfigError
from digest.ingest.addresses import (
    AllowedNetworks,
    CheckedBackend,
    Deadline,
    RefusedAddressError,
    literal_address,
)

MOST_CONNECTIONS = 100
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


class PooledTransport(httpx.BaseTransport):
    """Send requests over a pool of httpcore's."""

    def __init__(self, pool: httpcore.ConnectionPool) -> None:
        self._pool = pool

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


class ProxyTransport(PooledTransport):
    """Send requests through a proxy that the environment names.

    The proxy resolves names, so only addresses that are written out can be checked here.
    """

    def __init__(self, pool: httpcore.ConnectionPool, allowed: AllowedNetworks) -> None:
        super().__init__(pool)
        self._allowed = allowed

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request by way of the proxy."""
        host = request.url.host.rstrip(".")
        address = literal_address(host)
        if address is not None and not self._allowed.allows(address):
            raise RefusedAddressMeantError(address)
        if host == "localhost" or host.endswith(".localhost"):
            raise RefusedAddressMeantError(host)
        return super().handle_request(request)


class RefusedAddressMeantError(httpx.ConnectError):
    """Report an address that is refused, in httpx's words. Its text is the address."""


def make_transports(
    allowed: AllowedNetworks, deadline: Deadline, *, environ: Mapping[str, str]
) -> tuple[httpx.BaseTransport, dict[str, httpx.BaseTransport | None]]:
    """Return the direct transport and, by httpx mount pattern, what the environment's proxies ask for.

    Raises ConfigError for a proxy that is none we can use.
    """
    direct = PooledTransport(
        httpcore.ConnectionPool(
            ssl_context=httpx.create_ssl_context(),
            max_connections=MOST_CONNECTIONS,
            max_keepalive_connections=20,
            keepalive_expiry=15.0,
            http1=True,
            http2=True,
            network_backend=CheckedBackend(allowed, deadline),
        )
    )
    mounts: dict[str, httpx.BaseTransport | None] = {}
    for scheme in ("http", "https", "all"):
        proxy = environ.get(f"{scheme}_proxy") or environ.get(f"{scheme}_proxy".upper(), "")
        if scheme == "http" and "REQUEST_METHOD" in environ:
            proxy = ""  # a CGI's HTTP_PROXY is the caller's Proxy header (CVE-2016-5385)
        if proxy:
            pool = _proxy_pool(proxy if "://" in proxy else f"http://{proxy}", deadline)
            mounts[f"{scheme}://"] = ProxyTransport(pool, allowed)
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


def _proxy_pool(address: str, deadline: Deadline) -> httpcore.ConnectionPool:
    try:
        proxy = httpx.Proxy(address)
    except (httpx.InvalidURL, ValueError) as exc:
        raise ConfigError([f"The proxy that the environment names cannot be used: {exc}."]) from exc
    if proxy.url.scheme not in ("http", "https"):
        raise ConfigError(
            [
                f"The environment names a proxy of the kind {proxy.url.scheme}, which is not offered. "
                "Set HTTP_PROXY and HTTPS_PROXY to an http address, or NO_PROXY to the hosts to reach without."
            ]
        )
    return httpcore.HTTPProxy(
        proxy_url=httpcore.URL(
            scheme=proxy.url.raw_scheme, host=proxy.url.raw_host, port=proxy.url.port, target=b"/"
        ),
        proxy_auth=proxy.raw_auth,
        ssl_context=httpx.create_ssl_context(),
        max_connections=MOST_CONNECTIONS,
        network_backend=CheckedBackend(None, deadline),
    )


@contextlib.contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except RefusedAddressError as exc:
        raise RefusedAddressMeantError(str(exc)) from exc
    except tuple(theirs for theirs, _ in _MEANING) as exc:
        ours = next(ours for theirs, ours in _MEANING if isinstance(exc, theirs))
        raise ours(str(exc)) from exc
